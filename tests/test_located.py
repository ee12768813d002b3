"""Where in a passage stands what was read in the text that it is searched by: prose, rows, joined neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.located import best_told, located, told
from rag.retrieve.shaping.merging import join
from rag.types import Cell, Hit, PageSpan, Passage, Reading

PROSE = "The Danube rises in the Black Forest. It flows into the Black Sea after 2,850 km."
ROWS = ("Net sales  $ 5,363  $ 4,869", "Cost of sales  (2,410)  (2,259)", "Net sales growth  2.5 %  2.5 %")
SEARCHED = (
    "Results > Years\nNet sales | 2018: $5,363 | 2017: $4,869\nCost of sales | 2018: (2,410) | 2017: (2,259)\n"
    "Margins > Net sales growth | 2018: 2.5% | 2017: 2.5%"
)


def prose(text: str = PROSE, heading: str = "Rivers", start: int = 0) -> Passage:
    searched = f"{heading}\n{text}" if heading else text
    return Passage(0, text, searched, (PageSpan(1, start, start + len(text)),), document_id="d", id=1)


def table() -> Passage:
    text = "\n".join(ROWS)
    cells, at = [], 0
    for row in ROWS:
        for year, number in zip(("2018", "2017"), numbers(row), strict=True):
            start = text.index(number, at)
            cells.append(Cell(PageSpan(1, start, start + len(number)), year))
            at = start + len(number)
    return Passage(0, text, SEARCHED, (PageSpan(1, 0, len(text)),), kind="table", cells=tuple(cells), document_id="d")


def numbers(row: str) -> list[str]:
    return [part.lstrip("$ ") for part in row.split("  ")[1:]]


def told_words(passage: Passage, said: str, nth: int = 0) -> tuple[str, str | None] | None:
    """The sentence and the part that answers, as text, when `said` was read in what is searched."""
    start = -1
    for _ in range(nth + 1):
        start = passage.index_text.index(said, start + 1)
    found = located(passage, texts_of(passage), start, start + len(said))
    if found is None:
        return None
    return passage.text[slice(*found.sentence)], found.telling and passage.text[slice(*found.telling)]


def texts_of(passage: Passage) -> dict[int, str]:
    (span,) = passage.spans
    return {1: "x" * span.start + passage.text}


def test_words_of_prose_are_found_behind_the_heading() -> None:
    assert told_words(prose(), "the Black Forest") == ("The Danube rises in the Black Forest.", "the Black Forest")
    assert told_words(prose(heading=""), "2,850 km") == (PROSE[38:], "2,850 km")


def test_words_of_the_heading_are_found_only_where_the_text_says_them_once() -> None:
    assert told_words(prose(heading="Danube"), "Danube") == (PROSE[:37], "Danube")
    assert told_words(prose(heading="Black things"), "Black") is None
    assert told_words(prose(heading="Rhine"), "Rhine") is None


def test_part_of_a_word_or_of_a_number_is_no_place_of_it() -> None:
    assert told_words(prose(heading="850"), "850") is None
    assert told_words(prose(heading="rise"), "rise") is None


def test_words_over_two_sentences_are_cut_where_the_first_ends() -> None:
    assert told_words(prose(), "the Black Forest. It") == (PROSE[:37], "the Black Forest.")


def test_nothing_and_places_outside_the_text_are_not_found() -> None:
    assert located(prose(), texts_of(prose()), 5, 5) is None
    assert located(prose(), texts_of(prose()), 0, 10_000) is None
    assert located(prose(), texts_of(prose()), -3, 4) is None


def test_the_value_of_a_row_is_the_printed_cell() -> None:
    assert told_words(table(), "(2,259)") == (ROWS[1], "(2,259)")
    assert told_words(table(), "$4,869") == (ROWS[0], "4,869")
    assert told_words(table(), "2,410") == (ROWS[1], "(2,410)"), "all of the cell"


def test_a_value_with_its_heading_is_the_cell_too() -> None:
    assert told_words(table(), "2018: $5,363") == (ROWS[0], "5,363")


def test_of_two_cells_that_say_the_same_the_one_under_its_heading_is_found() -> None:
    passage = table()
    for nth in (0, 1):
        start = [i for i in range(len(SEARCHED)) if SEARCHED.startswith("2.5%", i)][nth]
        found = located(passage, texts_of(passage), start, start + 4)
        assert found is not None and found.telling is not None
        cell = passage.cells[4 + nth].span
        assert found.telling == (cell.start, cell.end)


def test_the_label_of_a_row_is_found_in_its_row_and_not_in_a_longer_one() -> None:
    assert told_words(table(), "Net sales") == (ROWS[0], "Net sales")
    assert told_words(table(), "Net sales growth") == (ROWS[2], "Net sales growth")


def test_the_heading_of_a_column_tells_the_row_but_no_part_of_it() -> None:
    assert told_words(table(), "2018") == (ROWS[0], None)


def test_two_rows_alike_are_not_told_apart() -> None:
    text = "Total  1  2\nTotal  1  2"
    passage = Passage(0, text, "Total | 1 | 2\nTotal | 1 | 2", (PageSpan(1, 0, len(text)),), kind="table")
    assert told_words(passage, "2") is None


@given(st.data())
def test_whatever_is_read_in_prose_stands_in_the_text_word_for_word(data: st.DataObject) -> None:
    passage = prose()
    head = len(passage.index_text) - len(passage.text)
    start = data.draw(st.integers(head, len(passage.index_text) - 1))
    end = data.draw(st.integers(start + 1, len(passage.index_text)))
    found = located(passage, texts_of(passage), start, end)
    assert found is not None
    assert found.telling is None or passage.text[slice(*found.telling)] in passage.index_text[start:end]


@given(st.integers(0, len(SEARCHED) - 1), st.integers(1, 30))
def test_whatever_is_read_in_rows_is_nowhere_or_stands_in_its_row(start: int, length: int) -> None:
    passage = table()
    found = located(passage, texts_of(passage), start, min(len(SEARCHED), start + length))
    if found is None or found.telling is None:
        return
    assert found.sentence[0] <= found.telling[0] < found.telling[1] <= found.sentence[1]
    assert passage.text[slice(*found.sentence)] in ROWS


def read(passage: Passage, said: str, relevance: float = 0.0) -> tuple[Passage, Reading]:
    start = passage.index_text.index(said)
    return passage, Reading(relevance, 0.5, start, start + len(said), 0.5)


def hit(passage: Passage, rank: int = 1) -> Hit:
    return Hit(rank, 1.0, passage, "d.pdf", 1, None)


def found_in(passages: Sequence[tuple[Passage, Reading]], *hits: Hit, page: str = "") -> dict[tuple[int, str], str]:
    text = page or hits[0].passage.text
    best = best_told(told(passages, lambda *_: text), hits, lambda *_: text)
    by_rank = {one.rank: one.passage.text for one in hits}
    return {
        (rank, by_rank[rank][start:end]): by_rank[rank][slice(*one.place.telling)] if one.place.telling else ""
        for (rank, start, end), one in best.items()
    }


def test_what_was_read_before_neighbours_were_joined_is_found_in_the_joined_passage() -> None:
    page = f"{PROSE} The Rhine rises in the Alps."
    first, second = prose(), prose(page[len(PROSE) + 1 :], start=len(PROSE) + 1)
    joined = join(second, first, lambda *_: page)
    found = found_in([read(first, "2,850 km"), read(second, "the Alps")], hit(joined), page=page)
    assert found == {(1, PROSE[38:]): "2,850 km", (1, "The Rhine rises in the Alps."): "the Alps"}


def test_a_hit_of_another_document_or_place_holds_nothing_of_it() -> None:
    other = Passage(0, PROSE, PROSE, (PageSpan(1, 0, len(PROSE)),), document_id="e")
    assert found_in([read(prose(), "2,850 km")], hit(other)) == {}
    part = prose(PROSE[:37])
    assert found_in([read(prose(), "2,850 km")], hit(part), page=PROSE) == {}


def test_shares_of_relevance_are_a_softmax_over_all_that_was_read() -> None:
    passages = [read(prose(), "Danube", relevance) for relevance in (2.0, 1.0, -700.0)]
    shares = [one.share for one in told(passages, lambda *_: PROSE)]
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] / shares[1] == pytest.approx(2.718281828)
    assert told([], lambda *_: PROSE) == ()
