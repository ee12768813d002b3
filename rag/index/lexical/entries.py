"""What the word indexes hold: an entry a passage, a page, or a document, each with its fields."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal

import tantivy

from rag.index.catalog import Catalog
from rag.index.lexical.analysis import TOKENIZER
from rag.types import PAGES_A_DOCUMENT

Kind = Literal["passages", "pages", "documents"]

FIELDS: dict[Kind, tuple[str, ...]] = {
    "passages": ("body", "headings"),  # the indexed text; heading path and table title
    "pages": ("body", "top"),  # all text; its first characters and the headings and table titles that stand on it
    "documents": ("body", "title"),  # the text of the first page that has any; title and file name
}
_TOP = 300  # characters of a page that say what it is about
_OPENING = 3_000  # characters of a document's first page


def schema(kind: Kind) -> tantivy.Schema:
    """Return the fields of an index of this kind."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", fast=True)
    builder.add_unsigned_field("document", indexed=True, fast=True)
    builder.add_unsigned_field("version", fast=True)
    for field in FIELDS[kind]:
        builder.add_text_field(field, tokenizer_name=TOKENIZER, index_option="freq")
    return builder.build()


def versions(kind: Kind, catalog: Catalog) -> dict[int, int]:
    """Return for each document, by its key, a number that differs whenever its entries would."""
    if kind == "passages":
        return catalog.passage_counts()
    if kind == "pages":
        return catalog.page_counts()
    found = [document for document in catalog.documents() if document.state in {"searchable", "ready"}]
    return {document.key: _version(document.name, document.title) for document in found}


def counts(kind: Kind, catalog: Catalog) -> dict[int, int]:
    """Return how many entries each document should have, by its key."""
    return dict.fromkeys(versions(kind, catalog), 1) if kind == "documents" else versions(kind, catalog)


def entries(kind: Kind, catalog: Catalog, key: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield (id, version, the texts of FIELDS) of a document's entries."""
    if kind == "passages":
        for passage in catalog.passages_of(key):
            yield passage.id, 0, (passage.index_text, "\n".join((*passage.headings, passage.title)))
    elif kind == "pages":
        told = _headings_by_page(catalog, key)
        for number, text in catalog.page_texts(key):
            yield key * PAGES_A_DOCUMENT + number, 0, (text, "\n".join((text[:_TOP], *told.get(number, ()))))
    else:
        found = catalog.keyed(key)
        if found is not None:
            first = next(iter(catalog.page_texts(key)), (0, ""))[1]
            named = f"{found.title}\n{_as_words(PurePath(found.name).stem)}"
            yield key, _version(found.name, found.title), (first[:_OPENING], named)


def _headings_by_page(catalog: Catalog, key: int) -> dict[int, dict[str, None]]:
    """Return the headings and table titles that the passages of a page stand under, each once, by page."""
    told: dict[int, dict[str, None]] = {}
    for passage in catalog.passages_of(key):
        for page in passage.pages:
            told.setdefault(page, {}).update(dict.fromkeys((*passage.headings, passage.title)))
    return told


def _as_words(name: str) -> str:
    """Return a file name with spaces where its words meet."""
    return name.replace("_", " ").replace("-", " ").replace(".", " ")


def _version(name: str, title: str) -> int:
    return zlib.crc32(f"{name}\n{title}".encode())
