"""How much room a library takes on disk, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_PARTS = {
    "catalog": ("catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"),
    "files": ("files",),
    "indexes": ("dense.faiss", "lexical"),
    "cache": ("cache",),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """Something on disk, and its parts where they are told apart."""

    what: str
    path: Path  # of its first file or folder, whether that exists or not
    n_bytes: int
    parts: tuple[Stored, ...] = ()


def storage(folder: Path) -> list[Stored]:
    """Return the parts of the library in `folder` with their sizes: catalog, files, indexes, cache."""
    return [
        Stored(what, folder / names[0], sum(size(folder / name) for name in names)) for what, names in _PARTS.items()
    ]


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder; 0 for what is not there (any more)."""
    try:
        if path.is_dir():
            return sum(size(inner) for inner in path.iterdir())
        return path.stat().st_size
    except FileNotFoundError:
        return 0
