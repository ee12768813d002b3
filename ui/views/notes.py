"""Notes: answers that were pinned, with their footnotes beside the PDF, and words of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from rag.errors import FootnoteError
from rag.export.wording import date_words, whose_words
from rag.index.notes import Note
from rag.records import answer_from_json
from rag.types import Answer, Document
from ui import answers, dialogs, keeping, shelf, sidebar
from ui.cites import Cite
from ui.markdown import plain
from ui.viewer import viewer
from ui.words import count_words, shortened

PER_PAGE = 20  # notes
_STATE = st.session_state


def page() -> None:
    """Show the page."""
    place = sidebar.choose_library()
    dialogs.news()
    notes = place.library.notes.list()
    if not notes:
        _empty(place)
        return
    documents = place.library.documents()
    left, right = st.columns([5, 6], gap="large")
    with left, st.container(key="talk"):
        _head(place, notes)
        cites: dict[str, Cite] = {}
        for note in _some(notes):
            cites |= _note(place, note, documents)
    with right, st.container(key="paper"):
        shown = [document for document in documents if document.state in {"searchable", "ready"}]
        viewer(place, shown, cites, wanted=_STATE.get("wanted"))


def _empty(place: shelf.Place) -> None:
    with st.container(key="welcome"):
        st.html(
            '<div class="fn-welcome"><h1>Nothing is pinned yet.</h1>'
            "<p>Under every answer in Chat there is a pin. What you pin is kept here, with its footnotes and with room "
            "for words of your own. It stays when its chat or its document is gone.</p></div>"
        )
        _write_button(place)


def _head(place: shelf.Place, notes: Sequence[Note]) -> None:
    st.title("Notes")
    with st.container(horizontal=True, vertical_alignment="center", key="notes-tools"):
        st.caption(count_words(len(notes), "note"), width="content")
        _write_button(place)
        keeping.export_notes_menu(place)


def _write_button(place: shelf.Place) -> None:
    st.button("Write a note", icon=":material/edit_note:", type="tertiary", key="write", on_click=_write, args=(place,))


def _some(notes: Sequence[Note]) -> Sequence[Note]:
    """Return the notes to show: all, or those of the chosen page."""
    n_pages = -(-len(notes) // PER_PAGE)
    if n_pages < 2:
        return notes
    number = st.pagination(n_pages, key="notes-page")
    return notes[(number - 1) * PER_PAGE : number * PER_PAGE]


# --------------------------------------------------------------------------------------------------- one note


def _note(place: shelf.Place, note: Note, documents: Sequence[Document]) -> dict[str, Cite]:
    """Show a note; return the footnotes of its answer."""
    cites: dict[str, Cite] = {}
    answer = None if note.answer is None else answer_from_json(note.answer)
    with st.container(key=f"note-{note.id}"):
        if answer is not None:
            st.html(answers.question_html(answer.question))
            cites = _answer(place, note.id, answer, documents)
        _words(place, note)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"tools-{note.id}"):
            st.caption(date_words(datetime.fromtimestamp(note.created)), width="content")
            if answer is not None:
                keeping.copy_button(answer, key=f"copy-{note.id}")
                there = {document.id for document in documents}
                keeping.pages_button(place, answer, key=f"pages-{note.id}", there=there)
            if st.button("Delete", icon=":material/delete:", key=f"delete-{note.id}", type="tertiary"):
                _confirm_delete(place, note, answer)
    return cites


def _answer(place: shelf.Place, note_id: int, answer: Answer, documents: Sequence[Document]) -> dict[str, Cite]:
    label = whose_words(answer, is_alone=True)
    if label is not None:
        st.html(answers.label_html(label))
    if answer.reader == "ungrounded":
        st.html(answers.ungrounded_html(answer, ()))
        return {}
    there = {document.id for document in documents}
    notes = answers.footnotes(
        answer,
        f"n{note_id}",
        documents=there,
        older=place.library.older_versions(),
        paper_at=lambda document_id: shelf.current().paper(place, document_id),
    )
    st.html(notes.answer)
    return notes.cites


def _words(place: shelf.Place, note: Note) -> None:
    """Show the user's own words, which can be changed; what could not be saved stays in the field."""
    key, is_unsaved = f"words-{note.id}", f"unsaved-{note.id}" in _STATE
    if not is_unsaved:
        _STATE[key] = note.text
    st.text_area(
        "Your own words",
        key=key,
        height="content",
        placeholder="Your own words",
        label_visibility="collapsed",
        on_change=_save,
        args=(place, note.id, key),
    )
    if is_unsaved:
        st.html(answers.error_html(f"Not saved: {_STATE[f'unsaved-{note.id}']}"))


# ------------------------------------------------------------------------------------------------ what is done


def _write(place: shelf.Place) -> None:
    try:
        place.library.notes.add("")
    except FootnoteError as exc:
        dialogs.tell(str(exc))


def _save(place: shelf.Place, note_id: int, key: str) -> None:
    """Save own words. When the note was deleted in another window they become a note of their own."""
    notes, text = place.library.notes, _STATE[key]
    try:
        if any(note.id == note_id for note in notes.list()):
            notes.update(note_id, text)
        elif text.strip():
            notes.add(text)
            dialogs.tell("This note was deleted in another window. Your words are kept as a new one.")
    except FootnoteError as exc:
        _STATE[f"unsaved-{note_id}"] = str(exc)
    else:
        _STATE.pop(f"unsaved-{note_id}", None)


@st.dialog("Delete this note?")
def _confirm_delete(place: shelf.Place, note: Note, answer: Answer | None) -> None:
    said = shortened(note.text or (answer.question if answer else ""), 120)
    named = f"“{plain(said)}”" if said else "The empty note"
    st.markdown(f"{named} is deleted for good{', with the answer and the words in it' if answer else ''}.")
    with st.container(horizontal=True, horizontal_alignment="right", key="confirm"):
        if st.button("Cancel", key="delete-cancelled"):
            st.rerun()
        if st.button("Delete", key="delete-confirmed", type="primary", on_click=_delete, args=(place, note.id)):
            st.rerun()


def _delete(place: shelf.Place, note_id: int) -> None:
    """Delete it; the next run says how that went, for a callback in a dialog must not show anything."""
    try:
        place.library.notes.delete(note_id)
    except FootnoteError as exc:
        dialogs.tell(str(exc))
    else:
        _STATE.pop(f"unsaved-{note_id}", None)
        dialogs.tell("The note was deleted.")


page()
