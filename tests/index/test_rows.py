from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from rag.index import rows
from rag.types import Box, Cell, Page, PageSpan, Passage, Words

fractions = st.floats(0, 1, width=32)


@st.composite
def words(draw: st.DrawFn) -> Words:
    n_words = draw(st.integers(0, 20))
    ints = nps.arrays(np.int32, n_words, elements=st.integers(0, 2**31 - 1))
    return Words(draw(ints), draw(ints), draw(nps.arrays(np.float32, (n_words, 4), elements=fractions)), draw(ints))


@given(words())
def test_words_survive_the_round_trip_and_boxes_move_less_than_a_twenty_thousandth(before: Words) -> None:
    after = rows.words_from_blob(rows.words_to_blob(before))
    assert np.array_equal(after.starts, before.starts)
    assert np.array_equal(after.ends, before.ends)
    assert np.array_equal(after.lines, before.lines)
    assert after.boxes.shape == before.boxes.shape
    assert after.boxes.dtype == np.float32
    assert np.all(np.abs(after.boxes - before.boxes) < 1 / 20_000)


def test_boxes_outside_the_page_are_kept_at_its_edge() -> None:
    one = np.zeros(1, np.int32)
    sides = np.array([[-0.5, np.nan, 1.5, 1.0]], np.float32)
    assert rows.words_from_blob(rows.words_to_blob(Words(one, one, sides, one))).boxes.tolist() == [[0, 0, 1, 1]]


@given(st.text(), st.text(), st.lists(st.tuples(st.integers(1, 9), st.integers(0, 99), st.integers(0, 99)), min_size=1))
def test_a_passage_survives_the_round_trip(text: str, heading: str, spans: list[tuple[int, int, int]]) -> None:
    for index_text in (text, heading + text):
        where = tuple(PageSpan(*s) for s in spans)
        cells = tuple(Cell(span, heading) for span in where)
        table = {"title": heading, "cells": cells, "figure": Box(2, 0.1, 0.2, 1 / 3, 0.5) if heading else None}
        before = Passage(3, text, index_text, where, (heading,), "table", "ab", 7, **table)
        _, number, first, last, kind, spans_json, headings, stored, stored_index, *table_row, _ = rows.passage_to_row(
            1, before
        )
        row = (number, stored, stored_index, spans_json, headings, kind, *table_row, "ab", 7)
        assert rows.passage_from_row(row) == before
        assert (first, last) == (min(before.pages), max(before.pages))
        assert (stored_index is None) == (index_text == text)


def test_half_a_surrogate_pair_becomes_one_character_so_that_offsets_stay() -> None:
    assert rows.storable("a\ud800b") == "a\ufffdb"
    assert rows.storable("𝛼é") == "𝛼é"


def test_pages_that_were_not_read_are_named() -> None:
    read = Page(1, None, "text", 1.0, 1.0, Words.none())
    image = Page(2, None, "", 1.0, 1.0, Words.none(), "image", "a scan without text")
    blank = Page(3, None, "", 1.0, 1.0, Words.none(), "empty")
    assert rows.unread([read, blank]) is None
    assert rows.unread([read, image, blank]) == "1 of 3 pages were not read (page 2): a scan without text"
