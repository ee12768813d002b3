"""What measures one question: of a ranking, of an answer, of its citations. Pure; every figure is 0 to 1, 1 is best.

A ranking is a sequence of things, best first, each at most once; `relevant` are those that should be found. Nothing
relevant: the figure is 0, as trec_eval has it, so such questions are to be left out before.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

from rag.networks.metrics import exact_match, f1, normalised

__all__ = [
    "all_found_at",
    "citation_precision",
    "citation_recall",
    "exact_match",
    "f1",
    "hit_at",
    "holds_answer",
    "ndcg_at",
    "normalised",
    "recall_at",
    "reciprocal_rank",
]

T = TypeVar("T", bound=Hashable)


# -------------------------------------------------------------------------------------------------- rankings


def hit_at(ranking: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """Return 1 when one of the first k is relevant, else 0 (success@k)."""
    return float(any(thing in relevant for thing in ranking[:k]))


def recall_at(ranking: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """Return the share of what is relevant that stands among the first k."""
    return len(set(ranking[:k]) & set(relevant)) / len(relevant) if relevant else 0.0


def all_found_at(ranking: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """Return 1 when all that is relevant stands among the first k, else 0."""
    return float(bool(relevant) and set(relevant) <= set(ranking[:k]))


def reciprocal_rank(ranking: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """Return 1 / rank of the first that is relevant; 0 when none is. Its mean over questions is the MRR.

    Source: Voorhees, The TREC-8 Question Answering Track Report, 1999.
    """
    return next((1 / rank for rank, thing in enumerate(ranking, 1) if thing in relevant), 0.0)


def ndcg_at(ranking: Sequence[T], grades: Mapping[T, int], k: int) -> float:
    """Return the gain of the first k, discounted by log2(rank + 1), over that of the best ranking there could be.

    The gain of a thing is its grade. Source: Järvelin and Kekäläinen, Cumulated Gain-based Evaluation of IR
    Techniques, 2002; discounted from rank 2 on, as trec_eval does.
    """
    ideal = _discounted(sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k])
    found = _discounted([max(0, grades.get(thing, 0)) for thing in ranking[:k]])
    return found / ideal if ideal else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


# --------------------------------------------------------------------------------------------------- answers


def holds_answer(said: str, gold: Collection[str]) -> float:
    """Return 1 when one of the gold answers stands, word for word, within what is said, both normalised."""
    words = f" {normalised(said)} "
    return float(any(f" {normalised(answer)} " in words for answer in gold if normalised(answer)))


# ------------------------------------------------------------------------------------------------- citations


def citation_precision(cited: Collection[Hashable], evidence: Collection[Hashable]) -> float:
    """Return the share of the cited pages that hold evidence; 0 when none is cited.

    Source: after Gao et al., Enabling Large Language Models to Generate Text with Citations, 2023, and Liu et al.,
    Evaluating Verifiability in Generative Search Engines, 2023; here a citation is right when its page holds evidence.
    """
    return len(set(cited) & set(evidence)) / len(set(cited)) if cited else 0.0


def citation_recall(cited: Collection[Hashable], evidence: Collection[Hashable]) -> float:
    """Return the share of the pages with evidence that are cited. Source: as `citation_precision`."""
    return recall_at(list(cited), evidence, len(cited))
