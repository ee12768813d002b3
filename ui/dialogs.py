"""The one dialog that may be open. It is kept in the visit's state: a page that runs again, because a file was added,
does not close it under the user's hands.

A dialog says what is wrong with what was typed and stays open; what was done is said on the page, by the next run.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rag.errors import FootnoteError
from ui.markdown import plain

_STATE = st.session_state
_OPEN, _WRONG, _NEWS = "dialog", "dialog-wrong", "news"


def open_dialog(name: str, about: str = "") -> None:
    """Open a dialog at the next run; `about` is the id of what it is about."""
    _STATE.pop(_WRONG, None)
    _STATE[_OPEN] = (name, about)


def is_open(name: str) -> bool:
    """Tell whether a dialog is open that is about nothing in particular."""
    return bool(_STATE.get(_OPEN) == (name, ""))


def opened() -> tuple[str, str] | None:
    """Return the dialog that is open, and what it is about."""
    found: tuple[str, str] | None = _STATE.get(_OPEN)
    return found


def close() -> None:
    """Close the dialog at the next run."""
    _STATE.pop(_WRONG, None)
    _STATE.pop(_OPEN, None)


def show(title: str, body: Callable[[], None]) -> None:
    """Show the open dialog; `title` is markdown.

    Call it near the top of a page: what runs the page again before it would swallow a click in the dialog.
    """

    def with_error() -> None:
        body()
        if _WRONG in _STATE:
            st.error(plain(_STATE[_WRONG]))

    st.dialog(title, on_dismiss=close)(with_error)()


def attempt(work: Callable[[], str]) -> None:
    """Do what was asked for, close the dialog and say what `work` returns; or say why it cannot be done."""
    _STATE.pop(_WRONG, None)
    try:
        news = work()
    except FootnoteError as exc:
        _STATE[_WRONG] = str(exc)
    except OSError as exc:
        _STATE[_WRONG] = f"This cannot be done: {exc}. Check the name, the folder's rights and the disk."
    else:
        close()
        if news:
            tell(news)
        st.rerun()


def tell(text: str) -> None:
    """Have the next run say what was done, or why it could not be: a callback in a dialog must not show anything."""
    _STATE[_NEWS] = text


def news() -> None:
    """Say what was done last, once."""
    if _NEWS in _STATE:
        st.toast(plain(_STATE.pop(_NEWS)), duration="long")
