"""What a model has read is used again for a prompt that begins alike, and the text stays the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.answer.llm import LocalModel
from rag.answer.prefixes import KEPT, LEAST, Prefixes, n_common
from rag.types import Turn
from tests import made_models

RULES = Turn("system", "Answer from the passages alone, and write the number of the passage.")
QUESTIONS = ["Why is the sky blue?", "Why is the sea blue, then?", "Who asked that first?"]


class Cache:
    """What transformers keeps, as far as it is cut: the tokens themselves."""

    def __init__(self, tokens: list[int]) -> None:
        self.tokens, self.layers = tokens, [DynamicLayer()]

    def crop(self, n: int) -> None:
        assert n < 0
        self.tokens = self.tokens[:n]


class DynamicLayer:
    pass


class SlidingLayer:
    pass


def never() -> bool:
    return False


@pytest.fixture
def model(tmp_path: Path) -> LocalModel:
    return LocalModel(made_models.tiny_llama(tmp_path), device="cpu", n_threads=1)


def read_by(model: LocalModel) -> list[int]:
    """How many tokens each step reads from now on."""
    lengths: list[int] = []
    step = model._step

    def counted(tokens: list[int], past: Any) -> Any:
        lengths.append(len(tokens))
        return step(tokens, past)

    model._step = counted  # type: ignore[method-assign]
    return lengths


def said(model: LocalModel, *turns: Turn, max_tokens: int = 20) -> str:
    return "".join(model.stream(turns, max_tokens=max_tokens, is_cancelled=never))


def test_a_cache_is_cut_to_what_two_prompts_have_in_common() -> None:
    prefixes, first = Prefixes(), list(range(100))
    prefixes.give(first, Cache(first))
    other = [*range(50), 7, 8, 9]
    past, n = prefixes.take(other)
    assert (n, past.tokens) == (50, list(range(50)))
    assert prefixes.take(other) == (None, 0), "it is in use"


def test_the_last_token_is_always_read_again() -> None:
    prefixes, prompt = Prefixes(), list(range(60))
    prefixes.give(prompt, Cache(prompt))
    assert prefixes.take(prompt)[1] == 59


def test_a_cache_is_not_cut_for_a_few_tokens() -> None:
    prefixes, first = Prefixes(), list(range(100))
    prefixes.give(first, Cache(first))
    assert prefixes.take([*range(LEAST - 1), -1, -2]) == (None, 0)
    assert prefixes.take(first)[1] == 99


def test_the_one_that_has_most_in_common_is_taken_and_the_oldest_is_forgotten() -> None:
    prefixes = Prefixes()
    prompts = [[n] * 40 + list(range(60)) for n in range(KEPT + 1)]
    for prompt in prompts:
        prefixes.give(prompt, Cache(prompt))
    assert prefixes.take(prompts[0]) == (None, 0)
    assert prefixes.take(prompts[-1])[1] == 99
    prefixes.forget()
    assert prefixes.take(prompts[1]) == (None, 0)


def test_a_cache_that_cannot_be_turned_back_is_not_kept() -> None:
    prefixes, prompt = Prefixes(), list(range(60))
    sliding = Cache(prompt)
    sliding.layers.append(SlidingLayer())  # type: ignore[arg-type]
    prefixes.give(prompt, sliding)
    prefixes.give(prompt, None)
    prefixes.give(prompt, object())
    assert prefixes.take(prompt) == (None, 0)


def test_what_is_common_ends_at_the_first_difference() -> None:
    assert n_common([1, 2, 3], [1, 2, 4, 3]) == 2
    assert n_common([], [1]) == 0


# -------------------------------------------------------------------------------------------------- in a model


def test_the_questions_of_a_chat_read_their_beginning_once_and_the_text_is_the_same(
    model: LocalModel, tmp_path: Path
) -> None:
    alone = []
    for question in QUESTIONS:
        fresh = LocalModel(tmp_path, device="cpu", n_threads=1)
        alone.append(said(fresh, RULES, Turn("user", question)))
    lengths, together = read_by(model), []
    for question in QUESTIONS:
        lengths.clear()
        together.append(said(model, RULES, Turn("user", question)))
        if question is not QUESTIONS[0]:
            assert lengths[0] < len(model.prompt([RULES, Turn("user", question)])) - LEAST
    assert together == alone


def test_the_same_question_again_reads_one_token(model: LocalModel) -> None:
    first = said(model, RULES, Turn("user", QUESTIONS[0]))
    lengths = read_by(model)
    assert said(model, RULES, Turn("user", QUESTIONS[0])) == first
    assert lengths[0] == 1


def test_a_cancelled_stream_leaves_what_it_read_sound(model: LocalModel, tmp_path: Path) -> None:
    turns = (RULES, Turn("user", QUESTIONS[0]))
    stream = model.stream(turns, max_tokens=20, is_cancelled=never)
    for _ in range(5):
        next(stream)
    stream.close()
    fresh = LocalModel(tmp_path, device="cpu", n_threads=1)
    lengths = read_by(model)
    assert said(model, *turns) == said(fresh, *turns)
    assert lengths[0] == 1
    other = (RULES, Turn("user", QUESTIONS[1]))
    assert said(model, *other) == said(fresh, *other)


def test_a_stream_that_is_cancelled_while_it_reads_leaves_what_it_read_sound(
    model: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "_prefill", 40)
    looked: list[int] = []

    def soon() -> bool:
        looked.append(1)
        return len(looked) > 1

    turns = (RULES, Turn("user", QUESTIONS[0]))
    assert list(model.stream(turns, max_tokens=20, is_cancelled=soon)) == []
    lengths = read_by(model)
    assert said(model, *turns) == said(LocalModel(tmp_path, device="cpu", n_threads=1), *turns)
    assert sum(lengths) < len(model.prompt(turns)) + 20 - 40 + 1


def test_a_step_that_fails_leaves_no_cache(model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = (RULES, Turn("user", QUESTIONS[0]))
    expected = said(model, *turns)
    step = model._step

    def failing(tokens: list[int], past: Any) -> Any:
        step(tokens, past)
        raise MemoryError

    monkeypatch.setattr(model, "_step", failing)
    with pytest.raises(Exception, match="ran out of memory"):
        said(model, *turns)
    monkeypatch.setattr(model, "_step", step)
    assert said(model, *turns) == expected


def test_two_streams_in_turn_never_share_a_cache(model: LocalModel, tmp_path: Path) -> None:
    pairs = [(RULES, Turn("user", question)) for question in QUESTIONS[:2]]
    fresh = LocalModel(tmp_path, device="cpu", n_threads=1)
    expected = [said(fresh, *turns) for turns in pairs]
    said(model, RULES, Turn("user", QUESTIONS[2]))
    streams = [model.stream(turns, max_tokens=20, is_cancelled=never) for turns in pairs]
    texts = ["", ""]
    for _ in range(40):
        for i, stream in enumerate(streams):
            texts[i] += next(stream, "")
    assert texts == expected


def test_a_sliding_window_is_read_anew_and_says_the_same(tmp_path: Path) -> None:
    model = LocalModel(made_models.tiny_sliding(tmp_path, window=24), device="cpu", n_threads=1)
    first = said(model, RULES, Turn("user", QUESTIONS[0]))
    lengths = read_by(model)
    assert said(model, RULES, Turn("user", QUESTIONS[0])) == first
    assert lengths[0] > LEAST
