"""PDF files: opening, our readable copy, and what the file says of itself (title, labels, outline).

pdfium is not thread-safe: whoever uses it in a process that has threads holds `PDFIUM_LOCK`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from rag.errors import DamagedPdf, NotAPdf, PasswordNeeded, StorageError, WrongPassword
from rag.types import Heading

PDFIUM_LOCK = threading.RLock()
_HEADER_WITHIN = 1024  # bytes
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
        raise DamagedPdf(
            f"{name} is damaged: it is cut off or not built as a PDF must be. Open it in a PDF viewer, "
            "save it again and add the new file."
        ) from exc
    if len(document) == 0:
        document.close()
        raise DamagedPdf(f"{name} is damaged: no page can be found in it. Get a new copy of the file.")
    return document


def check_header(path: Path, name: str) -> None:
    """See that a file is there and begins like a PDF.

    Raises:
        NotAPdf: zero bytes, or no PDF header within the first 1,024 bytes.
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
        raise NotAPdf(f"{name} is not a PDF, whatever its name says. Save or export it as PDF and add that.")


def _locked(name: str, password: str | None) -> PasswordNeeded:
    how = f'footnote add --password PASSWORD "{name}", or type it on the Library page'
    if password:
        return WrongPassword(f"{name} is locked, and the password given does not open it. Try again: {how}.")
    return PasswordNeeded(f"{name} is locked. Give its password: {how}.")


# ------------------------------------------------------------------------------------------------- our copy


def make_readable_copy(source: Path, target: Path, *, name: str, password: str | None) -> None:
    """Write `target`, a copy of `source` that opens without a password; `name` is what messages call it.

    Byte-identical when the file is not encrypted. The copy is written under a temporary name, flushed to disk and
    renamed, so that `target` is whole or absent.

    Raises:
        NotAPdf, DamagedPdf, PasswordNeeded, WrongPassword, StorageError
    """
    check_header(source, name)
    with _whole_or_absent(target, name) as partial, PDFIUM_LOCK:
        try:
            document = _unlock(source, name, password)
        except PasswordNeeded as locked:
            _decrypt_with_pypdf(source, partial, locked, password)
            return
        try:
            if pdfium.FPDF_GetSecurityHandlerRevision(document.raw) == -1:
                shutil.copyfile(source, partial)
            else:
                _save_decrypted(document, source, partial, name, password)
        finally:
            document.close()


def _unlock(source: Path, name: str, password: str | None) -> Any:
    """Open a PDF with the empty password, else with the given one."""
    try:
        return open_pdf(source, name=name)
    except PasswordNeeded:
        if not password:
            raise
        return open_pdf(source, name=name, password=password)


def _save_decrypted(document: Any, source: Path, partial: Path, name: str, password: str | None) -> None:
    n_pages = len(document)
    try:
        document.save(partial, flags=pdfium.FPDF_REMOVE_SECURITY)
        copy = open_pdf(partial, name=name)
    except (pypdfium2.PdfiumError, DamagedPdf, NotAPdf, PasswordNeeded) as exc:
        damaged = DamagedPdf(f"{name} is encrypted in a way that cannot be undone. Print it to a new PDF and add that.")
        damaged.__cause__ = exc
        _decrypt_with_pypdf(source, partial, damaged, password)
        return
    same = len(copy) == n_pages
    copy.close()
    if not same:
        raise DamagedPdf(f"{name} is damaged: some of its pages cannot be decrypted. Get a new copy of the file.")


def _decrypt_with_pypdf(source: Path, partial: Path, failed: Exception, password: str | None) -> None:
    """Decrypt with pypdf, which knows some schemes that pdfium does not; raise `failed` when that fails too."""
    import pypdf  # noqa: PLC0415  (half a second, and for locked files only)
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    try:
        reader = pypdf.PdfReader(source)
        if not reader.is_encrypted or not any(reader.decrypt(word) for word in ("", password) if word is not None):
            raise failed
        writer = pypdf.PdfWriter(clone_from=reader)
        writer.write(partial)
    # damaged files make pypdf raise nearly anything of these
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        NotImplementedError,
    ):
        raise failed from None


@contextlib.contextmanager
def _whole_or_absent(target: Path, name: str) -> Iterator[Path]:
    """Give a temporary path beside `target` that takes its name when all went well."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as exc:
        raise _storage_error(exc, target, name) from exc
    finally:
        partial.unlink(missing_ok=True)


def _storage_error(exc: OSError, target: Path, name: str) -> StorageError:
    if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageError(f"The disk is full: {name} could not be copied to {target.parent}. Free some space.")
    if exc.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return StorageError(f"{target.parent} cannot be written, so {name} was not copied. Change its permissions.")
    return StorageError(f"{name} could not be copied to {target.parent}: {exc.strerror or exc}. Check the disk.")


# ---------------------------------------------------------------------------------- what a file says of itself


def metadata(document: Any) -> tuple[str, str | None]:
    """Return title ("" if none) and author."""
    title, author = (_clean(document.get_metadata_value(key)) for key in ("Title", "Author"))
    return title, None if author.lower() in {"", "anonymous", "unknown", "user"} else author


def page_labels(document: Any) -> list[str | None]:
    """Return the label of each page by /PageLabels; an empty list when the file has none."""
    labels = [_clean(_label(document, i)) or None for i in range(len(document))]
    return labels if any(labels) else []


def _label(document: Any, index: int) -> str:
    n_bytes = pdfium.FPDF_GetPageLabel(document.raw, index, None, 0)
    return document.get_page_label(index) if n_bytes > 2 else ""


def outline(document: Any) -> tuple[Heading, ...]:
    """Return the PDF's own outline; entries that lead nowhere have no page."""
    headings: list[Heading] = []
    for entry in document.get_toc():
        title = _clean(entry.get_title())
        if title:
            target = entry.get_dest()
            index = target.get_index() if target else None
            headings.append(Heading(entry.level + 1, title, None if index is None else index + 1))
        if len(headings) >= _MAX_OUTLINE:
            break
    return tuple(headings)


def _clean(text: str) -> str:
    """Return text on one line, without what cannot be stored as UTF-8."""
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
