"""Small to big: a passage by its best few words in a row, or by its best row.

A passage that holds all words of a question in one sentence answers it sooner than one that has them scattered.

Source: Tao and Zhai, An Exploration of Proximity Measures in Information Retrieval, 2007; Metzler and Croft, A Markov
Random Field Model for Term Dependencies, 2005 (words of the question that stand side by side); Callan, Passage-Level
Evidence in Document Retrieval, 1994 (the best window stands for the whole).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from rag.retrieve.candidates import Asked, Candidates, Scores
from rag.retrieve.signals.texts import Closely, Read, Spot, Texts

WINDOW = 24  # words
_SIDE_BY_SIDE = 2  # words from the first to the second
_ABOVE = 0.5  # what a term weighs that stands in a row's heading only


@dataclass(frozen=True, slots=True)
class BestWindow:
    """The share of the question's terms, by rarity, that stand within 24 words."""

    texts: Texts

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the share for each candidate, 0 to 1."""
        read = self.texts.read(asked, candidates)
        total = sum(read.weights[: read.n_own]) or 1.0
        return _each(read, lambda one: best_window(tuple(chain(*one.lines)), read.weights) / total)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The share of neighbouring terms of the question, by rarity, that stand side by side in the passage too."""

    texts: Texts

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the share for each candidate, 0 to 1."""
        read = self.texts.read(asked, candidates)
        weights = read.weights
        pairs = {pair: min(weights[pair[0]], weights[pair[1]]) for pair in pairwise(range(read.n_own))}
        total = sum(pairs.values()) or 1.0
        return _each(
            read, lambda one: sum(pairs.get(pair, 0.0) for pair in neighbours(tuple(chain(*one.lines)))) / total
        )


@dataclass(frozen=True, slots=True)
class BestRow:
    """The share of the question's terms, by rarity, that one row of a table holds, with half of those above it."""

    texts: Texts

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the share for each candidate, 0 to 1; 0 for what is no table."""
        read = self.texts.read(asked, candidates)
        total = sum(read.weights[: read.n_own]) or 1.0
        return _each(read, lambda one: best_row(one, read.weights) / total if one.passage.kind == "table" else 0.0)


def _each(read: Closely, score: Callable[[Read], float]) -> Scores:
    return np.array([np.nan if one is None else score(one) for one in read.passages], np.float64)


def best_window(spots: Sequence[Spot], weights: Sequence[float], width: int = WINDOW) -> float:
    """Return the most that the different terms within `width` words weigh together; spots in the order of words."""
    best = held = 0.0
    first, counts = 0, [0] * len(weights)
    for at, term in spots:
        if not counts[term]:
            held += weights[term]
        counts[term] += 1
        while at - spots[first][0] >= width:
            gone = spots[first][1]
            counts[gone] -= 1
            if not counts[gone]:
                held -= weights[gone]
            first += 1
        best = max(best, held)
    return best


def neighbours(spots: Sequence[Spot]) -> set[tuple[int, int]]:
    """Return the pairs of different terms of which the second follows the first at once, or one word later."""
    return {
        (term, other)
        for (at, term), (then, other) in chain(pairwise(spots), zip(spots, spots[2:], strict=False))
        if term != other and then - at <= _SIDE_BY_SIDE
    }


def best_row(one: Read, weights: Sequence[float]) -> float:
    """Return the most that the terms of one line weigh, with half of what those weigh that only stand above it."""
    above = sum(weights[term] for term in one.above)
    best = _ABOVE * above
    for line in one.lines:
        held = {term for _, term in line}
        best = max(best, sum(weights[t] for t in held) + _ABOVE * sum(weights[t] for t in one.above - held))
    return best
