"""`footnote train reader`, on data small enough to be learnt in seconds."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.cli import main
from rag.networks.examples import part
from rag.networks.metrics import reliability
from rag.networks.reader.measure import Judged, calibrated, measure_prose, measure_tables
from rag.networks.reader.negatives import hard_negatives
from rag.networks.reader.squad import Article, Question
from rag.networks.reader.tables import Asked
from rag.networks.reader.train import Training, train_reader
from rag.networks.vectors import VectorCache
from rag.types import Reading

from ...conftest import WordEncoder

TOWNS = ("rome", "oslo", "bern", "lima", "riga")


def article(title: str) -> dict[str, object]:
    """Return an article of three paragraphs in SQuAD's layout."""
    return {
        "title": title,
        "paragraphs": [
            {
                "context": f"{title} was in {town} for {n} days. Then it rained.",
                "qas": [
                    {"id": f"{title}{n}", "question": f"For how long was {title} in {town}?", "answers": [_answer(n)]}
                ],
            }
            for n, town in enumerate(TOWNS, start=2)
        ],
    }


def _answer(n: int) -> dict[str, str]:
    return {"text": f"{n} days"}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with every set, in its authors' layout."""
    names = [f"Ship_{i}" for i in range(30)]
    assert {part(name) == 0 for name in names} == {True, False}
    folder = tmp_path / "data"
    (folder / "squad").mkdir(parents=True)
    (folder / "tables").mkdir()
    squad = {"data": [article(name) for name in names]}
    (folder / "squad/train-v1.1.json.gz").write_bytes(gzip.compress(json.dumps(squad).encode()))
    tables = [
        {
            "table": {"uid": f"t{i}", "table": [["", "2019", "2018"], ["Sales", "7,1", "8"], ["Costs", "3", "4"]]},
            "paragraphs": [{"text": "Sales rose in Peru."}],
            "questions": [
                {"uid": f"q{i}", "question": "Costs?", "answer": ["3"], "answer_type": "span", "answer_from": "table"},
                {
                    "uid": f"p{i}",
                    "question": "Where?",
                    "answer": ["Peru"],
                    "answer_type": "span",
                    "answer_from": "text",
                },
            ],
        }
        for i in range(20)
    ]
    (folder / "tables/tatqa.json.gz").write_bytes(gzip.compress(json.dumps(tables).encode()))
    line = "id\tutterance\tcontext\ttargetValue\nnt-0\twho won in 1999?\tcsv/0-csv/0.csv\tanna\n"
    (folder / "tables/wikitables_train.tsv.gz").write_bytes(gzip.compress(line.encode()))
    with tarfile.open(folder / "tables/wikitables_csv.tar.gz", "w:gz") as archive:
        content = b'"year","winner"\n"1999","anna"\n"2000","otto"\n'
        member = tarfile.TarInfo("csv/0-csv/0.csv")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return folder


@pytest.mark.slow
def test_training_is_resumed_and_writes_weights_with_their_card(
    small: Path, tiny_encoder: Path, tmp_path: Path, encoder: WordEncoder
) -> None:
    training = Training(small, tmp_path / "out", tmp_path / "work", tiny_encoder, device="cpu", passes=0.5)
    seen: list[int] = []
    card = train_reader(training, lambda: encoder, on_step=lambda step: seen.append(step.number))
    assert seen == list(range(1, len(seen) + 1))
    written = json.loads((tmp_path / "out/reader.json").read_text())
    assert written["figures, on articles and tables kept aside"] == card["figures, on articles and tables kept aside"]
    assert set(written["answered"]) == {"temperature", "bias"}
    assert (tmp_path / "out/reader.safetensors").stat().st_size == written["bytes"]
    again: list[int] = []
    train_reader(training, lambda: encoder, on_step=lambda step: again.append(step.number))
    assert again == []  # the checkpoint is at its end


def test_missing_data_are_named_before_anything_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "reader", "--data", str(tmp_path)]) == 1
    assert "train-v1.1.json.gz" in capsys.readouterr().err


def test_negatives_look_like_answers_and_hold_none(tmp_path: Path, encoder: WordEncoder) -> None:
    paragraphs = (
        "The red ship sailed to Rome in 1900.",
        "The red ship sailed to Oslo.",
        "Cheese is made of milk.",
        "In Rome the red ship lay for long.",
    )
    question = Question("q", "Where did the red ship sail to in 1900?", 0, ("Rome",))
    found = hard_negatives([Article("Ships", paragraphs, (question,), "Ships")], VectorCache(tmp_path, encoder))
    assert found == {"q": [1, 2]}


class OneSays:
    """A reader that takes the first word of every text, and thinks of its length as relevance."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        return [Reading(len(text), 0.9 if "yes" in text else 0.1, 0, text.find(" "), 1.0) for text in texts]


def test_figures_are_what_they_say() -> None:
    questions = (Question("a", "q?", 0, ("yes",)), Question("b", "q?", 1, ("no",)))
    aside = [Article("A", ("yes it is so and long", "maybe not"), questions, "A")]
    figures, judged = measure_prose(OneSays(), aside, {"a": [1], "b": [0]}, n=10)
    assert (figures["EM"], figures["n"]) == (0.5, 2)
    assert figures["first of 6"] == 0.5
    assert [one.answers for one in judged].count(True) == 2
    asked = Asked("t", "q?", ("seven",), ("seven | and more", "no | it"), (((0, 5),), ()), "t", "TAT-QA")
    assert measure_tables(OneSays(), [asked]) == {"EM": 1.0, "F1": 1.0, "passage right": 1.0, "n": 1}


def test_a_calibrated_probability_is_right_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, 4000)
    answers = rng.random(4000) < 1 / (1 + np.exp(-(logits / 2 - 1)))
    fitted = calibrated([Judged(float(z), bool(y), "") for z, y in zip(logits, answers, strict=True)])
    assert fitted["temperature"] == pytest.approx(2, rel=0.1)
    assert fitted["bias"] == pytest.approx(-1, abs=0.15)
    said = (1 / (1 + np.exp(-(logits / fitted["temperature"] + fitted["bias"])))).astype(np.float32)
    assert all(abs(mean - true) < 0.06 for mean, true, _ in reliability(said, answers))
