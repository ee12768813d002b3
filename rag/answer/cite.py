"""A sentence of an answer to the span that supports it, and the span to its page, label and boxes. Pure.

Nothing here is ever written by a model: a sentence is looked up in the passages that were read, character by
character, and page and boxes follow from where it stands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.answer.facts import denies_alike, holds_facts
from rag.spans import page_boxes, passage_slice
from rag.text import STOP_WORDS, sentence_spans, stem, words
from rag.types import Box, Citation, Hit, Page, PageSpan

PageOf = Callable[[str, int], Page]  # document id, page number

_SUPPORTS = 0.6  # share of a sentence's content words that one sentence of a passage must hold to be its source
_HINTED = 0.1  # a sentence of the hit that was named may hold this share less and is still preferred
_FRAGMENT = 4  # words; less than this is no statement by itself: it is read together with its question
_ANSWERS = 0.5  # share of the question's content words that stand beside a claim of a few words
_POINTS_BACK = frozenset("it its he she they this these those his her their both such".split())
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
    return _verbatim(sentence, hits) or _closest(sentence, hits)


def supporting(claim: str, hits: Sequence[Hit], *, question: str = "", hint: Hit | None = None) -> Source | None:
    """Return what a model's claim rests on: where it stands verbatim, else the sentence that holds most of its words.

    Unlike `align`, every number and name of the claim must stand there, and what it denies must be denied there. A
    sentence that begins with "It", "They" ... is read together with the one before. A claim of a few words ("In
    2015.") is no statement by itself: it needs a sentence that holds all of it and half of the question's words, and
    is never called verbatim.

    Args:
        hint: the hit that the model named; preferred among those that support the claim about as well.
    """
    is_fragment = says_little(claim)
    asked = _stems(question) if is_fragment else set()
    if not is_fragment:
        named_first = sorted(hits, key=lambda hit: hint is None or hit.rank != hint.rank)
        if found := _verbatim(claim, named_first):
            return found
    best, best_share = None, 0.0
    for source in (source for hit in hits for source in statements(hit)):
        share = _share(claim, source.hit.passage.text[source.start : source.end], asked)
        share += _HINTED if share and hint is not None and source.hit.rank == hint.rank else 0
        if share > best_share:
            best, best_share = source, share
    return best


def says_little(claim: str) -> bool:
    """Tell whether a claim has so few words that it says something only together with its question: "In 2015."."""
    return len(words(claim)) < _FRAGMENT


def statements(hit: Hit) -> Iterator[Source]:
    """Yield every sentence of a passage; one that speaks of "it" or "them" also together with the one before."""
    text = hit.passage.text
    spans = sentence_spans(text)
    for i, (start, end) in enumerate(spans):
        yield Source(hit, start, end, verbatim=False)
        if i and not _POINTS_BACK.isdisjoint(words(text[start:end])[:3]):
            yield Source(hit, spans[i - 1][0], end, verbatim=False)


def _share(claim: str, source: str, asked: set[str]) -> float:
    """Return the share of the claim's content words that the source holds; 0 when it does not support the claim.

    `asked` are the stems of the question that a claim of a few words answers.
    """
    said, there = _stems(claim), _stems(source)
    share = len(said & there) / max(1, len(said))
    if asked:
        answers = len(asked & there) / len(asked)
        share = answers if share == 1 and answers >= _ANSWERS else 0.0
    elif share < _SUPPORTS:
        share = 0.0
    return share if share and holds_facts(claim, source) and denies_alike(claim, source) else 0.0


def _verbatim(sentence: str, hits: Sequence[Hit]) -> Source | None:
    """Return where the sentence stands word for word, from the beginning of a word to the end of one."""
    wanted = _fold(sentence)[0].strip()
    for hit in hits if wanted else ():
        folded, origin = _fold(hit.passage.text)
        at = folded.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            if not _is_inside_word(folded, at) and not _is_inside_word(folded, end):
                return Source(hit, origin[at], origin[end - 1] + 1, verbatim=True)
            at = folded.find(wanted, at + 1)
    return None


def _is_inside_word(text: str, at: int) -> bool:
    """Tell whether the characters on both sides of a place belong to one word or one number."""
    before, after = text[max(0, at - 2) : at], text[at : at + 2]
    if not before or not after:
        return False
    is_decimal = before[0].isdigit() and before[-1] in ".," and after[0].isdigit()
    is_decimal |= before[-1].isdigit() and after[0] in ".," and after[-1:].isdigit() and len(after) == 2
    return is_decimal or (before[-1].isalnum() and after[0].isalnum())


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


def cite(marker: int, source: Source, page_of: PageOf, *, telling: tuple[int, int] | None = None) -> Citation:
    """Return the citation of a source: its quote verbatim, its spans, its page and label, its boxes.

    `telling` is the part that answers, start and end in the passage's text.
    """
    passage = source.hit.passage
    spans = spans_of(source.hit, source.start, source.end, page_of)
    page = page_of(passage.document_id, spans[0].page)
    focus = () if telling is None else spans_of(source.hit, *telling, page_of)
    return Citation(
        marker=marker,
        document_id=passage.document_id,
        document=source.hit.document,
        page=page.number,
        label=page.label,
        quote=passage.text[source.start : source.end],
        spans=spans,
        boxes=boxes_of(passage.document_id, spans, page_of),
        source=page.source,
        focus=boxes_of(passage.document_id, focus, page_of),
        figure=passage.figure,
    )


def spans_of(hit: Hit, start: int, end: int, page_of: PageOf) -> tuple[PageSpan, ...]:
    """Return the page spans of characters `start` to `end` of the hit's passage."""
    passage = hit.passage
    texts = {number: page_of(passage.document_id, number).text for number in passage.pages}
    return passage_slice(passage, texts, start, end)


def boxes_of(document_id: str, spans: Sequence[PageSpan], page_of: PageOf) -> tuple[Box, ...]:
    """Return the boxes of spans, one a line, in reading order."""
    return tuple(box for span in spans for box in page_boxes(page_of(document_id, span.page), span.start, span.end))
