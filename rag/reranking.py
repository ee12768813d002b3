"""The best candidates read once more: by the reranker that is set, else by the network that also tells what answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rag.answer.extractive import N_HITS
from rag.answer.located import Told, told
from rag.errors import ModelError, ModelMissing
from rag.parts import Parts
from rag.retrieve.candidates import Asked
from rag.retrieve.ranking import Candidate, Reordered
from rag.retrieve.readings import N_READ, WEIGHT, Readings, read_best
from rag.retrieve.rerank import Reranking, rerank
from rag.retrieve.weights import gates
from rag.types import Hit, Passage, ReaderNet, Reading

log = logging.getLogger(__name__)

_MOST_WORDS = 30  # of a question: hardly one of SQuAD's is longer


@dataclass(frozen=True, slots=True)
class Reread:
    """What came of it."""

    reranking: Reranking = field(default_factory=Reranking)
    readings: Readings = field(default_factory=dict)  # by the network that tells what answers
    note: str | None = None  # what the user should know: that network cannot be used


def reranked(parts: Parts, asked: Asked, candidates: Sequence[Candidate]) -> tuple[Sequence[Candidate], Reread]:
    """Return the candidates, best first, the first of them in the order of whoever reads them once more.

    Raises:
        ModelMissing, ModelError: of the reranker, where one is set.
    """
    if (reranker := parts.reranker) is not None:
        choice = parts.reranking
        first, passages = _first(parts, candidates, choice.n_candidates)
        texts = [passage.index_text for passage in passages]
        order, done = rerank(reranker, asked.query, first, texts, budget_s=choice.budget_s, weight=choice.weight)
        return Reordered(order, candidates, choice.n_candidates), Reread(done)
    net, note = reader_net(parts)
    if net is None:
        return candidates, Reread(note=note)
    first, passages = _first(parts, candidates, N_READ)
    english = _in_english(parts, asked.keys, passages)
    if len(english) <= len(passages) / 2:
        return Reordered(first, candidates, N_READ), Reread()
    order, done, readings = read_best(net, asked.query, first, english, weight=_weight(asked))
    return Reordered(order, candidates, N_READ), Reread(done, readings)


def told_of(parts: Parts, question: str, hits: Sequence[Hit], readings: Readings) -> tuple[Told, ...]:
    """Return what the network says of the passages, with the place of what answers on their pages.

    What was read for the ranking is not read again; where a reranker did the ranking, the hits are read now.
    """
    read: list[tuple[Passage, Reading]] = []
    if readings:
        read = [(passage, readings[passage.id]) for passage in parts.catalog.passages(list(readings))]
    elif parts.reranker is not None and (net := reader_net(parts)[0]) is not None:
        passages = _in_english(parts, None, [hit.passage for hit in hits[:N_HITS]])
        read = list(zip(passages, net.read(question, [p.index_text for p in passages]), strict=True))
    return told(read, text_of(parts))


def text_of(parts: Parts) -> Callable[[str, int], str]:
    """Return what gives the text of a page: document id and page number."""
    return lambda document_id, page: parts.page_of(document_id, page).text


def reader_net(parts: Parts) -> tuple[ReaderNet | None, str | None]:
    """Return the network that reads passages, and what the user should know where it cannot be used."""
    try:
        return parts.reader, None
    except (ModelMissing, ModelError) as exc:
        log.warning("no network reads the passages: %s", exc)
        return None, f"Rules alone chose what answers: {exc}"


def _weight(asked: Asked) -> float:
    """Return what the network's relevance counts: nothing where a table is asked for, nor for a topic of many words.

    A network that sees one passage knows neither its company nor its year; and it has learnt from questions.
    """
    table, _ = gates(asked.understood)
    return WEIGHT * (1 - table) if len(asked.query.split()) <= _MOST_WORDS else 0.0


def _in_english(parts: Parts, keys: Sequence[int] | None, passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages that the network can read: it has learnt English only."""
    others = {d.id for d in parts.documents_among(keys) if d.language not in {None, "en"}}
    return [passage for passage in passages if passage.document_id not in others]


def _first(parts: Parts, candidates: Sequence[Candidate], n: int) -> tuple[list[Candidate], list[Passage]]:
    """Return those of the first n candidates that are not gone, and their passages."""
    first = candidates[:n]
    passages = parts.catalog.passages([candidate.id for candidate in first])
    there = {passage.id for passage in passages}
    return [candidate for candidate in first if candidate.id in there], passages
