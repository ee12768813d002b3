"""Chat: questions and answers beside the PDF that they rest on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from rag.types import Document
from ui import shelf, sidebar
from ui.cites import Cite
from ui.conversation import conversation
from ui.drop import receive
from ui.jobs import Upload
from ui.keeping import export_menu
from ui.look_in import look_in, threshold
from ui.manner import manner
from ui.progress import attention, progress
from ui.talk import Talk, ask, is_comparing
from ui.viewer import viewer
from ui.watching import still_running
from ui.welcome import welcome

_STATE = st.session_state


def page() -> None:
    """Show the page."""
    place = sidebar.choose_library()
    chat_id = sidebar.current_chat(place)
    documents = place.library.documents()
    sidebar.new_chat(chat_id)
    chosen = look_in(place, chat_id, documents)
    sidebar.chats(place, chat_id)
    if chat_id is not None:
        with st.sidebar:
            export_menu(place, chat_id)
    _obey_address(documents)
    attention(place)
    said = st.chat_input(
        "Ask your documents" if documents else "Drop in a PDF, then ask",
        accept_file="multiple",
        file_type="pdf",
        key="said",
    )
    talk = Talk(place, chat_id, documents, chosen.names, shelf.current().settings(), chosen.scope)
    if said:
        _hear(talk, said.text, said.files)
    running = still_running(talk)
    messages = place.library.chats.messages(chat_id) if chat_id else []
    if documents:
        threshold(chosen.slot, messages)
        manner(chosen.slot, has_model=talk.has_model)
    shares = (7, 5) if is_comparing(talk, messages) else (5, 6)
    # The question field is not in the column that it belongs to: the style sheet gives it the column's width.
    st.html(f"<style>.stMain {{ --fn-share: {shares[0]} / {sum(shares)}; }}</style>")
    left, right = st.columns(shares, gap="large")
    cites: dict[str, Cite]
    with left, st.container(key="talk"):
        cites = conversation(talk, messages, running) if messages else welcome(talk)
        progress(place)
    with right, st.container(key="paper"):
        shown = [document for document in documents if document.state in {"searchable", "ready"}]
        if not messages:  # the document whose guide stands beside comes first
            shown.sort(key=lambda document: document.id != _STATE.get("guided"))
        viewer(place, shown, cites, wanted=_STATE.get("wanted"), is_start=not messages)


def _hear(talk: Talk, text: str, files: Sequence[UploadedFile]) -> None:
    """Take what was sent: files go to the library, the question is asked as soon as they can be searched."""
    taken: Sequence[Upload] = ()
    if files:
        received = receive(talk.place, files)
        if received is None:
            return
        place, taken = received
        if place is not talk.place:
            talk = Talk(place, None, place.library.documents(), None, talk.settings)
    if text.strip():
        ask(talk, text, after=taken)
    st.rerun()


def _obey_address(documents: Sequence[Document]) -> None:
    """Open the document that the address names: the Library page sends users so."""
    name = st.query_params.get("doc")
    if name is None:
        return
    found = next((document for document in documents if name in {document.id, document.name}), None)
    number = st.query_params.get("page", "1")
    del st.query_params["doc"]
    st.query_params.pop("page", None)
    if found is not None:
        sidebar.want(doc=found.id, page=int(number) if number.isdecimal() else 1)


page()
