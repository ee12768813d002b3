"""Do the hits answer at all? A logistic regression on three plain numbers.

Fitted and measured by `python -m benchmarks.abstention`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer, each 0 to 1."""

    meaning: float  # best inner product of a sentence with the question
    words: float  # best share of the question's idf in one sentence
    passage_words: float  # the same in one passage


WEIGHTS = {"meaning": 7.2, "words": 5.2, "passage words": 0.3, "bias": -5.0}


def probability_of_answer(evidence: Evidence) -> float:
    """Return the probability that the hits hold an answer."""
    score = (
        WEIGHTS["meaning"] * evidence.meaning
        + WEIGHTS["words"] * evidence.words
        + WEIGHTS["passage words"] * evidence.passage_words
        + WEIGHTS["bias"]
    )
    return 1 / (1 + math.exp(-score))
