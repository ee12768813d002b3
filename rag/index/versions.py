"""Newer versions: which document is to take the place of which, and which one an older citation means by now.

A document that is added as a newer version carries a plan, kept in the catalog, until it is searchable. Then, in one
transaction, it takes the name and the tags of the older one, which goes. So at every instant one of the two is whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from rag.index import purging
from rag.index.catalog import PLAN, Catalog
from rag.types import Document


@dataclass(frozen=True, slots=True)
class Plan:
    """Whose place a document is to take: the sha256 of the older one, and the name it had."""

    older: str
    name: str


class Versions:
    """The versions of a library's documents."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog, self._database = catalog, catalog.database

    def plan(self, newer: Document, older: Document) -> None:
        """Note that `newer` is to take the place of `older`."""
        with self._database.writing(counts_up=False) as connection:
            values = (PLAN + newer.id, json.dumps([older.id, older.name]))
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", values)

    def planned(self, document: Document) -> Plan | None:
        """Return whose place a document is to take; None: nobody's."""
        found = self._database.query("SELECT value FROM meta WHERE name = ?", PLAN + document.id)
        return Plan(*json.loads(found[0][0])) if found else None

    def take_over(self, newer: Document) -> Document | None:
        """Put a document in the place of the older one; return that, which is gone then. One transaction.

        None when it is nobody's newer version, or when the older one was removed meanwhile: then it takes the name.
        """
        plan = self.planned(newer)
        if plan is None:
            return None
        with self._database.writing() as connection:
            self._catalog.expect(newer)
            older = self._catalog.find(plan.older) or self.current(plan.older)
            if older is not None:
                keys = (newer.key, older.key)
                connection.execute("INSERT OR IGNORE INTO tag SELECT ?, name FROM tag WHERE document = ?", keys)
                connection.execute("UPDATE older_version SET document = ? WHERE document = ?", keys)
                connection.execute("INSERT OR REPLACE INTO older_version VALUES (?, ?)", (older.id, newer.key))
                connection.execute("DELETE FROM document WHERE key = ?", (older.key,))
                purging.note(connection)
            connection.execute("DELETE FROM older_version WHERE sha256 = ?", (newer.id,))
            name = self._catalog.free_name(plan.name if older is None else older.name, besides=newer)
            connection.execute("UPDATE document SET name = ? WHERE key = ?", (name, newer.key))
            connection.execute("DELETE FROM meta WHERE name = ?", (PLAN + newer.id,))
        self._catalog.forget_log()
        return older

    def all(self) -> dict[str, str]:
        """Return the sha256 of every document that is not here any more for a newer one, with the newer one's name."""
        sql = """
            SELECT older_version.sha256, name FROM older_version JOIN document ON key = document
            WHERE older_version.sha256 NOT IN (SELECT sha256 FROM document)
        """
        return dict(self._database.query(sql))

    def current(self, sha256: str) -> Document | None:
        """Return the document that took the place of the one with this sha256.

        None when that one is still here, was removed, or was never replaced.
        """
        if self._catalog.find(sha256) is not None:
            return None
        sql = "SELECT document.sha256 FROM older_version JOIN document ON key = document WHERE older_version.sha256 = ?"
        found = self._database.query(sql, sha256)
        return self._catalog.find(str(found[0][0])) if found else None
