"""What a person reads in a terminal: answers with footnotes, hits, lines of documents, progress. Returns text; prints
nothing but the progress line, and that to the stream it is given.
"""

from __future__ import annotations

import shutil
import signal
import textwrap
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, TextIO

from rag.index.rows import storable
from rag.types import Added, Answer, Claim, Document, Hit, Progress
from rag.wording import OTHERWISE, left_out_words, page_name, unsupported_words, verdict_words

_STAGES = {
    "copy": "copying",
    "read": "reading pages",
    "ocr": "reading scanned pages (OCR)",
    "index": "indexing words",
    "encode": "making vectors",
}
_STATES = {
    "reading": "being read",
    "searchable": "searchable by words; vectors are missing",
    "ready": "ready",
    "failed": "failed",
}


_CONTROLS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def printable(text: str) -> str:
    """Return the text without what a terminal would obey, or cannot show: a PDF may hold any character."""
    return storable(text).translate(_CONTROLS)


def answer_text(answer: Answer) -> str:
    """Return the answer with its footnotes below."""
    width = min(100, shutil.get_terminal_size().columns)
    note = "".join(f"\n{textwrap.fill(said, width)}" for said in ([answer.note] if answer.note else []))
    note += "".join(f"\n{textwrap.fill(left_out_words(claim), width)}" for claim in answer.left_out)
    if answer.abstained:
        return f"{answer.text}{note}\n\n{hits_text(answer.hits[:3])}"
    if answer.kind == "list":
        return "\n".join([textwrap.fill(answer.text, width), "", *map(_with_pages, answer.claims)]) + note
    said = " ".join(f"{claim.text}{_markers(claim)}" for claim in answer.claims)
    notes = [
        f"[{citation.marker}] {citation.document}, {page_name(citation.page, citation.label, citation.source)}"
        + ("" if claim.verdict == "verbatim" else f": {verdict_words(claim, citation.support)}")
        for claim in answer.claims
        for citation in claim.citations
    ]
    return "\n".join([textwrap.fill(said, width), "", *notes]) + note


def _markers(claim: Claim) -> str:
    """Return the numbers of a claim's footnotes, or that it has none where it should."""
    if not claim.citations and claim.verdict == "unsupported":
        return f" ({unsupported_words(claim)})"
    against = f" ({OTHERWISE})" if claim.verdict == "contradicted" else ""
    return "".join(f" [{citation.marker}]" for citation in claim.citations) + against


def _with_pages(claim: Claim) -> str:
    where = "; ".join(f"{c.document}, {page_name(c.page, c.label, c.source)}" for c in claim.citations)
    return f"{where}: {claim.text}"


def hits_text(hits: Iterable[Hit]) -> str:
    """Return the hits, one a paragraph."""
    width = min(100, shutil.get_terminal_size().columns)
    return "\n\n".join(
        f"{hit.rank}. {hit.document}, {page_name(hit.page, hit.label, hit.source)}\n"
        + textwrap.indent(textwrap.fill(textwrap.shorten(hit.passage.text, 400, placeholder=" …"), width - 3), "   ")
        for hit in hits
    )


def document_line(document: Document) -> str:
    """Return a document as one line."""
    state = _STATES[document.state] + (f": {document.reason}" if document.reason else "")
    return f"{document.name}  {_sizes(document.n_pages, document.n_passages)}  {state}"


def added_line(added: Added) -> str:
    """Return what became of a file as one line."""
    if added.status == "failed":
        return f"{added.document}: failed: {added.reason}"
    known = "known already, " if added.status == "known" else ""
    remark = f"; {added.reason}" if added.reason else ""
    return f"{added.document}: {known}{_sizes(added.pages, added.passages)}, {_duration(added.seconds)}{remark}"


def _sizes(n_pages: int, n_passages: int) -> str:
    counts = {"page": n_pages, "passage": n_passages}
    return ", ".join(f"{n:,} {word}{'' if n == 1 else 's'}" for word, n in counts.items())


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


class Interrupt:
    """Turns the first Ctrl-C into a wish to stop, so that work can end cleanly; the second one stops at once."""

    def __init__(self) -> None:
        self._wished = threading.Event()
        self._before: Any = None

    def __enter__(self) -> Interrupt:
        self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _note(self, *_: object) -> None:
        self._wished.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def is_set(self) -> bool:
        """Tell whether the user wants to stop."""
        return self._wished.is_set()


class ProgressLine:
    """One line that is written over and over; nothing at all when the stream is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None
        self._started = time.perf_counter()
        self._last = 0.0

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def show(self, progress: Progress) -> None:
        """Write how far the work is, at most ten times a second."""
        now = time.perf_counter()
        if self._stream is None or (now - self._last < 0.1 and progress.done < progress.total):
            return
        self._last = now
        width = shutil.get_terminal_size().columns - 1
        text = printable(f"{progress.document}: {_STAGES[progress.stage]} {progress.done} of {progress.total}")
        self._stream.write("\r\x1b[K" + text[:width])
        self._stream.flush()
