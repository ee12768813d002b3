"""Guides are made in a thread, one document after the other, the newest first, when nothing more urgent is going on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from rag import Library
from rag.errors import Cancelled, FootnoteError
from rag.types import Document

log = logging.getLogger(__name__)

PAUSE_S = 0.5  # between two looks whether the work that goes first is done


class GuideQueue:
    """Makes the guides of one library that are missing.

    Args:
        is_busy: tells whether something goes first: files being added, questions being answered.
    """

    def __init__(self, library: Library, *, is_busy: Callable[[], bool]) -> None:
        self._library, self._is_busy = library, is_busy
        self._mutex = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._given_up: set[str] = set()  # ids of documents whose guide failed
        self._wanted: str | None = None  # id of the document whose guide somebody waits for

    def wake(self, wanted: str | None = None) -> None:
        """Begin if a guide is missing; `wanted` is the document whose guide is looked at: it goes first."""
        with self._mutex:
            self._wanted = wanted or self._wanted
            if self._thread is None and not self._ended.is_set() and self._next() is not None:
                self._thread = threading.Thread(target=self._run, name="guides", daemon=True)
                self._thread.start()

    def is_coming(self, document: Document) -> bool:
        """Tell whether a document's guide is being made, or will be."""
        with self._mutex:
            return (
                self._thread is not None
                and document.id not in self._given_up
                and document.id not in self._library.guided()
            )

    def stop(self) -> None:
        """End the work: the program ends. What is made is kept."""
        self._ended.set()
        with self._mutex:  # a thread that is kept has begun
            thread = self._thread
        if thread is not None:
            thread.join(timeout=5)

    def _next(self) -> Document | None:
        """Return the document whose guide is made next: the wanted one, else the newest without."""
        done = self._library.guided() | self._given_up
        missing = [d for d in self._library.documents() if d.state == "ready" and d.id not in done]
        return next((d for d in missing if d.id == self._wanted), missing[-1] if missing else None)

    def _run(self) -> None:
        try:
            while (document := self._wait_for_next()) is not None:
                self._make(document)
        except FootnoteError as exc:
            log.warning("no guides for now: %s", exc)
        finally:
            with self._mutex:
                self._thread = None

    def _wait_for_next(self) -> Document | None:
        """Return the next document when nothing more urgent goes on; None when there is none."""
        if self._gives_way():
            return None
        with self._mutex:
            return self._next()

    def _gives_way(self) -> bool:
        """Wait while something more urgent goes on; tell whether the program ends."""
        while self._is_busy() and not self._ended.is_set():
            self._ended.wait(PAUSE_S)
        return self._ended.is_set()

    def _make(self, document: Document) -> None:
        try:
            self._library.make_guide(document.id, is_cancelled=self._gives_way)  # in the middle of it too
        except Cancelled:
            pass
        except FootnoteError as exc:
            log.warning("no guide to %s: %s", document.name, exc)
            self._given_up.add(document.id)
        except Exception:  # the edge of the program: one odd document must not end the queue
            log.exception("making the guide to %s", document.name)
            self._given_up.add(document.id)
