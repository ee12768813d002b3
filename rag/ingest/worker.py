"""A parse in its own process, watched: limits of time and memory, progress, and a stop at any moment.

A page that crashes or hangs the reader is left out with its reason; the file is then read again without it.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag import errors
from rag.errors import Cancelled, DamagedPdf, ParseLimit, PdfError
from rag.ingest.child import Job, receive, send
from rag.types import ParsedDocument

CHILD = (sys.executable, "-P", "-m", "rag.ingest.child")  # -P: a user's folder with a random.py in it stays out
_MAX_RESTARTS = 20
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class _Limits:
    timeout_s: float
    page_timeout_s: float
    memory_mb: int


@dataclass(slots=True)
class _Watch:
    """What the parent knows of a run."""

    n_pages: int = 0
    furthest: int = 0  # the least that progress has not told yet
    step: str = "open"
    page: int = 0
    heard: float = field(default_factory=time.monotonic)


def parse_in_child(  # noqa: PLR0913  (limits, all with defaults)
    path: Path,
    *,
    name: str,
    lexicon: frozenset[str] = frozenset(),
    timeout_s: float = 900,
    page_timeout_s: float = 60,
    memory_mb: int = 4096,
    on_page: Callable[[int, int], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    command: Sequence[str] = CHILD,
) -> ParsedDocument:
    """Read a PDF that opens without a password; `name` is what messages call it.

    `on_page` hears (pages read, pages). `is_cancelled` is asked ten times a second. `command` starts the child.

    Raises:
        NotAPdf, DamagedPdf, PasswordNeeded, NoText
        ParseLimit: the whole file took longer than `timeout_s`, or more memory than `memory_mb`.
        Cancelled: `is_cancelled` said so.
    """
    limits = _Limits(timeout_s, page_timeout_s, memory_mb)
    deadline = time.monotonic() + timeout_s
    watch, failed = _Watch(), dict[int, str]()
    for _ in range(_MAX_RESTARTS):
        job = Job(path, name, lexicon, failed, cpu_s=int(timeout_s) + 5, memory_mb=memory_mb)
        with _Child(command, job) as child:
            outcome = _follow(child, watch, limits, deadline, on_page, is_cancelled)
        if isinstance(outcome, ParsedDocument):
            return outcome
        _stop_if_over(outcome, watch, limits, deadline, name)
        failed[watch.page] = outcome
    raise ParseLimit(f"{name} broke the reader on {len(failed)} pages. Print it to a new PDF and add that.")


def _stop_if_over(outcome: str, watch: _Watch, limits: _Limits, deadline: float, name: str) -> None:
    """Raise when it was not a single page that went wrong."""
    if time.monotonic() >= deadline:
        raise ParseLimit(
            f"{name} took longer than {limits.timeout_s:g} s to read; it stopped at page {watch.page} of "
            f"{watch.n_pages or 'an unknown number'}. Split it into smaller files and add those."
        )
    if watch.step == "open":
        raise DamagedPdf(
            f"{name} is damaged: opening it {outcome}. Open it in a PDF viewer, save it again and add that."
        )
    if watch.step == "finish":
        raise ParseLimit(f"{name} could not be put together: it {outcome}. Split it into smaller files and add those.")


def _follow(
    child: _Child,
    watch: _Watch,
    limits: _Limits,
    deadline: float,
    on_page: Callable[[int, int], None] | None,
    is_cancelled: Callable[[], bool] | None,
) -> ParsedDocument | str:
    """Return what the child made of the file, or how it went wrong on the page that `watch` names."""
    watch.step, watch.page, watch.heard = "open", 0, time.monotonic()
    while True:
        if is_cancelled is not None and is_cancelled():
            raise Cancelled("Reading was stopped.")
        now = time.monotonic()
        if now >= deadline:
            return "took too long"
        if watch.step != "finish" and now - watch.heard > limits.page_timeout_s:
            return f"took longer than {limits.page_timeout_s:g} s"
        message = child.next_message(_POLL_S)
        if message is _NOTHING_YET:
            continue
        watch.heard = time.monotonic()
        if message is None:
            return "crashed the reader"
        kind, *rest = message
        if kind == "done":
            parsed: ParsedDocument = rest[0]
            return parsed
        if kind == "error":
            raise _error(*rest)
        _note(watch, kind, rest, on_page)


def _note(watch: _Watch, kind: str, rest: list[Any], on_page: Callable[[int, int], None] | None) -> None:
    if kind == "pages":
        watch.n_pages = rest[0]
        return
    watch.step, watch.page = rest
    done = watch.page - 1 if watch.step == "read" else watch.n_pages  # putting together takes a tenth of the time
    if on_page is not None and watch.furthest <= done:
        watch.furthest = done + 1
        on_page(done, watch.n_pages)


def _error(class_name: str, message: str) -> PdfError:
    found = getattr(errors, class_name, DamagedPdf)
    return found(message) if issubclass(found, errors.FootnoteError) else DamagedPdf(message)


_NOTHING_YET = object()


class _Child:
    """The process, and the messages that come from it. Leaving the context kills it."""

    def __init__(self, command: Sequence[str], job: Job) -> None:
        root = str(Path(__file__).parents[2])
        paths = [root, os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "OMP_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl-C is for the parent, which stops the child itself
        )
        self._messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        try:
            assert self._process.stdin is not None
            send(self._process.stdin, job)  # type: ignore[arg-type]
        except (BrokenPipeError, ConnectionError):
            pass  # it died at once; the listener says so

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while True:
            message = receive(self._process.stdout)  # type: ignore[arg-type]
            self._messages.put(message)
            if message is None or message[0] in {"done", "error"}:
                return

    def next_message(self, timeout_s: float) -> Any:
        """Return a message, None when the child has ended, or `_NOTHING_YET`."""
        try:
            return self._messages.get(timeout=timeout_s)
        except queue.Empty:
            return _NOTHING_YET

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join(timeout=5)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
