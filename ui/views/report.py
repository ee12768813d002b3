"""How a document was read: facts, a cell a page, and every page beside what was read of it.

The address names the document, and the page that is open: `?library=…&doc=…&page=12`.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import streamlit as st

from rag.errors import UnknownDocument
from rag.report import COVERAGE_HELP, NOT_RECORDED, Report
from ui import dialogs, shelf, sidebar
from ui.markdown import plain
from ui.progress import progress
from ui.report import grid
from ui.words import count_words, document_line, reason_words, seconds_words, shortened, size_words

_STATE = st.session_state


def page() -> None:
    """Show the page."""
    place = sidebar.choose_library()
    dialogs.news()
    with st.container(key="report"):
        st.page_link(
            "views/library.py", label="Library", icon=":material/arrow_back:", query_params={"library": place.key}
        )
        report = _asked(place)
        if report is None:
            st.title("How it was read")
            st.info("The address names no document of this library. Choose one on the Library page.")
            return
        _head(place, report)
        if report.cells:
            _facts(report)
            grid(place, report, page=_page())
            _attachments(report)


def _asked(place: shelf.Place) -> Report | None:
    """Return the report of the document that the address names, else of the one looked at last."""
    name = st.query_params.get("doc") or _STATE.get("report")
    if name is None:
        return None
    try:
        report = place.library.report(name)
    except UnknownDocument:
        return None
    _STATE["report"] = st.query_params["doc"] = report.document.id
    return report


def _page() -> int | None:
    number = st.query_params.get("page", "")
    return int(number) if number.isdecimal() and len(number) < 8 else None


def _head(place: shelf.Place, report: Report) -> None:
    document, is_locked = report.document, place.library.is_locked(report.document)
    st.title(plain(shortened(document.title or document.name, 120)))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(f"{document.name} · {document_line(document, is_locked=is_locked)}"), width="content")
        if document.state in {"searchable", "ready"} and st.button("Open", key="open-document", type="tertiary"):
            st.switch_page("views/chat.py", query_params={"library": place.key, "doc": document.id})
    if document.state == "failed":
        st.error(plain(reason_words(document.reason or "It could not be read.")))
        st.caption(
            "Nothing was kept of its pages. Add the file again to try anew; Replace in the Library takes another."
        )
    elif document.state == "reading":
        st.info("It is being read. Its pages show here when that is done.")
    progress(place)
    for warning in report.warnings:
        st.warning(plain(warning), icon=":material/info:")


def _facts(report: Report) -> None:
    """Show what is counted, the coverage first."""
    facts = "".join(
        f"<div{' class=fn-most' if i == 0 else ''}><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for i, (name, value) in enumerate(_named(report))
    )
    counts = (
        f'<details class="fn-counts"><summary>What counts as read</summary><p>{escape(COVERAGE_HELP)}</p></details>'
    )
    st.html(f'<dl class="fn-facts">{facts}</dl>{counts}')


def _named(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the facts: name and value."""
    if report.percent is None:
        yield "no page holds anything", "Nothing to read"
    else:
        n_empty = len(report.cells) - report.n_holding
        empty = f"; {count_words(n_empty, 'page is empty', 'pages are empty')}" if n_empty else ""
        holding = count_words(report.n_holding, "page that holds something", "pages that hold something")
        yield f"{report.n_read:,} of {holding}{empty}", f"{report.percent} % read"
    if report.confidence is not None:
        yield "certainty of OCR", f"{report.confidence:.0%}".replace("%", " %")
    yield "language", report.language
    yield "words", f"{report.n_words:,}"
    yield "headings", f"{report.n_headings:,}"
    yield "tables", f"{report.n_tables:,}"
    yield "figures with captions", f"{report.n_figures:,}"
    yield "passages", f"{report.document.n_passages:,}"
    seconds = report.document.seconds
    yield "reading took", seconds_words(seconds) if seconds else NOT_RECORDED


def _attachments(report: Report) -> None:
    if report.attachments:
        items = "".join(
            f"<li>{escape(attached.name)} ({size_words(attached.n_bytes)})</li>" for attached in report.attachments
        )
        st.html(
            '<h2 class="fn-attached-head">Attachments</h2><p>Files that the PDF carries. They are listed, not read.</p>'
            f'<ul class="fn-attached">{items}</ul>'
        )


page()
