"""Words that several pages say: states, sizes, stages. Pure; plain text, never markup. `rag.wording` has more."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Document, DocumentState, Stage

UNEXPECTED = "Something went wrong that should not have. The details are in the log of the program; try again."

STATE: dict[DocumentState, str] = {
    "reading": "being read",
    "searchable": "searchable by words; meaning-search is being prepared",
    "ready": "ready",
    "failed": "could not be read",
}

_TERMINAL = re.compile(r"(?<=[.!?]) [^.]*\bfootnote add\b.*$", re.DOTALL)  # a last sentence that names a command

_STAGE: dict[Stage, str] = {
    "copy": "copying",
    "read": "reading page {done:,} of {total:,}",
    "ocr": "reading scanned page {done:,} of {total:,} (OCR)",
    "index": "indexing its words",
    "encode": "searchable by words; preparing meaning-search",
}


def stage_words(stage: Stage, done: int, total: int) -> str:
    """Return what is being done with a file."""
    return _STAGE[stage].format(done=done, total=total)


def size_words(n_bytes: int) -> str:
    """Return a file's size, in decimal units."""
    if n_bytes < 1_000_000:
        return f"{max(1, round(n_bytes / 1_000)):,} KB"
    return f"{n_bytes / 1_000_000:.1f} MB"


def count_words(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: 1 page, 2 pages."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def seconds_words(seconds: float) -> str:
    """Return a duration, short."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def library_line(documents: Sequence[Document]) -> str:
    """Return what a library holds; files that cannot be read are counted apart."""
    if not documents:
        return "No documents yet."
    readable, reading, failed = (
        [d for d in documents if d.state in states] for states in ({"searchable", "ready"}, {"reading"}, {"failed"})
    )
    parts = [f"{len(reading)} being read"] if reading else []
    if failed:
        parts.append(count_words(len(failed), "file needs attention", "files need attention"))
    if readable:
        n_pages, n_bytes = sum(d.n_pages for d in readable), sum(d.n_bytes for d in readable)
        parts = [count_words(len(readable), "document"), count_words(n_pages, "page"), size_words(n_bytes), *parts]
    return " · ".join(parts)


def reason_words(reason: str, *, is_locked: bool = False) -> str:
    """Return why a file could not be read, in the words of the page: what to type in a terminal is left out.

    Args:
        is_locked: whether a password field follows below.
    """
    said = _TERMINAL.sub("", reason)
    return f"{said} Type its password below." if is_locked else said


def document_line(document: Document, *, is_locked: bool = False) -> str:
    """Return what there is to say about a document beside its name."""
    if is_locked:
        return f"locked · {size_words(document.n_bytes)}"
    if document.state in {"failed", "reading"}:
        return f"{STATE[document.state]} · {size_words(document.n_bytes)}"
    parts = [
        count_words(document.n_pages, "page"),
        count_words(document.n_passages, "passage"),
        size_words(document.n_bytes),
    ]
    if document.state != "ready":
        parts.append(STATE[document.state])
    return " · ".join(parts)


def shortened(text: str, n_characters: int) -> str:
    """Return the text, cut after a word and marked with an ellipsis where it is too long."""
    flat = " ".join(text.split())
    if len(flat) <= n_characters:
        return flat
    cut = flat[:n_characters]
    return (cut.rsplit(" ", 1)[0] if " " in cut[n_characters // 2 :] else cut).rstrip(" ,;:.") + "…"


def welcome_words(documents: Sequence[Document]) -> str:
    """Return what an empty chat says about the library."""
    readable = [document for document in documents if document.state in {"searchable", "ready"}]
    if readable:
        many = count_words(len(readable), "document"), count_words(sum(d.n_pages for d in readable), "page")
        return f"{many[0]}, {many[1]}. Every sentence of an answer carries a footnote to the line it comes from."
    if any(document.state == "reading" for document in documents):
        return "Your documents are being read. Questions can be asked as soon as the first one is."
    return "None of the documents here could be read. The Library page says why."
