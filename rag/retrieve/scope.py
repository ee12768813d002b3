"""Where the user wants to look: documents, tags and dates to the documents that are searched, and no others. Pure.

A scope is exact: the indexes are asked for these documents alone, so that what ranks high elsewhere takes no place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from rag.errors import EmptyLibrary, InputError
from rag.index.tags import clean_tag
from rag.types import Document, Scope


def in_scope(
    scope: Scope,
    documents: Sequence[Document],
    *,
    tags: Mapping[int, Sequence[str]],
    named: Callable[[str], Document],
) -> list[Document]:
    """Return the documents that fulfil every part of a scope, in their order.

    Args:
        tags: those of each document that has any, by its key.
        named: finds a document by its name or id.

    Raises:
        UnknownDocument: from `named`.
        InputError: a tag that no document has.
        EmptyLibrary: no document fulfils all parts.
    """
    kept = list(documents)
    if scope.documents is not None:
        wanted = {named(name).key for name in scope.documents}
        kept = [document for document in kept if document.key in wanted]
    if scope.tags is not None:
        asked = _known(scope.tags, tags)
        kept = [d for d in kept if asked & {tag.casefold() for tag in tags.get(d.key, ())}]
    if scope.since is not None:
        kept = [document for document in kept if document.added >= scope.since]
    if scope.until is not None:
        kept = [document for document in kept if document.added <= scope.until]
    if documents and not kept:
        raise EmptyLibrary(f"No document {' and '.join(_said(scope))}. Look in more of them, or add what is missing.")
    return kept


def _known(asked: Sequence[str], tags: Mapping[int, Sequence[str]]) -> set[str]:
    """Return the tags as they are compared."""
    held = {tag.casefold(): tag for own in tags.values() for tag in own}
    wanted = {clean_tag(tag).casefold(): tag for tag in asked}
    unknown = [tag for key, tag in wanted.items() if key not in held]
    if unknown:
        known = f"Those there are: {', '.join(sorted(held.values(), key=str.casefold))}." if held else "None has any."
        raise InputError(f"No document has the tag {unknown[0]!r}. {known}")
    return set(wanted)


def _said(scope: Scope) -> list[str]:
    """Return the parts of a scope in words that go on from "no document"."""
    said = []
    if scope.documents is not None:
        said.append(f"is {' or '.join(map(repr, scope.documents))}" if scope.documents else "was chosen")
    if scope.tags is not None:
        said.append(f"has the tag {' or '.join(map(repr, scope.tags))}" if scope.tags else "has a tag that was chosen")
    if scope.since is not None:
        said.append(f"was added since {_day(scope.since)}")
    if scope.until is not None:
        said.append(f"was added until {_day(scope.until)}")
    return said


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d")
