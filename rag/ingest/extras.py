"""What stands on pages besides their text: notes, comments, filled-in form fields; and the files that a PDF carries.

pdfium's text of a page has none of it. pdfium says which pages have such things, which is quick; pypdf, which is slow
and can break on odd files, then reads them there and nowhere else. What it cannot read costs a warning, not the file.

Texts are kept as they are in the file. The words of a note all have the rectangle of the note.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from rag.ingest.characters.views import View
from rag.ingest.characters.words import Frame, Word
from rag.ingest.files.pdf import pypdf_errors
from rag.ingest.layout.lines import Line, Segment
from rag.ingest.notes import Note, annotations_of, notes_of, resolved, text_of
from rag.types import Attachment

_MARKUP = {
    *(pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_CARET),
    *(pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_SQUIGGLY),
    *(pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_INK, pdfium.FPDF_ANNOT_LINE, pdfium.FPDF_ANNOT_SQUARE),
    *(pdfium.FPDF_ANNOT_CIRCLE, pdfium.FPDF_ANNOT_POLYGON, pdfium.FPDF_ANNOT_POLYLINE),
}
_OTHER = {pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FILEATTACHMENT}
_MOST_A_PAGE = 2000  # annotations
_MOST_ATTACHMENTS = 1000
_NAME_LENGTH = 250

OnStep = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Extras:
    """What a file has besides the text of its pages; `lines` by page number."""

    lines: Mapping[int, tuple[Line, ...]] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    warnings: tuple[str, ...] = ()


ReadExtras = Callable[[Any, Sequence[int], OnStep], Extras]


def has_notes(page: Any) -> bool:
    """Tell whether an open pdfium page has notes, fields or files that could hold text of their own."""
    for i in range(min(_MOST_A_PAGE, pdfium.FPDFPage_GetAnnotCount(page.raw))):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, i)
        if not annotation:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            if kind in _OTHER or (kind in _MARKUP and _has_text(annotation)):
                return True
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return False


def _has_text(annotation: Any) -> bool:
    return any(pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0) > 2 for key in (b"Contents", b"RC"))


def read_extras(path: Path, document: Any, noted: Sequence[int], on_step: OnStep) -> Extras:
    """Read what the file `path`, open as `document`, has besides text.

    `noted` are the pages that have such things. `on_step` hears of each: ("notes", page), or ("notes", 0) for the
    whole file.
    """
    on_step("notes", 0)
    attachments = embedded_files(document)
    if not noted and not attachments:
        return Extras()
    try:
        reader = _opened(path)
        is_portfolio = "/Collection" in resolved(reader.trailer["/Root"])
        attachments = _sized(attachments, reader)
    except pypdf_errors() as exc:
        return Extras({}, tuple(attachments), (_not_read(exc),) if noted else ())
    lines: dict[int, tuple[Line, ...]] = {}
    unread: list[int] = []
    for number in noted:
        on_step("notes", number)
        try:
            page = reader.pages[number - 1]
            attachments += files_on(page)
            found = list(dict.fromkeys(notes_of(page)))
        except pypdf_errors():
            unread.append(number)
            continue
        lines[number] = _placed(document, number, found)
    warnings = [_pages_not_read(unread)] if unread else []
    if is_portfolio:
        warnings.append(
            f"This PDF is a portfolio: its {len(attachments)} files are listed, not read. Save them from a PDF viewer "
            "and add them."
        )
    return Extras(lines, tuple(attachments[:_MOST_ATTACHMENTS]), tuple(warnings))


def no_extras(reason: str, document: Any, noted: Sequence[int], on_step: OnStep) -> Extras:
    """Read nothing: it went wrong before, for this reason."""
    return Extras(warnings=(f"Notes, form fields and attached files were not read: it {reason}.",))


def _not_read(exc: BaseException) -> str:
    return f"Notes and form fields were not read: the file is not built as it must be ({type(exc).__name__})."


def _pages_not_read(numbers: Sequence[int]) -> str:
    listed = ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")
    pages = "1 page" if len(numbers) == 1 else f"{len(numbers)} pages"
    return f"Notes and form fields were not read on {pages} (page {listed}): they are damaged."


def _opened(path: Path) -> Any:
    import pypdf  # noqa: PLC0415  (a third of a second, and for few files only)

    reader = pypdf.PdfReader(path)
    if reader.is_encrypted:
        reader.decrypt("")
    return reader


# ----------------------------------------------------------------------------------- attached files


def embedded_files(document: Any) -> list[Attachment]:
    """Return the files that are embedded in an open pdfium document."""
    found = []
    for i in range(min(_MOST_ATTACHMENTS, max(0, pdfium.FPDFDoc_GetAttachmentCount(document.raw)))):
        attached = pdfium.FPDFDoc_GetAttachment(document.raw, i)
        if attached:
            n_bytes = ctypes.c_ulong()
            pdfium.FPDFAttachment_GetFile(attached, None, 0, ctypes.byref(n_bytes))
            found.append(Attachment(_file_name(_attached_name(attached)), n_bytes.value))
    return found


def _sized(attachments: list[Attachment], reader: Any) -> list[Attachment]:
    """Return attachments with the sizes that pypdf finds where pdfium found none."""
    if all(attached.n_bytes for attached in attachments):
        return attachments
    sizes = {_file_name(name): len(files[0]) for name, files in reader.attachments.items() if files}
    return [replace(attached, n_bytes=attached.n_bytes or sizes.get(attached.name, 0)) for attached in attachments]


def _attached_name(attached: Any) -> str:
    n_bytes = pdfium.FPDFAttachment_GetName(attached, None, 0)
    buffer = ctypes.create_string_buffer(n_bytes + 2)
    pdfium.FPDFAttachment_GetName(attached, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), n_bytes)
    return buffer.raw[: max(0, n_bytes - 2)].decode("utf-16-le", "replace")


def files_on(page: Any) -> list[Attachment]:
    """Return the files that are pinned to a pypdf page as annotations."""
    found = []
    for annotation in annotations_of(page):
        if resolved(annotation.get("/Subtype")) != "/FileAttachment":
            continue
        specification = resolved(annotation.get("/FS"))
        if not hasattr(specification, "get"):
            continue
        streams = resolved(specification.get("/EF")) or {}
        stream = resolved(streams.get("/UF") or streams.get("/F"))
        n_bytes = len(stream.get_data()) if hasattr(stream, "get_data") else 0
        found.append(Attachment(_file_name(text_of(specification.get("/UF") or specification.get("/F"))), n_bytes))
    return found


def _file_name(name: str) -> str:
    """Return the name of an attached file on one line, without folders."""
    plain = "".join(character for character in name if character.isprintable())
    return plain.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].strip()[:_NAME_LENGTH] or "without a name"


# ------------------------------------------------------------------------------------------ notes to lines


def _placed(document: Any, number: int, notes: Sequence[Note]) -> tuple[Line, ...]:
    """Return notes as lines of the page as it is displayed, each word with the rectangle of its note."""
    if not notes:
        return ()
    page = document[number - 1]
    try:
        frame = Frame.of(page)
        notes = [note for note in notes if not _is_copy(note, page)]
    except pypdfium2.PdfiumError:
        return ()
    finally:
        page.close()
    boxes = frame.place([side for note in notes for side in note.box]).tolist()
    texts = (f"{note.label} {note.text}".split() for note in notes)
    return tuple(_line(tokens, box, number) for tokens, box in zip(texts, boxes, strict=True))


def _is_copy(note: Note, page: Any) -> bool:
    """Tell whether a note only says what the page says at its place: marked text, a field that was printed, too."""
    if not note.text:
        return False
    textpage = page.get_textpage()
    try:
        under = textpage.get_text_bounded(*note.box)
    finally:
        textpage.close()
    return _squeezed(note.text) in _squeezed(under)


def _squeezed(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _line(tokens: list[str], box: Sequence[float], number: int) -> Line:
    words = [Word(token, box[0], box[1], box[2], box[3], -1) for token in tokens]
    x0, y0, x1, y1 = words[0][1:5]
    segment = Segment(tuple(words), x0, y0, x1, y1, y1 - y0)
    return Line((segment,), x0, y0, x1, y1, y1 - y0, False, " ".join(tokens), number, view=View())
