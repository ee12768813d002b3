"""A question to candidates, best first.

    proposers (meaning, words, pages)  ->  candidates  ->  every signal scores them  ->  fused
    ->  what the pages say together  ->  the best are read closely  ->  fused again

Each signal that has a weight is standardised over the candidates; the sum ranks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rag.retrieve.candidates import Asked, Candidates, Places, Proposer, Scores, Signal
from rag.retrieve.fuse import fuse
from rag.retrieve.signals.pages import neighbours, second_best
from rag.retrieve.weights import Weights

N_RANKED = 1_000  # candidates that are returned
N_CLOSE = 200  # candidates whose text is looked at
MEANING = "meaning"  # the signal that is the similarity of vectors
PLAIN = frozenset(
    (
        "page named",
        "section named",
        "part named",
        "phrase",
        "document named",
        "document period",
        "period",
        "statement",
        "best sentence",
    )
)  # signals from 0 to 1 that are not standardised
OF_PAGES = {"page, other passages": second_best, "pages beside": neighbours}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with its score, and the shares that the signals have in it."""

    id: int
    score: float
    similarity: float | None  # inner product with the question's vector
    signals: tuple[tuple[str, float], ...]
    relevance: float | None = None  # probability that it answers; None until calibrated


@dataclass(frozen=True, slots=True)
class Retriever:
    """Signals by name, asked together.

    Args:
        proposers: find candidates.
        signals: score all of them.
        close: score only the best, which they get best first, from their text.
    """

    places: Places
    proposers: Mapping[str, Proposer]
    signals: Mapping[str, Signal]
    close: Mapping[str, Signal] = field(default_factory=dict)

    def retrieve(self, asked: Asked, weights: Weights) -> list[Candidate]:
        """Return the best thousand candidates, best first, ties by id."""
        candidates, raw = self.scores(asked, weights)
        if not len(candidates):
            return []
        total, shares = fuse(raw, {name: weights[name].of(asked.understood) for name in raw}, plain=PLAIN)
        similarity = raw.get(MEANING, np.full(len(candidates), np.nan))
        names = [name for name, of_each in shares.items() if of_each.any()]
        best = np.lexsort((candidates.ids, -total))[:N_RANKED]
        rows = np.stack([shares[name][best] for name in names], axis=1).tolist() if names else [[]] * len(best)
        ids, scores, similarity = candidates.ids[best].tolist(), total[best].tolist(), similarity[best].tolist()
        return [
            Candidate(id_, score, None if math.isnan(alike) else alike, tuple(zip(names, row, strict=True)))
            for id_, score, alike, row in zip(ids, scores, similarity, rows, strict=True)
        ]

    def scores(self, asked: Asked, weights: Weights) -> tuple[Candidates, dict[str, Scores]]:
        """Return the candidates, and what each signal with a weight gives them, on its own scale."""
        proposed: set[int] = set()
        for name, proposer in self.proposers.items():
            if name in weights:
                proposed.update(proposer.propose(asked))
        candidates = Candidates.of(self.places.passage_places(sorted(proposed)))
        if not len(candidates):
            return candidates, {}
        every: dict[str, Signal] = {**self.proposers, **self.signals}
        raw = {name: signal(asked, candidates) for name, signal in every.items() if name in weights}
        counts = {name: weights[name].of(asked.understood) for name in weights}
        so_far, _ = fuse(raw, counts, plain=PLAIN)
        raw |= {name: of_page(so_far, candidates) for name, of_page in OF_PAGES.items() if name in weights}
        wanted = {name: signal for name, signal in self.close.items() if name in weights}
        if wanted:
            so_far, _ = fuse(raw, counts, plain=PLAIN)
            best = np.argsort(-so_far, kind="stable")[:N_CLOSE]
            part = candidates.part(best)
            for name, signal in wanted.items():
                raw[name] = _spread(signal(asked, part), best, len(candidates))
        return candidates, raw


def _spread(scores: Scores, places: np.typing.NDArray[np.intp], n: int) -> Scores:
    """Return the scores of a part as scores of all: what was not looked at, or is NaN, has the lowest."""
    lowest = np.nanmin(scores, initial=0.0)
    spread = np.full(n, lowest)
    spread[places] = np.where(np.isfinite(scores), scores, lowest)
    return spread
