"""The parts of a library, opened when first needed and kept up with the catalog. Safe to share between threads."""

from __future__ import annotations

import contextlib
import errno
import gc
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path

from rag import models
from rag.errors import Cancelled, LibraryBusy, LibraryDamaged, LibraryError, StorageError
from rag.index import purging
from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex
from rag.index.encoder import SentenceEncoder
from rag.index.lexical import FIELDS, TantivyIndex
from rag.index.lock import WriterLock
from rag.index.verify import verify
from rag.ingest.files.render import PageRenderer
from rag.networks.shipped import is_shipped, load_checker, load_reader
from rag.retrieve.rerank import NO_RERANKING, RerankChoice, Reranker, load_reranker
from rag.retrieve.vocabulary.acronyms import Acronyms
from rag.retrieve.weights import Weights
from rag.text import fold
from rag.types import Document, Encoder, Page, ReaderNet, SupportChecker

log = logging.getLogger(__name__)

_SHA256 = re.compile("[0-9a-f]{64}")
_OUTLINES_KEPT = 64
_SCOPES_KEPT = 8  # choices of documents that were asked
_PURGED_AT_ONCE = 20_000  # passages
_PAGES_KEPT = 512  # pages in memory, so that ten hits do not read one page ten times


class Parts:
    """Catalog, indexes, encoder, renderer and files of the library in `folder`.

    Raises:
        StorageError: the folder cannot be made or written.
        LibraryDamaged: its catalog cannot be opened.
    """

    def __init__(  # noqa: PLR0913  (every part of a library can be chosen)
        self,
        folder: Path,
        *,
        encoder: Encoder | None,
        encoder_name: str,
        device: str,
        n_threads: int | None,
        ocr: str = "eng",
        reranking: RerankChoice = NO_RERANKING,
        checks: bool = True,
        reads: bool = True,
    ) -> None:
        self.folder = folder
        self.reranking = reranking
        self.checks = checks  # claims, by a network
        self.reads = reads  # passages, by a network
        self.given_reader: ReaderNet | None = None  # where it is not the one that is shipped
        self.ocr = ocr  # languages of scanned pages
        with storage_errors(folder):
            (folder / "files").mkdir(parents=True, exist_ok=True)
        self.catalog = Catalog(folder)
        self.lock = WriterLock(folder)
        self.passage_words = TantivyIndex(folder, "passages")
        self.page_words = TantivyIndex(folder, "pages")
        self.document_words = TantivyIndex(folder, "documents")
        self.page_of = lru_cache(maxsize=_PAGES_KEPT)(self._read_page)
        self.headings_of = lru_cache(maxsize=_OUTLINES_KEPT)(self._read_headings)
        self.documents = lru_cache(maxsize=_SCOPES_KEPT)(self._read_documents)
        self.acronyms = lru_cache(maxsize=1)(self._read_acronyms)
        self._n_threads = n_threads or min(8, os.cpu_count() or 1)
        self._given = encoder
        self._encoder_name, self._device = encoder_name, device
        self._mutex = threading.RLock()  # opening and catching up of the indexes
        self._drawing = threading.Lock()  # opening of the renderer: a page must not wait for a model
        self._dense: FaissIndex | None = None
        self._renderer: PageRenderer | None = None
        self.weights: Weights | None = None  # of the signals, where they are not those that are shipped
        self.is_stopping = threading.Event()  # the program ends
        self._purging = threading.Lock()
        self._purger: threading.Thread | None = None
        self.purge_seconds = 0.0  # that purging took, all in all
        self._seen = -1  # generation that the indexes have caught up with

    # ------------------------------------------------------------------------------------------------ parts

    @property
    def encoder(self) -> Encoder:
        """Return the encoder; the first time in a process that takes seconds."""
        return self._given or _load_encoder(self._encoder_name, self._device, self._n_threads)

    @property
    def reranker(self) -> Reranker | None:
        """Return the reranker, loading it at first use; None where none is set.

        Raises:
            ModelMissing, ModelError
        """
        return load_reranker(self.reranking.model, self._device) if self.reranking.model else None

    @property
    def checker(self) -> SupportChecker | None:
        """Return the network that judges claims, loading it at first use; None where it is off, or not shipped.

        Raises:
            ModelMissing: its weights are damaged, or the built-in encoder, which it shares, is missing.
            InputError: this machine has no such device.
        """
        return load_checker(self._device) if self.checks and is_shipped("checker") else None

    @property
    def reader(self) -> ReaderNet | None:
        """Return the network that reads passages, loading it at first use; None where it is off or not shipped.

        Raises:
            ModelMissing: it cannot be loaded.
        """
        if not self.reads or self.given_reader is not None:
            return self.given_reader if self.reads else None
        return load_reader(self._device) if is_shipped("reader") else None

    @property
    def knows_english_only(self) -> bool:
        """Tell whether the encoder is the built-in one, which was trained on English."""
        return self._given is None and not self._encoder_name

    @property
    def dense(self) -> FaissIndex:
        """Return the index of the vectors."""
        n_dims = self.catalog.n_dims() or self.encoder.n_dims
        with self._mutex:
            if self._dense is None:
                self._dense = FaissIndex(self.folder, n_dims, n_threads=self._n_threads)
            return self._dense

    @property
    def renderer(self) -> PageRenderer:
        """Return what draws pages."""
        with self._drawing:
            if self._renderer is None:
                self._renderer = PageRenderer()
            return self._renderer

    def documents_among(self, keys: Collection[int] | None) -> tuple[Document, ...]:
        """Return the documents with these keys in the catalog, in its order; None: all. The same tuple again."""
        return self.documents(None if keys is None else frozenset(keys))

    def lexicon(self) -> frozenset[str]:
        """Return the English words by which broken words are put together."""
        return _lexicon()

    def has_vectors(self) -> bool:
        """Tell whether there is anything to search by meaning."""
        return self.catalog.encoder_id() is not None

    def catch_up(self) -> None:
        """Bring the indexes up to the catalog, when it has changed since they were last looked at.

        Raises:
            EncoderMismatch: the library's vectors were made by another encoder.
        """
        if self.catalog.generation() == self._seen:
            return
        if self.has_vectors():
            self.catalog.check_encoder(self.encoder.id)  # loads the encoder before anything is held
        with self._mutex:
            generation = self.catalog.generation()
            if generation == self._seen:  # another thread did it while this one waited
                return
            words = (self.passage_words, self.page_words, self.document_words)
            behind = [index for index in words if not index.try_to_reconcile(self.catalog)]
            if self.has_vectors():
                self.dense.reconcile(self.catalog)
            self.page_of.cache_clear()
            self.headings_of.cache_clear()
            self.documents.cache_clear()
            self.acronyms.cache_clear()
            if not behind:  # else they are being written: what was removed is not shown, what is new comes later
                self._seen = generation
        self._keep_vectors()

    def _keep_vectors(self) -> None:
        """Write the file of the vectors where none could be used: else every start would fill the index anew."""
        if self._dense is None or not self._dense.is_unsaved:
            return
        with (
            contextlib.suppress(LibraryBusy, StorageError),  # who writes now does it; a folder may be read-only
            self.lock.acquire("writing dense.faiss"),
        ):
            self.index_vectors()

    def index_words(self) -> None:
        """Bring the word indexes up to the catalog."""
        self.passage_words.reconcile(self.catalog)
        self.page_words.reconcile(self.catalog)
        self.document_words.reconcile(self.catalog)

    def index_vectors(self) -> None:
        """Bring the vector index and its file up to the catalog. For the one process that writes."""
        file = self.folder / "dense.faiss"
        with self._mutex:
            if self.has_vectors():
                self.dense.reconcile(self.catalog)
                if self.dense.is_behind() and self.dense.is_large:
                    self.dense.save_meanwhile()
                elif self.dense.is_behind():
                    self.dense.save()
            else:
                self._dense = None
                file.unlink(missing_ok=True)

    def purge(self) -> float | None:
        """Leave nothing of what was removed in any file; return the seconds, None when there was nothing to do.

        For the one process that writes. It ends early when the program does, or while others read the catalog's log;
        the next purge goes on.
        """
        with self._purging:
            removal = purging.noted(self.catalog.database)
            if removal is None:
                return None
            started = time.perf_counter()
            self.index_words()
            self.index_vectors()
            for words in (self.passage_words, self.page_words, self.document_words):
                if not self.is_stopping.is_set():
                    words.purge(self.catalog)
            if not self.is_stopping.is_set() and self.has_vectors() and self.dense.holds_removed():
                self.dense.save()
            if not self.is_stopping.is_set() and self.catalog.forget_log():
                purging.done(self.catalog.database, removal)
            self.purge_seconds += time.perf_counter() - started
            return time.perf_counter() - started

    def purge_soon(self) -> None:
        """Purge what was removed: at once where that takes a moment, else in a thread. For the one that writes."""
        if purging.noted(self.catalog.database) is None:
            return
        if self.catalog.counts().n_passages <= _PURGED_AT_ONCE:
            self.purge()
        elif self._purger is None or not self._purger.is_alive():
            self._purger = threading.Thread(target=self._purge_quietly, name="purge", daemon=True)
            self._purger.start()

    def wait_purged(self) -> bool:
        """Wait for the thread that purges; tell whether all is purged."""
        if self._purger is not None:
            self._purger.join()
        return purging.noted(self.catalog.database) is None

    def _purge_quietly(self) -> None:
        try:
            with self.lock.acquire("purging", None, is_cancelled=self.is_stopping.is_set):
                seconds = self.purge()
            log.info("what was removed from %s is purged from its files: %.1f s", self.folder, seconds or 0.0)
        except (Cancelled, LibraryError) as exc:
            log.warning("what was removed from %s is not purged from all its files yet: %s", self.folder, exc)

    def problems(self) -> list[str]:
        """Return what does not agree on disk between catalog, indexes and files, in plain words.

        A vector index that is missing is no problem: it is made anew when it is needed.
        """
        n_dims, has_file = self.catalog.n_dims(), (self.folder / "dense.faiss").is_file()
        left = ["dense.faiss holds vectors, the catalog none"] if n_dims is None and has_file else []
        dense = FaissIndex(self.folder, n_dims, n_threads=self._n_threads) if n_dims and has_file else None
        words = tuple(TantivyIndex(self.folder, kind) for kind in FIELDS)
        return left + verify(self.catalog, self.folder, dense, words)

    def sweep(self) -> None:
        """Remove files that belong to no document: what a killed process left. Only while nothing is being added."""
        ids = {document.id for document in self.catalog.documents()}
        for path in (self.folder / "files").iterdir():
            if path.stem not in ids or path.suffix not in {".pdf", ".locked"}:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give back threads and files."""
        if self._purger is not None:
            self._purger.join()
        if self._dense is not None:
            self._dense.close()
        with self._drawing:
            if self._renderer is not None:
                self._renderer.shutdown()
                self._renderer = None
        self.catalog.close()

    # ------------------------------------------------------------------------------------------------ files

    def file(self, document: Document) -> Path:
        """Return the path of our copy.

        Raises:
            LibraryDamaged: the document's id is none, so that it could lead anywhere.
        """
        return self.folder / "files" / f"{_safe_id(document)}.pdf"

    def locked_file(self, document: Document) -> Path:
        """Return the path of a locked file that waits for its password. Raises: as `file`."""
        return self.folder / "files" / f"{_safe_id(document)}.locked"

    def shelf_file(self, document: Document) -> Path:
        """Return the path of the pages that lie ready while a document is read. Raises: as `file`."""
        return self.folder / "files" / f"{_safe_id(document)}.reading"

    def forget_files(self, document: Document) -> None:
        """Remove our copy and what was drawn from it. Raises: as `file`."""
        copy = self.file(document)
        if self._renderer is not None:
            self._renderer.close(copy)
        copy.unlink(missing_ok=True)
        self.locked_file(document).unlink(missing_ok=True)
        self.shelf_file(document).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "cache" / _safe_id(document), ignore_errors=True)

    def _read_page(self, document_id: str, number: int) -> Page:
        return self.catalog.page(self.catalog.document(document_id).key, number)

    def _read_documents(self, keys: frozenset[int] | None) -> tuple[Document, ...]:
        if keys is None:
            return tuple(self.catalog.documents())
        return tuple(document for document in self.documents(None) if document.key in keys)

    def _read_acronyms(self) -> Acronyms:
        return Acronyms(self.catalog.acronyms(), self.lexicon())

    def _read_headings(self, document_id: str) -> frozenset[str]:
        outline = self.catalog.outline(self.catalog.document(document_id).key)
        return frozenset(fold(heading.title) for heading in outline)


def is_sha256(text: object) -> bool:
    """Tell whether this can be the id of a document: as part of a path, nothing else is safe."""
    return isinstance(text, str) and _SHA256.fullmatch(text) is not None


def _safe_id(document: Document) -> str:
    if not is_sha256(document.id):
        raise LibraryDamaged(
            f"The id of {document.name!r}, {document.id!r}, is no sha256: somebody else has written this library. Add "
            "your PDFs to a new one."
        )
    return document.id


_loading = threading.Lock()


def _load_encoder(name: str, device: str, n_threads: int) -> Encoder:
    """Return the encoder, one for all libraries of this process; threads that come meanwhile wait."""
    with _loading:
        return _encoder(name, device, n_threads)


@lru_cache(maxsize=2)
def _encoder(name: str, device: str, n_threads: int) -> Encoder:
    encoder = SentenceEncoder(name or models.path_of(models.MINILM), device=device, n_threads=n_threads)
    # The libraries of a model are half a million objects that stay. A search makes thousands that go; without this the
    # collector would walk through all of those now and then, a tenth of a second in the middle of a search.
    gc.collect()
    gc.freeze()
    return encoder


@lru_cache(maxsize=1)
def _lexicon() -> frozenset[str]:
    return models.lexicon(models.path_of(models.MINILM))


@contextlib.contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write into errors that say what to do."""
    try:
        yield
    except OSError as exc:
        if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageError(f"The disk that holds {folder} is full. Free some space, then try again.") from exc
        if exc.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
            raise StorageError(
                f"{folder} cannot be written ({exc.strerror}). Choose another folder with --library, or FOOTNOTE_HOME."
            ) from exc
        raise
