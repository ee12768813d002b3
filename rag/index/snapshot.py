"""A consistent copy of a catalog while others read and write it, and a look at a copy that came from elsewhere."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from rag.errors import LibraryDamaged
from rag.index.schema import connect, sqlite_errors

_STEP = 2_000  # database pages between two looks at the cancel button

OnStep = Callable[[int, int], None]


def snapshot(file: Path, target: Path, on_step: OnStep) -> None:
    """Copy the catalog `file` to `target` as it is now; what others write meanwhile is not in the copy.

    Args:
        on_step: is told (done, total) now and then; what it raises ends the copying.

    Raises:
        StorageError, LibraryDamaged, LibraryBusy
    """
    source = connect(file)
    try:
        with sqlite_errors(target), contextlib.closing(sqlite3.connect(target)) as copy:
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM meta").fetchone()  # from here on it sees one state only
            source.backup(copy, pages=_STEP, progress=lambda _, left, total: on_step(total - left, total))
            source.execute("ROLLBACK")
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it
    finally:
        source.close()


def check_copy(file: Path) -> None:
    """Make sure that a copy from elsewhere is sound, before anything of it is used.

    Raises:
        LibraryDamaged: it is no catalog, is broken, or would run statements of its own (no catalog has triggers).
    """
    with sqlite_errors(file), contextlib.closing(sqlite3.connect(f"{file.as_uri()}?immutable=1", uri=True)) as copy:
        copy.execute("PRAGMA trusted_schema = OFF")
        strange = copy.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchall()
        tables = {str(row[0]) for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        wrong = [str(row[0]) for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if strange or not {"meta", "document", "page", "passage", "vector", "chat", "message"} <= tables:
        raise LibraryDamaged(f"{file.name} in it is no catalog of Footnote. Choose another backup.")
    if wrong:
        raise LibraryDamaged(f"{file.name} in it is broken ({wrong[0]}). Choose another backup.")
