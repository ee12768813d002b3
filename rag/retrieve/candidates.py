"""What is ranked: the passages that some signal proposed, with what the catalog knows of where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.types import PAGES_A_DOCUMENT, Expansion, Floats, Passage, Understood

Ids = NDArray[np.int64]
Scores = NDArray[np.float64]  # one a candidate, in their order; NaN where a signal knows nothing of one


class Places(Protocol):
    """What the catalog knows of passages."""

    def passage_ids(self, document_keys: Sequence[int] | None, *, with_vectors: bool = False) -> Ids:
        """Return the ids of the passages of these documents, or of all."""
        ...

    def passage_places(self, ids: Sequence[int] | Ids) -> Ids:
        """Return (n, 4), by id: id, document key, first page, last page; ids that are gone are left out."""
        ...

    def passages_on(self, pages: Sequence[tuple[int, int]]) -> list[int]:
        """Return the ids of the passages that stand on these (document key, page)."""
        ...

    def shares_of_digits(self, ids: Sequence[int] | Ids) -> Scores:
        """Return (n, 2), by id: the share of digits of the passage, and of the page that it begins on."""
        ...

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return passages in the order asked; those that are gone are left out."""
        ...

    def index_texts(self, ids: Sequence[int] | Ids) -> Mapping[int, str]:
        """Return what is searched of passages, by id; those that are gone are left out."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question as the signals see it."""

    understood: Understood
    vector: Floats | None = None  # (n_dims,) of the query; None: search by words alone
    other_vectors: Floats | None = None  # (n, n_dims) of what it also may mean
    keys: Sequence[int] | None = None  # catalog keys of the documents to look in; None: all

    @property
    def query(self) -> str:
        """Return what is searched for."""
        return self.understood.query or self.understood.question

    @property
    def expansions(self) -> tuple[Expansion, ...]:
        """Return the other words that are looked for."""
        return self.understood.expansions


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Parallel arrays of n passages, by id."""

    ids: Ids
    documents: Ids  # catalog keys
    first_pages: Ids
    last_pages: Ids

    @classmethod
    def of(cls, rows: Ids) -> Candidates:
        """Return those of the rows that `Places.passage_places` gives."""
        return cls(*(np.ascontiguousarray(column) for column in rows.T))

    def __len__(self) -> int:
        return len(self.ids)

    def pages(self) -> Ids:
        """Return for each the page that it begins on, as one number that no other document's page has."""
        return self.documents * PAGES_A_DOCUMENT + self.first_pages

    def part(self, chosen: NDArray[np.intp]) -> Candidates:
        """Return the chosen ones, in that order."""
        return Candidates(self.ids[chosen], self.documents[chosen], self.first_pages[chosen], self.last_pages[chosen])


def looked_up(found: tuple[Ids, Scores], keys: Ids) -> Scores:
    """Return the score of each key; 0 where it was not found."""
    ids, scores = found
    if not len(ids):
        return np.zeros(len(keys))
    order = np.argsort(ids)
    ids, scores = ids[order], scores[order]
    places = np.searchsorted(ids, keys).clip(max=len(ids) - 1)
    return np.where(ids[places] == keys, scores[places], 0.0)


def values_of(found: Mapping[int, float], keys: Ids) -> Scores:
    """Return the value of each key; 0 where it has none."""
    ids, values = np.fromiter(found, np.int64, len(found)), np.fromiter(found.values(), np.float64, len(found))
    return looked_up((ids, values), keys)


def best_of_pages(found: tuple[Ids, Scores], candidates: Candidates) -> Scores:
    """Return the best score of the pages that each candidate stands on, pages as in `Candidates.pages`; none is 0."""
    first, n_more = candidates.pages(), candidates.last_pages - candidates.first_pages
    best = looked_up(found, first)
    for more in range(1, int(n_more.max(initial=0)) + 1):
        longer = n_more >= more
        best[longer] = np.maximum(best[longer], looked_up(found, first[longer] + more))
    return best


class Signal(Protocol):
    """One thing that speaks for a passage."""

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return one score a candidate; larger is better, on a scale of its own."""
        ...


class Proposer(Signal, Protocol):
    """A signal that also finds candidates by itself."""

    def propose(self, asked: Asked) -> Sequence[int] | Ids:
        """Return the ids of the passages that it ranks highest, within the documents asked."""
        ...
