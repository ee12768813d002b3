"""Vectors of many texts, made once: kept in a file a folder and an encoder, found again by the digest of the text."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from rag.types import Encoder, Floats

_PIECE = 4096  # texts between two savings: what an interruption costs at most


class VectorCache:
    """The vectors that an encoder made of texts, kept in `folder` in half precision."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        digest = hashlib.sha256(encoder.id.encode()).hexdigest()[:12]
        self._file = folder / f"vectors-{digest}.npz"
        self._keys: dict[str, int] = {}  # digest of a text -> its row
        self._vectors = np.zeros((0, encoder.n_dims), np.float16)
        if self._file.is_file():
            with np.load(self._file) as kept:
                self._keys = {key: row for row, key in enumerate(kept["keys"].tolist())}
                self._vectors = kept["vectors"]

    def vectors(self, texts: Sequence[str], *, on_done: Callable[[int, int], None] | None = None) -> Floats:
        """Return the unit vectors of the texts, in their order; `on_done` is told how many are made, and of how many.

        The texts that are new are encoded, and kept every few thousand.
        """
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24] for text in texts]
        new = list({key: text for key, text in zip(keys, texts, strict=True) if key not in self._keys}.items())
        for first in range(0, len(new), _PIECE):
            piece = new[first : first + _PIECE]
            made = self._encoder.encode([text for _, text in piece])
            self._keys |= {key: len(self._keys) + i for i, (key, _) in enumerate(piece)}
            self._vectors = np.concatenate([self._vectors, made.astype(np.float16)])
            self._save()
            if on_done is not None:
                on_done(first + len(piece), len(new))
        vectors: Floats = self._vectors[[self._keys[key] for key in keys]].astype(np.float32)
        return vectors

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._file.with_suffix(".part")
        with temporary.open("wb") as file:
            np.savez(file, keys=np.array(list(self._keys), dtype="U24"), vectors=self._vectors)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._file)
