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
from ui.words import count_words, document_line, shortened, size_words

PER_PAGE = 40  # documents


def page() -> None:
    """Show the page."""
    place = sidebar.choose_library()
    with st.container(key="library"):
        documents = place.library.documents()
        st.title("Library")
        st.caption(plain(_count(documents)))
        drop_zone(place)
        progress(place, listed={document.name for document in documents})
        for document in _some(documents):
            _row(place, document)


def _count(documents: Sequence[Document]) -> str:
    if not documents:
        return "No documents yet. Everything stays on this computer."
    n_pages, n_bytes = sum(d.n_pages for d in documents), sum(d.n_bytes for d in documents)
    return f"{count_words(len(documents), 'document')} · {count_words(n_pages, 'page')} · {size_words(n_bytes)}"


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
    with st.container(key=f"document-{document.key}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="medium", wrap=False):
            st.html(_cover(place, document), width="content")
            st.html(_description(document), width="stretch")
            if is_readable and st.button("Open", key=f"open-{document.id}"):
                st.switch_page("views/chat.py", query_params={"library": place.key, "doc": document.id})
            if st.button("Remove", key=f"remove-{document.id}", type="tertiary"):
                _confirm_remove(place, document)
        if place.library.is_locked(document):
            _unlock(place, document)


def _cover(place: shelf.Place, document: Document) -> str:
    if document.state not in {"searchable", "ready"}:
        return '<div class="fn-cover"><span>PDF</span></div>'
    address = f"{shelf.current().paper(place, document.id)}/page/1?w=160"
    return f'<div class="fn-cover"><img src="{escape(address)}" alt="" loading="lazy"></div>'


def _description(document: Document) -> str:
    title = shortened(document.name if document.state == "failed" else document.title or document.name, 120)
    lines = [f"<b>{escape(title)}</b>"]
    if title != document.name:
        lines.append(f"<div>{escape(shortened(document.name, 120))}</div>")
    lines.append(f"<div>{escape(document_line(document))}</div>")
    if document.reason:
        style = ' class="fn-bad"' if document.state == "failed" else ""
        lines.append(f"<div{style}>{escape(document.reason)}</div>")
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


@st.dialog("Remove this document?")
def _confirm_remove(place: shelf.Place, document: Document) -> None:
    st.markdown(
        f"**{plain(shortened(document.name, 120))}** goes out of the library with all that was made of it: text, "
        "passages, vectors, page images and our copy. Your own file is not touched."
    )
    if st.button("Remove everything", type="primary", on_click=_remove, args=(place, document)):
        st.rerun()


def _remove(place: shelf.Place, document: Document) -> None:
    try:
        place.library.remove(document.id)
    except FootnoteError as exc:
        st.toast(plain(str(exc)), duration="long")
    else:
        st.toast(plain(f"{document.name} was removed."))


page()
