"""Our copy of a file: as it is, or, when it is encrypted, one that opens without a password."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import Cancelled, StorageError
from rag.ingest.files.pdf import check_header
from rag.ingest.worker import unlock_in_child

_STEP = 1 << 20  # bytes
_MARK = b"/Encrypt"  # stands in the open in every encrypted file


def make_readable_copy(
    source: Path,
    target: Path,
    *,
    name: str,
    password: str | None,
    is_cancelled: Callable[[], bool] | None = None,
) -> None:
    """Write `target`, a copy of `source` that opens without a password; `name` is what messages call it.

    Byte-identical when the file is not encrypted: whether it is damaged shows when it is read. Unlocking is done in a
    child process. The copy is written under a temporary name, flushed to disk and renamed, so that `target` is whole
    or absent.

    Raises:
        NotAPdf, DamagedPdf, PasswordNeeded, WrongPassword, ParseLimit, StorageError, Cancelled
    """
    check_header(source, name)
    with _whole_or_absent(target, name) as partial:
        if _copy(source, partial, is_cancelled):
            unlock_in_child(source, partial, name=name, password=password, is_cancelled=is_cancelled)


def _copy(source: Path, target: Path, is_cancelled: Callable[[], bool] | None) -> bool:
    """Copy a file block by block; tell whether it seems to be encrypted."""
    is_encrypted, tail = False, b""
    with source.open("rb") as old, target.open("wb") as new:
        while block := old.read(_STEP):
            if is_cancelled is not None and is_cancelled():
                raise Cancelled("Copying was stopped.")
            is_encrypted = is_encrypted or _MARK in tail + block
            tail = block[1 - len(_MARK) :]
            new.write(block)
    return is_encrypted


@contextlib.contextmanager
def _whole_or_absent(target: Path, name: str) -> Iterator[Path]:
    """Give a temporary path beside `target` that takes its name when all went well."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as exc:
        raise _storage_error(exc, target, name) from exc
    finally:
        partial.unlink(missing_ok=True)


def _storage_error(exc: OSError, target: Path, name: str) -> StorageError:
    if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageError(f"The disk is full: {name} could not be copied to {target.parent}. Free some space.")
    if exc.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return StorageError(f"{target.parent} cannot be written, so {name} was not copied. Change its permissions.")
    return StorageError(f"{name} could not be copied to {target.parent}: {exc.strerror or exc}. Check the disk.")
