"""What is too far from the question is left out, before the k hits are taken. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rag.retrieve.retriever import Candidate


def at_least(candidates: Sequence[Candidate], least: float) -> list[Candidate]:
    """Return the candidates that are relevant enough, in their order; 0 or less keeps all.

    A candidate is judged by its relevance; where that is not known, by its similarity; where there is neither (its
    vector is not made yet), it stays.
    """
    return [candidate for candidate in candidates if least <= 0 or _worth(candidate, least) >= least]


def _worth(candidate: Candidate, unknown: float) -> float:
    known = (candidate.relevance, candidate.similarity)
    return next((value for value in known if value is not None), unknown)
