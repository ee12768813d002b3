"""The process that reads one PDF, so that a bad file can take nothing else down.

    python -m rag.ingest.child

A job comes in on standard input, messages go out on standard output: each is a pickled tuple after its length in four
bytes. The parent starts this process from its own code and reads nothing else, so the pickles cross no border of trust
that the user's own files do not cross already. Messages:

    ("step", "open", 0)                               about to open the document, or to unlock it
    ("open", n)                                       the document is open, and has n pages
    ("step", "read" | "ocr" | "notes" | "compose", page)   about to work on this page
    ("step", "notes" | "finish", 0)                   about to work on all pages together
    ("scans", done, n)                                OCR has read so many of n pages; also said while it is at work
    ("pages", [Page]), ("passages", [Passage])        some of what was read, in order
    ("done", ParsedDocument)                          the rest of it; None when the job was to unlock
    ("error", class name, message)                    one of rag.errors
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import struct
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from rag.errors import DamagedPdf, FootnoteError, ParseLimit, StorageError
from rag.ingest import extras
from rag.ingest.files.oddities import with_oddities
from rag.ingest.files.pdf import open_pdf, unlock
from rag.ingest.ocr.ocr import Ocr
from rag.ingest.ocr.tesseract import OFF, Readiness, readiness
from rag.ingest.reading import ReadPage, read_document, read_page
from rag.ingest.shelf import Shelf
from rag.types import ParsedDocument

_LENGTH = struct.Struct(">I")
_AT_A_TIME = 100  # pages or passages in one message
_LEAST_S, _BASE_S, _PAGE_S = 900.0, 120.0, 5.0  # a file may take the larger of the least, and base and pages
_SPARE_S = 30  # of CPU time beyond, for a parent that is gone to be missed


@dataclass(frozen=True, slots=True)
class Job:
    """What the child is to read, and within which limits."""

    path: Path
    name: str
    lexicon: frozenset[str] = frozenset()
    failed: Mapping[int, str] = field(default_factory=dict)  # pages not to try, with the reason
    left_out: Mapping[str, str] = field(default_factory=dict)  # steps not to try, with the reason
    timeout_s: float | None = None  # for the whole file; None: as `file_seconds` says
    memory_mb: int = 4096
    ocr: str = OFF  # languages of tesseract, such as "eng+deu"
    shelf: Path | None = None  # where an earlier child has laid what it had read
    unlocked: Path | None = None  # only write a copy that opens without a password here
    password: str | None = None


def file_seconds(n_pages: int) -> float:
    """Return the seconds that a file of so many pages may take, OCR aside."""
    return max(_LEAST_S, _BASE_S + _PAGE_S * n_pages)


def send(stream: BinaryIO, message: object) -> None:
    """Write one message."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Return the next message, or None at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length = _LENGTH.unpack(head)[0]
    data = stream.read(length)
    return pickle.loads(data) if len(data) == length else None


def main(read: ReadPage = read_page) -> None:
    """Read the job on standard input."""
    inbox, outbox = sys.stdin.buffer, _private_stdout()
    job: Job = receive(inbox)
    _limit("RLIMIT_AS", job.memory_mb << 20)
    _limit("RLIMIT_CPU", int(job.timeout_s or file_seconds(0)) + _SPARE_S)
    _limit("RLIMIT_CORE", 0)
    _go_first()
    threading.Thread(target=_die_with_parent, args=(inbox,), daemon=True).start()
    gc.disable()  # nothing here makes cycles, and looking for them takes a fifth of the time
    try:
        send(outbox, ("step", "open", 0))
        send(outbox, ("done", _do(job, outbox, read)))
    except FootnoteError as exc:
        send(outbox, ("error", type(exc).__name__, str(exc)))
    except OSError as exc:
        message = f"{job.name} could not be worked on: {exc.strerror or exc}. Check the disk."
        send(outbox, ("error", StorageError.__name__, message))
    except MemoryError:
        message = f"{job.name} takes more than {job.memory_mb} MB to read. Split it into smaller files and add those."
        send(outbox, ("error", ParseLimit.__name__, message))
    except Exception as exc:  # noqa: BLE001  (the edge: whatever a file provokes is told, never swallowed)
        message = f"{job.name} is damaged in a way that cannot be read ({type(exc).__name__}: {exc})."
        send(outbox, ("error", DamagedPdf.__name__, message))


def _do(job: Job, outbox: BinaryIO, read: ReadPage) -> ParsedDocument | None:
    if job.unlocked is not None:
        unlock(job.path, job.unlocked, name=job.name, password=job.password)
        return None
    parsed = _read(job, outbox, read)
    for kind, things in (("pages", parsed.pages), ("passages", parsed.passages)):
        for first in range(0, len(things), _AT_A_TIME):
            send(outbox, (kind, things[first : first + _AT_A_TIME]))
    return replace(parsed, pages=(), passages=())


def _read(job: Job, outbox: BinaryIO, read: ReadPage) -> ParsedDocument:
    document = open_pdf(job.path, name=job.name)
    _limit("RLIMIT_CPU", int(job.timeout_s or file_seconds(len(document))) + _SPARE_S)
    send(outbox, ("open", len(document)))
    skipped, too_long = job.left_out.get("notes"), job.left_out.get("ocr")
    ready = Readiness(None, f"reading the pages {too_long}", was_tried=True) if too_long else readiness(job.ocr)
    parsed = read_document(
        document,
        name=job.name,
        lexicon=job.lexicon,
        failed=job.failed,
        on_step=lambda step, page: send(outbox, ("step", step, page)),
        read=read,
        ocr=Ocr(ready, on_scan=lambda done, total: send(outbox, ("scans", done, total))),
        shelf=Shelf(job.shelf),
        read_extras=partial(extras.no_extras, skipped) if skipped else partial(extras.read_extras, job.path),
    )
    return with_oddities(parsed, document, path=job.path, name=job.name)


def _private_stdout() -> BinaryIO:
    """Return standard output for messages alone; what libraries print goes to standard error."""
    outbox = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return outbox


def _limit(name: str, value: int) -> None:
    """Set a limit of CPU time or memory, where the system has it (Windows has none, macOS none of memory)."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        limit = getattr(resource, name)
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _go_first() -> None:
    """When the memory of a Linux machine runs out, let this process be ended, not the library's."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _die_with_parent(inbox: BinaryIO) -> None:
    """End this process, and its own children, when the parent's end of standard input closes: it was killed."""
    while inbox.read(1):
        time.sleep(0.1)
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
