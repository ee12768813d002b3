"""`footnote backup`, `restore` and `watch`: a library as a whole."""

from __future__ import annotations

import argparse
import queue
import sys
from collections.abc import Callable

from rag.backup import back_up
from rag.commands.common import complain, open_library, put, put_json, tell, turn, wants_json
from rag.errors import Cancelled, FootnoteError
from rag.library import Library
from rag.records import added_to_json
from rag.restore import restore
from rag.settings import Settings
from rag.terminal import Interrupt, ProgressLine, added_line
from rag.types import Added, Progress
from rag.watch import Change, FolderWatch

_PAUSE_S = 0.2  # between two looks at Ctrl-C


def backup(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write the library to one file."""
    library = open_library(arguments, settings)
    with ProgressLine(sys.stderr) as line, Interrupt() as stop:
        made = back_up(library, arguments.path, on_progress=_shown(line, library.name), is_cancelled=stop.is_set)
    for name in made.missing:
        complain(f"our copy of {name} was lost before; its text is in the backup, its pages cannot be shown.")
    put(str(made.path))
    tell(f"{made.n_documents} documents of the library {made.library!r} are in {made.path}.")
    library.close()
    return int(bool(made.missing))


def restore_library(arguments: argparse.Namespace, settings: Settings) -> int:
    """Make a new library of a backup."""
    del settings
    with ProgressLine(sys.stderr) as line, Interrupt() as stop:
        shown = _shown(line, arguments.path.name)
        folder = restore(arguments.path, arguments.library, on_progress=shown, is_cancelled=stop.is_set)
    put(str(folder))
    name = arguments.library or folder.name
    tell(f"The library {name!r} is restored. Ask it with: footnote ask --library {name!r} QUESTION")
    return 0


def _shown(line: ProgressLine, name: str) -> Callable[[int, int], None]:
    """Return what shows bytes as a progress line, in megabytes."""
    return lambda done, total: line.show(Progress(name, "copy", done // 1_000_000, total // 1_000_000))


def watch(arguments: argparse.Namespace, settings: Settings) -> int:
    """Add what appears in a folder until Ctrl-C; a line for each file."""
    library = open_library(arguments, settings, must_exist=False)
    changes: queue.Queue[Change] = queue.Queue()
    watching = FolderWatch(library, arguments.path, changes.put)
    with Interrupt() as stop:
        watching.start()
        tell(
            f"Watching {watching.folder} for the library {library.name!r}; Ctrl-C ends it. What is deleted there stays."
        )
        try:
            while not stop.is_set():
                try:
                    change = changes.get(timeout=_PAUSE_S)
                except queue.Empty:
                    continue
                _take(library, watching, change, stop, as_json=wants_json(arguments))
        finally:
            watching.stop()
            library.close()
    tell("Stopped watching.")
    return 0


def _take(library: Library, watching: FolderWatch, change: Change, stop: Interrupt, *, as_json: bool) -> None:
    """Take in one file. One that fails is told, and the watch goes on."""
    name = change.path.name
    try:
        with ProgressLine(sys.stderr) as line:
            added = _added(library, change, line, stop)
    except Cancelled as exc:
        watching.dropped(change)
        tell(str(exc))
        return
    except (FootnoteError, OSError) as exc:
        watching.dropped(change)
        added = Added(name, "failed", str(exc))
    else:
        watching.done(change)
    if added.status == "failed":
        complain(added.reason)
    if as_json:
        put_json(added_to_json(added))
    elif added.status != "failed":
        put(added_line(added))


def _added(library: Library, change: Change, line: ProgressLine, stop: Interrupt) -> Added:
    """Add or replace; while another process writes to the library, wait for it."""
    with turn(library, f"adding {change.path.name}", wait=True, is_cancelled=stop.is_set):
        if change.replaces is None:
            return library.add(change.path, on_progress=line.show, is_cancelled=stop.is_set)
        return library.replace(change.replaces.id, change.path, on_progress=line.show, is_cancelled=stop.is_set)
