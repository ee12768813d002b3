"""Uploads that go on, shown live on whatever page the user is."""

from __future__ import annotations

import streamlit as st

from ui import shelf
from ui.jobs import Upload
from ui.markdown import plain
from ui.words import shortened, stage_words

_STATE = st.session_state


def progress(place: shelf.Place) -> None:
    """Show what is being added, with Cancel; run the whole page again when a file can be asked."""
    if not place.uploads.uploads():
        return

    @st.fragment(run_every=0.5 if place.uploads.is_active() else None)
    def watch() -> None:
        uploads = place.uploads.uploads()
        steps = [upload.number * (1 + upload.is_searchable + upload.is_over) for upload in uploads]
        if _STATE.get("steps", steps) != steps:
            _STATE["steps"] = steps
            st.rerun()
        _STATE["steps"] = steps
        for upload in uploads:
            _row(place, upload)

    with st.container(key="progress"):
        watch()


def upload_words(upload: Upload) -> str:
    """Return how an upload stands, in words."""
    match upload.state:
        case "waiting":
            return "waiting"
        case "busy":
            return f"waiting for another program: {upload.reason or ''}"
        case "added":
            return f"added · {upload.reason}" if upload.reason else "added"
        case "known":
            return "was in the library already"
        case "cancelled":
            return "cancelled; nothing of it is left"
        case "failed":
            return upload.reason or "could not be read"
    said = stage_words(upload.stage, upload.done, upload.total)
    return f"{said} · {upload.rate:.0f} pages/s" if upload.rate is not None else said


def _row(place: shelf.Place, upload: Upload) -> None:
    text = f"**{plain(shortened(upload.name, 60))}** · {plain(upload_words(upload))}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", wrap=False):
        if upload.is_over:
            st.markdown(text)
            st.button(
                "",
                icon=":material/close:",
                key=f"dismiss-{upload.number}",
                type="tertiary",
                help="Dismiss",
                on_click=place.uploads.forget,
                args=(upload,),
            )
        else:
            st.progress(upload.fraction, text)
            st.button("Cancel", key=f"cancel-{upload.number}", type="tertiary", on_click=upload.cancel)
