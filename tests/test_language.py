"""Whose turn it is with a language model, and which one is meant."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rag.answer.language import ModelChoice, SharedModel, forget, forget_others, language_model, measure, prompt_room
from rag.answer.llm import LocalModel
from rag.errors import Cancelled, ModelError
from rag.types import IsCancelled, Turn
from tests import made_models


@dataclass
class Scripted:
    """A model that says what it was told to."""

    pieces: Sequence[str] = ("One ", "two.")
    name: str = "scripted"
    n_context: int = 4096
    heard: list[Sequence[Turn]] = field(default_factory=list)

    def count(self, text: str) -> int:
        return len(text.split())

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        self.heard.append(turns)
        yield from self.pieces[:max_tokens]


def waits_until(is_so: object) -> None:
    deadline = time.monotonic() + 60
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_turns_are_given_in_the_order_of_coming_and_who_waits_is_told_how_many_are_before() -> None:
    shared = SharedModel("m", Scripted)
    order: list[int] = []
    told: dict[int, list[int]] = {i: [] for i in range(4)}
    gates = [threading.Event() for _ in range(4)]

    def one(i: int) -> None:
        with shared.turn(on_wait=told[i].append):
            order.append(i)
            assert gates[i].wait(60)

    threads = []
    for i in range(4):
        threads.append(threading.Thread(target=one, args=(i,)))
        threads[-1].start()
        waits_until(lambda n=i: told[n] == [n] if n else order == [0])
    for i in range(4):
        waits_until(lambda n=i: order == list(range(n + 1)))
        waits_until(lambda n=i: all(told[j][-1] == j - n for j in range(n + 1, 4)))
        gates[i].set()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3]
    assert told[0] == []
    assert told[3] == [3, 2, 1, 0]


def test_whoever_cancels_while_waiting_leaves_the_queue_at_once() -> None:
    shared = SharedModel("m", Scripted)
    told: list[int] = []
    with shared.turn():
        # who cancels is let go while the other one still has the turn, else this would wait for ever
        with pytest.raises(Cancelled), shared.turn(lambda: bool(told), on_wait=told.append):
            raise AssertionError("it was not its turn")
        assert told == [1]
    with shared.turn(on_wait=told.append) as model:
        assert model.name == "scripted"
    assert told == [1], "nobody is left before who comes next"


def test_a_turn_that_fails_gives_the_model_on() -> None:
    shared = SharedModel("m", Scripted)
    with pytest.raises(ZeroDivisionError), shared.turn():
        raise ZeroDivisionError
    with shared.turn(on_wait=lambda n: pytest.fail(f"{n} are still before")) as model:
        assert model.count("a b") == 2


def test_a_model_is_loaded_at_its_first_turn_and_once() -> None:
    loaded: list[Scripted] = []
    shared = SharedModel("m", lambda: loaded.append(Scripted()) or loaded[-1])  # type: ignore[func-returns-value]
    assert loaded == []
    for _ in range(2):
        with shared.turn() as model:
            assert model is loaded[0]
    assert len(loaded) == 1
    shared.close()
    with shared.turn() as model:
        assert model is loaded[1]


def test_a_model_that_cannot_be_loaded_can_be_tried_again() -> None:
    tries: list[int] = []

    def load() -> Scripted:
        tries.append(1)
        if len(tries) == 1:
            raise ModelError("not yet")
        return Scripted()

    shared = SharedModel("m", load)
    with pytest.raises(ModelError), shared.turn():
        pass
    with shared.turn() as model:
        assert model.name == "scripted"


def test_a_choice_has_one_model_in_a_process_until_it_is_forgotten() -> None:
    choice, other = ModelChoice(model="/nowhere/a"), ModelChoice(model="/nowhere/b")
    first = language_model(choice)
    assert language_model(ModelChoice(model="/nowhere/a")) is first
    assert language_model(other) is not first
    forget_others(other)
    assert language_model(choice) is not first
    forget(choice)
    forget(other)
    forget(other)


@pytest.mark.parametrize(
    ("choice", "kind", "label"),
    [
        (ModelChoice(), "built-in", "SmolLM2-135M-Instruct"),
        (ModelChoice(model="Qwen/Qwen3-0.6B"), "local", "Qwen/Qwen3-0.6B"),
        (ModelChoice(model="none", server="http://here", server_model="m"), "server", "m"),
        (ModelChoice(server="http://here"), "server", "http://here"),
        (ModelChoice(model="none"), "none", "none"),
    ],
)
def test_a_server_comes_before_a_model_of_this_machine(choice: ModelChoice, kind: str, label: str) -> None:
    assert (choice.kind, choice.label) == (kind, label)


def test_to_have_no_model_is_a_choice_that_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="No language model is chosen"):
        language_model(ModelChoice(model="none"))


def test_a_key_is_not_shown() -> None:
    assert "secret" not in repr(ModelChoice(server="http://here", server_key="secret"))


def test_a_folder_is_loaded_measured_and_given_a_prompt_that_it_reads_quickly(tmp_path: Path) -> None:
    choice = ModelChoice(model=str(made_models.tiny_llama(tmp_path)), device="cpu", n_threads=1)
    with language_model(choice).turn() as model:
        assert isinstance(model, LocalModel)
        assert model.name == tmp_path.name
        assert prompt_room(model) == 256  # half of what it holds
        speed = measure(model)
    assert speed.first_token_s > 0
    assert speed.tokens_per_s > 1
    assert speed.text
    forget(choice)


def test_a_model_that_says_nothing_has_no_speed() -> None:
    with pytest.raises(ModelError, match="said nothing"):
        measure(Scripted(pieces=()))
