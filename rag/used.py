"""What an answer rests on, and what was found beside it. Pure."""

from __future__ import annotations

from rag.types import Answer, Hit, PageSpan


def used_hits(answer: Answer) -> list[Hit]:
    """Return the hits that a claim of the answer cites, by rank; none when it abstains."""
    return [hit for hit in answer.hits if is_used(hit, answer)]


def unused_hits(answer: Answer) -> list[Hit]:
    """Return the hits that no claim of the answer cites, by rank."""
    return [hit for hit in answer.hits if not is_used(hit, answer)]


def is_used(hit: Hit, answer: Answer) -> bool:
    """Tell whether a claim of the answer cites a part of this hit."""
    return any(
        citation.document_id == hit.passage.document_id and any(_holds(hit, span) for span in citation.spans)
        for claim in answer.claims
        for citation in claim.citations
    )


def _holds(hit: Hit, cited: PageSpan) -> bool:
    """Tell whether the beginning of what is cited stands in the hit."""
    return any(span.page == cited.page and span.start <= cited.start < span.end for span in hit.passage.spans)
