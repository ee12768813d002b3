"""Exams that were taken, kept in the catalog's file. What was taken from a document goes with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rag.errors import InputError
from rag.index.catalog import Catalog
from rag.index.rows import Row, storable

Payload = dict[str, Any]  # JSON


@dataclass(frozen=True, slots=True)
class Kept:
    """An exam as it is kept: its facts, and its items by number."""

    id: int
    made: float  # seconds since the epoch
    facts: Payload
    items: dict[int, Payload] = field(default_factory=dict)  # in order; empty in lists


class Exams:
    """The exams of a library."""

    def __init__(self, catalog: Catalog) -> None:
        self._database = catalog.database

    def add(self, made: float, facts: Payload, items: Sequence[tuple[int, str, Payload]], *, most: int) -> int:
        """Keep an exam and return its id. An item is a number, the sha256 of the document that it goes with, a payload.

        Args:
            most: so many exams are kept; older ones are forgotten.
        """
        with self._database.writing(counts_up=False) as connection:
            sql = "INSERT INTO exam (made, payload) VALUES (?, ?)"
            id_ = int(connection.execute(sql, (made, _text(facts))).lastrowid or 0)
            connection.executemany(
                "INSERT INTO exam_item SELECT ?, ?, key, ? FROM document WHERE sha256 = ?",
                [(id_, number, _text(payload), sha256) for number, sha256, payload in items],
            )
            old = "SELECT id FROM exam ORDER BY made DESC, id DESC LIMIT -1 OFFSET ?"
            connection.execute(f"DELETE FROM exam WHERE id IN ({old})", (most,))
        return id_

    def list(self) -> list[Kept]:
        """Return all exams without their items, the newest first."""
        return [_kept(row) for row in self._database.query(f"{_EXAMS} ORDER BY made DESC, id DESC")]

    def get(self, exam_id: int) -> Kept:
        """Return an exam with those items whose documents are here.

        Raises:
            InputError: there is no such exam.
        """
        found = self._database.query(f"{_EXAMS} WHERE id = ?", exam_id)
        if not found:
            raise InputError(f"There is no exam {exam_id}: it was deleted, perhaps in another window.")
        items = self._database.query("SELECT number, payload FROM exam_item WHERE exam = ? ORDER BY number", exam_id)
        return _kept(found[0], {number: json.loads(payload) for number, payload in items})

    def delete(self, exam_id: int) -> None:
        """Delete an exam. Nothing happens when it is gone already."""
        with self._database.writing(counts_up=False) as connection:
            connection.execute("DELETE FROM exam WHERE id = ?", (exam_id,))
        self._database.query("PRAGMA wal_checkpoint(TRUNCATE)")  # the log would keep its text for a while


_EXAMS = "SELECT id, made, payload FROM exam"


def _text(payload: Payload) -> str:
    return storable(json.dumps(payload))


def _kept(row: Row, items: dict[int, Payload] | None = None) -> Kept:
    id_, made, payload = row
    return Kept(id_, made, json.loads(payload), items or {})
