"""An answer as HTML, and its footnotes as the viewer needs them.

Answers are HTML rather than markdown: every character that a document or a model wrote is escaped by one function, and
a quote stays verbatim. A footnote is a link `#cite-<message>-<n>`; the viewer hears clicks on those itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from rag.types import Answer, Box, Citation, Claim, Hit
from ui import words

MAX_HIT_QUOTE = 220  # characters
MAX_NAME = 22  # characters of a document in a footnote: a long one drags the word before it to the next line
MAX_NEAREST = 3  # passages that are shown when nothing answers
Cite = dict[str, Any]  # JSON for the viewer
_JOINER = "\u2060"  # keeps the first footnote on the line of the word before it


@dataclass(frozen=True, slots=True)
class Footnotes:
    """What one message has to say: HTML of the answer, HTML of what was found but not used, the viewer's footnotes."""

    answer: str
    unused: str
    n_unused: int
    cites: dict[str, Cite]


def footnotes(answer: Answer, message_id: int, *, documents: Collection[str]) -> Footnotes:
    """Lay out an answer. Footnotes name their documents where there are several of them.

    Args:
        documents: ids of the documents that are still in the library.
    """
    names_cited = len({citation.document_id for claim in answer.claims for citation in claim.citations}) > 1
    cites: dict[str, Cite] = {}
    chips: list[list[str]] = []
    for claim in answer.claims:
        row = []
        for citation in claim.citations:
            key = f"{message_id}-{len(cites) + 1}"
            cites[key] = _cite_of(citation, claim, is_there=citation.document_id in documents)
            row.append(_chip(key, cites[key], names_cited))
        chips.append(row)
    unused = list(answer.hits[:MAX_NEAREST]) if answer.abstained else _unused(answer)
    names_found = len({hit.passage.document_id for hit in answer.hits}) > 1
    items = []
    for hit in unused:
        key = f"{message_id}-h{hit.rank}"
        cites[key] = _cite_of_hit(hit, is_there=hit.passage.document_id in documents)
        items.append(_hit(key, cites[key], hit, names_found))
    listed = f'<ul class="fn-hits">{"".join(items)}</ul>' if items else ""
    if answer.abstained:
        nearest = f'<p class="fn-label">Nearest passages</p>{listed}' if items else ""
        body = f'<p class="fn-abstained">{escape(answer.text)}</p>{nearest}'
        return Footnotes(_article(body), "", 0, cites)
    body = _claims(answer, chips) if answer.claims else f"<p>{escape(answer.text)}</p>"
    return Footnotes(_article(body), listed, len(items), cites)


def summary(answer: Answer) -> str:
    """Return the line under an answer: how much was read, how long it took. Plain text."""
    pages = {(hit.document, page) for hit in answer.hits for page in hit.passage.pages}
    parts = [words.count_words(len(answer.hits), "passage"), words.count_words(len(pages), "page")]
    if "total" in answer.timings:
        parts.append(words.seconds_words(answer.timings["total"]))
    return "Read " + " · ".join(parts)


def question_html(text: str) -> str:
    """Return a question as the heading of its answer."""
    return f'<h3 class="fn-question">{escape(" ".join(text.split()))}</h3>'


def error_html(text: str) -> str:
    """Return what is said instead of an answer."""
    return _article(f'<p class="fn-error" role="alert">{escape(text)}</p>')


def _article(body: str) -> str:
    return f'<article class="fn-answer">{body}</article>'


def _claims(answer: Answer, chips: list[list[str]]) -> str:
    """An extractive answer stands sentence by sentence; a written one flows."""
    sentences = [
        f'<span class="fn-claim {claim.verdict}">{_emphasised(claim)}</span>{_JOINER if row else ""}{" ".join(row)}'
        for claim, row in zip(answer.claims, chips, strict=True)
    ]
    if answer.reader == "extractive":
        return "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return f"<p>{' '.join(sentences)}</p>"


def _emphasised(claim: Claim) -> str:
    if claim.telling is None:
        return escape(claim.text)
    start, end = claim.telling
    return f"{escape(claim.text[:start])}<strong>{escape(claim.text[start:end])}</strong>{escape(claim.text[end:])}"


def _chip(key: str, cite: Cite, names_document: bool) -> str:
    where = "removed" if cite["gone"] else words.page_name(cite["page"], cite["label"])
    name = (
        f'<span class="fn-doc">{escape(words.shortened(cite["document"], MAX_NAME))}</span>' if names_document else ""
    )
    kind, n = ("Footnote " + str(cite["n"]) if cite["n"] else "Passage"), cite["n"]
    number = f"<b>{n}</b>" if n else ""
    said = escape(f"{kind}: {cite['document']}, {where}: {cite['says']}")
    style = "gone" if cite["gone"] else cite["verdict"]
    return (
        f'<a class="fn-chip {style}" href="#cite-{key}" aria-label="{said}">'
        f"{number}{name}<span>{escape(where)}</span></a>"
    )


def _hit(key: str, cite: Cite, hit: Hit, names_document: bool) -> str:
    quote = escape(words.shortened(hit.passage.text, MAX_HIT_QUOTE))
    return f"<li>{_chip(key, cite, names_document)} <q>{quote}</q></li>"


def _unused(answer: Answer) -> list[Hit]:
    """Return the hits that no claim rests on."""
    used = {
        (citation.document_id, span.page, position)
        for claim in answer.claims
        for citation in claim.citations
        for span in citation.spans
        for position in (span.start,)
    }
    return [hit for hit in answer.hits if not any(_holds(hit, *place) for place in used)]


def _holds(hit: Hit, document_id: str, page: int, position: int) -> bool:
    return hit.passage.document_id == document_id and any(
        span.page == page and span.start <= position < span.end for span in hit.passage.spans
    )


def _cite_of(citation: Citation, claim: Claim, *, is_there: bool) -> Cite:
    return {
        "n": citation.marker,
        "doc": citation.document_id,
        "document": citation.document,
        "page": citation.page,
        "label": citation.label,
        "quote": citation.quote,
        "verdict": claim.verdict,
        "says": words.VERDICT[claim.verdict] if is_there else f"{citation.document} was removed from the library",
        "boxes": _boxes(citation.boxes),
        "gone": not is_there,
    }


def _cite_of_hit(hit: Hit, *, is_there: bool) -> Cite:
    return {
        "n": 0,
        "doc": hit.passage.document_id,
        "document": hit.document,
        "page": hit.page,
        "label": hit.label,
        "quote": words.shortened(hit.passage.text, MAX_HIT_QUOTE),
        "verdict": "found",
        "says": "found for this question" if is_there else f"{hit.document} was removed from the library",
        "boxes": _boxes(hit.boxes),
        "gone": not is_there,
    }


def _boxes(boxes: Iterable[Box]) -> list[list[float]]:
    return [[box.page, *(round(side, 5) for side in (box.x0, box.y0, box.x1, box.y1))] for box in boxes]
