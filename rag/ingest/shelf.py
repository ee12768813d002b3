"""Pages as read, laid aside until all are: in a file, so that neither a long document nor a crash is paid for twice.

What is put on the shelf is written at once. The next child of the same reading, which opens the same file, finds all
that was put there before, except what was cut off in the middle. Another reading begins with an empty one: it may be of
another version, or in other languages. Not for files of others: what is read from it is unpickled.
"""

from __future__ import annotations

import pickle
import struct
import tempfile
from pathlib import Path
from typing import IO, Any

_HEAD = struct.Struct(">II")  # key, bytes
_KEPT_BYTES = 8 << 20  # of what was put, as it is written: so much is also kept as it came, about six times as large


class Shelf:
    """Things by number, in the file `path`, or in one that nobody sees when it is None."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = _opened(path)
        self._places: dict[int, tuple[int, int]] = {}
        self._kept: dict[int, Any] = {}
        self._end = self._take_stock()

    def __contains__(self, number: int) -> bool:
        return number in self._places

    def put(self, number: int, thing: object) -> None:
        """Lay something aside; it takes the place of what had its number."""
        data = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
        self._file.seek(self._end)
        self._file.write(_HEAD.pack(number, len(data)))
        self._file.write(data)
        self._file.flush()
        self._places[number] = (self._end + _HEAD.size, len(data))
        self._end += _HEAD.size + len(data)
        self._kept.pop(number, None)
        if self._end < _KEPT_BYTES:
            self._kept[number] = thing

    def get(self, number: int) -> Any:
        """Return what has this number.

        Raises:
            KeyError: nothing has.
        """
        if number in self._kept:
            return self._kept[number]
        start, n_bytes = self._places[number]
        self._file.seek(start)
        return pickle.loads(self._file.read(n_bytes))

    def close(self) -> None:
        """Close the file, and leave it where it is."""
        self._file.close()

    def _take_stock(self) -> int:
        """Find what an earlier process has put there; return where the last whole thing ends."""
        size, at = self._file.seek(0, 2), 0
        while at + _HEAD.size <= size:
            self._file.seek(at)
            number, n_bytes = _HEAD.unpack(self._file.read(_HEAD.size))
            if at + _HEAD.size + n_bytes > size:
                break
            at += _HEAD.size
            self._places[number] = (at, n_bytes)
            at += n_bytes
        return at


def _opened(path: Path | None) -> IO[bytes]:
    if path is None:
        return tempfile.TemporaryFile()
    path.touch(mode=0o600)
    return path.open("r+b")
