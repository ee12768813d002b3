"""One page of a PDF into another PDF: its content, the resources that the content names, its boxes."""

from __future__ import annotations

import re
from typing import cast

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
)

from rag.export.pdf.copying import Copier
from rag.export.pdf.sheet import Sheet

_LETTER = (0.0, 0.0, 612.0, 792.0)  # of a page without a MediaBox, as pdfium has it
_NAME = re.compile(rb"/([^\x00-\x20()<>\[\]{}/%]+)")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAMED = ("/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties")


def sheet_of(page: DictionaryObject) -> Sheet:
    """Return the visible part of a page as pdfium has it: the crop box within the media box."""
    media = _box(page, "/MediaBox") or _LETTER
    crop = _box(page, "/CropBox") or media
    left, bottom, right, top = (
        max(media[0], crop[0]),
        max(media[1], crop[1]),
        min(media[2], crop[2]),
        min(media[3], crop[3]),
    )
    if left >= right or bottom >= top:
        left, bottom, right, top = media
    unit = _number(page.get("/UserUnit"), 1.0)
    return Sheet(left, bottom, right, top, int(_number(page.get("/Rotate"), 0) / 90) % 4, unit if unit > 0 else 1.0)


def fill_page(target: PageObject, page: PageObject, copier: Copier) -> Sheet:
    """Make `target`, an empty page of the writer, look like a page of another file, without its annotations.

    Any error of pypdf, or of Python when a file is not built as it must be, may be raised.
    """
    sheet = sheet_of(page)
    media = _box(page, "/MediaBox") or _LETTER
    _put_box(target, "/MediaBox", media)
    _put_box(target, "/CropBox", (sheet.left, sheet.bottom, sheet.right, sheet.top))
    if sheet.turns:
        target[NameObject("/Rotate")] = NumberObject(90 * sheet.turns)
    if sheet.unit != 1:
        target[NameObject("/UserUnit")] = FloatObject(sheet.unit)
    target[NameObject("/Resources")] = copier.copy(_needed(page))
    for key in ("/Contents", "/Group"):
        if key in page:
            target[NameObject(key)] = copier.copy(page.raw_get(key))
    return sheet


def carry_layers(writer: PdfWriter, reader: PdfReader, copier: Copier) -> None:
    """Take along which layers are off, of those that the copied pages have; without it they would all be seen."""
    layers = _dictionary(reader.root_object.get("/OCProperties"))
    default = _dictionary(layers.get("/D"))
    groups = _references(layers.get("/OCGs"))
    if default.get("/BaseState") == "/OFF":
        on = {group.idnum for group in _references(default.get("/ON"))}
        off = [group for group in groups if group.idnum not in on]
    else:
        off = _references(default.get("/OFF"))
    ours = [made for group in groups if (made := copier.found(group)) is not None]
    if not ours:
        return
    root = writer.root_object
    if "/OCProperties" not in root:
        nothing = DictionaryObject({NameObject("/OFF"): ArrayObject(), NameObject("/Order"): ArrayObject()})
        root[NameObject("/OCProperties")] = DictionaryObject(
            {NameObject("/OCGs"): ArrayObject(), NameObject("/D"): nothing}
        )
    kept = cast(DictionaryObject, root["/OCProperties"])
    cast(ArrayObject, kept["/OCGs"]).extend(ours)
    hidden = [made for group in off if (made := copier.found(group)) is not None]
    cast(ArrayObject, cast(DictionaryObject, kept["/D"])["/OFF"]).extend(hidden)


# ---------------------------------------------------------------------------------------------------- resources


def _needed(page: PageObject) -> DictionaryObject:
    """Return the resources of a page that its content names: many files have one dictionary for all their pages.

    What looks like a name in the content counts as one, so that nothing that is needed is left out.
    """
    resources = _dictionary(page.get("/Resources"))
    named = _names(page.get("/Contents"))
    needed = DictionaryObject()
    for kind, value in resources.items():
        entries = value.get_object()
        if kind not in _NAMED or not isinstance(entries, DictionaryObject):
            needed[NameObject(kind)] = value
            continue
        kept = DictionaryObject({k: v for k, v in entries.items() if k.strip("/") in named or not k.isascii()})
        if any(_leans_on_page(entry.get_object()) for entry in kept.values()):
            return resources
        needed[NameObject(kind)] = kept
    return needed


def _names(contents: PdfObject | None) -> set[str]:
    """Return all names in the content of a page."""
    contents = None if contents is None else contents.get_object()
    streams = contents if isinstance(contents, ArrayObject) else [contents]
    found: set[str] = set()
    for item in streams:
        stream = None if item is None else item.get_object()
        if isinstance(stream, StreamObject):
            for name in _NAME.findall(stream.get_data()):
                plain = _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), name)
                found.add(plain.decode("latin-1"))
    return found


def _leans_on_page(resource: PdfObject | None) -> bool:
    """Tell whether something draws with the resources of the page, having none of its own."""
    if not isinstance(resource, DictionaryObject) or "/Resources" in resource:
        return False
    return resource.get("/Subtype") in {"/Form", "/Type3"} or resource.get("/PatternType") == 1


# ----------------------------------------------------------------------------------------------------- small parts


def _box(page: DictionaryObject, key: str) -> tuple[float, float, float, float] | None:
    """Return a box in order; None when there is none, or an empty one."""
    value = page.get(key)
    value = None if value is None else value.get_object()
    if not isinstance(value, ArrayObject) or len(value) < 4:
        return None
    x0, y0, x1, y1 = (_number(side, 0.0) for side in value[:4])
    left, right, bottom, top = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    return (left, bottom, right, top) if left < right and bottom < top else None


def _put_box(page: DictionaryObject, key: str, box: tuple[float, float, float, float]) -> None:
    page[NameObject(key)] = ArrayObject(FloatObject(round(side, 4)) for side in box)


def _number(value: PdfObject | None, default: float) -> float:
    value = None if value is None else value.get_object()
    return float(value) if isinstance(value, int | float) else default


def _dictionary(value: PdfObject | None) -> DictionaryObject:
    value = None if value is None else value.get_object()
    return value if isinstance(value, DictionaryObject) else DictionaryObject()


def _references(value: PdfObject | None) -> list[IndirectObject]:
    value = None if value is None else value.get_object()
    return [item for item in value if isinstance(item, IndirectObject)] if isinstance(value, ArrayObject) else []
