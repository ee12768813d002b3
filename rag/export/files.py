"""The kinds of file that a transcript can be written to, and how such a file is called."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from rag.errors import InputError
from rag.export.docx import to_docx
from rag.export.html import to_html
from rag.export.layout import clean
from rag.export.markdown import to_markdown
from rag.export.transcript import Transcript

MAX_STEM = 80  # characters; with an ending and any encoding a name stays below the 255 bytes of a file system
_MAX_BYTES = 200
_UNSAFE = re.compile(r'[\\/:*?"<>|%\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # devices of Windows


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file."""

    ending: str  # with its stop
    name: str  # as users know it
    mime: str
    write: Callable[[Transcript], bytes]


FORMATS = (
    Format(".md", "Markdown", "text/markdown", lambda transcript: to_markdown(transcript).encode()),
    Format(".html", "Web page", "text/html", lambda transcript: to_html(transcript).encode()),
    Format(
        ".docx", "Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", to_docx
    ),
)  # fmt: skip
_ALSO = {".markdown": ".md", ".htm": ".html"}


def format_of(path: PurePath) -> Format:
    """Return the format that a file's ending names.

    Raises:
        InputError: there is none.
    """
    ending = _ALSO.get(path.suffix.lower(), path.suffix.lower())
    for format_ in FORMATS:
        if format_.ending == ending:
            return format_
    endings = ", ".join(format_.ending for format_ in FORMATS)
    raise InputError(f"{path.name} cannot be written: its ending says no known format. Use one of {endings}.")


def file_name(title: str, format_: Format) -> str:
    """Return a name for a file of this title that every file system takes, in the title's own script."""
    stem = " ".join(_UNSAFE.sub(" ", clean(title)).split())[:MAX_STEM]
    while len(stem.encode()) > _MAX_BYTES:
        stem = stem[:-1]
    stem = stem.strip(" .")
    if not stem or _RESERVED.fullmatch(stem):
        stem = f"Footnote {stem}".strip()
    return stem + format_.ending
