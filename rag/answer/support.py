"""What each claim of an answer rests on, and its verdict. In: an answer and the hits. Out: the answer, judged.

A claim that stands word for word in what it cites is verbatim; nothing more is asked. Every other one is first checked
for its numbers, dates and names: one that no cited span holds is never supported. Then a network reads the claim with
each sentence that it may rest on, all pairs of an answer in one batch. A claim without citations is read with the
sentences of the hits that come nearest; what supports or contradicts it there becomes its citation. Without the
network, rules say what they can: a claim that they do not see through stays unchecked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answer.cite import PageOf, cite, says_little, statements, supporting
from rag.answer.cite import Source as Place
from rag.answer.facts import Source, lacking, phrases
from rag.answer.generative import with_markers
from rag.text import STOP_WORDS, sentence_spans, stem, words
from rag.types import Answer, Citation, Claim, Hit, SupportChecker, Verdict

N_HITS = 8  # whose sentences a claim without citations is read with
N_PLACES = 4  # of those sentences, the nearest ones
_LEAST_SHARED = 0.2  # share of a claim's telling words that a sentence must hold to be read with it
_SAME_MATTER = 0.4  # and to be able to contradict it: another matter cannot
_MAX_WORDS = 120  # of evidence that is read at once


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Something that a claim may rest on.

    Args:
        read: as the network reads it.
        shared: share of the claim's telling words that it holds.
        at: which of the claim's citations it is; None: all of them, or one that would be new.
        place: where it stands, when it would be a new citation.
    """

    source: Source
    read: str
    shared: float
    lacks: bool
    at: int | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the claims of answers.

    Args:
        checker: the network; None: rules alone.
        known: what claims may name without citing it, besides the question: what its short forms stand for.
    """

    page_of: PageOf
    checker: SupportChecker | None = None
    known: str = ""

    def judged(self, answer: Answer, hits: Sequence[Hit]) -> Answer:
        """Return an answer with a verdict for each of its claims, and how probably each is supported.

        Args:
            hits: that were read for it, whether or not the reader looked at them.
        """
        if answer.abstained or all(claim.verdict == "verbatim" for claim in answer.claims):
            return answer
        evidence = [list(self._evidence(answer.question, claim, hits)) for claim in answer.claims]
        found = self._read(answer, evidence)
        markers = max((c.marker for claim in answer.claims for c in claim.citations), default=0)
        claims: list[Claim] = []
        new: dict[tuple[int, int, int], int] = {}  # place to its marker
        for claim, candidates in zip(answer.claims, evidence, strict=True):
            if claim.verdict == "verbatim":
                claims.append(claim)
                continue
            if found is None:
                judged, place = self._by_rules(answer, claim, candidates, hits)
            else:
                judged, place = self._by_network(answer, claim, [(one, next(found)) for one in candidates], hits)
            if place is not None:
                at = (place.hit.rank, place.start, place.end)
                marker = new.setdefault(at, markers + len(new) + 1)
                judged = replace(
                    judged, citations=(replace(cite(marker, place, self.page_of), support=judged.support),)
                )
            claims.append(judged)
        text = with_markers(claims) if answer.reader == "grounded" else answer.text
        return replace(answer, claims=tuple(claims), text=text)

    # ------------------------------------------------------------------------------------------------ evidence

    def _evidence(self, question: str, claim: Claim, hits: Sequence[Hit]) -> Iterator[_Evidence]:
        if claim.verdict == "verbatim":
            return
        if claim.citations:
            yield from self._cited(question, claim, hits)
        else:
            yield from self._near(question, claim, hits)

    def _cited(self, question: str, claim: Claim, hits: Sequence[Hit]) -> Iterator[_Evidence]:
        """Yield every quote of a claim, each sentence of the longer ones, and all of them together."""
        contexts = [_context(citation, hits) for citation in claim.citations]
        for n, (citation, context) in enumerate(zip(claim.citations, contexts, strict=True)):
            sentences = [citation.quote[start:end] for start, end in sentence_spans(citation.quote)]
            for text in dict.fromkeys((citation.quote, *sentences)):
                if text.strip():
                    yield self._one(question, claim, text, context, at=n)
        together = " ".join(citation.quote for citation in claim.citations)
        if len(claim.citations) > 1 and len(together.split()) <= _MAX_WORDS:
            yield self._one(question, claim, together, "\n".join(dict.fromkeys(contexts)))

    def _near(self, question: str, claim: Claim, hits: Sequence[Hit]) -> Iterator[_Evidence]:
        """Yield the sentences of the hits that share most with a claim, and first what the rules take it from."""
        taken = supporting(claim.text, hits, question=question)
        places = [] if taken is None else [taken]
        for place in _nearest(_in_full(claim.text, question), hits):
            if not any((place.hit.rank, place.start, place.end) == (p.hit.rank, p.start, p.end) for p in places):
                places.append(place)
        for place in places:
            text = place.hit.passage.text[place.start : place.end]
            yield self._one(question, claim, text, _around(place.hit), place=place)

    def _one(
        self,
        question: str,
        claim: Claim,
        text: str,
        context: str,
        *,
        at: int | None = None,
        place: Place | None = None,
    ) -> _Evidence:
        source = Source(text, context, f"{question}\n{self.known}")
        said, there = _stems(_in_full(claim.text, question)), _stems(f"{text} {context}")
        shared = len(said & there) / max(1, len(said))
        title = context.partition("\n")[0] if not sentence_like(text) else ""
        read = " ".join(f"{title} {text}".split())
        return _Evidence(source, read, shared, bool(lacking(claim.text, source)), at, place)

    def _read(self, answer: Answer, evidence: Sequence[Sequence[_Evidence]]) -> Iterator[tuple[float, float]] | None:
        """Return for each piece of evidence how probably it supports its claim and contradicts it; None: no network."""
        if self.checker is None:
            return None
        pairs = [
            (_in_full(claim.text, answer.question), one.read)
            for claim, candidates in zip(answer.claims, evidence, strict=True)
            for one in candidates
        ]
        if not pairs:
            return iter(())
        found = self.checker.probabilities(list(dict.fromkeys(pairs)))
        of_pair = dict(zip(dict.fromkeys(pairs), found.tolist(), strict=True))
        return ((of_pair[pair][0], of_pair[pair][1]) for pair in pairs)

    # ------------------------------------------------------------------------------------------------- verdicts

    def _by_network(
        self, answer: Answer, claim: Claim, read: Sequence[tuple[_Evidence, tuple[float, float]]], hits: Sequence[Hit]
    ) -> tuple[Claim, Place | None]:
        """Return a claim with its verdict, and where that stands if it would be a new citation."""
        assert self.checker is not None
        least_support, least_contradiction = self.checker.thresholds
        scored = [(0.0 if one.lacks else supports, contradicts, one) for one, (supports, contradicts) in read]
        best = max(scored, key=lambda score: score[0], default=None)
        against = max((s for s in scored if s[2].shared >= _SAME_MATTER), key=lambda score: score[1], default=None)
        if best is not None and best[0] >= least_support:
            judged = replace(claim, verdict="supported", support=best[0], lacks=())
            return _with_support(judged, scored), best[2].place
        lacks = tuple(fact.text for fact in phrases(lacking(claim.text, self._all(answer, claim, hits)), claim.text))
        if against is not None and against[1] >= least_contradiction:
            judged = replace(claim, verdict="contradicted", support=against[0], lacks=lacks)
            return _with_support(judged, scored), against[2].place
        support = None if best is None else best[0]
        return _with_support(replace(claim, verdict="unsupported", support=support, lacks=lacks), scored), None

    def _by_rules(
        self, answer: Answer, claim: Claim, candidates: Sequence[_Evidence], hits: Sequence[Hit]
    ) -> tuple[Claim, Place | None]:
        """Return a claim with the verdict that rules come to, and where it stands if that would be a new citation."""
        if claim.citations:
            return claim, None
        place = supporting(claim.text, hits, question=answer.question)
        if place is not None:
            return replace(claim, verdict="verbatim" if place.verbatim else "unchecked"), place
        del candidates
        lacks = tuple(fact.text for fact in phrases(lacking(claim.text, self._all(answer, claim, hits)), claim.text))
        verdict: Verdict = "unsupported" if lacks else claim.verdict
        return replace(claim, verdict=verdict, lacks=lacks), None

    def _all(self, answer: Answer, claim: Claim, hits: Sequence[Hit]) -> Source:
        """Return everything that could bear out a claim: what it cites, or else all that was read."""
        known = f"{answer.question}\n{self.known}"
        if claim.citations:
            contexts = (_context(citation, hits) for citation in claim.citations)
            return Source("\n".join(c.quote for c in claim.citations), "\n".join(contexts), known)
        return Source("\n".join(hit.passage.text for hit in hits), "\n".join(map(_around, hits)), known)


def sentence_like(text: str) -> bool:
    """Tell whether a text is more than the row of a table: it ends as sentences do."""
    return text.rstrip("\"'”’)] ").endswith((".", "!", "?", "。", ":", ";"))


def _with_support(claim: Claim, scored: Sequence[tuple[float, float, _Evidence]]) -> Claim:
    """Return a claim whose citations say how probably each of them supports it."""
    citations = tuple(
        replace(citation, support=max((s for s, _, one in scored if one.at == n), default=None))
        for n, citation in enumerate(claim.citations)
    )
    return replace(claim, citations=citations)


def _in_full(claim: str, question: str) -> str:
    """Return what a claim says: one of a few words says it together with its question."""
    return f"{question} {claim}" if says_little(claim) else claim


def _context(citation: Citation, hits: Sequence[Hit]) -> str:
    """Return what stands around a citation."""
    of_document = [hit for hit in hits if hit.passage.document_id == citation.document_id]
    hit = next((hit for hit in of_document if citation.quote in hit.passage.text), None)
    return citation.document if hit is None else _around(hit)


def _around(hit: Hit) -> str:
    """Return what belongs to a passage without being in it: a table's title and column headings, headings, the name."""
    passage = hit.passage
    columns = " ".join(dict.fromkeys(cell.heading for cell in passage.cells))
    name = hit.document.rpartition(".")[0].replace("_", " ").replace("-", " ") or hit.document
    return "\n".join((" ".join(f"{passage.title} {columns}".split()), *passage.headings, name))


def _nearest(claim: str, hits: Sequence[Hit]) -> list[Place]:
    """Return the sentences of the first hits that hold most of a claim's telling words, rare ones counting more."""
    places = [place for hit in hits[:N_HITS] for place in statements(hit)]
    held = [_stems(place.hit.passage.text[place.start : place.end]) for place in places]
    n_holding = Counter(word for stems in held for word in stems)
    weights = {word: math.log(1 + len(places) / (1 + n_holding[word])) for word in _stems(claim)}
    total = sum(weights.values()) or 1.0
    shares = [sum(weights[word] for word in weights.keys() & stems) / total for stems in held]
    order = sorted(range(len(places)), key=lambda i: (-shares[i], places[i].end - places[i].start))
    return [places[i] for i in order[:N_PLACES] if shares[i] >= _LEAST_SHARED]


def _stems(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in STOP_WORDS}
