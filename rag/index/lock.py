"""One writer at a time: a file lock that the operating system releases when its process dies.

Beside the lock stands `lock.json`, which says who holds it. Threads of one process hold it together: between them
the catalog's transactions keep order.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import LibraryBusy, StorageError

_POLL_S = 0.1


class _Hold:
    """What this process holds of one library, by any number of threads and of `WriterLock`s."""

    def __init__(self, file: Path) -> None:
        self.mutex = threading.Lock()
        self.lock = FileLock(file, thread_local=False)
        self.n_holders = 0


_holds: dict[Path, _Hold] = {}
_holds_mutex = threading.Lock()


class WriterLock:
    """The right to write to the library in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "lock"
        self._note = folder / "lock.json"

    @contextmanager
    def acquire(self, what: str, wait_s: float | None = 0) -> Iterator[None]:
        """Hold the lock; `what` tells others what for ("adding report.pdf").

        Waits `wait_s` seconds for another process, or for ever when it is None.

        Raises:
            LibraryBusy: another process holds it still; the message says which, since when and what for.
            StorageError: the lock cannot be written.
        """
        hold = self._hold()
        deadline = None if wait_s is None else time.monotonic() + wait_s
        while not self._try(hold, what):
            if deadline is not None and time.monotonic() >= deadline:
                raise LibraryBusy(self._who())
            time.sleep(_POLL_S)
        try:
            yield
        finally:
            with hold.mutex:
                hold.n_holders -= 1
                if not hold.n_holders:
                    self._note.unlink(missing_ok=True)
                    hold.lock.release()

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
        return f"{holder} is writing to {self._file.parent}. Wait until it is done, or use --wait."
