"""How far a mean can be trusted, and whether two runs differ. Pure; every draw comes from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

N_DRAWS = 10_000
SEED = 20_240_607
_Z = 1.959964  # of 95 %
_AT_ONCE = 4_000_000  # numbers drawn in one step: bounds the memory


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval, of n questions."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean difference of two runs (new - old) with its 95 % interval, and how likely chance alone makes it."""

    mean: float
    low: float
    high: float
    p: float
    n: int


def interval(values: ArrayLike, *, n_draws: int = N_DRAWS, seed: int = SEED) -> Interval:
    """Return the mean with its percentile bootstrap interval; of nothing, zeros.

    Questions are drawn anew with replacement. Source: Efron, Bootstrap Methods: Another Look at the Jackknife, 1979.
    Where all are 0, or all are 1, every draw is the same, which tells nothing of the next question: there it is
    Wilson's. Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.
    """
    numbers = np.asarray(values, np.float64)
    n = len(numbers)
    if not n:
        return Interval(0.0, 0.0, 0.0, 0)
    if (numbers == 0).all():
        return Interval(0.0, 0.0, _Z * _Z / (n + _Z * _Z), n)
    if (numbers == 1).all():
        return Interval(1.0, n / (n + _Z * _Z), 1.0, n)
    low, high = np.percentile(_drawn_means(numbers, n_draws, seed), [2.5, 97.5])
    return Interval(float(numbers.mean()), float(low), float(high), n)


def difference(new: ArrayLike, old: ArrayLike, *, n_draws: int = N_DRAWS, seed: int = SEED) -> Difference:
    """Compare two runs question by question, in the same order.

    The p-value is of a two-sided randomisation test: if the runs were alike, each question's two values could as well
    change places. Source: Fisher, The Design of Experiments, 1935; Smucker, Allan and Carterette, A Comparison of
    Statistical Significance Tests for Information Retrieval Evaluation, 2007. The interval is a paired bootstrap's.

    Raises:
        ValueError: they are not of the same questions.
    """
    pairs = np.asarray(new, np.float64), np.asarray(old, np.float64)
    if pairs[0].shape != pairs[1].shape:
        raise ValueError(f"{len(pairs[0])} values are compared with {len(pairs[1])}")
    gains = pairs[0] - pairs[1]
    if not len(gains):
        return Difference(0.0, 0.0, 0.0, 1.0, 0)
    low, high = np.percentile(_drawn_means(gains, n_draws, seed), [2.5, 97.5])
    return Difference(float(gains.mean()), float(low), float(high), _p_value(gains, n_draws, seed), len(gains))


def _drawn_means(values: NDArray[np.float64], n_draws: int, seed: int) -> NDArray[np.float64]:
    rng, n = np.random.default_rng(seed), len(values)
    step = max(1, _AT_ONCE // n)
    parts = [values[rng.integers(0, n, (min(step, n_draws - i), n))].mean(1) for i in range(0, n_draws, step)]
    return np.concatenate(parts)


def _p_value(gains: NDArray[np.float64], n_draws: int, seed: int) -> float:
    changed = gains[gains != 0]  # equal values may change places without effect
    if not len(changed):
        return 1.0
    rng, seen, step = np.random.default_rng(seed), abs(changed.sum()), max(1, _AT_ONCE // len(changed))
    n_as_far = 0
    for i in range(0, n_draws, step):
        signs = rng.integers(0, 2, (min(step, n_draws - i), len(changed))) * 2 - 1
        n_as_far += int((abs(signs @ changed) >= seen - 1e-12).sum())
    return (n_as_far + 1) / (n_draws + 1)  # the order that was seen is one of those that can be
