"""The cited pages of answers as a PDF. A page that cannot be copied is drawn; what is gone is left out, and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rag.errors import FootnoteError, InputError
from rag.export.pdf.binding import Bound, Key, Picture, bind, key_of
from rag.export.pdf.plan import Leaf, leaves
from rag.types import Answer, Document

_PICTURE_WIDTH = 1700  # pixels of a page that is drawn: 200 dots an inch on letter paper
_ROUNDS = 3  # pages, pages without those that fail, pictures alone


class Shelf(Protocol):
    """What is needed of a library."""

    def documents(self) -> list[Document]:
        """Return the documents."""
        ...

    def file(self, document: Document) -> Path:
        """Return the path of our copy."""
        ...

    def labels(self, name_or_id: str) -> dict[int, str | None]:
        """Return the printed number of every page."""
        ...

    def sizes(self, name_or_id: str) -> list[tuple[float, float]]:
        """Return width and height of every page, in points as displayed."""
        ...

    def page_image(self, name_or_id: str, page: int, width: int) -> bytes:
        """Return a page as a JPEG."""
        ...

    def older_versions(self) -> dict[str, str]:
        """Return the ids of documents that gave way to a newer version, with the name of that."""
        ...


@dataclass(frozen=True, slots=True)
class CitedPages:
    """The finished export, and what its user should know of it, a sentence each."""

    data: bytes
    n_pages: int
    n_documents: int
    remarks: tuple[str, ...]


def cited_pages(shelf: Shelf, title: str, answers: Sequence[Answer]) -> CitedPages:
    """Return a PDF of the pages that the answers cite, with their highlights and notes.

    Raises:
        InputError: nothing is cited, or nothing of what is cited can be shown any more.
    """
    wanted = leaves(answers)
    if not wanted:
        raise InputError("There is no page to export: nothing is cited.")
    there = {document.id: shelf.file(document) for document in shelf.documents()}
    remarks = _missing(wanted, there, shelf.older_versions())
    wanted = [leaf for leaf in wanted if leaf.document_id in there]
    _say_on_notes(wanted, remarks)
    _label(shelf, wanted)
    pictures: dict[Key, Picture] = {}
    bound = Bound(b"", frozenset())
    for _ in range(_ROUNDS if wanted else 0):
        bound = bind(title, wanted, there, pictures)
        if not bound.failed:
            break
        for leaf in [leaf for leaf in wanted if key_of(leaf) in bound.failed]:
            remarks.append(_draw(shelf, leaf, pictures))
            if key_of(leaf) in pictures:
                leaf.notes.append(remarks[-1])
            else:
                _say_on_notes(wanted, remarks[-1:])
        wanted = [leaf for leaf in wanted if key_of(leaf) not in bound.failed or key_of(leaf) in pictures]
    if not wanted or bound.failed:
        raise InputError(" ".join(["No cited page can be exported.", *remarks]))
    return CitedPages(bound.data, len(wanted), len({leaf.document_id for leaf in wanted}), tuple(remarks))


def _missing(wanted: Sequence[Leaf], there: dict[str, Path], older: dict[str, str]) -> list[str]:
    """Return a sentence for each document whose pages are left out."""
    gone = {leaf.document_id: leaf.document for leaf in wanted if leaf.document_id not in there}
    return [
        f"{name} is left out: the library holds a newer version of it now."
        if document_id in older
        else f"{name} is left out: it was removed from the library."
        for document_id, name in gone.items()
    ]


def _say_on_notes(wanted: Sequence[Leaf], remarks: Sequence[str]) -> None:
    """Let the notes say what is left out, for whoever gets the file alone."""
    for leaf in wanted if remarks else ():
        leaf.notes = ["\n\n".join([note, *remarks]) for note in leaf.notes]


def _label(shelf: Shelf, wanted: Sequence[Leaf]) -> None:
    """Give pages that a quote only goes on to, or that were read since, their printed numbers."""
    for document_id in {leaf.document_id for leaf in wanted if leaf.label is None}:
        labels = shelf.labels(document_id)
        for leaf in wanted:
            if leaf.document_id == document_id:
                leaf.label = leaf.label or labels.get(leaf.page)


def _draw(shelf: Shelf, leaf: Leaf, pictures: dict[Key, Picture]) -> str:
    """Put a picture in a page's place, if it can be drawn; return what to say of it."""
    try:
        jpeg = shelf.page_image(leaf.document_id, leaf.page, _PICTURE_WIDTH)
        width, height = shelf.sizes(leaf.document_id)[leaf.page - 1]
    except (FootnoteError, IndexError) as exc:
        return f"{leaf.name} is left out: {exc}"
    pictures[key_of(leaf)] = Picture(jpeg, width, height)
    return f"{leaf.name} is shown as a picture: the page is damaged in the file, so that it cannot be copied."
