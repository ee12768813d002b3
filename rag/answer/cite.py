"""A sentence of an answer to the span that supports it, and the span to its page, label and boxes. Pure.

Nothing here is ever written by a model: a sentence is looked up in the passages that were read, character by
character, and page and boxes follow from where it stands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.spans import page_boxes, passage_slice
from rag.text import STOP_WORDS, sentence_spans, stem, words
from rag.types import Box, Citation, Hit, Page, PageSpan

PageOf = Callable[[str, int], Page]  # document id, page number

_SUPPORTS = 0.6  # share of a sentence's content words that one sentence of a passage must hold to be its source
_DASHES_AND_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"})


@dataclass(frozen=True, slots=True)
class Source:
    """Characters `start` to `end` of a hit's passage; `verbatim` when the sentence stands there word for word."""

    hit: Hit
    start: int
    end: int
    verbatim: bool


def align(sentence: str, hits: Sequence[Hit]) -> Source | None:
    """Return where `sentence` comes from: where it stands verbatim, else the sentence that holds most of its words.

    Verbatim means equal after folding case, white space, quotes and dashes. None when no sentence of the hits holds
    at least 60 % of its content words; earlier hits win ties.
    """
    wanted, _ = _fold(sentence)
    wanted = wanted.strip()
    if not wanted:
        return None
    for hit in hits:
        folded, origin = _fold(hit.passage.text)
        at = folded.find(wanted)
        if at >= 0:
            return Source(hit, origin[at], origin[at + len(wanted) - 1] + 1, verbatim=True)
    return _closest(sentence, hits)


def _closest(sentence: str, hits: Sequence[Hit]) -> Source | None:
    stems = _stems(sentence)
    if not stems:
        return None
    best, best_share = None, _SUPPORTS
    for hit in hits:
        for start, end in sentence_spans(hit.passage.text):
            share = len(stems & _stems(hit.passage.text[start:end])) / len(stems)
            if share > best_share or (best is None and share >= best_share):
                best, best_share = Source(hit, start, end, verbatim=False), share
    return best


def _stems(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in STOP_WORDS}


def _fold(text: str) -> tuple[str, list[int]]:
    """Return `text` folded for comparison, and for each folded character the index it comes from."""
    folded: list[str] = []
    origin: list[int] = []
    for i, character in enumerate(text):
        if character == "\u00ad":
            continue
        form = unicodedata.normalize("NFKC", character).translate(_DASHES_AND_QUOTES).casefold()
        for out in form:
            if out.isspace():
                if folded and folded[-1] == " ":
                    continue
                folded.append(" ")
            else:
                folded.append(out)
            origin.append(i)
    return "".join(folded), origin


def cite(marker: int, source: Source, page_of: PageOf) -> Citation:
    """Return the citation of a source: its quote verbatim, its spans, its page and label, its boxes."""
    passage = source.hit.passage
    spans = spans_of(source.hit, source.start, source.end, page_of)
    return Citation(
        marker=marker,
        document_id=passage.document_id,
        document=source.hit.document,
        page=spans[0].page,
        label=page_of(passage.document_id, spans[0].page).label,
        quote=passage.text[source.start : source.end],
        spans=spans,
        boxes=boxes_of(passage.document_id, spans, page_of),
    )


def spans_of(hit: Hit, start: int, end: int, page_of: PageOf) -> tuple[PageSpan, ...]:
    """Return the page spans of characters `start` to `end` of the hit's passage."""
    passage = hit.passage
    texts = {number: page_of(passage.document_id, number).text for number in passage.pages}
    return passage_slice(passage, texts, start, end)


def boxes_of(document_id: str, spans: Sequence[PageSpan], page_of: PageOf) -> tuple[Box, ...]:
    """Return the boxes of spans, one a line, in reading order."""
    return tuple(box for span in spans for box in page_boxes(page_of(document_id, span.page), span.start, span.end))
