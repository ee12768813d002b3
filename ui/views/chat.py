"""Chat: questions and answers beside the PDF that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from rag.errors import FootnoteError
from rag.places import SAMPLE
from rag.records import answer_from_json
from rag.sample import sample_questions
from rag.types import Document
from ui import answers, shelf, sidebar
from ui.drop import drop_zone, receive
from ui.jobs import Question, Upload
from ui.markdown import plain
from ui.progress import attention, progress
from ui.viewer import viewer
from ui.words import count_words, shortened, welcome_words

QUICK_S = 0.4  # an answer that comes within this time appears without a flicker
SHOWN_HITS = 10  # answers, from the newest, whose unused passages can still be opened
_STATE = st.session_state


def page() -> None:
    """Show the page."""
    place = sidebar.choose_library()
    chat_id = sidebar.current_chat(place)
    documents = place.library.documents()
    sidebar.new_chat(chat_id)
    names = sidebar.scope(place, chat_id, documents)
    sidebar.chats(place, chat_id)
    _obey_address(documents)
    attention(place)
    said = st.chat_input(
        "Ask your documents" if documents else "Drop in a PDF, then ask",
        accept_file="multiple",
        file_type="pdf",
        key="said",
    )
    if said:
        _hear(place, chat_id, said.text, said.files, names)
    left, right = st.columns([5, 6], gap="large")
    with left, st.container(key="talk"):
        cites = _conversation(place, chat_id, documents, names)
    with right, st.container(key="paper"):
        shown = [document for document in documents if document.state in {"searchable", "ready"}]
        viewer(place, shown, cites, wanted=_STATE.get("wanted"))


def _hear(
    place: shelf.Place, chat_id: str | None, text: str, files: Sequence[UploadedFile], names: Sequence[str] | None
) -> None:
    """Take what was sent: files go to the library, the question is asked as soon as they can be searched."""
    taken: Sequence[Upload] = ()
    if files:
        received = receive(place, files)
        if received is None:
            return
        place, taken = received
    if text.strip():
        _ask(place, chat_id, text, names, taken)
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


def _ask(
    place: shelf.Place, chat_id: str | None, text: str, names: Sequence[str] | None, after: Sequence[Upload]
) -> None:
    """Write the question down and answer it in a thread."""
    chats = place.library.chats
    try:
        if chat_id is None or not any(chat.id == chat_id for chat in chats.list()):
            chat_id = chats.create(shortened(text, 80)).id
            if names:
                chats.set_scope(chat_id, names)
        chats.append(chat_id, "user", text)
    except FootnoteError as exc:
        st.error(plain(str(exc)))
        st.stop()
    sidebar.enter_chat(chat_id)
    question = place.questions[chat_id] = Question(place.library, chat_id, text, documents=names, after=after)
    question.wait(QUICK_S)


def _conversation(
    place: shelf.Place, chat_id: str | None, documents: Sequence[Document], names: Sequence[str] | None
) -> dict[str, answers.Cite]:
    """Show the messages; return all their footnotes."""
    running = place.questions.get(chat_id) if chat_id else None
    messages = place.library.chats.messages(chat_id) if chat_id else []
    if not messages:
        _welcome(place, documents, names)
        progress(place)
        return {}
    there = {document.id for document in documents}
    cites: dict[str, answers.Cite] = {}
    n_answers = sum(message.role == "assistant" for message in messages)
    for message in messages:
        if message.role == "user":
            st.html(answers.question_html(message.text))
            continue
        n_answers -= 1
        if "answer" not in message.payload:
            st.html(answers.error_html(message.text))
            continue
        answer = answer_from_json(message.payload["answer"])
        notes = answers.footnotes(answer, message.id, documents=there)
        st.html(notes.answer)
        shows_hits = n_answers < SHOWN_HITS
        if notes.n_unused and shows_hits:
            with st.expander(f"{plain(answers.summary(answer))} · {notes.n_unused} not used", type="compact"):
                st.html(notes.unused)
        else:
            st.caption(plain(answers.summary(answer)))
        cites |= {key: cite for key, cite in notes.cites.items() if cite["n"] or answer.abstained or shows_hits}
    if running is not None and chat_id is not None:
        _wait(place, chat_id, running, cites)
    progress(place)
    return cites


def _wait(place: shelf.Place, chat_id: str, running: Question, cites: dict[str, answers.Cite]) -> None:
    """Watch a question until its answer is in the chat; then light up its first footnote, or none."""
    if running.is_over:
        place.questions.pop(chat_id, None)
        newest = f"{place.library.chats.messages(chat_id)[-1].id}-1"
        sidebar.want(cite=newest if newest in cites else None)
        return

    @st.fragment(run_every=0.15)
    def watch() -> None:
        if running.is_over:
            st.rerun()
        upload = running.waits_for()
        if upload is not None:
            st.status(f":shimmer[Waiting until {plain(shortened(upload.name, 50))} can be searched]", type="compact")
        else:
            st.status(":shimmer[Looking through the pages]", type="compact")

    watch()


def _welcome(place: shelf.Place, documents: Sequence[Document], names: Sequence[str] | None) -> None:
    with st.container(key="welcome"):
        readable = [document for document in documents if document.state in {"searchable", "ready"}]
        if not documents:
            _empty(place)
            return
        if place.key == SAMPLE:
            title = "Ask a book, and see where it says so."
            text = (
                f"This sample is {readable[0].title or 'a primer'}, {count_words(readable[0].n_pages, 'page')}. "
                if readable
                else ""
            ) + "Every sentence of an answer has a footnote; click one, and the page opens at the very line."
        else:
            title = "What would you like to know?"
            text = welcome_words(documents)
        st.html(f'<div class="fn-welcome"><h1>{escape(title)}</h1><p>{escape(text)}</p></div>')
        if place.key == SAMPLE:
            _suggest(place, names)


def _suggest(place: shelf.Place, names: Sequence[str] | None) -> None:
    questions = [question.question for question in sample_questions() if question.suggested]
    chosen = st.pills("Try one of these", questions, format_func=plain, key="suggested", label_visibility="collapsed")
    if chosen:
        _ask(place, None, chosen, names, ())
        st.rerun()


def _empty(place: shelf.Place) -> None:
    st.html(
        '<div class="fn-welcome"><h1>Drop in a PDF. Ask it anything.</h1>'
        "<p>Every sentence of an answer carries a footnote to the exact line of the page. "
        "Nothing leaves this computer.</p></div>"
    )
    drop_zone(place)


page()
