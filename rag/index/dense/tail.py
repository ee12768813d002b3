"""Vectors that came after the file was written: in memory, IDMap2,SQfp16, added and removed in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from rag.index.dense.bases import Ids
from rag.types import Floats


class Tail:
    """Not safe to change while it is searched: FAISS supports no such thing. Its owner locks."""

    def __init__(self, faiss: Any, n_dims: int) -> None:
        self._faiss = faiss
        quantizer = faiss.IndexScalarQuantizer(n_dims, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        self._index = faiss.IndexIDMap2(quantizer)
        self.ids: Ids = np.zeros(0, np.int64)  # rising

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, ids: Ids, vectors: Floats) -> None:
        """Add vectors that are not here yet."""
        self._index.add_with_ids(vectors, ids)
        self._changed()

    def remove(self, ids: Ids) -> None:
        """Remove vectors that are here."""
        if len(ids):
            self._index.remove_ids(ids)
            self._changed()

    def search(self, query: Floats, k: int, among: Ids | None) -> tuple[Ids, Floats]:
        """Return the k nearest, ids and scores."""
        if not len(self.ids):
            return self.ids, np.zeros(0, np.float32)
        faiss = self._faiss
        params = None if among is None else faiss.SearchParameters(sel=faiss.IDSelectorBatch(among))
        scores, ids = self._index.search(query, min(k, len(self.ids)), params=params)
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]

    def rows(self, ids: Ids) -> Floats:
        """Return the vectors of ids that are here."""
        found: Floats = self._index.reconstruct_batch(ids)
        return found

    def _changed(self) -> None:
        held = self._faiss.vector_to_array(self._index.id_map) if self._index.ntotal else np.zeros(0, np.int64)
        self.ids = np.sort(held)
