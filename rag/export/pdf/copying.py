"""Objects of one PDF copied into another, each once. Nothing is followed to other pages or to what a file carries.

pypdf's own copying follows every reference, so that one link or one bookmark takes the whole file along.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    EncodedStreamObject,
    IndirectObject,
    NameObject,
    NullObject,
    PdfObject,
    StreamObject,
)

# What a page is shown without: it would tell of the original, or lead to the rest of it.
_PRIVATE = {"/Metadata", "/PieceInfo", "/LastModified", "/StructParent", "/StructParents", "/OPI", "/Alternates"}
_OF_STREAMS = _PRIVATE | {"/Length", "/F", "/FFilter", "/FDecodeParms", "/DL"}  # /F would be another file
_FOREIGN = {"/Page", "/Pages", "/Catalog", "/StructTreeRoot", "/StructElem", "/Filespec", "/EmbeddedFile", "/Action"}


class Copier:
    """Copies objects of one file into a writer."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._made: dict[tuple[int, int], PdfObject] = {}  # number and generation in the file -> reference in ours
        self._waiting: list[tuple[PdfObject, PdfObject]] = []  # blank copies of these are to be filled

    def copy(self, value: PdfObject) -> PdfObject:
        """Return a copy of an object and of all that it refers to; null in the place of what must not be followed."""
        copied = self._value(value)
        while self._waiting:  # no recursion: chains of references may be long
            self._fill(*self._waiting.pop())
        return copied

    def found(self, reference: PdfObject) -> PdfObject | None:
        """Return the reference to the copy of an object; None when it was not copied."""
        if not isinstance(reference, IndirectObject):
            return None
        made = self._made.get((reference.idnum, reference.generation))
        return None if isinstance(made, NullObject) else made

    def _value(self, value: PdfObject) -> PdfObject:
        if isinstance(value, IndirectObject):
            return self._reference(value)
        blank = _blank(value)
        if blank is None:
            return NullObject() if _is_foreign(value) else value  # numbers, names, strings: nothing changes them
        self._fill(value, blank)
        return self._writer._add_object(blank) if isinstance(blank, StreamObject) else blank

    def _reference(self, reference: IndirectObject) -> PdfObject:
        key = (reference.idnum, reference.generation)
        if key not in self._made:
            source = reference.get_object()
            blank = None if source is None else _blank(source)
            if source is None or blank is None:
                self._made[key] = NullObject() if source is None or _is_foreign(source) else source
            else:
                self._made[key] = self._writer._add_object(blank)
                self._waiting.append((source, blank))
        return self._made[key]

    def _fill(self, source: PdfObject, blank: PdfObject) -> None:
        if isinstance(source, ArrayObject):
            cast(ArrayObject, blank).extend(self._value(item) for item in source)
            return
        target, is_stream = cast(DictionaryObject, blank), isinstance(source, StreamObject)
        for key, value in without(cast(DictionaryObject, source), _OF_STREAMS if is_stream else _PRIVATE):
            target[NameObject(key)] = self._value(value)
        if isinstance(source, StreamObject):
            cast(StreamObject, blank)._data = source._data  # as it is, still compressed


def without(source: DictionaryObject, keys: Iterable[str]) -> list[tuple[str, PdfObject]]:
    """Return what a dictionary holds but for these keys; references are not followed."""
    return [(key, value) for key, value in source.items() if key not in keys]


def _blank(value: PdfObject) -> PdfObject | None:
    """Return an empty object of the kind that can refer to others; None of other kinds, and of what stays behind."""
    if isinstance(value, ArrayObject):
        return ArrayObject()
    if not isinstance(value, DictionaryObject) or _is_foreign(value):
        return None
    return EncodedStreamObject() if isinstance(value, StreamObject) else DictionaryObject()


def _is_foreign(value: PdfObject) -> bool:
    return isinstance(value, NullObject) or (isinstance(value, DictionaryObject) and value.get("/Type") in _FOREIGN)
