"""The figures of `make bench-words`: citations, rewrites, and replies that are written once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.words import speed
from benchmarks.words.citations import against_gold, by_checker, holds, is_right, unsupported
from benchmarks.words.common import Remembering
from benchmarks.words.rewrites import bleu, rouge1
from rag.answer.llm import LocalModel
from rag.types import Answer, Citation, Claim, Turn, Verdict
from tests.made_models import tiny_llama

CONTEXT = "The mill was built in 1900 by Ada North. It burnt down in 1920."


def cited(quote: str, support: float | None = None) -> Citation:
    return Citation(1, "d", "d.pdf", 1, None, quote, (), (), support)


def claim(verdict: Verdict, *citations: Citation) -> Claim:
    return Claim("text", citations, verdict)


def answer(*claims: Claim) -> Answer:
    return Answer("q", "grounded", "text", claims, (), abstained=False)


def test_a_citation_is_right_in_the_gold_paragraph_however_it_was_typeset_or_with_the_answer() -> None:
    assert is_right("The mill was built in\n1900 by Ada North.", CONTEXT, ["1900"])
    assert is_right("A plaque says 1900.", CONTEXT, ["1900"])
    assert not is_right("A plaque says 19001.", CONTEXT, ["1900"])
    assert not is_right("The church was built in 1850.", CONTEXT, ["1900"])


def test_an_answer_is_held_as_whole_words_in_their_order() -> None:
    assert holds("It was Ada North, they say.", "Ada North") == holds("By Ada North.", "ada north") is True
    assert not holds("North of Ada", "Ada North")
    assert not holds("anything", "")


def test_recall_is_of_sentences_and_precision_of_citations() -> None:
    right, wrong = cited("It burnt down in 1920."), cited("The church stands.")
    found = answer(claim("supported", right, wrong), claim("unsupported"), claim("supported", wrong))
    assert against_gold(found, CONTEXT, ["1900"]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert unsupported(found) == pytest.approx(1 / 3)
    assert by_checker(found) == (1.0, pytest.approx(2 / 3))


def test_of_several_citations_those_beside_the_point_cost_precision() -> None:
    found = answer(claim("supported", cited("a", 0.9), cited("b", 0.1)))
    assert by_checker(found) == (0.5, 1.0)


def test_an_answer_without_citations_has_neither() -> None:
    assert against_gold(answer(claim("unsupported")), CONTEXT, ["1900"]) == (0.0, 0.0)


def test_rewrites_are_compared_by_words_and_by_runs_of_them() -> None:
    assert rouge1("When was Ada born?", "When was she born?") == pytest.approx(0.75)
    assert bleu(["when was ada north born"], ["When was Ada North born?"]) == pytest.approx(1.0)
    assert bleu(["when was she born"], ["When was Ada North born?"]) == 0.0
    short = bleu(["when was ada north"], ["When was Ada North born?"])
    assert short == pytest.approx(2.718281828 ** (1 - 5 / 4))


def test_a_reply_is_written_once_and_kept(tmp_path: Path) -> None:
    model = LocalModel(tiny_llama(tmp_path / "m"), device="cpu")
    file = tmp_path / "replies.jsonl"
    first = Remembering(model, file)
    turns = [Turn("user", "hi")]
    asked: dict[str, Any] = {"max_tokens": 5, "is_cancelled": lambda: False}
    said = list(first.stream(turns, **asked))
    assert list(first.stream(turns, **asked)) == said
    assert len(first.first_s) == 1
    again = Remembering(model, file, dict(json.loads(line) for line in file.read_text().splitlines()))
    assert list(again.stream(turns, **asked)) == said
    assert not again.first_s
    assert "".join(said) == "".join(model.stream(turns, **asked))


def test_both_loops_write_the_same_number_of_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(speed, "PROMPT", "a short prompt")
    monkeypatch.setattr(speed, "N_TOKENS", 8)
    model = LocalModel(tiny_llama(tmp_path), device="cpu")
    ends = model._ends
    assert speed.beside_generate(model, 2) > 0
    assert model._ends == ends
    assert "model.generate" in capsys.readouterr().out
