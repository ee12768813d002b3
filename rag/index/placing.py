"""Where every passage stands, in memory: 28 bytes a passage, so that ranking thousands reads no row of a table.

Passages and pages of a document never change under its key: a document that is read again gets a new one. So what was
loaded of a document stays true until it is gone, and a new generation only loads the documents that are new.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.index.database import Database
from rag.index.rows import Row

Ids = NDArray[np.int64]
_DOCUMENTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Parallel arrays of all passages, by id."""

    generation: int
    ids: Ids
    documents: NDArray[np.int32]  # catalog keys
    first_pages: NDArray[np.int32]
    last_pages: NDArray[np.int32]
    digits: NDArray[np.float32]  # (n, 2) share of digits of the passage, and of the page that it begins on
    blocks: dict[int, tuple[int, int]]  # between which rows the passages of a document stand

    def rows(self, ids: Sequence[int] | Ids) -> NDArray[np.intp]:
        """Return the rows of the ids that are there, rising, each once."""
        asked = np.asarray(ids, np.int64)
        asked = asked if (asked[1:] > asked[:-1]).all() else np.unique(asked)
        if not len(self.ids) or not len(asked):
            return np.zeros(0, np.intp)
        rows = np.searchsorted(self.ids, asked).clip(max=len(self.ids) - 1)
        found: NDArray[np.intp] = rows[self.ids[rows] == asked]
        return found


class Placing:
    """The table of a catalog, kept up with its generation. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mutex = threading.Lock()
        self._table = _table(-1, np.zeros((0, 6)))

    def places(self, ids: Sequence[int] | Ids) -> Ids:
        """Return (n, 4): id, document key, first page, last page, by id; ids that are gone are left out."""
        table = self._current()
        rows = table.rows(ids)
        columns = (table.ids, table.documents, table.first_pages, table.last_pages)
        return np.stack([column[rows].astype(np.int64) for column in columns], axis=1)

    def shares_of_digits(self, ids: Sequence[int] | Ids) -> NDArray[np.float64]:
        """Return (n, 2), by id: the share of digits of the passage, and of the page that it begins on."""
        table = self._current()
        return table.digits[table.rows(ids)].astype(np.float64)

    def on(self, pages: Sequence[tuple[int, int]]) -> list[int]:
        """Return the ids, in order, of the passages that stand on these pages: (document key, page)."""
        table = self._current()
        wanted: dict[int, list[int]] = {}
        for key, page in pages:
            wanted.setdefault(key, []).append(page)
        found: list[Ids] = []
        for key, numbers in wanted.items():
            block = slice(*table.blocks.get(key, (0, 0)))
            first, last = table.first_pages[block], table.last_pages[block]
            asked = np.unique(np.array(numbers, np.int32))
            # a passage is on one of the pages when the first of them that is not before its own is not behind them
            place = np.searchsorted(asked, first)
            is_on = (place < len(asked)) & (asked[place.clip(max=len(asked) - 1)] <= last)
            found.append(table.ids[block][is_on & (table.documents[block] == key)])
        return np.sort(np.concatenate(found)).tolist() if found else []

    def _current(self) -> Table:
        (generation,) = self._database.query("SELECT value FROM meta WHERE name = 'generation'")[0]
        if self._table.generation != generation:
            with self._mutex:
                if self._table.generation != generation:
                    self._table = self._renewed(int(generation))
        return self._table

    def _renewed(self, generation: int) -> Table:
        held = self._table
        keys = {int(key) for (key,) in self._database.query("SELECT key FROM document WHERE n_passages > 0")}
        parts = [self._rows_of(new) for new in _steps(sorted(keys - held.blocks.keys()))]
        if held.blocks.keys() <= keys and not parts:
            return replace(held, generation=generation)
        stays = np.isin(held.documents, np.array(sorted(keys), np.int32))
        kept = (held.ids, held.documents, held.first_pages, held.last_pages, held.digits[:, 0], held.digits[:, 1])
        rows = np.concatenate([np.stack([column[stays] for column in kept], axis=1), *parts])
        if (rows[1:, 0] < rows[:-1, 0]).any():
            rows = rows[np.argsort(rows[:, 0], kind="stable")]
        return _table(generation, rows)

    def _rows_of(self, keys: Sequence[int]) -> NDArray[np.float64]:
        """Return (n, 6): id, document, first and last page, the two shares of digits.

        SQLite joins each column of a document to one text, which numpy reads at once: a tuple a row would take several
        times as long, and so would joining columns. Whole numbers are written and read sooner than fractions.
        """
        asked, share = json.dumps(list(keys)), f"group_concat(CAST(digits * {_SHARE} + 0.5 AS INTEGER))"
        sql = f"""
            SELECT document, count(*), group_concat(id), group_concat(first_page), group_concat(last_page), {share}
            FROM passage WHERE document IN (SELECT value FROM json_each(?)) GROUP BY document
        """
        of_passage, ids, first_pages, last_pages, shares = _columns(self._database.query(sql, asked), 4)
        sql = f"""
            SELECT document, count(*), group_concat(number), {share}
            FROM page WHERE document IN (SELECT value FROM json_each(?)) GROUP BY document
        """
        of_page, numbers, page_shares = _columns(self._database.query(sql, asked), 2)
        keyed, wanted = of_page * _PAGES + numbers, of_passage * _PAGES + first_pages
        order = np.argsort(keyed)
        of_its_page = np.full(len(ids), np.nan)
        if len(keyed):
            places = np.searchsorted(keyed[order], wanted).clip(max=len(keyed) - 1)
            of_its_page = np.where(keyed[order][places] == wanted, page_shares[order][places] / _SHARE, np.nan)
        return np.column_stack([ids, of_passage, first_pages, last_pages, shares / _SHARE, of_its_page])


_PAGES = 10_000_000  # more than a document has
_SHARE = 1 << 40  # steps of a share of digits: finer than the float32 that is kept


def _columns(rows: list[Row], n: int) -> list[Ids]:
    """Return the document of each entry, and its n columns. A row: document, how many entries, columns as text."""
    documents = np.array([row[:2] for row in rows], np.int64).reshape(-1, 2)
    texts = (",".join(row[2 + i] for row in rows) for i in range(n))
    return [np.repeat(documents[:, 0], documents[:, 1]), *(np.fromstring(text, np.int64, sep=",") for text in texts)]


def _table(generation: int, rows: NDArray[np.float64]) -> Table:
    ids, documents, first_pages, last_pages = (rows[:, i] for i in range(4))
    keys, starts = np.unique(documents, return_index=True)
    _, from_the_end = np.unique(documents[::-1], return_index=True)
    ends = len(documents) - from_the_end
    blocks = {int(k): (int(a), int(b)) for k, a, b in zip(keys, starts, ends, strict=True)}
    places = (documents.astype(np.int32), first_pages.astype(np.int32), last_pages.astype(np.int32))
    return Table(generation, ids.astype(np.int64), *places, rows[:, 4:].astype(np.float32), blocks)


def _steps(keys: Sequence[int]) -> list[Sequence[int]]:
    return [keys[first : first + _DOCUMENTS_AT_ONCE] for first in range(0, len(keys), _DOCUMENTS_AT_ONCE)]
