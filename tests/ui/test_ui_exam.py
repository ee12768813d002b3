"""The Exam page, run by Streamlit itself without a browser; how its report is laid out."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ui
from rag import examining
from rag.exam.items import Item, Outcome, Result
from rag.exam.score import DocumentResult, Share
from rag.types import Box, Document, PageSpan
from tests.exam.test_exam_flow import PEAKS, RIVERS
from ui import shelf
from ui.exam import running, shown

EXAM = Path(ui.__file__).parent / "views" / "exam.py"
HOSTILE = "<img src=x onerror=alert(1)>"
MakePdf = Callable[..., Path]
pytestmark = pytest.mark.models


@pytest.fixture
def place(bench: shelf.Shelf) -> shelf.Place:
    return bench.place("default")


@pytest.fixture
def filled(place: shelf.Place, make_pdf: MakePdf) -> shelf.Place:
    place.library.add(make_pdf(RIVERS, "rivers.pdf", title="Rivers"))
    place.library.add(make_pdf(PEAKS, "peaks.pdf", title="Peaks"))
    return place


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def opened() -> AppTest:
    app = AppTest.from_file(str(EXAM), default_timeout=180)
    app.query_params["library"] = "default"
    return checked(app.run())


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def keyed(elements: Any, key: str) -> Any:
    return next(element for element in elements if element.key == key)


def finished(place: shelf.Place) -> running.Examination:
    exam = running.last(place)
    assert exam is not None
    assert exam.wait(180)
    return exam


# --------------------------------------------------------------------------------------------------------- page


def test_an_empty_library_offers_no_exam(place: shelf.Place) -> None:
    assert place
    app = opened()
    assert "nothing to examine" in app.info[0].value
    assert not any(button.key == "exam-begin" for button in app.button)


def test_an_exam_is_begun_watched_and_shown(filled: shelf.Place) -> None:
    app = opened()
    keyed(app.number_input, "exam-n").set_value(6)
    checked(app.run())
    checked(keyed(app.button, "exam-begin").click().run())
    assert finished(filled).state == "done"
    checked(app.run())
    said = html(app)
    assert "questions were answered from the right page" in said
    assert "fn-exam-pages" in said
    assert "rivers.pdf" in said
    assert "peaks.pdf" in said
    (kept,) = examining.kept_exams(filled.library)
    assert kept.n_wanted == 6
    checked(keyed(app.button, "exam-again").click().run())
    finished(filled)
    again = examining.kept_exams(filled.library)
    assert [exam.seed for exam in again] == [kept.seed, kept.seed]
    asked = [[r.item.asked for r in examining.kept_exam(filled.library, exam.id).results] for exam in again]
    assert asked[0] == asked[1]


def test_an_exam_can_be_deleted(filled: shelf.Place) -> None:
    examining.take(filled.library, n=3)
    app = opened()
    checked(keyed(app.button, "exam-delete").click().run())
    assert examining.kept_exams(filled.library) == []
    assert "fn-exam-verdict" not in html(app)


def test_an_exam_that_comes_to_nothing_says_why(place: shelf.Place, make_pdf: MakePdf) -> None:
    place.library.add(make_pdf([["Yes.", "No."]], "short.pdf"))
    app = opened()
    checked(keyed(app.button, "exam-begin").click().run())
    assert finished(place).state == "failed"
    checked(app.run())
    assert "No question can be made of short" in app.error[0].value


def test_a_cancelled_exam_keeps_nothing_and_another_can_begin(
    filled: shelf.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf.Place, "is_busy", lambda _: True)  # somebody asks: the exam waits
    running.start(filled, 5, 0, None)
    exam = running.running(filled)
    assert exam is not None
    running.start(filled, 5, 0, None)
    assert running.running(filled) is exam
    app = opened()
    assert keyed(app.button, "exam-begin").disabled
    time.sleep(0.2)
    assert not exam.is_over
    checked(keyed(app.button, "exam-cancel").click().run())
    assert finished(filled).state == "cancelled"
    assert examining.kept_exams(filled.library) == []
    monkeypatch.undo()
    running.start(filled, 3, 0, None)
    assert finished(filled).state == "done"


def test_questions_of_documents_that_are_gone_are_counted(filled: shelf.Place) -> None:
    taken = examining.take(filled.library, n=6)
    n_peaks = sum(result.item.document == "peaks.pdf" for result in taken.results)
    filled.library.remove("peaks.pdf")
    app = opened()
    assert any(caption.value.startswith(f"{n_peaks} of its questions went") for caption in app.caption)


# ------------------------------------------------------------------------------------------------------- layout


def missed(said: str = "It is short.", *, abstained: bool = False, there: str = "b" * 64) -> Result:
    span = (PageSpan(2, 0, 9),)
    item = Item("figure", "How long?", f"How long is {HOSTILE}?", f"2,850 {HOSTILE}", "a" * 64, "a.pdf", 2, span, (2,))
    outcome = Outcome(4, False, False, abstained, said, there, "b.pdf", 7)
    return Result(item, outcome, outcome)


def test_a_miss_leads_to_both_pages_and_lights_the_source() -> None:
    box = Box(2, 0.1, 0.2, 0.3, 0.4)
    said, cites = shown.misses_html([missed()], lambda item: [box], {"a" * 64, "b" * 64})
    assert "Misses (1)" in said
    assert set(cites) == {"exam-e1", "exam-a1"}
    expected, instead = cites["exam-e1"], cites["exam-a1"]
    assert (expected["doc"], expected["page"], expected["boxes"]) == ("a" * 64, 2, [[2, 0.1, 0.2, 0.3, 0.4]])
    assert (instead["doc"], instead["page"], instead["boxes"]) == ("b" * 64, 7, [])
    assert 'href="#cite-exam-e1"' in said
    assert "the answer stands here" in said
    assert "<img" not in said


def test_a_miss_whose_other_document_is_gone_leads_nowhere_else() -> None:
    _, cites = shown.misses_html([missed(abstained=True)], lambda item: [], {"a" * 64})
    assert set(cites) == {"exam-e1"}


def test_no_miss_is_said() -> None:
    assert "every question was answered" in shown.misses_html([], lambda item: [], set())[0]


def covered(name: str, *marks: str, unread: tuple[int, ...] = ()) -> DocumentResult:
    document = Document(name, name, name, "ready", len(marks), 1, 0.0)
    right = Share(marks.count("right"), marks.count("right") + marks.count("wrong"))
    return DocumentResult(document, marks, right, unread, len(marks))  # type: ignore[arg-type]


def test_pages_are_a_named_strip_and_what_needs_a_look_comes_first() -> None:
    said = shown.pages_html([covered("calm.pdf", "right", "unasked"), covered(HOSTILE, "right", "unread", unread=(2,))])
    assert said.index("&lt;img") < said.index("calm.pdf")
    assert "<img" not in said
    assert "look at it: 1 of 2 pages could not be read" in said
    assert 'role="img" aria-label="1 page: answered from the right page; 1 page: not examined"' in said


def test_in_a_long_document_a_single_wrong_page_is_seen() -> None:
    marks: Any = ["unasked"] * 999 + ["wrong"]
    assert shown.strip_html(marks).count('class="wrong"') == 1
    assert shown.strip_html(marks).count("<i ") == 120


def test_of_many_documents_the_rest_is_counted() -> None:
    documents = [covered(f"{n}.pdf", "right") for n in range(shown.MAX_DOCUMENTS + 2)]
    assert "and 2 more documents" in shown.pages_html(documents)
