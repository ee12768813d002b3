"""The libraries that this process has open, and what belongs to each: its queue of uploads, its running questions.

Pages and routes live in the same process and meet here. A page's address names a library; only those that exist, the
default and the one named at the start are opened, so that no address can make folders.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag import Library, available_libraries
from rag.answer.language import ModelChoice, forget_others
from rag.errors import FootnoteError, InputError, LibraryBusy
from rag.libraries import create_library, delete_library, library_with, rename_library, sweep_deleted
from rag.places import DEFAULT, SAMPLE
from rag.setting_file import LiveSettings
from rag.settings import OPTIONS, Known, Settings, model_choice, other_choice
from rag.watch import Change, FolderWatch
from ui.asking import Question
from ui.chores import Chore
from ui.guiding import GuideQueue
from ui.jobs import UploadQueue
from ui.strips import Strip

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Place:
    """An open library with its work."""

    key: str  # as addresses name it
    library: Library
    uploads: UploadQueue
    guides: GuideQueue = field(init=False)
    questions: dict[str, Question] = field(default_factory=dict)  # chat -> the question that is being answered
    strips: dict[int, Strip] = field(default_factory=dict)  # document's key -> how it was read

    def __post_init__(self) -> None:
        self.guides = GuideQueue(self.library, is_busy=self.is_busy)
        self.uploads.on_idle = self.guides.wake
        self.guides.wake()

    def is_busy(self) -> bool:
        """Tell whether users wait for something: files being added, questions being answered."""
        return self.uploads.is_active() or any(not question.is_over for question in list(self.questions.values()))

    def stop(self) -> None:
        """End all work, and wait a moment for it; what is done is kept."""
        for question in list(self.questions.values()):
            question.stop()
        self.guides.stop()
        self.uploads.stop()
        for question in list(self.questions.values()):
            question.wait(2)

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
        self._open_library = open_library or self._open_with_settings
        self._open: dict[str, Place] = {}
        self._mutex = threading.Lock()
        self._watch: FolderWatch | None = None
        self.watch_problem: str | None = None
        self.chores: list[Chore] = []  # backups and the like: going on, or over and not dismissed
        self._is_swept = False  # what was left of deleted libraries
        self._secret = secrets.token_bytes(32)
        self._live = LiveSettings()
        self._held: Settings | None = None  # as they were when they were last asked for
        self._at_start: Settings | None = None  # of these, what waits for the next start counts
        self._settings_mutex = threading.Lock()

    def names(self) -> list[str]:
        """Return what can be opened: the user's own first, the sample last."""
        if not self._is_swept:
            self._is_swept = True
            sweep_deleted()
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

    def create(self, name: str) -> str:
        """Make an empty library; return its name.

        Raises:
            InputError: the name cannot be a folder's, or is taken. StorageError
        """
        return create_library(name).name

    def rename(self, name: str, new: str) -> str:
        """Give a library another name; return it.

        Raises:
            LibraryBusy: something is being added to it or asked of it, here or by another program.
            InputError: the name cannot be used, or this library cannot be renamed. StorageError
        """
        self._check_own(name)
        new = new.strip()
        with self._mutex:
            new = rename_library(name, new, release=lambda: self._release(name)).name
            if self._given == name:
                self._given = new
            return new

    def delete(self, name: str) -> None:
        """Delete a library and all that is in it.

        Raises:
            as `rename`; StorageError also when it is gone, but a part of its folder is left.
        """
        self._check_own(name)
        with self._mutex:
            try:
                delete_library(name, release=lambda: self._release(name))
            finally:
                if self._given == name and name not in available_libraries():
                    self._given = None

    def _check_own(self, name: str) -> None:
        if name not in available_libraries():
            raise InputError(f"{name} is a folder of yours: close Footnote, then rename or delete it there.")
        if self._watch is not None and name == self._watched_for():
            raise InputError(
                f"The folder {self._watch.folder} is watched for this library. Empty that setting, then start again."
            )

    def _release(self, name: str) -> None:
        """Close a library so that it can be renamed or deleted."""
        place = self._open.get(name)
        if place is None:
            return
        if place.is_busy() or any(not c.is_over for c in self.chores if c.library == name):
            raise LibraryBusy(f"{title(name)} is at work. Wait until that is done, or cancel it, then try again.")
        del self._open[name]
        place.stop()
        place.library.close()

    def _watched_for(self) -> str:
        return self._given or DEFAULT

    def watch(self) -> None:
        """Watch the folder that is set, if one is, for the user's own library; `watch_problem` says what is wrong."""
        folder = self.settings().watch
        if not folder:
            return
        try:
            place = self.place(self._watched_for())
            watch = FolderWatch(place.library, Path(folder), lambda change: _hand_over(place, change, watch))
            watch.start()
        except FootnoteError as exc:
            self.watch_problem = str(exc)
        except OSError as exc:
            self.watch_problem = f"{folder} cannot be watched: {exc.strerror or exc}. Check the folder's rights."
        else:
            self._watch = watch
            return
        log.warning("%s", self.watch_problem)

    def dismiss(self, chore: Chore) -> None:
        """Take a finished chore off the list."""
        with contextlib.suppress(ValueError):  # another tab did
            self.chores.remove(chore)

    def watch_of(self, place: Place) -> FolderWatch | None:
        """Return the watch over a folder that fills a library, if there is one."""
        return self._watch if place.key == self._watched_for() else None

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

    def settings(self) -> Settings:
        """Return the settings in force; what is changed in a file or on the page counts from the next run on.

        What waits for the next start stays as it was when the settings were first read. When another language model is
        asked for, the memory of the one before is given back.
        """
        now = self._in_force()
        with self._settings_mutex:
            before, self._held = self._held or self._at_start, now
        if before is not None and _models(before) != _models(now):
            self._use_models(before, now)
        return now

    def _in_force(self) -> Settings:
        """Return the settings of now, but what waits as it was at the start; the last good ones while a file is broken.

        Raises:
            InputError: they could never be read yet.
        """
        now = self._live.now().settings
        with self._settings_mutex:
            start = self._at_start = self._at_start or now
        return replace(now, **{name: getattr(start, name) for name, option in OPTIONS.items() if option.waits})

    def _open_with_settings(self, name: str) -> Library:
        return library_with(self._in_force(), name)

    def _use_models(self, before: Settings, now: Settings) -> None:
        model, other = _models(now)
        with self._mutex:
            for place in self._open.values():
                if model != model_choice(before):
                    place.library.model = model
                place.library.other = other
        forget_others(*filter(None, (model, other)))

    def known_settings(self) -> Known:
        """Return the settings as they are set, also what waits for the next start, and where each comes from."""
        return self._live.now()

    def settings_problem(self) -> str | None:
        """Return why the settings as they stand cannot be read, so that the last good ones are in force."""
        self._live.now()
        return self._live.problem

    def close(self) -> None:
        """Stop the work and close every library."""
        if self._watch is not None:
            self._watch.stop()
        for chore in self.chores:
            chore.cancel()
            chore.wait(timeout_s=5)
        with self._mutex:
            for place in self._open.values():
                place.stop()
                place.library.close()
            self._open.clear()


def _models(settings: Settings) -> tuple[ModelChoice, ModelChoice | None]:
    """Return the language models that are asked for: the one, and another to compare with."""
    return model_choice(settings), other_choice(settings)


def title(name: str) -> str:
    """Return what users call a library."""
    return {SAMPLE: "Sample: a primer", DEFAULT: "My documents"}.get(name, name)


def _hand_over(place: Place, change: Change, watch: FolderWatch) -> None:
    place.uploads.take(change, watch)


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
