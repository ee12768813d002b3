"""Words: BM25 of a passage, of its headings, of the whole page, of the document's name and first page.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009; a score a field, added by
weight, in the spirit of BM25F (Robertson, Zaragoza and Taylor, 2004).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rag.retrieve.candidates import Asked, Candidates, Places, Scores
from rag.types import PAGES_A_DOCUMENT

N_PROPOSED = 1000
N_PAGES = 100  # whose passages are all proposed
EXPANSION = 0.5  # what other words for the question's own weigh


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

    def terms(self, question: str) -> list[str]:
        """Return the terms of a text."""
        ...


def other_terms(asked: Asked, words: Words) -> dict[str, float]:
    """Return the terms of what the question's words also may be, with what each weighs."""
    return {term: EXPANSION for e in asked.expansions for text in e.also for term in words.terms(text)}


@dataclass(frozen=True, slots=True)
class PassageWords:
    """BM25 of a field of the passage; 0 beyond the best thousand."""

    index: Words
    field: str = "body"

    def _found(self, asked: Asked) -> list[tuple[int, float]]:
        also = other_terms(asked, self.index)
        return self.index.search(asked.query, N_PROPOSED, documents=asked.keys, field=self.field, also=also)

    def propose(self, asked: Asked) -> list[int]:
        """Return the passages that hold most of the question's rare words."""
        return [id_ for id_, _ in self._found(asked)]

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the score of each candidate."""
        found = dict(self._found(asked))
        return np.array([found.get(id_, 0.0) for id_ in candidates.ids.tolist()])


@dataclass(frozen=True, slots=True)
class PageWords:
    """The best BM25 of a field of the pages that a passage stands on; 0 beyond the best thousand."""

    index: Words
    places: Places
    field: str = "body"

    def _found(self, asked: Asked) -> list[tuple[int, float]]:
        also = other_terms(asked, self.index)
        return self.index.search(asked.query, N_PROPOSED, documents=asked.keys, field=self.field, also=also)

    def propose(self, asked: Asked) -> list[int]:
        """Return all passages of the best pages."""
        return self.places.passages_on([divmod(key, PAGES_A_DOCUMENT) for key, _ in self._found(asked)[:N_PAGES]])

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the score of each candidate."""
        found = dict(self._found(asked))
        rows = zip(
            candidates.documents.tolist(), candidates.first_pages.tolist(), candidates.last_pages.tolist(), strict=True
        )
        return np.array(
            [
                max(found.get(document * PAGES_A_DOCUMENT + page, 0.0) for page in range(first, last + 1))
                for document, first, last in rows
            ]
        )


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """BM25 of a field of the document: its title and file name, or its first page. Nothing when one is asked."""

    index: Words
    field: str = "title"

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the score of each candidate's document."""
        found = dict(self.index.search(asked.query, N_PROPOSED, documents=asked.keys, field=self.field))
        return np.array([found.get(key, 0.0) for key in candidates.documents.tolist()])
