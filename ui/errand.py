"""One piece of work in a thread, watched by a page: it never holds the page up, and its error is told in words."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import streamlit as st

from rag.errors import FootnoteError
from ui import words
from ui.markdown import plain

log = logging.getLogger(__name__)

T = TypeVar("T")


class Errand(Generic[T]):
    """Runs `work` at once, in a thread of its own."""

    def __init__(self, work: Callable[[], T]) -> None:
        self.result: T | None = None
        self.error: str | None = None
        self._work = work
        self._over = threading.Event()
        threading.Thread(target=self._run, name="errand", daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Tell whether there is a result or an error."""
        return self._over.is_set()

    def _run(self) -> None:
        try:
            self.result = self._work()
        except FootnoteError as exc:
            self.error = str(exc)
        except Exception:  # the edge of the program: the page must not wait for ever
            log.exception("an errand of the page")
            self.error = words.UNEXPECTED
        finally:
            self._over.set()


def watch(errand: Errand[T], doing: str, show: Callable[[T], object]) -> None:
    """Show what is being done, then what came of it."""
    if errand.error is not None:
        st.error(plain(errand.error))
    elif errand.is_over:
        if errand.result is not None:
            show(errand.result)
    else:

        @st.fragment(run_every=0.3)
        def wait() -> None:
            if errand.is_over:
                st.rerun()
            st.status(f":shimmer[{doing}]", type="compact")

        wait()
