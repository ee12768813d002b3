"""`footnote add`, `footnote reread` and `footnote remove`.

Every file is read first, so that all of a folder can be searched by words early; vectors are made after. A file that
fails gets a line that says why, and the rest goes on.
"""

from __future__ import annotations

import argparse
import getpass
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.commands.common import complain, library_exists, open_library, put, put_json, tell, turn, wants_json
from rag.errors import Cancelled, FootnoteError, InputError, LibraryBusy, StorageError
from rag.index.rows import storable
from rag.records import added_to_json
from rag.settings import Settings
from rag.terminal import Interrupt, ProgressLine, added_line
from rag.types import Added


@dataclass(frozen=True, slots=True)
class Found:
    """A file to add, or why there is none."""

    path: Path
    reason: str | None = None


def pdfs(paths: Sequence[Path]) -> Iterator[Found]:
    """Yield the files, and the PDFs of the folders by name; what is missing or cannot be read, with the reason."""
    for path in paths:
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            yield Found(path, f"{path} does not exist. Check the name.")
        except OSError as exc:
            yield Found(path, f"{path} cannot be read: {exc.strerror}.")
        else:
            if stat.S_ISDIR(mode):
                yield from _in_folder(path)
            elif stat.S_ISREG(mode):
                yield Found(path)
            else:
                yield Found(path, f"{path} is no file. Save it as a file first.")


def _in_folder(folder: Path) -> list[Found]:
    failures: list[Found] = []

    def note(exc: OSError) -> None:
        failures.append(Found(Path(exc.filename), f"{exc.filename} cannot be read: {exc.strerror}."))

    files = [
        Path(root) / name
        for root, _, names in os.walk(folder, onerror=note)
        for name in names
        if name.lower().endswith(".pdf")
    ]
    found = [Found(path) for path in sorted(files) if not _is_special(path)]
    return [*found, *failures] or [Found(folder, f"There is no PDF in {folder}.")]


def _is_special(path: Path) -> bool:
    """Tell whether reading it would wait for ever: a pipe or a device. What cannot be looked at is reported later."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def add(arguments: argparse.Namespace, settings: Settings) -> int:
    """Add files and folders; a line for each when it is finished."""
    found = list(pdfs(arguments.paths))
    is_any = any(file.reason is None for file in found)
    if not is_any and not library_exists(arguments, settings):  # and none is made
        for file in found:
            _report(_failed(file), as_json=wants_json(arguments))
        return 1
    adder = _Adder(arguments, settings)
    try:
        return adder.run(found)
    finally:
        adder.close()


class _Adder:
    """One run of `footnote add`."""

    def __init__(self, arguments: argparse.Namespace, settings: Settings) -> None:
        self._arguments = arguments
        self._library = open_library(arguments, settings, must_exist=False)
        self._fatal: FootnoteError | None = None  # what would fail again for every other file
        self._has_failed = False
        self._is_stopped = False  # Ctrl-C came in a step that could not be stopped any more

    def run(self, found: Sequence[Found]) -> int:
        """Read every file, then make the vectors of each; return the exit status."""
        read = [added for file in found if (added := self._read(file)) is not None]
        for i, added in enumerate(read):
            try:
                self._finish(added)
                if self._is_stopped and added is not read[-1]:
                    raise Cancelled("stopped.")
            except Cancelled:
                if left := len(read) - i - 1:
                    tell(f"{left} more can be searched by words; add them again to make their vectors.")
                raise
        if self._fatal is None:
            self._resume()
        return int(self._has_failed)

    def close(self) -> None:
        """Close the library."""
        self._library.close()

    def _read(self, file: Found) -> Added | None:
        """Add a file as far as it can be searched by words; None when it failed, which is reported."""
        added = _failed(file)
        if file.reason is None:
            added = self._step(added, f"adding {added.document}", lambda line, stop: self._add(file.path, line, stop))
        if added.status == "failed" and not self._is_stopped and sys.stdin.isatty() and self._is_locked(added):
            added = self._unlock(added)
        if added.status == "failed":
            self._report(added)
        if self._is_stopped:
            if added.status == "added":
                self._library.remove(added.document)
            raise Cancelled(f"{added.document} was not added: cancelled.")
        if added.status == "added" and not sys.stderr.isatty():  # where no moving line shows how far it is
            tell(f"{added.document}: its words can be searched; its vectors come next")
        return None if added.status == "failed" else added

    def _add(self, path: Path, line: ProgressLine, stop: Interrupt) -> Added:
        password = self._arguments.password
        return self._library.add(
            path, password=password, on_progress=line.show, is_cancelled=stop.is_set, with_vectors=False
        )

    def _is_locked(self, added: Added) -> bool:
        return any(d.name == added.document and self._library.is_locked(d) for d in self._library.documents())

    def _unlock(self, added: Added) -> Added:
        name = added.document
        try:
            password = getpass.getpass(f"Password of {name}: ", stream=sys.stderr)
        except EOFError:
            return added

        def retry(line: ProgressLine, stop: Interrupt) -> Added:
            return self._library.retry(name, password=password, on_progress=line.show, is_cancelled=stop.is_set)

        return self._step(added, f"reading {name}", retry)

    def _finish(self, read: Added) -> None:
        """Make the vectors of a file that was read, and report it."""
        name = read.document

        def finish(line: ProgressLine, stop: Interrupt) -> Added:
            return self._library.finish(name, on_progress=line.show, is_cancelled=stop.is_set)

        done = self._step(read, f"finishing {name}", finish)
        if done.status == "failed":
            self._report(replace(done, reason=f"{name} can be searched by words, not by meaning: {done.reason}"))
        else:
            done = replace(done, status=read.status, reason=read.reason, seconds=read.seconds + done.seconds)
            self._report(done)

    def _resume(self) -> None:
        """Finish what a killed process left, unless another one is at it. Ctrl-C leaves it as it was."""
        with ProgressLine(sys.stderr) as line:
            try:
                resumed = self._library.resume(on_progress=line.show)
            except LibraryBusy as exc:
                tell(f"What an earlier run left is not finished: {exc}")
                return
        for added in resumed:
            self._report(added)

    def _step(self, before: Added, what: str, work: Callable[[ProgressLine, Interrupt], Added]) -> Added:
        """Do one step of one file; what goes wrong becomes a failed line.

        Raises:
            Cancelled: the user stopped it.
        """
        if self._fatal is not None:
            return replace(before, status="failed", reason=str(self._fatal))
        with ProgressLine(sys.stderr) as line, Interrupt() as stop:
            try:
                with turn(self._library, what, wait=self._arguments.wait, is_cancelled=stop.is_set):
                    return work(line, stop)
            except Cancelled:
                raise
            except FootnoteError as exc:
                if not isinstance(exc, (InputError, LibraryBusy, StorageError)):
                    self._fatal = exc
                return replace(before, status="failed", reason=str(exc))
            except OSError as exc:
                reason = f"{before.document} cannot be added: {exc.strerror or exc}."
                return replace(before, status="failed", reason=reason)
            finally:
                self._is_stopped = stop.is_set()

    def _report(self, added: Added) -> None:
        self._has_failed |= added.status == "failed"
        _report(added, as_json=wants_json(self._arguments))


def _failed(file: Found) -> Added:
    return Added(storable(file.path.name or str(file.path)), "failed", file.reason)


def _report(added: Added, *, as_json: bool) -> None:
    """Print the line of a file."""
    if added.status == "failed":
        complain(added.reason)
    if as_json:
        put_json(added_to_json(added))
    elif added.status != "failed":  # that was said
        put(added_line(added))
        if added.status == "added" and added.reason:
            tell(f"{added.document}: {added.reason}")


def reread(arguments: argparse.Namespace, settings: Settings) -> int:
    """Read documents again, from our copies; those that fail are said, and the rest goes on."""
    library = open_library(arguments, settings)
    has_failed = False
    for name in map(storable, arguments.documents):
        with ProgressLine(sys.stderr) as line, Interrupt() as stop:
            try:
                with turn(library, f"reading {name}", wait=arguments.wait, is_cancelled=stop.is_set):
                    added = library.retry(name, on_progress=line.show, is_cancelled=stop.is_set)
            except (InputError, LibraryBusy, StorageError) as exc:
                added = Added(name, "failed", str(exc))
        has_failed |= added.status == "failed"
        _report(added, as_json=wants_json(arguments))
    library.close()
    return int(has_failed)


def remove(arguments: argparse.Namespace, settings: Settings) -> int:
    """Remove documents; those that fail are said, and the rest goes on."""
    library = open_library(arguments, settings)
    has_failed = False
    for name in map(storable, arguments.documents):
        with Interrupt() as stop:
            try:
                with turn(library, f"removing {name}", wait=arguments.wait, is_cancelled=stop.is_set):
                    library.remove(name)
                tell(f"Removed {name}.")
            except (InputError, LibraryBusy, StorageError) as exc:
                has_failed = True
                complain(exc)
    seconds = library.wait_purged()
    if seconds is None:
        tell("Not all of it is purged from the files yet: the next start goes on.")
    elif seconds:
        tell(f"Purged from catalog, indexes and files in {seconds:.1f} s.")
    library.close()
    return int(has_failed)
