"""Which row answers: by other words for what is asked, by the heading of its column, by the unit of its table."""

from __future__ import annotations

from rag.answer.extractive import ExtractiveReader
from rag.text import content_words, stem
from rag.types import Cell, Hit, Page, PageSpan, Passage, Words

ROWS = (
    ("Purchases of property and equipment  1,577  1,373", ("1,577", "1,373")),
    ("Proceeds from the sale of shares  2,244  2,111", ("2,244", "2,111")),
)
TABLE = "\n".join(row for row, _ in ROWS)
PROSE = "The company expects capital spending of $1.7 billion in the coming year."


def page_of(_document: str, number: int) -> Page:
    return Page(number, None, {1: TABLE, 2: PROSE}[number], 600, 800, Words.none())


def hits() -> list[Hit]:
    cells = tuple(
        Cell(PageSpan(1, TABLE.index(number), TABLE.index(number) + len(number)), year)
        for _, numbers in ROWS
        for number, year in zip(numbers, ("2018", "2017"), strict=True)
    )
    table = Passage(0, TABLE, TABLE, (PageSpan(1, 0, len(TABLE)),), kind="table", cells=cells)
    prose = Passage(1, PROSE, PROSE, (PageSpan(2, 0, len(PROSE)),))
    return [
        Hit(rank, 1.0, passage, "made.pdf", passage.pages[0], None) for rank, passage in enumerate((table, prose), 1)
    ]


def reader(*wordings: str) -> ExtractiveReader:
    return ExtractiveReader(
        encoder=None,
        terms=lambda text: [stem(word) for word in content_words(text)],
        idf=lambda terms: dict.fromkeys(terms, 1.0),
        known=set,
        page_of=page_of,
        headings=lambda _document: frozenset(),
        wordings=wordings,
    )


def test_a_row_answers_that_says_in_other_words_what_is_asked() -> None:
    question = "How much did capital expenditures cost in 2018?"
    assert reader().rank(question, hits())[0].text != ROWS[0][0]
    other = question.replace("capital expenditures", "purchases of property and equipment")
    best = reader(other).rank(question, hits())[0]
    assert best.text == ROWS[0][0]


def test_other_words_do_not_make_the_documents_say_more_of_what_was_asked() -> None:
    question = "How much did capital expenditures cost in 2018?"
    other = question.replace("capital expenditures", "purchases of property and equipment")
    plain, widened = reader(), reader(other)
    assert (
        plain.evidence(question, plain.rank(question, hits()), hits()).words
        == widened.evidence(question, widened.rank(question, hits()), hits()).words
    )


def test_the_heading_of_a_column_speaks_for_its_rows() -> None:
    (row, *_) = [s for s in reader().rank("What of 2018?", hits()) if s.hit.passage.kind == "table"]
    assert row.words == 1.0


def test_a_plain_number_of_a_table_may_be_money() -> None:
    question = "How much did the purchases cost?"
    rows = [s for s in reader().rank(question, hits()) if s.hit.passage.kind == "table"]
    assert all(row.features[5] == 1.0 for row in rows)
