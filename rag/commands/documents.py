"""`footnote replace`, `rename` and `tag`: documents that are in the library already."""

from __future__ import annotations

import argparse
import sys

from rag.commands.common import complain, open_library, put, put_json, tell, turn, wants_json
from rag.errors import InputError
from rag.index.rows import storable
from rag.records import added_to_json
from rag.settings import Settings
from rag.terminal import Interrupt, ProgressLine, added_line


def replace(arguments: argparse.Namespace, settings: Settings) -> int:
    """Put a newer version in a document's place."""
    library, name = open_library(arguments, settings), storable(arguments.document)
    with (
        ProgressLine(sys.stderr) as line,
        Interrupt() as stop,
        turn(library, f"replacing {name}", wait=arguments.wait, is_cancelled=stop.is_set),
    ):
        added = library.replace(
            name, arguments.path, password=arguments.password, on_progress=line.show, is_cancelled=stop.is_set
        )
    if added.status == "failed":
        complain(f"{added.reason} {library.document(name).name} stays as it was.")
    if wants_json(arguments):
        put_json(added_to_json(added))
    elif added.status != "failed":
        put(added_line(added))
    library.close()
    return int(added.status == "failed")


def rename(arguments: argparse.Namespace, settings: Settings) -> int:
    """Give a document another name."""
    library = open_library(arguments, settings)
    before = library.document(storable(arguments.document)).name
    after = library.rename(before, storable(arguments.name), wait_s=None if arguments.wait else 0).name
    tell(f"{before} is called {after} now.")
    library.close()
    return 0


def tag(arguments: argparse.Namespace, settings: Settings) -> int:
    """Give a document tags, or take some away; without any, list those it has."""
    library = open_library(arguments, settings)
    document, tags = library.document(storable(arguments.document)), list(map(storable, arguments.tags))
    if arguments.remove and not tags:
        raise InputError("Name the tags to take away.")
    if tags:
        change = library.tags.remove if arguments.remove else library.tags.add
        left = change(document, tags)
    else:
        left = library.tags.of(document)
    if wants_json(arguments):
        put_json({"document": document.name, "tags": list(left)})
    else:
        put(f"{document.name}: {', '.join(left) or 'no tags'}")
    library.close()
    return 0
