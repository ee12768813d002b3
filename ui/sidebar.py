"""The sidebar that pages share: which library, which chat; and the address that says so."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from rag.errors import FootnoteError
from ui import dialogs, shelf
from ui.markdown import plain
from ui.words import shortened

MAX_CHATS = 30  # listed
NEW_LIBRARY = "New library"
_STATE = st.session_state


def choose_library() -> shelf.Place:
    """Return the library that this visit looks at; show the brand and the switch."""
    bench = shelf.current()
    names = bench.names()
    asked = st.query_params.get("library") or _STATE.get("library")
    name = asked if asked in names else bench.first()
    if asked is not None and asked != name:
        st.warning(plain(f"There is no library {asked!r} any more. This is {name!r}."))
    try:
        place = bench.place(name)
    except FootnoteError as exc:
        st.error(plain(str(exc)))
        st.stop()
    _remember(name)
    with st.sidebar:
        with st.container(key="brand"):
            st.html('<div class="fn-brand">Footnote<sup>1</sup></div>')
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False, key="libraries"):
            _STATE["library_switch"] = name
            st.selectbox(
                "Library",
                names,
                key="library_switch",
                format_func=shelf.title,
                on_change=_switch,
                label_visibility="collapsed",
            )
            st.button(
                "",
                icon=":material/add:",
                key="new-library",
                type="tertiary",
                help=NEW_LIBRARY,
                on_click=dialogs.open_dialog,
                args=(NEW_LIBRARY,),
            )
    if dialogs.is_open(NEW_LIBRARY):
        dialogs.show(NEW_LIBRARY, _new_library)
    return place


def _new_library() -> None:
    """Ask for the name of a new library, make it and go there."""

    def work() -> str:
        go_to_library(shelf.current().create(name))
        return ""

    with st.form("new-library-form", border=False):
        name = st.text_input("Name", max_chars=64, placeholder="Tax 2023")
        st.caption("A library has its own documents, chats, tags and notes; questions look in one library at a time.")
        if st.form_submit_button("Create", type="primary"):
            dialogs.attempt(work)


def go_to_library(name: str) -> None:
    """Make this visit look at another library from the next run on."""
    _remember(name)
    leave_chat()


def current_chat(place: shelf.Place) -> str | None:
    """Return the chat that the address names, when it exists; None: a new one."""
    asked = st.query_params.get("chat") or _STATE.get("chat")
    if asked is None:
        return None
    if all(chat.id != asked for chat in place.library.chats.list()):
        st.toast("That chat does not exist any more. This is a new one.")
        leave_chat()
        return None
    enter_chat(asked)
    return asked


def enter_chat(chat_id: str) -> None:
    """Make the address name a chat."""
    _STATE["chat"] = st.query_params["chat"] = chat_id


def leave_chat() -> None:
    """Begin a new chat at the next run."""
    _STATE.pop("chat", None)
    st.query_params.pop("chat", None)
    _STATE.pop("scope", None)


def want(**what: Any) -> None:
    """Tell the viewer to open something: doc and page, or cite (None: none is lit). It obeys once."""
    _STATE["wanted"] = {"nonce": time.time_ns() // 1_000_000, **what}


def new_chat(current: str | None) -> None:
    """Show the button that begins a new chat."""
    with st.sidebar:
        st.button(
            "New chat",
            icon=":material/edit_square:",
            width="stretch",
            on_click=leave_chat,
            disabled=current is None,
        )


def chats(place: shelf.Place, current: str | None) -> None:
    """Show the chats, the one used last first."""
    listed = place.library.chats.list()[:MAX_CHATS]
    if listed:
        with st.sidebar, st.container(key="chats"):
            for chat in listed:
                _chat_row(place, chat.id, chat.title, chat.id == current)


def _chat_row(place: shelf.Place, chat_id: str, title: str, is_current: bool) -> None:
    with st.container(horizontal=True, gap=None, key=f"chat-{chat_id}", wrap=False):
        st.button(
            plain(shortened(title, 60)) or "Untitled",
            key=f"open-{chat_id}",
            type="secondary" if is_current else "tertiary",
            width="stretch",
            on_click=_open_chat,
            args=(chat_id,),
        )
        if is_current and st.button(
            "", icon=":material/delete:", key=f"delete-{chat_id}", type="tertiary", help="Delete this chat"
        ):
            _confirm_delete(place, chat_id, title)


@st.dialog("Delete this chat?")
def _confirm_delete(place: shelf.Place, chat_id: str, title: str) -> None:
    st.markdown(f"“{plain(shortened(title, 120))}” and its answers are deleted for good. The documents stay.")
    if st.button("Delete", type="primary", on_click=_delete_chat, args=(place, chat_id)):
        st.rerun()


def _delete_chat(place: shelf.Place, chat_id: str) -> None:
    running = place.questions.pop(chat_id, None)
    if running is not None:
        running.stop()
    place.library.chats.delete(chat_id)
    leave_chat()


def _open_chat(chat_id: str) -> None:
    _STATE.pop("scope", None)
    enter_chat(chat_id)


def _switch() -> None:
    go_to_library(_STATE["library_switch"])


def _remember(name: str) -> None:
    _STATE["library"] = st.query_params["library"] = name
