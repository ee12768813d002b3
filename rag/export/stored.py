"""What the catalog keeps of a chat, or of the notes, as a transcript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rag.export.transcript import Exchange, Note, Transcript
from rag.index.chats import Chat, Message, exchanges
from rag.index.chats import Exchange as Asked
from rag.index.notes import Note as StoredNote
from rag.records import answer_from_json
from rag.types import Answer

ANSWERS = ("answer", "grounded", "other", "ungrounded")  # keys of a payload, in the order in which they are read


def from_chat(chat: Chat, messages: Sequence[Message]) -> Transcript:
    """Return the transcript of a chat."""
    return Transcript(chat.title, datetime.fromtimestamp(chat.updated), tuple(map(_exchange, exchanges(messages))))


def from_notes(title: str, notes: Sequence[StoredNote]) -> Transcript:
    """Return the transcript of notes, in their order; its date is that of the last change."""
    last = max((note.updated for note in notes), default=0.0)
    date = datetime.fromtimestamp(last) if notes else datetime.now()
    items = (Note(note.text, None if note.answer is None else answer_from_json(note.answer)) for note in notes)
    return Transcript(title, date, tuple(items))


def _exchange(asked: Asked) -> Exchange:
    if asked.reply is None:
        return Exchange(asked.question.text, (), None)
    return Exchange(asked.question.text, tuple(_answers(asked.reply.payload)), _error(asked.reply))


def _answers(payload: Mapping[str, Any]) -> list[Answer]:
    return [answer_from_json(payload[key]) for key in ANSWERS if key in payload]


def _error(reply: Message) -> str | None:
    """Return why an answer is missing; None when none is."""
    if not any(key in reply.payload for key in ANSWERS):
        return reply.text
    failed = reply.payload.get("model_error")
    return None if failed is None else f"No answer in a model's words: {failed}"
