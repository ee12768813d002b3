"""Long work lives in threads; pages only watch it. So it outlives reruns, page switches and closed tabs.

`UploadQueue` adds files to a library: first all are read, so that each can be searched by words early, then vectors
are made for one after the other. `Question` answers one and writes the answer to its chat.
"""

from __future__ import annotations

import itertools
import logging
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from rag import Library
from rag.errors import Cancelled, FootnoteError, InputError, LibraryBusy, UnknownDocument
from rag.records import answer_to_json
from rag.types import Added, Progress, Stage
from ui import words

log = logging.getLogger(__name__)

BUSY_PAUSE_S = 1.0  # between two tries while another program writes to the library

UploadState = Literal["waiting", "working", "busy", "added", "known", "failed", "cancelled"]
_numbers = itertools.count(1)


@dataclass(slots=True, eq=False)
class Upload:
    """One file on its way into a library. Written by the queue's thread, read by pages."""

    name: str
    work: Callable[[Upload], Added | None]
    then: Callable[[Upload], Added | None] | None = None  # a second step, when all first steps are done
    folder: Path | None = None  # holds the uploaded copy; deleted after the first step
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
    def rate(self) -> float | None:
        """Return pages a second while pages are being read."""
        seconds = time.monotonic() - self._stage_began
        return self.done / seconds if self.stage == "read" and self.done and seconds > 0.2 else None

    @property
    def fraction(self) -> float:
        """Return how far it is, 0 to 1, over all stages: reading and encoding take nearly all the time."""
        begins, share = {"copy": (0.0, 0.05), "read": (0.05, 0.4), "index": (0.45, 0.05), "encode": (0.5, 0.5)}[
            self.stage
        ]
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

    def add(self, path: Path, name: str) -> Upload:
        """Add a file that lies in a folder of its own; the folder is deleted afterwards."""

        def work(upload: Upload) -> Added:
            return self._library.add(
                path,
                name=name,
                on_progress=upload.report,
                is_cancelled=upload.is_cancelled,
                with_vectors=False,
            )

        def finish(upload: Upload) -> Added:
            try:
                return self._library.finish(upload.name, on_progress=upload.report, is_cancelled=upload.is_cancelled)
            except UnknownDocument as exc:
                raise Cancelled(f"{upload.name} was removed meanwhile.") from exc
            except Cancelled:
                self._library.remove(upload.name)
                raise

        return self._submit(Upload(name, work, then=finish, folder=path.parent))

    def retry(self, name: str, password: str | None) -> Upload:
        """Read a failed document again. The password lives as long as the job."""

        def work(upload: Upload) -> Added:
            return self._library.retry(
                name, password=password, on_progress=upload.report, is_cancelled=upload.is_cancelled
            )

        return self._submit(Upload(name, work))

    def resume(self) -> Upload | None:
        """Finish what an earlier run of the program left half done."""
        unfinished = [document for document in self._library.documents() if document.state in {"reading", "searchable"}]
        if not unfinished:
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
        failed = [upload for upload in self.uploads() if upload.state == "failed"]
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
                    return
                upload = next_ones.popleft()
            self._work(upload)

    def _work(self, upload: Upload) -> None:
        try:
            state = self._outcome(upload)
        finally:
            if upload.folder is not None:
                shutil.rmtree(upload.folder, ignore_errors=True)
        if state == "added" and upload.then is not None:
            upload.work, upload.then = upload.then, None
            upload.state = "waiting"
            with self._mutex:
                self._half_done.append(upload)
            return
        upload.ended = time.monotonic()
        upload.state = state

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
        upload.is_listed = added.status == "failed"
        return added.status

    def _patiently(self, upload: Upload) -> Added | None:
        """Do the work; while another program writes to the library, try again until cancelled."""
        while True:
            if upload.is_cancelled():
                raise Cancelled(f"{upload.name} was not added: cancelled.")
            try:
                upload.state = "working"
                return upload.work(upload)
            except LibraryBusy as exc:
                upload.reason, upload.state = str(exc), "busy"
                upload.pause(BUSY_PAUSE_S)
                upload.reason = None


class Question:
    """A question that is being answered in a thread; the answer goes into the chat, whoever still watches.

    Args:
        documents: names to look in; None: all.
        after: uploads that must be searchable first.
    """

    def __init__(
        self,
        library: Library,
        chat_id: str,
        text: str,
        *,
        documents: Sequence[str] | None = None,
        after: Sequence[Upload] = (),
    ) -> None:
        self.text = text
        self.after = tuple(after)
        self._library, self._chat_id, self._documents = library, chat_id, documents
        self._over = threading.Event()
        threading.Thread(target=self._run, name="question", daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Tell whether the answer is in the chat."""
        return self._over.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the answer; tell whether it is there."""
        return self._over.wait(timeout_s)

    def waits_for(self) -> Upload | None:
        """Return the upload that has to be searchable first."""
        return next((upload for upload in self.after if not upload.is_searchable), None)

    def _run(self) -> None:
        try:
            while self.waits_for() is not None:
                time.sleep(0.1)
            text, payload = self._answer()
            self._library.chats.append(self._chat_id, "assistant", text, payload)
        except InputError as exc:  # the chat was deleted meanwhile
            log.info("an answer was dropped: %s", exc)
        except Exception:  # the edge of the program: the page must not wait for ever
            log.exception("writing an answer down")
        finally:
            self._over.set()

    def _answer(self) -> tuple[str, dict[str, Any]]:
        try:
            answer = self._library.ask(self.text, documents=self._documents)
        except FootnoteError as exc:
            return str(exc), {"error": str(exc)}
        except Exception:  # the edge of the program
            log.exception("answering %r", self.text)
            return words.UNEXPECTED, {"error": words.UNEXPECTED}
        return answer.text, {"answer": answer_to_json(answer)}
