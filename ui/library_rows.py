"""One row of the Library page: cover, names, facts, tags, and what can be done with a document."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from rag.types import Document
from ui import shelf
from ui.dialogs import open_dialog
from ui.library_dialogs import ACTIONS, REPORT
from ui.markdown import plain
from ui.strips import Strip
from ui.words import document_line, reason_words, shortened

_STATE = st.session_state


def row(place: shelf.Place, document: Document, tags: Sequence[str]) -> None:
    """Show a document."""
    is_readable = document.state in {"searchable", "ready"}
    is_locked = place.library.is_locked(document)
    with st.container(
        horizontal=True, vertical_alignment="center", gap="medium", wrap=False, key=f"document-{document.key}"
    ):
        st.html(_cover(place, document), width="content")
        with st.container(gap="small", key=f"about-{document.key}"):
            strip = place.strips.get(document.key) if is_readable else None
            st.html(_description(document, tags, strip, is_locked=is_locked))
            if strip is not None:  # the style sheet puts it beside the strip
                address = {"library": place.key, "doc": document.id}
                st.page_link("views/report.py", label=plain(strip.words), query_params=address)
            if is_locked:
                _unlock(place, document)
        with st.container(horizontal=True, width="content", wrap=False, gap="small", key=f"actions-{document.key}"):
            if is_readable and st.button("Open", key=f"open-{document.id}"):
                st.switch_page("views/chat.py", query_params={"library": place.key, "doc": document.id})
            _menu(document)


def _menu(document: Document) -> None:
    """Offer what can be done with a document; each leads to a dialog."""
    key = f"more-{document.id}"
    st.menu_button(
        f"More for {plain(shortened(document.name, 60))}",  # for screen readers: the eye sees the dots
        [name for name in ACTIONS if _is_possible(name, document)],
        icon=":material/more_horiz:",
        type="tertiary",
        key=key,
        format_func=lambda name: f"{ACTIONS[name][0]} {name}",
        on_click=lambda: open_dialog(_STATE[key], document.id),
    )


def _is_possible(action: str, document: Document) -> bool:
    if document.state == "reading":
        return action in {REPORT, "Remove"}
    return action != "Download our copy" or document.state != "failed"


def _cover(place: shelf.Place, document: Document) -> str:
    if document.state not in {"searchable", "ready"}:
        return '<div class="fn-cover"><span>PDF</span></div>'
    address = f"{shelf.current().paper(place, document.id)}/page/1?w=160"
    return f'<div class="fn-cover"><img src="{escape(address)}" alt="" loading="lazy"></div>'


def _description(document: Document, tags: Sequence[str], strip: Strip | None, *, is_locked: bool) -> str:
    title = shortened(document.name if document.state == "failed" else document.title or document.name, 120)
    lines = [f"<b>{escape(title)}</b>"]
    if title != document.name:
        lines.append(f"<div>{escape(shortened(document.name, 120))}</div>")
    lines.append(f"<div>{escape(document_line(document, is_locked=is_locked))}</div>")
    if document.reason:
        style = ' class="fn-bad"' if document.state == "failed" else ""
        lines.append(f"<div{style}>{escape(reason_words(document.reason, is_locked=is_locked))}</div>")
    if tags:
        lines.append(f'<ul class="fn-tags">{"".join(f"<li>{escape(tag)}</li>" for tag in tags)}</ul>')
    if strip is not None:
        lines.append(strip.html)
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
