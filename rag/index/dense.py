"""Unit vectors searched by inner product: FAISS, exact, float16.

The file `dense.faiss` is a cache of the catalog: when it is missing, cut short, altered, of another length or of
another encoder it is thrown away and filled again from the catalog's vectors. A trailer behind FAISS's own bytes
says whose vectors they are and holds their checksum, for FAISS itself loads a flipped bit without a word.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelMissing, StorageError
from rag.index.catalog import Catalog
from rag.types import Floats

log = logging.getLogger(__name__)

_FILE = "dense.faiss"
_MAGIC = b"FOOTNOTE"
_TRAILER_END = 4 + len(_MAGIC)  # length of the trailer's JSON, then the magic bytes
_STEP = 20_000  # vectors that are taken from the catalog at once
_CHUNK = 1 << 22
_MAX_K_GPU = 2048  # FAISS's own limit on a GPU

Ids = NDArray[np.int64]


class FaissIndex:
    """The vectors of the library in `folder`, in memory. Safe to share between threads.

    Raises:
        ModelMissing: FAISS is not installed, or its installation is broken.
    """

    def __init__(self, folder: Path, n_dims: int, *, n_threads: int | None = None) -> None:
        self._faiss = load_faiss()
        if n_threads is not None:
            self._faiss.omp_set_num_threads(n_threads)
        self._file = folder / _FILE
        self._n_dims = n_dims
        self._mutex = threading.RLock()  # adding while searching is not supported by FAISS
        self._encoder: str | None = None  # whose vectors they are
        self._index = self._empty()
        self._gpu: Any = None  # a copy on the GPU, made at the first search after a change
        self._ids: Ids = np.zeros(0, np.int64)  # rising
        self._load()

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self) -> Ids:
        """Return the passage ids that have a vector here, rising."""
        return self._ids

    # ----------------------------------------------------------------------------------------------- search

    def search(self, vector: Floats, k: int, *, among: Ids | None = None) -> list[tuple[int, float]]:
        """Return up to k (passage id, score), best first, ties by id; only ids in `among` when it is given."""
        k = min(k, len(self._ids) if among is None else len(among))
        if k <= 0:
            return []
        query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        with self._mutex:
            if among is not None:
                selector = self._faiss.IDSelectorBatch(np.ascontiguousarray(among, np.int64))
                scores, ids = self._index.search(query, k, params=self._faiss.SearchParameters(sel=selector))
            else:
                scores, ids = self._searched(k).search(query, k)
        found = [(int(id_), float(score)) for id_, score in zip(ids[0], scores[0], strict=True) if id_ >= 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def scores(self, vector: Floats, ids: Sequence[int] | Ids) -> Floats:
        """Return the inner product of the vector with each of these passages; NaN where one has no vector."""
        asked = np.asarray(ids, np.int64)
        found = np.full(len(asked), np.nan, np.float32)
        with self._mutex:
            known = np.isin(asked, self._ids)
            if known.any():
                found[known] = self._index.reconstruct_batch(asked[known]) @ np.asarray(vector, np.float32).ravel()
        return found

    def _searched(self, k: int) -> Any:
        """Return the index that a search of everything goes to."""
        if k > _MAX_K_GPU or not getattr(self._faiss, "get_num_gpus", int)():
            return self._index
        if self._gpu is None:
            resources = self._faiss.StandardGpuResources()
            self._gpu = (self._faiss.index_cpu_to_gpu(resources, 0, self._index), resources)
        return self._gpu[0]

    # ------------------------------------------------------------------------------------------ keeping up

    def reconcile(self, catalog: Catalog) -> tuple[int, int]:
        """Bring the index to what the catalog holds; return how many vectors were added and removed."""
        with self._mutex:
            encoder = catalog.encoder_id()
            if self._encoder not in {None, encoder} and len(self._ids) and encoder is not None:
                log.warning("%s holds vectors of %s, the catalog of %s: rebuilt", self._file, self._encoder, encoder)
                self._clear()
            self._encoder = encoder
            wanted = catalog.passage_ids(with_vectors=True)
            gone = np.setdiff1d(self._ids, wanted, assume_unique=True)
            new = np.setdiff1d(wanted, self._ids, assume_unique=True)
            if len(gone):
                self._index.remove_ids(gone)
            n_added = sum(
                self._add(*catalog.vectors(new[first : first + _STEP])) for first in range(0, len(new), _STEP)
            )
            if len(gone) or n_added:
                self._changed()
            return n_added, len(gone)

    def _add(self, ids: Ids, vectors: Floats) -> int:
        if len(ids):
            if vectors.shape[1] != self._n_dims:
                raise ValueError(f"the catalog's vectors have {vectors.shape[1]} dimensions, the index {self._n_dims}")
            self._index.add_with_ids(vectors, ids)
        return len(ids)

    def _changed(self) -> None:
        self._gpu = None
        held = self._faiss.vector_to_array(self._index.id_map) if self._index.ntotal else np.zeros(0, np.int64)
        self._ids = np.sort(held)

    def _clear(self) -> None:
        self._index, self._encoder = self._empty(), None
        self._changed()

    def _empty(self) -> Any:
        faiss = self._faiss
        quantizer = faiss.IndexScalarQuantizer(self._n_dims, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        return faiss.IndexIDMap2(quantizer)

    # ------------------------------------------------------------------------------------------------- file

    def save(self) -> None:
        """Write the index: to a temporary file, which then takes the place of the old one. For the writer alone.

        Raises:
            StorageError: the disk is full, or the folder cannot be written.
        """
        temporary = self._file.with_name(f"{_FILE}.tmp{os.getpid()}")
        try:
            with self._mutex:
                for orphan in self._file.parent.glob(f"{_FILE}.tmp*"):
                    orphan.unlink(missing_ok=True)
                self._faiss.write_index(self._index, str(temporary))
                trailer = {"encoder": self._encoder, "n_dims": self._n_dims, "crc32": _crc32(temporary)}
            raw = json.dumps(trailer).encode()
            with temporary.open("ab") as file:
                file.write(raw + len(raw).to_bytes(4, "little") + _MAGIC)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._file)
            _fsync_folder(self._file.parent)
        except (OSError, RuntimeError) as exc:  # FAISS raises RuntimeError when it cannot write
            temporary.unlink(missing_ok=True)
            raise StorageError(
                f"{self._file} cannot be written ({exc}). Free some space or check the folder's rights; nothing is "
                "lost, it is made again from the catalog."
            ) from exc

    def _load(self) -> None:
        """Read the file if it is whole and fits; else stay empty, to be filled from the catalog."""
        try:
            trailer = _read_trailer(self._file)
            if trailer["n_dims"] != self._n_dims:
                raise ValueError(f"vectors of {trailer['n_dims']} dimensions instead of {self._n_dims}")
            self._index = self._faiss.read_index(str(self._file))
            self._encoder = trailer["encoder"]
            self._changed()
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as exc:
            log.warning("%s cannot be used (%s): rebuilt from the catalog", self._file, exc)
            self._clear()


def load_faiss() -> Any:
    """Return the faiss module.

    Raises:
        ModelMissing: it is not installed, or two builds of it were installed over each other.
    """
    try:
        faiss = importlib.import_module("faiss")
    except (ImportError, RuntimeError) as exc:  # the GPU build raises RuntimeError without its CUDA libraries
        raise ModelMissing(f"FAISS cannot be loaded ({exc}). Install it with: pip install 'footnote[cpu]'") from exc
    if getattr(faiss, "__file__", None) is None or not hasattr(faiss, "IndexIDMap2"):
        raise ModelMissing(
            "FAISS is installed but empty: faiss-cpu and faiss-gpu were installed over each other. Run: pip uninstall "
            "-y faiss-cpu faiss-gpu, then: pip install 'footnote[cpu]'"
        )
    return faiss


def _crc32(file: Path, n_bytes: int | None = None) -> int:
    """Return the checksum of the first `n_bytes` of a file, or of all."""
    left, checksum = file.stat().st_size if n_bytes is None else n_bytes, 0
    with file.open("rb") as stream:
        while left > 0 and (chunk := stream.read(min(left, _CHUNK))):
            checksum = zlib.crc32(chunk, checksum)
            left -= len(chunk)
    return checksum


def _read_trailer(file: Path) -> dict[str, Any]:
    """Return the trailer of an index file.

    Raises:
        FileNotFoundError; ValueError: there is none, or the bytes before it are not those that were written.
    """
    with file.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _TRAILER_END))
        end = stream.read(_TRAILER_END)
        length = int.from_bytes(end[:4], "little")
        n_bytes = size - _TRAILER_END - length
        if end[4:] != _MAGIC or n_bytes < 0:
            raise ValueError("it is cut short")
        stream.seek(n_bytes)
        trailer: dict[str, Any] = json.loads(stream.read(length))
    if _crc32(file, n_bytes) != trailer["crc32"]:
        raise ValueError("its checksum is wrong")
    return trailer


def _fsync_folder(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
