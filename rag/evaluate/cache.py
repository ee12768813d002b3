"""Vectors kept by the content of their text, so that what was encoded once is never encoded again.

One SQLite file under the user's cache folder: sha256 of encoder and text -> a vector of 16-bit floats. It may be
deleted at any time.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from rag.errors import StorageError
from rag.types import Encoder, Floats

log = logging.getLogger(__name__)

_STEP = 256  # texts that are encoded, then kept: what a killed run keeps
_ASKED = 500  # keys of one query
_TIMEOUT_S = 60.0


def cache_folder() -> Path:
    """Return where measuring keeps what can be made again: in `$FOOTNOTE_HOME`, else in the user's cache folder."""
    home = os.environ.get("FOOTNOTE_HOME")
    return (Path(home).expanduser().absolute() if home else user_cache_path("footnote")) / "evaluate"


class CachedEncoder:
    """An encoder that looks first whether a vector is known. Safe to share between threads, and between processes.

    A vector is the same whether it was kept or has just been made: both have gone through 16 bits.

    Raises:
        StorageError: the file cannot be made or written.
    """

    def __init__(self, encoder: Encoder, file: Path) -> None:
        self.inner = encoder
        self.n_encoded = 0  # texts that the encoder had to read
        self._file = file
        self._mutex = threading.Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, timeout=_TIMEOUT_S, check_same_thread=False)
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = normal")
            self._connection.execute(
                "create table if not exists vector (key blob primary key, value blob not null) without rowid"
            )
        except (OSError, sqlite3.Error) as exc:
            raise self._error(exc) from exc

    @property
    def id(self) -> str:
        """Return the encoder's name: the vectors are its own."""
        return self.inner.id

    @property
    def n_dims(self) -> int:
        """Return the length of a vector."""
        return self.inner.n_dims

    def encode(self, texts: Sequence[str], *, on_done: Callable[[int], None] | None = None) -> Floats:
        """Return unit vectors, shape (len(texts), n_dims), in the order of `texts`."""
        keys = [self._key(text) for text in texts]
        known = self._known(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        order = sorted(new, key=lambda key: -len(new[key]))  # those of like length together
        for first in range(0, len(order), _STEP):
            step = order[first : first + _STEP]
            made = self.inner.encode([new[key] for key in step]).astype("<f2")
            self.n_encoded += len(step)
            known |= dict(zip(step, made, strict=True))
            self._keep({key: known[key].tobytes() for key in step})
            if on_done is not None:
                on_done(len(texts) - len(order) + first + len(step))
        vectors = np.zeros((len(texts), self.n_dims), np.float32)
        for i, key in enumerate(keys):
            vectors[i] = known[key]
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, np.float32(1e-12)), np.float32)

    def close(self) -> None:
        """Close the file."""
        with self._mutex:
            self._connection.close()

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.id}\0{text}".encode("utf-8", "surrogatepass")).digest()

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        found: dict[bytes, np.ndarray] = {}
        distinct = list(dict.fromkeys(keys))
        for first in range(0, len(distinct), _ASKED):
            asked = distinct[first : first + _ASKED]
            marks = ",".join("?" * len(asked))
            with self._mutex:
                try:
                    rows = self._connection.execute(f"select key, value from vector where key in ({marks})", asked)
                    found |= {key: np.frombuffer(value, "<f2") for key, value in rows}
                except sqlite3.Error as exc:
                    raise self._error(exc) from exc
        return {key: vector for key, vector in found.items() if len(vector) == self.n_dims}

    def _keep(self, vectors: dict[bytes, bytes]) -> None:
        with self._mutex:
            try:
                with self._connection:
                    self._connection.executemany("insert or replace into vector values (?, ?)", vectors.items())
            except sqlite3.Error as exc:
                raise self._error(exc) from exc

    def _error(self, exc: Exception) -> StorageError:
        return StorageError(
            f"The kept vectors in {self._file} cannot be used ({exc}). Delete the file, it is made again; or free "
            "some space."
        )
