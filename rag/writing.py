"""What a language model writes to a question: with the passages, without them, or both side by side.

Each answer streams while it is written; both sides of a comparison take turns, a piece each, so that one model writes
them together. What a model wrote before it broke off or was stopped is kept, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Protocol

from rag.answer.generative import STOPPED, never
from rag.answer.language import OnWait, SharedModel
from rag.answer.spoken import Timed
from rag.errors import ModelError, ModelMissing
from rag.types import Answer, Hit, IsCancelled, LanguageModel, ReaderName

__all__ = ["STOPPED", "OnPiece", "Writer", "never", "turns", "unheard", "write"]
OnPiece = Callable[[ReaderName, str], None]  # told each new piece of the text of a reader


def unheard(name: ReaderName, piece: str) -> None:
    """Let a piece pass: nobody listens."""
    del name, piece


class Writer(Protocol):
    """A reader that writes its answer with a language model."""

    def stream(self, question: str, hits: Sequence[Hit], *, is_cancelled: IsCancelled) -> Iterator[str]:
        """Yield the text piece by piece."""
        ...

    def cited(self, question: str, hits: Sequence[Hit], text: str, *, note: str | None = None) -> Answer:
        """Return the text as an answer whose sentences have their citations."""
        ...


class _Side:
    """One side of what is being written."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self.timed = Timed(pieces)
        self._told = iter(self.timed)
        self.is_over = self.is_stopped = False
        self.failure: ModelError | None = None

    def advance(self, is_cancelled: IsCancelled) -> str | None:
        """Return the next piece; None when there is none any more."""
        try:
            piece = next(self._told, None)
        except ModelError as exc:
            self.failure, piece = exc, None
        self.is_over = piece is None
        self.is_stopped = self.is_over and is_cancelled()
        return piece

    def close(self) -> None:
        """End the stream now: a server's connection must not wait for the garbage collector."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()


@contextmanager
def turns(
    wanted: Mapping[ReaderName, SharedModel], is_cancelled: IsCancelled, *, on_wait: OnWait | None = None
) -> Iterator[tuple[dict[ReaderName, LanguageModel], dict[ReaderName, ModelError]]]:
    """Hold the turn of every model that is wanted: which model each reader has, and why one has none.

    Turns are taken in the order of the models' names, whoever wants them: nobody waits for one who waits for him.

    Raises:
        Cancelled: while it waited. ModelError, ModelMissing: no model at all can be loaded.
    """
    shared = sorted(dict.fromkeys(wanted.values()), key=lambda one: (one.label, id(one)))
    with ExitStack() as stack:
        held: dict[SharedModel, LanguageModel] = {}
        lost: dict[SharedModel, ModelError | ModelMissing] = {}
        for one in shared:
            try:
                held[one] = stack.enter_context(one.turn(is_cancelled, on_wait=on_wait))
            except (ModelError, ModelMissing) as exc:
                lost[one] = exc
        if lost and not held:
            raise next(iter(lost.values()))
        failed = {name: ModelError(str(lost[one])) for name, one in wanted.items() if one in lost}
        yield {name: held[one] for name, one in wanted.items() if one in held}, failed


def write(
    writers: dict[ReaderName, Writer],
    question: str,
    hits: Sequence[Hit],
    *,
    on_piece: OnPiece,
    is_cancelled: IsCancelled,
) -> dict[ReaderName, Answer | ModelError]:
    """Return the answer of every writer, or why there is none; the caller holds the turn of their model."""
    sides = {name: _Side(writer.stream(question, hits, is_cancelled=is_cancelled)) for name, writer in writers.items()}
    try:
        while any(not side.is_over for side in sides.values()):
            for name, side in sides.items():
                piece = None if side.is_over else side.advance(is_cancelled)
                if piece is not None:
                    on_piece(name, piece)
    finally:
        for side in sides.values():
            side.close()
    return {name: _outcome(writers[name], question, hits, side) for name, side in sides.items()}


def _outcome(writer: Writer, question: str, hits: Sequence[Hit], side: _Side) -> Answer | ModelError:
    text = side.timed.text
    failure = side.failure or (ModelError(STOPPED) if side.is_stopped else None)
    if failure is not None and not text.strip():
        return failure  # nothing was said: that is no abstention
    note = None if failure is None else str(failure)
    answer = writer.cited(question, hits, text, note=note)
    return replace(answer, timings=side.timed.timings(side.timed.n_pieces))
