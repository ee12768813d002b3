"""PDF files: opening, unlocking, and what the file says of itself (title, labels, outline).

pdfium is not thread-safe: whoever uses it in a process that has threads holds `PDFIUM_LOCK`.
"""

from __future__ import annotations

import shutil
import struct
import threading
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from rag.errors import DamagedPdf, NotAPdf, PasswordNeeded, StorageError, WrongPassword
from rag.ingest.files.formats import format_of
from rag.types import Heading

PDFIUM_LOCK = threading.RLock()
_HEADER_WITHIN = 1024  # bytes
_END_WITHIN = 2048  # bytes
_MAX_OUTLINE = 5000  # entries


def open_pdf(path: Path, *, name: str, password: str | None = None) -> Any:
    """Open a PDF with pdfium. The caller holds `PDFIUM_LOCK` where there are threads, and closes it.

    Raises:
        NotAPdf, DamagedPdf
        PasswordNeeded, WrongPassword: pdfium cannot open it with this password (pypdf may).
    """
    check_header(path, name)
    try:
        document = pypdfium2.PdfDocument(path, password=password or None)
    except pypdfium2.PdfiumError as exc:
        if getattr(exc, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
            raise _locked(name, password) from exc
        if is_cut_off(path):
            raise DamagedPdf(f"{name} is damaged: its end is missing. Download or copy it again, whole.") from exc
        if b"/BrotliDecode" in path.read_bytes():
            raise DamagedPdf(
                f"{name} is packed by Brotli, a way that is newer than most programs. Open it in a viewer that shows "
                "it, print it to a PDF, and add that."
            ) from exc
        raise DamagedPdf(
            f"{name} is damaged: it is not built as a PDF must be. Open it in a PDF viewer, save it again and add the "
            "new file."
        ) from exc
    if len(document) == 0:
        document.close()
        raise DamagedPdf(f"{name} is damaged: no page can be found in it. Get a new copy of the file.")
    return document


def check_header(path: Path, name: str) -> None:
    """See that a file is there and begins like a PDF.

    Raises:
        NotAPdf: zero bytes, or no PDF header within the first 1,024 bytes; says what it is instead, if that is seen.
        StorageError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_WITHIN)
    except OSError as exc:
        raise StorageError(
            f"{name} cannot be read: {exc.strerror or exc}. Check that it is there and readable."
        ) from exc
    if not head:
        raise NotAPdf(f"{name} is empty (zero bytes). Get a new copy of the file.")
    if b"%PDF-" not in head:
        what, how = format_of(path, head)
        raise NotAPdf(f"{name} is {what}, not a PDF, whatever its name says. {how}")


def is_cut_off(path: Path) -> bool:
    """Tell whether a file ends without the mark that ends every PDF, as a download that broke off does."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_WITHIN))
        return b"%%EOF" not in file.read()


def _locked(name: str, password: str | None) -> PasswordNeeded:
    how = f'footnote add --password PASSWORD "{name}", or type it on the Library page'
    if password:
        return WrongPassword(f"{name} is locked, and the password given does not open it. Try again: {how}.")
    return PasswordNeeded(f"{name} is locked. Give its password: {how}.")


# ------------------------------------------------------------------------------------------------ unlocking


def unlock(source: Path, target: Path, *, name: str, password: str | None) -> None:
    """Write `target`, a copy of an encrypted `source` that opens without a password.

    One that is not encrypted, though it looked so, is copied as it is. The empty password is tried first;
    what pdfium cannot open or write is left to pypdf, which knows more schemes.

    Raises:
        NotAPdf, DamagedPdf, PasswordNeeded, WrongPassword
        OSError: `target` cannot be written.
    """
    try:
        document = _unlocked(source, name, password)
    except PasswordNeeded as locked:
        _decrypt_with_pypdf(source, target, locked, password)
        return
    try:
        if pdfium.FPDF_GetSecurityHandlerRevision(document.raw) == -1:
            shutil.copyfile(source, target)
        else:
            _save_decrypted(document, source, target, name, password)
    finally:
        document.close()


def _unlocked(source: Path, name: str, password: str | None) -> Any:
    """Open a PDF with the empty password, else with the given one."""
    try:
        return open_pdf(source, name=name)
    except PasswordNeeded:
        if not password:
            raise
    for form in _forms(password):
        try:
            return open_pdf(source, name=name, password=form)
        except WrongPassword as exc:
            wrong = exc
    raise wrong


def _forms(password: str) -> Iterator[str]:
    """Yield the ways in which a keyboard or a program may have put the characters of a password together."""
    yield from dict.fromkeys([password, *(unicodedata.normalize(form, password) for form in ("NFC", "NFKC", "NFD"))])


def _save_decrypted(document: Any, source: Path, target: Path, name: str, password: str | None) -> None:
    n_pages = len(document)
    try:
        document.save(target, flags=pdfium.FPDF_REMOVE_SECURITY)
        copy = open_pdf(target, name=name)
    except (pypdfium2.PdfiumError, DamagedPdf, NotAPdf, PasswordNeeded) as exc:
        damaged = DamagedPdf(f"{name} is encrypted in a way that cannot be undone. Print it to a new PDF and add that.")
        damaged.__cause__ = exc
        _decrypt_with_pypdf(source, target, damaged, password)
        return
    same = len(copy) == n_pages
    copy.close()
    if not same:
        raise DamagedPdf(f"{name} is damaged: some of its pages cannot be decrypted. Get a new copy of the file.")


def _decrypt_with_pypdf(source: Path, target: Path, failed: Exception, password: str | None) -> None:
    """Decrypt with pypdf; raise `failed` when that fails too."""
    import pypdf  # noqa: PLC0415  (half a second, and for locked files only)

    try:
        reader = pypdf.PdfReader(source)
        if not reader.is_encrypted or not any(map(reader.decrypt, ("", *_forms(password or "")))):
            raise failed
        writer = pypdf.PdfWriter(clone_from=reader)
        writer.write(target)
    except pypdf_errors():
        raise failed from None


def pypdf_errors() -> tuple[type[Exception], ...]:
    """Return what pypdf raises at files that are not built as they must be: nearly anything."""
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    wrong_kind = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, MemoryError)
    return (PyPdfError, *wrong_kind, RecursionError, NotImplementedError, EOFError, struct.error, zlib.error)


# ---------------------------------------------------------------------------------- what a file says of itself


def metadata(document: Any) -> tuple[str, str | None]:
    """Return title ("" if none) and author."""
    title, author = (one_line(document.get_metadata_value(key)) for key in ("Title", "Author"))
    return title, None if author.lower() in {"", "anonymous", "unknown", "user"} else author


def page_labels(document: Any) -> list[str | None]:
    """Return the label of each page by /PageLabels; an empty list when the file has none."""
    labels = [one_line(_label(document, i)) or None for i in range(len(document))]
    return labels if any(labels) else []


def _label(document: Any, index: int) -> str:
    n_bytes = pdfium.FPDF_GetPageLabel(document.raw, index, None, 0)
    return document.get_page_label(index) if n_bytes > 2 else ""


def outline(document: Any) -> tuple[Heading, ...]:
    """Return the PDF's own outline; entries that lead nowhere have no page."""
    headings: list[Heading] = []
    for entry in document.get_toc():
        title = one_line(entry.get_title())
        if title:
            target = entry.get_dest()
            index = target.get_index() if target else None
            headings.append(Heading(entry.level + 1, title, None if index is None else index + 1))
        if len(headings) >= _MAX_OUTLINE:
            break
    return tuple(headings)


def one_line(text: str) -> str:
    """Return text on one line, without what cannot be stored as UTF-8."""
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
