"""A library as one file, and back: a zip of catalog, files and a manifest with the sha256 of each. Indexes are not in
it, for they can be rebuilt.

    manifest.json            format, counts, documents whose file was lost, and of every other member sha256 and size
    catalog.sqlite           as it was at one instant, whoever wrote to it meanwhile
    files/<sha256>.pdf       our copies; .locked for files that wait for their password

A backup is written under a temporary name and renamed when it is whole. `rag.restore` makes a library of it again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import rag
from rag.errors import Cancelled, InputError
from rag.index.catalog import Catalog
from rag.index.schema import CATALOG
from rag.index.snapshot import snapshot
from rag.library import Library
from rag.parts import storage_errors
from rag.types import Document, IsCancelled

FORMAT = 1
MANIFEST = "manifest.json"

STEP = 1 << 20  # bytes

OnBytes = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    path: Path
    library: str
    made: float  # seconds since the epoch
    n_documents: int
    n_bytes: int  # unpacked
    members: dict[str, tuple[str, int]] = field(repr=False)  # name -> sha256, bytes
    missing: tuple[str, ...] = ()  # documents whose file was lost before


class Meter:
    """Counts bytes for whoever watches, and ends the work when that is wished."""

    def __init__(self, what: str, total: int, on_progress: OnBytes | None, is_cancelled: IsCancelled | None) -> None:
        self._what, self.total, self._done = what, total, 0
        self._on_progress, self._is_cancelled = on_progress, is_cancelled

    def step(self, n_bytes: int) -> None:
        """Count bytes that were written.

        Raises:
            Cancelled: the user does not want it any more.
        """
        self._done += n_bytes
        if self._on_progress is not None:
            self._on_progress(min(self._done, self.total), self.total)
        if self._is_cancelled is not None and self._is_cancelled():
            raise Cancelled(f"{self._what} was cancelled; nothing of it is left.")


def back_up(
    library: Library,
    target: Path,
    *,
    on_progress: OnBytes | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Backup:
    """Write a backup of a library to the file `target`, or into it when it is a folder.

    Others may read the library, and write to it, meanwhile: the backup holds it as it was at the beginning, less what
    was removed since.

    Raises:
        InputError: the file exists already.
        StorageError, LibraryDamaged, Cancelled
    """
    target = _target(library, target)
    total = library.catalog.file.stat().st_size + sum(document.n_bytes for document in library.documents())
    meter = Meter("The backup", total, on_progress, is_cancelled)
    with (
        storage_errors(target.parent),
        tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent, ignore_cleanup_errors=True) as beside,
    ):
        work, partial = Path(beside), Path(beside) / "backup.zip"
        snapshot(library.catalog.file, work / CATALOG, lambda *_: meter.step(0))
        with partial.open("xb") as file:
            backup = _write(library, target, work, file, meter)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
        return backup


def default_name(library: str) -> str:
    """Return what the backup of a library is called when nobody says."""
    return f"{library} {time.strftime('%Y-%m-%d')}.footnote.zip"


def _target(library: Library, target: Path) -> Path:
    target = target.expanduser().absolute()
    if target.is_dir():
        target = target / default_name(library.name)
    if target.exists():
        raise InputError(f"{target} exists already. Name another file, or delete that one first.")
    if not target.parent.is_dir():
        raise InputError(f"There is no folder {target.parent}. Make it first, or name another one.")
    return target


def _write(library: Library, target: Path, work: Path, file: IO[bytes], meter: Meter) -> Backup:
    """Write the zip: files first, so that a document that is removed meanwhile can be left out of the catalog."""
    members: dict[str, tuple[str, int]] = {}
    missing: list[str] = []
    with zipfile.ZipFile(file, "w") as archive:
        with contextlib.closing(Catalog(work)) as catalog:
            for document in catalog.documents():
                found = _pack_files(library, document, archive, meter)
                members |= found
                if found or document.state not in {"searchable", "ready"}:
                    continue
                if library.catalog.find(document.id) is None:
                    catalog.remove(document)
                else:
                    missing.append(document.name)
            manifest = _manifest(library, catalog) | {"missing": missing}
        members[CATALOG] = _pack(archive, work / CATALOG, CATALOG, meter)
        manifest["members"] = {name: list(member) for name, member in members.items()}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1), zipfile.ZIP_DEFLATED)
    meter.step(meter.total)
    n_bytes = sum(size for _, size in members.values())
    return Backup(target, library.name, manifest["made"], manifest["documents"], n_bytes, members, tuple(missing))


def _pack_files(library: Library, document: Document, archive: zipfile.ZipFile, meter: Meter) -> dict[str, Any]:
    """Pack what is kept of a document's file: our copy, or the locked one."""
    packed = {}
    for ending in ("pdf", "locked"):
        name = f"files/{document.id}.{ending}"
        with contextlib.suppress(FileNotFoundError):
            packed[name] = _pack(archive, library.folder / name, name, meter)
    return packed


def _pack(archive: zipfile.ZipFile, path: Path, name: str, meter: Meter) -> tuple[str, int]:
    """Pack a file; PDFs are compressed in themselves. Return its sha256 and size."""
    sha256, n_bytes = hashlib.sha256(), 0
    with path.open("rb") as source:
        info = zipfile.ZipInfo(name, time.localtime()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if name == CATALOG else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        with archive.open(info, "w", force_zip64=True) as member:
            while block := source.read(STEP):
                member.write(block)
                sha256.update(block)
                n_bytes += len(block)
                meter.step(len(block))
    return sha256.hexdigest(), n_bytes


def _manifest(library: Library, catalog: Catalog) -> dict[str, Any]:
    kept = catalog.documents()
    counts = {what: catalog.database.query(f"SELECT count(*) FROM {what}")[0][0] for what in ("chat", "note")}
    return {
        "footnote": FORMAT,
        "version": rag.__version__,
        "library": library.name,
        "made": time.time(),
        "documents": len(kept),
        "pages": sum(document.n_pages for document in kept),
        "passages": sum(document.n_passages for document in kept),
        "chats": counts["chat"],
        "notes": counts["note"],
    }
