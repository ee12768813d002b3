"""Answers to requests that need whole documents: summaries, outlines, every mention. Each claim with its citation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.answer.cite import Source, cite
from rag.answer.prompts import NO_ANSWER
from rag.guide.contents import outline_of
from rag.guide.mentions import Mention, Phrase
from rag.guide.reading import Reading
from rag.guide.requests import Request
from rag.guide.sections import section_of
from rag.guide.telling import MOST, Encode, telling_sentences
from rag.text import fold, sentence_spans, words
from rag.types import Answer, AnswerKind, Citation, Claim, Hit, PageSpan

MOST_DOCUMENTS = 10  # of a summary
MOST_LISTED = 200
_SENTENCES = 16  # of a summary of several documents, shared out among them
_NEAR = 0.5  # inner product with what is listed, from which a sentence comes near it
_MOST_NEAR = 40


@dataclass(frozen=True, slots=True)
class Tools:
    """What an answer is made with."""

    encode: Encode | None
    nearest: Callable[[], Sequence[Hit]]  # the passages nearest to the question
    near: Callable[[str], Sequence[Hit]]  # the passages that come near a phrase in meaning
    kept: Callable[[Reading], Sequence[Citation]]  # the sentences of a guide that was made before


def answer_whole(question: str, request: Request, readings: Sequence[Reading], tools: Tools) -> Answer | None:
    """Answer a request; None where the part that it names is not found: it may be an ordinary question."""
    if request.kind == "summary":
        return _summary(question, request, readings, tools)
    if request.kind == "outline":
        return _outline(question, readings, tools)
    if request.kind == "pages":
        return _page_counts(question, readings)
    return _mentions(question, request, readings, tools)


def _answer(
    question: str, kind: AnswerKind, claims: Sequence[Claim], *, text: str = "", note: str | None = None
) -> Answer:
    said = text or " ".join(f"{claim.text} [{claim.citations[0].marker}]" for claim in claims)
    return Answer(question, "extractive", said, tuple(claims), (), abstained=False, kind=kind, note=note)


def _abstained(question: str, kind: AnswerKind, tools: Tools, note: str) -> Answer:
    return Answer(question, "extractive", NO_ANSWER, (), tuple(tools.nearest()), abstained=True, kind=kind, note=note)


# --------------------------------------------------------------------------------------- summary and outline


def _summary(question: str, request: Request, readings: Sequence[Reading], tools: Tools) -> Answer | None:
    if request.section:
        return _section_summary(question, request.section, readings, tools)
    chosen = readings[:MOST_DOCUMENTS]
    each = MOST if len(chosen) == 1 else max(2, _SENTENCES // len(chosen))
    citations: list[Citation] = []
    for reading in chosen:
        kept = list(tools.kept(reading))
        if len(chosen) == 1 or not kept:
            kept = kept or [reading.cite(s) for s in telling_sentences(reading, tools.encode, most=each)]
        citations += kept[:each]
    if not citations:
        return _abstained(question, "summary", tools, "No whole sentences were found to sum up.")
    left = len(readings) - len(chosen)
    note = (
        f"The first {MOST_DOCUMENTS} documents are summed up; {left} more are not. Choose fewer to see them."
        if left
        else None
    )
    return _answer(question, "summary", _claims(citations), note=note)


def _section_summary(question: str, name: str, readings: Sequence[Reading], tools: Tools) -> Answer | None:
    citations: list[Citation] = []
    titles: list[str] = []
    for reading in readings[:MOST_DOCUMENTS]:
        section = section_of(reading, name)
        if section is not None:
            title, passages = section
            titles.append(title)
            sentences = telling_sentences(reading, tools.encode, most=MOST, among=passages)
            citations += [reading.cite(sentence) for sentence in sentences]
    if not citations:
        return None
    note = f"Of the part “{titles[0]}”." if len(set(titles)) == 1 else None
    return _answer(question, "summary", _claims(citations), note=note)


def _claims(citations: Sequence[Citation]) -> list[Claim]:
    """Return a claim for each citation, numbered, that says what is quoted."""
    return [
        Claim(citation.quote, (replace(citation, marker=n),), "verbatim") for n, citation in enumerate(citations, 1)
    ]


def _outline(question: str, readings: Sequence[Reading], tools: Tools) -> Answer:
    claims: list[Claim] = []
    for reading in readings[:MOST_DOCUMENTS]:
        for entry in outline_of(reading, most=MOST_LISTED // min(len(readings), MOST_DOCUMENTS)):
            place = replace(entry.citation, marker=len(claims) + 1)
            is_quoted = fold(place.quote) == fold(entry.title)
            claims.append(Claim(entry.title, (place,), "verbatim" if is_quoted else "unchecked"))
    if not claims:
        return _abstained(question, "outline", tools, "No headings were found.")
    return _answer(question, "outline", claims)


def _page_counts(question: str, readings: Sequence[Reading]) -> Answer:
    claims = []
    for n, reading in enumerate(readings[:MOST_LISTED], 1):
        n_pages = reading.document.n_pages
        said = f"{reading.document.name} has {_count(n_pages, 'page')}."
        claims.append(Claim(said, (reading.cite_page(n_pages, n),), "supported"))
    return _answer(question, "answer", claims)


# -------------------------------------------------------------------------------------------------- mentions


@dataclass(frozen=True, slots=True)
class _Found:
    """Something to list, and where it comes in the order."""

    order: tuple[int, int, int]  # document, page, start
    citation: Citation
    telling: tuple[int, int] | None
    n: int  # times the phrase stands there; 0: it only comes near it


def _mentions(question: str, request: Request, readings: Sequence[Reading], tools: Tools) -> Answer:
    phrase = Phrase(request.what)
    found = [
        _cited(reading, place, mention)
        for place, reading in enumerate(readings)
        for mention in phrase.mentions(reading.texts)
    ]
    said = {(item.citation.document_id, span) for item in found for span in item.citation.spans}
    if request.kind == "list":
        found += _near(request.what, readings, tools, said)
    if not found:
        return _abstained(question, "list", tools, f"“{phrase.text}” is not mentioned in what was searched.")
    found.sort(key=lambda item: item.order)
    note = f"The first {MOST_LISTED} of {len(found)} sentences are listed." if len(found) > MOST_LISTED else None
    claims = [
        Claim(item.citation.quote, (replace(item.citation, marker=n),), "verbatim", telling=item.telling)
        for n, item in enumerate(found[:MOST_LISTED], 1)
    ]
    return _answer(question, "list", claims, text=_first_line(phrase.text, found), note=note)


def _cited(reading: Reading, place: int, mention: Mention) -> _Found:
    citation = reading.cite_text(mention.page, mention.start, mention.end)
    return _Found((place, mention.page, mention.start), citation, mention.first, mention.n)


def _near(what: str, readings: Sequence[Reading], tools: Tools, said: set[tuple[str, PageSpan]]) -> list[_Found]:
    """Return the sentences and rows that come near what is listed in meaning and do not say it."""
    if tools.encode is None:
        return []
    by_id = {reading.document.id: (place, reading) for place, reading in enumerate(readings)}
    places = [
        (hit, start, end)
        for hit in tools.near(what)
        if hit.passage.document_id in by_id
        for start, end in sentence_spans(hit.passage.text)
        if len(words(hit.passage.text[start:end])) >= 4
    ]
    if not places:
        return []
    vectors = tools.encode([what, *(hit.passage.text[start:end] for hit, start, end in places)])
    scores = vectors[1:] @ vectors[0]
    found: list[_Found] = []
    texts: set[str] = set()
    for i in np.argsort(-scores, kind="stable").tolist():
        hit, start, end = places[i]
        if scores[i] < _NEAR or len(found) == _MOST_NEAR:
            break
        place, reading = by_id[hit.passage.document_id]
        citation = cite(1, Source(hit, start, end, verbatim=True), reading.page_of)
        overlaps = any(
            (citation.document_id, span) in said or _is_said(citation, span, said) for span in citation.spans
        )
        if overlaps or fold(citation.quote) in texts:
            continue
        texts.add(fold(citation.quote))
        found.append(_Found((place, citation.page, citation.spans[0].start), citation, None, 0))
    return found


def _is_said(citation: Citation, span: PageSpan, said: set[tuple[str, PageSpan]]) -> bool:
    return any(
        document == citation.document_id
        and other.page == span.page
        and other.start < span.end
        and span.start < other.end
        for document, other in said
    )


def _first_line(what: str, found: Sequence[_Found]) -> str:
    """Return how often something is mentioned, on how many pages."""
    exact = [item for item in found if item.n]
    n_near = len(found) - len(exact)
    near = f"{_count(n_near, 'sentence')} {'comes' if n_near == 1 else 'come'} near it in meaning"
    if not exact:
        return f"“{what}” itself is not mentioned; {near}."
    pages = {(item.citation.document_id, item.citation.page) for item in exact}
    documents = {item.citation.document_id for item in exact}
    across = f" of {_count(len(documents), 'document')}" if len(documents) > 1 else ""
    line = f"“{what}” is mentioned {_times(sum(item.n for item in exact))} on {_count(len(pages), 'page')}{across}"
    return f"{line}; {near.replace(' sentence', ' more sentence', 1)}." if n_near else f"{line}."


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n:,} times")


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
