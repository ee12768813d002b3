"""Notes: answers that the user pinned, and words of their own, kept in the catalog's file.

They are the user's: removing a document leaves them as they are.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from rag.errors import InputError
from rag.index.catalog import Catalog
from rag.index.rows import Row, storable

Payload = dict[str, Any]  # JSON


@dataclass(frozen=True, slots=True)
class Note:
    """What was kept: the user's own words, and the answer that was pinned, if any, as JSON of rag.records."""

    id: int
    text: str
    answer: Payload | None
    created: float  # seconds since the epoch
    updated: float


class Notes:
    """The notes of a library."""

    def __init__(self, catalog: Catalog) -> None:
        self._database = catalog.database

    def list(self) -> list[Note]:
        """Return all notes, the newest first."""
        found = self._database.query(
            "SELECT id, text, payload, created, updated FROM note ORDER BY created DESC, id DESC"
        )
        return [_note(row) for row in found]

    def add(self, text: str, answer: Payload | None = None, *, source: str = "") -> Note:
        """Keep words, an answer, or both.

        Args:
            source: names where the answer was pinned, so that it is seen to be pinned there; empty: nowhere.
        """
        now = time.time()
        payload = {"source": source} if source else {}
        values = (storable(text), json.dumps(payload | ({} if answer is None else {"answer": answer})), now, now)
        with self._database.writing(counts_up=False) as connection:
            sql = "INSERT INTO note (text, payload, created, updated) VALUES (?, ?, ?, ?)"
            id_ = connection.execute(sql, values).lastrowid
        return Note(int(id_ or 0), storable(text), answer, now, now)

    def update(self, note_id: int, text: str) -> None:
        """Replace the user's own words.

        Raises:
            InputError: there is no such note.
        """
        with self._database.writing(counts_up=False) as connection:
            sql = "UPDATE note SET text = ?, updated = ? WHERE id = ?"
            if not connection.execute(sql, (storable(text), time.time(), note_id)).rowcount:
                raise InputError(f"There is no note {note_id}: it was deleted, perhaps in another window.")

    def delete(self, note_id: int) -> None:
        """Delete a note. Nothing happens when it is gone already."""
        with self._database.writing(counts_up=False) as connection:
            connection.execute("DELETE FROM note WHERE id = ?", (note_id,))
        self._database.query("PRAGMA wal_checkpoint(TRUNCATE)")  # the log would keep its text for a while

    def sources(self) -> dict[str, int]:
        """Return where answers were pinned, each with its note."""
        sql = "SELECT json_extract(payload, '$.source'), id FROM note"
        return {source: id_ for source, id_ in self._database.query(sql) if source}


def _note(row: Row) -> Note:
    id_, text, payload, created, updated = row
    return Note(id_, text, json.loads(payload).get("answer"), created, updated)
