"""A parse in its own process, watched: limits of time and memory, progress, and a stop at any moment.

A page that crashes or hangs the reader is left out with its reason. Another child then goes on where the first one was:
what that had read lies on a shelf, a file that both know.
"""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rag import errors
from rag.errors import Cancelled, DamagedPdf, ParseLimit
from rag.ingest.child import Job, file_seconds
from rag.ingest.process import COMMAND, NOTHING_YET, Child
from rag.types import Page, ParsedDocument, Passage

_POLL_S = 0.1
_SCAN_S = 30.0  # more for each page that is read by OCR: two seconds of one core, when it is not shared
_TO_FINISH_S = 300.0  # more, to put together what was read until the limit
_MOST_FAILURES, _FAILING_SHARE = 20, 0.1  # pages that may go wrong: so many, or this share of those tried
_UNLOCK_S = 300.0
_START_S = 120.0  # for the child to begin, on a machine that is busy with other things
_OF_PAGES = {"read", "ocr", "compose"}  # steps that work on one page, which can be left out
_CAN_BE_LEFT_OUT = {"notes"}  # steps without which a document is still one

IsCancelled = Callable[[], bool]
OnPage = Callable[[int, int], None]  # pages done, pages


@dataclass(frozen=True, slots=True)
class _Limits:
    timeout_s: float | None
    page_timeout_s: float

    def file_s(self, n_pages: int) -> float:
        """Return the seconds that a file may take."""
        return self.timeout_s or file_seconds(n_pages)


@dataclass(frozen=True, slots=True)
class _Heard:
    """Who is told how far it is."""

    on_page: OnPage | None = None
    on_scan: OnPage | None = None


@dataclass(slots=True)
class _Watch:
    """What the parent knows of a run."""

    n_pages: int = 0
    n_scans: int = 0  # pages to be read by OCR
    furthest: int = 0  # the least that progress has not told yet
    step: str = "start"
    page: int = 0
    started: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)
    more_s: float = 0.0  # granted beyond the limit
    pages: list[Page] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)

    def begin(self) -> None:
        """Forget what the last child was at."""
        self.step, self.page, self.heard = "start", 0, time.monotonic()
        self.pages, self.passages = [], []

    def is_stuck(self, limits: _Limits) -> float | None:
        """Return the limit that the step has gone beyond without a word, if it has."""
        limit = {"start": _START_S, "finish": math.inf}.get(self.step, limits.page_timeout_s)
        return limit if time.monotonic() - self.heard > limit else None

    def is_over(self, limits: _Limits) -> bool:
        """Tell whether the file has taken all the time that it may."""
        allowed = limits.file_s(self.n_pages) + self.n_scans * _SCAN_S + self.more_s
        return time.monotonic() - self.started >= allowed


def parse_in_child(  # noqa: PLR0913  (limits, all with defaults)
    path: Path,
    *,
    name: str,
    lexicon: frozenset[str] = frozenset(),
    timeout_s: float | None = None,
    page_timeout_s: float = 60,
    memory_mb: int | None = None,
    ocr: str = "eng",
    on_page: OnPage | None = None,
    on_scan: OnPage | None = None,
    is_cancelled: IsCancelled | None = None,
    shelf: Path | None = None,
    command: Sequence[str] = COMMAND,
) -> ParsedDocument:
    """Read a PDF that opens without a password; `name` is what messages call it.

    `ocr` are the languages of tesseract, or "none". `on_page` hears (pages read, pages), and `on_scan` (pages read by
    OCR, pages that need it). `is_cancelled` is asked ten times a second. `shelf` is a file to lay pages in meanwhile.
    `command` starts the child.

    A file has 120 s and 5 s a page, at least 900 s, unless `timeout_s` is given, and half a minute more for each page
    that needs OCR; when they are over, what was read until then is kept. A process of the child may take `memory_mb`:
    4 GB, or half of what there is.

    Raises:
        NotAPdf, DamagedPdf, PasswordNeeded, NoText
        ParseLimit: nothing was read within the limits, or it could not be put together.
        Cancelled: `is_cancelled` said so.
    """
    limits, watch = _Limits(timeout_s, page_timeout_s), _Watch()
    memory_mb = memory_mb or usual_memory_mb()
    with _shelf_file(shelf) as shelf_file:
        job = Job(path, name, lexicon, timeout_s=timeout_s, memory_mb=memory_mb, ocr=ocr, shelf=shelf_file)
        while True:
            watch.begin()
            with Child(command, job) as child:
                outcome = _follow(child, watch, limits, _Heard(on_page, on_scan), is_cancelled)
            if not isinstance(outcome, str):
                assert outcome is not None  # only unlocking ends in nothing
                seconds = time.monotonic() - watch.started
                return replace(outcome, pages=tuple(watch.pages), passages=tuple(watch.passages), seconds=seconds)
            job = _without_what_broke(job, outcome, watch, limits)


def unlock_in_child(
    source: Path,
    target: Path,
    *,
    name: str,
    password: str | None,
    is_cancelled: IsCancelled | None = None,
    command: Sequence[str] = COMMAND,
) -> None:
    """Write `target`, a copy of an encrypted file that opens without a password.

    Raises:
        NotAPdf, DamagedPdf, PasswordNeeded, WrongPassword, ParseLimit, StorageError, Cancelled
    """
    limits, watch = _Limits(_UNLOCK_S, _UNLOCK_S), _Watch()
    job = Job(source, name, timeout_s=_UNLOCK_S, memory_mb=usual_memory_mb(), unlocked=target, password=password)
    with Child(command, job) as child:
        outcome = _follow(child, watch, limits, _Heard(), is_cancelled)
    if isinstance(outcome, str):
        raise ParseLimit(f"{name} is encrypted, and unlocking it {outcome}. Print it to a new PDF and add that.")


def usual_memory_mb() -> int:
    """Return the memory that a child may take: 4 GB, or half of what the machine has."""
    try:
        total_mb = (os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) >> 20
    except (AttributeError, ValueError, OSError):
        return 4096
    return max(1024, min(4096, total_mb // 2))


@contextlib.contextmanager
def _shelf_file(wanted: Path | None) -> Iterator[Path]:
    """Give the file for the pages, and remove it afterwards: what is there before was read by others, or otherwise."""
    if wanted is not None:
        wanted.unlink(missing_ok=True)
        try:
            yield wanted
        finally:
            wanted.unlink(missing_ok=True)
        return
    with tempfile.TemporaryDirectory(prefix="footnote-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "shelf"


# ------------------------------------------------------------------------------------------- when it breaks


def _without_what_broke(job: Job, outcome: str, watch: _Watch, limits: _Limits) -> Job:
    """Return the job for the next child; raise when it was not a single page that went wrong."""
    failed, page, name = dict(job.failed), watch.page, job.name
    if watch.is_over(limits):
        limit = f"{limits.file_s(watch.n_pages) + watch.n_scans * _SCAN_S:g} s"
        n_read = page - 1 - sum(number < page for number in failed)
        if watch.step == "ocr" and "ocr" not in job.left_out:
            watch.more_s += _TO_FINISH_S + time.monotonic() - watch.started
            return replace(job, left_out={**job.left_out, "ocr": f"took longer than the file may, {limit}"})
        if watch.step != "read" or n_read <= 0 or watch.more_s:
            raise ParseLimit(
                f"{name} took longer than {limit} to read; it stopped at page {page} of "
                f"{watch.n_pages or 'an unknown number'}. Split it into smaller files and add those."
            )
        watch.more_s = max(_TO_FINISH_S, watch.n_pages) + time.monotonic() - watch.started
        rest = range(page, watch.n_pages + 1)
        return replace(job, failed=failed | dict.fromkeys(rest, f"reading the file took longer than {limit}"))
    if watch.step == "start":
        raise ParseLimit(
            f"{name} was not read: the reader could not begin (it {outcome}). Try again, or footnote doctor."
        )
    if watch.step == "open":
        raise DamagedPdf(
            f"{name} is damaged: opening it {outcome}. Open it in a PDF viewer, save it again and add that."
        )
    if watch.step in _CAN_BE_LEFT_OUT:
        return replace(job, left_out={**job.left_out, watch.step: outcome})
    if watch.step not in _OF_PAGES or page in failed:
        raise ParseLimit(f"{name} could not be put together: it {outcome}. Split it into smaller files and add those.")
    failed[page] = outcome
    if len(failed) > max(_MOST_FAILURES, _FAILING_SHARE * page):
        if len(failed) >= page:
            raise ParseLimit(f"{name} broke the reader on its first {page} pages. Print it to a new PDF and add that.")
        reason = f"not tried: the reader broke on {len(failed)} pages before it"
        failed |= dict.fromkeys(range(page + 1, watch.n_pages + 1), reason)
    return replace(job, failed=failed)


# --------------------------------------------------------------------------------------------- following it


def _follow(
    child: Child, watch: _Watch, limits: _Limits, heard: _Heard, is_cancelled: IsCancelled | None
) -> ParsedDocument | str | None:
    """Return what the child made of the file, or how it went wrong on the page that `watch` names."""
    while True:
        if is_cancelled is not None and is_cancelled():
            raise Cancelled("Reading was stopped.")
        if watch.is_over(limits):
            return "took too long"
        if (limit := watch.is_stuck(limits)) is not None:
            return f"took longer than {limit:g} s"
        message = child.next_message(_POLL_S)
        if message is NOTHING_YET:
            continue
        watch.heard = time.monotonic()
        if message is None:
            return "crashed the reader"
        kind, *rest = message
        if kind == "done":
            parsed: ParsedDocument | None = rest[0]
            return parsed
        if kind == "error":
            raise _error(*rest)
        _note(watch, kind, rest, heard)


def _note(watch: _Watch, kind: str, rest: list[Any], heard: _Heard) -> None:
    if kind == "open":
        watch.n_pages = rest[0]
    elif kind == "pages":
        watch.pages += rest[0]
    elif kind == "passages":
        watch.passages += rest[0]
    elif kind == "scans":
        n_done, n_scans = rest
        watch.n_scans = max(watch.n_scans, n_scans)  # fewer are left for a second child
        if heard.on_scan is not None:
            heard.on_scan(n_done, n_scans)
    else:
        watch.step, watch.page = rest
        done = watch.page - 1 if watch.step == "read" else watch.n_pages  # putting together takes a tenth of the time
        if watch.step != "open" and heard.on_page is not None and watch.furthest <= done:
            watch.furthest = done + 1
            heard.on_page(done, watch.n_pages)


def _error(class_name: str, message: str) -> errors.FootnoteError:
    found = getattr(errors, class_name, DamagedPdf)
    return found(message) if issubclass(found, errors.FootnoteError) else DamagedPdf(message)
