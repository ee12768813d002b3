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
from rag.guide.requests import Request, RequestKind
from rag.guide.sections import section_of
from rag.guide.telling import MOST, Encode, telling_sentences
from rag.text import fold, sentence_spans, words
from rag.types import NORMAL, Answer, AnswerKind, Citation, Claim, Hit, Length, Manner, PageSpan

MOST_DOCUMENTS = 10  # of a summary, and of outlines
MOST_LISTED = 200
_SENTENCES: dict[Length, int] = {
    "succinct": 4,
    "normal": MOST,
    "detailed": 12,
    "close": MOST,
}  # of one document; several share twice
_NEAR = 0.5  # inner product with what is listed, from which a sentence comes near it
_MOST_NEAR = 40


@dataclass(frozen=True, slots=True)
class Tools:
    """What an answer is made with."""

    encode: Encode | None
    nearest: Callable[[], Sequence[Hit]]  # the passages nearest to the question
    near: Callable[[str], Sequence[Hit]]  # the passages that come near a phrase in meaning
    kept: Callable[[Reading], Sequence[Citation]]  # the sentences of a guide that was made before


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, of which documents, and how the answer is wanted."""

    question: str
    request: Request
    readings: Sequence[Reading]
    n_left: int = 0  # further documents, which are too many to read
    manner: Manner = NORMAL


def most_read(request: Request) -> int | None:
    """Return of how many documents a request is answered; None: of all."""
    most: dict[RequestKind, int] = {"summary": MOST_DOCUMENTS, "outline": MOST_DOCUMENTS, "pages": MOST_LISTED}
    return most.get(request.kind)


def answer_whole(asked: Asked, tools: Tools) -> Answer | None:
    """Answer a request; None where the part that it names is not found: it may be an ordinary question."""
    if asked.request.kind == "summary":
        return _section_summary(asked, tools) if asked.request.section else _summary(asked, tools)
    if asked.request.kind == "outline":
        return _outline(asked, tools)
    if asked.request.kind == "pages":
        return _page_counts(asked)
    return _mentions(asked, tools)


def _answer(
    question: str, kind: AnswerKind, claims: Sequence[Claim], *, text: str = "", note: str | None = None
) -> Answer:
    said = text or " ".join(f"{claim.text} [{claim.citations[0].marker}]" for claim in claims)
    return Answer(question, "extractive", said, tuple(claims), (), abstained=False, kind=kind, note=note)


def _abstained(asked: Asked, kind: AnswerKind, tools: Tools, note: str | None) -> Answer:
    hits = tuple(tools.nearest())
    return Answer(asked.question, "extractive", NO_ANSWER, (), hits, abstained=True, kind=kind, note=note)


# --------------------------------------------------------------------------------------- summary and outline


def _summary(asked: Asked, tools: Tools) -> Answer:
    n = len(asked.readings)
    most = _SENTENCES[asked.manner.length]
    each = most if n == 1 else max(2, 2 * most // max(n, 1))
    citations: list[Citation] = []
    for reading in asked.readings:
        kept = tools.kept(reading) if n > 1 or each == MOST else ()  # a guide keeps so many sentences of one document
        found = kept or [reading.cite(s) for s in telling_sentences(reading, tools.encode, most=each)]
        citations += found[:each]
    left = _left(asked, "Only {first} summed up, {others} not.")
    if not citations:
        return _abstained(asked, "summary", tools, _noted("No whole sentences were found to sum up.", left))
    return _answer(asked.question, "summary", _claims(citations), note=left)


def _section_summary(asked: Asked, tools: Tools) -> Answer | None:
    citations: list[Citation] = []
    titles: list[str] = []
    for reading in asked.readings:
        section = section_of(reading, asked.request.section)
        if section is not None:
            title, passages = section
            titles.append(title)
            most = _SENTENCES[asked.manner.length]
            sentences = telling_sentences(reading, tools.encode, most=most, among=passages)
            citations += [reading.cite(sentence) for sentence in sentences]
    if not citations:
        return None
    note = f"Of the part “{titles[0]}”." if len(set(titles)) == 1 else None
    left = _left(asked, "Of those with such a part, only {first} summed up, {others} not.")
    return _answer(asked.question, "summary", _claims(citations), note=_noted(note, left))


def _left(asked: Asked, told: str) -> str | None:
    """Return what is to be said of the documents that were too many; None when all were read.

    Args:
        told: the sentence, with {first} and {others} where the two groups stand, each with its verb.
    """
    if not asked.n_left:
        return None
    n = len(asked.readings)
    first = "the first document is" if n == 1 else f"the first {n} documents are"
    others = "the other one is" if asked.n_left == 1 else f"the other {asked.n_left:,} are"
    return f"{told.format(first=first, others=others)} Choose fewer to see them."


def _noted(*notes: str | None) -> str | None:
    return " ".join(note for note in notes if note) or None


def _claims(citations: Sequence[Citation]) -> list[Claim]:
    """Return a claim for each citation, numbered, that says what is quoted."""
    return [
        Claim(citation.quote, (replace(citation, marker=n),), "verbatim") for n, citation in enumerate(citations, 1)
    ]


def _outline(asked: Asked, tools: Tools) -> Answer:
    claims: list[Claim] = []
    for reading in asked.readings:
        for entry in outline_of(reading, most=MOST_LISTED // len(asked.readings)):
            place = replace(entry.citation, marker=len(claims) + 1)
            is_quoted = fold(place.quote) == fold(entry.title)
            claims.append(Claim(entry.title, (place,), "verbatim" if is_quoted else "unchecked"))
    left = _left(asked, "Only {first} outlined, {others} not.")
    if not claims:
        return _abstained(asked, "outline", tools, _noted("No headings were found.", left))
    return _answer(asked.question, "outline", claims, note=left)


def _page_counts(asked: Asked) -> Answer:
    claims = []
    for n, reading in enumerate(asked.readings, 1):
        n_pages = reading.document.n_pages
        said = f"{reading.document.name} has {_count(n_pages, 'page')}."
        claims.append(Claim(said, (reading.cite_page(n_pages, n),), "unchecked"))  # no line of the page says so
    return _answer(asked.question, "answer", claims, note=_left(asked, "Only {first} listed, {others} not."))


# -------------------------------------------------------------------------------------------------- mentions


@dataclass(frozen=True, slots=True)
class _Found:
    """Something to list, and where it comes in the order."""

    order: tuple[int, int, int]  # document, page, start
    citation: Citation
    telling: tuple[int, int] | None
    n: int  # times the phrase stands there; 0: it only comes near it


def _mentions(asked: Asked, tools: Tools) -> Answer:
    phrase = Phrase(asked.request.what)
    found = [
        _cited(reading, place, mention)
        for place, reading in enumerate(asked.readings)
        for mention in phrase.mentions(reading.texts)
    ]
    said = {(item.citation.document_id, span) for item in found for span in item.citation.spans}
    if asked.request.kind == "list":
        found += _near(asked, tools, said)
    if not found:
        return _abstained(asked, "list", tools, f"“{phrase.text}” is not mentioned in what was searched.")
    found.sort(key=lambda item: item.order)
    note = f"The first {MOST_LISTED} of {len(found)} sentences are listed." if len(found) > MOST_LISTED else None
    claims = [
        Claim(item.citation.quote, (replace(item.citation, marker=n),), "verbatim", telling=item.telling)
        for n, item in enumerate(found[:MOST_LISTED], 1)
    ]
    return _answer(asked.question, "list", claims, text=_first_line(phrase.text, found), note=note)


def _cited(reading: Reading, place: int, mention: Mention) -> _Found:
    citation = reading.cite_text(mention.page, mention.start, mention.end)
    return _Found((place, mention.page, mention.start), citation, mention.first, mention.n)


def _near(asked: Asked, tools: Tools, said: set[tuple[str, PageSpan]]) -> list[_Found]:
    """Return the sentences and rows that come near what is listed in meaning and do not say it."""
    if tools.encode is None:
        return []
    what, least = asked.request.what, max(_NEAR, asked.manner.threshold)
    by_id = {reading.document.id: (place, reading) for place, reading in enumerate(asked.readings)}
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
        if scores[i] < least or len(found) == _MOST_NEAR:
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
    where = _listed(sorted({item.citation.page for item in exact})) if len(documents) == 1 and len(pages) > 1 else ""
    line = (
        f"“{what}” is mentioned {_times(sum(item.n for item in exact))} on {_count(len(pages), 'page')}{across}{where}"
    )
    return f"{line}; {near.replace(' sentence', ' more sentence', 1)}." if n_near else f"{line}."


def _listed(pages: Sequence[int]) -> str:
    """Return pages of a PDF as they are listed: PDF p. 3, 5–7."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return " (PDF p. " + ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs) + ")"


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n:,} times")


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
