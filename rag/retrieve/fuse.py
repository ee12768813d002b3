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


def fuse(
    signals: Mapping[str, Scores], weights: Mapping[str, float], *, plain: Collection[str] = ()
) -> tuple[Scores, dict[str, Scores]]:
    """Return the weighted sum of the standardised signals, and the share of it that each signal gives, by name.

    Every signal holds one score a candidate, in the same order. Those of `plain` are added as they are, NaN as their
    mean: what holds or does not hold counts the same whether one candidate of a thousand has it, or half of them.
    """
    shares = {
        name: weights[name] * (filled(scores) if name in plain else standardise(scores))
        for name, scores in signals.items()
    }
    total = np.zeros(len(next(iter(signals.values())))) if signals else np.zeros(0)
    for scores in shares.values():
        total = total + scores
    return total, shares
