"""What was seen of the files of a watched folder: so a changed file is told from a new one, also after a restart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from rag.index.catalog import Catalog
from rag.index.rows import storable

_PREFIX = "watched:"


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was when it was last taken in."""

    sha256: str
    n_bytes: int
    changed: int  # nanoseconds since the epoch


class Watched:
    """The files that a library has taken from watched folders, by their paths."""

    def __init__(self, catalog: Catalog) -> None:
        self._database = catalog.database

    def get(self, path: Path) -> Seen | None:
        """Return how a file was when it was last taken in; None: it never was."""
        found = self._database.query("SELECT value FROM meta WHERE name = ?", _name(path))
        return Seen(*json.loads(found[0][0])) if found else None

    def put(self, path: Path, seen: Seen) -> None:
        """Note how a file is."""
        value = json.dumps([seen.sha256, seen.n_bytes, seen.changed])
        with self._database.writing(counts_up=False) as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_name(path), value))

    def paths(self, sha256: str) -> list[Path]:
        """Return where files with these bytes were seen."""
        sql = "SELECT name FROM meta WHERE name GLOB ? AND json_extract(value, '$[0]') = ?"
        found = self._database.query(sql, f"{_PREFIX}*", sha256)
        return [Path(str(row[0]).removeprefix(_PREFIX)) for row in found]


def _name(path: Path) -> str:
    return _PREFIX + storable(str(path))
