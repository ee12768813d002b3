"""Libraries as a whole: opened as the settings say; made, renamed and deleted by name.

A library that is open must be closed before its folder moves, and not before all is checked: `release` is called in
between, and what it raises leaves the library as it is.
"""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from rag import places
from rag.errors import InputError, StorageError
from rag.index.lock import WriterLock
from rag.library import Library
from rag.parts import storage_errors
from rag.retrieve.rerank import RerankChoice
from rag.settings import Settings, model_choice, other_choice

log = logging.getLogger(__name__)

_DELETED = ".deleted-"


def _nothing() -> None:
    """Close nothing: the library is not open."""


def library_with(settings: Settings, where: str) -> Library:
    """Open a library, by its name or folder, with the models, device and threads that are set.

    Raises:
        as `Library`.
    """
    return Library(
        where,
        encoder_name=settings.encoder,
        device=settings.device,
        n_threads=settings.threads or None,
        ocr=settings.ocr,
        model=model_choice(settings),
        other=other_choice(settings),
        reranking=RerankChoice(settings.reranker, settings.rerank, settings.rerank_seconds),
        checks=settings.checker != "off",
        reads=settings.reader != "off",
    )


def create_library(name: str) -> Path:
    """Make an empty library; return its folder.

    Raises:
        InputError: the name cannot be a folder's, or is taken.
        StorageError
    """
    folder = new_folder(name)
    sweep_deleted()
    Library(folder).close()
    return folder


def rename_library(name: str, new: str, *, release: Callable[[], None] = _nothing) -> Path:
    """Give a library another name; return its folder.

    Args:
        release: closes the library, when all is checked.

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
            release()  # nobody else is at work
        folder.rename(target)
    return target


def delete_library(name: str, *, release: Callable[[], None] = _nothing) -> None:
    """Delete a library with all that is in it.

    It is out of the list at once. What is left of its folder when the program is ended meanwhile goes with the next
    `sweep_deleted`.

    Args:
        release: closes the library, when all is checked.

    Raises:
        InputError: there is none of that name.
        LibraryBusy: another process is writing to it.
        StorageError: it cannot be deleted; or it is, but a part of its folder is left, which is named.
    """
    folder = _existing(name)
    gone = folder.with_name(f"{_DELETED}{secrets.token_hex(4)}")
    with storage_errors(folder.parent):
        with WriterLock(folder).acquire("deleting the library"):
            release()
        folder.rename(gone)
    left = _removed(gone)
    if left is not None:
        raise StorageError(
            f"The library {name!r} is deleted, but {left} is left and cannot be removed: another program may hold it. "
            f"It is tried again at the next start; or delete {gone} by hand."
        )
    sweep_deleted()


def sweep_deleted() -> None:
    """Remove what is left of libraries whose deleting was not finished; what cannot be removed now is logged."""
    for gone in places.libraries_folder().glob(f"{_DELETED}*"):
        left = _removed(gone)
        if left is not None:
            log.warning("%s is left of a deleted library and cannot be removed. Delete %s by hand.", left, gone)


def _removed(folder: Path) -> Path | None:
    """Remove a folder as far as that can be done; return what is left: a file in it, or else itself."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return None
    return next((path for path in sorted(folder.rglob("*")) if not path.is_dir()), folder)


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
