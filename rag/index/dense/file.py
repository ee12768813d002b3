"""The file `dense.faiss`: FAISS's own bytes, the passages' ids, and a trailer with their checksum.

FAISS loads a flipped bit without a word; the trailer says whose vectors they are and holds the checksum. The file is
mapped, not read: opening takes a moment whatever its size.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from rag.index.dense.bases import Base, Exact, Ids, Inverted, placed

NAME = "dense.faiss"
_MAGIC = b"FOOTNOTE"
_TRAILER_END = 4 + len(_MAGIC)  # length of the trailer's JSON, then the magic bytes
_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Trailer:
    """What the file says of itself."""

    encoder: str | None
    n_dims: int
    crc32: int
    n_ids: int
    trained_for: int  # 0: exact


def write(file: Path, base: Base, encoder: str | None, n_dims: int) -> None:
    """Write the file: to a temporary name, which then takes the place of the old one.

    Raises:
        OSError, RuntimeError: the disk is full, or the folder cannot be written; the old file is as it was.
    """
    for orphan in file.parent.glob(f"{NAME}.tmp*"):
        orphan.unlink(missing_ok=True)
    temporary = file.with_name(f"{NAME}.tmp{os.getpid()}")
    try:
        base.faiss.write_index(base.index, str(temporary))
        with temporary.open("ab") as stream:
            stream.write(base.ids.astype("<i8").tobytes())
        trained_for = base.trained_for if isinstance(base, Inverted) else 0
        trailer = Trailer(encoder, n_dims, _crc32(temporary), len(base.ids), trained_for)
        raw = json.dumps(asdict(trailer)).encode()
        with temporary.open("ab") as stream:
            stream.write(raw + len(raw).to_bytes(4, "little") + _MAGIC)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
        _fsync_folder(file.parent)
    finally:
        temporary.unlink(missing_ok=True)


def read(faiss: Any, file: Path, trailer: Trailer) -> Base:
    """Return what the file holds, mapped where the system lets a mapped file be replaced.

    Raises:
        OSError, RuntimeError, ValueError: it is not what its trailer says.
    """
    index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC if os.name == "posix" else 0)
    with file.open("rb") as stream:
        stream.seek(_n_checked(file) - 8 * trailer.n_ids)
        ids: Ids = np.frombuffer(stream.read(8 * trailer.n_ids), "<i8").astype(np.int64)
    if index.ntotal != len(ids) or index.d != trailer.n_dims:
        raise ValueError(f"{index.ntotal} vectors and {len(ids)} ids")
    if not trailer.trained_for:
        return Exact(faiss, index, ids)
    if index.sq.qtype != faiss.ScalarQuantizer.QT_fp16:
        raise ValueError("an earlier version of Footnote wrote it")
    return Inverted(faiss, placed(faiss, index), ids, trailer.trained_for)


def read_trailer(file: Path) -> Trailer:
    """Return the trailer.

    Raises:
        FileNotFoundError; ValueError: there is none, or one of another version.
    """
    n_bytes = _n_checked(file)
    with file.open("rb") as stream:
        stream.seek(n_bytes)
        told = json.loads(stream.read()[:-_TRAILER_END])
    if not isinstance(told, dict) or told.keys() != {field.name for field in fields(Trailer)}:
        raise ValueError("another version of Footnote wrote it")
    return Trailer(**told)


def check(file: Path, trailer: Trailer) -> None:
    """Raise ValueError when the bytes are not those that were written."""
    if _crc32(file, _n_checked(file)) != trailer.crc32:
        raise ValueError("its checksum is wrong")


def _n_checked(file: Path) -> int:
    """Return how many bytes stand before the trailer."""
    with file.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _TRAILER_END))
        end = stream.read(_TRAILER_END)
    n_bytes = size - _TRAILER_END - int.from_bytes(end[:4], "little")
    if end[4:] != _MAGIC or n_bytes < 0:
        raise ValueError("it is cut short")
    return n_bytes


def _crc32(file: Path, n_bytes: int | None = None) -> int:
    """Return the checksum of the first `n_bytes` of a file, or of all."""
    left, checksum = file.stat().st_size if n_bytes is None else n_bytes, 0
    with file.open("rb") as stream:
        while left > 0 and (chunk := stream.read(min(left, _CHUNK))):
            checksum = zlib.crc32(chunk, checksum)
            left -= len(chunk)
    return checksum


def _fsync_folder(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
