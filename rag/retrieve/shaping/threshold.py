"""What is too far from the question is left out, before the k hits are taken. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rag.retrieve.ranking import Candidate


def at_least(candidates: Sequence[Candidate], least: float) -> Sequence[Candidate]:
    """Return the candidates that are relevant enough, in their order; 0 or less keeps all.

    A candidate is judged by its relevance; where that is not known, by its similarity; where there is neither (its
    vector is not made yet), it stays.
    """
    return candidates if least <= 0 else [c for c in candidates if _worth(c, least) >= least]


def _worth(candidate: Candidate, unknown: float) -> float:
    known = (candidate.relevance, candidate.similarity)
    return next((value for value in known if value is not None), unknown)
