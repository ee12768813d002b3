"""A file into a library, step by step, and out again. Each step is one transaction of the catalog:

    begin (reading) -> copy -> read in a child process -> words indexed (searchable) -> vectors made (ready)

A file that cannot be read ends as `failed` with its reason; a cancelled one leaves nothing. When the program stops or
dies, what is done is kept, and `resume` goes on with it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as replace_record
from pathlib import Path
from typing import Literal

import numpy as np

from rag.errors import (
    Cancelled,
    FootnoteError,
    InputError,
    PasswordNeeded,
    PdfError,
    Stopped,
    StorageError,
    UnknownDocument,
)
from rag.index.versions import Versions
from rag.ingest.copying import make_readable_copy
from rag.ingest.worker import parse_in_child
from rag.language import language_note
from rag.parts import Parts
from rag.types import Added, Document, Floats, IsCancelled, OnProgress, ParsedDocument, Progress, Stage

ENCODE_STEP = 128  # passages between two looks at the cancel button
_COPY_STEP = 1 << 20  # bytes


class Reporter:
    """Tells how far the adding of a document is, and stops it when the user, or the end of the program, wants so."""

    def __init__(
        self,
        document: str,
        on_progress: OnProgress | None,
        is_cancelled: IsCancelled | None,
        is_stopping: IsCancelled | None = None,
    ) -> None:
        self.document = document
        self._on_progress = on_progress
        self._is_cancelled = is_cancelled
        self._is_stopping = is_stopping
        self._started = time.perf_counter()

    def __call__(self, stage: Stage, done: int, total: int) -> None:
        if self._on_progress is not None:
            self._on_progress(Progress(self.document, stage, done, total))

    @property
    def seconds(self) -> float:
        """Return the seconds since the work began."""
        return time.perf_counter() - self._started

    def begin_now(self) -> None:
        """Count the seconds from here: what came before was waiting for another process."""
        self._started = time.perf_counter()

    def should_end(self) -> bool:
        """Tell whether the work should end."""
        return any(wish is not None and wish() for wish in (self._is_cancelled, self._is_stopping))

    def end(self) -> Cancelled | Stopped:
        """Return the error with which the work ends."""
        if self._is_stopping is not None and self._is_stopping():
            return Stopped(f"{self.document} is not finished: the program ends. It goes on at the next start.")
        return Cancelled(f"{self.document} was not added: cancelled.")

    def end_if_wished(self) -> None:
        """Raise Cancelled or Stopped if the work should end."""
        if self.should_end():
            raise self.end()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document comes from, and how far to take it."""

    path: Path
    password: str | None = None
    with_vectors: bool = True  # False: stop as soon as it can be searched by words
    is_kept: bool = False  # the path is a file of ours, of a document that was listed before: it stays listed


def build(parts: Parts, document: Document, source: Source, report: Reporter) -> Added:
    """Take a document in state `reading` through the steps.

    Raises:
        Cancelled: nothing of it is left, or it is `failed` as before if it was so.
        Stopped: it stays as far as it came.
    """
    try:
        _copy(parts, document, source, report)
        document = _read(parts, document, report)
    except PdfError as exc:
        if isinstance(exc, PasswordNeeded):
            _keep_locked(parts, document, source.path)
        document = parts.catalog.fail(document, str(exc))
        return Added(document.name, "failed", str(exc), 0, 0, report.seconds)
    except UnknownDocument as exc:
        parts.forget_files(document)
        raise Cancelled(str(exc)) from exc
    except Cancelled as exc:  # the child process was ended: for which of the two reasons?
        end = report.end()
        if isinstance(end, Cancelled):
            _undo(parts, document, source)
        raise end from exc
    except (FootnoteError, OSError):
        _undo(parts, document, source)
        raise
    document, is_newer_version = _take_over(parts, document)
    if source.with_vectors:
        try:
            document = finish(parts, document, report)
        except Cancelled:
            if not is_newer_version:  # the older one is gone: this one is all there is
                _undo(parts, document, source)
            raise
    return added(parts, document, report)


def replace(parts: Parts, older: Document, source: Source, report: Reporter) -> Added:
    """Add a file as the newer version of a document, and take it as far as it can be searched by words.

    The older one stays until then. A file that cannot be read leaves no trace, except one that only waits for its
    password: that is listed, and takes the other's place when it is unlocked.

    Raises:
        InputError: the older one is being read, or the file is in the library as another document.
        Cancelled: the older one is as it was. Stopped: `resume` goes on with it.
    """
    if older.state == "reading":
        raise InputError(f"{older.name} is being read. Replace it when that is done.")
    sha256 = digest(source.path, report)
    known = parts.catalog.find(sha256)
    if known is not None and known.id == older.id:
        return added(parts, known, report, known=True)
    if known is not None and known.state in {"searchable", "ready"}:
        raise InputError(f"This file is in the library already, as {known.name}. Remove that first, then replace.")
    if known is not None:  # it failed, or was left half read
        drop(parts, known)
    ending = Path(older.name).suffix
    name = f"{older.name.removesuffix(ending)} (new version){ending}"
    newer = parts.catalog.begin(sha256, name, source.path.stat().st_size)
    Versions(parts.catalog).plan(newer, older)
    done = build(parts, newer, source, report)
    if done.status == "failed" and not parts.locked_file(newer).is_file():
        drop(parts, newer)
    return done


def _take_over(parts: Parts, document: Document) -> tuple[Document, bool]:
    """Put a document that can be searched in the place of the one whose newer version it is, if it is one's."""
    versions = Versions(parts.catalog)
    if versions.planned(document) is None:
        return document, False
    older = versions.take_over(document)
    parts.index_words()
    parts.index_vectors()
    if older is not None:
        parts.forget_files(older)
    return parts.catalog.document(document.id), True


def _undo(parts: Parts, document: Document, source: Source) -> None:
    if source.is_kept:
        parts.catalog.fail(document, f"Reading {document.name} was not finished. Try again.")
        parts.index_words()
    else:
        drop(parts, document)


def added(parts: Parts, document: Document, report: Reporter, *, known: bool = False) -> Added:
    """Return the report on a document that can be asked; its reason says what was not read, or may not be found."""
    said = [text for text in (document.reason, _language_note(parts, document.language)) if text]
    reason = "; ".join(text.rstrip(".") for text in said) if len(said) > 1 else "".join(said)
    status: Literal["known", "added"] = "known" if known else "added"
    sizes = document.n_pages, document.n_passages
    return Added(document.name, status, reason or None, *sizes, report.seconds)


def _language_note(parts: Parts, language: str | None) -> str | None:
    return language_note(language) if parts.knows_english_only else None


def _copy(parts: Parts, document: Document, source: Source, report: Reporter) -> None:
    target = parts.file(document)
    if source.path != target:
        make_readable_copy(
            source.path,
            target,
            name=document.name,
            password=source.password,
            is_cancelled=report.should_end,
        )
    parts.locked_file(document).unlink(missing_ok=True)
    report("copy", 1, 1)
    report.end_if_wished()


def restore_copy(parts: Parts, document: Document, path: Path, password: str | None) -> None:
    """Copy a known document again if our copy was lost."""
    if not parts.file(document).is_file():
        make_readable_copy(path, parts.file(document), name=document.name, password=password)


def _keep_locked(parts: Parts, document: Document, source: Path) -> None:
    """Keep a locked file as it is, so that its password can be given later."""
    kept = parts.locked_file(document)
    if source != kept:
        partial = kept.with_suffix(f".tmp{os.getpid()}")
        try:
            shutil.copyfile(source, partial)
            partial.replace(kept)
        finally:
            partial.unlink(missing_ok=True)


def _read(parts: Parts, document: Document, report: Reporter) -> Document:
    try:
        parsed = parse(parts, document, report)
    except StorageError:
        parts.catalog.expect(document)  # when it was removed meanwhile, its files went with it
        raise
    document = parts.catalog.store_parsed(document, parsed)
    index_words(parts, report)
    return document


def parse(parts: Parts, document: Document, report: Reporter) -> ParsedDocument:
    """Read our copy of a document in a child process. Raises: as `parse_in_child`."""
    parsed = parse_in_child(
        parts.file(document),
        name=document.name,
        lexicon=parts.lexicon(),
        ocr=parts.ocr,
        on_page=lambda done, total: report("read", done, total),
        on_scan=lambda done, total: report("ocr", done, total),
        is_cancelled=report.should_end,
        shelf=parts.shelf_file(document),
    )
    note = _language_note(parts, parsed.language)
    return replace_record(parsed, warnings=(*parsed.warnings, note)) if note else parsed


def index_words(parts: Parts, report: Reporter) -> None:
    """Bring the word indexes up to the catalog."""
    report("index", 0, 1)
    parts.index_words()
    report("index", 1, 1)


def finish(parts: Parts, document: Document, report: Reporter) -> Document:
    """Make the vectors of a `searchable` document, which becomes `ready`; one in another state is returned as it is.

    Raises:
        Cancelled, Stopped: it stays `searchable`.
    """
    if document.state != "searchable":
        return document
    parts.catalog.check_encoder(parts.encoder.id)
    texts = [passage.index_text for passage in parts.catalog.passages_of(document.key)]
    vectors = _encode(parts, texts, report)
    document = parts.catalog.store_vectors(document, parts.encoder.id, vectors)
    parts.index_vectors()
    return document


def _encode(parts: Parts, texts: list[str], report: Reporter) -> Floats:
    """Return a vector a text. Long texts go first, so that those of one step are of like length."""
    vectors = np.zeros((len(texts), parts.encoder.n_dims), np.float32)
    by_length = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    for first in range(0, len(texts), ENCODE_STEP):
        report.end_if_wished()
        step = by_length[first : first + ENCODE_STEP]
        vectors[step] = parts.encoder.encode([texts[i] for i in step], on_done=_from(report, first, len(texts)))
    report.end_if_wished()
    return vectors


def _from(report: Reporter, first: int, total: int) -> Callable[[int], None]:
    return lambda n_done: report("encode", first + n_done, total)


def drop(parts: Parts, document: Document) -> None:
    """Take a document out of catalog, indexes and files, whatever its state is by now."""
    parts.catalog.remove(document)
    parts.index_words()
    parts.index_vectors()
    parts.forget_files(document)


def resume(parts: Parts, document: Document, report: Reporter) -> Added | None:
    """Finish what a killed process left half done; None when there is nothing to do or nothing of it was kept."""
    if document.state == "searchable":
        document, _ = _take_over(parts, document)
        return added(parts, finish(parts, document, report), report)
    if document.state != "reading":
        return None
    if parts.file(document).is_file():
        return build(parts, document, Source(parts.file(document), is_kept=True), report)
    drop(parts, document)
    return None


def digest(path: Path, report: Reporter) -> str:
    """Return the sha256 of a file.

    Raises:
        InputError: it does not exist, or cannot be read.
    """
    sha256, done = hashlib.sha256(), 0
    try:
        total = path.stat().st_size
        with path.open("rb") as file:
            while block := file.read(_COPY_STEP):
                sha256.update(block)
                done += len(block)
                report("copy", done, total)
                report.end_if_wished()
    except FileNotFoundError as exc:
        raise InputError(f"{path} does not exist. Check the name.") from exc
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}.") from exc
    return sha256.hexdigest()


def new_name(document: Document, name: str) -> str:
    """Return the name that a document gets when a user renames it: cleaned, with the ending that it has.

    Raises:
        InputError: nothing is left of it.
    """
    ending = Path(document.name).suffix
    stem = name.strip()
    if ending and stem.lower().endswith(ending.lower()):
        stem = stem[: -len(ending)]
    if not any(character.isalnum() for character in stem):
        raise InputError(f"{name!r} cannot name a document: use at least one letter or digit.")
    return clean_name(stem + (ending or ".pdf"))


def clean_name(name: str) -> str:
    """Return the base name of a file as it is stored: no folders or control characters, 200 at most, NFC."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    base = "".join(character for character in base if character.isprintable()).strip().lstrip(".")
    stem, dot, ending = base.rpartition(".")
    if not dot or len(ending) > 5:
        stem, ending = base, "pdf"
    return f"{stem[:190].strip() or 'document'}.{ending}"
