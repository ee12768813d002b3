"""One SQLite file, one connection a thread: queries, and transactions that count up the generation."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.index.rows import Row
from rag.index.schema import Connection, connect, sqlite_errors


class Database:
    """The file of a catalog, opened.

    Raises:
        StorageError, LibraryDamaged, LibraryBusy
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._local = threading.local()
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._mutex = threading.Lock()
        self._connection()

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._mutex:
            for connection in list(self._connections):
                connection.close()

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self.file)
            self._local.connection = connection
            with self._mutex:
                self._connections.add(connection)
        return connection

    def query(self, sql: str, *values: Any) -> list[Row]:
        """Return all rows of a query."""
        with sqlite_errors(self.file):
            return self._connection().execute(sql, values).fetchall()

    @contextmanager
    def writing(self, *, counts_up: bool = True) -> Iterator[sqlite3.Connection]:
        """Hold one transaction: all of it, or on any error nothing. `counts_up`: it is a new generation."""
        with sqlite_errors(self.file):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                if counts_up:
                    connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk may have ended it already
                    connection.execute("ROLLBACK")
                raise
