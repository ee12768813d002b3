"""`footnote chats` and `footnote export`: which chats there are, and one of them as a file."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rag.commands.common import library_exists, open_library, put, put_json, tell, wants_json
from rag.errors import InputError, StorageError
from rag.export import format_of, from_chat
from rag.export.wording import date_words
from rag.index.chats import Chat
from rag.index.rows import storable
from rag.settings import Settings

MAX_LISTED = 5  # chats that are named when a title means several


def list_chats(arguments: argparse.Namespace, settings: Settings) -> int:
    """List the chats, the one that was used last first."""
    if arguments.library is None and not library_exists(arguments, settings):
        return 0
    library = open_library(arguments, settings)
    chats = library.chats.list()
    if not chats:
        tell("There are no chats in this library: they begin on the page (footnote serve).")
    for chat in chats:
        if wants_json(arguments):
            put_json({"id": chat.id, "title": chat.title, "created": chat.created, "updated": chat.updated})
        else:
            put(_line(chat))
    library.close()
    return 0


def export(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write a chat to a file; the ending says in which format."""
    path = Path(arguments.to)
    format_ = format_of(path)
    library = open_library(arguments, settings)
    chat = chosen_chat(library.chats.list(), storable(arguments.chat))
    write_file(path, format_.write(from_chat(chat, library.chats.messages(chat.id))))
    library.close()
    tell(f"Wrote “{chat.title}” to {path}.")
    return 0


def _line(chat: Chat) -> str:
    return f"{chat.id}  {date_words(datetime.fromtimestamp(chat.updated))}  {chat.title}"


def chosen_chat(chats: Sequence[Chat], said: str) -> Chat:
    """Return the chat that an id or a title means: the whole title, or else any part of it.

    Raises:
        InputError: none or several are meant.
    """
    wanted = said.casefold()
    for meant in (
        [chat for chat in chats if chat.id == said],
        [chat for chat in chats if chat.title.casefold() == wanted],
        [chat for chat in chats if wanted.strip() and wanted in chat.title.casefold()],
    ):
        if len(meant) == 1:
            return meant[0]
        if meant:
            lines = "".join(f"\n  {_line(chat)}" for chat in meant[:MAX_LISTED])
            raise InputError(f"{len(meant)} chats are called so: {said!r}. Give the id, which comes first:{lines}")
    raise InputError(f"There is no chat {said!r}. Type footnote chats to see which there are.")


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        StorageError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as exc:
        temporary.unlink(missing_ok=True)
        raise StorageError(f"{path} cannot be written: {exc.strerror}. Check the folder and the disk.") from exc
