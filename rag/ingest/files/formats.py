"""What a file is that is named .pdf and is none, by how it begins: what to call it, and what to do with it."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path

_EXPORT = "Open it in the program that it belongs to, save or export it as PDF, and add that."
_PRINT = "Open it in a browser, print it to a PDF, and add that."
_PICTURE = "Print it to a PDF and add that."
_UNPACK = "Unpack it and add the PDFs that are in it."

_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n", "a PNG image", _PICTURE),
    (b"\xff\xd8\xff", "a JPEG image", _PICTURE),
    (b"GIF8", "a GIF image", _PICTURE),
    (b"II*\x00", "a TIFF image", _PICTURE),
    (b"MM\x00*", "a TIFF image", _PICTURE),
    (b"BM", "a bitmap image", _PICTURE),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 image", _PICTURE),
    (b"AT&TFORM", "a DjVu document", _EXPORT),
    (b"{\\rtf", "an RTF text", _EXPORT),
    (b"%!PS", "a PostScript file", "Convert it with a program such as ps2pdf, and add the result."),
    (b"\xd0\xcf\x11\xe0", "an old Office document (.doc, .xls, .ppt)", _EXPORT),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"SQLite format 3", "a database", "Look for the PDF that was meant."),
    (b"\x7fELF", "a program", "Look for the PDF that was meant."),
    (b"MZ", "a program", "Look for the PDF that was meant."),
)
_IN_ZIP = (
    ("word/", "a Word document (.docx)", _EXPORT),
    ("xl/", "an Excel workbook (.xlsx)", _EXPORT),
    ("ppt/", "a PowerPoint presentation (.pptx)", _EXPORT),
    ("META-INF/container.xml", "an e-book (.epub)", _EXPORT),
    ("content.xml", "an OpenDocument file (.odt, .ods, .odp)", _EXPORT),
)
_MARKS_OF_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script")


def format_of(path: Path, head: bytes) -> tuple[str, str]:
    """Return what a file is, with its article, and what to do; `head` are its first bytes."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"PK\x03\x04"):
        return _in_zip(path)
    if head[4:8] == b"ftyp":
        return ("a HEIC image", _PICTURE) if head[8:12] in {b"heic", b"mif1", b"heix"} else ("a video", _EXPORT)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a WebP image", _PICTURE
    for beginning, what, how in _BEGINNINGS:
        if start.startswith(beginning):
            return what, how
    lowered = start.lower()
    if any(mark in lowered for mark in _MARKS_OF_HTML):
        return "a web page", f"{_PRINT} If it says that you must sign in, do so and download the file again."
    if lowered.startswith(b"<?xml"):
        return "an XML file", _EXPORT
    if _is_text(head):
        return "plain text", _PRINT
    return "another kind of file", "Save or export it as PDF and add that."


def _in_zip(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:1000]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "a damaged zip archive", "Get a new copy of the file."
    for beginning, what, how in _IN_ZIP:
        if any(name.startswith(beginning) for name in names):
            return what, how
    return "a zip archive", _UNPACK


def _is_text(head: bytes) -> bool:
    """Tell whether the beginning of a file, which may end within a character, holds nothing but text."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return bool(text) and all(c.isprintable() or c.isspace() for c in text)
    return False
