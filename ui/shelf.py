"""The libraries that this process has open, and what belongs to each: its queue of uploads, its running questions.

Pages and routes live in the same process and meet here. A page's address names a library; only those that exist, the
default and the one named at the start are opened, so that no address can make folders.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from rag import Library, available_libraries
from rag.places import DEFAULT, SAMPLE
from rag.settings import load_settings
from ui.jobs import Question, UploadQueue


@dataclass(slots=True)
class Place:
    """An open library with its work."""

    key: str  # as addresses name it
    library: Library
    uploads: UploadQueue
    questions: dict[str, Question] = field(default_factory=dict)  # chat -> the question that is being answered

    @property
    def slug(self) -> str:
        """Return what page addresses call the library: no folder of the user's shows in them."""
        return hashlib.sha256(str(self.library.folder).encode()).hexdigest()[:12]


class Shelf:
    """Opens libraries once and hands them out. Safe to share between threads.

    Args:
        given: the library named at the start, by name or folder; None: the user's own, or the sample at first.
        open_library: makes a library from its name or folder.
    """

    def __init__(self, given: str | None = None, *, open_library: Callable[[str], Library] | None = None) -> None:
        self._given = given
        self._open_library = open_library or _open_with_settings
        self._open: dict[str, Place] = {}
        self._mutex = threading.Lock()
        self._secret = secrets.token_bytes(32)

    def names(self) -> list[str]:
        """Return what can be opened: the user's own first, the sample last."""
        known = dict.fromkeys([*([self._given] if self._given else []), DEFAULT, *available_libraries()])
        return sorted(known, key=lambda name: (name == SAMPLE, name != self._given, name != DEFAULT, name))

    def first(self) -> str:
        """Return the library that a plain address opens: the named one; the sample until the user has documents."""
        if self._given:
            return self._given
        existing = available_libraries()
        if SAMPLE in existing and (DEFAULT not in existing or not self.place(DEFAULT).library.documents()):
            return SAMPLE
        return DEFAULT

    def place(self, name: str) -> Place:
        """Return a library, opening it at first use."""
        with self._mutex:
            if name not in self._open:
                library = self._open_library(name)
                self._open[name] = Place(name, library, UploadQueue(library))
                self._open[name].uploads.resume()
            return self._open[name]

    def by_slug(self, slug: str) -> Place | None:
        """Return the open library that page addresses call so."""
        with self._mutex:
            return next((place for place in self._open.values() if place.slug == slug), None)

    def capability(self, slug: str, document_id: str) -> str:
        """Return the word that opens the pages of a document; it cannot be guessed and dies with the process."""
        return hmac.new(self._secret, f"{slug}/{document_id}".encode(), "sha256").hexdigest()[:32]

    def paper(self, place: Place, document_id: str) -> str:
        """Return the address under which the pages of a document are served."""
        return f"/paper/{place.slug}/{document_id}/{self.capability(place.slug, document_id)}"

    def close(self) -> None:
        """Stop the work and close every library."""
        with self._mutex:
            for place in self._open.values():
                place.uploads.stop()
                place.library.close()
            self._open.clear()


def _open_with_settings(name: str) -> Library:
    settings = load_settings()
    return Library(name, encoder_name=settings.encoder, device=settings.device, n_threads=settings.threads or None)


_current: Shelf | None = None
_current_mutex = threading.Lock()


def use(new: Shelf) -> None:
    """Make this the shelf of the process."""
    global _current  # noqa: PLW0603  (pages are run as scripts: they can only meet the server in a module)
    with _current_mutex:
        _current = new


def current() -> Shelf:
    """Return the shelf of the process, made at first use."""
    global _current  # noqa: PLW0603
    with _current_mutex:
        if _current is None:
            _current = Shelf()
        return _current
