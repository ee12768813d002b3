"""Do the hits answer at all? A logistic regression on five plain numbers.

The weights are round numbers, chosen by hand so that long questions to table-heavy documents, which share few of their
words with a row, are not refused. `python -m benchmarks.abstention` measures them (docs/LOG.md), `--fit` fits others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer, each 0 to 1; meaning is None where there are no vectors."""

    meaning: float | None  # best inner product of a sentence with the question
    passage_meaning: float | None  # the same of a passage
    words: float  # best share of the question's idf in one sentence
    passage_words: float  # the same in one passage
    unknown: bool = False  # the question names someone, something or a year that the documents never mention


WEIGHTS = {"meaning": 6.0, "passage meaning": 4.0, "words": 1.0, "passage words": 1.0, "unknown": -2.5, "bias": -4.4}
WORDS_ONLY = {"words": 8.0, "unknown": -2.5, "bias": -4.0}


def probability_of_answer(evidence: Evidence) -> float:
    """Return the probability that the hits hold an answer."""
    return 1 / (1 + math.exp(-_score(evidence)))


def _score(evidence: Evidence) -> float:
    if evidence.meaning is None:
        words = WORDS_ONLY["words"] * max(evidence.words, evidence.passage_words)
        return words + WORDS_ONLY["unknown"] * evidence.unknown + WORDS_ONLY["bias"]
    passage_meaning = evidence.meaning if evidence.passage_meaning is None else evidence.passage_meaning
    return (
        WEIGHTS["meaning"] * evidence.meaning
        + WEIGHTS["passage meaning"] * passage_meaning
        + WEIGHTS["words"] * evidence.words
        + WEIGHTS["passage words"] * evidence.passage_words
        + WEIGHTS["unknown"] * evidence.unknown
        + WEIGHTS["bias"]
    )
