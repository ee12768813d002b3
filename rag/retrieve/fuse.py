"""Scores of several signals to one ranking: each is standardised over the candidates, then they are added by weight.

Adding standardised scores keeps the margin by which a passage wins; fusing ranks throws it away.
Source: Fox and Shaw, Combination of Multiple Searches (CombSUM), 1994; Renda and Straccia, Web Metasearch: Rank vs.
Score Based Rank Aggregation Methods (z-score normalisation), 2003.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from rag.retrieve.candidates import Scores


def standardise(scores: Scores) -> Scores:
    """Return (scores - mean) / deviation; NaN (a candidate that the signal knows nothing of) becomes 0, the mean.

    A signal that does not tell the candidates apart becomes 0 everywhere.
    """
    known = np.isfinite(scores)
    if not known.any():
        return np.zeros(len(scores))
    mean, deviation = scores[known].mean(), scores[known].std()
    if deviation < 1e-9:
        return np.zeros(len(scores))
    return np.where(known, (scores - mean) / deviation, 0.0)


def filled(scores: Scores) -> Scores:
    """Return the scores with NaN replaced by the mean of the others, 0 when there are none."""
    known = np.isfinite(scores)
    return np.where(known, scores, scores[known].mean() if known.any() else 0.0)


class Sum:
    """The weighted sum of standardised signals, which come one after the other.

    Every signal holds one score for each of `n` candidates, in the same order. Those of `plain` are added as they are,
    NaN as their mean: what holds or does not hold counts the same whether one candidate of a thousand has it, or half
    of them.
    """

    def __init__(self, n: int, weights: Mapping[str, float], *, plain: Collection[str] = ()) -> None:
        self.total: Scores = np.zeros(n)
        self.shares: dict[str, Scores] = {}  # that each signal gives
        self.raw: dict[str, Scores] = {}  # signals as they came
        self._weights, self._plain = weights, plain

    def add(self, name: str, scores: Scores) -> None:
        """Add a signal by its weight."""
        even = filled(scores) if name in self._plain else standardise(scores)
        self.raw[name], self.shares[name] = scores, self._weights[name] * even
        self.total = self.total + self.shares[name]
