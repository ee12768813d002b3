"""What the commands share: where results and messages go, which library is meant, whose turn it is to write.

Results alone go to stdout, everything else to stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from rag import places
from rag.errors import EmptyLibrary, InputError
from rag.index.lock import WriterLock
from rag.index.rows import storable
from rag.libraries import library_with
from rag.library import Library
from rag.settings import Settings
from rag.terminal import printable
from rag.types import Scope


def put(text: str) -> None:
    """Print a result for a person."""
    sys.stdout.write(printable(text) + "\n")
    sys.stdout.flush()


def put_json(line: dict[str, Any]) -> None:
    """Print a result as one line of JSON."""
    sys.stdout.write(storable(json.dumps(line, ensure_ascii=False)) + "\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    """Say something on stderr."""
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()


def tell_unready(library: Library, documents: Sequence[str] | None = None) -> None:
    """Say which documents, of these or of all, have no vectors yet, so that only their words can be searched."""
    chosen = library.documents() if documents is None else [library.document(name) for name in documents]
    waiting = [document.name for document in chosen if document.state == "searchable"]
    if not waiting:
        return
    others = f" and {len(waiting) - 1:,} more have" if len(waiting) > 1 else " has"
    tell(
        f"{waiting[0]}{others} no vectors yet: only the words can be searched, not the meaning. To make them, add the "
        "same files again: footnote add FILE"
    )


def complain(text: object) -> None:
    """Say on stderr what went wrong."""
    tell(f"footnote: {text}")


def wants_json(arguments: argparse.Namespace) -> bool:
    """Tell whether results are for a program: as asked for, else whenever stdout is no terminal."""
    chosen: bool | None = arguments.as_json
    return not sys.stdout.isatty() if chosen is None else chosen


def library_exists(arguments: argparse.Namespace, settings: Settings) -> bool:
    """Tell whether the library that is meant was ever written to."""
    try:
        return (places.library_folder(_where(arguments, settings)) / "catalog.sqlite").is_file()
    except OSError as exc:
        raise InputError(f"The library {_where(arguments, settings)} cannot be read: {exc.strerror}.") from exc


def open_library(arguments: argparse.Namespace, settings: Settings, *, must_exist: bool = True) -> Library:
    """Open the library that is meant.

    Raises:
        EmptyLibrary: the one that is used when none is named does not exist yet.
        InputError: the named one does not exist.
    """
    where = _where(arguments, settings)
    if must_exist and not library_exists(arguments, settings):
        if arguments.library is None or where == places.DEFAULT:
            raise EmptyLibrary(f"The library {where!r} is empty. Add a PDF first: footnote add FILE")
        if where == places.SAMPLE:
            raise InputError(
                "The sample library is not there yet: the first start of the page makes it (footnote serve)."
            )
        known = ", ".join(places.available_libraries()) or "none"
        raise InputError(
            f"There is no library {where!r}; known: {known}. Make it with: footnote add --library {where} FILE"
        )
    return library_with(settings, where)


def _where(arguments: argparse.Namespace, settings: Settings) -> str:
    return str(arguments.library or settings.library)


def turn(library: Library, what: str, *, wait: bool, is_cancelled: Callable[[], bool]) -> AbstractContextManager[None]:
    """Return the right to write: at once, or with `wait` when the other process is done, which is said."""
    wait_s = None if wait else 0
    return WriterLock(library.folder).acquire(
        what, wait_s, is_cancelled=is_cancelled, on_wait=lambda holder: tell(f"waiting: {holder}") if wait else None
    )


def documents_of(arguments: argparse.Namespace) -> Sequence[str] | None:
    """Return the documents that are named; None when none is."""
    return None if arguments.doc is None else [storable(name) for name in arguments.doc]


def tell_unheeded(library: Library, question: str, documents: Sequence[str] | None, where: dict[str, Any]) -> None:
    """Say which of the hints to leave alone are none of the question's: perhaps one is misspelt."""
    if where["ignored"]:
        for hint in library.unheeded(question, documents=documents, **where):
            tell(
                f'--without "{hint}" changes nothing: the question is not taken to mean it (see: footnote search '
                f"QUESTION --explain)"
            )


def scope_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return how a library is told of tags and dates, and of the hints to leave alone."""
    tags = None if arguments.tag is None else tuple(storable(tag) for tag in arguments.tag)
    asked: dict[str, Any] = {"ignored": [storable(hint) for hint in arguments.without]}
    if (tags, arguments.since, arguments.until) != (None, None, None):
        asked["scope"] = Scope(tags=tags, since=arguments.since, until=arguments.until)
    return asked
