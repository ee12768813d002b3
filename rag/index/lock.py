"""One writer at a time: a file lock that the operating system releases when its process dies.

Beside the lock stands `lock.json`, which says who holds it, and `lock.wanted`, which whoever waits touches again and
again: a process that has just given the lock back lets the one that waits go first. Threads of one process hold it
together: between them the catalog's transactions keep order.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import Cancelled, LibraryBusy, StorageError
from rag.types import IsCancelled

_POLL_S = 0.02
_COURTESY_S = 0.2  # how long one that has just written stands back for one that waits
_WANTED_S = 1.0  # the sign of one that waits counts so long


class _Hold:
    """What this process holds of one library, by any number of threads and of `WriterLock`s."""

    def __init__(self, file: Path) -> None:
        self.mutex = threading.Lock()
        self.lock = FileLock(file, thread_local=False)
        self.n_holders = 0
        self.given_back = -_COURTESY_S  # when this process held it last


_holds: dict[Path, _Hold] = {}
_holds_mutex = threading.Lock()


class WriterLock:
    """The right to write to the library in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "lock"
        self._note = folder / "lock.json"
        self._wanted = folder / "lock.wanted"

    @contextmanager
    def acquire(
        self,
        what: str,
        wait_s: float | None = 0,
        *,
        is_cancelled: IsCancelled | None = None,
        on_wait: Callable[[str], None] | None = None,
    ) -> Iterator[None]:
        """Hold the lock; `what` tells others what for ("adding report.pdf").

        Waits `wait_s` seconds for another process, or for ever when it is None. `on_wait` is told once who that is.

        Raises:
            LibraryBusy: another process holds it still; the message says which, since when and what for.
            Cancelled: `is_cancelled` told so while waiting.
            StorageError: the lock cannot be written.
        """
        hold = self._hold()
        self._stand_back(hold)
        if not self._try(hold, what):
            self._wait(hold, what, wait_s, is_cancelled or _never, on_wait or _tell_nobody)
        try:
            yield
        finally:
            self._give_back(hold)

    def _wait(
        self, hold: _Hold, what: str, wait_s: float | None, is_cancelled: IsCancelled, on_wait: Callable[[str], None]
    ) -> None:
        deadline = None if wait_s is None else time.monotonic() + wait_s
        is_told = False
        try:
            while not self._try(hold, what):
                if deadline is not None and time.monotonic() >= deadline:
                    raise LibraryBusy(f"{self._who()}. Wait until it is done, or use --wait.")
                if is_cancelled():
                    raise Cancelled(f"Stopped while waiting: {self._who()}.")
                if not is_told:
                    on_wait(self._who())
                    is_told = True
                with suppress(OSError):  # nobody stands back then, and that is all
                    self._wanted.touch()
                time.sleep(_POLL_S)
        finally:
            if is_told:
                with suppress(OSError):
                    self._wanted.unlink(missing_ok=True)

    def _stand_back(self, hold: _Hold) -> None:
        """Pause when this process held the lock a moment ago and another one waits for it."""
        if not hold.n_holders and time.monotonic() - hold.given_back < _COURTESY_S:
            with suppress(OSError):
                if abs(time.time() - self._wanted.stat().st_mtime) < _WANTED_S:
                    time.sleep(_COURTESY_S)

    def _give_back(self, hold: _Hold) -> None:
        with hold.mutex:
            hold.n_holders -= 1
            if not hold.n_holders:
                try:
                    with suppress(OSError):  # the next holder writes over it
                        self._note.unlink(missing_ok=True)
                finally:
                    hold.lock.release()
                    hold.given_back = time.monotonic()

    def _hold(self) -> _Hold:
        key = self._file.resolve()
        with _holds_mutex:
            return _holds.setdefault(key, _Hold(key))

    def _try(self, hold: _Hold, what: str) -> bool:
        with hold.mutex:
            if not hold.n_holders:
                try:
                    hold.lock.acquire(timeout=0)
                except Timeout:
                    return False
                except OSError as exc:
                    raise self._storage_error(exc) from exc
                try:
                    self._sign(what)
                except OSError as exc:
                    hold.lock.release()
                    raise self._storage_error(exc) from exc
            hold.n_holders += 1
            return True

    def _storage_error(self, exc: OSError) -> StorageError:
        return StorageError(
            f"{self._file.parent} cannot be written ({exc.strerror or exc}). Free some space, check the folder's "
            "rights, or choose another folder with --library."
        )

    def _sign(self, what: str) -> None:
        temporary = self._note.with_name(f"{self._note.name}.tmp")
        note = {"pid": os.getpid(), "since": time.time(), "what": what}
        temporary.write_text(json.dumps(note), encoding="utf-8")
        temporary.replace(self._note)

    def _who(self) -> str:
        """Say who holds the lock. The note may be missing for the instant between lock and note."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            since = time.strftime("%H:%M:%S", time.localtime(note["since"]))
            holder = f"process {note['pid']} ({note['what']}, since {since})"
        except (OSError, ValueError, KeyError, TypeError):
            holder = "another process"
        return f"{holder} is writing to {self._file.parent}"


def _never() -> bool:
    return False


def _tell_nobody(holder: str) -> None:
    del holder
