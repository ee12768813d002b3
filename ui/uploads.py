"""Files that a user drops: copied to disk in small reads, their memory given back, handed to the queue."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ui.jobs import Upload, UploadQueue

MAX_MB = 400
_STEP = 1 << 20  # bytes


def take(files: Iterable[UploadedFile], queue: UploadQueue) -> list[Upload]:
    """Queue uploaded files and forget them in memory.

    Raises:
        OSError: the disk is full.
    """
    taken = []
    for file in files:
        taken.append(queue.add(copied(file), file.name))
        _give_back_memory(file)
    return taken


def take_newer(file: UploadedFile, queue: UploadQueue, document_id: str) -> Upload:
    """Queue an uploaded file as the newer version of a document, and forget it in memory.

    Raises:
        OSError: the disk is full.
    """
    upload = queue.replace(document_id, copied(file), file.name)
    _give_back_memory(file)
    return upload


def forget_copy(path: Path) -> None:
    """Delete what `copied` made."""
    shutil.rmtree(path.parent, ignore_errors=True)


def copied(file: UploadedFile) -> Path:
    """Copy an uploaded file to disk, into a folder of its own.

    Raises:
        OSError: the disk is full; nothing is left then.
    """
    folder = Path(tempfile.mkdtemp(prefix="footnote-"))
    path = folder / "upload.pdf"
    try:
        with path.open("wb") as copy:
            file.seek(0)
            while block := file.read(_STEP):
                copy.write(block)
    except OSError:
        forget_copy(path)
        raise
    return path


def _give_back_memory(file: UploadedFile) -> None:
    """Drop the upload from the server's memory.

    2026-11, streamlit 1.67: uploads stay in memory until the session ends, even when their widget is gone
    (https://github.com/streamlit/streamlit/issues/9218). The manager is not public, so a test holds this.
    """
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return
    manager = runtime.get_instance().uploaded_file_mgr
    if isinstance(manager, MemoryUploadedFileManager):
        manager.remove_file(context.session_id, file.file_id)
