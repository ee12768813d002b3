"""The one source of truth: documents, pages, passages and vectors in one SQLite file, `catalog.sqlite`.

Every change of them is one transaction that also counts up the generation, by which other threads and processes
notice it. One connection a thread; any number of readers beside one writer.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import EncoderMismatch, InputError, StorageError, UnknownDocument
from rag.index import purging, rows
from rag.index.database import Database
from rag.index.filling import fill
from rag.index.placing import Placing
from rag.index.schema import CATALOG
from rag.types import Acronym, Document, Floats, Heading, Page, ParsedDocument, Passage

_PASSAGES_KEPT = 2_000  # in memory
MIN_PREFIX = 8  # digits of a sha256 that name a document
PLAN = "replaces:"  # in `meta`, before the sha256 of a document that is to take another one's place
_SHA256_PREFIX = re.compile(rf"[0-9a-f]{{{MIN_PREFIX},64}}")


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a library holds."""

    n_documents: int
    n_pages: int
    n_passages: int
    n_vectors: int


class Catalog:
    """The catalog of the library in `folder`, made when there is none.

    Raises:
        StorageError: the folder cannot be made or written.
        LibraryDamaged: the file is not a catalog, or is broken.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / CATALOG
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StorageError(f"{folder} cannot be made: {exc.strerror}. Choose another with --library.") from exc
        self.database = Database(self.file)
        self._placing = Placing(self.database)
        self._names: tuple[int, dict[str, str]] = (-1, {})  # of which generation
        self._kept: tuple[int, dict[int, Passage]] = (-1, {})  # of which generation, passages by id

    def close(self) -> None:
        """Close the connections of all threads."""
        self.database.close()

    def generation(self) -> int:
        """Return a number that grows with every change of documents, passages or vectors, by any process."""
        return int(self.database.query("SELECT value FROM meta WHERE name = 'generation'")[0][0])

    def counts(self) -> Counts:
        """Return how much the library holds."""
        vectors = "total(iif(state = 'ready', n_passages, 0))"
        sql = f"SELECT count(*), total(n_pages), total(n_passages), {vectors} FROM document"
        return Counts(*map(int, self.database.query(sql)[0]))

    def problems(self) -> list[str]:
        """Return what SQLite finds wrong with the file; empty when it is sound."""
        found = [str(row[0]) for row in self.database.query("PRAGMA integrity_check")]
        broken = [
            f"{table} points to a missing {parent}"
            for table, _, parent, _ in self.database.query("PRAGMA foreign_key_check")
        ]
        return [line for line in found if line != "ok"] + broken

    # -------------------------------------------------------------------------------------------- documents

    def names(self) -> dict[str, str]:
        """Return the name of every document by its sha256."""
        generation = self.generation()
        if self._names[0] != generation:
            self._names = (generation, dict(self.database.query("SELECT sha256, name FROM document")))
        return self._names[1]

    def documents(self) -> list[Document]:
        """Return all documents in the order in which they were added."""
        return self._documents("TRUE ORDER BY added, key")

    def can_be_asked(self) -> bool:
        """Tell whether any document can be searched."""
        sql = "SELECT EXISTS (SELECT * FROM document WHERE state IN ('searchable', 'ready'))"
        return bool(self.database.query(sql)[0][0])

    def document(self, name_or_id: str) -> Document:
        """Return the document of this name, this sha256, or the only one whose sha256 begins so (8 digits or more).

        Raises:
            UnknownDocument: there is none, or more than one.
        """
        name_or_id = rows.storable(unicodedata.normalize("NFC", name_or_id))
        named = self._documents("name = ? OR sha256 = ? ORDER BY name = ? DESC", name_or_id, name_or_id, name_or_id)
        if named:
            return named[0]
        prefix = name_or_id.lower()
        found = self._documents("sha256 GLOB ?", f"{prefix}*") if _SHA256_PREFIX.fullmatch(prefix) else []
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownDocument(f"{name_or_id!r} begins the sha256 of {len(found)} documents. Give more digits.")
        raise UnknownDocument(f"There is no document {name_or_id!r} in this library. See: footnote list")

    def find(self, sha256: str) -> Document | None:
        """Return the document with these bytes."""
        return next(iter(self._documents("sha256 = ?", sha256)), None)

    def keyed(self, key: int) -> Document | None:
        """Return the document of this key."""
        return next(iter(self._documents("key = ?", key)), None)

    def _documents(self, where: str, *values: Any) -> list[Document]:
        found = self.database.query(f"SELECT {rows.DOCUMENT_COLUMNS} FROM document WHERE {where}", *values)
        return [rows.document_from_row(row) for row in found]

    def begin(self, sha256: str, name: str, n_bytes: int) -> Document:
        """Enter a document that is about to be read, in state `reading`.

        The same bytes again begin anew: name, date, tags and older versions stay, pages, passages and vectors go, and
        the key is a new one, so that no index takes old for new. Another document of the same name becomes
        `name (2).pdf`.
        """
        with self.database.writing() as connection:
            self._begin(connection, sha256, name, n_bytes)
        return self._again(sha256)

    def _begin(self, connection: sqlite3.Connection, sha256: str, name: str, n_bytes: int) -> int:
        """Enter a document within a transaction, as `begin` does; return its key."""
        known = self.find(sha256)
        added = time.time() if known is None else known.added
        tags: list[rows.Row] = []
        older: list[rows.Row] = []
        if known is not None:
            tags = self.database.query("SELECT name FROM tag WHERE document = ?", known.key)
            older = self.database.query("SELECT sha256 FROM older_version WHERE document = ?", known.key)
            connection.execute("DELETE FROM document WHERE key = ?", (known.key,))
            purging.note(connection)
        stored = self.free_name(rows.storable(name)) if known is None else known.name
        inserted = connection.execute(
            "INSERT INTO document (sha256, name, title, state, n_bytes, added) VALUES (?, ?, ?, 'reading', ?, ?)",
            (sha256, stored, PurePath(stored).stem, n_bytes, added),
        )
        key = int(inserted.lastrowid or 0)
        connection.executemany("INSERT INTO tag VALUES (?, ?)", [(key, tag) for (tag,) in tags])
        connection.executemany("INSERT INTO older_version VALUES (?, ?)", [(version, key) for (version,) in older])
        return key

    def free_name(self, name: str, *, besides: Document | None = None) -> str:
        """Return the name, or `name (2).pdf` and so on when another document than `besides` has it."""
        path, candidate, number = PurePath(name), name, 1
        while self._documents("name = ? AND key <> ?", candidate, -1 if besides is None else besides.key):
            number += 1
            candidate = f"{path.stem} ({number}){path.suffix}"
        return candidate

    def rename(self, document: Document, name: str) -> Document:
        """Give a document another name, by the rules of `begin`. Chats that look only in it still do."""
        with self.database.writing() as connection:
            self.expect(document)
            stored = self.free_name(rows.storable(name), besides=document)
            connection.execute("UPDATE document SET name = ? WHERE key = ?", (stored, document.key))
            connection.execute(
                "UPDATE chat SET scope = (SELECT json_group_array(iif(value = ?, ?, value)) FROM json_each(scope))"
                " WHERE json_type(scope) = 'array'",
                (document.name, stored),
            )
        return self._again(document.id)

    def retitle(self, document: Document, title: str) -> None:
        """Give a document a better title than its file has. Nothing happens when it is gone."""
        with self.database.writing(counts_up=False) as connection:
            connection.execute("UPDATE document SET title = ? WHERE key = ?", (rows.storable(title), document.key))

    def store_parsed(self, document: Document, parsed: ParsedDocument) -> Document:
        """Store what was read of a document in state `reading`, which becomes `searchable`. One transaction."""
        with self.database.writing() as connection:
            self.expect(document, "reading")
            fill(connection, document.key, parsed, title=document.title)
        return self._again(document.id)

    def store_anew(self, document: Document, parsed: ParsedDocument) -> Document:
        """Put what was read anew in the place of what was stored: `begin` and `store_parsed` in one transaction."""
        with self.database.writing() as connection:
            self.expect(document)
            key = self._begin(connection, document.id, document.name, document.n_bytes)
            fill(connection, key, parsed, title=PurePath(document.name).stem)
        return self._again(document.id)

    def store_vectors(self, document: Document, encoder_id: str, vectors: Floats) -> Document:
        """Store the vectors, in the order of the passages, of a `searchable` document, which becomes `ready`.

        They are kept as float16. One transaction.

        Raises:
            EncoderMismatch: the library's other vectors were made by another encoder.
        """
        with self.database.writing() as connection:
            self.expect(document, "searchable")
            ids = self.passage_ids([document.key]).tolist()
            if vectors.shape[0] != len(ids):
                raise ValueError(f"{len(vectors)} vectors for the {len(ids)} passages of {document.name}")
            self.check_encoder(encoder_id)
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('encoder', ?)", (encoder_id,))
            blobs = (vector.astype("<f2").tobytes() for vector in vectors)
            connection.executemany("INSERT INTO vector VALUES (?, ?)", zip(ids, blobs, strict=True))
            connection.execute("UPDATE document SET state = 'ready' WHERE key = ?", (document.key,))
        return self._again(document.id)

    def n_unread(self, document: Document, why: str) -> int:
        """Return how many pages of a document were not read for a reason that `why` is part of."""
        sql = "SELECT count(*) FROM page WHERE document = ? AND source IN ('image', 'garbled') AND instr(reason, ?) > 0"
        n: int = self.database.query(sql, document.key, why)[0][0]
        return n

    def fail(self, document: Document, reason: str) -> Document:
        """Mark a document as failed and keep the reason; what was stored of it goes."""
        with self.database.writing() as connection:
            self.expect(document)
            tables = ("passage", "page", "heading", "attachment", "acronym")
            deletions = [f"DELETE FROM {table} WHERE document = ?" for table in tables]
            if sum(connection.execute(deletion, (document.key,)).rowcount for deletion in deletions):
                purging.note(connection)
            connection.execute(
                "UPDATE document SET state = 'failed', reason = ?, n_pages = 0, n_texts = 0, n_passages = 0,"
                " language = NULL, seconds = 0, warnings = '[]' WHERE key = ?",
                (rows.storable(reason), document.key),
            )
        return self._again(document.id)

    def remove(self, document: Document) -> None:
        """Remove a document and all that is stored of it. Nothing happens when it is gone already."""
        with self.database.writing() as connection:
            if connection.execute("DELETE FROM document WHERE sha256 = ?", (document.id,)).rowcount:
                purging.note(connection)
            connection.execute("DELETE FROM meta WHERE name = ?", (PLAN + document.id,))
        self.forget_log()

    def forget_log(self) -> bool:
        """Empty the write-ahead log: it would keep the text of what was removed. Tell whether nobody was in the way."""
        return bool(self.database.query("PRAGMA wal_checkpoint(TRUNCATE)")[0][0] == 0)

    def expect(self, document: Document, state: str | None = None) -> None:
        """Make sure that a document was not removed meanwhile, and is in this state."""
        current = self.find(document.id)
        if current is None or current.key != document.key:
            raise UnknownDocument(f"{document.name} was removed meanwhile. Add it again if you need it.")
        if state is not None and current.state != state:
            raise ValueError(f"{document.name} is {current.state}, not {state}")

    def _again(self, sha256: str) -> Document:
        document = self.find(sha256)
        if document is None:
            raise UnknownDocument(f"The document {sha256[:12]} was removed meanwhile. Add it again if you need it.")
        return document

    # ------------------------------------------------------------------------------------------------ pages

    def page(self, document_key: int, number: int) -> Page:
        """Return a page.

        Raises:
            InputError: the document has no page of this number.
        """
        found = self._pages("document = ? AND number = ?", document_key, number)
        if not found:
            n_pages = self.database.query("SELECT count(*) FROM page WHERE document = ?", document_key)[0][0]
            raise InputError(f"There is no page {number}: the document has {n_pages} pages that were read.")
        return found[0]

    def pages(self, document_key: int) -> list[Page]:
        """Return all pages in order."""
        return self._pages("document = ? ORDER BY number", document_key)

    def _pages(self, where: str, *values: Any) -> list[Page]:
        return [
            rows.page_from_row(row)
            for row in self.database.query(f"SELECT {rows.PAGE_COLUMNS} FROM page WHERE {where}", *values)
        ]

    def page_texts(self, document_key: int) -> list[tuple[int, str]]:
        """Return (number, text) of the pages that have text, in order."""
        sql = "SELECT number, text FROM page WHERE document = ? AND text <> '' ORDER BY number"
        return [(number, text) for number, text in self.database.query(sql, document_key)]

    def page_tops(self, pages: Sequence[tuple[int, int]], n_characters: int) -> dict[tuple[int, int], str]:
        """Return how the text of these pages begins, by (document key, page)."""
        sql = """
            SELECT document, number, substr(text, 1, ?) FROM json_each(?) AS asked CROSS JOIN page
            ON document = json_extract(asked.value, '$[0]') AND number = json_extract(asked.value, '$[1]')
        """
        asked = json.dumps([[int(key), int(page)] for key, page in pages])
        return {(key, page): top for key, page, top in self.database.query(sql, n_characters, asked)}

    def labels(self, document_key: int) -> dict[int, str | None]:
        """Return the printed number of every page."""
        return dict(
            self.database.query("SELECT number, label FROM page WHERE document = ? ORDER BY number", document_key)
        )

    def read_by_ocr(self, document_key: int) -> list[int]:
        """Return the numbers of the pages that were read by OCR, in order."""
        sql = "SELECT number FROM page WHERE document = ? AND source = 'ocr' ORDER BY number"
        return [number for (number,) in self.database.query(sql, document_key)]

    def sizes(self, document_key: int) -> list[tuple[float, float]]:
        """Return width and height of every page in points, as displayed, in order."""
        found = self.database.query("SELECT width, height FROM page WHERE document = ? ORDER BY number", document_key)
        return [(width, height) for width, height in found]

    def outline(self, document_key: int) -> list[Heading]:
        """Return the outline in order."""
        found = self.database.query(
            "SELECT level, title, page FROM heading WHERE document = ? ORDER BY number", document_key
        )
        return [Heading(*row) for row in found]

    def titles(self, document_key: int) -> list[str]:
        """Return the titles that passages of a document stand below."""
        paths = self.database.query("SELECT DISTINCT headings FROM passage WHERE document = ?", document_key)
        return list(dict.fromkeys(title for (path,) in paths for title in json.loads(path)))

    # --------------------------------------------------------------------------------------------- passages

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return passages in the order asked; those that were removed meanwhile are left out."""
        generation = self.generation()
        if self._kept[0] != generation or len(self._kept[1]) > _PASSAGES_KEPT:
            self._kept = (generation, {})
        kept = self._kept[1]  # several signals look at the same passages of a question
        new = [id_ for id_ in ids if id_ not in kept]
        if new:
            read = self._passages("passage.id IN (SELECT value FROM json_each(?))", _json(new))
            kept.update((passage.id, passage) for passage in read)
        found = (kept.get(id_) for id_ in ids)
        return [passage for passage in found if passage is not None]

    def index_texts(self, ids: Sequence[int] | NDArray[np.int64]) -> dict[int, str]:
        """Return what is searched of passages, by id; those that were removed meanwhile are left out."""
        sql = "SELECT id, coalesce(index_text, text) FROM passage WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self.database.query(sql, _json(ids)))

    def passages_of(self, document_key: int) -> list[Passage]:
        """Return all passages of a document in reading order."""
        return self._passages("passage.document = ? ORDER BY passage.number", document_key)

    def _passages(self, where: str, *values: Any) -> list[Passage]:
        sql = (
            f"SELECT {rows.PASSAGE_COLUMNS} FROM passage JOIN document ON document.key = passage.document WHERE {where}"
        )
        return [rows.passage_from_row(row) for row in self.database.query(sql, *values)]

    def passage_ids(
        self, document_keys: Sequence[int] | None = None, *, with_vectors: bool = False
    ) -> NDArray[np.int64]:
        """Return the ids, rising, of the passages of these documents, or of all when None.

        With `with_vectors`, only of documents that are ready. Within a document ids rise with the reading order.
        """
        ready = " AND document IN (SELECT key FROM document WHERE state = 'ready')" if with_vectors else ""
        chosen = "TRUE" if document_keys is None else "document IN (SELECT value FROM json_each(?))"
        values = () if document_keys is None else (_json(document_keys),)
        sql = f"""
            SELECT document, min(id), max(id), count(*) FROM passage WHERE {chosen}{ready} GROUP BY document
        """
        blocks = []  # passages of a document are entered together, so that their ids follow each other
        for key, first, last, n in self.database.query(sql, *values):
            if last - first + 1 == n:
                blocks.append(np.arange(first, last + 1, dtype=np.int64))
            else:
                rows_ = self.database.query("SELECT id FROM passage WHERE document = ?", key)
                blocks.append(np.array([id_ for (id_,) in rows_], np.int64))
        return np.sort(np.concatenate(blocks)) if blocks else np.zeros(0, np.int64)

    def passage_places(self, ids: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return (n, 4): id, document key, first page, last page, by id; ids that are gone are left out."""
        return self._placing.places(ids)

    def passages_on(self, pages: Sequence[tuple[int, int]]) -> list[int]:
        """Return the ids, in order, of the passages that stand on these pages: (document key, page)."""
        return self._placing.on(pages)

    def passage_counts(self) -> dict[int, int]:
        """Return how many passages each document has that can be searched, by its key."""
        return dict(self.database.query("SELECT key, n_passages FROM document WHERE n_passages > 0"))

    def page_counts(self) -> dict[int, int]:
        """Return how many pages with text each document has, by its key."""
        return dict(self.database.query("SELECT key, n_texts FROM document WHERE n_texts > 0"))

    def shares_of_digits(self, ids: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (n, 2), by id: the share of digits of the passage, and of the page that it begins on."""
        return self._placing.shares_of_digits(ids)

    def acronyms(self) -> list[tuple[int, Acronym]]:
        """Return (document key, acronym) of all that the documents explain."""
        found = self.database.query("SELECT document, short, long FROM acronym ORDER BY short, long, document")
        return [(key, Acronym(short, long)) for key, short, long in found]

    # ---------------------------------------------------------------------------------------------- vectors

    def vectors(self, ids: Sequence[int] | NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
        """Return the ids that have a vector, in rising order, and their vectors (n, n_dims)."""
        sql = "SELECT passage, data FROM vector WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY passage"
        found = self.database.query(sql, _json(ids))
        return np.array([row[0] for row in found], np.int64), rows.vectors_from_blobs([row[1] for row in found])

    def n_dims(self) -> int | None:
        """Return the length of the library's vectors; None when there are none."""
        found = self.database.query("SELECT length(data) FROM vector LIMIT 1")
        return int(found[0][0]) // 2 if found else None  # float16

    def encoder_id(self) -> str | None:
        """Return the id of the encoder that made the library's vectors; None when there are none."""
        sql = "SELECT value FROM meta WHERE name = 'encoder' AND EXISTS (SELECT * FROM vector)"
        return next((str(row[0]) for row in self.database.query(sql)), None)

    def check_encoder(self, encoder_id: str) -> None:
        """Make sure that the library's vectors, if there are any, were made by this encoder.

        Raises:
            EncoderMismatch: by another; the message names both.
        """
        stored = self.encoder_id()
        if stored is not None and stored != encoder_id:
            raise EncoderMismatch(
                f"The vectors of {self.file.parent} were made by {stored}, and {encoder_id} is to be used now. Set the "
                "encoder back (FOOTNOTE_ENCODER), or add the documents to a new library with --library."
            )


def _json(ids: Sequence[int] | NDArray[np.int64]) -> str:
    return json.dumps(np.asarray(ids, np.int64).tolist())
