"""The flow. A library is a folder with a set of documents that can be asked: add, remove, search, ask.

    add:  PDF --ingest--> pages --ingest--> passages --index--> words, then vectors    (searchable, then ready)
    ask:  question --retrieve--> hits --answer--> claims with citations

Nothing clever stands here: it opens the parts, calls them in order and keeps the catalog the one source of truth.
Safe to share between threads.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from rag import models, places
from rag.answer.cite import boxes_of
from rag.answer.extractive import ExtractiveReader
from rag.errors import (
    Cancelled,
    EmptyLibrary,
    FootnoteError,
    InputError,
    PasswordNeeded,
    PdfError,
    QuestionError,
    StorageError,
)
from rag.index.catalog import Catalog
from rag.index.chats import Chats
from rag.index.dense import FaissIndex
from rag.index.encoder import SentenceEncoder
from rag.index.lexical import TantivyIndex
from rag.index.lock import WriterLock
from rag.index.verify import verify
from rag.ingest.pdf import make_readable_copy
from rag.ingest.render import PageRenderer
from rag.ingest.worker import parse_in_child
from rag.retrieve.retriever import Candidate, Retriever
from rag.spans import passage_slice
from rag.text import sentence_spans
from rag.types import (
    Added,
    Answer,
    Document,
    Encoder,
    Heading,
    Hit,
    IsCancelled,
    OnProgress,
    Page,
    Passage,
    Progress,
    ReaderName,
    Stage,
)

log = logging.getLogger(__name__)

MAX_QUESTION = 4_000  # characters
ENCODE_STEP = 256  # passages between two looks at the cancel button
_COPY_STEP = 1 << 20  # bytes


class Library:
    """A set of documents that can be asked.

    Args:
        where: the name of a library, or its folder; made when it does not exist.
        encoder: texts to vectors; the built-in one, loaded at first use, when None.
        device: for the built-in encoder: auto, cpu, cuda or mps.
        n_threads: threads of the networks; None: one a core, at most 8.

    Raises:
        StorageError: the folder cannot be made or written.
        LibraryDamaged: its catalog cannot be opened.
    """

    def __init__(
        self,
        where: str | Path = places.DEFAULT,
        *,
        encoder: Encoder | None = None,
        encoder_name: str = "",
        device: str = "auto",
        n_threads: int | None = None,
    ) -> None:
        self.folder = places.library_folder(where)
        self.name = self.folder.name
        self._n_threads = n_threads or min(8, os.cpu_count() or 1)
        self._device, self._encoder_name = device, encoder_name
        self._given_encoder = encoder
        with _storage_errors(self.folder):
            (self.folder / "files").mkdir(parents=True, exist_ok=True)
        self.catalog = Catalog(self.folder)
        self.chats = Chats(self.catalog)
        self._lock = WriterLock(self.folder)
        self._mutex = threading.RLock()  # opening and catching up of the indexes
        self._seen = -1  # generation that the indexes have caught up with
        self._page_of = lru_cache(maxsize=512)(self._read_page)

    # ------------------------------------------------------------------------------------------------ parts

    @cached_property
    def encoder(self) -> Encoder:
        """Return the encoder, loading it at first use (seconds)."""
        if self._given_encoder is not None:
            return self._given_encoder
        with self._mutex:
            source = self._encoder_name or models.path_of(models.MINILM)
            return SentenceEncoder(source, device=self._device, n_threads=self._n_threads)

    @cached_property
    def _dense(self) -> FaissIndex:
        return FaissIndex(self.folder, self.encoder.n_dims, n_threads=self._n_threads)

    @cached_property
    def _passage_words(self) -> TantivyIndex:
        return TantivyIndex(self.folder, "passages")

    @cached_property
    def _page_words(self) -> TantivyIndex:
        return TantivyIndex(self.folder, "pages")

    @cached_property
    def _renderer(self) -> PageRenderer:
        return PageRenderer()

    def warm_up(self) -> None:
        """Load everything that the first question would have to wait for."""
        self._catch_up()
        self.encoder.encode(["warm up"])

    def close(self) -> None:
        """Give back threads and files."""
        renderer = self.__dict__.get("_renderer")
        if renderer is not None:
            renderer.shutdown()
        self.catalog.close()

    # ------------------------------------------------------------------------------------------------- add

    def add(
        self,
        path: str | Path,
        *,
        name: str | None = None,
        password: str | None = None,
        on_progress: OnProgress | None = None,
        is_cancelled: IsCancelled | None = None,
        wait_s: float | None = 0,
    ) -> Added:
        """Add a file: copy, read, index its words, then its vectors.

        It can be searched by words as soon as its words are indexed. A file that cannot be read is reported as
        failed, with the reason, and stays listed so; the same bytes again are `known`. On cancel nothing is left.

        Args:
            wait_s: how long to wait for another process that is writing; None: for ever.

        Raises:
            LibraryBusy, StorageError, Cancelled, ModelMissing
        """
        path = Path(path)
        report = _Reporter(clean_name(name or path.name), on_progress, is_cancelled)
        with self._lock.acquire(f"adding {report.document}", wait_s), _storage_errors(self.folder):
            sha256 = _digest(path, report)
            known = self.catalog.find(sha256)
            if known is not None and known.state in {"searchable", "ready"}:
                finished = self._finish(known, report)
                return Added(finished.name, "known", None, finished.n_pages, finished.n_passages, report.seconds)
            document = self.catalog.begin(sha256, report.document, path.stat().st_size)
            report.document = document.name
            return self._build(document, path, password, report)

    def retry(
        self,
        name_or_id: str,
        *,
        password: str | None = None,
        on_progress: OnProgress | None = None,
        is_cancelled: IsCancelled | None = None,
        wait_s: float | None = 0,
    ) -> Added:
        """Read a failed document again, from the copy that was kept."""
        document = self.catalog.document(name_or_id)
        kept = self._kept(document)
        source = kept if kept.is_file() else self.file(document)
        if not source.is_file():
            raise PdfError(f"{document.name} was not kept. Add the file again.")
        report = _Reporter(document.name, on_progress, is_cancelled)
        with self._lock.acquire(f"reading {document.name}", wait_s), _storage_errors(self.folder):
            document = self.catalog.begin(document.id, document.name, document.n_bytes)
            return self._build(document, source, password, report)

    def resume(self, *, on_progress: OnProgress | None = None, is_cancelled: IsCancelled | None = None) -> list[Added]:
        """Finish what a killed process left half done. Does nothing while another process is writing."""
        unfinished = [d for d in self.documents() if d.state in {"reading", "searchable"}]
        done = []
        for document in unfinished:
            report = _Reporter(document.name, on_progress, is_cancelled)
            with self._lock.acquire(f"finishing {document.name}", 0), _storage_errors(self.folder):
                if document.state == "searchable":
                    finished = self._finish(document, report)
                    done.append(
                        Added(finished.name, "added", None, finished.n_pages, finished.n_passages, report.seconds)
                    )
                elif self.file(document).is_file():
                    done.append(self._build(document, self.file(document), None, report))
                else:
                    self._drop(document)
        return done

    def _build(self, document: Document, source: Path, password: str | None, report: _Reporter) -> Added:
        try:
            self._store_copy(document, source, password, report)
            document = self._read(document, report)
            document = self._finish(document, report)
        except Cancelled:
            self._drop(document)
            raise
        except PdfError as exc:
            if isinstance(exc, PasswordNeeded):
                self._keep(document, source)
            document = self.catalog.fail(document, str(exc))
            return Added(document.name, "failed", str(exc), 0, 0, report.seconds)
        except FootnoteError:
            raise
        except OSError:
            self._drop(document)
            raise
        return Added(document.name, "added", document.reason, document.n_pages, document.n_passages, report.seconds)

    def _store_copy(self, document: Document, source: Path, password: str | None, report: _Reporter) -> None:
        target = self.file(document)
        if source != target:
            make_readable_copy(source, target, name=document.name, password=password)
        self._kept(document).unlink(missing_ok=True)
        report("copy", 1, 1)

    def _read(self, document: Document, report: _Reporter) -> Document:
        parsed = parse_in_child(
            self.file(document),
            name=document.name,
            lexicon=self._lexicon,
            on_page=lambda done, total: report("read", done, total),
            is_cancelled=report.is_cancelled,
        )
        document = self.catalog.store_parsed(document, parsed)
        report("index", 0, 1)
        self._passage_words.reconcile(self.catalog)
        self._page_words.reconcile(self.catalog)
        report("index", 1, 1)
        return document

    @cached_property
    def _lexicon(self) -> frozenset[str]:
        return models.lexicon(models.path_of(models.MINILM))

    def _finish(self, document: Document, report: _Reporter) -> Document:
        """Make the vectors of a searchable document."""
        if document.state == "ready":
            return document
        passages = self.catalog.passages_of(document.key)
        texts = [passage.index_text for passage in passages]
        vectors = np.zeros((len(texts), self.encoder.n_dims), np.float32)
        by_length = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for first in range(0, len(texts), ENCODE_STEP):
            report.stop_if_cancelled()
            step = by_length[first : first + ENCODE_STEP]
            vectors[step] = self.encoder.encode(
                [texts[i] for i in step],
                on_done=lambda n, first=first: report("encode", first + n, len(texts)),  # type: ignore[misc]
            )
        report.stop_if_cancelled()
        document = self.catalog.store_vectors(document, self.encoder.id, vectors)
        self._save_vectors()
        return document

    def _save_vectors(self) -> None:
        with self._mutex:
            self._dense.reconcile(self.catalog)
            self._dense.save()

    def _drop(self, document: Document) -> None:
        """Take a document out of catalog, indexes and files."""
        self.catalog.remove(document)
        self._passage_words.reconcile(self.catalog)
        self._page_words.reconcile(self.catalog)
        if document.state == "ready":
            self._save_vectors()
        self._forget_files(document)

    def _keep(self, document: Document, source: Path) -> None:
        """Keep a locked file as it is, so that its password can be given later."""
        kept = self._kept(document)
        if source != kept:
            partial = kept.with_suffix(f".tmp{os.getpid()}")
            shutil.copyfile(source, partial)
            partial.replace(kept)

    # ---------------------------------------------------------------------------------------------- remove

    def remove(self, name_or_id: str, *, wait_s: float | None = 0) -> None:
        """Remove a document and all that was derived from it; the user's own file is not touched.

        Raises:
            UnknownDocument, LibraryBusy, StorageError
        """
        document = self.catalog.document(name_or_id)
        with self._lock.acquire(f"removing {document.name}", wait_s), _storage_errors(self.folder):
            self._drop(document)

    def _forget_files(self, document: Document) -> None:
        renderer = self.__dict__.get("_renderer")
        if renderer is not None:
            renderer.close(self.file(document))
        self.file(document).unlink(missing_ok=True)
        self._kept(document).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "cache" / document.id, ignore_errors=True)

    # ------------------------------------------------------------------------------------------------ look

    def documents(self) -> list[Document]:
        """Return the documents in the order in which they were added."""
        return self.catalog.documents()

    def document(self, name_or_id: str) -> Document:
        """Return a document by its name, its sha256, or at least eight first digits of that."""
        return self.catalog.document(name_or_id)

    def file(self, document: Document) -> Path:
        """Return the path of our copy."""
        return self.folder / "files" / f"{document.id}.pdf"

    def is_locked(self, document: Document) -> bool:
        """Tell whether a failed document only waits for its password."""
        return document.state == "failed" and self._kept(document).is_file()

    def _kept(self, document: Document) -> Path:
        return self.folder / "files" / f"{document.id}.locked"

    def page(self, name_or_id: str, number: int) -> Page:
        """Return a page as it was read."""
        return self.catalog.page(self.document(name_or_id).key, number)

    def sizes(self, name_or_id: str) -> list[tuple[float, float]]:
        """Return width and height of every page, in points as displayed."""
        return self.catalog.sizes(self.document(name_or_id).key)

    def labels(self, name_or_id: str) -> dict[int, str | None]:
        """Return the printed number of every page."""
        return self.catalog.labels(self.document(name_or_id).key)

    def outline(self, name_or_id: str) -> list[Heading]:
        """Return the outline."""
        return self.catalog.outline(self.document(name_or_id).key)

    def page_image(
        self, name_or_id: str, page: int, width: int, clip: tuple[float, float, float, float] | None = None
    ) -> bytes:
        """Return a page, or the part `clip` (x0, y0, x1, y1 as fractions) of it, as a JPEG `width` pixels wide."""
        return self._renderer.jpeg(self.file(self.document(name_or_id)), page, width, clip)

    def verify(self) -> list[str]:
        """Return what does not agree between catalog, indexes and files, in plain words."""
        self._catch_up()
        return verify(self.catalog, self.folder, self._dense, (self._passage_words, self._page_words))

    # ------------------------------------------------------------------------------------------------- ask

    def search(self, question: str, k: int = 10, *, documents: Sequence[str] | None = None) -> list[Hit]:
        """Return the k best passages, best first.

        Args:
            documents: names or ids of the documents to look in; None: all.

        Raises:
            QuestionError, UnknownDocument, EmptyLibrary
        """
        question = checked_question(question)
        return self._hits(question, self._retrieve(question, documents)[:k])

    def ask(
        self, question: str, k: int = 10, *, documents: Sequence[str] | None = None, reader: ReaderName = "extractive"
    ) -> Answer:
        """Answer a question from the k best passages, or abstain.

        Raises:
            QuestionError, UnknownDocument, EmptyLibrary, ModelMissing
        """
        if reader != "extractive":
            raise InputError(f"There is no {reader} reader: no language model is set up. Use the extractive one.")
        question = checked_question(question)
        started = time.perf_counter()
        keys = self._keys(documents)
        candidates = self._retrieve(question, documents)
        retrieved = time.perf_counter()
        hits = self._hits(question, candidates[: max(k, 1)])
        answer = self.extractive_reader(keys).read(question, hits)
        read = time.perf_counter()
        timings = {"retrieve": retrieved - started, "read": read - retrieved, "total": read - started}
        return replace(answer, timings=timings)

    def extractive_reader(self, keys: Sequence[int] | None = None) -> ExtractiveReader:
        """Return the reader that answers with sentences; `keys` are the catalog's keys of the documents asked."""
        return ExtractiveReader(
            encoder=self.encoder if self._has_vectors() else None,
            terms=self._passage_words.terms,
            idf=lambda terms: self._passage_words.idf(terms, documents=keys),
            page_of=self._page_of,
        )

    def _retrieve(self, question: str, documents: Sequence[str] | None) -> list[Candidate]:
        keys = self._keys(documents)
        self._catch_up()
        has_vectors = self._has_vectors()
        retriever = Retriever(
            places=self.catalog,
            encoder=self.encoder if has_vectors else None,
            dense=self._dense if has_vectors else None,
            passage_words=self._passage_words,
            page_words=self._page_words,
        )
        return retriever.retrieve(question, documents=keys)

    def _has_vectors(self) -> bool:
        return self.catalog.encoder_id() is not None

    def _keys(self, documents: Sequence[str] | None) -> list[int] | None:
        chosen = self.documents() if documents is None else [self.document(name) for name in documents]
        if not any(document.state in {"searchable", "ready"} for document in chosen):
            raise EmptyLibrary(_why_empty(self.name, chosen))
        return None if documents is None else [document.key for document in chosen]

    def _catch_up(self) -> None:
        """Bring the indexes up to the catalog, when it has changed since they were last looked at."""
        with self._mutex:
            generation = self.catalog.generation()
            if generation == self._seen:
                return
            for words in (self._passage_words, self._page_words):
                words.reconcile(self.catalog)
            if self._has_vectors():
                self._dense.reconcile(self.catalog)
            self._page_of.cache_clear()
            self._seen = generation

    def _hits(self, question: str, candidates: Sequence[Candidate]) -> list[Hit]:
        passages = {passage.id: passage for passage in self.catalog.passages([c.id for c in candidates])}
        documents = {document.id: document.name for document in self.documents()}
        hits = []
        for candidate in candidates:
            passage = passages.get(candidate.id)
            if passage is None or passage.document_id not in documents:  # removed meanwhile
                continue
            page = self._best_page(question, passage)
            hits.append(
                Hit(
                    rank=len(hits) + 1,
                    score=candidate.score,
                    passage=passage,
                    document=documents[passage.document_id],
                    page=page,
                    label=self._page_of(passage.document_id, page).label,
                    boxes=boxes_of(passage.document_id, passage.spans, self._page_of),
                    signals=candidate.signals,
                )
            )
        return hits

    def _best_page(self, question: str, passage: Passage) -> int:
        """Return the page of the sentence that holds most of the question's words."""
        if len(passage.pages) == 1:
            return passage.pages[0]
        asked = set(self._passage_words.terms(question))
        texts = {number: self._page_of(passage.document_id, number).text for number in passage.pages}
        best = max(
            sentence_spans(passage.text),
            key=lambda span: len(asked & set(self._passage_words.terms(passage.text[slice(*span)]))),
        )
        return passage_slice(passage, texts, *best)[0].page

    def _read_page(self, document_id: str, number: int) -> Page:
        return self.catalog.page(self.catalog.document(document_id).key, number)


# ---------------------------------------------------------------------------------------------------- helpers


class _Reporter:
    """Tells how far the work is, and stops it when the user wants so."""

    def __init__(self, document: str, on_progress: OnProgress | None, is_cancelled: IsCancelled | None) -> None:
        self.document = document
        self._on_progress = on_progress
        self._is_cancelled = is_cancelled
        self._started = time.perf_counter()

    def __call__(self, stage: Stage, done: int, total: int) -> None:
        if self._on_progress is not None:
            self._on_progress(Progress(self.document, stage, done, total))

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._started

    def is_cancelled(self) -> bool:
        return self._is_cancelled is not None and self._is_cancelled()

    def stop_if_cancelled(self) -> None:
        if self.is_cancelled():
            raise Cancelled(f"{self.document} was not added: cancelled.")


def clean_name(name: str) -> str:
    """Return the base name of a file as it is stored: no folders, no control characters, at most 200 characters."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    base = "".join(character for character in base if character.isprintable()).strip().lstrip(".")
    stem, dot, ending = base.rpartition(".")
    if not dot or len(ending) > 5:
        stem, ending = base, "pdf"
    return f"{stem[:190].strip() or 'document'}.{ending}"


def checked_question(question: str) -> str:
    """Return the question without surrounding white space.

    Raises:
        QuestionError: nothing is asked, or more than 4,000 characters.
    """
    stripped = " ".join(question.replace("\x00", " ").split())
    if not any(character.isalnum() for character in stripped):
        raise QuestionError("The question is empty. Type what you want to know.")
    if len(stripped) > MAX_QUESTION:
        raise QuestionError(
            f"The question is {len(stripped):,} characters long; at most {MAX_QUESTION:,} can be asked. Shorten it."
        )
    return stripped


def _why_empty(name: str, documents: Sequence[Document]) -> str:
    if not documents:
        return f"The library {name!r} is empty. Add a PDF first: footnote add FILE, or drop one on the Library page."
    states = ", ".join(f"{document.name} ({document.reason or document.state})" for document in documents[:3])
    return f"No document can be asked yet: {states}."


def _digest(path: Path, report: _Reporter) -> str:
    """Return the sha256 of a file.

    Raises:
        InputError: it does not exist, or cannot be read.
    """
    digest, done = hashlib.sha256(), 0
    try:
        total = path.stat().st_size
        with path.open("rb") as file:
            while block := file.read(_COPY_STEP):
                digest.update(block)
                done += len(block)
                report("copy", done, total)
                report.stop_if_cancelled()
    except FileNotFoundError as exc:
        raise InputError(f"{path} does not exist. Check the name.") from exc
    except (IsADirectoryError, PermissionError) as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}.") from exc
    return digest.hexdigest()


@contextlib.contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write into errors that say what to do."""
    try:
        yield
    except OSError as exc:
        if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageError(f"The disk that holds {folder} is full. Free some space, then try again.") from exc
        if exc.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise StorageError(
                f"{folder} cannot be written ({exc.strerror}). Choose another folder with --library, or FOOTNOTE_HOME."
            ) from exc
        raise
