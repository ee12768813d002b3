"""Long work lives in threads; pages only watch it. So it outlives reruns, page switches and closed tabs.

`UploadQueue` adds files to a library: first all are read, so that each can be searched by words early, then vectors
are made for one after the other.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rag import Library
from rag.errors import Cancelled, FootnoteError, InputError, LibraryBusy, StorageError, UnknownDocument
from rag.types import Added, Progress, Stage
from rag.watch import Change, FolderWatch
from ui import words

log = logging.getLogger(__name__)

BUSY_PAUSE_S = 1.0  # between two tries while another program writes to the library

UploadState = Literal["waiting", "working", "busy", "added", "known", "failed", "cancelled"]
_numbers = itertools.count(1)

_SHARES: dict[Stage, tuple[float, float]] = {  # where a stage begins, and how much of the whole it is
    "copy": (0.0, 0.05),
    "read": (0.05, 0.2),
    "ocr": (0.25, 0.2),
    "index": (0.45, 0.05),
    "encode": (0.5, 0.5),
}


@dataclass(slots=True, eq=False)
class Upload:
    """One file on its way into a library. Written by the queue's thread, read by pages."""

    name: str
    work: Callable[[Upload], Added | None]
    then: Callable[[Upload], Added | None] | None = None  # a second step, when all first steps are done
    folder: Path | None = None  # holds the uploaded copy; deleted after the first step
    tell: Callable[[Upload], None] | None = None  # is told when the first step is over, however it ended
    document_id: str = ""  # of the document that it became
    is_newer: bool = False  # a newer version of a document: that one stays when this fails
    number: int = field(default_factory=lambda: next(_numbers))
    state: UploadState = "waiting"
    reason: str | None = None
    is_listed: bool = False  # failed, and the library keeps it as a failed document
    stage: Stage = "copy"
    done: int = 0
    total: int = 0
    ended: float | None = None  # on the monotonic clock
    _stage_began: float = field(default_factory=time.monotonic)
    _cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.state in {"added", "known", "failed", "cancelled"}

    @property
    def is_searchable(self) -> bool:
        """Tell whether questions find the file, or never will."""
        return self.is_over or self.stage == "encode"

    @property
    def is_only_told(self) -> bool:
        """Tell whether it is a failure that no row of a document shows: the version before stayed."""
        return self.state == "failed" and self.is_newer and not self.is_listed

    @property
    def rate(self) -> float | None:
        """Return pages a second while pages are being read."""
        seconds = time.monotonic() - self._stage_began
        return self.done / seconds if self.stage == "read" and self.done and seconds > 0.2 else None

    @property
    def fraction(self) -> float:
        """Return how far it is, 0 to 1, over all stages: reading and encoding take nearly all the time."""
        begins, share = _SHARES[self.stage]
        return 1.0 if self.is_over else begins + share * min(1.0, self.done / max(self.total, 1))

    def cancel(self) -> None:
        """Stop it as soon as possible."""
        self._cancelled.set()

    def is_cancelled(self) -> bool:
        """Tell whether it was asked to stop."""
        return self._cancelled.is_set()

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than until it is cancelled."""
        self._cancelled.wait(seconds)

    def report(self, progress: Progress) -> None:
        """Take down how far the work is."""
        stage, done, total = progress.stage, progress.done, progress.total
        if stage == "index" and done == total:  # words are indexed: what follows is the encoder, which may load first
            stage, done, total = "encode", 0, 0
        if stage != self.stage:
            self._stage_began = time.monotonic()
        self.name, self.state = progress.document, "working"
        self.stage, self.done, self.total = stage, done, total


class UploadQueue:
    """Adds files to one library, one after the other, in a thread of its own."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._uploads: list[Upload] = []
        self._waiting: deque[Upload] = deque()
        self._half_done: deque[Upload] = deque()  # searchable by words
        self._mutex = threading.Lock()
        self._thread: threading.Thread | None = None
        self.on_idle: Callable[[], None] | None = None  # called when everything that was waiting is done

    def add(self, path: Path, name: str) -> Upload:
        """Add a file that lies in a folder of its own; the folder is deleted afterwards."""

        return self._submit(Upload(name, self._adding(path, name), then=self._finish, folder=path.parent))

    def replace(self, document_id: str, path: Path, name: str) -> Upload:
        """Put a newer version in a document's place; it lies in a folder of its own, which is deleted afterwards."""
        work = self._replacing(document_id, path)
        return self._submit(Upload(name, work, then=self._finish_newer, folder=path.parent, is_newer=True))

    def take(self, change: Change, watch: FolderWatch) -> Upload:
        """Take in a file of a watched folder; it stays where it is."""

        def tell(upload: Upload) -> None:
            try:
                if upload.state != "failed" or upload.is_listed:
                    watch.done(change)
            finally:  # also when it cannot be noted: else the file would count as given away for ever
                watch.dropped(change)

        path, older = change.path, change.replaces
        if older is None:
            return self._submit(Upload(path.name, self._adding(path, path.name), then=self._finish, tell=tell))
        return self._submit(
            Upload(older.name, self._replacing(older.id, path), then=self._finish_newer, tell=tell, is_newer=True)
        )

    def _adding(self, path: Path, name: str) -> Callable[[Upload], Added]:
        def work(upload: Upload) -> Added:
            return self._library.add(
                path,
                name=name,
                on_progress=upload.report,
                is_cancelled=upload.is_cancelled,
                with_vectors=False,
            )

        return work

    def _replacing(self, document_id: str, path: Path) -> Callable[[Upload], Added]:
        def work(upload: Upload) -> Added:
            added = self._library.replace(
                document_id, path, on_progress=upload.report, is_cancelled=upload.is_cancelled, with_vectors=False
            )
            is_listed = any(document.name == added.document for document in self._library.documents())
            if added.status == "failed" and not is_listed:
                raise InputError(f"{added.reason} The version that was here before stays.")
            return added

        return work

    def _finish(self, upload: Upload) -> Added:
        """Make the vectors of what was added; a cancelled one goes."""
        try:
            return self._library.finish(upload.document_id, on_progress=upload.report, is_cancelled=upload.is_cancelled)
        except UnknownDocument as exc:
            raise Cancelled(f"{upload.name} was removed meanwhile.") from exc
        except Cancelled:
            self._library.remove(upload.document_id)
            raise

    def _finish_newer(self, upload: Upload) -> Added:
        """Make the vectors of a newer version; a cancelled one stays, for the older one is gone."""
        try:
            return self._library.finish(upload.document_id, on_progress=upload.report, is_cancelled=upload.is_cancelled)
        except UnknownDocument as exc:
            raise Cancelled(f"{upload.name} was removed meanwhile.") from exc
        except Cancelled:
            said = "it can be searched by words; meaning-search is prepared at the next start"
            return Added(upload.name, "added", said)

    def retry(self, name: str, password: str | None) -> Upload:
        """Read a document again. The password lives as long as the job."""

        def work(upload: Upload) -> Added:
            return self._library.retry(
                name, password=password, on_progress=upload.report, is_cancelled=upload.is_cancelled
            )

        return self._submit(Upload(name, work))

    def resume(self) -> Upload | None:
        """Finish what an earlier run of the program left half done."""
        unfinished = [document for document in self._library.documents() if document.state in {"reading", "searchable"}]
        if not unfinished:
            with contextlib.suppress(LibraryBusy, StorageError):  # another process writes, and purges then
                self._library.purge()
            return None

        def work(upload: Upload) -> None:
            if not self._library.resume(on_progress=upload.report, is_cancelled=upload.is_cancelled):
                self.forget(upload)

        return self._submit(Upload(unfinished[0].name, work))

    def uploads(self) -> list[Upload]:
        """Return what is waiting, going on, or was finished and not yet forgotten."""
        with self._mutex:
            return list(self._uploads)

    def is_active(self) -> bool:
        """Tell whether anything is waiting or going on."""
        return any(not upload.is_over for upload in self.uploads())

    def forget(self, upload: Upload) -> None:
        """Take a finished one off the list."""
        with self._mutex:
            self._uploads = [other for other in self._uploads if other is not upload]

    def settle(self) -> None:
        """Take failures off the list that are none any more: unlocked, removed, or tried again since."""
        failed = [upload for upload in self.uploads() if upload.state == "failed" and not upload.is_only_told]
        if not failed:
            return
        documents = {document.name: document.state for document in self._library.documents()}
        newest = {upload.name: upload for upload in failed}
        for upload in failed:
            state = documents.get(upload.name, "failed" if not upload.is_listed else None)
            if state != "failed" or newest[upload.name] is not upload:
                self.forget(upload)

    def stop(self) -> None:
        """End the work and wait a moment for it: the program ends. What is done is kept and gone on with later."""
        self._library.stop()
        with self._mutex:
            self._waiting.clear()
            self._half_done.clear()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=5)

    def _submit(self, upload: Upload) -> Upload:
        with self._mutex:
            self._uploads.append(upload)
            self._waiting.append(upload)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="uploads", daemon=True)
                self._thread.start()
        return upload

    def _run(self) -> None:
        while True:
            with self._mutex:
                next_ones = self._waiting or self._half_done
                if not next_ones:
                    self._thread = None
                    break
                upload = next_ones.popleft()
            self._work(upload)
        if self.on_idle is not None:
            self.on_idle()

    def _work(self, upload: Upload) -> None:
        try:
            state = self._outcome(upload)
        finally:
            if upload.folder is not None:
                shutil.rmtree(upload.folder, ignore_errors=True)
        self._tell(upload, state)
        if state == "added" and upload.then is not None:
            upload.work, upload.then = upload.then, None
            upload.state = "waiting"
            with self._mutex:
                self._half_done.append(upload)
            return
        upload.ended = time.monotonic()
        upload.state = state

    def _tell(self, upload: Upload, state: UploadState) -> None:
        if upload.tell is not None:
            upload.state = state
            try:
                upload.tell(upload)
            except FootnoteError as exc:
                log.warning("%s: %s", upload.name, exc)
            except Exception:  # the edge of the program: whoever is told must not end the queue
                log.exception("telling of %s", upload.name)
            upload.tell = None

    def _outcome(self, upload: Upload) -> UploadState:
        try:
            added = self._patiently(upload)
        except Cancelled:
            return "cancelled"
        except FootnoteError as exc:
            upload.reason = str(exc)
            return "failed"
        except Exception:  # the edge of the program: one bad file must not end the queue
            log.exception("adding %s", upload.name)
            upload.reason = words.UNEXPECTED
            return "failed"
        if added is None:
            return "added"
        upload.name, upload.reason = added.document, added.reason
        if added.status == "added" and upload.then is not None:
            upload.document_id = self._id_of(added)
        upload.is_listed = added.status == "failed"
        return added.status

    def _id_of(self, added: Added) -> str:
        """Return what keeps its meaning when the document is renamed; nothing when it was removed meanwhile."""
        return next((d.id for d in self._library.documents() if d.name == added.document), "")

    def _patiently(self, upload: Upload) -> Added | None:
        """Do the work; while another program writes to the library, try again until cancelled."""
        while True:
            if upload.is_cancelled() and (
                not upload.document_id or upload.state == "busy"
            ):  # else the step ends itself
                raise Cancelled(f"{upload.name} was not added: cancelled.")
            try:
                upload.state = "working"
                return upload.work(upload)
            except LibraryBusy as exc:
                upload.reason, upload.state = str(exc), "busy"
                upload.pause(BUSY_PAUSE_S)
                upload.reason = None
