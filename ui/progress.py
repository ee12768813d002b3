"""Uploads that go on, shown live on whatever page the user is."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Literal

import streamlit as st

from ui import shelf
from ui.jobs import Upload
from ui.markdown import plain
from ui.words import count_words, reason_words, shortened, stage_words

NEWS_S = 6.0  # how long "added" is said
MAX_ROWS = 12  # uploads shown one by one; those that wait come last
_STATE = st.session_state


def progress(place: shelf.Place, *, listed: Collection[str] | None = None) -> None:
    """Show what is being added, with Cancel; run the whole page again when a file can be asked.

    Args:
        listed: documents whose failures the page shows anyway; None: no failures are shown here at all.
    """

    def news() -> list[Upload]:
        return [
            u
            for u in place.uploads.uploads()
            if not _is_old_news(u)
            and (u.state != "failed" or (listed is not None and (u.is_only_told or u.name not in listed)))
        ]

    shown = news()
    if not shown:
        return
    is_passing = any(upload.state == "added" for upload in shown)

    @st.fragment(run_every=0.5 if place.uploads.is_active() else 2.0 if is_passing else None)
    def watch() -> None:
        uploads = news()
        steps = [(upload.number, upload.is_searchable, upload.is_over) for upload in place.uploads.uploads()]
        if _STATE.get("steps", steps) != steps:
            _STATE["steps"] = steps
            st.rerun()
        _STATE["steps"] = steps
        in_turn = sorted(uploads, key=lambda upload: upload.state == "waiting")
        for upload in in_turn[:MAX_ROWS]:
            _row(place, upload)
        if len(in_turn) > MAX_ROWS:
            st.caption(f"and {count_words(len(in_turn) - MAX_ROWS, 'more file', 'more files')}")

    with st.container(key="progress"):
        watch()


def attention(place: shelf.Place) -> None:
    """Say in one line, above the question field, that files wait in the Library for the user; nothing if none does."""
    place.uploads.settle()
    n_failed = sum(upload.state == "failed" for upload in place.uploads.uploads())
    if not n_failed:
        return
    needs = count_words(n_failed, "file needs attention", "files need attention")
    with st.bottom, st.container(key="attention"):
        st.page_link("views/library.py", label=f":small[{needs} · open Library]", icon=":material/error:")


def _is_old_news(upload: Upload) -> bool:
    """Tell whether a file went in without a remark, some time ago: its own row says all there is to say."""
    is_smooth = upload.state == "added" and upload.reason is None
    return is_smooth and upload.ended is not None and time.monotonic() - upload.ended > NEWS_S


def upload_words(upload: Upload) -> str:
    """Return how an upload stands, in words."""
    if upload.is_cancelled() and not upload.is_over:
        return "cancelling…"
    match upload.state:
        case "waiting":
            return "searchable by words; meaning-search comes next" if upload.is_searchable else "waiting"
        case "busy":
            return f"waiting for another program: {upload.reason or ''}"
        case "added":
            return f"added · {upload.reason}" if upload.reason else "added"
        case "known" | "cancelled":
            return {"known": "was in the library already", "cancelled": "cancelled; nothing of it is left"}[
                upload.state
            ]
        case "failed":
            return reason_words(upload.reason or "could not be read")
    said = stage_words(upload.stage, upload.done, upload.total)
    return f"{said} · {upload.rate:.0f} pages/s" if upload.rate is not None else said


def _row(place: shelf.Place, upload: Upload) -> None:
    said = upload_words(upload)
    name = "" if said.startswith(upload.name) else f"**{plain(shortened(upload.name, 60))}** · "
    text = f":small[{name}{plain(said)}]"
    alignment: Literal["center", "bottom"] = "center" if upload.is_over else "bottom"
    with st.container(horizontal=True, vertical_alignment=alignment, gap="small", wrap=False):
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
            st.button(
                "Cancel",
                key=f"cancel-{upload.number}",
                type="tertiary",
                on_click=upload.cancel,
                disabled=upload.is_cancelled(),
            )
