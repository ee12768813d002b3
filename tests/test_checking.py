"""Claims are judged in the flow: after what was written, with the network where it is wanted, and never without need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag import parts
from rag.answer.language import SharedModel
from rag.cli import main
from rag.errors import ModelMissing
from rag.library import Library
from rag.networks.shipped import is_shipped, load_checker
from rag.records import answer_from_json, answer_to_json, answer_to_line
from rag.types import Answer, SupportChecker
from tests.conftest import Parrot, WordEncoder
from tests.test_support import Checker

LINES = ["The Danube rises in the Black Forest.", "It is 2,850 kilometres long, as Humboldt measured it."]


@pytest.fixture
def checker(monkeypatch: pytest.MonkeyPatch) -> Checker:
    """A network whose outputs are fixed, in the place of the one that is shipped."""
    made = Checker({"kilometres": 0.9})
    monkeypatch.setattr(parts, "is_shipped", lambda name: name == "checker")
    monkeypatch.setattr(parts, "load_checker", lambda device: made)
    return made


@pytest.fixture
def rivers(tmp_path: Path, make_pdf: Callable[..., Path]) -> Path:
    library = Library(tmp_path / "rivers", encoder=WordEncoder(), n_threads=1)
    assert library.add(make_pdf([LINES], "rivers.pdf")).status == "added"
    library.close()
    return library.folder


def opened(folder: Path, *, checks: bool = True) -> Library:
    return Library(folder, encoder=WordEncoder(), n_threads=1, model=SharedModel("parrot", Parrot), checks=checks)


def test_what_a_model_says_alone_is_judged_by_the_documents(rivers: Path, checker: Checker) -> None:
    answer = opened(rivers).ask("How long is the Danube?", reader="ungrounded")
    (claim,) = answer.claims
    assert (claim.verdict, claim.citations[0].document, claim.citations[0].page) == ("supported", "rivers.pdf", 1)
    assert claim.support == pytest.approx(0.9)
    assert answer.timings["check"] > 0
    line = answer_to_line(answer)["claims"][0]
    assert (line["verdict"], line["support"], line["citations"][0]["support"]) == ("supported", 0.9, 0.9)
    assert answer_from_json(answer_to_json(answer)) == answer


def test_the_documents_own_words_need_no_network(rivers: Path, checker: Checker) -> None:
    library = opened(rivers)
    assert {claim.verdict for claim in library.ask("How long is the Danube?").claims} == {"verbatim"}
    library.search("How long is the Danube?")
    assert checker.asked == []


def test_the_network_is_left_out_where_that_is_set(rivers: Path, checker: Checker) -> None:
    answer = opened(rivers, checks=False).ask("How long is the Danube?", reader="ungrounded")
    assert checker.asked == []
    assert answer.claims[0].support is None


def test_verdicts_come_when_all_is_written(rivers: Path, checker: Checker) -> None:
    library, pieces = opened(rivers), []
    hits = library.search("How long is the Danube?")

    def heard(name: str, piece: str) -> None:
        assert checker.asked == []  # not while it is written
        pieces.append(piece)

    written = library.write("How long is the Danube?", hits, readers=("grounded", "ungrounded"), on_piece=heard)
    assert pieces
    assert isinstance(written["ungrounded"], Answer)
    assert written["ungrounded"].claims[0].verdict == "supported"


def test_a_network_that_cannot_be_used_is_said_and_rules_judge(
    rivers: Path, checker: Checker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def damaged(device: str) -> SupportChecker:
        raise ModelMissing("checker.safetensors is not the file that its card names.")

    monkeypatch.setattr(parts, "load_checker", damaged)
    answer = opened(rivers).ask("How long is the Danube?", reader="ungrounded")
    assert answer.note == (
        "Its claims were judged by rules alone: checker.safetensors is not the file that its card names."
    )
    assert answer.claims[0].verdict == "unchecked"
    assert "rules alone" in caplog.text


def test_fast_leaves_the_network_out(
    rivers: Path, checker: Checker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rag.libraries.Library", lambda where, *, checks, **_: opened(Path(where), checks=checks))
    asked = ["ask", "How long is the Danube?", "--library", str(rivers), "--reader", "ungrounded", "--text"]
    assert main([*asked, "--fast"]) == 0
    assert checker.asked == []
    assert "not checked against the passage" in capsys.readouterr().out
    assert main(asked) == 0
    assert len(checker.asked) == 1
    assert "supported by this passage (support 90 %)" in capsys.readouterr().out


@pytest.mark.models
@pytest.mark.slow
def test_the_shipped_network_tells_right_from_wrong() -> None:
    if not is_shipped("checker"):
        pytest.skip("the checker's weights are not shipped")
    checker = load_checker("cpu")
    evidence = "The Neocognitron was built by Kunihiko Fukushima in 1980."
    claims = [
        "Kunihiko Fukushima built the Neocognitron.",
        "The Neocognitron was not built by Kunihiko Fukushima.",
        "Cheese is made of milk.",
    ]
    found = checker.probabilities([(claim, evidence) for claim in claims])
    assert found.argmax(axis=1).tolist() == [0, 1, 2]
    assert found.sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-3)
