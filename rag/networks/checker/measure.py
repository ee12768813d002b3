"""How good the checker is: macro F1, reliability, a temperature, thresholds. Pure: numpy, probabilities and labels.

Sources: Guo et al., On Calibration of Modern Neural Networks, 2017 (temperature, reliability, expected error).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.answer.facts import Source, lacking
from rag.networks import metrics
from rag.networks.checker.network import softmax
from rag.networks.checker.pairs import LABELS, NOT_SUPPORTED, Label, Pair
from rag.types import Floats

_TEMPERATURES = np.geomspace(0.3, 5.0, 400)
_N_BINS = 10
_SURE_SUPPORTED, _SURE_CONTRADICTED = 0.9, 0.85  # share of those said to be so that are, from the threshold on
_LOWEST, _HIGHEST = 0.5, 0.98  # between which a threshold lies


@dataclass(frozen=True, slots=True)
class Scores:
    """Macro F1 over the verdicts that occur, F1 of each, and the share that is right."""

    macro_f1: float
    f1: dict[str, float]
    right: float
    n: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as it stands in a card."""
        return asdict(self)


def targets(pairs: Sequence[Pair]) -> NDArray[np.int64]:
    """Return the number of each pair's label, shape (n,): 0, 1, 2 in the network's order, 3 for "not supported"."""
    order = (*LABELS, NOT_SUPPORTED)
    return np.array([order.index(pair.label) for pair in pairs], np.int64)


def scores(labels: Sequence[Label], told: Sequence[Label]) -> Scores:
    """Return how well what was told fits the labels.

    A pair that is "not supported" counts against "supported" only: told to be anything else it is right, and in no
    label's F1.
    """
    pairs = list(zip(labels, told, strict=True))
    f1 = {label: _f1(pairs, label) for label in LABELS if label in labels}
    right = sum(said != "supported" if label == NOT_SUPPORTED else said == label for label, said in pairs)
    mean = sum(f1.values()) / max(1, len(f1))
    return Scores(
        round(mean, 4), {k: round(v, 4) for k, v in f1.items()}, round(right / max(1, len(pairs)), 4), len(pairs)
    )


def _f1(pairs: Sequence[tuple[Label, Label]], label: Label) -> float:
    """Return 2 * both / (labels + told). Source: van Rijsbergen, Information Retrieval, 1979."""
    counted = [(is_, said) for is_, said in pairs if is_ != NOT_SUPPORTED or said == label == "supported"]
    n_both = sum(is_ == said == label for is_, said in counted)
    n_either = sum((is_ == label) + (said == label) for is_, said in counted)
    return 2 * n_both / max(1, n_either)


def most_likely(probabilities: Floats) -> list[Label]:
    """Return the label of the highest probability of each row."""
    return [LABELS[int(i)] for i in probabilities.argmax(axis=1)]


def as_judged(pairs: Sequence[Pair], probabilities: Floats) -> Floats:
    """Return the probabilities as claims of answers get them: what lacks a fact is never supported.

    An article's title stands for the document's name, which claims may use.
    """
    lacks = [
        bool(lacking(p.claim, Source(p.evidence, p.group.replace("_", " ") if p.source == "squad" else "")))
        for p in pairs
    ]
    kept = probabilities.copy()
    kept[lacks, 0] = 0
    return kept


def told_by(probabilities: Floats, thresholds: dict[str, float]) -> list[Label]:
    """Return the verdicts: supported or contradicted from its threshold on, else unsupported."""
    return [
        "supported"
        if row[0] >= thresholds["supported"]
        else "contradicted"
        if row[1] >= thresholds["contradicted"]
        else "unsupported"
        for row in probabilities
    ]


def log_loss(logits: Floats, wanted: NDArray[np.int64], temperature: float) -> float:
    """Return the mean of -log p of what is wanted; "not supported" (3) has the probability of the other two."""
    p = softmax(logits, temperature)
    of_wanted = np.where(wanted == len(LABELS), 1 - p[:, 0], p[np.arange(len(p)), np.minimum(wanted, len(LABELS) - 1)])
    return float(-np.log(np.maximum(of_wanted, 1e-9)).mean())


def fitted_temperature(logits: Floats, wanted: NDArray[np.int64]) -> float:
    """Return the temperature with the smallest loss, to three digits."""
    losses = [log_loss(logits, wanted, float(t)) for t in _TEMPERATURES]
    return round(float(_TEMPERATURES[int(np.argmin(losses))]), 3)


def fitted_thresholds(probabilities: Floats, wanted: NDArray[np.int64]) -> dict[str, float]:
    """Return from which probability on "supported" and "contradicted" are right often enough."""
    known = wanted < len(LABELS)
    return {
        "supported": _threshold(probabilities[:, 0], wanted == 0, _SURE_SUPPORTED),
        "contradicted": _threshold(probabilities[known, 1], wanted[known] == 1, _SURE_CONTRADICTED),
    }


def _threshold(values: Floats, is_right: NDArray[np.bool_], sure: float) -> float:
    """Return the lowest threshold at which the share `sure` of what passes is right."""
    for threshold in np.arange(_LOWEST, _HIGHEST, 0.01):
        passes = values >= threshold
        if passes.any() and is_right[passes].mean() >= sure:
            return round(float(threshold), 2)
    return _HIGHEST


def reliability(probabilities: Floats, wanted: NDArray[np.int64]) -> dict[str, Any]:
    """Return for bins of the probability of "supported" how often it was right, and the mean gap (expected error)."""
    bins = metrics.reliability(probabilities[:, 0], wanted == 0, _N_BINS)
    gap = sum(abs(said - right) * n for said, right, n in bins) / len(wanted)
    rows = [{"said": round(said, 3), "right": round(right, 3), "n": n} for said, right, n in bins]
    return {"expected error": round(gap, 4), "bins": rows}
