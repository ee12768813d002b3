"""What was removed is out of every answer at once. That nothing of it is left in any file takes a second step.

The note of that stands in the catalog, set by the transaction that removes and taken away when the purge is done, so
that a purge that was killed is known of at the next start.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rag.index.database import Database

_NOTE = "purge"  # in `meta`; its value is the generation of the last removal
_HEADER = 100  # bytes of a SQLite file


def note(connection: sqlite3.Connection) -> None:
    """Note, within the transaction that removes something, that there is something to purge."""
    sql = "INSERT OR REPLACE INTO meta SELECT ?, value + 1 FROM meta WHERE name = 'generation'"
    connection.execute(sql, (_NOTE,))


def noted(database: Database) -> int | None:
    """Return which removal is to be purged; None: all are."""
    found = database.query("SELECT value FROM meta WHERE name = ?", _NOTE)
    return int(found[0][0]) if found else None


def done(database: Database, removal: int) -> None:
    """Note that all is purged up to this removal."""
    with database.writing(counts_up=False) as connection:
        connection.execute("DELETE FROM meta WHERE name = ? AND value <= ?", (_NOTE, removal))


def dirty_pages(file: Path) -> int:
    """Return how many free pages of a catalog are not empty; 0 while its log holds newer pages than it does.

    Source: SQLite, Database File Format, 1.5 The Freelist (trunk pages that list free ones).
    """
    log = file.with_name(f"{file.name}-wal")
    if log.is_file() and log.stat().st_size:
        return 0
    with file.open("rb") as stream:
        header = stream.read(_HEADER)
        size = int.from_bytes(header[16:18], "big")
        size = 1 << 16 if size == 1 else size
        trunk, n_dirty = int.from_bytes(header[32:36], "big"), 0
        while trunk:
            stream.seek((trunk - 1) * size)
            page = stream.read(size)
            trunk, n_listed = int.from_bytes(page[:4], "big"), int.from_bytes(page[4:8], "big")
            for i in range(n_listed):
                stream.seek((int.from_bytes(page[8 + 4 * i : 12 + 4 * i], "big") - 1) * size)
                n_dirty += any(stream.read(size))
        return n_dirty
