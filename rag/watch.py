"""A folder whose PDFs come into a library by themselves: new ones are added, changed ones take the place of the older
version. What is deleted in the folder stays in the library, and what is removed from the library is not taken again
until its file changes.

`FolderWatch` tells what to do, file by file, as `Change`s; whoever started it does it and says when it is done. What
the operating system reports wakes it up, and now and then it looks through the folder anyway: network drives report
nothing, and reports can be lost.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import places
from rag.errors import InputError
from rag.index.watched import Seen, Watched
from rag.library import Library
from rag.types import Document

log = logging.getLogger(__name__)

_LOOK_S = 0.25  # between two looks at files that have changed
_SETTLE_S = 1.0  # a file that has not changed for so long is completely written
_PATIENCE_S = 30.0  # one without a PDF's end mark is waited for so long: a slow download may pause
_RESCAN_S = 60.0
_POLL_S = 5.0  # where the operating system reports nothing
_TAIL = 2048  # bytes in which the end mark stands
_STEP = 1 << 20  # bytes
_AT_ONCE = 16  # files given away and not done


@dataclass(frozen=True, slots=True)
class Change:
    """A file of the folder that is to be taken into the library."""

    path: Path
    seen: Seen
    replaces: Document | None  # the document whose newer version it is; None: it is new


@dataclass(slots=True)
class _Unsettled:
    """A file that may still be written."""

    n_bytes: int
    changed: int
    since: float  # on the monotonic clock: unchanged from then on


class FolderWatch:
    """Watches `folder`, with all folders in it, for a library.

    Args:
        take: is told each change, in the watch's own thread; the watch waits for `done` or `dropped` of it before it
            looks at that file again.
        poll: do not ask the operating system for reports.

    Raises:
        InputError: there is no such folder, or it is one of Footnote's own.
    """

    def __init__(self, library: Library, folder: Path, take: Callable[[Change], None], *, poll: bool = False) -> None:
        self.folder = _checked(library, folder)
        self._library, self._take, self._poll = library, take, poll
        self._watched = Watched(library.catalog)
        self._unsettled: dict[Path, _Unsettled] = {}
        self._taken: set[Path] = set()  # given away and not done
        self._dropped: dict[Path, Seen] = {}  # given away, and not taken as they are now
        self._mutex = threading.Lock()
        self._is_stopping = threading.Event()
        self._observer: Any = None
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self.is_polling = poll
        self.n_scans = 0  # how often it looked through the folder and was done with all that it found there

    def start(self) -> None:
        """Look through the folder, then follow what changes in it. Returns at once."""
        self._observer = self._observing()
        self._thread.start()

    def stop(self) -> None:
        """Stop watching, and wait a moment for what is being looked at."""
        self._is_stopping.set()
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(timeout=5)
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def done(self, change: Change) -> None:
        """Note that a file was taken, or cannot be: it is looked at again when it changes."""
        self._watched.put(change.path, change.seen)
        self.dropped(change)

    def dropped(self, change: Change) -> None:
        """Note that a file was not taken this time: it is looked at again at the next start, or when it changes."""
        with self._mutex:
            self._taken.discard(change.path)
            self._dropped[change.path] = change.seen

    # ------------------------------------------------------------------------------------------ what is reported

    def _observing(self) -> Any:
        """Start what reports changes; where the operating system does not, what looks for them."""
        from watchdog.observers import Observer  # noqa: PLC0415  (only a program that watches needs it)
        from watchdog.observers.polling import PollingObserver  # noqa: PLC0415

        if not self._poll:
            try:
                return self._started(Observer())
            except OSError as exc:  # the limit of watched folders is reached, or the file system has no reports
                log.warning("%s is looked through every %.0f s: %s.", self.folder, _POLL_S, exc.strerror or exc)
        self.is_polling = True
        return self._started(PollingObserver(timeout=_POLL_S))

    def _started(self, observer: Any) -> Any:
        from watchdog.events import FileSystemEventHandler  # noqa: PLC0415

        noted = self._reported

        class Handler(FileSystemEventHandler):
            """Passes on which paths changed; what is only read is no change."""

            def dispatch(self, event: Any) -> None:
                if event.event_type in {"created", "modified", "moved", "closed"}:
                    noted(os.fsdecode(event.dest_path or event.src_path), is_folder=event.is_directory)

        observer.schedule(Handler(), str(self.folder), recursive=True)
        try:
            observer.start()
        except OSError:
            observer.stop()  # emitters that did start
            raise
        return observer

    def _reported(self, path: str, *, is_folder: bool) -> None:
        if is_folder:  # one that was moved here reports nothing of what is in it
            self._note(_pdfs(Path(path)))
        elif path.lower().endswith(".pdf"):
            self._note([Path(path)])

    def _note(self, paths: Iterator[Path] | list[Path]) -> None:
        with self._mutex:
            for path in paths:
                if not self._is_ours(path):
                    self._unsettled.setdefault(path, _Unsettled(-1, -1, 0.0))

    def _is_ours(self, path: Path) -> bool:
        """Tell whether a file belongs to a library: watching a folder above one must not add its copies."""
        return any(path.is_relative_to(own) for own in _own_folders(self._library)) or path.name.startswith(".")

    # ------------------------------------------------------------------------------------------ what is done

    def _run(self) -> None:
        next_scan, is_scanned = 0.0, False
        while not self._is_stopping.is_set():
            if time.monotonic() >= next_scan:
                self._note(_pdfs(self.folder))
                next_scan, is_scanned = time.monotonic() + _RESCAN_S, True
            for path in self._settled():
                while len(self._taken) >= _AT_ONCE and not self._is_stopping.is_set():
                    self._is_stopping.wait(_LOOK_S)
                if self._is_stopping.is_set():
                    return
                try:
                    self._look_at(path)
                except Exception:  # the edge of a thread: one file must not end the watch
                    log.exception("looking at %s", path)
            if is_scanned and not self._unsettled and not self._taken:
                self.n_scans, is_scanned = self.n_scans + 1, False
            self._is_stopping.wait(_LOOK_S)

    def _settled(self) -> list[Path]:
        """Return the files that are completely written, by name; they are unsettled no more."""
        with self._mutex:
            waiting = {path: state for path, state in self._unsettled.items() if path not in self._taken}
        settled = []
        for path, state in sorted(waiting.items()):
            try:
                found = path.stat()
                is_file = stat.S_ISREG(found.st_mode)  # reading a pipe would wait for ever
                is_written = self._is_written(path, state, found) if is_file else None
            except FileNotFoundError:  # deleted or moved away: it stays in the library
                is_written = None
            except OSError as exc:  # another program holds it, or it may not be read: the next look may tell
                log.debug("%s: %s", path, exc)
                continue
            if is_written is False:
                continue
            with self._mutex:
                self._unsettled.pop(path, None)
            if is_written:
                settled.append(path)
        return settled

    def _is_written(self, path: Path, state: _Unsettled, found: os.stat_result) -> bool:
        now = time.monotonic()
        if (found.st_size, found.st_mtime_ns) != (state.n_bytes, state.changed):
            if self._is_seen(path, found):
                return True  # nothing to wait for, and nothing to do
            state.n_bytes, state.changed, state.since = found.st_size, found.st_mtime_ns, now
            return False
        waited = now - state.since
        return waited >= _SETTLE_S and (waited >= _PATIENCE_S or _has_end(path, found.st_size))

    def _is_seen(self, path: Path, found: os.stat_result) -> bool:
        """Tell whether a file is as it was when it was taken, or dropped."""
        return any(
            seen is not None and (seen.n_bytes, seen.changed) == (found.st_size, found.st_mtime_ns)
            for seen in (self._dropped.get(path), self._watched.get(path))
        )

    def _look_at(self, path: Path) -> None:
        """Tell what is to be done with a file, if anything is."""
        change = self._change(path)
        if change is None:
            return
        with self._mutex:
            self._taken.add(path)
        try:
            self._take(change)
        except BaseException:
            self.dropped(change)
            raise

    def _change(self, path: Path) -> Change | None:
        try:
            found = path.stat()
            if self._is_seen(path, found):
                return None
            before = self._watched.get(path)
            seen = Seen(self._digest(path), found.st_size, found.st_mtime_ns)
        except OSError as exc:
            log.warning("%s cannot be read: %s.", path, exc.strerror or exc)
            return None
        catalog = self._library.catalog
        is_held = catalog.find(seen.sha256) is not None or self._library.is_older_version(seen.sha256) is not None
        if is_held or (before is not None and before.sha256 == seen.sha256):
            self._watched.put(path, seen)
            return None
        return Change(path, seen, self._older(path, before))

    def _digest(self, path: Path) -> str:
        sha256 = hashlib.sha256()
        with path.open("rb") as file:
            while (block := file.read(_STEP)) and not self._is_stopping.is_set():
                sha256.update(block)
        if self._is_stopping.is_set():
            raise InterruptedError("the program ends")
        return sha256.hexdigest()

    def _older(self, path: Path, before: Seen | None) -> Document | None:
        """Return the document that held this file's older version, unless that lies elsewhere in the folder by now."""
        if before is None:
            return None
        elsewhere = (other for other in self._watched.paths(before.sha256) if other != path)
        if any(other.is_file() for other in elsewhere):
            return None
        return self._library.catalog.find(before.sha256) or self._library.is_older_version(before.sha256)


def _checked(library: Library, folder: Path) -> Path:
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder} to watch. Make it, or name another one.")
    own = next((own for own in _own_folders(library) if folder.resolve().is_relative_to(own.resolve())), None)
    if own is not None:
        raise InputError(f"{folder} is part of Footnote's own {own}. Name a folder of yours to watch.")
    return folder


def _own_folders(library: Library) -> tuple[Path, Path]:
    return library.folder, places.libraries_folder()


def _pdfs(folder: Path) -> Iterator[Path]:
    """Yield the PDFs in a folder and all folders in it; what cannot be looked into is left out, which is logged."""
    for root, folders, names in os.walk(folder, onerror=lambda exc: log.warning("%s", exc)):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root) / name for name in sorted(names) if name.lower().endswith(".pdf"))


def _has_end(path: Path, n_bytes: int) -> bool:
    """Tell whether a file ends as a PDF does."""
    with path.open("rb") as file:
        file.seek(max(0, n_bytes - _TAIL))
        return b"%%EOF" in file.read()
