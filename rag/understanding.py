"""A question as it is looked for: hints read, words repaired and widened, the kind of its answer told, encoded."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from rag.networks.questions import Evidence, QuestionKinds
from rag.parts import Parts
from rag.retrieve.candidates import Asked
from rag.retrieve.hints import LibraryShelf, read_hints
from rag.retrieve.ignoring import is_ignored, keeps_word
from rag.retrieve.vocabulary import Vocabulary, read_vocabulary
from rag.retrieve.vocabulary.meanings import names_measure, shipped
from rag.types import AnswerType, Floats, Understood

_MEASURED = 0.9  # least probability of a table when a measure is named: "Is X capital-intensive?" needs figures


def understand(
    parts: Parts,
    question: str,
    keys: Sequence[int] | None,
    *,
    vector: Floats | None = None,
    ignored: Collection[str] = (),
    said: str | None = None,
) -> Asked:
    """Return the question as it is looked for.

    Args:
        keys: the catalog's keys of the documents to look in; None: all.
        vector: of the question, if it is at hand.
        ignored: hints that the user took away, and words that are looked for as they were typed: see
            `rag.retrieve.ignoring`.
        said: the question as the user put it, where this one was completed from what was said before: what is near to
            it in meaning is looked for too.
    """
    parts.catch_up()
    read = read_vocabulary(question, _vocabulary(parts), keys, ignored=ignored)
    documents = parts.documents_among(keys)
    hints = read_hints(read.query, documents, shelf(parts), keys=keys, ignored=ignored)
    others: Floats | None = None
    if parts.has_vectors():
        new = [read.query] if vector is None or read.query != question else []
        texts = [*new, *filter(None, (read.otherwise, said if said != question else None))]
        vectors = list(parts.encoder.encode(texts)) if texts else []
        vector = vectors.pop(0) if new else vector
        others = np.stack(vectors) if vectors else None
    answer_type, evidence = _kinds(parts, read.query, vector)
    if names_measure(read.query, shipped()):
        evidence = _in_table(evidence)
    understood = Understood(
        question,
        query=read.query,
        hints=hints,
        repaired=read.repaired,
        expansions=read.expansions,
        answer_type=answer_type,
        evidence=evidence,
    )
    return Asked(understood, vector, others, keys)


def unheeded(parts: Parts, question: str, keys: Sequence[int] | None, ignored: Sequence[str]) -> list[str]:
    """Return what of `ignored` takes nothing away: the question gives no such hint, and no such word was corrected."""
    documents = parts.documents_among(keys)
    idle = []
    for wish in ignored:
        others = [other for other in ignored if other != wish]
        read = read_vocabulary(question, _vocabulary(parts), keys, ignored=others)
        hints = read_hints(read.query, documents, shelf(parts), keys=keys, ignored=others)
        words = [typed for typed, _ in read.repaired]
        if not any(is_ignored(hint, [wish]) for hint in hints) and not any(keeps_word(word, [wish]) for word in words):
            idle.append(wish)
    return idle


def _in_table(evidence: Evidence) -> Evidence:
    """Return the probabilities when a measure is named that is computed from the lines of a statement."""
    told = dict(evidence)
    if told["table"] >= _MEASURED:
        return evidence
    left = (1 - _MEASURED) / max(1 - told["table"], 1e-9)
    return tuple((kind, _MEASURED if kind == "table" else share * left) for kind, share in evidence)


def shelf(parts: Parts) -> LibraryShelf:
    """Return where the hints of a question are looked up."""
    return LibraryShelf(parts.catalog, parts.passage_words, parts.page_words, parts.documents_among)


def _vocabulary(parts: Parts) -> Vocabulary:
    return Vocabulary(parts.passage_words, parts.catalog, parts.acronyms(), shipped(), parts.lexicon())


def _kinds(parts: Parts, question: str, vector: Floats | None) -> tuple[AnswerType, Evidence]:
    """Return what kind of answer is asked for, and where it may stand: by the network, if it knows such vectors."""
    network = QuestionKinds.load()
    knows = vector is not None and network.fits(parts.encoder.id)
    return network.predict(question, vector if knows else None)
