"""Library: what can be asked. Drop files in, watch them being read, open or remove them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from rag.errors import FootnoteError
from rag.types import Document
from ui import shelf, sidebar
from ui.drop import drop_zone
from ui.markdown import plain
from ui.progress import progress
from ui.words import document_line, library_line, reason_words, shortened

PER_PAGE = 40  # documents
_STATE = st.session_state


def page() -> None:
    """Show the page."""
    place = sidebar.choose_library()
    place.uploads.settle()
    if "news" in _STATE:
        st.toast(plain(_STATE.pop("news")), duration="long")
    with st.container(key="library"):
        documents = place.library.documents()
        st.title("Library")
        st.caption(plain(library_line(documents)))
        drop_zone(place)
        progress(place, listed={document.name for document in documents})
        for document in _some(documents):
            _row(place, document)


def _some(documents: Sequence[Document]) -> Sequence[Document]:
    """Return those to show: all of them, or what the filter and the page number leave."""
    if len(documents) <= 12:
        return documents
    wanted = st.text_input("Filter", placeholder="Filter by name or title", label_visibility="collapsed").casefold()
    found = [d for d in documents if wanted in f"{d.name} {d.title}".casefold()]
    n_pages = -(-len(found) // PER_PAGE)
    if n_pages < 2:
        return found
    number = st.pagination(n_pages)
    return found[(number - 1) * PER_PAGE : number * PER_PAGE]


def _row(place: shelf.Place, document: Document) -> None:
    is_readable = document.state in {"searchable", "ready"}
    is_locked = place.library.is_locked(document)
    row = st.container(
        horizontal=True, vertical_alignment="center", gap="medium", wrap=False, key=f"document-{document.key}"
    )
    with row:
        st.html(_cover(place, document), width="content")
        with st.container(gap="small", key=f"about-{document.key}"):
            st.html(_description(document, is_locked=is_locked))
            if is_locked:
                _unlock(place, document)
        with st.container(horizontal=True, width="content", wrap=False, key=f"actions-{document.key}"):
            if is_readable and st.button("Open", key=f"open-{document.id}"):
                st.switch_page("views/chat.py", query_params={"library": place.key, "doc": document.id})
            if st.button("Remove", key=f"remove-{document.id}", type="tertiary"):
                title = f"Remove {plain(shortened(document.name, 60))}?"
                st.dialog(title)(_confirm_remove)(place, document)


def _cover(place: shelf.Place, document: Document) -> str:
    if document.state not in {"searchable", "ready"}:
        return '<div class="fn-cover"><span>PDF</span></div>'
    address = f"{shelf.current().paper(place, document.id)}/page/1?w=160"
    return f'<div class="fn-cover"><img src="{escape(address)}" alt="" loading="lazy"></div>'


def _description(document: Document, *, is_locked: bool) -> str:
    title = shortened(document.name if document.state == "failed" else document.title or document.name, 120)
    lines = [f"<b>{escape(title)}</b>"]
    if title != document.name:
        lines.append(f"<div>{escape(shortened(document.name, 120))}</div>")
    lines.append(f"<div>{escape(document_line(document, is_locked=is_locked))}</div>")
    if document.reason:
        style = ' class="fn-bad"' if document.state == "failed" else ""
        lines.append(f"<div{style}>{escape(reason_words(document.reason, is_locked=is_locked))}</div>")
    return f'<div class="fn-row">{"".join(lines)}</div>'


def _unlock(place: shelf.Place, document: Document) -> None:
    """Ask for a locked file's password; it is used once and stored nowhere."""
    form = st.form(f"unlock-{document.id}", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom", wrap=False):
        password = st.text_input(
            "Password",
            type="password",
            placeholder="Password of this file; it is not stored",
            label_visibility="collapsed",
            autocomplete="off",
        )
        sent = st.form_submit_button("Unlock")
    if sent and password:
        place.uploads.retry(document.id, password)
        st.rerun()


def _confirm_remove(place: shelf.Place, document: Document) -> None:
    st.markdown(
        "Its pages, passages, vectors and our copy of the file are deleted; your own file is not touched. "
        "Sentences quoted from it in chats stay in the chat history until those chats are deleted."
    )
    with st.container(horizontal=True, horizontal_alignment="right", key="confirm"):
        if st.button("Cancel", key="remove-cancelled"):
            st.rerun()
        if st.button("Remove", key="remove-confirmed", type="primary", on_click=_remove, args=(place, document)):
            st.rerun()


def _remove(place: shelf.Place, document: Document) -> None:
    """Remove it; the next run says how that went, for a callback in a dialog must not show anything."""
    try:
        place.library.remove(document.id)
    except FootnoteError as exc:
        _STATE["news"] = str(exc)
    else:
        _STATE["news"] = f"{document.name} was removed."


page()
