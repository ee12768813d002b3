"""The network for questions: what is shipped, its rules beside it, and how it is trained."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import InputError, ModelMissing
from rag.networks import kinds, words
from rag.networks.examples import part, read_examples
from rag.networks.kinds import Training, train_questions
from rag.networks.questions import ANSWER_TYPES, CARD, EVIDENCE_KINDS, WEIGHTS, QuestionKinds, network_input
from rag.networks.rules import kinds_by_rules
from rag.networks.training import Recipe
from rag.types import Floats


class BagOfWords:
    """An encoder of a few dimensions: a word's place is its hash."""

    id = "bag@1/16"
    n_dims = 16

    def encode(self, texts: Any, *, on_done: Any = None) -> Floats:
        vectors = np.zeros((len(texts), self.n_dims), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in text.lower().split():
                row[hashlib.sha256(word.encode()).digest()[0] % self.n_dims] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sets of a few questions, in the layout of their authors."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "squad").mkdir()
    (folder / "tables").mkdir()
    asked = [("Who built the mill?", "Jan Novak"), ("When was it built?", "1821"), ("What turns the wheel?", "water")]
    articles = [
        {
            "title": f"Mill {n}",
            "paragraphs": [
                {"context": "", "qas": [{"question": q, "answers": [{"text": a, "answer_start": 0}]} for q, a in asked]}
            ],
        }
        for n in range(30)
    ]
    tables = [
        {
            "table": {"uid": f"t{n}"},
            "questions": [
                {
                    "question": f"What was revenue from item {n} in 2019?",
                    "answer": ["120"],
                    "answer_type": "span",
                    "answer_from": "table",
                    "scale": "million",
                },
                {
                    "question": f"How does the company value item {n}?",
                    "answer": ["it is valued at cost"],
                    "answer_type": "span",
                    "answer_from": "text",
                    "scale": "",
                },
            ],
        }
        for n in range(30)
    ]
    lines = io.StringIO()
    table = csv.writer(lines, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
    table.writerow(["id", "utterance", "context", "targetValue"])
    table.writerows([f"nt-{n}", f"which team won round {n}?", f"csv/{n}.csv", "Reds"] for n in range(30))
    for name, text in (
        ("squad/train-v1.1.json.gz", json.dumps({"data": articles})),
        ("tables/tatqa.json.gz", json.dumps(tables)),
        ("tables/wikitables_train.tsv.gz", lines.getvalue()),
    ):
        (folder / name).write_bytes(gzip.compress(text.encode()))
    return folder


def short(data: Path, folder: Path, **other: Any) -> Training:
    return Training(
        data,
        folder / "out",
        folder / "work",
        **({"hidden": 8, "worded_each": 12, "recipe": Recipe(epochs=4, batch=64, learning_rate=0.01)} | other),
    )


@pytest.fixture(scope="module")
def shipped() -> QuestionKinds:
    return QuestionKinds.load()


def test_what_is_shipped_is_small_and_knows_every_kind(shipped: QuestionKinds) -> None:
    assert sum(weights.nbytes for weights in shipped.weights.values()) < 1_000_000
    assert tuple(shipped.card["answer types"]) == ANSWER_TYPES
    assert tuple(shipped.card["evidence kinds"]) == EVIDENCE_KINDS
    assert shipped.weights["answer_type.bias"].shape == (len(ANSWER_TYPES),)


def test_the_shipped_card_names_figures_command_and_data(shipped: QuestionKinds) -> None:
    assert shipped.card["made by"].startswith("footnote train questions")
    assert any("SQuAD" in source for source in shipped.card["data"])
    assert any(name.startswith("figures") for name in shipped.card)


def test_probabilities_add_up_to_one(shipped: QuestionKinds) -> None:
    vectors = np.eye(3, shipped.card["n_dims"], dtype=np.float32)
    of_type, of_evidence = shipped.probabilities(["Why?", "What is Figure 3?", "How many?"], vectors)
    assert np.allclose(of_type.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(of_evidence.sum(axis=1), 1, atol=1e-5)


def test_without_a_vector_or_with_one_of_another_encoder_rules_decide(shipped: QuestionKinds) -> None:
    question = "How many boats are there?"
    assert shipped.predict(question, None) == kinds_by_rules(question)
    assert shipped.predict(question, np.ones(7, np.float32)) == kinds_by_rules(question)
    assert shipped.fits(shipped.card["encoder"])
    assert not shipped.fits("another@0/1")


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many boats are there?", "number"),
        ("What were the fees?", "money"),
        ("What is the gross margin?", "percentage"),
        ("When did it sink?", "date"),
        ("Who found it?", "person"),
        ("Where is it?", "place"),
        ("Which company owns it?", "entity"),
        ("What is the name of the boat?", "entity"),
        ("Is it afloat?", "yes/no"),
        ("List the boats.", "list"),
        ("Why did it sink?", "explanation"),
    ],
)
def test_rules_tell_every_kind(question: str, kind: str) -> None:
    assert kinds_by_rules(question)[0] == kind


def test_rules_see_tables_and_figures() -> None:
    def probability(question: str, of: str) -> float:
        evidence = kinds_by_rules(question)[1]
        assert sum(p for _, p in evidence) == pytest.approx(1)
        return {str(kind): p for kind, p in evidence}[of]

    assert probability("What were total assets in FY18?", "table") > 0.5 > probability("Who founded it?", "table")
    assert probability("What does Figure 2 show?", "figure") > 0.5 > probability("What were total assets?", "figure")


def test_training_writes_weights_that_load_and_a_card_that_tells_of_them(data: Path, tmp_path: Path) -> None:
    card = train_questions(short(data, tmp_path), BagOfWords())
    network = QuestionKinds.load(tmp_path / "out")
    assert network.card["sha256"] == card["sha256"]
    assert network.fits(BagOfWords.id)
    asked = ["What was total revenue in 2019?", "Is the bridge protected by law?"]
    (kind, of_revenue), (_, of_bridge) = (
        network.predict(question, vector) for question, vector in zip(asked, BagOfWords().encode(asked), strict=True)
    )
    assert kind == "money"
    assert dict(of_revenue)["table"] > 0.5 > dict(of_bridge)["table"]
    assert card["data"]["TAT-QA, dev (Zhu et al. 2021), CC BY 4.0"] >= 60


def test_the_same_seed_trains_the_same_weights(data: Path, tmp_path: Path) -> None:
    first = train_questions(short(data, tmp_path / "a"), BagOfWords())
    again = train_questions(short(data, tmp_path / "b"), BagOfWords())
    other = train_questions(short(data, tmp_path / "c", recipe=Recipe(epochs=4, seed=1)), BagOfWords())
    assert first["sha256"] == again["sha256"] != other["sha256"]


def test_numpy_computes_what_torch_does(data: Path, tmp_path: Path) -> None:
    import torch
    from torch import nn

    train_questions(short(data, tmp_path), BagOfWords())
    network = QuestionKinds.load(tmp_path / "out")
    asked = ["Who built the mill?", "What was revenue?"]
    x = torch.from_numpy(network_input(asked, BagOfWords().encode(asked)))
    layers = {name: nn.Linear(*reversed(network.weights[f"{name}.weight"].shape)) for name in ("hidden", "evidence")}
    for name, layer in layers.items():
        layer.load_state_dict(
            {part: torch.from_numpy(network.weights[f"{name}.{part}"]) for part in ("weight", "bias")}
        )
    with torch.no_grad():
        expected = torch.softmax(layers["evidence"](torch.relu(layers["hidden"](x))), dim=1).numpy()
    assert np.allclose(network.probabilities(asked, BagOfWords().encode(asked))[1], expected, atol=1e-5)


def test_vectors_are_made_once(data: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    train_questions(short(data, tmp_path), BagOfWords(), on_vectors=lambda done, of: told.append((done, of)))
    assert told and told[-1][0] == told[-1][1]
    told.clear()
    train_questions(short(data, tmp_path), BagOfWords(), on_vectors=lambda done, of: told.append((done, of)))
    assert told == []


def test_a_group_is_learnt_or_left_out_as_a_whole(data: Path) -> None:
    examples = read_examples(data, 0, worded_each=2)
    parts = {e.group: part(e.group) for e in examples}
    assert {e.group for e in examples if e.source == "SQuAD"} == {f"Mill {n}" for n in range(30)}
    assert set(parts.values()) == set(range(10))


def test_missing_and_broken_data_are_named(data: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"train-v1.1.json.gz cannot be read"):
        read_examples(tmp_path, 0)
    (tmp_path / "squad").mkdir()
    (tmp_path / "squad" / "train-v1.1.json.gz").write_bytes(gzip.compress(b"no json"))
    with pytest.raises(InputError, match="no JSON"):
        read_examples(tmp_path, 0)
    (tmp_path / "squad" / "train-v1.1.json.gz").write_bytes(gzip.compress(b'{"data": [{"title": "x"}]}'))
    with pytest.raises(InputError, match="paragraphs"):
        read_examples(tmp_path, 0)


def test_changed_weights_and_other_features_are_refused(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_questions(short(data, tmp_path), BagOfWords())
    out = tmp_path / "out"
    content = (out / WEIGHTS).read_bytes()
    (out / WEIGHTS).write_bytes(content[:-4] + b"\0\0\x80\x3f")
    with pytest.raises(ModelMissing, match="not the file"):
        QuestionKinds.load(out)
    (out / WEIGHTS).write_bytes(content[:50])
    with pytest.raises(ModelMissing, match="cannot be read"):
        QuestionKinds.load(out)
    (out / WEIGHTS).write_bytes(content)
    with monkeypatch.context() as patch:
        patch.setattr(words, "NAMES", (*words.NAMES, "one more"))
        with pytest.raises(ModelMissing, match="other features"):
            QuestionKinds.load(out)
    (out / CARD).unlink()
    with pytest.raises(ModelMissing):
        QuestionKinds.load(out)


def test_auroc_counts_pairs_and_ties_by_half() -> None:
    scores = np.array([0.9, 0.5, 0.5, 0.1], np.float32)
    assert kinds.auroc(np.array([True, True, False, False]), scores) == pytest.approx(0.875)
