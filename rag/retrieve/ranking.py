"""Ranked candidates: parallel arrays, best first. A candidate is put together when it is looked at.

A ranking holds a thousand candidates with a dozen shares each; a search looks at a hundred of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np

from rag.retrieve.candidates import Ids, Scores


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with its score, and the shares that the signals have in it."""

    id: int
    score: float
    similarity: float | None  # inner product with the question's vector
    signals: tuple[tuple[str, float], ...]
    relevance: float | None = None  # probability that it answers; None until calibrated


@dataclass(frozen=True, slots=True, eq=False)
class Ranking(Sequence[Candidate]):
    """Candidates, best first; arrays of n, and of n for each signal."""

    ids: Ids
    scores: Scores
    similarities: Scores  # NaN: there is no vector
    shares: Mapping[str, Scores]  # of the signals, by name
    relevances: Scores | None = None  # None until calibrated

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> Candidate: ...

    @overload
    def __getitem__(self, at: slice) -> list[Candidate]: ...

    def __getitem__(self, at: int | slice) -> Candidate | list[Candidate]:
        if isinstance(at, slice):
            return [self._candidate(i) for i in range(*at.indices(len(self)))]
        return self._candidate(range(len(self))[at])

    def _candidate(self, i: int) -> Candidate:
        similarity = float(self.similarities[i])
        return Candidate(
            int(self.ids[i]),
            float(self.scores[i]),
            None if math.isnan(similarity) else similarity,
            tuple((name, float(shares[i])) for name, shares in self.shares.items()),
            None if self.relevances is None else float(self.relevances[i]),
        )

    def judged(self, relevances: Scores) -> Ranking:
        """Return it with the probability of each candidate."""
        return replace(self, relevances=relevances)


@dataclass(frozen=True, slots=True, eq=False)
class Reordered(Sequence[Candidate]):
    """Candidates of which the first were put in another order, or left out; the others are as they were."""

    first: Sequence[Candidate]  # in place of the first `n_replaced`
    before: Sequence[Candidate]
    n_replaced: int

    def __len__(self) -> int:
        return len(self.first) + max(0, len(self.before) - self.n_replaced)

    @overload
    def __getitem__(self, at: int) -> Candidate: ...

    @overload
    def __getitem__(self, at: slice) -> list[Candidate]: ...

    def __getitem__(self, at: int | slice) -> Candidate | list[Candidate]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        i = range(len(self))[at]
        return self.first[i] if i < len(self.first) else self.before[self.n_replaced + i - len(self.first)]


def nothing() -> Ranking:
    """Return the ranking of no candidates."""
    return Ranking(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), {})
