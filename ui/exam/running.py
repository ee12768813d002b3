"""An exam is taken in a thread, and gives way to uploads and questions; pages watch it."""

from __future__ import annotations

import threading

import streamlit as st

from rag import examining
from ui import shelf
from ui.chores import Chore
from ui.guiding import PAUSE_S
from ui.markdown import plain
from ui.words import count_words

_STATE = st.session_state
_BEGINS = {"making questions": (0.0, 0.1), "comparing documents": (0.1, 0.05), "asking": (0.15, 0.85)}


class Examination(Chore):
    """An exam that is being taken of a library."""

    def __init__(self, place: shelf.Place, n: int, seed: int, document: str | None) -> None:
        self.exam_id: int | None = None  # when it is over
        self.stage = "making questions"
        self._place, self._n, self._seed, self._document = place, n, seed, document
        super().__init__(f"Examining {shelf.title(place.key)}", place.key, lambda _: self._take())

    def _take(self) -> str:
        taken = examining.take(
            self._place.library,
            n=self._n,
            seed=self._seed,
            document=self._document,
            on_step=self._step,
            is_cancelled=self._gives_way,
        )
        self.exam_id = taken.id
        return f"The exam on {shelf.title(self._place.key)} is over: {taken.n_right} of {taken.n_asked} right."

    def _step(self, what: str, done: int, total: int) -> None:
        begins, share = _BEGINS[what]
        self.stage = f"asking question {min(done + 1, total):,} of {total:,}" if what == "asking" else what
        self.report(int(1000 * (begins + share * done / max(total, 1))), 1000)

    def _gives_way(self) -> bool:
        """Wait while users wait for something; tell whether it was cancelled."""
        pause = threading.Event()
        while self._place.is_busy() and not self.is_cancelled():
            pause.wait(PAUSE_S)
        return self.is_cancelled()


def start(place: shelf.Place, n: int, seed: int, document: str | None) -> None:
    """Begin an exam, unless one of this library is going on; what the last one said is said no more."""
    bench = shelf.current()
    if running(place) is not None:
        return
    for chore in [c for c in bench.chores if isinstance(c, Examination) and c.library == place.key]:
        bench.dismiss(chore)
    bench.chores.append(Examination(place, n, seed, document))
    _STATE.pop("exam", None)


def last(place: shelf.Place) -> Examination | None:
    """Return the exam of a library that was begun last, going on or over, unless it was dismissed."""
    found = [c for c in shelf.current().chores if isinstance(c, Examination) and c.library == place.key]
    return found[-1] if found else None


def running(place: shelf.Place) -> Examination | None:
    """Return the exam of a library that is being taken."""
    found = last(place)
    return found if found is not None and not found.is_over else None


def watch(place: shelf.Place) -> None:
    """Show how far an exam is, with Cancel; when it is over, run the page again; say why it came to nothing."""
    exam = last(place)
    if exam is None:
        return
    if exam.is_over:
        if exam.state != "done":
            (st.error if exam.state == "failed" else st.info)(plain(exam.said))
        return

    @st.fragment(run_every=0.5)
    def progress() -> None:
        if exam.is_over:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", wrap=False):
            said = "cancelling…" if exam.is_cancelled() else exam.stage
            st.progress(exam.fraction, f":small[{plain(exam.title)}: {plain(said)}]")
            st.button("Cancel", key="exam-cancel", type="tertiary", on_click=exam.cancel, disabled=exam.is_cancelled())

    with st.container(key="exam-progress"):
        progress()


def examined_words(n_right: int, n_asked: int) -> str:
    """Return how an exam went, in a few words."""
    return f"{n_right:,} of {count_words(n_asked, 'question')} right"
