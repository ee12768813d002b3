"""Figures with their 95 % intervals, and what is gained, as cells of a table in Markdown. Pure.

An area under a ROC curve has the interval that DeLong's variance gives; so has the difference of two that are measured
on the same questions. Source: DeLong, DeLong and Clarke-Pearson, Comparing the Areas under Two or More Correlated
Receiver Operating Characteristic Curves, 1988; ranks as in Sun and Xu, Fast Implementation of DeLong's Algorithm, 2014.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag.evaluate.intervals import Difference, Interval, difference, interval

Array = NDArray[np.float64]
_Z = 1.959964  # of 95 %


def percent(value: Interval) -> str:
    """Return a share in per cent with its interval."""
    return f"{100 * value.mean:.1f} % [{100 * value.low:.1f}, {100 * value.high:.1f}]"


def points(gain: Difference) -> str:
    """Return a difference of shares in points with its interval and its p-value."""
    return f"{100 * gain.mean:+.1f} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}], p {_p(gain.p)}"


def plain(value: Interval) -> str:
    """Return an area with its interval."""
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"


def plain_gain(gain: Difference) -> str:
    """Return a difference of areas with its interval and its p-value."""
    return f"{gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}], p {_p(gain.p)}"


def shares(name: str, values: Sequence[ArrayLike]) -> str:
    """Return a line of a table: a name, and each figure's mean with its interval. A figure is 0 to 1 a question."""
    return line(name, *(percent(interval(one)) for one in values))


def gains(name: str, new: Sequence[ArrayLike], old: Sequence[ArrayLike]) -> str:
    """Return a line of a table: what each figure gained, question by question."""
    return line(name, *(points(difference(a, b)) for a, b in zip(new, old, strict=True)))


def line(*cells: str) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(cells)} |"


def head(*cells: str) -> str:
    """Return the first two lines of a table."""
    return f"{line(*cells)}\n|{'---|' * len(cells)}"


def area(confidence: ArrayLike, is_positive: ArrayLike) -> Interval:
    """Return the AUROC with its interval.

    Raises:
        ValueError: all questions are of one kind.
    """
    positives, negatives = _placements(confidence, is_positive)
    mean, error = float(positives.mean()), math.sqrt(_variance(positives) + _variance(negatives))
    return Interval(mean, max(0.0, mean - _Z * error), min(1.0, mean + _Z * error), len(positives) + len(negatives))


def area_gained(new: ArrayLike, old: ArrayLike, is_positive: ArrayLike) -> Difference:
    """Return how much more area one confidence has than another on the same questions.

    Raises:
        ValueError: all questions are of one kind.
    """
    ahead, behind = _placements(new, is_positive), _placements(old, is_positive)
    positives, negatives = ahead[0] - behind[0], ahead[1] - behind[1]
    mean, error = float(positives.mean()), math.sqrt(_variance(positives) + _variance(negatives))
    p = math.erfc(abs(mean) / error / math.sqrt(2)) if error else float(mean == 0)
    return Difference(mean, mean - _Z * error, mean + _Z * error, p, len(positives) + len(negatives))


def calibration_error(told: ArrayLike, came: ArrayLike, n_parts: int = 10) -> float:
    """Return the mean distance of probability and share, over parts of equal size.

    Source: Guo et al., On Calibration of Modern Neural Networks, 2017; parts of equal size as in Nguyen and O'Connor,
    Posterior Calibration and Exploratory Analysis for NLP Models, 2015.
    """
    found = reliability(told, came, n_parts)
    n = sum(size for _, _, size in found)
    return sum(size * abs(mean - share) for mean, share, size in found) / n if n else 0.0


def reliability(told: ArrayLike, came: ArrayLike, n_parts: int = 10) -> list[tuple[float, float, int]]:
    """Return for each of up to `n_parts` parts of equal size: the mean probability, the share that came true, n."""
    probability, true = np.asarray(told, np.float64), np.asarray(came, np.float64)
    parts = [part for part in np.array_split(np.argsort(probability, kind="stable"), n_parts) if len(part)]
    return [(float(probability[part].mean()), float(true[part].mean()), len(part)) for part in parts]


def _p(value: float) -> str:
    return "< .001" if value < 0.001 else f"{value:.3f}"


def _variance(values: Array) -> float:
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else 0.0


def _placements(confidence: ArrayLike, is_positive: ArrayLike) -> tuple[Array, Array]:
    """Return for each positive the share of negatives below it, for each negative the share of positives above it."""
    scores, positive = np.asarray(confidence, np.float64), np.asarray(is_positive, bool)
    above, below = scores[positive], scores[~positive]
    if not len(above) or not len(below):
        raise ValueError("An area needs questions of both kinds.")
    ranks = _ranks(scores)
    of_positives = (ranks[positive] - _ranks(above)) / len(below)
    of_negatives = 1 - (ranks[~positive] - _ranks(below)) / len(above)
    return of_positives, of_negatives


def _ranks(scores: Array) -> Array:
    """Return ranks from 1; those that are equal share the mean of theirs."""
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks: Array = (np.cumsum(counts) - (counts - 1) / 2)[group]
    return ranks


def by_name(rows: Sequence[Mapping[str, float]]) -> dict[str, Array]:
    """Return the figures of many questions, each as one array; all have the same names."""
    return {name: np.array([row[name] for row in rows]) for name in rows[0]} if rows else {}
