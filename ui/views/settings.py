"""Settings: which language model, how answers are written, how the page looks; what is stored, and what is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from html import escape
from typing import TypeVar

import streamlit as st

from rag.disk import kept
from rag.doctor import Finding, findings
from rag.settings import Settings, model_choice, users_file
from rag.storage import Stored
from ui import bound, manner, shelf, sidebar
from ui.errand import Errand, watch
from ui.markdown import plain
from ui.model_section import model_section
from ui.words import size_words

T = TypeVar("T")

THEMES = {"system": "Like the computer", "light": "Light", "dark": "Dark"}
READERS = {"auto": "The built-in network and rules", "off": "Rules alone"}
CHECKERS = {"auto": "The built-in network and rules", "off": "Rules alone"}
MARKS = {"problem": ":red[✗]", "there": ":green[✓]", "missing": "–"}
PARTS = {"catalog": "text and chats", "files": "copies of the files", "cache": "page images, made again when needed"}
COUNTED_S = 60.0  # how long counted sizes and a check-up are shown before they are made again

_STATE = st.session_state


def page() -> None:
    """Show the page."""
    place = sidebar.choose_library()
    bound.news()
    settings = shelf.current().settings()
    with st.container(key="settings"):
        st.title("Settings", anchor=False)
        st.caption(plain(f"Changes are saved at once, in {users_file()}."))
        model_section(settings)
        _answers(settings)
        _looks()
        _machine()
        _storage()
        _check_up(str(place.library.folder), settings)


def _answers(settings: Settings) -> None:
    st.header("Answers", anchor=False)
    bound.toggle("grounded", "Answer in the language model's words too, below the documents' own sentences")
    bound.toggle("compare", "Offer to compare with what the language model says without your documents")
    if model_choice(settings).kind == "none":
        st.caption("Both need a language model.")
    manner.lengths()
    if model_choice(settings).kind != "none":
        manner.style()
        manner.strictness()
        if settings.compare:
            manner.sides(settings)
    bound.slider("threshold", "How relevant a passage must be to the question", 0.05)
    st.caption(
        "At 0, whatever is found is read. The higher it is, the sooner the answer is that your documents do not say. "
        "Relevance is the probability that a passage answers. Where none is known, as with an encoder of your own, the "
        "similarity of the two stands in for it."
    )


def _looks() -> None:
    st.header("Look", anchor=False)
    bound.choice("theme", "Light or dark", THEMES)


def _machine() -> None:
    st.header("This computer", anchor=False)
    st.caption("What is changed here counts from the next start of Footnote on.")
    bound.text("watch", "Watched folder", placeholder="none")
    st.caption("PDFs that appear in this folder are added by themselves. None is removed from the library.")
    bound.text("ocr", "Languages of scanned pages")
    st.caption(
        "As tesseract, which reads them, calls them: eng, deu, or eng+deu for both; none leaves scanned pages unread."
    )
    bound.text("reranker", "Reranker", placeholder="none")
    st.caption(
        "A cross-encoder that reads the best passages once more, together with the question: a sentence-transformers "
        "folder, or an id of the Hugging Face hub. How long it may read is set by footnote config rerank_seconds."
    )
    bound.number("rerank", "Passages that the reranker reads")
    bound.choice("reader", "Who says what answers", READERS)
    st.caption("The network reads the best passages of a question: it ranks them, and marks the words that answer.")
    bound.choice("checker", "Who judges claims", CHECKERS)
    st.caption(
        "Each claim of a written answer is compared with the lines that it cites: numbers, dates and names by rules."
    )
    bound.number("threads", "Threads")
    st.caption("How many cores the models may use at once; 0 lets Footnote choose.")


def _storage() -> None:
    box = st.expander("What is stored, and where", key="storage-box", on_change="rerun")
    if box.open:
        with box:
            watch(_recent("storage", lambda: list(kept())), "Counting", _show_kept)
            st.caption("Libraries and models move together when FOOTNOTE_HOME names another folder.")


def _show_kept(found: list[Stored]) -> None:
    st.html(f"<table class='fn-stored'>{''.join(map(_kept_html, found))}</table>")


def _kept_html(item: Stored) -> str:
    parts = " · ".join(f"{PARTS.get(part.what, part.what)} {size_words(part.n_bytes)}" for part in item.parts)
    details = "".join(f"<div>{escape(text)}</div>" for text in (str(item.path), parts) if text)
    return f"<tr><td>{escape(item.what)}{details}</td><td>{escape(size_words(item.n_bytes))}</td></tr>"


def _check_up(library: str, settings: Settings) -> None:
    box = st.expander("Check-up: what is there, and what is missing", key="check-up-box", on_change="rerun")
    if box.open:
        found = _recent("check-up", lambda: list(_findings(library, settings)))
        with box, st.container(gap="small"):
            watch(found, "Looking", _show_findings)


def _findings(library: str, settings: Settings) -> Iterator[Finding]:
    return findings(
        library,
        device=settings.device,
        ocr=settings.ocr,
        reranker=settings.reranker,
        checks=settings.checker != "off",
        reads=settings.reader != "off",
        adapter=settings.adapter or "auto",
    )


def _show_findings(found: list[Finding]) -> None:
    for finding in found:
        state = "problem" if finding.is_problem else "there" if finding.is_there else "missing"
        st.markdown(f"{MARKS[state]} {plain(finding.text)}")
        if finding.remedy:
            st.code(finding.remedy, language=None)


def _recent(key: str, work: Callable[[], T]) -> Errand[T]:
    """Return an errand of this visit that is not long ago, or a new one."""
    kept: tuple[float, Errand[T]] | None = _STATE.get(key)
    if kept is None or time.monotonic() - kept[0] > COUNTED_S:
        kept = _STATE[key] = (time.monotonic(), Errand(work))
    return kept[1]


page()
