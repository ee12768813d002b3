"""The catalog's file: its tables, how they came to be, how a connection is set up, and what SQLite's errors mean.

A migration is one script; the number of those that were run is the file's `user_version`. Never change one that was
released: append another.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import LibraryBusy, LibraryDamaged, LibraryError, StorageError
from rag.text import digit_share

CATALOG = "catalog.sqlite"

_BUSY_TIMEOUT_S = 30.0

# Keys are never used twice (autoincrement): a key that an index still holds can only mean what it meant.
# A passage exists exactly as long as its document is searchable or ready, so passages need no look at the state.
_MIGRATIONS = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
    INSERT INTO meta VALUES ('generation', 0);
    CREATE TABLE document (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        sha256 TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        author TEXT,
        state TEXT NOT NULL CHECK (state IN ('reading', 'searchable', 'ready', 'failed')),
        reason TEXT,
        n_pages INTEGER NOT NULL DEFAULT 0,
        n_texts INTEGER NOT NULL DEFAULT 0,
        n_passages INTEGER NOT NULL DEFAULT 0,
        n_bytes INTEGER NOT NULL,
        added REAL NOT NULL
    );
    CREATE TABLE page (
        document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
        number INTEGER NOT NULL,
        label TEXT,
        width REAL NOT NULL,
        height REAL NOT NULL,
        source TEXT NOT NULL,
        reason TEXT,
        text TEXT NOT NULL,
        words BLOB NOT NULL
    );
    CREATE UNIQUE INDEX page_number ON page (document, number);
    CREATE TABLE heading (
        document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
        number INTEGER NOT NULL,
        level INTEGER NOT NULL,
        title TEXT NOT NULL,
        page INTEGER,
        PRIMARY KEY (document, number)
    ) WITHOUT ROWID;
    CREATE TABLE passage (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
        number INTEGER NOT NULL,
        first_page INTEGER NOT NULL,
        last_page INTEGER NOT NULL,
        kind TEXT NOT NULL,
        spans TEXT NOT NULL,
        headings TEXT NOT NULL,
        text TEXT NOT NULL,
        index_text TEXT
    );
    CREATE UNIQUE INDEX passage_number ON passage (document, number);
    CREATE INDEX passage_page ON passage (document, first_page, last_page);
    CREATE TABLE vector (
        passage INTEGER PRIMARY KEY REFERENCES passage ON DELETE CASCADE,
        data BLOB NOT NULL
    );
    CREATE TABLE chat (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        created REAL NOT NULL,
        updated REAL NOT NULL,
        scope TEXT
    ) WITHOUT ROWID;
    CREATE TABLE message (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        chat TEXT NOT NULL REFERENCES chat ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
        text TEXT NOT NULL,
        payload TEXT NOT NULL,
        created REAL NOT NULL
    );
    CREATE INDEX message_chat ON message (chat);
    """,
    # 2: tags; guides; notes; which document took the place of an older version (its sha256)
    """
    CREATE TABLE tag (
        document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
        name TEXT NOT NULL,
        PRIMARY KEY (document, name)
    ) WITHOUT ROWID;
    CREATE TABLE guide (
        document INTEGER PRIMARY KEY REFERENCES document ON DELETE CASCADE,
        made REAL NOT NULL,
        data TEXT NOT NULL
    );
    CREATE TABLE note (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        text TEXT NOT NULL,
        payload TEXT NOT NULL,
        created REAL NOT NULL,
        updated REAL NOT NULL
    );
    CREATE TABLE older_version (
        sha256 TEXT PRIMARY KEY,
        document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    # 3: language, warnings and attachments of documents; how sure OCR is; tables, their numbers, figures
    """
    ALTER TABLE document ADD COLUMN language TEXT;
    ALTER TABLE document ADD COLUMN seconds REAL NOT NULL DEFAULT 0;
    ALTER TABLE document ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]';
    CREATE TABLE attachment (
        document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
        number INTEGER NOT NULL,
        name TEXT NOT NULL,
        n_bytes INTEGER NOT NULL,
        PRIMARY KEY (document, number)
    ) WITHOUT ROWID;
    ALTER TABLE page ADD COLUMN confidence REAL;
    ALTER TABLE passage ADD COLUMN title TEXT NOT NULL DEFAULT '';
    ALTER TABLE passage ADD COLUMN cells TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE passage ADD COLUMN figure TEXT
    """,
    # 4: share of digits, by which pages of figures are told; acronyms; exams
    """
    ALTER TABLE page ADD COLUMN digits REAL NOT NULL DEFAULT 0;
    ALTER TABLE passage ADD COLUMN digits REAL NOT NULL DEFAULT 0;
    UPDATE page SET digits = digit_share(text);
    UPDATE passage SET digits = digit_share(text);
    DROP INDEX passage_page;
    CREATE INDEX passage_page ON passage (document, first_page, last_page, digits);
    CREATE INDEX page_digits ON page (document, number, digits);
    CREATE TABLE acronym (
        document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
        short TEXT NOT NULL,
        long TEXT NOT NULL,
        PRIMARY KEY (document, short, long)
    ) WITHOUT ROWID;
    CREATE INDEX acronym_short ON acronym (short);
    CREATE TABLE exam (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        made REAL NOT NULL,
        payload TEXT NOT NULL
    );
    CREATE TABLE exam_item (
        exam INTEGER NOT NULL REFERENCES exam ON DELETE CASCADE,
        number INTEGER NOT NULL,
        document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
        payload TEXT NOT NULL,
        PRIMARY KEY (exam, number)
    ) WITHOUT ROWID
    """,
)

VERSION = len(_MIGRATIONS)


class Connection(sqlite3.Connection):
    """A connection that is closed with the thread that used it."""

    def __del__(self) -> None:
        self.close()


def connect(file: Path) -> Connection:
    """Open the catalog, making it when it does not exist, and bring its tables up to date.

    Raises:
        StorageError, LibraryDamaged, LibraryBusy; LibraryError: written by a newer version.
    """
    with sqlite_errors(file):
        # autocommit: transactions are begun and ended in words
        connection = sqlite3.connect(
            file, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, factory=Connection
        )
        try:
            _configure(connection)
            _migrate(connection, file)
        except BaseException:
            connection.close()
            raise
    return connection


def _configure(connection: Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_TIMEOUT_S * 1000)}")
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")  # a file from elsewhere may define its tables with functions
    connection.execute("PRAGMA secure_delete = ON")  # what is removed is overwritten
    connection.create_function("digit_share", 1, digit_share, deterministic=True)  # asked for by a migration


def _use_wal(connection: Connection) -> None:
    """Switch to the write-ahead log; the switch does not wait by itself when another process is doing it."""
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _migrate(connection: Connection, file: Path) -> None:
    if _version(connection) == len(_MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # again: another process may have been faster
        if version > len(_MIGRATIONS):
            raise LibraryError(f"{file} was written by a newer version of Footnote. Update: pip install -U footnote")
        for script in _MIGRATIONS[version:]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it already
            connection.execute("ROLLBACK")
        raise


def _version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def sqlite_errors(file: Path) -> Iterator[None]:
    """Turn SQLite's errors, and the operating system's, into ours."""
    try:
        yield
    except sqlite3.DatabaseError as exc:
        error = _translated(exc, file)
        if error is None:
            raise
        raise error from exc
    except OSError as exc:
        raise StorageError(f"{file} cannot be read or written: {exc}. Check the disk and the folder's rights.") from exc


def _translated(exc: sqlite3.DatabaseError, file: Path) -> LibraryError | None:
    """Return our error; None for what only a mistake in this room can cause, which is shown as it is."""
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return LibraryDamaged(
            f"{file} is damaged ({exc}). Restore it from a backup, or move the folder {file.parent} away and add your "
            f"PDFs again: our copies are in {file.parent / 'files'}."
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return LibraryBusy(f"{file} is in use by another process ({exc}). Try again when it is done.")
    if code == sqlite3.SQLITE_FULL:
        return StorageError(f"The disk that holds {file} is full. Free some space, then try again.")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR}:
        return StorageError(
            f"{file} cannot be written ({exc}). Check the folder's rights and the disk, or choose another folder with "
            "--library."
        )
    return None
