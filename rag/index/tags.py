"""Tags: short words that a user gives to documents, to find them by and to ask only those.

Two tags that differ in case only are one: the spelling that was there first stays.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rag.errors import InputError
from rag.index.catalog import Catalog
from rag.index.rows import storable
from rag.types import Document

MAX_LENGTH = 40  # characters


class Tags:
    """The tags of a library."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog, self._database = catalog, catalog.database

    def counts(self) -> dict[str, int]:
        """Return all tags in alphabetical order, and how many documents have each."""
        found = self._database.query("SELECT name, count(*) FROM tag GROUP BY name")
        return dict(sorted(found, key=lambda row: str(row[0]).casefold()))

    def by_document(self) -> dict[int, tuple[str, ...]]:
        """Return the tags of every document that has any, by its key, in alphabetical order."""
        found: dict[int, list[str]] = {}
        for key, name in self._database.query("SELECT document, name FROM tag"):
            found.setdefault(key, []).append(name)
        return {key: tuple(sorted(names, key=str.casefold)) for key, names in found.items()}

    def of(self, document: Document) -> tuple[str, ...]:
        """Return the tags of a document in alphabetical order."""
        found = self._database.query("SELECT name FROM tag WHERE document = ?", document.key)
        return tuple(sorted((str(row[0]) for row in found), key=str.casefold))

    def documents(self, names: Sequence[str]) -> list[Document]:
        """Return the documents that have at least one of these tags, in the order in which they were added."""
        wanted = {clean_tag(name).casefold() for name in names}
        held = self.by_document()
        return [
            document
            for document in self._catalog.documents()
            if wanted & {name.casefold() for name in held.get(document.key, ())}
        ]

    def put(self, document: Document, names: Sequence[str]) -> tuple[str, ...]:
        """Give a document exactly these tags; return them as they are stored.

        Raises:
            InputError: a tag that is empty or too long; the document was removed meanwhile.
        """
        with self._database.writing() as connection:
            self._catalog.expect(document)
            spelt = {str(row[0]).casefold(): str(row[0]) for row in self._database.query("SELECT name FROM tag")}
            clean = {name.casefold(): spelt.get(name.casefold(), name) for name in map(clean_tag, names)}
            connection.execute("DELETE FROM tag WHERE document = ?", (document.key,))
            connection.executemany("INSERT INTO tag VALUES (?, ?)", [(document.key, name) for name in clean.values()])
        return self.of(document)

    def add(self, document: Document, names: Sequence[str]) -> tuple[str, ...]:
        """Give a document more tags; return all it has then."""
        return self.put(document, [*self.of(document), *names])

    def remove(self, document: Document, names: Sequence[str]) -> tuple[str, ...]:
        """Take tags away; return those that are left.

        Raises:
            InputError: the document has no such tag.
        """
        held = self.of(document)
        gone = {clean_tag(name).casefold() for name in names}
        unknown = gone - {name.casefold() for name in held}
        if unknown:
            has = f"Its tags: {', '.join(held)}." if held else "It has none."
            raise InputError(f"{document.name} has no tag {sorted(unknown)[0]!r}. {has}")
        return self.put(document, [name for name in held if name.casefold() not in gone])


def clean_tag(text: str) -> str:
    """Return a tag as it is stored: NFC, on one line, without a leading #.

    Raises:
        InputError: nothing is left, or too much.
    """
    visible = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", storable(text)))
    tag = " ".join(visible.replace(",", " ").lstrip(" #").split())
    if not tag:
        raise InputError(f"{text!r} is no tag: use at least one letter or digit.")
    if len(tag) > MAX_LENGTH:
        raise InputError(f"The tag {tag[:MAX_LENGTH]!r}… is too long: use at most {MAX_LENGTH} characters.")
    return tag
