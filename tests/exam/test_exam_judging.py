"""Whether an answer is right; what an exam says of a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.prompts import NO_ANSWER
from rag.exam.items import Item, Outcome, Result, result_from_json, result_to_json
from rag.exam.judging import holds, judged
from rag.exam.score import Share, by_kind, coverage, looks, marks_words, misses, percent_words, score_of, verdict
from rag.report import PageCell, Report
from rag.types import Answer, Citation, Claim, Document, Hit, PageSpan, Passage

HERE, OTHER = "a" * 64, "b" * 64
ITEM = Item("figure", "How long is it?", "How long is it?", "2,850", HERE, "a.pdf", 2, (PageSpan(2, 0, 9),), (2, 5))


def passage(document_id: str, page: int, text: str) -> Passage:
    return Passage(0, text, text, (PageSpan(page, 0, len(text)),), document_id=document_id)


def hit(rank: int, document_id: str, page: int, text: str = "near") -> Hit:
    return Hit(rank, 1.0 / rank, passage(document_id, page, text), document_id[0] + ".pdf", page, None)


def claim(document_id: str, page: int, text: str) -> Claim:
    place = (PageSpan(page, 0, len(text)),)
    return Claim(text, (Citation(1, document_id, document_id[0] + ".pdf", page, None, text, place, ()),), "verbatim")


def answer(claims: Sequence[Claim], hits: Sequence[Hit] = (), *, abstained: bool = False) -> Answer:
    text = NO_ANSWER if abstained else " ".join(claim.text for claim in claims)
    return Answer("?", "extractive", text, tuple(claims), tuple(hits), abstained=abstained)


def test_the_first_footnote_decides_and_pages_are_ranked_by_the_hits() -> None:
    hits = [hit(1, OTHER, 2), hit(2, OTHER, 2), hit(3, HERE, 5)]
    said = judged(ITEM, answer([claim(HERE, 5, "It is 2850 kilometres long.")], hits))
    assert (said.rank, said.is_cited, said.is_found, said.is_abstained) == (2, True, True, False)
    assert (said.document, said.page) == ("a.pdf", 5)
    late = judged(ITEM, answer([claim(OTHER, 2, "It is 2,850."), claim(HERE, 2, "It is 2,850.")], hits))
    assert (late.is_cited, late.is_found, late.document) == (False, True, "b.pdf")


def test_what_is_kept_of_an_answer_is_from_one_document() -> None:
    said = judged(ITEM, answer([claim(HERE, 2, "It is long."), claim(OTHER, 3, "A secret.")]))
    assert said.said == "It is long."


def test_abstaining_is_no_answer_and_shows_the_nearest_passage() -> None:
    said = judged(ITEM, answer([], [hit(1, HERE, 2, "It is 2,850.")], abstained=True))
    assert (said.is_cited, said.is_found, said.is_abstained, said.rank) == (False, False, True, 1)
    assert (said.said, said.document, said.page) == ("It is 2,850.", "a.pdf", 2)
    assert judged(ITEM, answer([], abstained=True)).document == ""


def test_an_answer_without_hits_is_ranked_by_what_it_cites() -> None:
    heading = replace(ITEM, kind="heading", answer="Length")
    said = judged(heading, answer([claim(HERE, 9, "x"), claim(HERE, 2, "y")]))
    assert (said.rank, said.is_cited, said.is_found) == (2, False, False)
    assert judged(heading, answer([claim(HERE, 2, "anything at all")])).is_found


@pytest.mark.parametrize(
    ("kind", "expected", "said", "is_there"),
    [
        ("figure", "$1,234 million", "It was $ 1234 million", True),
        ("figure", "12", "It was 112", False),
        ("figure", "three", "It has three parks", True),
        ("table", "(86)", "Gain  (86)  12", True),
        ("name", "the Ming", "Seized by the Ming in 1368", True),
        ("statement", "a broken lock near the town", "They waited: the lock near town had broken down", True),
        ("statement", "a broken lock near the town", "They waited for salt", False),
        ("definition", "an instrument that measures the height of water", "A gauge measures the height of it", False),
    ],
)
def test_figures_must_all_be_there_and_words_mostly(kind: str, expected: str, said: str, is_there: bool) -> None:
    item = replace(ITEM, kind=kind, answer=expected)  # type: ignore[arg-type]
    assert holds(item, said) is is_there


def test_a_result_comes_back_from_json() -> None:
    made = Result(ITEM, Outcome(3, True, False, False, "é", HERE, "a.pdf", 2), Outcome(None, False, False, True, ""))
    assert result_from_json(result_to_json(made)) == made


# ------------------------------------------------------------------------------------------------------- score


def result(page: int, *, right: bool, kind: str = "figure", rank: int | None = 1) -> Result:
    item = replace(ITEM, page=page, pages=(page,), kind=kind)  # type: ignore[arg-type]
    said = Outcome(rank, right, right, False, "x", HERE, "a.pdf", page)
    return Result(item, said, replace(said, is_cited=True))


@pytest.mark.parametrize(("n", "of", "low", "high"), [(8, 10, 0.490, 0.943), (0, 10, 0.0, 0.278), (40, 40, 0.912, 1.0)])
def test_the_interval_is_wilsons(n: int, of: int, low: float, high: float) -> None:
    assert Share(n, of).interval == pytest.approx((low, high), abs=5e-4)


@given(of=st.integers(1, 400), data=st.data())
def test_the_interval_holds_the_share(of: int, data: st.DataObject) -> None:
    share = Share(data.draw(st.integers(0, of)), of)
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-9
    assert share.value - 1e-9 <= high <= 1


def test_nothing_asked_says_nothing() -> None:
    assert Share(0, 0).interval == (0.0, 1.0)
    assert percent_words(Share(9, 10)) == "90 % (60 to 98 %)"


def test_questions_are_counted_by_kind() -> None:
    results = [result(1, right=True), result(2, right=False, rank=6), result(3, right=True, kind="table", rank=2)]
    score = score_of(results)
    assert (score.right.n, score.at_1.n, score.at_5.n, score.own_right.n) == (2, 1, 2, 3)
    assert {kind: (s.right.n, s.right.of) for kind, s in by_kind(results).items()} == {
        "figure": (1, 2),
        "table": (1, 1),
    }
    assert misses(results) == [results[1]]


def report(*states: str) -> Report:
    cells = tuple(PageCell(n, None, state, reason="a picture") for n, state in enumerate(states, 1))  # type: ignore[arg-type]
    return Report(Document(HERE, "a.pdf", "A", "ready", len(cells), 1, 0.0), cells)


def test_each_page_is_marked_by_how_it_came_out() -> None:
    asked = [result(1, right=True), result(2, right=True), result(2, right=False)]
    (covered,) = coverage([report("text", "table", "ocr", "image", "empty")], asked)
    assert covered.marks == ("right", "wrong", "unasked", "unread", "empty")
    assert (covered.right, covered.unread, covered.n_holding) == (Share(2, 3), (4,), 4)
    assert covered.needs_a_look


def test_a_document_that_could_not_be_read_at_all_is_to_be_looked_at_first() -> None:
    failed = replace(report(), document=replace(report().document, state="failed", name="z.pdf"))
    documents = coverage([report("text", "image", "image"), failed], [result(1, right=True)] * 10)
    assert documents[1].needs_a_look
    assert looks(documents) == "z.pdf: it could not be read, a.pdf: 2 of 3 pages could not be read"
    assert marks_words(documents[1]) == "no page was read"


def test_the_verdict_is_plain_and_names_what_was_read_badly() -> None:
    good, bad = [result(1, right=True)] * 10, [result(1, right=False)] * 10
    read, unread = coverage([report("text")], good), coverage([report("text", "image", "image")], good)
    assert verdict("it", good, read).startswith(
        "You can trust it: 10 of 10 questions were answered from the right page"
    )
    assert verdict("it", good, unread).endswith("; look at a.pdf: 2 of 3 pages could not be read.")
    assert "anything from 72 % to 100 %" in verdict("it", good, read)
    assert verdict("it", good[:7] + bad[:3], []).startswith("You can mostly trust it")
    failed = verdict("it", bad, coverage([report("text")], bad))
    assert failed.startswith("Do not rely on it")
    assert failed.endswith("look at a.pdf: 10 of 10 questions went wrong.")
    assert verdict("it", good[:3], []).startswith("There are too few questions to judge it by")
