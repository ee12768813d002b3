"""Whether an answer is the one that was expected, from the page that was expected. Pure."""

from __future__ import annotations

import re

from rag.exam.items import Item, Outcome
from rag.text import content_words, fold, stem, stems
from rag.types import Answer, Hit

_NUMBER = re.compile(r"\d[\d,.]*")
_ENOUGH = 0.6  # of the words that only the answer has
_LONGEST = 400  # characters of an answer that are kept
_ABOUT = ("figure", "table")


def judged(item: Item, answer: Answer) -> Outcome:
    """Return what became of a question."""
    places = _places(answer)
    right = {(item.document_id, page) for page in item.pages}
    rank = next((n for n, place in enumerate(dict.fromkeys(places), 1) if place in right), None)
    citation = next((citation for claim in answer.claims for citation in claim.citations), None)
    if answer.abstained or citation is None:
        nearest = answer.hits[0] if answer.hits else None
        return _unanswered(rank, nearest, is_abstained=answer.abstained)
    said = " ".join(" ".join(claim.text.split()) for claim in answer.claims) or answer.text
    own = [c.text for c in answer.claims if c.citations and c.citations[0].document_id == citation.document_id]
    is_cited = (citation.document_id, citation.page) in right
    return Outcome(
        rank=rank,
        is_cited=is_cited,
        is_found=is_cited if item.kind == "heading" else holds(item, f"{answer.short_answer or ''} {said}"),
        is_abstained=False,
        said=_cut(" ".join(own)),  # what is kept of an answer goes with one document
        document_id=citation.document_id,
        document=citation.document,
        page=citation.page,
    )


def _unanswered(rank: int | None, nearest: Hit | None, *, is_abstained: bool) -> Outcome:
    if nearest is None:
        return Outcome(rank, is_cited=False, is_found=False, is_abstained=is_abstained, said="")
    return Outcome(
        rank=rank,
        is_cited=False,
        is_found=False,
        is_abstained=is_abstained,
        said=_cut(nearest.passage.text),
        document_id=nearest.passage.document_id,
        document=nearest.document,
        page=nearest.page,
    )


def _places(answer: Answer) -> list[tuple[str, int]]:
    """Return the pages that were found, best first; of what needs no search, those that are cited."""
    if answer.hits:
        return [(hit.passage.document_id, hit.page) for hit in answer.hits]
    return [(citation.document_id, citation.page) for claim in answer.claims for citation in claim.citations]


def holds(item: Item, said: str) -> bool:
    """Tell whether an answer holds what was expected: all its figures, else most of the words that only it has."""
    wanted, there = _numbers(item.answer), _numbers(said)
    if item.kind in _ABOUT and wanted:
        return wanted <= there
    if fold(item.answer) in fold(said):
        return True
    asked = set(stems(item.question))
    own = {stem(word) for word in content_words(item.answer)} - asked
    return bool(own) and len(own & set(stems(said))) >= _ENOUGH * len(own)


def _numbers(text: str) -> set[str]:
    return {found.group().replace(",", "").rstrip(".") for found in _NUMBER.finditer(text)}


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else flat[:_LONGEST].rsplit(" ", 1)[0] + "…"
