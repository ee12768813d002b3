"""Many questions ranked at once: weights to the rank of the first right page of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.finding.matrices import Matrix

KEPT = 300  # candidates of a question, the best by a first guess, beside those on right pages
DEPTH = 10  # pages that nDCG looks at
DISCOUNT = np.log2(np.arange(2, DEPTH + 2))
NEVER = 1_000_000  # the rank of a page that was not proposed
Parts = tuple[float, float, float]  # a weight: always, times the probability of a table, times the length


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The candidates of q questions below each other, ordered by question and page."""

    signals: NDArray[np.float32]  # (n, s)
    gates: NDArray[np.float32]  # (n, 2) of its question
    pages: NDArray[np.intp]  # where each page begins
    questions: NDArray[np.intp]  # the page with which each question begins
    of_page: NDArray[np.intp]  # the question of each page
    right: NDArray[np.bool_]  # whether a page is right
    grades: NDArray[np.float32]  # what each page is worth
    ideal: NDArray[np.float64]  # of each question: the best that ten pages can be worth, discounted by rank
    documents: tuple[str, ...]  # of each question

    @classmethod
    def of(cls, matrices: Sequence[Matrix], guess: NDArray[np.float32]) -> Stack:
        """Return the matrices stacked. `guess`: weights by which candidates are kept."""
        signals, gates, pages, questions, of_page, right, grades, ideal = [], [], [], [], [], [], [], []
        n_rows = n_pages = 0
        for i, matrix in enumerate(matrices):
            kept = np.argsort(-(matrix.signals @ guess))[:KEPT]
            kept = np.union1d(kept, np.flatnonzero(np.isin(matrix.pages, matrix.right)))
            kept = kept[np.argsort(matrix.pages[kept], kind="stable")]
            found, starts = np.unique(matrix.pages[kept], return_index=True)
            signals.append(matrix.signals[kept])
            gates.append(np.tile(matrix.gates, (len(kept), 1)))
            pages.append(starts + n_rows)
            questions.append(n_pages)
            of_page.append(np.full(len(found), i))
            right.append(np.isin(found, matrix.right))
            worth = dict(zip(matrix.right.tolist(), matrix.grades.tolist(), strict=True))
            grades.append(np.array([worth.get(page, 0.0) for page in found.tolist()], np.float32))
            best = np.sort(matrix.grades)[::-1][:DEPTH]
            ideal.append(float((best / DISCOUNT[: len(best)]).sum()))
            n_rows, n_pages = n_rows + len(kept), n_pages + len(found)
        return cls(
            np.concatenate(signals),
            np.concatenate(gates),
            np.concatenate(pages),
            np.array(questions),
            np.concatenate(of_page),
            np.concatenate(right),
            np.concatenate(grades),
            np.array(ideal),
            tuple(matrix.document for matrix in matrices),
        )

    def _of_pages(self, names: Sequence[str], weights: Mapping[str, Parts]) -> NDArray[np.float32]:
        """Return the score of each page: that of its best passage."""
        parts = np.array([weights.get(name, (0.0, 0.0, 0.0)) for name in names], np.float32)
        by_gate = self.signals @ parts
        scores = by_gate[:, 0] + (self.gates * by_gate[:, 1:]).sum(axis=1)
        return np.maximum.reduceat(scores, self.pages)

    def ndcg(self, names: Sequence[str], weights: Mapping[str, Parts]) -> NDArray[np.float64]:
        """Return nDCG@10 of each question. Source: Järvelin and Kekäläinen, 2002."""
        of_pages = self._of_pages(names, weights)
        order = np.lexsort((-of_pages, self.of_page))
        places = np.arange(len(order)) - self.questions[self.of_page]  # of the sorted pages, from 0
        gains = np.where(places < DEPTH, self.grades[order] / DISCOUNT[np.minimum(places, DEPTH - 1)], 0.0)
        return np.add.reduceat(gains, self.questions) / np.maximum(self.ideal, 1e-9)

    def ranks(self, names: Sequence[str], weights: Mapping[str, Parts]) -> NDArray[np.int64]:
        """Return for each question the rank of its first right page, from 1; NEVER where none was proposed."""
        of_pages = self._of_pages(names, weights)
        best = np.maximum.reduceat(np.where(self.right, of_pages, -np.inf), self.questions)
        above = np.add.reduceat(of_pages > best[self.of_page], self.questions)
        return np.where(np.isfinite(best), above + 1, NEVER)


def hit(ranks: NDArray[np.int64], k: int) -> float:
    """Return the share of questions with a right page among the first k."""
    return float((ranks <= k).mean())
