"""A backup made a library again, in a folder that does not exist yet: unpacked beside it, every digest checked, renamed
when it is whole. A file that is damaged, foreign or hostile is refused with its name, and nothing of it is left.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from rag import places
from rag.backup import FORMAT, MANIFEST, STEP, Backup, Meter, OnBytes
from rag.errors import InputError, LibraryError
from rag.index.catalog import Catalog
from rag.index.schema import CATALOG
from rag.index.snapshot import check_copy
from rag.library import Library
from rag.parts import is_sha256, storage_errors
from rag.types import Document, IsCancelled

_MEMBER = re.compile(r"catalog\.sqlite|files/[0-9a-f]{64}\.(?:pdf|locked)")
_MAX_MANIFEST = 64 << 20  # bytes: some 500,000 files
_STALE_S = 86_400.0  # what an unfinished restore left is swept after a day
_ZIP_ERRORS = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error)


def read_backup(path: Path) -> Backup:
    """Return what a backup says it holds, without unpacking it.

    Raises:
        InputError: it does not exist, is no backup, was made by a newer version, or is cut off.
    """
    with _opened(path) as archive:
        return _checked(path, archive)


def restore(
    path: Path,
    where: str | Path | None = None,
    *,
    on_progress: OnBytes | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Path:
    """Make a new library of a backup; return its folder.

    Args:
        where: name or folder of the new library; None: the name it had.

    Raises:
        InputError: the file is no backup or is damaged, or there is such a library already.
        StorageError, Cancelled
    """
    with _opened(path) as archive:
        backup = _checked(path, archive)
        folder = _folder(backup, where)
        _check_room(backup, folder)
        partial = folder.with_name(f".{folder.name}.{os.getpid()}.restoring")
        with storage_errors(folder.parent):
            _sweep(folder.parent)
            try:
                (partial / "files").mkdir(parents=True)
                _unpack(backup, archive, partial, Meter("Restoring", backup.n_bytes, on_progress, is_cancelled))
                _check_catalog(backup, partial)
                if folder.exists():  # made meanwhile
                    raise _exists(folder)
                partial.rename(folder)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    library = Library(folder)
    try:
        library.rebuild()
    finally:
        library.close()
    return folder


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as exc:
        raise InputError(f"{path} does not exist. Check the name.") from exc
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror or exc}.") from exc
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as exc:
        raise InputError(f"{path} is no backup of Footnote, or it is cut off ({exc}). Choose another file.") from exc
    with archive:
        yield archive


def _checked(path: Path, archive: zipfile.ZipFile) -> Backup:
    """Compare what the zip lists with what its manifest promises."""
    try:
        if archive.getinfo(MANIFEST).file_size > _MAX_MANIFEST:
            raise ValueError("its manifest is too long")
        with archive.open(MANIFEST) as member:
            manifest = json.loads(member.read(_MAX_MANIFEST))
        if int(manifest["footnote"]) > FORMAT:
            raise InputError(f"{path} was made by a newer version of Footnote. Update: pip install -U footnote")
        members = {str(name): (str(sha256), int(size)) for name, (sha256, size) in manifest["members"].items()}
        listed = {info.filename: info.file_size for info in archive.infolist() if info.filename != MANIFEST}
        strange = sorted(name for name in listed if not _MEMBER.fullmatch(name))
        if strange:
            raise ValueError(f"{strange[0]!r} does not belong into one")
        if CATALOG not in members or len(archive.infolist()) != len(members) + 1:
            raise ValueError("its members are not those that its manifest lists")
        if listed != {name: size for name, (_, size) in members.items()}:
            raise ValueError("its members are not of the sizes that its manifest lists")
        n_bytes = sum(size for _, size in members.values())
        return Backup(
            path,
            str(manifest["library"]),
            float(manifest["made"]),
            int(manifest["documents"]),
            n_bytes,
            members,
            tuple(map(str, manifest.get("missing", []))),
        )
    except (KeyError, ValueError, TypeError, AttributeError, *_ZIP_ERRORS) as exc:
        raise InputError(f"{path} is no backup of Footnote, or damaged: {_why(exc)}. Choose another file.") from exc


def _why(exc: Exception) -> str:
    return "it has no manifest" if isinstance(exc, KeyError) else str(exc)


def _folder(backup: Backup, where: str | Path | None) -> Path:
    """Return the folder to restore to; the name in the file is a name at most, never a path."""
    if where is None and not places.is_name(backup.library):
        raise InputError(f"{backup.path} holds a library without a usable name. Name the restored one: --library NAME")
    return places.library_folder(backup.library if where is None else where)


def _check_room(backup: Backup, folder: Path) -> None:
    if folder.exists():
        raise _exists(folder)
    there = next(parent for parent in folder.parents if parent.is_dir())
    free = shutil.disk_usage(there).free
    if backup.n_bytes > free:
        raise InputError(
            f"{backup.path} needs {backup.n_bytes:,} bytes, and the disk that holds {there} has {free:,} left. Free "
            "some space, then try again."
        )


def _exists(folder: Path) -> InputError:
    return InputError(f"There is a library {folder.name!r} already. Give the restored one another name.")


def _unpack(backup: Backup, archive: zipfile.ZipFile, folder: Path, meter: Meter) -> None:
    """Unpack every member, never more bytes than the manifest lists, and compare its sha256."""
    for name, (sha256, size) in backup.members.items():
        try:
            with archive.open(name) as member, (folder / name).open("xb") as target:
                found = _copy(member, target, size, meter)
        except _ZIP_ERRORS as exc:
            raise InputError(f"{backup.path} is damaged: {name} in it cannot be unpacked ({exc}).") from exc
        if found != sha256:
            raise InputError(f"{backup.path} is damaged: {name} in it is not what was backed up. Choose another.")


def _copy(member: IO[bytes], target: IO[bytes], size: int, meter: Meter) -> str:
    sha256, left = hashlib.sha256(), size
    while block := member.read(min(STEP, left + 1)):
        left -= len(block)
        if left < 0:
            raise zipfile.BadZipFile("it is longer than it says")
        target.write(block)
        sha256.update(block)
        meter.step(len(block))
    target.flush()
    os.fsync(target.fileno())
    return sha256.hexdigest()


def _check_catalog(backup: Backup, folder: Path) -> None:
    """Look whether the catalog is sound and is that of the files."""
    try:
        check_copy(folder / CATALOG)
        catalog = Catalog(folder)  # brings an older one up to date
        try:
            documents = catalog.documents()
            wrong = catalog.problems()
        finally:
            catalog.close()
    except LibraryError as exc:
        raise InputError(f"{backup.path} cannot be restored: {exc}") from exc
    wrong += _disagreements(backup, documents)
    if wrong:
        raise InputError(f"{backup.path} cannot be restored: {wrong[0]}. Choose another backup.")


def _disagreements(backup: Backup, documents: Sequence[Document]) -> list[str]:
    """Return where documents and files do not agree. An id is part of paths, so that no other text may stand there."""
    wrong = [f"the id of {document.name!r} is no sha256" for document in documents if not is_sha256(document.id)]
    ids = {document.id for document in documents}
    strays = [name for name in backup.members if name != CATALOG and Path(name).stem not in ids]
    wrong += [f"{name} belongs to no document" for name in strays]
    wrong += [
        f"the copy of {document.name} is not in it"
        for document in documents
        if document.state in {"searchable", "ready"}
        and f"files/{document.id}.pdf" not in backup.members
        and document.name not in backup.missing
    ]
    if len(documents) != backup.n_documents:
        wrong.append("its counts do not agree")
    return wrong


def _sweep(folder: Path) -> None:
    """Remove what a killed restore left."""
    for left in folder.glob(".*.restoring"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_S:
                shutil.rmtree(left, ignore_errors=True)
