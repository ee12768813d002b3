"""The process that reads one PDF, so that a bad file can take nothing else down.

    python -m rag.ingest.child

A job comes in on standard input, messages go out on standard output: each is a pickled tuple after its length in four
bytes. The parent starts this process from its own code and reads nothing else, so the pickles cross no border of trust
that the user's own files do not cross already. Messages:

    ("pages", n)                           the document is open
    ("step", "read" | "compose", page)     about to work on this page
    ("step", "finish", 0)                  about to work on all pages together
    ("done", ParsedDocument)
    ("error", class name, message)         one of rag.errors
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import struct
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from rag.errors import DamagedPdf, FootnoteError, ParseLimit
from rag.ingest.pdf import open_pdf
from rag.ingest.reading import ReadPage, read_document, read_page

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Job:
    """What the child is to read, and within which limits."""

    path: Path
    name: str
    lexicon: frozenset[str]
    failed: dict[int, str]  # pages not to try, with the reason
    cpu_s: int
    memory_mb: int


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
    _limit(job)
    threading.Thread(target=_die_with_parent, args=(inbox,), daemon=True).start()
    gc.disable()  # nothing here makes cycles, and looking for them takes a fifth of the time
    try:
        send(outbox, ("done", _read(job, outbox, read)))
    except FootnoteError as exc:
        send(outbox, ("error", type(exc).__name__, str(exc)))
    except MemoryError:
        message = f"{job.name} takes more than {job.memory_mb} MB to read. Split it into smaller files and add those."
        send(outbox, ("error", ParseLimit.__name__, message))
    except Exception as exc:  # noqa: BLE001  (the edge: whatever a file provokes is told, never swallowed)
        message = f"{job.name} is damaged in a way that cannot be read ({type(exc).__name__}: {exc})."
        send(outbox, ("error", DamagedPdf.__name__, message))


def _read(job: Job, outbox: BinaryIO, read: ReadPage) -> object:
    document = open_pdf(job.path, name=job.name)
    send(outbox, ("pages", len(document)))
    return read_document(
        document,
        name=job.name,
        lexicon=job.lexicon,
        failed=job.failed,
        on_step=lambda step, page: send(outbox, ("step", step, page)),
        read=read,
    )


def _private_stdout() -> BinaryIO:
    """Return standard output for messages alone; what libraries print goes to standard error."""
    outbox = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return outbox


def _limit(job: Job) -> None:
    """Set limits of CPU time and memory, where the system has them (Windows has none, macOS none of memory)."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    for limit, value in ((resource.RLIMIT_AS, job.memory_mb << 20), (resource.RLIMIT_CPU, job.cpu_s)):
        hard = resource.getrlimit(limit)[1]
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (soft, hard))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _die_with_parent(inbox: BinaryIO) -> None:
    """End this process when the parent's end of standard input closes: it was killed, or has lost interest."""
    while inbox.read(1):
        time.sleep(0.1)
    os._exit(1)


if __name__ == "__main__":
    main()
