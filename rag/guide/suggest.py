"""Questions that the document answers, each asked back before it is shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rag.guide.english import Casing
from rag.guide.guide import Line, Term
from rag.guide.phrasing import of_cell, of_heading, of_statement
from rag.guide.reading import Reading, Sentence
from rag.guide.telling import Encode, centrality, shape_of
from rag.guide.voice import Asked, Kind, Voice
from rag.text import fold, stems
from rag.types import Answer, Citation, Floats, IsCancelled

AskBack = Callable[[str, Floats], Answer]  # a question and its vector, to the answer from this document alone

MOST = 5
_TRIES = 24  # questions that are asked back
_N_ENCODED = 64
_NEAR = 6  # the source is among so many passages nearest to the question, or nobody would find it
_WORTH: dict[Kind, float] = {
    "what": 1.0,
    "does": 0.85,
    "why": 1.15,
    "share": 0.95,
    "change": 0.85,
    "when": 1.0,
    "who": 0.9,
    "where": 0.9,
    "how much": 0.9,
    "how": 1.0,
    "heading": 1.1,
    "table": 0.55,
    "likely": 0.85,
}
_AT_MOST: dict[Kind, int] = {
    "table": 1,
    "who": 1,
    "where": 1,
    "how": 3,
    "heading": 3,
    "what": 3,
    "share": 2,
    "likely": 1,
}
_ASIDE = re.compile(r"\bnotes? (?:to|\d)|accounting|methodology|^methods?$|related work|tax|governance", re.I)
_PAPER = re.compile(r"^\W*(?:[\dIVX.]+\s+)?(?:abstract|references|related work|bibliography)\W*$", re.I)
_SHORT = 40  # pages
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question with the sentence, row or heading it was made from."""

    asked: Asked
    source: Sentence  # of a heading: the first sentence below it
    under: str = ""  # the heading: whatever stands below it may answer


@dataclass(frozen=True, slots=True)
class Interest:
    """What makes a question worth asking: key terms, the sentences that say most, the company that speaks."""

    terms: Sequence[Term]
    telling: Sequence[Sentence]
    company: str | None


def suggestions(
    reading: Reading,
    interest: Interest,
    encode: Encode,
    ask_back: AskBack,
    *,
    is_cancelled: IsCancelled = lambda: False,
    most: int = MOST,
) -> list[Line]:
    """Return up to `most` questions, varied, in reading order, each with the sentence that answers it.

    Each was asked back in this document alone: its answer cites the very sentence that it was made from, or what stands
    under the heading. None where the document is not in English.
    """
    if reading.language not in {None, "en"} or reading.vectors is None:
        return []
    candidates = _ranked(reading, interest)
    if not candidates:
        return []
    vectors = encode([candidate.asked.text for candidate, _ in candidates])
    worth = np.array([score for _, score in candidates]) + _findable(reading, candidates, vectors)
    kept: list[tuple[Candidate, Citation]] = []
    is_strict = True
    for _ in range(_TRIES):
        i = _next(candidates, worth, kept, vectors, is_strict)
        if i is None and is_strict:
            is_strict = False
            continue
        if i is None or len(kept) == most or is_cancelled():
            break
        candidate = candidates[i][0]
        answer = ask_back(candidate.asked.text, vectors[i])
        citation = confirmed(reading, candidate, answer)
        if citation is not None:
            kept.append((candidate, citation))
        worth[i] = -np.inf
    kept.sort(key=lambda pair: pair[0].source.number)
    return [Line(candidate.asked.text, citation) for candidate, citation in kept]


def confirmed(reading: Reading, candidate: Candidate, answer: Answer) -> Citation | None:
    """Return the first citation of an answer if it is the source: the page, and there the sentence or the part."""
    if answer.abstained or not answer.claims or not answer.claims[0].citations:
        return None
    citation = answer.claims[0].citations[0]
    if candidate.under:
        passages = [p for p in reading.passages if p.headings and p.headings[-1] == candidate.under]
        spans = [span for passage in passages for span in passage.spans]
    else:
        spans = list(reading.spans_of(candidate.source))
    same = any(s.page == c.page and s.start < c.end and c.start < s.end for s in spans for c in citation.spans)
    is_page = bool(candidate.under) or citation.page == candidate.source.page
    return citation if same and is_page else None


def _ranked(reading: Reading, interest: Interest) -> list[tuple[Candidate, float]]:
    """Return the best candidates with their worth, no question twice."""
    voice = voice_of(reading, interest.company)
    central = centrality(reading)
    terms = {key for term in interest.terms for key in stems(term.text)}
    telling = {sentence.number for sentence in interest.telling}
    best: dict[str, tuple[Candidate, float]] = {}
    for candidate in _candidates(reading, voice):
        score = _worth(reading, candidate, terms, telling) + 0.5 * central[candidate.source.passage]
        key = fold(candidate.asked.text)
        if key not in best or best[key][1] < score:
            best[key] = (candidate, score)
    kinds: Counter[Kind] = Counter()
    chosen = []
    for candidate, score in sorted(best.values(), key=lambda pair: (-pair[1], pair[0].source.number)):
        kinds[candidate.asked.kind] += 1
        if kinds[candidate.asked.kind] <= _N_ENCODED // 4:
            chosen.append((candidate, score))
    return chosen[:_N_ENCODED]


def voice_of(reading: Reading, company: str | None) -> Voice:
    """Return how a document speaks; `company` is the one that says "we" in it."""
    text = "\n".join(reading.texts.values())
    verbs = re.findall(r"\b(?:to|you|can|please|may|must) ([a-z]+)\b", text)
    people = re.findall(
        r"\b(?:Mr|Ms|Mrs|Dr|Prof)\. (?:[A-Z][\w.]* ){0,2}([A-Z][a-z]+)|\b[A-Z][a-z]+ [A-Z]\. ([A-Z][a-z]+)\b", text
    )
    has_authors = any(_PAPER.match(heading.title) for heading in reading.outline)
    return Voice(
        Casing(*reading.capitals, reading.ranks),
        reading.ranks,
        company=company,
        has_authors=has_authors and company is None,
        people=frozenset(name for pair in people for name in pair if name),
        verbs=frozenset(verbs),
        is_short=reading.document.n_pages <= _SHORT,
    )


def _candidates(reading: Reading, voice: Voice) -> Iterator[Candidate]:
    for sentence in reading.statements:
        if len(sentence.text.split()) >= 6 and shape_of(sentence.text, in_english=True) > 0.2:
            for asked in of_statement(voice, sentence.text):
                yield Candidate(asked, sentence)
    yield from _from_headings(reading, voice)
    yield from _from_rows(reading, voice)


def _from_headings(reading: Reading, voice: Voice) -> Iterator[Candidate]:
    seen: set[str] = set()
    for sentence in reading.statements:
        path = reading.path_of(sentence)
        if not path or path[-1] in seen or fold(sentence.text) == fold(path[-1]):
            continue
        seen.add(path[-1])
        asked = of_heading(voice, path[-1])
        if asked is not None:
            yield Candidate(asked, sentence, under=path[-1])


def _from_rows(reading: Reading, voice: Voice) -> Iterator[Candidate]:
    labels: Counter[str] = Counter()
    found: list[tuple[str, Candidate]] = []
    for i, passage in enumerate(reading.passages):
        if passage.kind != "table" or reading.is_back_matter(i):
            continue
        rows = [s for s in reading.sentences_of(i) if any(c.isdigit() for c in s.text)]
        for line in passage.index_text.split("\n"):
            label, *cells = line.split(" | ")
            labels[fold(label)] += 1
            row = next((s for s in rows if s.text.startswith(label) and len(label) > 5), None)
            year = _year_of(cells[0]) if cells else None
            asked = of_cell(voice, label, year) if row is not None and year is not None else None
            if asked is not None and row is not None:
                found.append((fold(label), Candidate(asked, row)))
    yield from (candidate for label, candidate in found if labels[label] <= 2)


def _year_of(cell: str) -> str | None:
    heading, _, value = cell.rpartition(": ")
    years = _YEAR.findall(heading)
    return years[0] if len(years) == 1 and any(c.isdigit() for c in value) and len(heading) < 40 else None


def _worth(reading: Reading, candidate: Candidate, terms: set[str], telling: set[int]) -> float:
    """Return how good a question is, by its kind, what it asks about, and where its answer stands."""
    asked, source = candidate.asked, candidate.source
    words = set(stems(asked.text))
    held = len(words & terms) / max(1, len(words))
    path = reading.path_of(source)
    score = _WORTH[asked.kind] + 0.9 * held + 0.35 * (source.number in telling)
    score -= 0.35 * any(_ASIDE.search(title) and len(title) < 90 for title in path)
    score -= 0.04 * max(0, len(asked.text.split()) - 11)
    score -= 0.25 * (len(source.text.split()) > 40)
    return score


def _findable(reading: Reading, candidates: Sequence[tuple[Candidate, float]], vectors: Floats) -> Floats:
    """Return what is added to each candidate's worth for how near its source stands; minus infinity where far."""
    if reading.vectors is None:
        return np.zeros(len(candidates), np.float32)
    near = vectors @ reading.vectors.T  # (questions, passages)
    own = near[np.arange(len(candidates)), [candidate.source.passage for candidate, _ in candidates]]
    nearer = (near > own[:, None]).sum(1)
    limit = [_NEAR + 6 * bool(candidate.under or candidate.source.is_row) for candidate, _ in candidates]
    return np.where(nearer < np.array(limit), 0.8 * own - 0.05 * nearer, -np.inf).astype(np.float32)


def _next(
    candidates: Sequence[tuple[Candidate, float]],
    worth: Floats,
    kept: Sequence[tuple[Candidate, Citation]],
    vectors: Floats,
    is_strict: bool,
) -> int | None:
    """Return the candidate to ask back next: worth most, and unlike those kept in kind, subject and place."""
    kinds = Counter(candidate.asked.kind for candidate, _ in kept)
    pages = Counter(candidate.source.page for candidate, _ in kept)
    places = {id(candidate): i for i, (candidate, _) in enumerate(candidates)}
    rows = [places[id(candidate)] for candidate, _ in kept]
    score = worth.copy()
    for i, (candidate, _) in enumerate(candidates):
        kind = candidate.asked.kind
        alike = float((vectors[rows] @ vectors[i]).max()) if rows else 0.0
        score[i] -= 0.3 * kinds[kind] + 0.3 * pages[candidate.source.page] + 0.5 * max(0.0, alike - 0.3)
        if kinds[kind] >= _AT_MOST.get(kind, 2) + 2 * (not is_strict) or alike > (0.8 if is_strict else 0.88):
            score[i] = -np.inf
    best = int(score.argmax())
    return best if np.isfinite(score[best]) else None
