"""Exam: questions made of the user's own documents, asked back; can the library be trusted, what is to be looked at?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from rag import examining
from rag.errors import FootnoteError
from rag.exam.items import Exam, Item
from rag.exam.score import score_of, verdict
from rag.export.wording import date_words
from rag.spans import page_boxes
from rag.types import Box, Document
from ui import dialogs, shelf, sidebar
from ui.cites import Cite
from ui.exam import running, shown
from ui.markdown import plain
from ui.viewer import viewer
from ui.words import count_words, seconds_words, shortened

ALL = ""  # documents
MOST_QUESTIONS = 400
_STATE = st.session_state


def page() -> None:
    """Show the page."""
    place = sidebar.choose_library()
    dialogs.news()
    documents = [d for d in place.library.documents() if d.state in {"searchable", "ready"}]
    exams = examining.kept_exams(place.library)
    left, right = st.columns([5, 6], gap="large")
    cites: dict[str, Cite] = {}
    with left, st.container(key="talk"):
        st.title("Exam")
        st.caption(
            "Questions are made of your own documents, by rules, with the page that answers each. They are asked back "
            "as you would ask them, and every answer is compared with that page."
        )
        if documents:
            _start(place, documents)
            running.watch(place)
            exam = _chosen(place, exams)
            if exam is not None:
                cites = _report(place, exam, documents)
        else:
            st.info("There is nothing to examine yet: no document of this library can be asked.")
    with right, st.container(key="paper"):
        viewer(place, documents, cites, wanted=_STATE.get("wanted"))


def _start(place: shelf.Place, documents: Sequence[Document]) -> None:
    """Offer to begin an exam: of how many questions, of which documents."""
    names = {ALL: f"all {len(documents)} documents" if len(documents) > 1 else documents[0].name}
    names |= {d.id: d.name for d in documents} if len(documents) > 1 else {}
    is_running = running.running(place) is not None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="exam-start"):
        n = st.number_input("Questions", 5, MOST_QUESTIONS, examining.N_QUESTIONS, 5, key="exam-n", width=120)
        chosen = st.selectbox(
            "Of",
            list(names),
            key=f"exam-of-{place.slug}",
            format_func=lambda id_: shortened(names[id_], 60),
            width="stretch",
        )
        st.button(
            "Start exam",
            type="primary",
            key="exam-begin",
            disabled=is_running,
            on_click=running.start,
            args=(place, int(n), random.SystemRandom().randrange(1_000_000), chosen or None),
        )


def _chosen(place: shelf.Place, exams: Sequence[Exam]) -> Exam | None:
    """Return the exam to show: the last one, or the one that was chosen; None when there is none."""
    if not exams:
        return None
    ids = [exam.id for exam in exams]
    by_id = {exam.id: exam for exam in exams}
    key = f"exam-shown-{place.slug}"
    ended = running.last(place)
    if ended is not None and ended.exam_id in ids and _STATE.get("exam-seen") != ended.number:
        _STATE["exam-seen"], _STATE[key] = ended.number, ended.exam_id
    if _STATE.get(key) not in ids:
        _STATE[key] = ids[0]
    chosen = st.selectbox("Exams taken", ids, key=key, format_func=lambda id_: _named(by_id[id_]))
    exam = by_id[chosen]
    with st.container(horizontal=True, gap="small", key="exam-kept"):
        st.button(
            "Ask the same again",
            icon=":material/replay:",
            key="exam-again",
            type="tertiary",
            disabled=running.running(place) is not None,
            on_click=running.start,
            args=(place, exam.n_wanted, exam.seed, _id_of(place, exam)),
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key="exam-delete",
            type="tertiary",
            on_click=_delete,
            args=(place, chosen),
        )
    try:
        return examining.kept_exam(place.library, chosen)
    except FootnoteError as exc:  # deleted in another window
        st.error(plain(str(exc)))
        return None


def _named(exam: Exam) -> str:
    of = f" · {shortened(exam.document, 40)}" if exam.document else ""
    made = datetime.fromtimestamp(exam.made)
    return f"{date_words(made)}, {made:%H:%M} · {running.examined_words(exam.n_right, exam.n_asked)}{of}"


def _id_of(place: shelf.Place, exam: Exam) -> str | None:
    """Return the id of the only document that was examined; its name when it is gone: then the new exam says so."""
    if exam.document is None:
        return None
    return next((d.id for d in place.library.documents() if d.name == exam.document), exam.document)


def _delete(place: shelf.Place, exam_id: int) -> None:
    try:
        examining.forget(place.library, exam_id)
    except FootnoteError as exc:
        dialogs.tell(str(exc))
    else:
        dialogs.tell("The exam was deleted.")


def _report(place: shelf.Place, exam: Exam, documents: Sequence[Document]) -> dict[str, Cite]:
    """Show how an exam went; return the pages that its misses lead to, as the viewer needs them."""
    st.caption(f"{count_words(exam.n_asked, 'question')} in {seconds_words(exam.seconds)}. The same from a terminal: ")
    st.code(examining.command(place.library, exam), language=None, wrap_lines=True)
    n_gone = exam.n_asked - len(exam.results)
    if n_gone:
        st.caption(f"{n_gone} of its questions went with documents that were removed, replaced or read again.")
    if not exam.results:
        return {}
    covered = examining.covered(place.library, exam)
    name = exam.document or shelf.title(place.key)
    right = score_of(exam.results).right
    st.html(shown.verdict_html(verdict(name, exam.results, covered), right))
    st.html(shown.facts_html(exam.results, is_alone=len(documents) == 1))
    html, cites = shown.misses_html(
        exam.results, lambda item: _boxes(place, item), {document.id for document in documents}
    )
    st.html(html)
    st.html(shown.kinds_html(exam.results))
    st.html(shown.pages_html(covered))
    return cites


def _boxes(place: shelf.Place, item: Item) -> list[Box]:
    """Return where the source of a question stands; nothing when its document is gone by now."""
    try:
        pages = {span.page: place.library.page(item.document_id, span.page) for span in item.spans}
    except FootnoteError:
        return []
    return [box for span in item.spans for box in page_boxes(pages[span.page], span.start, span.end)]


page()
