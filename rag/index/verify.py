"""Do catalog, indexes and files agree, and is nothing left of what was removed? Read-only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex
from rag.index.lexical import TantivyIndex
from rag.index.lexical.entries import counts
from rag.index.purging import dirty_pages, noted
from rag.types import Document

_STORED = (".pdf", ".locked")  # our copy; a file that waits for its password
_SHELF = ".reading"  # pages that lie ready while a document is read


def verify(catalog: Catalog, folder: Path, dense: FaissIndex | None, lexicals: Sequence[TantivyIndex]) -> list[str]:
    """Return what is wrong, each in plain words; empty when all agree.

    `dense` is None when there is no file of vectors.
    """
    documents = catalog.documents()
    problems = [f"catalog: {line}" for line in catalog.problems()]
    problems += [line for document in documents for line in _document(catalog, document)]
    problems += _files(folder, documents)
    problems += _purged(catalog)
    if dense is not None:
        dense.close()  # its checksum is compared
        problems += _difference("dense.faiss", dense, catalog.passage_ids(with_vectors=True))
    for lexical in lexicals:
        problems += _lexical(catalog, lexical, documents)
    return problems


def _document(catalog: Catalog, document: Document) -> list[str]:
    """Compare what is stored of a document with what its state promises."""
    whole = document.state in {"searchable", "ready"}
    n_passages = len(catalog.passage_ids([document.key]))
    sql = "SELECT count(*) FROM passage JOIN vector ON vector.passage = passage.id WHERE document = ?"
    n_vectors = catalog.database.query(sql, document.key)[0][0]
    texts = catalog.page_counts().get(document.key, 0)
    found = {
        "pages": (len(catalog.sizes(document.key)), document.n_pages if whole else 0),
        "pages with text": (len(catalog.page_texts(document.key)), texts if whole else 0),
        "passages": (n_passages, document.n_passages if whole else 0),
        "vectors": (n_vectors, n_passages if document.state == "ready" else 0),
    }
    return [
        f"{document.name} is {document.state} and has {n_found} {what} instead of {n_wanted}"
        for what, (n_found, n_wanted) in found.items()
        if n_found != n_wanted
    ]


def _files(folder: Path, documents: Sequence[Document]) -> list[str]:
    kept = folder / "files"
    ids = {document.id for document in documents}
    needed = {document.id: document.name for document in documents if document.state in {"searchable", "ready"}}
    present = {path.name for path in kept.iterdir()} if kept.is_dir() else set()
    problems = [
        f"files/{id_}.pdf, the copy of {name}, is missing"
        for id_, name in needed.items()
        if f"{id_}.pdf" not in present
    ]
    reading = {f"{document.id}{_SHELF}" for document in documents if document.state == "reading"}
    for name in sorted(present - reading):
        stem, _, ending = name.rpartition(".")
        if stem not in ids or f".{ending}" not in {*_STORED, _SHELF}:
            problems.append(f"files/{name} belongs to no document")
        elif f".{ending}" == _SHELF:
            problems.append(f"files/{name} was left by a stopped reading")
    cache = folder / "cache"
    images = {path.name for path in cache.iterdir()} if cache.is_dir() else set()
    return problems + [f"cache/{name} belongs to no document" for name in sorted(images - ids)]


def _purged(catalog: Catalog) -> list[str]:
    """Tell whether something of a removed document may be left in the catalog's own file."""
    n_dirty, log = dirty_pages(catalog.file), catalog.file.with_name(f"{catalog.file.name}-wal")
    waits = noted(catalog.database) is not None and log.is_file() and log.stat().st_size > 0
    problems = [f"{log.name} may still hold pages of removed documents"] if waits else []
    return problems + ([f"catalog.sqlite has {n_dirty} free pages that are not empty"] if n_dirty else [])


def _difference(what: str, dense: FaissIndex, wanted: np.typing.NDArray[np.int64]) -> list[str]:
    held = dense.ids()
    missing, left = np.setdiff1d(wanted, held), np.setdiff1d(held, wanted)
    problems = [f"{what} lacks {len(missing)} passages"] if len(missing) > dense.may_lag else []
    return problems + ([f"{what} still holds {len(left)} passages that were removed"] if len(left) else [])


def _lexical(catalog: Catalog, lexical: TantivyIndex, documents: Sequence[Document]) -> list[str]:
    wanted = counts(lexical.kind, catalog)
    held = lexical.counts()
    names = {document.key: document.name for document in documents}
    where = f"lexical/{lexical.kind}"
    problems = [
        f"{where} holds {held.get(key, 0)} of the {n_entries} {lexical.kind} of {names.get(key, 'a removed document')}"
        for key, n_entries in wanted.items()
        if held.get(key, 0) != n_entries
    ]
    if lexical.holds_removed():
        problems.append(f"{where} still holds words of removed {lexical.kind}")
    left = sum(n_entries for key, n_entries in held.items() if key not in wanted)
    return problems + ([f"{where} still holds {left} {lexical.kind} of removed documents"] if left else [])
