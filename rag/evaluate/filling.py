"""The documents of a dataset as a library, kept from run to run.

The folder is named by the content of the files and by what makes a library of them (the code of reading, the encoder,
the languages of OCR), so that a kept library is never one that would come out otherwise today. What is there already
is not read again: a run that was stopped goes on.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import rag
from rag.errors import Cancelled
from rag.evaluate.cache import cache_folder
from rag.evaluate.datasets import Dataset, Entry, Layout
from rag.index.lock import WriterLock
from rag.ingest.passages.passages import make_passages
from rag.ingest.passages.setting import PlacedBlock
from rag.library import Library
from rag.types import IsCancelled, Page, PageSpan, ParsedDocument, Progress, Words

log = logging.getLogger(__name__)

OnStep = Callable[[str, int, int], None]  # what is being done, done, total

_STORED_BY = ("index/filling.py", "index/schema.py", "index/rows.py", "text.py", "spans.py", "evaluate/filling.py")
_MADE_BY = {"pdfs": ("ingest", *_STORED_BY), "beir": ("ingest/passages", *_STORED_BY)}  # code, within the package
_UNUSED_S = 14 * 86_400.0  # after which a kept library that nobody opens goes
_STEP = 256  # entries between two looks at the cancel button
_LETTER = (612.0, 792.0)  # points


def kept_folder(dataset: Dataset, *, encoder_id: str, ocr: str) -> Path:
    """Return the folder of a dataset's library. Those of other versions, unused for two weeks, are removed."""
    version = hashlib.sha256("\n".join((_digest_of_code(dataset.layout), encoder_id, ocr)).encode()).hexdigest()[:12]
    home = cache_folder() / "libraries" / f"{dataset.name}-{dataset.digest()}"
    folder = home / version
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "used"
    stamp.touch()
    for other in home.iterdir():
        used = other / "used"
        if other != folder and used.is_file() and time.time() - used.stat().st_mtime > _UNUSED_S:
            log.info("removing %s: nobody used it for two weeks", other)
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _digest_of_code(layout: Layout) -> str:
    """Return a name for the code that makes passages of files."""
    root, digest = Path(rag.__file__).parent, hashlib.sha256()
    for part in _MADE_BY[layout]:
        for path in sorted((root / part).rglob("*.py")) if (root / part).is_dir() else [root / part]:
            digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def fill(
    library: Library, dataset: Dataset, *, on_step: OnStep | None = None, is_cancelled: IsCancelled | None = None
) -> dict[str, str]:
    """Add what the library lacks; return why documents cannot be asked, by name.

    Raises:
        Cancelled: what is done is kept. LibraryBusy, StorageError, ModelMissing
    """
    tell = on_step or _tell_nobody
    if dataset.layout == "pdfs":
        return _fill_pdfs(library, dataset, tell, is_cancelled)
    _fill_entries(library, dataset, tell, is_cancelled)
    return {}


def _tell_nobody(what: str, done: int, total: int) -> None:
    """Take no notice."""


def _fill_pdfs(library: Library, dataset: Dataset, tell: OnStep, is_cancelled: IsCancelled | None) -> dict[str, str]:
    done = {d.name: d for d in library.documents() if d.state in {"ready", "failed"}}
    failed = {name: d.reason or "it cannot be read" for name, d in done.items() if d.state == "failed"}
    lacking = [path for path in dataset.pdfs if path.name not in done]
    for i, path in enumerate(lacking):

        def say(progress: Progress, i: int = i) -> None:
            tell(f"reading {progress.document} ({progress.stage} {progress.done} of {progress.total})", i, len(lacking))

        added = library.add(path, on_progress=say, is_cancelled=is_cancelled, wait_s=None)
        if added.status == "failed":
            failed[path.name] = added.reason or "it cannot be read"
        elif added.document != path.name:
            failed[path.name] = f"it holds the same bytes as {added.document}"
    return failed


def _fill_entries(library: Library, dataset: Dataset, tell: OnStep, is_cancelled: IsCancelled | None) -> None:
    there = {document.id for document in library.documents() if document.state == "ready"}
    lacking = [entry for entry in dataset.entries() if _id_of(entry) not in there]
    if not lacking:
        return
    with WriterLock(library.folder).acquire(f"adding {dataset.name}", None, is_cancelled=is_cancelled):
        for first in range(0, len(lacking), _STEP):
            if is_cancelled is not None and is_cancelled():
                raise Cancelled(f"{dataset.name} is not whole yet: what is done is kept, run it again to go on.")
            tell(f"adding {dataset.name}", first, len(lacking))
            _store(library, lacking[first : first + _STEP])
    library.rebuild(wait_s=None)


def _store(library: Library, entries: list[Entry]) -> None:
    """Store entries as documents. Their vectors are made together: that is what takes long."""
    catalog, parsed = library.catalog, [parsed_entry(entry) for entry in entries]
    texts = [passage.index_text for document in parsed for passage in document.passages]
    vectors, first = library.encoder.encode(texts), 0
    for entry, made in zip(entries, parsed, strict=True):
        document = catalog.store_parsed(catalog.begin(_id_of(entry), entry.id, 0), made)
        last = first + len(made.passages)
        catalog.store_vectors(document, library.encoder.id, vectors[first:last])
        first = last


def _id_of(entry: Entry) -> str:
    return hashlib.sha256(f"{entry.id}\0{entry.title}\0{entry.text}".encode("utf-8", "surrogatepass")).hexdigest()


def parsed_entry(entry: Entry) -> ParsedDocument:
    """Return an entry as a document of one page: its title as the heading, its text in passages, cut as those of a PDF.

    A text that begins with its title loses that there: it stands once.
    """
    title, text = " ".join(entry.title.split()), " ".join(entry.text.split())
    if title and text.casefold().startswith(title.casefold()):
        text = text[len(title) :].lstrip()
    whole = "\n".join(filter(None, (title, text)))
    page = Page(1, None, whole, *_LETTER, Words.none())
    passages = make_passages(*_blocks(title, whole), {1: whole})
    return ParsedDocument(title or entry.id, None, (page,), passages, (), body_pages=1)


def _blocks(title: str, whole: str) -> tuple[list[PlacedBlock], dict[int, int]]:
    """Return the blocks of the page, and the level of its heading."""
    start = len(title) + 1 if title else 0
    blocks = [PlacedBlock("heading", 14, True, title, [PageSpan(1, 0, len(title))])] if title else []
    if len(whole) > start:
        blocks.append(PlacedBlock("text", 10, False, "", [PageSpan(1, start, len(whole))]))
    return blocks, {0: 1} if title else {}
