"""Chats: their messages and the documents that they are about, kept in the catalog's file."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rag.errors import InputError
from rag.index.catalog import Catalog
from rag.index.rows import Row, storable

Role = Literal["user", "assistant"]
Payload = dict[str, Any]  # JSON


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation."""

    id: str  # 12 random characters that may stand in an address
    title: str
    created: float  # seconds since the epoch
    updated: float


@dataclass(frozen=True, slots=True)
class Message:
    """What was said once."""

    id: int
    role: Role
    text: str
    payload: Payload
    created: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with what was said to it; None while it is being looked for, or when the program ended meanwhile."""

    question: Message
    reply: Message | None


def exchanges(messages: Sequence[Message]) -> list[Exchange]:
    """Return the questions of a chat in order, each with its reply.

    A reply names the message that it answers (`to` in its payload); one that does not answers the question before it.
    """
    replies: dict[int, Message] = {}
    last: int | None = None
    for message in messages:
        if message.role == "user":
            last = message.id
        else:
            to = message.payload.get("to", last)
            if to is not None:
                replies[to] = message
    return [Exchange(message, replies.get(message.id)) for message in messages if message.role == "user"]


Messages = list[Message]  # inside Chats, `list` is its method


class Chats:
    """The chats of a library."""

    def __init__(self, catalog: Catalog) -> None:
        self._database = catalog.database

    def list(self) -> list[Chat]:
        """Return all chats, the one that was used last first."""
        found = self._database.query("SELECT id, title, created, updated FROM chat ORDER BY updated DESC, id")
        return [Chat(*row) for row in found]

    def create(self, title: str) -> Chat:
        """Begin a chat."""
        now = time.time()
        chat = Chat(secrets.token_urlsafe(9), storable(title), now, now)
        with self._database.writing(counts_up=False) as connection:
            connection.execute("INSERT INTO chat VALUES (?, ?, ?, ?, NULL)", (chat.id, chat.title, now, now))
        return chat

    def messages(self, chat_id: str) -> Messages:
        """Return the messages of a chat in order; none of a chat that is unknown."""
        sql = "SELECT id, role, text, payload, created FROM message WHERE chat = ? ORDER BY id"
        return [_message(row) for row in self._database.query(sql, chat_id)]

    def count(self, chat_id: str) -> int:
        """Return how many messages a chat has; 0 of a chat that is unknown."""
        return int(self._database.query("SELECT count(*) FROM message WHERE chat = ?", chat_id)[0][0])

    def append(self, chat_id: str, role: Role, text: str, payload: Payload | None = None) -> Message:
        """Add a message.

        Raises:
            InputError: there is no such chat.
        """
        now = time.time()
        with self._database.writing(counts_up=False) as connection:
            self._touch(chat_id, "updated = ?", now)
            values = (chat_id, role, storable(text), json.dumps(payload or {}), now)
            sql = "INSERT INTO message (chat, role, text, payload, created) VALUES (?, ?, ?, ?, ?)"
            id_ = connection.execute(sql, values).lastrowid
        return Message(int(id_ or 0), role, storable(text), payload or {}, now)

    def update(self, message_id: int, text: str, payload: Payload) -> None:
        """Replace what a message says."""
        with self._database.writing(counts_up=False) as connection:
            sql = "UPDATE message SET text = ?, payload = ? WHERE id = ?"
            if not connection.execute(sql, (storable(text), json.dumps(payload), message_id)).rowcount:
                raise InputError(f"There is no message {message_id}: its chat was deleted.")

    def branch(self, chat_id: str, before: int) -> Chat:
        """Begin a chat with the title, the documents and copies of the messages of another, as far as one of them.

        Args:
            before: the id of the first message that is not copied; the other chat stays as it is.

        Raises:
            InputError: there is no such chat, or no such message in it.
        """
        now = time.time()
        new = secrets.token_urlsafe(9)
        with self._database.writing(counts_up=False) as connection:
            sql = "INSERT INTO chat SELECT ?, title, ?, ?, scope FROM chat WHERE id = ? RETURNING title"
            made = connection.execute(sql, (new, now, now, chat_id)).fetchone()
            if made is None:
                raise _unknown(chat_id)
            sql = "SELECT 1 FROM message WHERE id = ? AND chat = ?"
            if connection.execute(sql, (before, chat_id)).fetchone() is None:
                raise InputError(f"There is no message {before} in the chat {chat_id!r}. Open the chat again.")
            for exchange in exchanges(self.messages(chat_id)):
                if exchange.question.id < before:
                    _copy(connection, exchange, new)
        return Chat(new, str(made[0]), now, now)

    def rename(self, chat_id: str, title: str) -> None:
        """Give a chat another title."""
        with self._database.writing(counts_up=False):
            self._touch(chat_id, "title = ?", storable(title))

    def delete(self, chat_id: str) -> None:
        """Delete a chat and its messages. Nothing happens when it is gone already."""
        with self._database.writing(counts_up=False) as connection:
            connection.execute("DELETE FROM chat WHERE id = ?", (chat_id,))
        self._database.query("PRAGMA wal_checkpoint(TRUNCATE)")  # the log would keep its text for a while

    def scope(self, chat_id: str) -> tuple[str, ...] | None:
        """Return the names of the documents that a chat is about; None: all of the library."""
        found = self._database.query("SELECT scope FROM chat WHERE id = ?", chat_id)
        return None if not found or found[0][0] is None else tuple(json.loads(found[0][0]))

    def set_scope(self, chat_id: str, names: Sequence[str] | None) -> None:
        """Set the documents that a chat is about; None: all of the library."""
        with self._database.writing(counts_up=False):
            self._touch(chat_id, "scope = ?", None if names is None else json.dumps([*names]))

    def _touch(self, chat_id: str, assignment: str, value: object) -> None:
        found = self._database.query(f"UPDATE chat SET {assignment} WHERE id = ? RETURNING id", value, chat_id)
        if not found:
            raise _unknown(chat_id)


def _unknown(chat_id: str) -> InputError:
    return InputError(f"There is no chat {chat_id!r}: it was deleted, or the address is mistyped.")


def _copy(connection: sqlite3.Connection, exchange: Exchange, chat_id: str) -> None:
    """Write a question and its reply into another chat; the reply names its new question."""
    sql = "INSERT INTO message (chat, role, text, payload, created) VALUES (?, ?, ?, ?, ?)"
    asked, reply = exchange.question, exchange.reply
    values = (chat_id, asked.role, asked.text, json.dumps(asked.payload), asked.created)
    to = connection.execute(sql, values).lastrowid
    if reply is not None:
        payload = json.dumps(reply.payload | {"to": to})
        connection.execute(sql, (chat_id, reply.role, reply.text, payload, reply.created))


def _message(row: Row) -> Message:
    id_, role, text, payload, created = row
    return Message(id_, role, text, json.loads(payload), created)
