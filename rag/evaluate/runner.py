"""Every question of a dataset, asked of its library: pages found, answers, citations, confidence, seconds."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answer.abstain import probability_of_answer
from rag.answer.extractive import ExtractiveReader
from rag.errors import Cancelled, EmptyLibrary, QuestionError, UnknownDocument
from rag.evaluate.cache import CachedEncoder
from rag.evaluate.datasets import Dataset, Place, Question
from rag.evaluate.filling import OnStep
from rag.evaluate.rows import DEPTH, Row, Said, figures_of
from rag.library import Library
from rag.types import NORMAL, Answer, Encoder, IsCancelled, Manner

log = logging.getLogger(__name__)

N_PASSAGES = 50  # asked for, so that enough distinct pages come
_TOO_LONG = 4_000  # characters of a question; the rest is not asked
_N_TIMED = 50  # questions whose encoding is timed
_SEED = 1


@dataclass(frozen=True, slots=True)
class Asking:
    """How the questions are asked."""

    k: int = 10  # passages that an answer is read from
    n_passages: int = N_PASSAGES
    whole: bool = False  # of the whole library; else of the document that the question belongs to
    n: int | None = None  # questions, drawn with a fixed seed; None: all
    with_answers: bool = True
    manner: Manner = NORMAL


def drawn(dataset: Dataset, n: int | None) -> tuple[Question, ...]:
    """Return n questions of the set, the same ones every time, in the order of the file; all when None."""
    if n is None or n >= len(dataset.questions):
        return dataset.questions
    chosen = random.Random(_SEED).sample(range(len(dataset.questions)), n)
    return tuple(dataset.questions[i] for i in sorted(chosen))


def ask_all(
    library: Library,
    questions: Sequence[Question],
    how: Asking,
    *,
    on_step: OnStep | None = None,
    is_cancelled: IsCancelled | None = None,
) -> list[Row]:
    """Ask every question.

    A question that cannot be asked (its document could not be read, say) has found nothing, and says why.

    Raises:
        Cancelled. EncoderMismatch, ModelMissing
    """
    keys = {document.name: document.key for document in library.documents()}
    rows = []
    for i, question in enumerate(questions):
        if is_cancelled is not None and is_cancelled():
            raise Cancelled("Stopped before all questions were asked. What was read and encoded is kept.")
        if on_step is not None:
            on_step("asking", i, len(questions))
        rows.append(_ask(library, question, how, keys))
    return rows


def _ask(library: Library, question: Question, how: Asking, keys: Mapping[str, int]) -> Row:
    row = Row(
        question.id,
        question.text,
        question.document,
        tuple(question.relevant),
        question.answers,
        question.kinds,
        question.answerable,
    )
    text = question.text if len(question.text) <= _TOO_LONG else question.text[:_TOO_LONG].rpartition(" ")[0]
    documents = None if how.whole or question.document is None else [question.document]
    started = time.perf_counter()
    try:
        found = library.find(text, how.n_passages, documents=documents)
        seconds = {"search": time.perf_counter() - started}
        pages = tuple(dict.fromkeys((hit.document, hit.page) for hit in found.hits))
        said = None
        if how.with_answers:
            answer = library.ask(text, how.k, documents=documents, manner=how.manner)
            seconds["answer"] = answer.timings.get("total", time.perf_counter() - started - seconds["search"])
            reader = library.extractive_reader(
                None if documents is None else [keys[name] for name in documents], found=found
            )
            said = _said(text, answer, reader)
    except (QuestionError, UnknownDocument, EmptyLibrary) as exc:
        log.warning("%s: %s", question.id, exc)
        return replace(row, figures=figures_of(question, (), None), error=str(exc))
    return replace(row, found=pages[:DEPTH], said=said, figures=figures_of(question, pages, said), seconds=seconds)


def _said(question: str, answer: Answer, reader: ExtractiveReader) -> Said:
    """Return what was said, and what would have been said if nothing were held back."""
    confidence, anyway = None, answer
    ranked = reader.rank(question, answer.hits)
    if ranked and answer.kind == "answer":
        confidence = probability_of_answer(reader.evidence(question, ranked, answer.hits))
        if answer.abstained:
            anyway = replace(reader, threshold=0.0).read(question, answer.hits)
    elif not ranked:
        confidence = 0.0
    return Said(
        text="" if answer.abstained else _words(answer),
        short=answer.short_answer,
        abstained=answer.abstained,
        cited=_cited(answer),
        confidence=confidence,
        anyway=_words(anyway),
        anyway_cited=_cited(anyway),
    )


def _words(answer: Answer) -> str:
    return " ".join(claim.text for claim in answer.claims)


def _cited(answer: Answer) -> tuple[Place, ...]:
    return tuple(dict.fromkeys((c.document, c.page) for claim in answer.claims for c in claim.citations))


def seconds_to_encode(encoder: Encoder, questions: Sequence[Question]) -> list[float]:
    """Return what encoding takes of up to 50 questions, one by one, each really encoded."""
    inner = encoder.inner if isinstance(encoder, CachedEncoder) else encoder
    seconds = []
    for question in questions[:_N_TIMED]:
        started = time.perf_counter()
        inner.encode([question.text])
        seconds.append(time.perf_counter() - started)
    return seconds
