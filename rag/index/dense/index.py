"""The vectors of a library: a file that is mapped and never changed, and what came and went since, in memory.

The file `dense.faiss` is a cache of the catalog: when it is missing, cut short, altered, of another length or of
another encoder it is thrown away and filled again. It may lag behind: what was added since is taken from the catalog
at the next opening, so that adding a document to a million passages does not write a gigabyte. What was removed is
out of every answer at once, and out of the file when that is written anew.

Up to a million passages a search looks at every vector. Beyond, it looks at the lists of like ones that are nearest.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import StorageError
from rag.index.catalog import Catalog
from rag.index.dense.bases import STEP, Base, Ids, Mask, exact, made, places_of, without
from rag.index.dense.file import NAME, Trailer, check, read, read_trailer, write
from rag.index.dense.gpu import GpuCopy
from rag.index.dense.library import load_faiss
from rag.index.dense.tail import Tail
from rag.types import Floats

log = logging.getLogger(__name__)

EXACT_UP_TO = 1_000_000  # vectors; beyond, lists
_SMALL = 20_000  # vectors whose file is written at every change; a larger one lags by so many at most
_CHECKED_AT_ONCE = 1 << 26  # bytes of a file whose checksum is compared while it is opened; of a larger one meanwhile


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """What a search sees: the file's vectors, and which of them are still there (None: all)."""

    base: Base
    alive: Mask | None


class FaissIndex:
    """The vectors of the library in `folder`. Safe to share between threads.

    Args:
        exact_up_to: beyond so many vectors, they are searched by lists.

    Raises:
        ModelMissing: FAISS is not installed, or its installation is broken.
    """

    def __init__(
        self, folder: Path, n_dims: int, *, n_threads: int | None = None, exact_up_to: int = EXACT_UP_TO
    ) -> None:
        self._faiss = load_faiss()
        if n_threads is not None:
            self._faiss.omp_set_num_threads(n_threads)
        self._file = folder / NAME
        self._n_dims, self._exact_up_to = n_dims, exact_up_to
        self._mutex = threading.RLock()  # the tail must not change while it is searched
        self._saving = threading.Lock()
        self._catalog: Catalog | None = None  # that it was brought up to last
        self._encoder: str | None = None  # whose vectors they are
        self._threads: list[threading.Thread] = []
        self._gpu = GpuCopy(self._faiss)
        self._clear()
        self._load()

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self) -> Ids:
        """Return the passage ids that have a vector here, rising."""
        return self._ids

    # ----------------------------------------------------------------------------------------------- search

    def search(self, vector: Floats, k: int, *, among: Ids | None = None) -> list[tuple[int, float]]:
        """Return up to k (passage id, score), best first, ties by id; only ids in `among` when it is given."""
        query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        among = None if among is None else _rising(among)
        with self._mutex:
            state, n_held = self._state, len(self._ids)
            k = min(k, n_held if among is None else len(among))
            if k <= 0:
                return []
            late = self._tail.search(query, k, among)
        early = self._search_base(state, query, k, among)
        ids, scores = np.concatenate([early[0], late[0]]), np.concatenate([early[1], late[1]])
        best = np.lexsort((ids, -scores))[:k]
        return list(zip(ids[best].tolist(), scores[best].tolist(), strict=True))

    def _search_base(self, state: _State, query: Floats, k: int, among: Ids | None) -> tuple[Ids, Floats]:
        base, wanted = state.base, state.alive
        if among is not None:
            places = places_of(among, base.ids)
            wanted = np.zeros(len(base.ids), np.bool_)
            wanted[places[places >= 0]] = True
            wanted = wanted if state.alive is None else wanted & state.alive
        n = len(base.ids) if wanted is None else int(wanted.sum())
        if not n:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        if wanted is None and self._gpu.can_search(k):
            with self._mutex:
                return self._gpu.search(base, query, min(k, n))
        return base.search(query, min(k, n), wanted)

    def scores(self, vector: Floats, ids: Sequence[int] | Ids) -> Floats:
        """Return the inner product of the vector with each of these passages; NaN where one has no vector."""
        asked, query = np.asarray(ids, np.int64), np.asarray(vector, np.float32).reshape(1, -1)
        found = np.full(len(asked), np.nan, np.float32)
        with self._mutex:
            state = self._state
            late = places_of(asked, self._tail.ids) >= 0
            if late.any():
                found[late] = self._tail.rows(asked[late]) @ query[0]
        places = places_of(asked, state.base.ids)
        early = places >= 0
        if state.alive is not None:
            early[early] = state.alive[places[early]]
        if early.any():
            found[early] = state.base.scores(query, places[early])
        return found

    # ------------------------------------------------------------------------------------------ keeping up

    def reconcile(self, catalog: Catalog) -> tuple[int, int]:
        """Bring the index to what the catalog holds; return how many vectors were added and removed."""
        with self._mutex:
            self._catalog = catalog
            encoder = catalog.encoder_id()
            if self._encoder not in {None, encoder} and len(self._ids) and encoder is not None:
                log.warning("%s holds vectors of %s, the catalog of %s: rebuilt", self._file, self._encoder, encoder)
                self._clear()
            self._encoder = encoder
            wanted = catalog.passage_ids(with_vectors=True)
            if np.array_equal(wanted, self._ids):
                return 0, 0
            gone, new = without(self._ids, wanted), without(wanted, self._ids)
            n_added = 0
            for first in range(0, len(new), STEP):
                n_added += self._add(*catalog.vectors(new[first : first + STEP]))
            self._tail.remove(gone[places_of(gone, self._tail.ids) >= 0])
            self._settle(self._state.base, wanted)
            return n_added, len(gone)

    def _add(self, ids: Ids, vectors: Floats) -> int:
        if len(ids):
            if vectors.shape[1] != self._n_dims:
                raise ValueError(f"the catalog's vectors have {vectors.shape[1]} dimensions, the index {self._n_dims}")
            self._tail.add(ids, vectors)
        return len(ids)

    def _settle(self, base: Base, wanted: Ids) -> None:
        """Show of a base what is wanted, and the tail. The caller holds the mutex."""
        alive = places_of(base.ids, wanted) >= 0
        self._state = _State(base, None if alive.all() else alive)
        held = base.ids[alive]
        if len(self._tail):  # two rising runs: merging them takes a hundredth of what np.union1d takes for a million
            held = np.sort(np.concatenate([held, self._tail.ids]), kind="stable")
        self._ids = held

    def _clear(self) -> None:
        self._tail = Tail(self._faiss, self._n_dims)
        self._encoder = None
        self._settle(exact(self._faiss, self._n_dims, np.zeros(0, np.int64), self._rows), np.zeros(0, np.int64))

    # ------------------------------------------------------------------------------------------------- file

    @property
    def may_lag(self) -> int:
        """Return by how many vectors the file may be behind."""
        n = len(self._state.base.ids)
        return 0 if n <= _SMALL else min(_SMALL, n // 10)

    @property
    def is_large(self) -> bool:
        """Tell whether writing the file takes long."""
        return len(self._ids) > 10 * _SMALL

    def is_behind(self) -> bool:
        """Tell whether the file should be written anew."""
        with self._mutex:
            is_small = len(self._state.base.ids) <= _SMALL
            return not self._file.is_file() or len(self._tail) > self.may_lag or (is_small and self.holds_removed())

    @property
    def is_unsaved(self) -> bool:
        """Tell whether there are vectors, and no file that could be used held any."""
        return len(self._ids) > 0 and not len(self._state.base.ids)

    def holds_removed(self) -> bool:
        """Tell whether vectors that were removed are still in the file."""
        return self._state.alive is not None

    def save(self) -> None:
        """Write the file anew, with all that came and without what went. Searches go on meanwhile.

        Raises:
            StorageError: the disk is full, or the folder cannot be written.
        """
        with self._saving:
            with self._mutex:
                ids, encoder, old = self._ids, self._encoder, self._state.base
            try:
                base = made(self._faiss, old, ids, self._rows, n_dims=self._n_dims, exact_up_to=self._exact_up_to)
                write(self._file, base, encoder, self._n_dims)
                if self.is_large:  # let go of the memory
                    base = read(self._faiss, self._file, read_trailer(self._file))
            except (OSError, RuntimeError, ValueError) as exc:  # FAISS raises RuntimeError when it cannot write
                raise StorageError(
                    f"{self._file} cannot be written ({exc}). Free some space or check the folder's rights; nothing is "
                    "lost, it is made again from the catalog."
                ) from exc
            with self._mutex:
                if self._state.base is old:
                    wanted = self._ids
                    self._tail.remove(self._tail.ids[places_of(self._tail.ids, base.ids) >= 0])
                    self._settle(base, wanted)

    def save_meanwhile(self) -> None:
        """Save in a thread; a second one that is asked for while the first is at it is left out."""
        if not self._saving.locked():
            self._start(self._save_quietly)

    def close(self) -> None:
        """Wait for what is being written, and for the look at the checksum."""
        for thread in self._threads:
            thread.join()

    def _save_quietly(self) -> None:
        try:
            self.save()
        except StorageError as exc:
            log.warning("%s", exc)

    def _start(self, work: Any) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(threading.Thread(target=work, name="dense index", daemon=True))
        self._threads[-1].start()

    def _rows(self, ids: Ids) -> Floats:
        """Return vectors by id, from where they are in memory or mapped."""
        rows = np.zeros((len(ids), self._n_dims), np.float32)
        with self._mutex:
            base = self._state.base
            late = places_of(ids, self._tail.ids) >= 0
            if late.any():
                rows[late] = self._tail.rows(ids[late])
        places: NDArray[np.intp] = np.where(late, -1, places_of(ids, base.ids))
        if (places >= 0).any():
            rows[places >= 0] = base.rows(places[places >= 0])
        return rows

    def _load(self) -> None:
        """Read the file if it is whole and fits; else stay empty, to be filled from the catalog."""
        try:
            trailer = read_trailer(self._file)
            if trailer.n_dims != self._n_dims:
                raise ValueError(f"vectors of {trailer.n_dims} dimensions instead of {self._n_dims}")
            is_small = self._file.stat().st_size <= _CHECKED_AT_ONCE
            if is_small:
                check(self._file, trailer)
            base = read(self._faiss, self._file, trailer)
            self._encoder = trailer.encoder
            self._settle(base, base.ids)
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as exc:
            self._warn(exc)
            self._clear()
            return
        if not is_small:
            self._start(lambda: self._check(base, trailer))

    def _check(self, base: Base, trailer: Trailer) -> None:
        """Compare the checksum of a large file while it is used already; fill the index anew if it is wrong."""
        try:
            check(self._file, trailer)
        except (OSError, ValueError) as exc:
            with self._mutex:
                if self._state.base is not base or self._is_another(trailer):
                    return  # it was written anew meanwhile
                self._warn(exc)
                self._clear()
                if self._catalog is not None:
                    self.reconcile(self._catalog)

    def _is_another(self, trailer: Trailer) -> bool:
        try:
            return read_trailer(self._file) != trailer
        except (OSError, ValueError, TypeError):
            return False

    def _warn(self, exc: Exception) -> None:
        log.warning("%s cannot be used (%s): rebuilt from the catalog", self._file, exc)


def _rising(ids: Ids) -> Ids:
    """Return ids in rising order, each once."""
    ids = np.ascontiguousarray(ids, np.int64)
    return ids if (ids[1:] > ids[:-1]).all() else np.unique(ids)
