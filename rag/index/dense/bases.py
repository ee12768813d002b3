"""What the file holds, never changed once it is written: all vectors (exact), or lists of like ones (inverted).

Exact: FAISS's SQfp16, one row a passage, in the order of the ids; a search looks at every row. Inverted: IVF,SQfp16,
for libraries beyond a million passages; a search looks at the lists nearest to the question. In both a vector is known
by its position in the ids, and is the very one of the catalog: what is scored is scored exactly, and at once.

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
_FEW = 2  # times as many as are asked for: so few are all scored, whatever lists they are in
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
    """Lists of like vectors as float16; `ids` rise, and what the lists hold for ids are positions in `ids`."""

    faiss: Any
    index: Any  # with a direct map: which list holds a position, and where
    ids: Ids
    trained_for: int  # vectors that there were when the lists were made

    def search(self, query: Floats, k: int, wanted: Mask | None) -> tuple[Ids, Floats]:
        """Return about the k nearest, never fewer than there are: more lists are looked at until there are enough."""
        selector, n = None, len(self.ids)
        n_probed = n_probed_of(self.index.nlist)
        if wanted is not None:
            n = int(wanted.sum())
            if n <= _FEW * k:
                places = np.flatnonzero(wanted)
                scores = self.scores(query, places)
                best = np.argsort(-scores, kind="stable")[:k]
                return self.ids[places[best]], scores[best]
            selector = _selector(self.faiss, wanted)
            if n < len(self.ids) // 2:  # a few documents: the lists nearest to the question may hold none of them
                n_probed = self.index.nlist
        while True:
            params = self.faiss.IVFSearchParameters(nprobe=n_probed, sel=selector)
            scores, places = self.index.search(query, min(k, n), params=params)
            found = places[0] >= 0
            if found.sum() >= min(k, n) or n_probed >= self.index.nlist:
                return self.ids[places[0][found]], scores[0][found]
            n_probed = min(self.index.nlist, 4 * n_probed)

    def scores(self, query: Floats, places: NDArray[np.intp]) -> Floats:
        """Return the inner product of the query (1, n_dims) with the vectors at these positions of `ids`."""
        found: Floats = self.rows(places) @ query[0]
        return found

    def rows(self, places: NDArray[np.intp]) -> Floats:
        """Return the vectors at these positions of `ids`."""
        found: Floats = self.index.reconstruct_batch(places.astype(np.int64))
        return found


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
    sample.sort()
    index = _no_lists(faiss, n_dims, n_lists)
    index.train(np.concatenate([rows(part) for part in _steps(sample)]))
    for part in _steps(ids):
        index.add_with_ids(rows(part), places_of(part, ids))
    return Inverted(faiss, placed(faiss, index), ids, len(ids))


def updated(old: Inverted, ids: Ids, rows: Rows) -> Inverted:
    """Return `ids` in the lists of `old`, which stays as it is: what is in both is copied list by list."""
    faiss, lists = old.faiss, old.index.invlists
    index = _no_lists(faiss, old.index.d, old.index.nlist)
    index.quantizer.add(old.index.quantizer.reconstruct_n(0, old.index.nlist))
    index.is_trained = True
    moved = places_of(old.ids, ids)
    for i in range(old.index.nlist):
        size = lists.list_size(i)
        places = moved[faiss.rev_swig_ptr(lists.get_ids(i), size)] if size else moved[:0]
        codes = faiss.rev_swig_ptr(lists.get_codes(i), size * old.index.code_size).reshape(size, -1) if size else ()
        stays = places >= 0
        if stays.any():
            kept, rows_of = np.ascontiguousarray(places[stays], np.int64), np.ascontiguousarray(codes[stays])
            index.invlists.add_entries(i, len(kept), faiss.swig_ptr(kept), faiss.swig_ptr(rows_of))
    index.ntotal = int((moved >= 0).sum())
    for part in _steps(without(ids, old.ids)):
        index.add_with_ids(rows(part), places_of(part, ids))
    return Inverted(faiss, placed(faiss, index), ids, old.trained_for)


def placed(faiss: Any, index: Any) -> Any:
    """Return lists, told which of them holds each position."""
    index.set_direct_map_type(faiss.DirectMap.Array)
    return index


def _no_lists(faiss: Any, n_dims: int, n_lists: int) -> Any:
    """Return lists that are neither trained nor filled, of vectors as they are: not of how far each is from a list."""
    index = faiss.index_factory(n_dims, f"IVF{n_lists},SQfp16", faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False
    return index


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
