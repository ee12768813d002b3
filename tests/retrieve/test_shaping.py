"""From ranked candidates to hits: what repeats is folded, what touches is merged, compared documents come in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.ranking import Candidate
from rag.retrieve.shaping.diversity import in_turn
from rag.retrieve.shaping.folding import fold_twins
from rag.retrieve.shaping.merging import MOST, merge_neighbours
from rag.retrieve.shaping.picks import Pick
from rag.retrieve.shaping.shape import Shaper
from rag.retrieve.shaping.threshold import at_least
from rag.types import Box, Cell, PageSpan, Passage, PassageKind, join_slices

RISK = (
    "The Company is exposed to market risk from changes in interest rates and in the prices of raw materials in 2018."
)


@dataclass
class Shelf:
    """Documents whose pages are written piece by piece; each piece is a passage, the next id is its own."""

    texts: dict[tuple[str, int], str] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)

    def put(
        self,
        text: str,
        document: str = "a",
        page: int = 1,
        *,
        before: str = "\n",
        kind: PassageKind = "text",
        title: str = "",
        column: str = "",
        headings: tuple[str, ...] = (),
    ) -> Passage:
        written = self.texts.get((document, page), "")
        start = len(written) + len(before) if written else 0
        self.texts[document, page] = (written + before if written else "") + text
        span = PageSpan(page, start, start + len(text))
        cells = (Cell(PageSpan(page, start, start + 1), column),) if kind == "table" else ()
        lines = [*headings, title, text] if kind == "table" else [*headings, text]
        index_text = "\n".join(filter(None, lines))
        number = len(self.passages)
        passage = Passage(number, text, index_text, (span,), headings, kind, document, number, title, cells)
        self.passages.append(passage)
        return passage

    def text_of(self, document: str, page: int) -> str:
        return self.texts[document, page]

    def read(self, ids: Sequence[int]) -> list[Passage]:
        return [self.passages[id_] for id_ in ids]

    def shaper(self) -> Shaper:
        return Shaper(self.read, self.text_of)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def candidate(id_: int, score: float = 0.0) -> Candidate:
    return Candidate(id_, score, None, ())


def picks(*passages: Passage) -> list[Pick]:
    return [Pick(candidate(passage.id, -float(i)), passage) for i, passage in enumerate(passages)]


def ids(found: Sequence[Pick]) -> list[int]:
    return [pick.candidate.id for pick in found]


# -------------------------------------------------------------------------------------------------- folding


@pytest.mark.parametrize(
    "again",
    [
        RISK,
        RISK.upper(),
        RISK.replace(" ", "  ").replace("is exposed", "is  exposed"),
        RISK.replace("The Company", "The\u00a0Company"),
    ],
)
def test_the_same_text_is_folded_into_the_best_which_keeps_where_it_stands(shelf: Shelf, again: str) -> None:
    best, twin = shelf.put(RISK), shelf.put(again, "b", 7)
    (kept,) = fold_twins(picks(best, twin))
    assert kept.passage is best
    assert [(t.document_id, t.pages) for t in kept.twins] == [("b", (7,))]


def test_nearly_the_same_text_is_folded(shelf: Shelf) -> None:
    tail = " It is measured by the sensitivity of its earnings to a change of each of them, and is hedged by contracts."
    best, twin = shelf.put(RISK + tail), shelf.put(RISK + tail.replace("contracts", "agreements"), "b")
    assert ids(fold_twins(picks(best, twin))) == [best.id]


@pytest.mark.parametrize(
    ("word", "other"),
    [("2018", "2019"), ("is exposed", "is not exposed"), ("Company", "Group"), ("in 2018", "in (2018")],
)
def test_what_differs_in_a_figure_a_name_or_a_denial_is_not_folded(shelf: Shelf, word: str, other: str) -> None:
    long = f"{RISK} {' '.join(f'word{chr(97 + i // 26)}{chr(97 + i % 26)}' for i in range(60))}"
    best, like = shelf.put(long), shelf.put(long.replace(word, other), "b")
    assert ids(fold_twins(picks(best, like))) == [best.id, like.id]


def test_the_same_figures_in_another_order_are_something_else(shelf: Shelf) -> None:
    rows = "Net sales of the segment by year as reported: {} {}\nOperating income of the segment by year: {} {}"
    one = shelf.put(rows.format(10, 20, 3, 4), kind="table")
    other = shelf.put(rows.format(20, 10, 3, 4), "b", kind="table")
    assert len(fold_twins(picks(one, other))) == 2


def test_rows_are_folded_only_when_their_tables_are_called_the_same(shelf: Shelf) -> None:
    rows = "Cash and cash equivalents at the beginning of the period 100 200"
    own = shelf.put(rows, kind="table", title="Parent company only")
    all_ = shelf.put(rows, "b", kind="table", title="Consolidated")
    again = shelf.put(rows, "c", kind="table", title="CONSOLIDATED")
    found = fold_twins(picks(own, all_, again))
    assert ids(found) == [own.id, all_.id]
    assert [twin.document_id for twin in found[1].twins] == ["c"]


def test_a_heading_that_recurs_is_no_boilerplate(shelf: Shelf) -> None:
    found = fold_twins(
        picks(shelf.put("Notes to the statements", page=1), shelf.put("Notes to the statements", page=2))
    )
    assert len(found) == 2


def test_a_place_is_named_once(shelf: Shelf) -> None:
    best, twins = shelf.put(RISK), [shelf.put(RISK, "b", 3), shelf.put(RISK, "b", 3), shelf.put(RISK, "a", 1)]
    (kept,) = fold_twins(picks(best, *twins))
    assert [(t.document_id, t.pages) for t in kept.twins] == [("b", (3,))]


# -------------------------------------------------------------------------------------------------- merging


def test_parts_of_one_paragraph_become_one_hit_in_the_place_of_the_better(shelf: Shelf) -> None:
    first = shelf.put("The Danube rises in the Black Forest.", headings=("Rivers",))
    other = shelf.put("Mont Blanc is high.", page=2)
    second = shelf.put("It flows into the Black Sea.", before=" ", headings=("Rivers",))
    found = merge_neighbours(picks(second, other, first), shelf.text_of)
    assert ids(found) == [second.id, other.id]
    merged = found[0].passage
    assert (merged.id, merged.number) == (second.id, second.number)
    assert merged.text == "The Danube rises in the Black Forest. It flows into the Black Sea."
    assert merged.index_text == "Rivers\nThe Danube rises in the Black Forest. It flows into the Black Sea."
    assert merged.spans == (PageSpan(1, 0, len(merged.text)),)


def test_paragraphs_that_follow_each_other_stay_apart(shelf: Shelf) -> None:
    first, second = shelf.put("The Danube rises there."), shelf.put("The Rhine rises there.", before="\n")
    assert len(merge_neighbours(picks(first, second), shelf.text_of)) == 2


def test_rows_of_one_table_become_one_hit_with_all_their_cells(shelf: Shelf) -> None:
    parts = [
        shelf.put(f"Row {i} {i}00", kind="table", title="Revenue, in millions", column="2018", headings=("Note 4",))
        for i in range(3)
    ]
    (found,) = merge_neighbours(picks(parts[2], parts[0], parts[1]), shelf.text_of)
    assert found.passage.text == "Row 0 000\nRow 1 100\nRow 2 200"
    assert found.passage.index_text == "Note 4\nRevenue, in millions\nRow 0 000\nRow 1 100\nRow 2 200"
    assert [cell.span.start for cell in found.passage.cells] == [part.spans[0].start for part in parts]
    assert found.candidate.id == parts[2].id


def test_rows_of_two_tables_stay_apart(shelf: Shelf) -> None:
    one = shelf.put("Row 100", kind="table", title="Revenue", column="2018")
    titled = shelf.put("Row 200", kind="table", title="Expenses", column="2018")
    bare = shelf.put("Row 300", "b", kind="table", column="2018")
    other = shelf.put("Row 400", "b", kind="table", column="2017")
    assert len(merge_neighbours(picks(one, titled, bare, other), shelf.text_of)) == 4


def test_rows_without_a_title_are_of_one_table_when_their_columns_are(shelf: Shelf) -> None:
    rows = [shelf.put(f"Row {i}", kind="table", column="2018") for i in range(2)]
    assert len(merge_neighbours(picks(*rows), shelf.text_of)) == 1


def test_what_goes_on_overleaf_stays_apart(shelf: Shelf) -> None:
    first = shelf.put("The Danube rises in the Black Forest.", page=1)
    second = shelf.put("It flows into the Black Sea.", page=2)
    assert len(merge_neighbours(picks(first, second), shelf.text_of)) == 2


def test_a_figure_keeps_its_caption_to_itself(shelf: Shelf) -> None:
    first = shelf.put("Figure 1. A river.", kind="caption")
    second = replace(shelf.put("It is long.", before=" ", kind="caption"), figure=Box(1, 0, 0, 1, 1))
    assert len(merge_neighbours(picks(first, second), shelf.text_of)) == 2


def test_a_joined_passage_stays_readable(shelf: Shelf) -> None:
    parts = [shelf.put("word " * 180 + f"end {i}.", before=" ") for i in range(6)]
    found = merge_neighbours(picks(*parts), shelf.text_of)
    assert len(found) > 1
    assert max(len(pick.passage.text) for pick in found) <= MOST
    assert " ".join(pick.passage.text for pick in found) == shelf.texts["a", 1]


@given(st.permutations(range(5)), st.lists(st.sampled_from([" ", "\n", ""]), min_size=5, max_size=5))
def test_whatever_is_merged_is_verbatim_under_its_spans(order: list[int], gaps: list[str]) -> None:
    shelf = Shelf()
    for i, gap in enumerate(gaps):
        shelf.put(f"Sentence {i} says {i * 7}.", before=gap)
    found = merge_neighbours(picks(*(shelf.passages[i] for i in order)), shelf.text_of)
    for pick in found:
        slices = [shelf.text_of("a", span.page)[span.start : span.end] for span in pick.passage.spans]
        assert pick.passage.text == join_slices(slices)[0]
    held = [span for pick in found for span in pick.passage.spans]
    assert all(any(h.start <= p.spans[0].start < p.spans[0].end <= h.end for h in held) for p in shelf.passages)


# --------------------------------------------------------------------------------------------------- shaping


def test_what_is_folded_or_merged_makes_room_for_the_next(shelf: Shelf) -> None:
    risk = shelf.put(RISK, page=1)
    twin = shelf.put(RISK, "b", 4)
    first, second = shelf.put("The Danube rises there.", page=2), shelf.put("It is long.", page=2, before=" ")
    further = shelf.put("The Rhine is shorter.", page=3)
    ranked = [candidate(p.id, -i) for i, p in enumerate((risk, twin, first, second, further))]
    found = shelf.shaper().shape(ranked, 3)
    assert ids(found) == [risk.id, first.id, further.id]
    assert found[0].twins == (twin,)


def test_a_twin_is_noted_though_it_ranks_below_the_hits(shelf: Shelf) -> None:
    risk = shelf.put(RISK)
    others = [shelf.put(f"Something else entirely, number {i}.", page=2 + i) for i in range(20)]
    twin = shelf.put(RISK, "b")
    found = shelf.shaper().shape([candidate(p.id, -p.id) for p in (risk, *others, twin)], 2)
    assert ids(found) == [risk.id, others[0].id]
    assert found[0].twins == (twin,)


def test_boilerplate_everywhere_does_not_leave_fewer_than_k(shelf: Shelf) -> None:
    for i in range(500):
        shelf.put(RISK, f"d{i:03}")
    last = [shelf.put(f"Something else entirely, number {i}.", "z", 1 + i) for i in range(3)]
    found = shelf.shaper().shape([candidate(p.id, -p.id) for p in shelf.passages], 4)
    assert ids(found) == [0, *(p.id for p in last)]


def test_k_hits_are_the_k_best_where_nothing_repeats_or_touches(shelf: Shelf) -> None:
    for i in range(30):
        shelf.put(f"Fact number {i} stands alone.", page=1 + i)
    ranked = [candidate(i, -i) for i in (7, 3, 11, 2, 29)]
    assert ids(shelf.shaper().shape(ranked, 4)) == [7, 3, 11, 2]
    assert shelf.shaper().shape([], 4) == []


# -------------------------------------------------------------------------------------------------- in turn


def test_compared_documents_come_in_turn_though_one_ranks_far_above(shelf: Shelf) -> None:
    for document in "ab":
        for i in range(4):
            shelf.put(f"{document} says this of topic{i}.", document, 1 + i)
    ranked = [candidate(i, -i) for i in range(8)]
    groups = [ranked[4:], ranked[:4]]
    found = shelf.shaper().shape(ranked, 5, compared=groups)
    assert [pick.passage.document_id for pick in found] == ["a", "b", "a", "b", "a"]
    assert ids(found)[:2] == [0, 4]


def test_boilerplate_of_compared_documents_is_shown_of_each(shelf: Shelf) -> None:
    one, other = shelf.put(RISK, "a"), shelf.put(RISK, "b")
    found = shelf.shaper().shape([candidate(0, 2), candidate(1, 1)], 2, compared=[[candidate(0, 2)], [candidate(1, 1)]])
    assert [pick.passage for pick in found] == [one, other]


def test_others_follow_when_the_compared_documents_are_used_up(shelf: Shelf) -> None:
    for document in "abc":
        shelf.put(f"What {document} says.", document)
    ranked = [candidate(2, 3), candidate(0, 2), candidate(1, 1)]
    assert ids(shelf.shaper().shape(ranked, 3, compared=[[ranked[1]], [ranked[2]]])) == [0, 1, 2]


def test_a_comparison_of_which_one_side_says_nothing_is_an_ordinary_question(shelf: Shelf) -> None:
    for document in "ac":
        shelf.put(f"What {document} says.", document)
    ranked = [candidate(1, 3), candidate(0, 2)]
    assert ids(shelf.shaper().shape(ranked, 2, compared=[[ranked[1]], []])) == [1, 0]


def test_the_next_of_a_document_says_something_else(shelf: Shelf) -> None:
    texts = (
        "Sales of tape rose in spring.",
        "Sales of tape rose in spring and summer.",
        "Dividends were cut.",
        "Parking is free.",
    )
    group = [
        Pick(candidate(i, score), shelf.put(text, page=1 + i))
        for i, (text, score) in enumerate(zip(texts, (3.0, 2.9, 2.8, 1.0), strict=True))
    ]
    other = [Pick(candidate(9, 1.0), shelf.put("Nothing of the kind.", "b"))]
    assert ids(in_turn([group, other], 5)) == [0, 9, 2, 1, 3]


# ------------------------------------------------------------------------------------------------ threshold


def test_the_threshold_judges_by_relevance_and_else_by_similarity() -> None:
    judged = Candidate(1, 5.0, 0.9, (), relevance=0.2)
    near, far = Candidate(2, 4.0, 0.6, ()), Candidate(3, 3.0, 0.1, ())
    unknown, certain = Candidate(4, 2.0, None, ()), Candidate(5, 1.0, 0.1, (), relevance=0.8)
    assert [c.id for c in at_least([judged, near, far, unknown, certain], 0.5)] == [2, 4, 5]
    assert len(at_least([judged, near, far, unknown, certain], 0.0)) == 5
