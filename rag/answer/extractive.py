"""No LLM: the document's own sentences that answer, verbatim, the strongest first, the telling part marked.

Every sentence of the best passages is scored by what it shares with the question (meaning and rare words), by the
passage that it stands in, by whether it holds something of the kind that the question asks for, and by what a network
made of its passage, where one has read it: the words that the network says answer are the part that is marked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.answer.abstain import Evidence, probability_of_answer
from rag.answer.cite import PageOf, Source, cite
from rag.answer.expected import Kind, expected_kind, names_and_years, spans_of_kind
from rag.answer.located import Best, Told, best_told
from rag.answer.prompts import NO_ANSWER
from rag.answer.rows import PlacedNumber, numbers_of, telling_number
from rag.answer.telling import telling_part
from rag.text import fold, sentence_spans, without_leaders
from rag.types import Answer, AnswerType, Claim, Encoder, Floats, Hit

Terms = Callable[[str], list[str]]  # text to the terms that the index knows it by
Idf = Callable[[Sequence[str]], dict[str, float]]
Headings = Callable[[str], frozenset[str]]  # document id to the headings in it, folded
Known = Callable[[Sequence[str]], set[str]]  # those of the terms that the documents hold at all

N_HITS = 8  # passages that are read
# Near those that `python -m benchmarks.sentences --fit` prints.
WEIGHTS = {
    "meaning": 5.3,  # inner product with the question
    "words": 4.9,  # share of the question's idf
    "passage": 1.5,  # score of the passage that it stands in
    "previous words": 0.6,  # share of the question's idf in the sentence before
    "next words": -0.5,
    "kind": 0.9,  # 1: holds something of the kind that is asked for; -1: does not; 0: no such kind
    "length": 0.13,  # logarithm of its words
    "scrap": -0.2,  # fewer than five words
}
# What a sentence gains that holds the words which the network says answer; fitted beside the others.
TOLD_WEIGHTS = {
    "told": 1.0,
    "relevance": 2.0,  # share of the relevance of all that was read
    "answered": 1.0,  # probability that its passage answers
    "sure": 1.0,  # probability of these words among all of the passage
}
MIN_WORDS = 4  # of a further sentence: less is a heading or a scrap
SAME = 0.8  # share of the words of two sentences together that both hold, from which they say the same
MARGIN = 3.0  # a further sentence stands at most this far behind the best (docs/LOG.md)
_BY_RULES: frozenset[AnswerType | None] = frozenset({"yes/no"})  # no words of a document are the answer to these
_TYPED: frozenset[Kind] = frozenset({"number", "money", "percentage", "date", "person", "place", "name"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a hit, with what speaks for it."""

    hit: Hit
    start: int
    end: int
    features: tuple[float, ...] = ()  # in the order of WEIGHTS
    score: float = 0.0
    gain: float = 0.0  # the share of the score that a network gives
    told: Best | None = None  # what a network says of it, if it holds the words that answer

    @property
    def text(self) -> str:
        """Return the sentence, verbatim."""
        return self.hit.passage.text[self.start : self.end]

    @property
    def by_rules(self) -> float:
        """Return the score without what a network gives."""
        return self.score - self.gain

    @property
    def meaning(self) -> float:
        """Return the inner product with the question."""
        return self.features[0]

    @property
    def words(self) -> float:
        """Return the share of the question's idf that it holds."""
        return self.features[1]


@dataclass(frozen=True, slots=True)
class ExtractiveReader:
    """Answers with sentences of the hits."""

    encoder: Encoder | None  # None while vectors are being made: words alone decide
    terms: Terms
    idf: Idf
    known: Known
    page_of: PageOf
    headings: Headings
    question_vector: Floats | None = None  # of the question that will be read, if it is at hand
    expected: AnswerType | None = None  # the kind of answer that it asks for, if a network has told; else words tell
    wordings: tuple[str, ...] = ()  # the question in other words
    told: tuple[Told, ...] = ()  # what a network made of passages; none: it was not asked
    prose: float = 1.0  # probability that the answer stands in prose
    max_sentences: int = 3
    max_words: int = 60
    threshold: float = 0.5  # abstain below this probability that the hits answer

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        """Answer from the hits, or abstain."""
        ranked = self.rank(question, hits)
        if not ranked or probability_of_answer(self.evidence(question, ranked, hits)) < self.threshold:
            return Answer(question, "extractive", NO_ANSWER, (), tuple(hits), abstained=True)
        claims = [self._claim(question, n + 1, sentence) for n, sentence in enumerate(self._choose(ranked))]
        text = " ".join(f"{claim.text} [{claim.citations[0].marker}]" for claim in claims)
        first = claims[0]
        short = first.text[slice(*first.telling)] if first.telling else None
        return Answer(question, "extractive", text, tuple(claims), tuple(hits), abstained=False, short_answer=short)

    def _claim(self, question: str, marker: int, sentence: Sentence) -> Claim:
        telling = self._telling(question, sentence)
        start, end = _within(sentence.text, self.max_words, telling)
        source = Source(sentence.hit, sentence.start + start, sentence.start + end, verbatim=True)
        if telling is not None and not start <= telling[0] < telling[1] <= end:
            telling = None
        focus = None if telling is None else (sentence.start + telling[0], sentence.start + telling[1])
        citation = cite(marker, source, self.page_of, telling=focus)
        if telling is not None:
            telling = (telling[0] - start, telling[1] - start)
        return Claim(citation.quote, (citation,), "verbatim", support=None, telling=telling)

    def _telling(self, question: str, sentence: Sentence) -> tuple[int, int] | None:
        """Return the part of a sentence that answers: what the network says, else what words and headings tell."""
        if sentence.told is not None and sentence.told.place.telling is not None and self.expected not in _BY_RULES:
            start, end = sentence.told.place.telling
            return start - sentence.start, end - sentence.start
        if sentence.hit.passage.kind == "table":
            return telling_number(question, self._numbers(sentence))
        return telling_part(question, sentence.text, self.expected)

    def _numbers(self, sentence: Sentence) -> list[PlacedNumber]:
        passage = sentence.hit.passage
        texts = {number: self.page_of(passage.document_id, number).text for number in passage.pages}
        return numbers_of(passage, texts, sentence.start, sentence.end)

    def _in_full(self, sentence: Sentence) -> str:
        """Return a sentence, a row with the headings of its columns: the year that is asked for stands there."""
        if sentence.hit.passage.kind != "table":
            return sentence.text
        return " ".join(dict.fromkeys((sentence.text, *(number.heading for number in self._numbers(sentence)))))

    def rank(self, question: str, hits: Sequence[Hit]) -> list[Sentence]:
        """Return every sentence of the first hits, best first; ties by rank and place."""
        sentences = [
            Sentence(hit, start, end)
            for hit in hits[:N_HITS]
            for start, end in sentence_spans(hit.passage.text)
            if self._says_something(hit, hit.passage.text[start:end])
        ]
        if not sentences:
            return []
        meaning = self._meaning(question, sentences)
        shares = self._shares((question, *self.wordings), [self._in_full(sentence) for sentence in sentences])
        kinds = _of_kind(question, sentences, self.expected)
        weights = tuple(WEIGHTS.values())
        told = self._told(hits[:N_HITS])
        scored = []
        for i, sentence in enumerate(sentences):
            features = _features(sentences, i, float(meaning[i]), shares, kinds[i])
            score = sum(weight * feature for weight, feature in zip(weights, features, strict=True))
            best = told.get((sentence.hit.rank, sentence.start, sentence.end))
            gain = _gain(best)
            scored.append(replace(sentence, features=features, score=score + gain, gain=gain, told=best))
        return sorted(scored, key=lambda sentence: (-sentence.score, sentence.hit.rank, sentence.start))

    def _told(self, hits: Sequence[Hit]) -> dict[tuple[int, int, int], Best]:
        """Return what the network says of the sentences that answer, by rank of the hit, start and end."""
        if not self.told:
            return {}
        return best_told(self.told, hits, lambda document_id, page: self.page_of(document_id, page).text)

    def _says_something(self, hit: Hit, text: str) -> bool:
        """Tell whether a sentence can answer: no heading can, no entry of a contents page, no row of words alone."""
        if without_leaders(text) != text or fold(text) in self.headings(hit.passage.document_id):
            return False
        wanted = str.isdigit if hit.passage.kind == "table" else str.isalnum
        return any(wanted(character) for character in text)

    def _meaning(self, question: str, sentences: Sequence[Sentence]) -> Floats:
        if self.encoder is None:
            return np.zeros(len(sentences), np.float32)
        asked = self.encoder.encode([question])[0] if self.question_vector is None else self.question_vector
        meaning = np.asarray(self.encoder.encode([sentence.text for sentence in sentences]) @ asked, np.float32)
        for i, sentence in enumerate(sentences):  # a row says little without its table
            if sentence.hit.passage.kind == "table" and sentence.hit.similarity is not None:
                meaning[i] = max(meaning[i], (meaning[i] + sentence.hit.similarity) / 2)
        return meaning

    def _shares(self, wordings: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return for each text the share of a question's idf that its terms hold, 0 to 1: of the wording it fits."""
        held = [set(self.terms(text)) for text in texts]
        best = [0.0] * len(texts)
        for wording in wordings:
            weight = self.idf(sorted(set(self.terms(wording))))
            total = sum(weight.values()) or 1.0
            for i, terms in enumerate(held):
                best[i] = max(best[i], sum(weight[term] for term in weight.keys() & terms) / total)
        return best

    def _choose(self, ranked: Sequence[Sentence]) -> list[Sentence]:
        """Return the best sentence, and further ones that fit and come near the best by rules, no text twice."""
        chosen: list[Sentence] = []
        n_words = 0
        least = max(sentence.by_rules for sentence in ranked) - MARGIN
        for sentence in (ranked[0], *sorted(ranked[1:], key=lambda sentence: -sentence.by_rules)):
            if chosen and sentence.by_rules < least:
                break
            length = len(sentence.text.split())
            is_said = any(_overlap(self.terms(sentence.text), self.terms(other.text)) > SAME for other in chosen)
            if is_said or (chosen and (length < MIN_WORDS or n_words + length > self.max_words)):
                continue
            chosen.append(sentence)
            n_words += length
            if len(chosen) == self.max_sentences or n_words >= self.max_words:
                break
        return chosen

    def evidence(self, question: str, ranked: Sequence[Sentence], hits: Sequence[Hit]) -> Evidence:
        """Return what speaks for the hits holding an answer at all; `ranked` is not empty."""
        known = [hit.similarity for hit in hits if hit.similarity is not None]
        return Evidence(
            meaning=None if self.encoder is None else max(sentence.meaning for sentence in ranked),
            passage_meaning=max(known, default=None),
            words=max(self._shares((question,), [sentence.text for sentence in ranked])),
            passage_words=max(self._shares((question,), [hit.passage.index_text for hit in hits[:5]])),
            unknown=self._names_unknown(question),
            answered=max((one.reading.answered for one in self.told), default=None),
            prose=self.prose,
        )

    def _names_unknown(self, question: str) -> bool:
        """Tell whether the question names someone, something or a year that the documents never mention."""
        named = [self.terms(word) for word in names_and_years(question)]
        known = self.known(sorted({term for terms in named for term in terms}))
        return any(terms and not known.intersection(terms) for terms in named)


def _overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of the terms of two sentences together that both hold."""
    a, b = set(one), set(other)
    return len(a & b) / max(1, len(a | b))


def _of_kind(question: str, sentences: Sequence[Sentence], expected: AnswerType | None) -> list[float]:
    kind = expected_kind(question, expected)
    if kind not in _TYPED:
        return [0.0] * len(sentences)
    kinds: list[Kind] = [  # the unit of a row's numbers stands above its table
        "number" if kind == "money" and sentence.hit.passage.kind == "table" else kind for sentence in sentences
    ]
    return [
        1.0 if spans_of_kind(kind, sentence.text, question=question) else -1.0
        for kind, sentence in zip(kinds, sentences, strict=True)
    ]


def _features(
    sentences: Sequence[Sentence], i: int, meaning: float, shares: Sequence[float], of_kind: float
) -> tuple[float, ...]:
    """Return what speaks for sentence i, in the order of WEIGHTS."""
    here, n_words = sentences[i], len(sentences[i].text.split())
    previous = shares[i - 1] if i and sentences[i - 1].hit is here.hit else 0.0
    following = shares[i + 1] if i + 1 < len(sentences) and sentences[i + 1].hit is here.hit else 0.0
    length, scrap = math.log1p(n_words), float(n_words < 5)
    return (meaning, shares[i], here.hit.score, previous, following, of_kind, length, scrap)


def _gain(best: Best | None) -> float:
    """Return what a sentence gains by what a network says of it."""
    if best is None:
        return 0.0
    weights, reading = TOLD_WEIGHTS, best.told.reading
    return (
        weights["told"]
        + weights["relevance"] * best.told.share
        + weights["answered"] * reading.answered
        + weights["sure"] * reading.probability
    )


def _within(text: str, max_words: int, keep: tuple[int, int] | None) -> tuple[int, int]:
    """Return the part of `text` that has at most `max_words` words and holds the characters `keep`."""
    ends = [i for i, character in enumerate(text) if character.isspace()] + [len(text)]
    if len(text.split()) <= max_words:
        return 0, len(text)
    starts = [0, *(end + 1 for end in ends[:-1])]
    middle = 0 if keep is None else sum(end <= keep[0] for end in ends)
    first = max(0, min(middle - max_words // 3, len(ends) - max_words))
    last = min(len(ends), first + max_words) - 1
    return starts[first], ends[last]
