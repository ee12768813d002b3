"""Copies of pages bound to one PDF: with their marks, an outline, page labels, what the file says of itself."""

from __future__ import annotations

import io
import logging
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from PIL import Image
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from rag.export.layout import one_line
from rag.export.pdf import marks
from rag.export.pdf.copying import Copier
from rag.export.pdf.originals import originals
from rag.export.pdf.plan import Leaf
from rag.export.pdf.sheet import Sheet
from rag.export.pdf.slicing import carry_layers, fill_page
from rag.ingest.files.alike import alike

Key = tuple[str, int]  # document id and page
# What pypdf, or Python within it, raises on files that are not built as they must be.
_DAMAGE = (
    PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError,
    NotImplementedError, OSError, RecursionError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
log = logging.getLogger(__name__)
logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of every oddity of a file; what matters is seen here


@dataclass(frozen=True, slots=True)
class Picture:
    """A page that is shown as an image."""

    jpeg: bytes  # in RGB
    width: float  # points
    height: float


@dataclass(frozen=True, slots=True)
class Bound:
    """The PDF, and the pages that could not be copied, or look otherwise than they did."""

    data: bytes
    failed: frozenset[Key]


def key_of(leaf: Leaf) -> Key:
    """Return what names a page among those of all documents."""
    return leaf.document_id, leaf.page


def bind(title: str, wanted: Sequence[Leaf], files: Mapping[str, Path], pictures: Mapping[Key, Picture]) -> Bound:
    """Return the pages as one PDF, in their order; those of a document must stand together.

    Args:
        files: paths of the documents, by id.
        pictures: pages that are to be shown as these images.
    """
    writer, failed = PdfWriter(), set[Key]()
    writer.pdf_header = "%PDF-1.7"
    for document_id, group in groupby(wanted, lambda leaf: leaf.document_id):
        failed |= _bind_document(writer, list(group), files[document_id], pictures)
    _describe(writer, title, wanted)
    buffer = io.BytesIO()
    try:
        writer.write(buffer)
    except _DAMAGE as exc:
        log.debug("the pages cannot be written", exc_info=exc)
        return Bound(b"", frozenset(key_of(leaf) for leaf in wanted if key_of(leaf) not in pictures))
    data = buffer.getvalue()
    return Bound(data, frozenset(failed | _changed(data, wanted, files, {*failed, *pictures})))


def _bind_document(writer: PdfWriter, wanted: Sequence[Leaf], path: Path, pictures: Mapping[Key, Picture]) -> set[Key]:
    """Add the pages of a document; return those that could not be copied."""
    failed: set[Key] = set()
    copier, copies = Copier(writer), _Copies()
    reader = None if all(key_of(leaf) in pictures for leaf in wanted) else _opened(path)
    bound = []
    for leaf in wanted:
        target, page, sheet = writer.add_blank_page(1, 1), None, Sheet(0, 0, 1, 1)
        picture = pictures.get(key_of(leaf))
        try:
            if picture is not None:
                sheet = _show(writer, target, picture)
            elif reader is not None:
                page = reader.pages[leaf.page - 1]
                sheet = fill_page(target, page, copier)
                copies.add(page, target)
            else:
                failed.add(key_of(leaf))
        except _DAMAGE as exc:
            log.debug("%s cannot be copied", leaf.name, exc_info=exc)
            failed.add(key_of(leaf))
        bound.append((leaf, target, page, sheet))
    for leaf, target, page, sheet in bound:
        kept: list[DictionaryObject] = []
        if reader is not None and page is not None and key_of(leaf) not in failed:
            try:
                kept = list(originals(page, reader, copier, copies.of))
            except _DAMAGE as exc:
                log.debug("the annotations of %s cannot be copied", leaf.name, exc_info=exc)
                failed.add(key_of(leaf))
        _annotate(writer, target, [*kept, *_ours(writer, sheet, leaf, len(writer.pages))])
    if reader is not None:
        _finish(writer, reader, copier)
    return failed


class _Copies:
    """Which page of a file became which of ours."""

    def __init__(self) -> None:
        self._made: dict[int, PdfObject] = {}

    def add(self, page: PageObject, copy: PageObject) -> None:
        if page.indirect_reference is not None and copy.indirect_reference is not None:
            self._made[page.indirect_reference.idnum] = copy.indirect_reference

    def of(self, reference: PdfObject) -> PdfObject | None:
        return self._made.get(reference.idnum) if isinstance(reference, IndirectObject) else None


def _opened(path: Path) -> PdfReader | None:
    try:
        reader = PdfReader(path)
        return reader if len(reader.pages) else None
    except _DAMAGE as exc:
        log.debug("%s cannot be opened", path, exc_info=exc)
        return None


def _finish(writer: PdfWriter, reader: PdfReader, copier: Copier) -> None:
    try:
        carry_layers(writer, reader, copier)
    except _DAMAGE as exc:  # then all layers are seen, and pages that look otherwise for it are noticed
        log.debug("the layers cannot be copied", exc_info=exc)
    reader.close()


def _show(writer: PdfWriter, target: PageObject, picture: Picture) -> Sheet:
    """Make an empty page show an image."""
    with Image.open(io.BytesIO(picture.jpeg)) as image:
        across, down = image.size
    stream = StreamObject()
    stream.set_data(picture.jpeg)
    entries: dict[str, PdfObject] = {
        "/Type": NameObject("/XObject"),
        "/Subtype": NameObject("/Image"),
        "/Width": NumberObject(across),
        "/Height": NumberObject(down),
        "/ColorSpace": NameObject("/DeviceRGB"),
        "/BitsPerComponent": NumberObject(8),
        "/Filter": NameObject("/DCTDecode"),
    }
    stream.update({NameObject(name): value for name, value in entries.items()})
    content = StreamObject()
    content.set_data(f"q {picture.width:.3f} 0 0 {picture.height:.3f} 0 0 cm /Page Do Q".encode())
    shown = DictionaryObject({NameObject("/Page"): writer._add_object(stream)})
    target[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): shown})
    target[NameObject("/Contents")] = writer._add_object(content)
    for box in ("/MediaBox", "/CropBox"):
        target[NameObject(box)] = ArrayObject(FloatObject(side) for side in (0, 0, picture.width, picture.height))
    return Sheet(0, 0, picture.width, picture.height)


# -------------------------------------------------------------------------------------------- what is ours


def _ours(writer: PdfWriter, sheet: Sheet, leaf: Leaf, n_before: int) -> list[DictionaryObject]:
    """Return the highlights and notes of a page."""
    stem = f"footnote-{n_before}-{leaf.page}"
    made = [marks.highlight(writer, sheet, mark, f"{stem}-{n}") for n, mark in enumerate(leaf.marks) if mark.boxes]
    made += [
        marks.frame(writer, sheet, mark, mark.figure, f"{stem}-figure-{n}")
        for n, mark in enumerate(leaf.marks)
        if mark.figure is not None
    ]
    without = [mark for mark in leaf.marks if not mark.boxes and mark.figure is None]
    unlit = ["\n".join(mark.says) + "\n(This page has no words that could be marked.)" for mark in without]
    notes = [*leaf.notes, *unlit]
    return made + [marks.note(writer, sheet, text, n, f"{stem}-note-{n}") for n, text in enumerate(notes)]


def _annotate(writer: PdfWriter, page: PageObject, annotations: Sequence[DictionaryObject]) -> None:
    for annotation in annotations:
        if page.indirect_reference is not None:
            annotation[NameObject("/P")] = page.indirect_reference
    if annotations:
        page[NameObject("/Annots")] = ArrayObject(writer._add_object(annotation) for annotation in annotations)


def _describe(writer: PdfWriter, title: str, wanted: Sequence[Leaf]) -> None:
    """Add title, outline and page labels."""
    labels = ArrayObject()
    for n, leaf in enumerate(wanted):
        name = one_line(leaf.name)
        writer.add_outline_item(title=name, page_number=n)
        labels.extend([NumberObject(n), DictionaryObject({NameObject("/P"): TextStringObject(name)})])
    root = writer.root_object
    root[NameObject("/PageLabels")] = writer._add_object(DictionaryObject({NameObject("/Nums"): labels}))
    root[NameObject("/PageMode")] = NameObject("/UseOutlines")
    root[NameObject("/ViewerPreferences")] = DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(True)})
    now = datetime.now(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
    said = {"/Title": one_line(title), "/Producer": marks.AUTHOR, "/Creator": marks.AUTHOR, "/CreationDate": now}
    writer.add_metadata(said)


# ---------------------------------------------------------------------------------------------------- proof


def _changed(data: bytes, wanted: Sequence[Leaf], files: Mapping[str, Path], known: set[Key]) -> set[Key]:
    """Return the pages whose copies look otherwise, but for those that are known already."""
    changed: set[Key] = set()
    numbered = list(enumerate(wanted, 1))
    for document_id, group in groupby(numbered, lambda item: item[1].document_id):
        pairs = [(n, leaf) for n, leaf in group if key_of(leaf) not in known]
        if pairs:
            same = alike(files[document_id], [leaf.page for _, leaf in pairs], data, [n for n, _ in pairs])
            changed |= {key_of(leaf) for (_, leaf), is_same in zip(pairs, same, strict=True) if not is_same}
    return changed
