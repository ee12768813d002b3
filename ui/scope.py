"""Where a chat looks, as it is kept with it: documents by name, tags, and the days within which they were added.

A list of texts: names as they are; `tag/NAME`, `since/2026-03-01` and `until/2026-03-31` beside them, for no document's
name has a slash. Names and tags choose documents together; days then leave out some of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from rag.types import Document

TAG, SINCE, UNTIL = "tag/", "since/", "until/"


def names_of(choices: Sequence[str], documents: Sequence[Document], tagged: dict[str, set[int]]) -> list[str] | None:
    """Return the names of the documents to look in now; None: all of them.

    Args:
        documents: those that can be asked.
        tagged: keys of the documents that have a tag, by tag.
    """
    if not choices:
        return None
    named = {choice for choice in choices if not _is_day(choice) and not choice.startswith(TAG)}
    tags = [choice.removeprefix(TAG) for choice in choices if choice.startswith(TAG)]
    keys = {key for tag in tags for key in tagged.get(tag, ())}
    chosen = [d for d in documents if d.name in named or d.key in keys] if named or tags else list(documents)
    since, until = day_of(choices, SINCE), day_of(choices, UNTIL)
    first = -1.0 if since is None else _moment(since)
    last = time.time() + 1 if until is None else _moment(until + timedelta(days=1))
    return [d.name for d in chosen if first <= d.added < last]


def day_of(choices: Iterable[str], what: str) -> date | None:
    """Return the day that is kept, the first or the last one; None: there is none."""
    found = next((choice for choice in choices if choice.startswith(what)), None)
    return None if found is None else date.fromisoformat(found.removeprefix(what))


def with_days(choices: Iterable[str], since: date | None, until: date | None) -> list[str]:
    """Return the choices with other days."""
    kept = [choice for choice in choices if not _is_day(choice)]
    days = ((SINCE, since), (UNTIL, until))
    return [*kept, *(f"{what}{day.isoformat()}" for what, day in days if day is not None)]


def without_days(choices: Iterable[str]) -> list[str]:
    """Return the documents and tags."""
    return [choice for choice in choices if not _is_day(choice)]


def days_words(since: date | None, until: date | None) -> str:
    """Return the days in a few words."""
    if since is None and until is None:
        return "Added at any time"
    if since is not None and until is not None:
        return f"Added {_said(since)} to {_said(until)}" if since != until else f"Added on {_said(since)}"
    return f"Added since {_said(since)}" if since is not None else f"Added until {_said(until or date.today())}"


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _is_day(choice: str) -> bool:
    return choice.startswith((SINCE, UNTIL))


def _moment(day: date) -> float:
    return datetime(day.year, day.month, day.day).timestamp()
