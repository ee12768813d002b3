"""What a question asks for, told by a network of one layer or two: the kind of its answer, and where that stands.

    vector of the question (384) * 10, features of its words  ->  [hidden, ReLU]  ->  answer type (10), evidence (3)

In: the vector that finding passages needs anyway, and the question. Numpy only. The weights lie in rag/assets with a
card that names data, command, seed and figures: `footnote train questions` writes both.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, get_args

import numpy as np

from rag.errors import ModelMissing
from rag.networks import words
from rag.networks.rules import kinds_by_rules
from rag.types import AnswerType, EvidenceKind, Floats

ANSWER_TYPES: tuple[AnswerType, ...] = get_args(AnswerType)
EVIDENCE_KINDS: tuple[EvidenceKind, ...] = get_args(EvidenceKind)
WEIGHTS, CARD = "questions.safetensors", "questions.json"
VECTOR_SCALE = 10.0  # the numbers of a unit vector are small beside the features' zeros and ones

Evidence = tuple[tuple[EvidenceKind, float], ...]


def network_input(questions: list[str], vectors: Floats) -> Floats:
    """Return what the network sees, shape (n, n_dims + words.N_FEATURES)."""
    features = np.array([words.features(question) for question in questions], np.float32)
    return np.hstack([vectors * np.float32(VECTOR_SCALE), features.reshape(len(questions), words.N_FEATURES)])


def words_digest() -> str:
    """Return what changes when the features do: weights are of no use to others than those they were learnt with."""
    return hashlib.sha256(json.dumps([words.NAMES, words.MENTIONS]).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, eq=False)
class QuestionKinds:
    """The network, ready to be asked."""

    weights: dict[str, Floats]
    card: dict[str, Any]

    @classmethod
    def load(cls, folder: Traversable | None = None) -> QuestionKinds:
        """Return the network in `folder`, by default the one that is shipped; read once.

        Raises:
            ModelMissing: a file is missing, or is not the one that its card names.
        """
        return _shipped() if folder is None else _read(folder)

    def fits(self, encoder_id: str) -> bool:
        """Tell whether the vectors of this encoder are those that it was trained on."""
        return bool(encoder_id == self.card["encoder"])

    def predict(self, question: str, vector: Floats | None) -> tuple[AnswerType, Evidence]:
        """Return the kind of answer asked for, and the probability that it stands in a table, in prose, in a figure.

        `vector`: the question's, shape (n_dims,); None, or one of another length: rules decide.
        """
        if vector is None or vector.shape != (self.card["n_dims"],):
            return kinds_by_rules(question)
        of_type, of_evidence = self.probabilities([question], vector[None])
        best = ANSWER_TYPES[int(np.argmax(of_type[0]))]
        return best, tuple(zip(EVIDENCE_KINDS, of_evidence[0].tolist(), strict=True))

    def probabilities(self, questions: list[str], vectors: Floats) -> tuple[Floats, Floats]:
        """Return the probabilities of the answer types (n, 10) and of the kinds of evidence (n, 3)."""
        x = network_input(questions, vectors)
        if "hidden.weight" in self.weights:
            x = np.maximum(x @ self.weights["hidden.weight"].T + self.weights["hidden.bias"], 0)
        of_type, of_evidence = (
            _softmax(x @ self.weights[f"{head}.weight"].T + self.weights[f"{head}.bias"])
            for head in ("answer_type", "evidence")
        )
        return of_type, of_evidence


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = raised / raised.sum(axis=1, keepdims=True)
    return probabilities


@lru_cache(maxsize=1)
def _shipped() -> QuestionKinds:
    return _read(resources.files("rag").joinpath("assets"))


def _read(folder: Traversable) -> QuestionKinds:
    from safetensors import SafetensorError  # noqa: PLC0415  (not for --help)
    from safetensors.numpy import load  # noqa: PLC0415

    again = "Install Footnote again, or train it: footnote train questions --data FOLDER"
    try:
        content = folder.joinpath(WEIGHTS).read_bytes()
        card: dict[str, Any] = json.loads(folder.joinpath(CARD).read_text(encoding="utf-8"))
        weights = load(content)
    except (OSError, ValueError, SafetensorError) as exc:
        raise ModelMissing(f"The network for questions in {folder} cannot be read ({exc}). {again}") from exc
    if hashlib.sha256(content).hexdigest() != card.get("sha256"):
        raise ModelMissing(f"{WEIGHTS} in {folder} is not the file that {CARD} names. {again}")
    if card.get("words") != words_digest():
        raise ModelMissing(f"{WEIGHTS} in {folder} was trained on other features than this version has. {again}")
    return QuestionKinds(weights, card)
