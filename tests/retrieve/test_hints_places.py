"""Pages, sections, parts and quoted phrases are read from many wordings, and nothing where nothing is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.hints import read_hints
from rag.retrieve.hints.asked import number_of, roman
from rag.retrieve.hints.pages import pages_meant
from tests.retrieve.hints_made import FILINGS, MadeShelf, document, read, told

BOOK = (document(1, "book.pdf", n_pages=40),)
NUMBERS = {1: {1: None, 2: "i", 3: "ii", **{page: str(page - 3) for page in range(4, 41)}}}
HEADINGS = MadeShelf(
    headings={
        1: [
            ("1 Introduction",),
            ("2 Methods", "2.1 Sampling"),
            ("3. Results",),
            ("Chapter 4: Winter quarters",),
            ("Item 7A. Market risk",),
            ("Appendix B", "More tables"),
            ("Note 12 Income taxes",),
            ("Abstract",),
            ("Conclusion and future work",),
            ("Revenue recognition",),
            ("Part II",),
            ("RISK FACTORS",),
        ]
    },
    numbers=NUMBERS,
)


@pytest.mark.parametrize(
    ("question", "means"),
    [
        ("What stands on page 12?", ["page 12 as printed (PDF page 15)"]),
        ("What stands on p. 12?", ["page 12 as printed (PDF page 15)"]),
        ("What stands on page twelve?", ["page 12 as printed (PDF page 15)"]),
        ("What stands on page ii?", ["page ii as printed (PDF page 3)"]),
        ("What do pages 3-5 show?", ["pages 3 to 5 as printed (PDF pages 6 to 8)"]),
        ("What do pp. 3 to 5 show?", ["pages 3 to 5 as printed (PDF pages 6 to 8)"]),
        ("What is on pages 10 and 11?", ["pages 10 and 11 as printed (PDF pages 13 to 14)"]),
        ("What is on page 39?", ["PDF page 39"]),
        ("What is on slide 5?", ["page 5 as printed (PDF page 8)"]),
        ("What is on the last page?", ["last page"]),
        ("Who is shown on the cover?", ["first page"]),
        ("Compare page 2 with page 4", ["page 2 as printed (PDF page 5)", "page 4 as printed (PDF page 7)"]),
    ],
)
def test_pages_are_read_and_told_as_printed_or_as_of_the_pdf(question: str, means: list[str]) -> None:
    assert told(question, "page", BOOK, HEADINGS) == means


def test_of_several_documents_a_page_is_told_as_it_was_said() -> None:
    assert told("What is on page 12?", "page") == ["page 12"]


@pytest.mark.parametrize(
    "question",
    [
        "How many pages are there?",
        "Which pages have tables? List the page numbers like ['Page 2', 'Page 4'].",
        "What does one pay per page 5 cents?",
        "When does it open, at 5 p.m. or later?",
        "What is on page 4000?",
        "Who made the homepage 2?",
        "What is on the front?",
        "What is on the next page?",
        "Which page i should read?",
        "What is on the first page of Google's results about it?",
    ],
)
def test_no_page_is_read_where_none_is_named(question: str) -> None:
    assert told(question, "page", BOOK, HEADINGS) == []


def test_the_printed_number_is_meant_first_and_the_pdf_page_may_be() -> None:
    assert pages_meant(NUMBERS[1], 40, "12") == {15: 1.0, 12: 0.5}
    assert pages_meant(NUMBERS[1], 40, "39") == {39: 1.0}
    assert pages_meant({}, 40, "41") == {}
    assert pages_meant({}, 40, "last") == {40: 1.0}


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("What does section 3 say?", ("3. Results",)),
        ("What is said in section 2?", ("2 Methods", "2.1 Sampling")),
        ("What is said in section 2.1?", ("2.1 Sampling",)),
        ("What happens in chapter 4?", ("Chapter 4: Winter quarters",)),
        ("What happens in chapter four?", ("Chapter 4: Winter quarters",)),
        ("What happens in Chapter IV?", ("Chapter 4: Winter quarters",)),
        ("What does Item 7A disclose?", ("Item 7A. Market risk",)),
        ("What is in appendix B?", ("Appendix B",)),
        ("What does note 12 say?", ("Note 12 Income taxes",)),
        ("What is in part 2?", ("Part II",)),
        ("In the section on revenue recognition, what is a contract?", ("Revenue recognition",)),
        ("In the section about revenue recognition what is a contract?", ("Revenue recognition",)),
        ('What is told in the chapter called "Winter quarters"?', ("Chapter 4: Winter quarters",)),
        ("What is a contract in the revenue recognition section?", ("Revenue recognition",)),
        ('What is a contract in the "Revenue recognition" section?', ("Revenue recognition",)),
        ("What is claimed in the introduction?", ("introduction",)),
    ],
)
def test_sections_are_read_as_the_headings_that_bear_them(question: str, values: tuple[str, ...]) -> None:
    assert [hint.values for hint in read(question, BOOK, HEADINGS) if hint.kind == "section"] == [values]


@pytest.mark.parametrize(
    "question",
    [
        "What does section 9 say?",
        "What is in the section on penguins?",
        "What is the introduction of the euro?",
        "What part of the year is it?",
        "How many chapters are there?",
        "Which 3 sections are longest?",
        "What is item 7 percent of?",
        "What happened in the winter?",
        "Was the introduction of winter quarters a success?",
        "What are the results of the election?",
    ],
)
def test_no_section_is_read_where_no_heading_bears_it(question: str) -> None:
    assert [hint for hint in read(question, BOOK, HEADINGS) if hint.kind in {"section", "part"}] == []


@pytest.mark.parametrize(
    ("question", "means"),
    [
        ("How much is in the balance sheet?", ["balance sheet"]),
        ("What does the consolidated statement of financial position show?", ["balance sheet"]),
        ("Answer from the statement of cash flows.", ["cash flow statement"]),
        ("Using the cash flow statement, what was paid?", ["cash flow statement"]),
        ("What does the income statement say?", ["income statement"]),
        ("Base it on the P&L statement and the balance sheet.", ["income statement", "balance sheet"]),
        ("See the statement of operations.", ["income statement"]),
        ("What is in the statement of comprehensive income?", ["comprehensive income statement"]),
        ("What is in the statement of stockholders' equity?", ["statement of equity"]),
        ("What is claimed in the abstract?", ["abstract"]),
        ("What is claimed in the conclusions of the paper?", ["conclusion"]),
        ("What do the risk factors mention in the risk factors section?", ["risk factors"]),
        ("What does table 4 list?", ["table 4"]),
        ("In Figure 2, what is red?", ["figure 2"]),
        ("In fig. 2a, what is red?", ["figure 2a"]),
        ("According to Table II, which?", ["table 2"]),
        ("What does the chart 3.1 show?", ["chart 3.1"]),
    ],
)
def test_parts_are_read_by_any_of_their_names(question: str, means: list[str]) -> None:
    assert told(question, "part", BOOK, HEADINGS) == means or told(question, "section", BOOK, HEADINGS) != []


@pytest.mark.parametrize(
    "question",
    [
        "What are the off-balance sheet arrangements?",
        "How is balance sheet strength measured?",
        "How many tables are there?",
        "What figure is given for 2018?",
        "Which table has 3 columns?",
        "What is an abstract painting?",
        "How does cash flow in the company?",
        "What is the table 5 people sat at?",
    ],
)
def test_no_part_is_read_where_none_is_named(question: str) -> None:
    assert told(question, "part", BOOK, HEADINGS) == []


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ('What is "capital intensive" here?', ["capital intensive"]),
        ("What is “net sales” here?", ["net sales"]),
        ("What is «net sales» here?", ["net sales"]),
        ('Where does it say "we are fine," and why?', ["we are fine"]),
    ],
)
def test_quoted_phrases_are_read(question: str, phrases: list[str]) -> None:
    assert [hint.values for hint in read(question, BOOK) if hint.kind == "phrase"] == [(p,) for p in phrases]


@pytest.mark.parametrize(
    "question",
    [
        'Answer "yes" or "no".',
        'Give a list, for example ["Chapter 5", "Chapter 8"].',
        'Are the 15" and 17" wheels sold?',
        "Is it Acme's or the company's?",
        '"What is the revenue of the company in the last year?"',
        'What is " " here?',
    ],
)
def test_no_phrase_is_read_where_none_is_quoted_to_be_found(question: str) -> None:
    assert [hint for hint in read(question, BOOK) if hint.kind == "phrase"] == []


def test_what_was_taken_away_is_not_read_again() -> None:
    question = 'What is "net sales" on page 12 in the balance sheet of Acme for 2018?'
    hints = read(question)
    assert {hint.kind for hint in hints} == {"document", "period", "page", "part", "phrase"}
    for hint in hints:
        left = read_hints(question, FILINGS, MadeShelf(), ignored={hint.key})
        assert hint.key not in {other.key for other in left}
        assert len(left) == len(hints) - 1


@pytest.mark.parametrize(
    "question",
    [
        "What is overfitting?",
        "Who wrote it and why?",
        "How many people work there?",
        "Summarise the document.",
        "Is the company capital-intensive?",
        "What are the three main arguments against nuclear power?",
        "Where was he born?",
        "hello",
    ],
)
def test_an_ordinary_question_has_no_hints(question: str) -> None:
    assert read(question, shelf=HEADINGS) == ()


@given(st.text(max_size=120))
def test_any_text_can_be_read_and_hints_quote_it(text: str) -> None:
    flat = " ".join(text.split())
    for hint in read(flat, shelf=HEADINGS):
        assert hint.said in flat
        assert hint.values
        assert hint.means


@given(st.integers(1, 99))
def test_roman_numbers_are_read_as_they_are_written(number: int) -> None:
    assert number_of(roman(number)) == number
