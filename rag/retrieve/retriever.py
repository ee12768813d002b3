"""A question to candidates: dense and lexical signals over the same passages, standardised and added.

Three signals a passage: the inner product of its vector with the question's, BM25 of its words, and BM25 of the
whole page that it stands on. Each signal proposes its best thousand; the union is scored by all three, with 0 for the
words of a passage, or of a page, that is not among the best thousand of that signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.retrieve.fuse import Scores, fuse
from rag.types import PAGES_A_DOCUMENT, DenseIndex, Floats, LexicalIndex

WEIGHTS = {"dense": 0.4, "passage words": 0.4, "page words": 0.2}
N_CANDIDATES = 1000  # proposed by each signal


class Places(Protocol):
    """What the catalog knows of where passages stand."""

    def passage_ids(self, document_keys: Sequence[int] | None, *, with_vectors: bool = False) -> NDArray[np.int64]:
        """Return the ids of the passages of these documents, or of all."""
        ...

    def passage_places(self, ids: Sequence[int]) -> NDArray[np.int64]:
        """Return (n, 4): id, document key, first page, last page; ids that are gone are left out."""
        ...

    def passages_on(self, pages: Sequence[tuple[int, int]]) -> list[int]:
        """Return the ids of the passages that stand on these (document key, page)."""
        ...


class ExactScores(DenseIndex, Protocol):
    """A dense index that can also score passages that others proposed."""

    def scores(self, vector: Floats, ids: Sequence[int] | NDArray[np.int64]) -> Floats:
        """Return one score an id; NaN where the id has no vector."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with its fused score and the standardised scores that it is made of."""

    id: int
    score: float
    similarity: float | None  # inner product with the question's vector
    signals: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Retriever:
    """The indexes of a library, asked together."""

    places: Places
    dense: ExactScores | None  # None: search by words alone
    passage_words: LexicalIndex
    page_words: LexicalIndex

    def retrieve(
        self, question: str, vector: Floats | None, *, documents: Sequence[int] | None = None
    ) -> list[Candidate]:
        """Return every candidate, best first (ties by id); only of these documents when they are given.

        Args:
            vector: the question's, shape (n_dims,); None: search by words alone.
        """
        dense = self._nearest(vector, documents)
        words = dict(self.passage_words.search(question, N_CANDIDATES, documents=documents))
        pages = dict(self.page_words.search(question, N_CANDIDATES, documents=documents))
        on_pages = self.places.passages_on([divmod(key, PAGES_A_DOCUMENT) for key in list(pages)[:100]])
        proposed = sorted({id_ for id_, _ in dense} | words.keys() | set(on_pages))
        rows = self.places.passage_places(proposed)
        if not len(rows):
            return []
        signals = {
            "passage words": np.array([words.get(id_, 0.0) for id_ in rows[:, 0].tolist()]),
            "page words": _page_scores(rows, pages),
        }
        if vector is not None and self.dense is not None:
            signals["dense"] = self.dense.scores(vector, rows[:, 0]).astype(np.float64)
        total, standardised = fuse(signals, WEIGHTS)
        order = np.lexsort((rows[:, 0], -total))
        similarity = signals.get("dense", np.full(len(rows), np.nan))
        return [
            Candidate(
                id=int(rows[i, 0]),
                score=float(total[i]),
                similarity=float(similarity[i]) if np.isfinite(similarity[i]) else None,
                signals=tuple((name, float(scores[i])) for name, scores in standardised.items()),
            )
            for i in order
        ]

    def _nearest(self, vector: Floats | None, documents: Sequence[int] | None) -> list[tuple[int, float]]:
        if vector is None or self.dense is None:
            return []
        among = None if documents is None else self.places.passage_ids(documents, with_vectors=True)
        return self.dense.search(vector, N_CANDIDATES, among=among)


def _page_scores(rows: NDArray[np.int64], pages: dict[int, float]) -> Scores:
    """Return for each passage the best BM25 score of the pages that it stands on."""
    return np.array(
        [
            max(pages.get(document * PAGES_A_DOCUMENT + page, 0.0) for page in range(first, last + 1))
            for _, document, first, last in rows.tolist()
        ]
    )
