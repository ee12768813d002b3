"""What measures a network: answers against gold answers, scores against labels. Pure."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.types import Floats

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> str:
    """Return an answer as it is compared: lower case, without punctuation, articles and further white space.

    Source: Rajpurkar et al., SQuAD: 100,000+ Questions for Machine Comprehension of Text, 2016; its evaluation script.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(said: str, gold: Collection[str]) -> float:
    """Return 1 when the answer equals one of the gold answers, both normalised. Source: as `normalised`."""
    return float(any(normalised(said) == normalised(answer) for answer in gold))


def f1(said: str, gold: Collection[str]) -> float:
    """Return the harmonic mean of precision and recall of the answer's words, against the nearest gold answer.

    Source: as `normalised`. An answer without words equals only another one.
    """
    return max((_overlap(normalised(said).split(), normalised(answer).split()) for answer in gold), default=0.0)


def _overlap(said: Sequence[str], gold: Sequence[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    shared = sum((Counter(said) & Counter(gold)).values())
    return 2 * shared / (len(said) + len(gold))


def auroc(is_positive: NDArray[np.bool_], scores: Floats) -> float:
    """Return the probability that a positive has the higher score; ties count half. Both kinds must be there.

    Source: Hanley and McNeil, The Meaning and Use of the Area under a Receiver Operating Characteristic (ROC) Curve,
    1982.
    """
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n_positive = int(is_positive.sum())
    n_negative = len(scores) - n_positive
    above = ranks[is_positive].sum() - n_positive * (n_positive + 1) / 2
    return float(above / (n_positive * n_negative))


def reliability(said: Floats, is_right: NDArray[np.bool_], n_bins: int = 10) -> list[tuple[float, float, int]]:
    """Return for each bin of equal width that holds any: the mean probability said, the share right, how many."""
    bins = np.minimum((said * n_bins).astype(int), n_bins - 1)
    inside = [bins == number for number in range(n_bins)]
    return [(float(said[of].mean()), float(is_right[of].mean()), int(of.sum())) for of in inside if of.any()]
