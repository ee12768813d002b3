"""`footnote train checker`, on data small enough to be learnt in seconds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rag.cli import main
from rag.networks.checker.network import Checker
from rag.networks.checker.train import Training, in_batches, train_checker
from rag.networks.steps import Step

from .made import write_data


@pytest.fixture
def small(tiny_encoder: Path, tmp_path: Path) -> Training:
    return Training(
        data=write_data(tmp_path / "data"),
        out=tmp_path / "out",
        work=tmp_path / "work",
        encoder_folder=tiny_encoder,
        device="cpu",
        passes=0.5,
        learning_rate=1e-3,
    )


def test_training_is_resumed_and_writes_weights_with_their_card(
    small: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.networks.steps._KEEP_EVERY_S", 0.0)
    done: list[Step] = []

    def stopped(step: Step) -> None:
        if step.number == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_checker(small, on_step=stopped)
    card = train_checker(small, code={"commit": "abc"}, on_step=done.append)
    assert [step.number for step in done] == list(range(4, done[-1].of + 1))
    written = json.loads((small.out / "checker.json").read_text())
    assert written["sha256"]
    assert written["code"] == {"commit": "abc"}
    assert 0.5 <= written["thresholds"]["supported"] <= 1
    learnt = {title.split(",")[0]: row["to learn from"] for title, row in written["data"].items()}
    assert learnt["SNLI"] > 0
    assert learnt["COVID-Fact (Saakyan et al. 2021)"] == 0
    assert card["temperature"] == written["temperature"]
    checker = Checker.load(small.encoder_folder, small.out, device="cpu")
    assert checker.probabilities([("a", "b")]).shape == (1, 3)


def test_every_pair_is_learnt_once_a_pass_beside_pairs_of_its_length(small: Training) -> None:
    lengths = [n % 50 for n in range(640)]
    batches = in_batches(lengths, replace(small, passes=1))
    assert sorted(i for batch in batches for i in batch) == list(range(640))
    assert max(max(lengths[i] for i in b) - min(lengths[i] for i in b) for b in batches) <= 5
    longer = in_batches(lengths, replace(small, passes=2.5))
    assert longer[: len(batches)] == batches
    assert len(longer) == 50


def test_missing_data_are_named_before_anything_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "checker", "--data", str(tmp_path)]) == 1
    assert f"{tmp_path / 'nli'}" in capsys.readouterr().err
