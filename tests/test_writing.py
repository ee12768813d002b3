"""Writers take turns, and what was written before a failure or a stop is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from rag.errors import ModelError
from rag.types import Answer, Hit, IsCancelled, ReaderName
from rag.writing import STOPPED, Writer, write


class Reciter:
    """A writer that recites words, and breaks off after `n_good` of them."""

    def __init__(self, name: ReaderName, text: str, n_good: int = 99) -> None:
        self.name, self.words, self.n_good = name, text.split(), n_good
        self.is_closed = False

    def stream(self, question: str, hits: Sequence[Hit], *, is_cancelled: IsCancelled) -> Iterator[str]:
        try:
            for i, word in enumerate(self.words):
                if is_cancelled():
                    return
                if i == self.n_good:
                    raise ModelError("The server broke off.")
                yield f"{word} "
        finally:
            self.is_closed = True

    def cited(self, question: str, hits: Sequence[Hit], text: str, *, note: str | None = None) -> Answer:
        return Answer(question, self.name, text.strip(), (), tuple(hits), abstained=not text.strip(), note=note)


def run(
    *writers: Reciter, is_cancelled: IsCancelled = lambda: False
) -> tuple[dict[ReaderName, Answer | ModelError], list[tuple[ReaderName, str]]]:
    heard: list[tuple[ReaderName, str]] = []
    named: dict[ReaderName, Writer] = {writer.name: writer for writer in writers}
    said = write(named, "Why?", (), on_piece=lambda name, piece: heard.append((name, piece)), is_cancelled=is_cancelled)
    return said, heard


def text_of(outcome: Answer | ModelError) -> str:
    assert isinstance(outcome, Answer)
    return outcome.text


def test_both_sides_are_written_together_a_piece_each_in_turn() -> None:
    said, heard = run(Reciter("grounded", "a b c"), Reciter("ungrounded", "x y"))
    assert [piece for _, piece in heard] == ["a ", "x ", "b ", "y ", "c "]
    assert (text_of(said["grounded"]), text_of(said["ungrounded"])) == ("a b c", "x y")


def test_what_was_written_before_a_failure_is_kept_and_says_why_it_ends() -> None:
    said, _ = run(Reciter("grounded", "a b c", n_good=2))
    answer = said["grounded"]
    assert isinstance(answer, Answer)
    assert (answer.text, answer.note) == ("a b", "The server broke off.")


def test_a_failure_before_the_first_word_is_reported_and_the_other_side_goes_on() -> None:
    said, _ = run(Reciter("grounded", "a b", n_good=0), Reciter("ungrounded", "x y"))
    assert isinstance(said["grounded"], ModelError)
    assert text_of(said["ungrounded"]) == "x y"


def test_a_stopped_answer_says_so() -> None:
    heard: list[str] = []
    writer = Reciter("grounded", "a b c d")
    said = write(
        {"grounded": writer},
        "Why?",
        (),
        on_piece=lambda _, piece: heard.append(piece),
        is_cancelled=lambda: len(heard) >= 2,
    )
    answer = said["grounded"]
    assert isinstance(answer, Answer)
    assert (answer.text, answer.note) == ("a b", STOPPED)


def test_streams_are_closed_when_the_listener_fails() -> None:
    writer = Reciter("grounded", "a b c")

    def refuse(_: ReaderName, __: str) -> None:
        raise RuntimeError("nobody listens")

    with pytest.raises(RuntimeError):
        write({"grounded": writer}, "Why?", (), on_piece=refuse, is_cancelled=lambda: False)
    assert writer.is_closed


def test_what_is_stopped_before_its_first_word_is_no_abstention() -> None:
    said, _ = run(Reciter("grounded", "a b"), is_cancelled=lambda: True)
    assert isinstance(said["grounded"], ModelError)
    assert str(said["grounded"]) == STOPPED


def test_a_side_that_had_ended_is_not_called_stopped() -> None:
    heard: list[str] = []
    writers: dict[ReaderName, Writer] = {
        "grounded": Reciter("grounded", "a"),
        "ungrounded": Reciter("ungrounded", "v w x y z"),
    }
    said = write(
        writers,
        "Why?",
        (),
        on_piece=lambda _, piece: heard.append(piece),
        is_cancelled=lambda: len(heard) >= 4,
    )
    grounded, ungrounded = said["grounded"], said["ungrounded"]
    assert isinstance(grounded, Answer)
    assert isinstance(ungrounded, Answer)
    assert (grounded.note, ungrounded.note) == (None, STOPPED)
