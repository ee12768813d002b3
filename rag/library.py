"""The flow. A library is a folder with a set of documents that can be asked: add, remove, search, ask.

    add:  PDF --ingest--> pages --ingest--> passages --index--> words, then vectors    (searchable, then ready)
    ask:  question --retrieve--> hits --answer--> claims with citations

Nothing clever stands here: the verbs call the rooms in order. Safe to share between threads.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from rag import adding, asking, checking, guiding, places, rereading, writing
from rag.adding import Reporter
from rag.answer.extractive import ExtractiveReader
from rag.answer.language import ModelChoice, OnWait, SharedModel, as_made, free_model, language_model
from rag.answer.strict import strictly
from rag.asking import Found
from rag.errors import EmptyLibrary, InputError, ModelError, UnknownDocument
from rag.guide.guide import Guide
from rag.index.catalog import Catalog
from rag.index.chats import Chats
from rag.index.guides import Guides
from rag.index.notes import Notes
from rag.index.reports import Reports
from rag.index.tags import Tags
from rag.index.versions import Versions
from rag.parts import Parts, storage_errors
from rag.report import Report
from rag.reranking import reader_net, told_of
from rag.retrieve.rerank import NO_RERANKING, RerankChoice
from rag.retrieve.rewrite import Exchange, Rewritten
from rag.retrieve.scope import in_scope
from rag.rewriting import rewritten
from rag.storage import Stored, storage
from rag.types import (
    NORMAL,
    Added,
    Answer,
    Document,
    Encoder,
    Floats,
    Heading,
    Hit,
    IsCancelled,
    Manner,
    OnProgress,
    Page,
    ReaderName,
    Scope,
)
from rag.understanding import unheeded

T = TypeVar("T")

_TRIES = 3  # of a question, while documents go away


class Library:
    """A set of documents that can be asked.

    Args:
        where: the name of a library, or its folder; made when it does not exist.
        encoder: texts to vectors; the built-in one, loaded at first use, when None.
        encoder_name: a sentence-transformers folder or hub id to load instead of the built-in one.
        device: for the encoder: auto, cpu, cuda or mps.
        n_threads: threads of the networks; None: one a core, at most 8.
        ocr: the languages of scanned pages, as tesseract calls them: "eng+deu", say; "none": they are not read.
        model: which language model writes; the built-in one when None. Loaded at first use.
        other: another one, for comparisons; None: there is none.
        reranking: which cross-encoder reads the best passages once more. Loaded at first use.
        reads: whether a network reads the best passages, to rank them and to tell what answers. Loaded at first use.
        checks: whether a network judges the claims of answers; rules alone do without. Loaded at first use.

    Raises:
        StorageError: the folder cannot be made or written.
        LibraryDamaged: its catalog cannot be opened.
    """

    def __init__(  # noqa: PLR0913  (every part of a library can be chosen)
        self,
        where: str | Path = places.DEFAULT,
        *,
        encoder: Encoder | None = None,
        encoder_name: str = "",
        device: str = "auto",
        n_threads: int | None = None,
        ocr: str = "eng",
        model: ModelChoice | SharedModel | None = None,
        other: ModelChoice | SharedModel | None = None,
        reranking: RerankChoice = NO_RERANKING,
        checks: bool = True,
        reads: bool = True,
    ) -> None:
        self.model = model or ModelChoice(device=device, n_threads=n_threads)
        self.other = other
        self.folder = places.library_folder(where)
        self.name = self.folder.name
        self._parts = Parts(
            self.folder,
            encoder=encoder,
            encoder_name=encoder_name,
            device=device,
            n_threads=n_threads,
            ocr=ocr,
            reranking=reranking,
            checks=checks,
            reads=reads,
        )
        self.chats = Chats(self._parts.catalog)
        self.notes = Notes(self._parts.catalog)
        self.tags = Tags(self._parts.catalog)
        self._adding = threading.Lock()  # one document at a time within this process

    @property
    def catalog(self) -> Catalog:
        """Return the catalog: the one source of truth."""
        return self._parts.catalog

    @property
    def parts(self) -> Parts:
        """Return what it is made of: for measuring its parts one by one."""
        return self._parts

    @property
    def encoder(self) -> Encoder:
        """Return the encoder, loading it at first use (seconds)."""
        return self._parts.encoder

    def warm_up(self) -> None:
        """Load everything that the first question would have to wait for."""
        self._parts.catch_up()
        self.encoder.encode(["warm up"])
        net, _ = reader_net(self._parts)
        if net is not None:
            net.read("warm up", ["warm up"])

    def close(self) -> None:
        """Give back threads and files."""
        self._parts.close()

    # ------------------------------------------------------------------------------------------- add, remove

    def add(
        self,
        path: str | Path,
        *,
        name: str | None = None,
        password: str | None = None,
        on_progress: OnProgress | None = None,
        is_cancelled: IsCancelled | None = None,
        wait_s: float | None = 0,
        with_vectors: bool = True,
    ) -> Added:
        """Add a file: copy, read, index its words, then its vectors.

        It can be searched by words as soon as its words are indexed. A file that cannot be read is reported as
        failed, with the reason, and stays listed so; the same bytes again are `known`, and are read again when pages of
        them waited for OCR that is there now. On cancel nothing is left.

        Args:
            wait_s: how long to wait for another process that is writing; None: for ever.
            with_vectors: False: stop when it can be searched by words, and leave the rest to `finish`.

        Raises:
            LibraryBusy, StorageError, Cancelled, ModelMissing
        """
        path, parts = Path(path), self._parts
        report = self._report(adding.clean_name(name or path.name), on_progress, is_cancelled)
        with self._writing(f"adding {report.document}", wait_s, report):
            parts.sweep()
            sha256 = adding.digest(path, report)
            known = self.catalog.find(sha256)
            if known is not None and known.state in {"searchable", "ready"}:
                adding.restore_copy(parts, known, path, password)
                if rereading.can_read_more(parts, known):
                    return rereading.read_again(parts, known, report, with_vectors=with_vectors)
                known = adding.finish(parts, known, report) if with_vectors else known
                return adding.added(self._parts, known, report, known=True)
            if known is not None:  # it failed, or was left half read: begin anew under the name of now
                adding.drop(parts, known)
            document = self.catalog.begin(sha256, report.document, path.stat().st_size)
            report.document = document.name
            return adding.build(parts, document, adding.Source(path, password, with_vectors), report)

    def finish(
        self,
        name_or_id: str,
        *,
        on_progress: OnProgress | None = None,
        is_cancelled: IsCancelled | None = None,
        wait_s: float | None = 0,
    ) -> Added:
        """Make the vectors of a document that was added without. On cancel it stays searchable by words."""
        report = self._report(self.document(name_or_id).name, on_progress, is_cancelled)
        with self._writing(f"finishing {report.document}", wait_s, report):
            return adding.added(self._parts, adding.finish(self._parts, self.document(name_or_id), report), report)

    def retry(
        self,
        name_or_id: str,
        *,
        password: str | None = None,
        on_progress: OnProgress | None = None,
        is_cancelled: IsCancelled | None = None,
        wait_s: float | None = 0,
    ) -> Added:
        """Read a document again, from our copy; until that is done, and on cancel, it is as it was.

        A failed one may need a password; of one that can be asked more may be read by now, by OCR in other languages.

        Raises:
            InputError: it is being read, or nothing was kept of it.
        """
        report, parts = self._report(self.document(name_or_id).name, on_progress, is_cancelled), self._parts
        with self._writing(f"reading {report.document}", wait_s, report):
            document = self.document(name_or_id)
            if document.state == "reading":
                raise InputError(f"{document.name} is being read already.")
            if document.state != "failed":
                return rereading.read_again(parts, document, report)
            kept = next((f for f in (parts.locked_file(document), parts.file(document)) if f.is_file()), None)
            if kept is None:
                raise InputError(f"{document.name} was not kept. Add the file again.")
            document = self.catalog.begin(document.id, document.name, document.n_bytes)
            return adding.build(parts, document, adding.Source(kept, password, is_kept=True), report)

    def resume(self, *, on_progress: OnProgress | None = None, is_cancelled: IsCancelled | None = None) -> list[Added]:
        """Finish what a killed process left half done.

        Raises:
            LibraryBusy: another process is writing; it may be at those very documents.
        """
        done: list[Added | None] = []
        for name in [d.id for d in self.documents() if d.state in {"reading", "searchable"}]:
            with contextlib.suppress(UnknownDocument):  # removed meanwhile
                report = self._report(self.document(name).name, on_progress, is_cancelled)
                with self._writing(f"finishing {report.document}", 0, report):
                    self._parts.sweep()
                    done.append(adding.resume(self._parts, self.document(name), report))
        self.purge()
        return [added for added in done if added is not None]

    def stop(self) -> None:
        """End what is being added soon, and keep what is done: the program ends. `resume` goes on with it."""
        self._parts.is_stopping.set()

    def remove(self, name_or_id: str, *, wait_s: float | None = 0) -> None:
        """Remove a document and all that was derived from it; the user's own file is not touched.

        It is out of every answer when this returns. What is left of it in the files of a large library is purged in a
        thread; see `wait_purged`.

        Raises:
            UnknownDocument, LibraryBusy, StorageError
        """
        name = self.document(name_or_id).name
        with self._parts.lock.acquire(f"removing {name}", wait_s), storage_errors(self.folder):
            adding.drop(self._parts, self.document(name_or_id))
            self._parts.purge_soon()

    def purge(self) -> None:
        """Go on with a purge that was stopped: leave nothing of what was removed in any file, as `remove` does.

        Raises:
            LibraryBusy: another process is writing. StorageError
        """
        with self._parts.lock.acquire("purging", 0), storage_errors(self.folder):
            self._parts.purge_soon()

    def wait_purged(self) -> float | None:
        """Wait until nothing of what was removed is left in any file; return the seconds that purging took.

        None when something is left, because others read it or the disk is full: the next start goes on.
        """
        return self._parts.purge_seconds if self._parts.wait_purged() else None

    def replace(
        self,
        name_or_id: str,
        path: str | Path,
        *,
        password: str | None = None,
        on_progress: OnProgress | None = None,
        is_cancelled: IsCancelled | None = None,
        wait_s: float | None = 0,
        with_vectors: bool = True,
    ) -> Added:
        """Put a newer version in a document's place: under its name, with its tags.

        The older one stays until the new one can be searched by words. Identical bytes are `known`; a file that cannot
        be read is reported as failed, and the older one stays. Arguments as for `add`.

        Raises:
            InputError: the new version is in the library already, as another document.
            UnknownDocument, LibraryBusy, StorageError, Cancelled, ModelMissing
        """
        parts, name = self._parts, self.document(name_or_id).name
        report = self._report(name, on_progress, is_cancelled)
        with self._writing(f"replacing {name}", wait_s, report):
            parts.sweep()
            source = adding.Source(Path(path), password, with_vectors=False)
            added = adding.replace(parts, self.document(name_or_id), source, report)
            if added.status == "added" and with_vectors:
                added = adding.added(parts, adding.finish(parts, self.document(added.document), report), report)
            return added

    def rename(self, name_or_id: str, name: str, *, wait_s: float | None = 0) -> Document:
        """Give a document another name; when another document has it, `name (2).pdf`. Its citations keep the old one.

        Raises:
            InputError: the name is empty. UnknownDocument, LibraryBusy, StorageError
        """
        document = self.document(name_or_id)
        name = adding.new_name(document, name)
        with self._parts.lock.acquire(f"renaming {document.name}", wait_s), storage_errors(self.folder):
            return self.catalog.rename(document, name)

    def is_older_version(self, document_id: str) -> Document | None:
        """Return the document whose older version had this id; None when it is none, or still here."""
        return Versions(self.catalog).current(document_id)

    def older_versions(self) -> dict[str, str]:
        """Return the ids of all documents that gave way to a newer version, with the name of that."""
        return Versions(self.catalog).all()

    def rebuild(self, *, wait_s: float | None = 0) -> None:
        """Make the indexes anew where they are missing or behind the catalog."""
        with self._parts.lock.acquire("indexing", wait_s), storage_errors(self.folder):
            self._parts.index_words()
            self._parts.index_vectors()

    def storage(self) -> list[Stored]:
        """Return how much room the library takes on disk: what, path, bytes."""
        return storage(self.folder)

    def _report(self, name: str, on_progress: OnProgress | None, is_cancelled: IsCancelled | None) -> Reporter:
        return Reporter(name, on_progress, is_cancelled, self._parts.is_stopping.is_set)

    @contextlib.contextmanager
    def _writing(self, what: str, wait_s: float | None, report: Reporter) -> Iterator[None]:
        """Be the one who adds: in this process, and among processes."""
        with self._adding, self._parts.lock.acquire(what, wait_s), storage_errors(self.folder):
            report.begin_now()
            yield
            self._parts.purge_soon()  # an older version that went, what was left of a file that failed

    # ------------------------------------------------------------------------------------------------ look

    def documents(self) -> list[Document]:
        """Return the documents in the order in which they were added."""
        return self.catalog.documents()

    def document(self, name_or_id: str) -> Document:
        """Return a document by its name, its sha256, or at least eight first digits of that."""
        return self.catalog.document(name_or_id)

    def file(self, document: Document) -> Path:
        """Return the path of our copy."""
        return self._parts.file(document)

    def is_locked(self, document: Document) -> bool:
        """Tell whether a failed document only waits for its password."""
        return document.state == "failed" and self._parts.locked_file(document).is_file()

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

    def report(self, name_or_id: str) -> Report:
        """Return how a document was read: its report card."""
        return Reports(self.catalog).get(self.document(name_or_id))

    def guide(self, name_or_id: str) -> Guide | None:
        """Return the guide to a document; None when it was not made yet."""
        return guiding.kept_guide(self._parts, self.document(name_or_id))

    def make_guide(self, name_or_id: str, *, is_cancelled: IsCancelled | None = None) -> Guide:
        """Make the guide to a document, which takes seconds, and keep it.

        Raises:
            InputError: the document cannot be read, or is not read yet. UnknownDocument, Cancelled
        """
        self._parts.catch_up()
        return guiding.make_guide(self._parts, self.document(name_or_id), is_cancelled=is_cancelled)

    def guided(self) -> set[str]:
        """Return the ids of the documents whose guide was made."""
        return Guides(self.catalog).ids()

    def page_image(
        self, name_or_id: str, page: int, width: int, clip: tuple[float, float, float, float] | None = None
    ) -> bytes:
        """Return a page, or the part `clip` (x0, y0, x1, y1 as fractions) of it, as a JPEG `width` pixels wide."""
        document = self.document(name_or_id)
        if not 1 <= page <= document.n_pages:
            raise InputError(f"{document.name} has no page {page}: it has {document.n_pages}.")
        return self._parts.renderer.jpeg(self.file(document), page, width, clip)

    def verify(self) -> list[str]:
        """Return what does not agree between catalog, indexes and files, in plain words."""
        return self._parts.problems()

    # ------------------------------------------------------------------------------------------------- ask

    def search(
        self,
        question: str,
        k: int = 10,
        *,
        documents: Sequence[str] | None = None,
        scope: Scope | None = None,
        ignored: Collection[str] = (),
        fast: bool = False,
    ) -> list[Hit]:
        """Return the k best passages, best first.

        Args:
            documents: names or ids of the documents to look in; None: all.
            scope: what these documents must fulfil besides: tags, when they were added.
            ignored: hints of the question that the user took away, by their key or by what they mean.
            fast: no network reads the best passages once more.

        Raises:
            QuestionError, UnknownDocument, EmptyLibrary
            InputError: a tag of the scope that no document has.
        """
        return self.find(question, k, documents=documents, scope=scope, ignored=ignored, fast=fast).hits

    def find(
        self,
        question: str,
        k: int = 10,
        *,
        documents: Sequence[str] | None = None,
        scope: Scope | None = None,
        ignored: Collection[str] = (),
        fast: bool = False,
    ) -> Found:
        """Return the k best passages, and what the question was taken to ask. Raises: as `search`."""
        question = asking.checked_question(question)
        return self._settled(
            lambda: asking.find(self._parts, question, k, self._keys(documents, scope), ignored=ignored, fast=fast)
        )

    def unheeded(
        self,
        question: str,
        ignored: Sequence[str],
        *,
        documents: Sequence[str] | None = None,
        scope: Scope | None = None,
    ) -> list[str]:
        """Return what of `ignored` takes nothing away from what the question is taken to ask. Raises: as `search`."""
        question = asking.checked_question(question)
        return self._settled(lambda: unheeded(self._parts, question, self._keys(documents, scope), ignored))

    def ask(
        self,
        question: str,
        k: int = 10,
        *,
        documents: Sequence[str] | None = None,
        scope: Scope | None = None,
        reader: ReaderName = "extractive",
        manner: Manner = NORMAL,
        ignored: Collection[str] = (),
        said: str | None = None,
    ) -> Answer:
        """Answer a question from the k best passages, or abstain.

        The language model is asked only where the documents' own words answer: otherwise it would invent. What needs
        a whole document, which is more than a model reads, is answered in the documents' own words. The ungrounded
        reader is always asked, and reads no passage.

        Args:
            said: the question as the user put it, where this one was completed: what is near to it is looked for too.

        Raises:
            QuestionError, UnknownDocument, EmptyLibrary, ModelMissing, ModelError
        """
        question = asking.checked_question(question)
        wanted = _Wanted(k, reader, manner, ignored, said)
        return self._settled(lambda: self._ask(question, self._keys(documents, scope), wanted))

    def _ask(self, question: str, keys: Sequence[int] | None, wanted: _Wanted) -> Answer:
        started = time.perf_counter()
        reader, manner = wanted.reader, wanted.manner
        if reader != "ungrounded":
            whole = guiding.answer_whole(self._parts, question, keys, manner=manner)
            if whole is not None:
                return whole
        found = asking.find(
            self._parts,
            question,
            max(wanted.k, 1),
            keys,
            least=manner.threshold,
            ignored=wanted.ignored,
            fast=manner.is_fast,
            said=wanted.said,
        )
        retrieved = time.perf_counter()
        query = found.understood.query or question
        told = () if manner.is_fast else told_of(self._parts, query, found.hits, found.readings)
        extractive = asking.extractive_reader(
            self._parts, keys, found.vector, manner, understood=found.understood, told=told
        )
        answer = replace(extractive.read(query, found.hits), question=question, note=found.note)
        answer = checking.judged(self._parts, answer, found.hits)
        timings = answer.timings | {"retrieve": retrieved - started, "read": time.perf_counter() - retrieved}
        if found.reranking.n_asked:
            timings["rerank"] = found.reranking.seconds  # within what retrieving took
        if reader == "ungrounded" or (reader != "extractive" and not answer.abstained):
            written = self.write(question, found.hits, readers=(reader,), manner=manner, own=answer)[reader]
            if isinstance(written, ModelError):
                raise written
            answer, timings = written, timings | written.timings
        timings |= {"total": time.perf_counter() - started}
        called: ReaderName = "grounded" if reader == "other" else reader
        return replace(answer, reader=called, timings=timings, understood=found.understood)

    def _settled(self, do: Callable[[], T]) -> T:
        """Do it again when a document went away meanwhile: an answer is of documents that are there."""
        for _ in range(_TRIES):
            generation = self.catalog.generation()
            try:
                return do()
            except UnknownDocument:
                if self.catalog.generation() == generation:
                    raise
        return do()

    def write(
        self,
        question: str,
        hits: Sequence[Hit],
        *,
        readers: Sequence[ReaderName] = ("grounded",),
        manner: Manner = NORMAL,
        own: Answer | None = None,
        on_piece: writing.OnPiece = writing.unheard,
        on_wait: OnWait | None = None,
        is_cancelled: IsCancelled = writing.never,
    ) -> dict[ReaderName, Answer | ModelError]:
        """Let language models write: from the hits (grounded, other), without them (ungrounded), or several in turn.

        Args:
            own: the answer in the documents' own words, which stands in where a model writes nothing that they bear
                out and the manner is strict.
            on_piece: told each new piece, and whose it is.
            on_wait: told how many generations come before this one.

        Raises:
            Cancelled: while it waited for its turn.
            ModelError, ModelMissing: no model can be loaded. What fails later, or one of several that cannot be loaded,
                is returned in the reader's place.
        """
        wanted = {name: self._model_of(name) for name in readers}
        with writing.turns(wanted, is_cancelled, on_wait=on_wait) as (models, failed):
            writers = {name: asking.writer(self._parts, name, model, manner) for name, model in models.items()}
            written = writing.write(writers, question, hits, on_piece=on_piece, is_cancelled=is_cancelled)
        outcomes = {name: self._checked(name, outcome, hits, manner, own) for name, outcome in written.items()}
        return outcomes | failed

    def _model_of(self, reader: ReaderName) -> SharedModel:
        chosen = self.other if reader == "other" else self.model
        if chosen is None:
            raise ModelError("No other language model is set. Name one: footnote config other_model NAME")
        if isinstance(chosen, SharedModel):
            return chosen
        return language_model(as_made(chosen) if reader == "ungrounded" else chosen)

    def _checked(
        self, reader: ReaderName, outcome: Answer | ModelError, hits: Sequence[Hit], manner: Manner, own: Answer | None
    ) -> Answer | ModelError:
        """Return what was written with its claims judged, and in strict mode without what is not borne out."""
        if isinstance(outcome, ModelError):
            return outcome
        judged = checking.judged(self._parts, outcome, hits)
        return strictly(judged, own) if manner.is_strict and reader != "ungrounded" else judged

    def standalone(
        self, question: str, history: Sequence[Exchange], *, is_cancelled: IsCancelled = writing.never
    ) -> Rewritten:
        """Return a question as one that can be understood without what was said before: see `rag.rewriting`.

        Args:
            history: the exchanges before it, the oldest first, their questions as they were looked for.
        """
        chosen = self.model
        if isinstance(chosen, ModelChoice):
            return rewritten(question, history, free_model(chosen), is_cancelled=is_cancelled)
        return rewritten(question, history, chosen, is_cancelled=is_cancelled)

    def extractive_reader(
        self, keys: Sequence[int] | None = None, question_vector: Floats | None = None, *, found: Found | None = None
    ) -> ExtractiveReader:
        """Return the reader that answers with sentences.

        Args:
            keys: the catalog's keys of the documents asked.
            question_vector: of the question that will be read, if it is at hand.
            found: what was found for that question: what a network read in it is used as in `ask`.
        """
        if found is None:
            return asking.extractive_reader(self._parts, keys, question_vector)
        understood = found.understood
        told = told_of(self._parts, understood.query or understood.question, found.hits, found.readings)
        return asking.extractive_reader(self._parts, keys, found.vector, understood=understood, told=told)

    def _keys(self, documents: Sequence[str] | None, scope: Scope | None = None) -> list[int] | None:
        """Return the catalog's keys of the documents to look in; None: all."""
        if documents is None and scope is None and self.catalog.can_be_asked():
            return None
        chosen = self.documents() if documents is None else [self.document(name) for name in documents]
        if scope is not None:
            chosen = in_scope(scope, chosen, tags=self.tags.by_document(), named=self.document)
        if not any(document.state in {"searchable", "ready"} for document in chosen):
            if documents is not None and not documents:
                raise EmptyLibrary("No document is chosen to look in. Choose others, or other days, or look in all.")
            raise EmptyLibrary(_why_empty(self.name, chosen))
        is_all = documents is None and (scope is None or scope == Scope())
        return None if is_all else [document.key for document in chosen]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How a question is to be answered: what `ask` was told."""

    k: int
    reader: ReaderName
    manner: Manner
    ignored: Collection[str]
    said: str | None


def _why_empty(name: str, documents: Sequence[Document]) -> str:
    if not documents:
        return f"The library {name!r} is empty. Add a PDF first: footnote add FILE, or drop one on the Library page."
    states = ", ".join(f"{document.name} ({document.reason or document.state})" for document in documents[:3])
    return f"No document can be asked yet: {states}."
