"""Which pages are exported, in which order, and what is marked on each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rag.export.transcript import Exchange, Note
from rag.types import Answer, Box, Citation, Claim
from rag.wording import page_name, verdict_words


@dataclass(slots=True)
class Mark:
    """A place that is highlighted, for one claim or for several that rest on it."""

    boxes: tuple[Box, ...]  # of one page, in reading order; empty where the page has no words to mark
    focus: tuple[Box, ...]  # the part that answers
    colour: int  # the claim's number within its answer, from 0
    says: list[str]  # "[1] the claim", one a claim
    figure: Box | None = None  # the picture that a cited caption belongs to


@dataclass(slots=True)
class Leaf:
    """A page of the export."""

    document_id: str
    document: str  # name
    page: int
    label: str | None
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # question and answer, one of each answer that cites the page first

    @property
    def name(self) -> str:
        """Return how the page is called in the outline: its document, its printed number, its PDF page."""
        return f"{self.document}, {page_name(self.page, self.label)}"


def answers_of(items: Iterable[Exchange | Note]) -> list[Answer]:
    """Return the answers of a chat or of notes, each with its question as the user asked it."""
    found: list[Answer] = []
    for item in items:
        if isinstance(item, Exchange):
            found += [replace(answer, question=item.question) for answer in item.answers]
        elif item.answer is not None:
            found.append(item.answer)
    return found


def citations_of(answers: Iterable[Answer]) -> Iterator[tuple[Answer, int, Claim, Citation]]:
    """Yield every citation in order, with its answer and the number and text of its claim."""
    for answer in answers:
        for n, claim in enumerate(() if answer.abstained else answer.claims):
            for citation in claim.citations:
                yield answer, n, claim, citation


def leaves(answers: Sequence[Answer]) -> list[Leaf]:
    """Return the cited pages, each once: in the order of citation, those of a document together.

    A citation that goes on over a page break gives both pages.
    """
    found: dict[str, dict[int, Leaf]] = {}
    noted: set[tuple[int, str]] = set()
    for answer, n, claim, citation in citations_of(answers):
        of_document = found.setdefault(citation.document_id, {})
        for page in _pages(citation):
            leaf = of_document.setdefault(page, Leaf(citation.document_id, citation.document, page, None))
            if page == citation.page:
                leaf.label = leaf.label or citation.label
            if (id(answer), citation.document_id) not in noted:
                noted.add((id(answer), citation.document_id))
                leaf.notes.append(note_of(answer))
            _mark(leaf, citation, says(citation, claim), n)
    return [leaf for of_document in found.values() for leaf in of_document.values()]


def says(citation: Citation, claim: Claim) -> str:
    """Return what a highlight says: the claim it supports; and, where it does not support it, that."""
    told = f"[{citation.marker}] {' '.join(claim.text.split())}"
    is_against = claim.verdict in {"contradicted", "unsupported"}
    return f"{told} ({verdict_words(claim, citation.support)})" if is_against else told


def note_of(answer: Answer) -> str:
    """Return question, answer and sources as the note on a page says them."""
    lines, sources = [], []
    if answer.kind == "list":
        lines.append(answer.text)
    for claim in answer.claims:
        marks = "".join(f" [{citation.marker}]" for citation in claim.citations)
        lines.append(" ".join(claim.text.split()) + marks)
        for c in claim.citations:
            sources.append(f"[{c.marker}] {c.document}, {page_name(c.page, c.label, c.source)}")
    apart = "\n" if answer.kind != "answer" else " "
    parts = [" ".join(answer.question.split()), apart.join(lines), answer.note or "", "\n".join(dict.fromkeys(sources))]
    return "\n\n".join(part for part in parts if part)


def _pages(citation: Citation) -> list[int]:
    """Return the page of a citation, those that its boxes stand on, and that of its figure."""
    figure = () if citation.figure is None else (citation.figure.page,)
    return list(dict.fromkeys([citation.page, *(box.page for box in citation.boxes), *figure]))


def _mark(leaf: Leaf, citation: Citation, text: str, colour: int) -> None:
    """Add a mark to a page; places that are marked already get the text as well, and are not painted twice."""
    boxes = tuple(box for box in citation.boxes if box.page == leaf.page)
    focus = tuple(box for box in citation.focus if box.page == leaf.page)
    figure = citation.figure if citation.figure is not None and citation.figure.page == leaf.page else None
    for mark in leaf.marks:
        if _rounded(mark.boxes) == _rounded(boxes):
            mark.focus, mark.figure = mark.focus or focus, mark.figure or figure
            if text not in mark.says:
                mark.says.append(text)
            return
    leaf.marks.append(Mark(boxes, focus, colour, [text], figure))


def _rounded(boxes: Iterable[Box]) -> list[tuple[float, ...]]:
    return [tuple(round(side, 4) for side in (box.x0, box.y0, box.x1, box.y1)) for box in boxes]
