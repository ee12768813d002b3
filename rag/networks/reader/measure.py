"""What the reader is worth on questions kept aside, and how sure it may be: EM, F1, ranking, calibration."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rag.networks.metrics import auroc, exact_match, f1
from rag.networks.reader.corrupted import corrupted, names_in, numbers_in
from rag.networks.reader.squad import Article
from rag.networks.reader.tables import Asked
from rag.types import ReaderNet, Reading

_NEGATIVES = 5  # passages beside the right one


@dataclass(frozen=True, slots=True)
class Judged:
    """A logit of "answered" with what is true of it."""

    logit: float
    answers: bool
    kind: str  # answered, another passage, corrupted question


def measure_prose(
    reader: ReaderNet, articles: Sequence[Article], negatives: Mapping[str, Sequence[int]], *, n: int, seed: int = 0
) -> tuple[dict[str, float], list[Judged]]:
    """Return figures on n questions to their paragraphs, and how the reader judges whether they are answered.

    Each question is read in its own paragraph and in some hard negatives; a third also corrupted, in its own.
    """
    rng = random.Random(seed)
    asked = [(article, question) for article in articles for question in article.questions]
    em, f1s, first, judged = [], [], [], []
    for article, question in rng.sample(asked, min(n, len(asked))):
        others = list(negatives.get(question.id, ()))[:_NEGATIVES]
        texts = [article.paragraphs[question.paragraph], *(article.paragraphs[i] for i in others)]
        readings = reader.read(question.text, texts)
        said = span_of(readings[0], texts[0])
        em.append(exact_match(said, question.answers))
        f1s.append(f1(said, question.answers))
        if others:
            first.append(float(np.argmax([reading.relevance for reading in readings]) == 0))
            judged.append(Judged(logit(readings[1].answered), False, "another passage"))
        judged.append(Judged(logit(readings[0].answered), True, "answered"))
        other = [word for one in article.paragraphs for word in (*names_in(one), *numbers_in(one))]
        changed = corrupted(question.text, texts[0], other, rng) if rng.random() < 1 / 3 else None
        if changed is not None:
            judged.append(Judged(logit(reader.read(changed, texts[:1])[0].answered), False, "corrupted question"))
    figures = {"EM": _mean(em), "F1": _mean(f1s), f"first of {_NEGATIVES + 1}": _mean(first), "n": len(em)}
    is_answered = np.array([one.answers for one in judged])
    figures["AUROC of answered"] = round(auroc(is_answered, np.array([one.logit for one in judged])), 4)
    return figures, judged


def measure_tables(reader: ReaderNet, asked: Sequence[Asked]) -> dict[str, float]:
    """Return figures of questions to tables: every passage of the table is read, the best one answers."""
    em, f1s, right = [], [], []
    for one in asked:
        readings = reader.read(one.text, one.passages)
        best = int(np.argmax([reading.relevance for reading in readings]))
        said = span_of(readings[best], one.passages[best])
        em.append(exact_match(said, one.answers))
        f1s.append(f1(said, one.answers))
        right.append(float(bool(one.places[best])))
    return {"EM": _mean(em), "F1": _mean(f1s), "passage right": _mean(right), "n": len(em)}


def calibrated(judged: Sequence[Judged]) -> dict[str, float]:
    """Return temperature and bias that make sigmoid(logit / temperature + bias) a probability.

    Source: Platt, Probabilistic Outputs for Support Vector Machines, 1999.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  (heavy)

    logits = np.array([[one.logit] for one in judged])
    fitted = LogisticRegression(C=1e6).fit(logits, [one.answers for one in judged])
    return {"temperature": round(1 / float(fitted.coef_[0, 0]), 4), "bias": round(float(fitted.intercept_[0]), 4)}


def span_of(reading: Reading, text: str) -> str:
    """Return the words of a reading."""
    return text[reading.start : reading.end]


def logit(probability: float) -> float:
    """Return the logit of a probability, kept finite."""
    clipped = min(max(probability, 1e-6), 1 - 1e-6)
    return float(np.log(clipped / (1 - clipped)))


def as_card(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures rounded as a card shows them."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
