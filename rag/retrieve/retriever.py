"""A question to candidates, best first.

    proposers (meaning, words, pages)  ->  candidates  ->  every signal scores them  ->  fused
    ->  what the pages say together  ->  the best are read closely  ->  fused again

Each signal that has a weight is standardised over the candidates; the sum ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from rag.retrieve.candidates import Asked, Candidates, Places, Proposer, Scores, Signal
from rag.retrieve.fuse import Sum
from rag.retrieve.ranking import Ranking, nothing
from rag.retrieve.signals.pages import neighbours, second_best
from rag.retrieve.weights import Weights, counts

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
_S = TypeVar("_S")
_T = TypeVar("_T")
_beside = ThreadPoolExecutor(4, "meaning")
OF_PAGES = {"page, other passages": second_best, "pages beside": neighbours}


@dataclass(frozen=True, slots=True)
class Retriever:
    """Signals by name, asked together.

    Args:
        proposers: find candidates.
        signals: score all of them.
        close: score only the best, which they get best first, from their text.
        beside: proposers that work in threads of their own, meanwhile: those whose work holds no lock of Python's.
    """

    places: Places
    proposers: Mapping[str, Proposer]
    signals: Mapping[str, Signal]
    close: Mapping[str, Signal] = field(default_factory=dict)
    beside: Collection[str] = ()

    def retrieve(self, asked: Asked, weights: Weights) -> Ranking:
        """Return the best thousand candidates, best first, ties by id. Signals that count for nothing stay silent."""
        weighs = counts(weights, asked.understood)
        candidates, fused = self._fused(asked, weighs, {name for name, weight in weighs.items() if weight})
        if not len(candidates):
            return nothing()
        similarity = fused.raw.get(MEANING, np.full(len(candidates), np.nan))
        best = np.lexsort((candidates.ids, -fused.total))[:N_RANKED]
        shares = {name: of_each[best] for name, of_each in fused.shares.items() if of_each.any()}
        return Ranking(candidates.ids[best], fused.total[best], similarity[best], shares)

    def scores(self, asked: Asked, weights: Weights) -> tuple[Candidates, dict[str, Scores]]:
        """Return the candidates, and what each signal with a weight gives them, on its own scale."""
        candidates, fused = self._fused(asked, counts(weights, asked.understood), set(weights))
        return candidates, fused.raw

    def _fused(self, asked: Asked, weights: Mapping[str, float], speaking: Collection[str]) -> tuple[Candidates, Sum]:
        """Return the candidates that the proposers with a weight find, and the sum of those signals that speak."""
        proposers = {name: proposer for name, proposer in self.proposers.items() if name in weights}
        proposed = self._told(proposers, lambda one: np.asarray(one.propose(asked), np.int64), asked)
        ids = np.unique(np.concatenate([*proposed.values(), np.zeros(0, np.int64)]))
        candidates = Candidates.of(self.places.passage_places(ids))
        fused = Sum(len(candidates), weights, plain=PLAIN)
        if not len(candidates):
            return candidates, fused
        every: dict[str, Signal] = {**proposers, **self.signals}
        told = {name: signal for name, signal in every.items() if name in speaking or name == MEANING}
        for name, scores in self._told(told, lambda signal: signal(asked, candidates), asked).items():
            fused.add(name, scores)
        so_far = fused.total
        for name in (name for name in OF_PAGES if name in speaking):
            fused.add(name, OF_PAGES[name](so_far, candidates))
        best = np.argsort(-fused.total, kind="stable")[:N_CLOSE]
        part = candidates.part(best)
        for name in (name for name in self.close if name in speaking):
            fused.add(name, _spread(self.close[name](asked, part), best, len(candidates)))
        return candidates, fused

    def _told(self, of: Mapping[str, _S], tell: Callable[[_S], _T], asked: Asked) -> dict[str, _T]:
        """Return what each of them tells, in their order. Within chosen documents there is too little for threads."""
        beside = self.beside if asked.keys is None else ()
        meanwhile = {name: _beside.submit(tell, one) for name, one in of.items() if name in beside}
        told = {name: tell(one) for name, one in of.items() if name not in meanwhile}
        told |= {name: future.result() for name, future in meanwhile.items()}
        return {name: told[name] for name in of}


def _spread(scores: Scores, places: np.typing.NDArray[np.intp], n: int) -> Scores:
    """Return the scores of a part as scores of all: what was not looked at, or is NaN, has the lowest."""
    lowest = np.nanmin(scores, initial=0.0)
    spread = np.full(n, lowest)
    spread[places] = np.where(np.isfinite(scores), scores, lowest)
    return spread
