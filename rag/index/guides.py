"""The guides of documents, kept in the catalog's file as JSON; a guide goes with its document."""

from __future__ import annotations

import json
import time
from typing import Any

from rag.errors import UnknownDocument
from rag.index.catalog import Catalog
from rag.types import Document

FORM = 1  # a guide that was kept in another form is made again


class Guides:
    """The guides of a library."""

    def __init__(self, catalog: Catalog) -> None:
        self._database = catalog.database

    def get(self, document: Document) -> dict[str, Any] | None:
        """Return the guide of a document as it was put; None when there is none of today's form."""
        found = self._database.query(f"SELECT data FROM guide WHERE document = ? AND {_OF_TODAY}", document.key, FORM)
        return dict(json.loads(found[0][0])) if found else None

    def put(self, document: Document, data: dict[str, Any]) -> None:
        """Keep the guide of a document in place of an older one.

        Raises:
            UnknownDocument: it was removed meanwhile.
        """
        sql = "INSERT OR REPLACE INTO guide SELECT key, ?, ? FROM document WHERE key = ? AND sha256 = ?"
        values = (time.time(), json.dumps({"form": FORM} | data), document.key, document.id)
        with self._database.writing(counts_up=False) as connection:
            if not connection.execute(sql, values).rowcount:
                raise UnknownDocument(f"{document.name} was removed meanwhile. Add it again if you need it.")

    def ids(self) -> set[str]:
        """Return the ids of the documents that have a guide of today's form."""
        sql = f"SELECT sha256 FROM guide JOIN document ON document.key = guide.document WHERE {_OF_TODAY}"
        return {str(row[0]) for row in self._database.query(sql, FORM)}


_OF_TODAY = "json_extract(data, '$.form') = ?"
