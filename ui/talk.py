"""A conversation as the page holds it: what is asked, how it is answered, and going on with an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from rag.errors import FootnoteError
from rag.index.chats import Exchange, Message
from rag.settings import Settings
from rag.settings import manner as manner_of
from rag.types import Document, Manner, ReaderName
from ui import shelf, sidebar
from ui.asking import Pair, Plan, Question, pair_of
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
    scope: Sequence[str] = ()  # how they were chosen, as a chat keeps it; empty: by their names

    @property
    def manner(self) -> Manner:
        """Return how answers are wanted."""
        return manner_of(self.settings)

    @property
    def has_model(self) -> bool:
        """Tell whether a language model may be asked at all."""
        return self.settings.model != "none" or bool(self.settings.server)

    @property
    def pair(self) -> Pair:
        """Return the two sides of a comparison; where both are set alike, the right one is the model alone."""
        left, right = self.settings.compare_left, self.settings.compare_right
        if left == right:
            right = "ungrounded" if left != "ungrounded" else "grounded"
        return left, right

    def plan(self, *, query: str | None = None, pair: Pair | None = None, ignored: Sequence[str] = ()) -> Plan:
        """Return how the next question is answered; with a pair, as a comparison."""
        if pair is not None:
            return Plan.comparing(pair, documents=self.names, manner=self.manner, query=query, ignored=tuple(ignored))
        writes = self.has_model and self.settings.grounded
        chosen: tuple[ReaderName, ...] = ("grounded",) if writes else ()
        return Plan(self.names, self.manner, chosen, query, tuple(ignored))


def query_of(exchange: Exchange) -> str:
    """Return what was looked for."""
    payload = {} if exchange.reply is None else exchange.reply.payload
    return str(payload.get("query", exchange.question.text))


def ignored_of(exchange: Exchange) -> tuple[str, ...]:
    """Return what the user took away of how a question was understood, in that order."""
    return () if exchange.reply is None else tuple(map(str, exchange.reply.payload.get("ignored", ())))


def ask(talk: Talk, text: str, *, query: str | None = None, after: Sequence[Upload] = ()) -> None:
    """Write a question down and answer it in a thread; what a model still writes in this chat is ended for it."""
    chats, chat_id = talk.place.library.chats, talk.chat_id
    try:
        if chat_id is None or not any(chat.id == chat_id for chat in chats.list()):
            chat_id = chats.create(shortened(text, 80)).id
            scope = talk.scope or talk.names
            if scope:
                chats.set_scope(chat_id, scope)
        asked = Exchange(chats.append(chat_id, "user", text), None)
    except FootnoteError as exc:
        st.error(plain(str(exc)))
        st.stop()
    sidebar.enter_chat(chat_id)
    previous = talk.place.questions.get(chat_id)
    if previous is not None and previous.step in {"queued", "writing"}:
        previous.stop()
    plan = talk.plan(query=query)
    question = Question(talk.place.library, chat_id, asked, plan=plan, after=after, previous=previous)
    talk.place.questions[chat_id] = question
    question.wait_until_found(QUICK_S)


def branch(talk: Talk, exchange: Exchange, text: str) -> None:
    """Go on in a new chat, which has all that was said before a question, with that question changed."""
    chats = talk.place.library.chats
    try:
        new = chats.branch(talk.chat_id or "", exchange.question.id)
        chats.rename(new.id, shortened(text, 80))
    except FootnoteError as exc:
        st.error(plain(str(exc)))
        st.stop()
    ask(replace(talk, chat_id=new.id), text, query=text)


def is_comparing(talk: Talk, messages: Sequence[Message]) -> bool:
    """Tell whether the newest answer is a comparison, or is becoming one: it wants room."""
    running = talk.place.questions.get(talk.chat_id or "")
    if running is not None and running.plan.pair is not None:
        return True
    return bool(messages) and pair_of(messages[-1].payload) is not None


def compare(talk: Talk, exchange: Exchange) -> None:
    """Let the two sides that are set answer together: the model with the documents and without, say."""
    _go_on(talk, exchange, talk.plan(pair=talk.pair))


def again(talk: Talk, exchange: Exchange) -> None:
    """Look and write again, with the documents and settings of now; a comparison is one again."""
    _again(talk, exchange, ignored_of(exchange))


def leave_out(talk: Talk, exchange: Exchange, key: str) -> None:
    """Answer again without something that the question was understood as: a hint, the repair of a word."""
    _again(talk, exchange, tuple(dict.fromkeys((*ignored_of(exchange), key))))


def put_back(talk: Talk, exchange: Exchange, key: str) -> None:
    """Answer again with something that was left out."""
    _again(talk, exchange, tuple(ignored for ignored in ignored_of(exchange) if ignored != key))


def _again(talk: Talk, exchange: Exchange, ignored: Sequence[str]) -> None:
    payload = {} if exchange.reply is None else exchange.reply.payload
    query = query_of(exchange) if payload else None
    _go_on(talk, exchange, talk.plan(query=query, pair=pair_of(payload), ignored=ignored))


def _go_on(talk: Talk, exchange: Exchange, plan: Plan) -> None:
    if talk.chat_id is not None and talk.chat_id not in talk.place.questions:
        talk.place.questions[talk.chat_id] = Question(talk.place.library, talk.chat_id, exchange, plan=plan)
