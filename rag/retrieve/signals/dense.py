"""Meaning: the inner product of a passage's vector with the question's.

Source: Karpukhin et al., Dense Passage Retrieval for Open-Domain Question Answering, 2020; the encoder: Reimers and
Gurevych, Sentence-BERT, 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.retrieve.candidates import Asked, Candidates, Places, Scores
from rag.types import DenseIndex, Floats

N_PROPOSED = 1000


class ExactScores(DenseIndex, Protocol):
    """A dense index that can also score passages that others proposed."""

    def scores(self, vector: Floats, ids: Sequence[int] | NDArray[np.int64]) -> Floats:
        """Return one score an id; NaN where the id has no vector."""
        ...


@dataclass(frozen=True, slots=True)
class Dense:
    """The similarity of meaning, -1 to 1; NaN for a passage without a vector, and for all while there are none."""

    index: ExactScores | None
    places: Places

    def propose(self, asked: Asked) -> list[int]:
        """Return the nearest passages."""
        if self.index is None or asked.vector is None:
            return []
        among = None if asked.keys is None else self.places.passage_ids(asked.keys, with_vectors=True)
        return [id_ for id_, _ in self.index.search(asked.vector, N_PROPOSED, among=among)]

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the similarity of each candidate."""
        if self.index is None or asked.vector is None:
            return np.full(len(candidates), np.nan)
        return self.index.scores(asked.vector, candidates.ids).astype(np.float64)


@dataclass(frozen=True, slots=True)
class OtherMeaning:
    """The same for the question in other words: "capital expenditure" as "purchases of property, plant and equipment".

    Source: Carpineto and Romano, A Survey of Automatic Query Expansion in Information Retrieval, 2012.
    """

    index: ExactScores | None
    places: Places

    def propose(self, asked: Asked) -> list[int]:
        """Return the nearest passages."""
        if self.index is None or asked.other_vectors is None:
            return []
        among = None if asked.keys is None else self.places.passage_ids(asked.keys, with_vectors=True)
        vectors = asked.other_vectors
        return [id_ for vector in vectors for id_, _ in self.index.search(vector, N_PROPOSED, among=among)]

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the best similarity of each candidate; NaN for all when there are no other words."""
        if self.index is None or asked.other_vectors is None or not len(asked.other_vectors):
            return np.full(len(candidates), np.nan)
        scores = [self.index.scores(vector, candidates.ids) for vector in asked.other_vectors]
        return np.asarray(np.max(scores, axis=0), np.float64)
