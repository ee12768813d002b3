"""A follow-up made to stand alone by a language model: taken where it is sure and says nothing new, else by rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rag.answer.language import SharedModel
from rag.answer.llm import LocalModel
from rag.library import Library
from rag.retrieve.rewrite import Exchange, Rewritten, standalone
from rag.retrieve.trusted import can_be_trusted, tidied
from rag.rewriting import LEAST_SURE, can_rewrite, rewritten
from rag.types import IsCancelled, Turn
from tests import made_models

HISTORY = [
    Exchange("Who built the Crystal Palace?", "Joseph Paxton built the Crystal Palace in 1851."),
    Exchange("Where did the Crystal Palace stand?", "In Hyde Park."),
]
FOLLOW_UP = "What happened to it after the exhibition?"
STANDS = "What happened to the Crystal Palace after the exhibition?"


class Taught:
    """A model that was taught to rewrite, and says what the test wants."""

    name = "taught"
    n_context = 2048
    is_tuned = True

    def __init__(self, text: str = STANDS, sure: float = 0.9) -> None:
        self.text, self.sure = text, math.log(sure)
        self.heard: list[Sequence[Turn]] = []

    def count(self, text: str) -> int:
        return len(text.split())

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        self.heard.append(turns)
        yield self.text

    def sure_reply(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> tuple[str, float]:
        self.heard.append(turns)
        return self.text, self.sure


def loaded(model: Taught) -> SharedModel:
    shared = SharedModel("taught", lambda: model)
    with shared.turn():
        pass
    return shared


def never() -> bool:
    return False


def ask(model: Taught, question: str = FOLLOW_UP, history: Sequence[Exchange] = HISTORY) -> Rewritten:
    return rewritten(question, history, loaded(model), is_cancelled=never)


def test_a_sure_model_that_says_nothing_new_is_believed() -> None:
    model = Taught()
    assert ask(model) == Rewritten(STANDS, by="model")
    said = model.heard[0][-1].text
    assert FOLLOW_UP in said
    assert "Joseph Paxton" in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "What happened to the Titanic after the exhibition?",  # nobody named it
        "The Crystal Palace burnt down in 1936.",  # an answer
        "Where did the Crystal Palace stand?",  # the question before
        "What happened to the Crystal Palace?",  # half of it lost
        "When did the Crystal Palace stand after the exhibition?",  # asks something else
        STANDS + " " + "And the Crystal Palace " * 10,
    ],
)
def test_what_cannot_be_trusted_is_left_to_the_rules(text: str) -> None:
    assert ask(Taught(text)) == standalone(FOLLOW_UP, HISTORY)


def test_a_model_that_is_not_sure_is_left_to_the_rules() -> None:
    assert ask(Taught(sure=LEAST_SURE - 0.05)) == standalone(FOLLOW_UP, HISTORY)
    assert ask(Taught(sure=LEAST_SURE + 0.05)).by == "model"


def test_a_question_that_leans_on_something_is_not_left_alone_because_the_model_does() -> None:
    assert ask(Taught(FOLLOW_UP)) == standalone(FOLLOW_UP, HISTORY)


def test_a_question_that_names_what_it_is_about_is_looked_for_at_once() -> None:
    model, alone = Taught(), "Where was Joseph Paxton born?"
    assert ask(model, alone).query == alone
    assert not model.heard


def test_a_question_without_a_name_may_lean_on_what_was_said() -> None:
    model = Taught("What was shown in the Crystal Palace in 1851?")
    assert ask(model, "What was shown there in 1851?").by == "model"
    assert ask(Taught("How are fountains built?"), "How are fountains built?").query == "How are fountains built?"


def test_the_first_question_is_never_rewritten_and_the_model_not_asked() -> None:
    model = Taught()
    assert ask(model, history=[]).query == FOLLOW_UP
    assert not model.heard


def test_a_model_that_is_busy_or_not_loaded_is_not_waited_for() -> None:
    model = Taught()
    shared = loaded(model)
    with shared.turn():
        assert rewritten(FOLLOW_UP, HISTORY, shared, is_cancelled=never) == standalone(FOLLOW_UP, HISTORY)
    cold = SharedModel("cold", lambda: model)
    assert rewritten(FOLLOW_UP, HISTORY, cold, is_cancelled=never) == standalone(FOLLOW_UP, HISTORY)
    assert rewritten(FOLLOW_UP, HISTORY, None, is_cancelled=never) == standalone(FOLLOW_UP, HISTORY)
    assert not model.heard


def test_a_small_model_that_was_not_taught_is_not_asked() -> None:
    class Small(Taught):
        is_tuned = False
        n_parameters = 135_000_000

    class Large(Small):
        n_parameters = 4_000_000_000

    small = Small()
    assert ask(small) == standalone(FOLLOW_UP, HISTORY)
    assert not small.heard
    assert can_rewrite(Large())


def test_a_long_conversation_is_cut_to_the_models_room() -> None:
    model = Taught()
    model.n_context = 800
    long = [Exchange(f"What of number {n}?", "word " * 60) for n in range(40)]
    ask(model, history=[*long, *HISTORY])
    assert "number 0" not in model.heard[0][-1].text
    assert "Joseph Paxton" in model.heard[0][-1].text


def test_labels_and_quotes_are_taken_off() -> None:
    assert tidied(f'\nRewritten question: "{STANDS}"\nBecause it is.') == STANDS
    assert tidied("") == ""


def test_words_of_the_history_may_be_used_and_no_others() -> None:
    assert can_be_trusted("Why did Joseph Paxton build it?", "Why did he build it?", HISTORY)
    assert not can_be_trusted("Why did Isambard Brunel build it?", "Why did he build it?", HISTORY)


def test_a_model_is_as_sure_as_its_tokens_are_probable(tmp_path: Path) -> None:
    import torch

    model = LocalModel(made_models.tiny_llama(tmp_path), device="cpu", n_threads=1)
    turns = [Turn("user", "Why is the sky blue?")]
    text, sure = model.sure_reply(turns, max_tokens=12, is_cancelled=never)
    assert text == "".join(model.stream(turns, max_tokens=12, is_cancelled=never))
    prompt = model.prompt(turns)
    out = model._model.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        max_new_tokens=12,
        do_sample=False,
        output_scores=True,
        return_dict_in_generate=True,
    )
    logs = model._model.compute_transition_scores(out.sequences, out.scores, normalize_logits=True)
    assert sure == pytest.approx(float(logs[0].mean()), abs=1e-4)
    assert model.sure_reply(turns, max_tokens=12, is_cancelled=lambda: True)[1] == -math.inf


def test_a_library_asks_its_model_and_looks_for_what_was_said_too(library: Library) -> None:
    library.model = loaded(Taught())
    assert library.standalone(FOLLOW_UP, HISTORY).query == STANDS
