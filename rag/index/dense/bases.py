"""What the file holds, never changed once it is written: all vectors (exact), or lists of like ones (inverted).

Exact: FAISS's SQfp16, one row a passage, in the order of the ids; a search looks at every row. Inverted: IVF,SQ8, for
libraries beyond a million passages; a search looks at the lists nearest to the question, and its scores, of one byte a
dimension, are only good enough to choose whom to score exactly.

Source: Johnson, Douze and Jegou, Billion-scale similarity search with GPUs, 2019 (FAISS); Sivic and Zisserman, Video
Google, 2003 (inverted lists of vectors).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.types import Floats

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]

STEP = 20_000  # vectors that are worked on at once
_TRAINED_ON = 40  # vectors a list, at least: with fewer FAISS itself warns that the lists are poor
SEVERAL_FOLD = 4  # lists are made anew when there are so many times the vectors that they were made for
_PROBED = 16  # one list in so many is looked at; see docs/LOG.md for what is missed so


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """Every vector as float16; `ids` rise, and position in FAISS's index is position in `ids`."""

    faiss: Any
    index: Any
    ids: Ids

    def search(self, query: Floats, k: int, wanted: Mask | None) -> tuple[Ids, Floats]:
        """Return up to k ids and scores, nearest first; `wanted`: one truth an id, None: all."""
        params = None if wanted is None else self.faiss.SearchParameters(sel=_selector(self.faiss, wanted))
        scores, places = self.index.search(query, min(k, len(self.ids)), params=params)
        found = places[0] >= 0
        return self.ids[places[0][found]], scores[0][found]

    def scores(self, query: Floats, places: NDArray[np.intp]) -> Floats:
        """Return the inner product of the query (1, n_dims) with the vectors at these positions of `ids`.

        FAISS scores float16 as they are, ten times as fast as it turns them into float32.
        """
        size = self.index.code_size
        codes = self.faiss.rev_swig_ptr(self.index.codes.data(), self.index.ntotal * size).reshape(-1, size)
        part = self.faiss.IndexScalarQuantizer(
            self.index.d, self.faiss.ScalarQuantizer.QT_fp16, self.faiss.METRIC_INNER_PRODUCT
        )
        part.add_sa_codes(codes[places])
        scores, order = part.search(query, len(places))
        found = np.zeros(len(places), np.float32)
        found[order[0]] = scores[0]
        return found

    def rows(self, places: NDArray[np.intp]) -> Floats:
        """Return the vectors at these positions of `ids`."""
        found: Floats = self.index.reconstruct_batch(places.astype(np.int64))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Inverted:
    """Lists of like vectors, a byte a dimension; `ids` rise."""

    faiss: Any
    index: Any
    ids: Ids
    trained_for: int  # vectors that there were when the lists were made

    def search(self, query: Floats, k: int, wanted: Mask | None) -> tuple[Ids, Floats]:
        """Return about the k nearest, never fewer than there are: more lists are looked at until there are enough."""
        selector, n = None, len(self.ids)
        n_probed = n_probed_of(self.index.nlist)
        if wanted is not None:
            n = int(wanted.sum())
            by_id = np.zeros(int(self.ids[-1]) + 1 if len(self.ids) else 0, np.bool_)
            by_id[self.ids[wanted]] = True
            selector = _selector(self.faiss, by_id)
            if n < len(self.ids) // 2:  # a few documents: the lists nearest to the question may hold none of them
                n_probed = self.index.nlist
        while True:
            params = self.faiss.IVFSearchParameters(nprobe=n_probed, sel=selector)
            scores, ids = self.index.search(query, min(k, n), params=params)
            found = ids[0] >= 0
            if found.sum() >= min(k, n) or n_probed >= self.index.nlist:
                return ids[0][found], scores[0][found]
            n_probed = min(self.index.nlist, 4 * n_probed)


def n_probed_of(n_lists: int) -> int:
    """Return at how many lists a search looks first."""
    return min(n_lists, max(8, n_lists // _PROBED))


Base = Exact | Inverted
Rows = Callable[[Ids], Floats]


def exact(faiss: Any, n_dims: int, ids: Ids, rows: Rows) -> Exact:
    """Return all these vectors, of which `rows` gives some at a time."""
    index = faiss.IndexScalarQuantizer(n_dims, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    for part in _steps(ids):
        index.add(rows(part))
    return Exact(faiss, index, ids)


def inverted(faiss: Any, n_dims: int, ids: Ids, rows: Rows) -> Inverted:
    """Return these vectors in lists, made from a sample of them."""
    n_lists = max(1, min(round(4 * math.sqrt(len(ids))), len(ids) // _TRAINED_ON))
    sample = np.random.default_rng(0).choice(ids, min(len(ids), _TRAINED_ON * n_lists), replace=False)
    index = faiss.index_factory(n_dims, f"IVF{n_lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    sample.sort()
    index.train(np.concatenate([rows(part) for part in _steps(sample)]))
    for part in _steps(ids):
        index.add_with_ids(rows(part), part)
    return Inverted(faiss, index, ids, len(ids))


def updated(old: Inverted, ids: Ids, rows: Rows) -> Inverted:
    """Return `ids` in the lists of `old`, which stays as it is."""
    copy = old.faiss.deserialize_index(old.faiss.serialize_index(old.index))  # a mapped one cannot be added to
    gone, new = without(old.ids, ids), without(ids, old.ids)
    if len(gone):
        copy.remove_ids(gone)
    for part in _steps(new):
        copy.add_with_ids(rows(part), part)
    return Inverted(old.faiss, copy, ids, old.trained_for)


def made(faiss: Any, old: Base, ids: Ids, rows: Rows, *, n_dims: int, exact_up_to: int) -> Base:
    """Return the base that so many vectors call for, in the place of `old`; lists are kept as long as they fit."""
    n = len(ids)
    if not isinstance(old, Inverted):
        return exact(faiss, n_dims, ids, rows) if n <= exact_up_to else inverted(faiss, n_dims, ids, rows)
    if n <= exact_up_to // 2:
        return exact(faiss, n_dims, ids, rows)
    if old.trained_for <= SEVERAL_FOLD * n and n <= SEVERAL_FOLD * old.trained_for:
        return updated(old, ids, rows)
    return inverted(faiss, n_dims, ids, rows)


def without(these: Ids, those: Ids) -> Ids:
    """Return what of the first is not in the second; both rise."""
    return these[places_of(these, those) < 0]


def places_of(asked: Ids, ids: Ids) -> NDArray[np.intp]:
    """Return where each of `asked` stands in the rising `ids`; -1 where it does not."""
    if not len(ids):
        return np.full(len(asked), -1, np.intp)
    places = np.searchsorted(ids, asked).clip(max=len(ids) - 1)
    return np.where(ids[places] == asked, places, -1)


def _steps(ids: Ids) -> Iterator[Ids]:
    return (ids[first : first + STEP] for first in range(0, len(ids), STEP))


def _selector(faiss: Any, wanted: Mask) -> Any:
    """Return what tells FAISS which positions to look at; a bit a position costs least."""
    return faiss.IDSelectorBitmap(np.packbits(wanted, bitorder="little"))
