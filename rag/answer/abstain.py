"""Do the hits answer at all? A logistic regression on five plain numbers, and on what a network says of the passages.

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
    answered: float | None = None  # probability by a network that one of the passages answers; None: it was not asked
    prose: float = 1.0  # probability that the answer stands in prose


WEIGHTS = {"meaning": 6.0, "passage meaning": 4.0, "words": 1.0, "passage words": 1.0, "unknown": -2.5, "bias": -4.4}
TOLD = {"answered": 0.7, "bias": 0.3}  # fitted on articles of SQuAD's training set that were kept aside
_LEAST = 0.01  # probability: beyond it the network is no surer
WORDS_ONLY = {"words": 8.0, "unknown": -2.5, "bias": -4.0}


def probability_of_answer(evidence: Evidence) -> float:
    """Return the probability that the hits hold an answer."""
    return 1 / (1 + math.exp(-(_score(evidence) + _told(evidence))))


def _told(evidence: Evidence) -> float:
    """Return what the network adds. It speaks against an answer only as far as prose is asked for: it reads rows worse.

    Its probability counts by its logit, so that it can be combined with the score.
    """
    if evidence.answered is None:
        return 0.0
    answered = min(max(evidence.answered, _LEAST), 1 - _LEAST)
    told = TOLD["answered"] * math.log(answered / (1 - answered)) + TOLD["bias"]
    return told if told > 0 else told * evidence.prose


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
