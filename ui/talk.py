"""A conversation as the page holds it: what is asked, how it is answered, and going on with an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rag.errors import FootnoteError
from rag.index.chats import Message
from rag.settings import Settings
from rag.types import Document, Manner, ReaderName
from ui import shelf, sidebar
from ui.asking import Plan, Question
from ui.jobs import Upload
from ui.markdown import plain
from ui.words import shortened

QUICK_S = 0.4  # an answer that comes within this time appears without a flicker


@dataclass(frozen=True, slots=True)
class Talk:
    """What a conversation needs to be shown and gone on with."""

    place: shelf.Place
    chat_id: str | None
    documents: Sequence[Document]
    names: Sequence[str] | None  # documents to look in
    settings: Settings

    @property
    def manner(self) -> Manner:
        """Return how answers are wanted."""
        return Manner(self.settings.length, self.settings.threshold)

    @property
    def has_model(self) -> bool:
        """Tell whether a language model may be asked at all."""
        return self.settings.model != "none" or bool(self.settings.server)

    def plan(self, *, query: str | None = None, readers: tuple[ReaderName, ...] | None = None) -> Plan:
        """Return how the next question is answered."""
        writes = self.has_model and self.settings.grounded
        chosen: tuple[ReaderName, ...] = ("grounded",) if writes else ()
        return Plan(self.names, self.manner, chosen if readers is None else readers, query)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with what was said to it; no answer while it is being looked for."""

    question: Message
    reply: Message | None

    @property
    def payload(self) -> Mapping[str, Any]:
        """Return what the answer is made of."""
        return {} if self.reply is None else self.reply.payload

    @property
    def query(self) -> str:
        """Return what was looked for."""
        return str(self.payload.get("query", self.question.text))


def ask(talk: Talk, text: str, *, query: str | None = None, after: Sequence[Upload] = ()) -> None:
    """Write a question down and answer it in a thread."""
    chats, chat_id = talk.place.library.chats, talk.chat_id
    try:
        if chat_id is None or not any(chat.id == chat_id for chat in chats.list()):
            chat_id = chats.create(shortened(text, 80)).id
            if talk.names:
                chats.set_scope(chat_id, talk.names)
        chats.append(chat_id, "user", text)
    except FootnoteError as exc:
        st.error(plain(str(exc)))
        st.stop()
    sidebar.enter_chat(chat_id)
    question = Question(talk.place.library, chat_id, text, plan=talk.plan(query=query), after=after)
    talk.place.questions[chat_id] = question
    question.wait_until_found(QUICK_S)


def exchanges(messages: Sequence[Message]) -> list[Exchange]:
    """Return the messages of a chat as questions with their answers."""
    found: list[Exchange] = []
    for message in messages:
        if message.role == "user":
            found.append(Exchange(message, None))
        elif found:
            found[-1] = Exchange(found[-1].question, message)
    return found


def is_comparing(talk: Talk, messages: Sequence[Message]) -> bool:
    """Tell whether the newest answer is a comparison, or is becoming one: it wants room."""
    running = talk.place.questions.get(talk.chat_id or "")
    if running is not None and "ungrounded" in running.plan.readers:
        return True
    return bool(messages) and "ungrounded" in messages[-1].payload


def compare(talk: Talk, exchange: Exchange) -> None:
    """Let the model answer with the documents and without, together."""
    _go_on(talk, exchange, talk.plan(readers=("grounded", "ungrounded")))


def again(talk: Talk, exchange: Exchange) -> None:
    _go_on(talk, exchange, talk.plan(query=exchange.query))


def _go_on(talk: Talk, exchange: Exchange, plan: Plan) -> None:
    assert talk.chat_id is not None
    question = Question(talk.place.library, talk.chat_id, exchange.question.text, plan=plan, message=exchange.reply)
    talk.place.questions[talk.chat_id] = question
