"""Where files are dropped, on every page the same."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from rag.places import DEFAULT, SAMPLE
from ui import shelf, sidebar, uploads
from ui.jobs import Upload
from ui.markdown import plain

_STATE = st.session_state


def drop_zone(place: shelf.Place) -> None:
    """Show the drop zone; queue what is dropped and run the page again with an empty one."""
    n_before = _STATE.setdefault("drops", 0)
    files = st.file_uploader(
        "Drop PDFs here, or choose them", type="pdf", accept_multiple_files=True, key=f"drop-{n_before}"
    )
    if files and receive(place, files) is not None:
        _STATE["drops"] = n_before + 1
        st.rerun()


def receive(place: shelf.Place, files: Sequence[UploadedFile]) -> tuple[shelf.Place, list[Upload]] | None:
    """Queue files; what is dropped on the sample goes to the user's own library, and so does this visit.

    Returns the library that they go to and their uploads, or None when they could not be copied, which is said.
    """
    target = shelf.current().place(DEFAULT) if place.key == SAMPLE else place
    try:
        taken = uploads.take(files, target.uploads)
    except OSError as exc:
        st.error(plain(f"The file cannot be copied: {exc.strerror}. Free some space on the disk, then try again."))
        return None
    if target is not place:
        sidebar.go_to_library(target.key)
        st.toast("Your file goes to your own library, My documents. The sample stays as it is.")
    return target, taken
