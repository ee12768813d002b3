"""A question that compares documents is answered from each of them: their hits in turn, no two of one alike. Pure.

Within a document the next hit is the one that is good and says something else than those taken before it.

Source: Carbonell and Goldstein, The Use of MMR, Diversity-Based Reranking, 1998.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.retrieve.shaping.picks import Pick
from rag.text import stems

NEW = 0.3  # what saying something else counts, beside being good
AHEAD = 10  # picks of a document among which the next one is chosen


def in_turn(groups: Sequence[Sequence[Pick]], k: int) -> list[Pick]:
    """Return k picks, the groups in turn; a group that is used up leaves its turns to the others.

    Args:
        groups: the picks of each document that is compared, best first; the document with the best one begins.
    """
    ordered = sorted((list(group) for group in groups if group), key=lambda group: -group[0].candidate.score)
    queues = [_varied(group, k) for group in ordered]
    chosen: list[Pick] = []
    for turn in range(k):
        chosen += [queue[turn] for queue in queues if turn < len(queue)]
    return chosen[:k]


def _varied(picks: Sequence[Pick], k: int) -> list[Pick]:
    """Return up to k picks of one document: the best first, then those that are good and say something else."""
    left, chosen = list(picks[: k + AHEAD]), list[Pick]()
    held = {pick.passage.id: frozenset(stems(pick.passage.text)) for pick in left}
    best, worst = (left[0].candidate.score, left[-1].candidate.score) if left else (0.0, 0.0)
    while left and len(chosen) < k:
        values = [
            (1 - NEW) * (pick.candidate.score - worst) / ((best - worst) or 1.0)
            - NEW * max((_overlap(held[pick.passage.id], held[other.passage.id]) for other in chosen), default=0.0)
            for pick in left[:AHEAD]
        ]
        chosen.append(left.pop(values.index(max(values))))
    return chosen


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))
