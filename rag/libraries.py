"""Libraries as a whole: made, renamed and deleted by name. Close a library before renaming or deleting it."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from rag import places
from rag.errors import InputError
from rag.index.lock import WriterLock
from rag.library import Library
from rag.parts import storage_errors

_DELETED = ".deleted-"


def create_library(name: str) -> Path:
    """Make an empty library; return its folder.

    Raises:
        InputError: the name cannot be a folder's, or is taken.
        StorageError
    """
    folder = new_folder(name)
    Library(folder).close()
    return folder


def rename_library(name: str, new: str) -> Path:
    """Give a library another name; return its folder.

    Raises:
        InputError: there is none of that name, it is the sample, or the new name cannot be used.
        LibraryBusy: another process is writing to it. StorageError
    """
    folder = _existing(name)
    if name == places.SAMPLE:
        raise InputError("The sample cannot be renamed: Footnote makes it, and finds it by its name.")
    target = new_folder(new, besides=name)
    with storage_errors(folder.parent):
        with WriterLock(folder).acquire("renaming the library"):
            pass  # nobody is at work
        folder.rename(target)
    return target


def delete_library(name: str) -> None:
    """Delete a library with all that is in it. It is gone at once, also when the program is ended meanwhile.

    Raises:
        InputError: there is none of that name.
        LibraryBusy: another process is writing to it. StorageError
    """
    folder = _existing(name)
    with storage_errors(folder.parent):
        with WriterLock(folder).acquire("deleting the library"):
            pass
        folder.rename(folder.with_name(f"{_DELETED}{secrets.token_hex(4)}"))
        for left in folder.parent.glob(f"{_DELETED}*"):  # of this one, and of one whose deleting was not finished
            shutil.rmtree(left, ignore_errors=True)


def new_folder(name: str, *, besides: str = "") -> Path:
    """Return the folder of a library that is to be made. Names that differ in case only are taken for one.

    Raises:
        InputError: the name cannot be a folder's, is kept for the sample, or is taken.
    """
    name = name.strip()
    if not places.is_name(name):
        raise InputError(f"{name!r} cannot name a library: use letters, digits, spaces, '.', '_' and '-', at most 64.")
    if name.casefold() == places.SAMPLE:
        raise InputError(f"{name!r} is kept for the sample. Choose another name.")
    taken = next((n for n in places.available_libraries() if n.casefold() == name.casefold() and n != besides), None)
    folder = places.library_folder(name)
    if taken is not None or (folder.exists() and name.casefold() != besides.casefold()):
        raise InputError(f"There is a library {taken or name!r} already. Choose another name.")
    return folder


def _existing(name: str) -> Path:
    if not places.is_name(name) or name not in places.available_libraries():
        known = ", ".join(places.available_libraries()) or "none"
        raise InputError(f"There is no library {name!r}; known: {known}.")
    return places.library_folder(name)
