"""What the catalog knows of how documents were read: report cards, strips of many, single pages."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from rag.index.catalog import Catalog
from rag.index.schema import CATALOG, VERSION
from rag.report import (
    READ,
    PageCell,
    PageReport,
    PageState,
    Report,
    count_tables,
    read_blocks,
    state_of,
)
from rag.types import Attachment, Document
from rag.waiting import NEEDED

_WAITING = """
    SELECT name FROM document WHERE key IN
    (SELECT document FROM page WHERE source IN ('image', 'garbled') AND instr(reason, ?) > 0) ORDER BY added, key
"""
_OF = "document IN (SELECT value FROM json_each(?))"
_TABLES = f"SELECT DISTINCT document, first_page, last_page FROM passage WHERE {_OF} AND kind = 'table'"
_ROWS = "SELECT number, title, headings FROM passage WHERE document = ? AND kind = 'table' ORDER BY number"


class Reports:
    """How the documents of a library were read."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog, self._database = catalog, catalog.database

    def get(self, document: Document) -> Report:
        """Return the report card of a document, as far as it is known."""
        key, query = document.key, self._database.query
        with_tables = self._with_tables([key])
        pages = query(
            "SELECT number, label, source, text, reason, confidence FROM page WHERE document = ? ORDER BY number", key
        )
        figures = query("SELECT count(DISTINCT figure) FROM passage WHERE document = ? AND figure IS NOT NULL", key)
        attachments = query("SELECT name, n_bytes FROM attachment WHERE document = ? ORDER BY number", key)
        warnings = query("SELECT warnings FROM document WHERE key = ?", key)
        return Report(
            document,
            tuple(
                _cell(number, label, state_of(source, has_table=(key, number) in with_tables), text, *how)
                for number, label, source, text, *how in pages
            ),
            n_headings=query("SELECT count(*) FROM heading WHERE document = ?", key)[0][0],
            n_tables=count_tables(query(_ROWS, key)),
            n_figures=figures[0][0],
            warnings=tuple(json.loads(warnings[0][0])) if warnings else (),
            attachments=tuple(Attachment(*row) for row in attachments),
        )

    def states(self, documents: Sequence[Document]) -> dict[int, tuple[PageState, ...]]:
        """Return the states of the pages, in order, of each document that has any, by its key: for strips."""
        keys = [document.key for document in documents]
        with_tables = self._with_tables(keys)
        found: dict[int, list[PageState]] = {}
        sql = f"SELECT document, number, source FROM page WHERE {_OF} ORDER BY document, number"
        for key, number, source in self._database.query(sql, json.dumps(keys)):
            found.setdefault(key, []).append(state_of(source, has_table=(key, number) in with_tables))
        return {key: tuple(states) for key, states in found.items()}

    def page(self, document: Document, number: int) -> PageReport:
        """Return what was read of a page.

        Raises:
            InputError: the document has no page of this number.
        """
        page = self._catalog.page(document.key, number)
        passages = self._catalog.passages(self._catalog.passages_on([(document.key, number)]))
        has_table = any(passage.kind == "table" for passage in passages)
        state = state_of(page.source, has_table=has_table)
        cell = _cell(number, page.label, state, page.text, page.reason, page.confidence)
        if state not in READ:  # what stands there are no words: it is shown as it is
            passages = []
        return PageReport(cell, page, read_blocks(page, passages, self._catalog.outline(document.key)))

    def _with_tables(self, keys: Sequence[int]) -> set[tuple[int, int]]:
        """Return the pages, (document key, page), on which tables stand."""
        found = self._database.query(_TABLES, json.dumps(keys))
        return {(key, page) for key, first, last in found for page in range(first, last + 1)}


def waiting(folder: Path) -> list[str]:
    """Return the names of documents with pages that wait for OCR, without changing anything.

    None where there is no catalog, or one of another version of the program, or one that cannot be read.
    """
    try:
        file = (folder / CATALOG).absolute().as_uri()
        with contextlib.closing(sqlite3.connect(f"{file}?mode=ro", uri=True)) as connection:
            if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                return []
            return [str(name) for (name,) in connection.execute(_WAITING, (NEEDED,))]
    except sqlite3.Error:
        return []


def _cell(
    number: int, label: str | None, state: PageState, text: str, reason: str | None, confidence: float | None
) -> PageCell:
    n_words = len(text.split()) if state in READ else 0
    return PageCell(number, label, state, n_words, reason, confidence)
