"""A copy of a base on the GPU, where faiss-gpu and a device are there. Same vectors, same results, sooner."""

from __future__ import annotations

from typing import Any

from rag.index.dense.bases import Base, Ids, Inverted, n_probed_of
from rag.types import Floats

MAX_K = 2048  # FAISS's own limit on a GPU


class GpuCopy:
    """Made at the first search of a base; thrown away with it. Its owner locks."""

    def __init__(self, faiss: Any) -> None:
        self._faiss = faiss
        self._of: Base | None = None
        self._copy: Any = None
        self._resources: Any = None

    def can_search(self, k: int) -> bool:
        """Tell whether there is a device, and it can return so many."""
        return k <= MAX_K and getattr(self._faiss, "get_num_gpus", int)() > 0

    def search(self, base: Base, query: Floats, k: int) -> tuple[Ids, Floats]:
        """Return up to k ids and scores of a base, nearest first."""
        if self._of is not base:
            self._resources = self._resources or self._faiss.StandardGpuResources()
            self._copy = self._faiss.index_cpu_to_gpu(self._resources, 0, base.index)
            if isinstance(base, Inverted):
                self._copy.nprobe = n_probed_of(base.index.nlist)
            self._of = base
        scores, found = self._copy.search(query, min(k, len(base.ids)))
        known = found[0] >= 0
        return base.ids[found[0][known]], scores[0][known]
