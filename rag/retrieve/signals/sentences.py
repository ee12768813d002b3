"""Sentences: a passage by the one sentence of it that would answer, as the extractive reader judges sentences.

Source: Callan, Passage-Level Evidence in Document Retrieval, 1994; Li and Roth, Learning Question Classifiers, 2002
(what kind of answer is asked for).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.answer.expected import Kind, expected_kind, spans_of_kind
from rag.retrieve.candidates import Asked, Candidates, Scores
from rag.retrieve.signals.texts import Texts
from rag.text import sentence_spans

N_READ = 20  # candidates, the best so far: reading sentence by sentence takes time
_BEFORE = 0.12  # what the question's words weigh in the sentence before, beside those of the sentence itself
_OF_KIND = 0.18  # that something of the kind is there that is asked for
_TYPED: frozenset[Kind] = frozenset({"number", "money", "percentage", "date", "person", "place", "name"})


@dataclass(frozen=True, slots=True)
class BestSentence:
    """The share of the question's terms, by rarity, in the best sentence; more where it holds the kind asked for."""

    texts: Texts

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the score of the first candidates, about -0.2 to 1.3; NaN for those behind."""
        ids = candidates.ids[:N_READ].tolist()
        texts = {passage.id: passage.text for passage in self.texts.places.passages(ids)}
        weights, terms_in = self.texts.own_terms(asked)
        total = sum(weights) or 1.0
        kind = expected_kind(asked.query, asked.understood.answer_type)

        def best(text: str) -> float:
            sentences = [text[start:end] for start, end in sentence_spans(text)]
            shares = [sum(weights[term] for term in terms_in(sentence)) / total for sentence in sentences]
            return max(_scores(sentences, shares, kind, asked.query), default=0.0)

        scores = np.full(len(candidates), np.nan)
        for i, id_ in enumerate(ids):
            scores[i] = best(texts[id_]) if id_ in texts else np.nan
        return scores


def _scores(sentences: Sequence[str], shares: Sequence[float], kind: Kind, question: str) -> list[float]:
    found = []
    for i, (sentence, share) in enumerate(zip(sentences, shares, strict=True)):
        before = shares[i - 1] if i else 0.0
        of_kind = 0.0
        if kind in _TYPED and share:
            of_kind = _OF_KIND if spans_of_kind(kind, sentence, question=question) else -_OF_KIND
        found.append(share + _BEFORE * before + of_kind)
    return found
