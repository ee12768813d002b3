"""Does it know when it does not know? Figures of the confidence that comes with each answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag.networks import metrics


def auroc(confidence: ArrayLike, is_answerable: ArrayLike) -> float | None:
    """Return the probability that a question with an answer gets more confidence than one without; ties count half.

    None when all questions are of one kind.
    """
    positive = np.asarray(is_answerable, bool)
    return None if positive.all() or not positive.any() else metrics.auroc(positive, np.asarray(confidence, np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """The share of wrong answers (risk) among the most confident share of the questions (coverage)."""

    coverage: NDArray[np.float64]  # ascending, the last is 1
    risk: NDArray[np.float64]

    @property
    def area(self) -> float:
        """Return the area under the curve (AURC): the mean risk over all coverages; smaller is better."""
        return float(self.risk @ np.diff(self.coverage, prepend=0.0)) if len(self.risk) else 0.0

    def coverage_at(self, risk: float) -> float:
        """Return the largest share of the questions that can be answered with at most this risk."""
        fine = np.flatnonzero(self.risk <= risk)
        return float(self.coverage[fine[-1]]) if len(fine) else 0.0


def risk_coverage(confidence: ArrayLike, is_right: ArrayLike) -> RiskCoverage:
    """Return the curve, a point a question; within equal confidence the risk is what any order gives on average.

    Source: El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, 2010; Geifman and El-Yaniv,
    Selective Classification for Deep Neural Networks, 2017.
    """
    scores, wrong = np.asarray(confidence, np.float64), 1.0 - np.asarray(is_right, np.float64)
    if not len(scores):
        return RiskCoverage(np.zeros(0), np.zeros(0))
    _, group, counts = np.unique(-scores, return_inverse=True, return_counts=True)
    mean_wrong = np.bincount(group, weights=wrong) / counts
    answered = np.arange(1, len(scores) + 1)
    return RiskCoverage(answered / len(scores), np.cumsum(np.repeat(mean_wrong, counts)) / answered)


def risk_of_chance(is_right: Sequence[float]) -> float:
    """Return the area under the curve of a confidence that says nothing: the share of wrong answers."""
    return float(1 - np.mean(is_right)) if len(is_right) else 0.0
