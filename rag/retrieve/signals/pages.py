"""Pages: what else stands on a passage's page, and on the pages beside it, judged by what was scored so far.

Source: Liu and Croft, Passage Retrieval Based on Language Models, 2002 (a document by its best passages); Callan,
Passage-Level Evidence in Document Retrieval, 1994.
"""

from __future__ import annotations

import numpy as np

from rag.retrieve.candidates import Candidates, Scores


def second_best(scores: Scores, candidates: Candidates) -> Scores:
    """Return for each candidate the best score of another passage of its page; the lowest of all if there is none."""
    pages, groups = np.unique(candidates.pages(), return_inverse=True)
    best, second = np.full(len(pages), -np.inf), np.full(len(pages), -np.inf)
    order = np.lexsort((-scores, groups))  # page by page, the best first
    ordered, of = scores[order], groups[order]
    is_first = np.append(True, of[1:] != of[:-1])[: len(of)]
    is_second = np.append(False, is_first[:-1] & ~is_first[1:])[: len(of)]
    best[of[is_first]], second[of[is_second]] = ordered[is_first], ordered[is_second]
    others = np.where(scores >= best[groups], second[groups], best[groups])
    return np.where(np.isfinite(others), others, scores.min(initial=0.0))


def neighbours(scores: Scores, candidates: Candidates) -> Scores:
    """Return for each candidate the best score on the page before or after; the lowest of all where there is none."""
    pages, groups = np.unique(candidates.pages(), return_inverse=True)
    best = np.full(len(pages), -np.inf)
    np.maximum.at(best, groups, scores)
    of = dict(zip(pages.tolist(), best.tolist(), strict=True))
    beside = np.array([max(of.get(page - 1, -np.inf), of.get(page + 1, -np.inf)) for page in pages.tolist()])
    return np.where(np.isfinite(beside[groups]), beside[groups], scores.min(initial=0.0))
