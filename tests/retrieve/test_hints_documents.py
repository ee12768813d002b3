"""A question names a document by what tells it from the others: rare words of title and file name, year and form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.hints import compared
from rag.retrieve.hints.labels import fold_same, labels_of
from tests.retrieve.hints_made import FILINGS, MadeShelf, document, read, told

TEXTS = MadeShelf(
    texts={
        1: ["Acme sells anvils", "Acme pays dividends", "the company is strong"],
        4: ["Blue Harbor owns ports", "the harbor is deep"],
        9: ["a glacier flows", "the glacier melts", "glacier ice"],
        8: ["a report is read", "read how to read"],
        5: ["the holdings read their post", "to read is to pay", "all read the small power bill"],
    }
)


@pytest.mark.parametrize(
    ("question", "means"),
    [
        ("What does primer.pdf say of footnotes?", ["primer.pdf"]),
        ("What is the revenue in ACME_2022_10K.pdf?", ["ACME_2022_10K.pdf"]),
        ("What is the FY2018 capital expenditure of Acme?", ["ACME_2018_10K.pdf"]),
        ("What is Acme's capital expenditure?", ["Acme (3 documents)"]),
        ("What did Acme earn in Q2 of FY2022?", ["ACME_2022Q2_10Q.pdf"]),
        ("What is said in Acme's 2022 10-K?", ["ACME_2022_10K.pdf"]),
        ("What is said in the 2022 annual report of Acme?", ["ACME_2022_10K.pdf"]),
        ("How deep is Blue Harbor's port?", ["BLUEHARBOR_2022_10K.pdf"]),
        ("How deep is the port of Blueharbor?", ["BLUEHARBOR_2022_10K.pdf"]),
        ("What did 7Q pay?", ["7Q-report-2021.pdf"]),
        ("What did V&D pay in dividends?", ["VAN_DAM_2020_10K.pdf"]),
        ("What did Van Dam pay?", ["VAN_DAM_2020_10K.pdf"]),
        ("According to Tidal power in small estuaries, how much is lost?", ["0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e.pdf"]),
        ("How fast does a glacier flow?", ["glacier.pdf"]),
        ("what did acme pay in 2018?", ["ACME_2018_10K.pdf"]),
        ("WHAT DID ACME PAY IN 2018?", ["ACME_2018_10K.pdf"]),
        ("How do Acme and Blue Harbor compare in 2022?", ["Acme (2 documents)", "BLUEHARBOR_2022_10K.pdf"]),
    ],
)
def test_a_document_is_read_in_many_wordings(question: str, means: list[str]) -> None:
    assert told(question, "document", shelf=TEXTS) == means


@pytest.mark.parametrize(
    "question",
    [
        "What is the revenue?",
        "What is the annual report about?",
        "How many people live in the United States?",
        "What did the Securities and Exchange Commission decide?",
        "How do I read a table?",
        "What is the power of small companies?",
        "Which harbor is the largest?",
        "How is a survey made?",
        "What happened in 2018?",
        "Who is Dam Square named after?",
        "What does the report say of glacial ice?",
    ],
)
def test_no_document_is_read_where_none_is_named(question: str) -> None:
    assert told(question, "document", shelf=TEXTS) == []


def test_of_a_single_document_nothing_is_read() -> None:
    assert told("What did Acme pay in 2018?", "document", FILINGS[:1]) == []


def test_a_name_that_most_documents_bear_tells_nothing_but_its_year_does() -> None:
    reports = [document(i, f"ACME_{2015 + i}_10K.pdf") for i in range(6)]
    assert told("What did Acme pay?", "document", reports) == []
    assert told("What did Acme pay in 2018?", "document", reports) == ["ACME_2018_10K.pdf"]
    assert told("What does the 2018 annual report say?", "document", reports) == ["ACME_2018_10K.pdf"]


def test_a_longer_name_of_something_else_is_not_the_document() -> None:
    cities = [document(1, "Jordan.pdf"), document(2, "Chicago.pdf"), document(3, "Oslo.pdf"), document(4, "Cairo.pdf")]
    assert told("Who coached the Chicago Bulls Dynasty?", "document", cities) == []
    assert told("How old is Chicago?", "document", cities) == ["Chicago.pdf"]


def test_a_hint_names_its_words_and_the_documents_it_stands_for() -> None:
    (hint,) = [h for h in read("What is said in the annual report of Acme for 2018?") if h.kind == "document"]
    assert hint.said == "the annual report of Acme"
    assert hint.values == (FILINGS[0].id,)


def test_the_sides_of_a_comparison_are_told() -> None:
    for question, sides in (
        ("How do the margins of Acme and Blue Harbor compare in 2022?", ((2, 3), (4,))),
        ("What is the difference between Acme's 2018 and 2022 annual reports?", ((1,), (2,))),
        ("How did Acme's 2018 10-K differ from its 2022 10-K?", ((1,), (2,))),
        ("Which pays more, 7Q or Acme?", ((5,), (1, 2, 3))),
    ):
        assert compared(question, read(question), FILINGS, MadeShelf()) == sides, question


@pytest.mark.parametrize(
    "question",
    [
        "What is Acme's revenue and net income?",
        "How does Acme's tax rate in FY2022 compare to FY2018?",
        "What is the difference between a bond and a stock?",
        "How do 2018 and 2022 compare?",
    ],
)
def test_what_compares_no_documents_has_no_sides(question: str) -> None:
    assert compared(question, read(question), FILINGS, MadeShelf()) == ()


def test_a_side_whose_hint_was_taken_away_is_no_side() -> None:
    question = "How do Acme and Blue Harbor compare?"
    hints = [hint for hint in read(question) if "Acme" not in hint.means]
    assert compared(question, hints, FILINGS, MadeShelf()) == ()


NAMES = st.text("ab1 -&.é", min_size=1, max_size=8)


@given(st.lists(NAMES, min_size=2, max_size=6), st.text("ab1 -&.é", max_size=20))
def test_a_document_whose_name_stands_in_a_text_is_among_those_that_may_be_said(names: list[str], text: str) -> None:
    labels = labels_of([document(i, f"{name}.pdf", title=name) for i, name in enumerate(names)])
    low = fold_same(text)
    may_be = labels.may_be_said(low)
    for label in labels.all:
        for phrase in label.phrases:
            at = low.find(phrase)
            is_whole = not low[at - 1 : at].isalnum() and not low[at + len(phrase) : at + len(phrase) + 1].isalnum()
            assert at < 0 or not is_whole or label in may_be
    assert [label.key for label in may_be] == sorted(label.key for label in may_be)


def test_the_same_documents_are_labelled_once_and_other_ones_anew() -> None:
    assert labels_of(FILINGS) is labels_of(FILINGS)
    assert labels_of(FILINGS[:3]) is not labels_of(FILINGS)
    assert [label.key for label in labels_of(FILINGS[:3]).all] == [1, 2, 3]
