"""How answers are written: length, style, strictness, what a comparison compares; in the sidebar and in Settings."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rag.settings import Settings
from ui import bound, shelf
from ui.markdown import plain
from ui.words import shortened

LENGTHS = {"succinct": "Short", "normal": "Normal", "detailed": "Detailed", "close": "Close to the words"}
STRICT = {"auto": "Built-in model only", "on": "Always", "off": "Never"}
SIDES: dict[str, str] = {
    "extractive": "The documents’ own words",
    "grounded": "The model, with your documents",
    "ungrounded": "The model, without them",
    "other": "Another model, with them",
}
_WIDTH = 300  # pixels
_MAX_STYLE = 24  # characters of it that the sidebar shows


def manner(slot: Any, *, has_model: bool) -> None:
    """Offer to change how answers are written.

    Args:
        slot: where in the sidebar.
        has_model: whether a language model may be asked at all.
    """
    settings = shelf.current().settings()
    with (
        slot,
        st.popover(_said(settings), icon=":material/edit_note:", type="tertiary", key="manner"),
        st.container(width=_WIDTH),
    ):
        lengths()
        if has_model:
            style()
            strictness()
            if settings.compare:
                sides(settings)
        st.caption("It counts for all questions from now on, in every chat.")


def _said(settings: Settings) -> str:
    """Return how answers are written, in few words; markdown."""
    styled = f" · {plain(shortened(settings.style, _MAX_STYLE))}" if settings.style else ""
    return f"Written: {LENGTHS[settings.length].lower()}{styled}"


def lengths() -> None:
    """Let the user choose how long answers are."""
    bound.choice("length", "Length", LENGTHS)


def style() -> None:
    """Let the user name a style."""
    bound.text("style", "Style of the language model", placeholder="plain; or say: as a pirate")
    st.caption("It is kept throughout. Facts are checked all the same; a sentence that is only style may fail that.")


def strictness() -> None:
    """Let the user choose whether unsupported sentences are left out."""
    bound.choice("strict", "Leave out what your documents do not support", STRICT)
    st.caption("What is left out stays to be seen, struck, below the answer. Else it is shown as unsupported.")


def sides(settings: Settings) -> None:
    """Let the user choose what a comparison sets side by side."""
    bound.pick("compare_left", "Compare: left", SIDES)
    bound.pick("compare_right", "Compare: right", SIDES)
    if "other" in {settings.compare_left, settings.compare_right}:
        bound.text("other_model", "Another model", placeholder="a hub id, a folder, or built-in")
        st.caption(
            "A hub id is downloaded from huggingface.co when it is first compared with."
            if settings.other_model
            else "Until you name one, nothing can be compared with it."
        )
    if settings.compare_left == settings.compare_right:
        st.caption("Both sides are the same; the right one will be the model without your documents.")
