"""Words: BM25 of a passage, of its headings, of the whole page, of the document's name and first page.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009; a score a field, added by
weight, in the spirit of BM25F (Robertson, Zaragoza and Taylor, 2004).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.retrieve.candidates import Asked, Candidates, Ids, Places, Scores, best_of_pages, looked_up
from rag.types import PAGES_A_DOCUMENT

N_PROPOSED = 1000
N_PAGES = 100  # whose passages are all proposed
MEANING, FORM = 0.5, 0.25  # what other words for the question's own weigh: by meaning, as an acronym or form


class Words(Protocol):
    """A word index with fields."""

    def search(
        self,
        question: str,
        k: int,
        *,
        documents: Sequence[int] | None = None,
        field: str = "body",
        also: Mapping[str, float] | None = None,
    ) -> list[tuple[int, float]]:
        """Return up to k (id, score), best first."""
        ...

    def ranked(
        self,
        question: str,
        k: int,
        *,
        documents: Sequence[int] | None = None,
        field: str = "body",
        also: Mapping[str, float] | None = None,
    ) -> tuple[Ids, Scores]:
        """Return the same as ids and scores."""
        ...

    def terms(self, question: str) -> list[str]:
        """Return the terms of a text."""
        ...


def other_terms(asked: Asked, words: Words) -> dict[str, float]:
    """Return the terms of what the question's words also may be, with what each weighs.

    What a measure is called in statements counts the more, the surer the answer stands in a table.
    """
    of_meaning = MEANING + (1 - MEANING) * asked.understood.probability("table")
    weights: dict[str, float] = {}
    for expansion in asked.expansions:
        weight = of_meaning if expansion.why == "meaning" else FORM
        for term in (term for text in expansion.also for term in words.terms(text)):
            weights[term] = max(weights.get(term, 0.0), weight)
    return weights


def found_by(index: Words, asked: Asked, field: str) -> tuple[Ids, Scores]:
    """Return the best thousand entries, ids and scores, for the question and what its words also may be."""
    return index.ranked(asked.query, N_PROPOSED, documents=asked.keys, field=field, also=other_terms(asked, index))


@dataclass(frozen=True, slots=True)
class PassageWords:
    """BM25 of a field of the passage; 0 beyond the best thousand."""

    index: Words
    field: str = "body"

    def propose(self, asked: Asked) -> Ids:
        """Return the passages that hold most of the question's rare words."""
        return found_by(self.index, asked, self.field)[0]

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the score of each candidate."""
        return looked_up(found_by(self.index, asked, self.field), candidates.ids)


@dataclass(frozen=True, slots=True)
class PageWords:
    """The best BM25 of a field of the pages that a passage stands on; 0 beyond the best thousand."""

    index: Words
    places: Places
    field: str = "body"

    def propose(self, asked: Asked) -> list[int]:
        """Return all passages of the best pages."""
        return self.places.passages_on(
            [divmod(key, PAGES_A_DOCUMENT) for key in found_by(self.index, asked, self.field)[0][:N_PAGES].tolist()]
        )

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the score of each candidate."""
        return best_of_pages(found_by(self.index, asked, self.field), candidates)


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """BM25 of a field of the document: its title and file name, or its first page. Nothing when one is asked."""

    index: Words
    field: str = "title"

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the score of each candidate's document."""
        found = self.index.ranked(asked.query, N_PROPOSED, documents=asked.keys, field=self.field)
        return looked_up(found, candidates.documents)
