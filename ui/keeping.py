"""Keeping and passing on: copy an answer, pin it to the notes, export a chat, the notes or cited pages as a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from rag.errors import FootnoteError
from rag.export import (
    FORMATS,
    Exchange,
    Format,
    Transcript,
    file_name,
    from_chat,
    from_notes,
    one_answer,
    one_answer_html,
)
from rag.export.pdf.plan import answers_of
from rag.export.stored import ANSWERS
from rag.index.chats import Chat
from rag.library import Library
from rag.records import answer_to_json
from rag.types import Answer
from ui.markdown import plain
from ui.shelf import Place

MAX_KEPT_HITS = 3  # of an answer that abstains: they are all it has to show
NOTES_TITLE = "Notes"


# ------------------------------------------------------------------------------------------------------- copy


def copy_html(answer: Answer) -> str:
    """Return a link that copies an answer with its sources, and beside it what it copies; see viewer/copy.js."""
    return (
        '<div class="fn-copying"><a class="fn-copy" role="button" href="#copy-answer" '
        'title="Copy the answer with its sources"><span aria-live="polite">Copy</span></a>'
        f'<div class="fn-rich" hidden>{one_answer_html(answer)}</div>'
        f'<div class="fn-plain" hidden>{escape(one_answer(answer))}</div></div>'
    )


def copy_button(answer: Answer, *, key: str) -> None:
    """Show the button that copies an answer; it needs no rerun. The viewer must be on the page."""
    with st.container(key=key, width="content"):
        st.html(copy_html(answer), width="content")


# -------------------------------------------------------------------------------------------------------- pin


def pin_button(
    place: Place, answer: Answer, *, key: str, question: str = "", pinned: Mapping[str, int] | None = None
) -> None:
    """Show the button that pins an answer to the notes, or takes it off again.

    Args:
        key: names the place of the answer in this library, today and later: the id of its message is in it.
        question: as the user asked it; empty: as it was looked for.
        pinned: what `Notes.sources` says, when it is known already.
    """
    source = _source(key, answer)
    is_pinned = source in (place.library.notes.sources() if pinned is None else pinned)
    st.button(
        "Pinned" if is_pinned else "Pin",
        icon=":material/push_pin:",
        type="tertiary",
        key=key,
        help="It is on the Notes page; click to take it off" if is_pinned else "Keep it on the Notes page",
        on_click=_toggle,
        args=(place.library, replace(answer, question=question or answer.question), source),
    )


def _source(key: str, answer: Answer) -> str:
    """Return the name of this very answer: when it is written anew it can be pinned anew."""
    return f"{key} {hashlib.sha256(answer.text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _toggle(library: Library, answer: Answer, source: str) -> None:
    """Pin an answer, or take it off; a note that holds words of the user's own is not deleted so lightly."""
    notes = library.notes
    try:
        found = notes.sources().get(source)
        if found is None:
            kept = answer.hits[:MAX_KEPT_HITS] if answer.abstained else ()
            notes.add("", answer_to_json(replace(answer, hits=kept)), source=source)
        elif any(note.id == found and note.text.strip() for note in notes.list()):
            st.toast("This note holds words of your own. Delete it on the Notes page.")
        else:
            notes.delete(found)
    except FootnoteError as exc:
        st.toast(plain(str(exc)))


# ----------------------------------------------------------------------------------------------------- export


def export_menu(place: Place, chat_id: str) -> None:
    """Show the menu that exports a chat; nothing when there is no such chat."""
    chat = next((chat for chat in place.library.chats.list() if chat.id == chat_id), None)
    if chat is not None:
        said = (message.payload.get(key, {}) for message in place.library.chats.messages(chat_id) for key in ANSWERS)
        make = partial(_chat_transcript, place.library, chat)
        _menu(_formats(place.library, said), chat.title, make, key=f"export-{chat_id}")


def export_notes_menu(place: Place) -> None:
    """Show the menu that exports all notes."""
    pinned = (note.answer or {} for note in place.library.notes.list())
    make = partial(_notes_transcript, place.library)
    _menu(_formats(place.library, pinned), NOTES_TITLE, make, key="export-notes")


def _chat_transcript(library: Library, chat: Chat) -> Transcript:
    return from_chat(chat, library.chats.messages(chat.id))


def _notes_transcript(library: Library) -> Transcript:
    return from_notes(NOTES_TITLE, library.notes.list())


def _formats(library: Library, answers: Iterable[Mapping[str, Any]]) -> tuple[Format, ...]:
    """Return what answers, as they are stored, can be exported to: their pages only while one of them is there."""
    there = {document.id for document in library.documents()}
    cited = (
        citation["document_id"]
        for answer in answers
        for claim in answer.get("claims", ())
        for citation in claim["citations"]
    )
    return (*FORMATS, _pages_format(library)) if any(id_ in there for id_ in cited) else FORMATS


def _menu(formats: Sequence[Format], title: str, make: Callable[[], Transcript], *, key: str) -> None:
    """Show one download a format. A file is made when it is asked for, in another thread, from what is stored then."""
    with st.popover("Export", icon=":material/download:", type="tertiary", key=key):
        for format_ in formats:
            st.download_button(
                f"{format_.name} ({format_.ending})",
                data=partial(_file, make, format_),
                file_name=file_name(title, format_),
                mime=format_.mime,
                key=f"{key}{format_.ending}",
                on_click="ignore",
                type="tertiary",
                width="stretch",
            )


def _file(make: Callable[[], Transcript], format_: Format) -> bytes:
    return format_.write(make())


# ------------------------------------------------------------------------------------------------ cited pages


def pages_button(place: Place, answer: Answer, *, key: str, there: Collection[str], question: str = "") -> None:
    """Show the button that downloads the pages that an answer cites; nothing when none of them is there any more.

    Args:
        there: ids of the documents that are in the library.
        question: as the user asked it; empty: as it was looked for.
    """
    cited = {citation.document_id for claim in answer.claims for citation in claim.citations}
    if answer.abstained or cited.isdisjoint(there):
        return
    format_ = _pages_format(place.library)
    title = question or answer.question
    st.download_button(
        "Cited pages",
        icon=":material/picture_as_pdf:",
        type="tertiary",
        key=key,
        help="Download them as one PDF, with the cited lines highlighted",
        data=partial(_file, partial(_one_exchange, title, answer), format_),
        file_name=file_name(title, format_),
        mime=format_.mime,
        on_click="ignore",
    )


def _one_exchange(question: str, answer: Answer) -> Transcript:
    return Transcript(question, datetime.now(), (Exchange(question, (answer,)),))


def _pages_format(library: Library) -> Format:
    """Return the format that is the cited pages themselves."""
    return Format(".pdf", "Cited pages", "application/pdf", partial(_cited_pages, library))


def _cited_pages(library: Library, transcript: Transcript) -> bytes:
    from rag.export.pdf.cited import cited_pages  # noqa: PLC0415  (pypdf takes a moment to load)

    return cited_pages(library, transcript.title, answers_of(transcript.items)).data
