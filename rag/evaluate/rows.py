"""One question, asked: what was expected, what came, and its figures. Records of a run, to JSON and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag.evaluate.datasets import Place, Question
from rag.evaluate.metrics import (
    all_found_at,
    citation_precision,
    citation_recall,
    exact_match,
    f1,
    hit_at,
    holds_answer,
    ndcg_at,
    recall_at,
    reciprocal_rank,
)

DEPTH = 20  # pages of a ranking that are kept


@dataclass(frozen=True, slots=True)
class Said:
    """What was answered."""

    text: str  # "" when it abstained
    short: str | None  # the part that answers, as it was marked
    abstained: bool
    cited: tuple[Place, ...] = ()
    confidence: float | None = None  # that the documents answer; None where no reader judged
    anyway: str = ""  # what it would have said if it had not abstained
    anyway_cited: tuple[Place, ...] = ()

    @property
    def prediction(self) -> str:
        """Return what is compared with gold answers word for word."""
        return self.short if self.short is not None else self.text


@dataclass(frozen=True, slots=True)
class Row:
    """A question with what came of it."""

    id: str
    question: str
    document: str | None
    expected: tuple[Place, ...]
    answers: tuple[str, ...]
    kinds: tuple[str, ...]
    answerable: bool
    found: tuple[Place, ...] = ()  # distinct pages, best first
    said: Said | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    error: str | None = None


def figures_of(question: Question, found: Sequence[Place], said: Said | None) -> dict[str, float]:
    """Return the figures that make sense of this question: of pages where they are known, of answers likewise."""
    figures: dict[str, float] = {}
    if question.relevant:
        figures |= {f"hit@{k}": hit_at(found, question.relevant, k) for k in (1, 3, 5, 10)}
        figures["MRR"] = reciprocal_rank(found, question.relevant)
        figures["nDCG@10"] = ndcg_at(found, question.relevant, 10)
        figures |= {f"recall@{k}": recall_at(found, question.relevant, k) for k in (5, 10)}
        figures["all pages@10"] = all_found_at(found, question.relevant, 10)
    if said is None:
        return figures
    if question.answers and question.answerable:
        words = "" if said.abstained else said.prediction
        figures["EM"], figures["F1"] = exact_match(words, question.answers), f1(words, question.answers)
        figures["answer within"] = holds_answer("" if said.abstained else said.text, question.answers)
    if question.relevant and not said.abstained:
        figures["citation precision"] = citation_precision(said.cited, question.relevant)
        figures["citation recall"] = citation_recall(said.cited, question.relevant)
        figures["first citation"] = hit_at(said.cited, question.relevant, 1)
    figures["abstained" if question.answerable else "abstained, rightly"] = float(said.abstained)
    return figures


def is_right(row: Row) -> bool | None:
    """Tell whether what it would say at once is right; None where that is not known.

    Right is a first citation on a page with evidence; where pages are not known, words that hold a gold answer. To a
    question without an answer nothing that is said is right.
    """
    if row.said is None or row.said.confidence is None:
        return None
    if not row.answerable:
        return False
    if row.expected:
        return bool(set(row.said.anyway_cited[:1]) & set(row.expected))
    return bool(holds_answer(row.said.anyway, row.answers)) if row.answers else None
