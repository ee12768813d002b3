"""What answered before there were networks: the best sentence of given passages by rules, and its telling part."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag import asking
from rag.answer.abstain import probability_of_answer
from rag.answer.extractive import Sentence
from rag.answer.rows import numbers_of, telling_number
from rag.answer.telling import telling_part
from rag.library import Library
from rag.types import AnswerType, Encoder, Hit, Passage
from rag.understanding import understand


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and how probably the passages hold one."""

    text: str
    confidence: float


@contextmanager
def filled(encoder: Encoder, n_threads: int, fill: Callable[[Library], None]) -> Iterator[Library]:
    """Make a library that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), encoder=encoder, n_threads=n_threads)
        try:
            fill(library)
            yield library
        finally:
            library.close()


class Rules:
    """The rules, over a library whose documents hold the passages that are given."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._passages: dict[str, list[Passage]] = {}

    def passages(self, document: str) -> list[Passage]:
        """Return the passages of a document, in its order."""
        if document not in self._passages:
            key = self._library.document(document).key
            self._passages[document] = list(self._library.catalog.passages_of(key))
        return self._passages[document]

    def tell(self, question: str, document: str, passages: Sequence[Passage]) -> Told:
        """Answer from these passages of a document, as if they alone had been found and equally well."""
        if not passages:
            return Told("", 0.0)
        parts, stored = self._library.parts, self._library.document(document)
        asked = understand(parts, question, [stored.key])
        query, vector = asked.understood.query or question, asked.vector
        assert vector is not None
        meanings = self._library.encoder.encode([passage.index_text for passage in passages]) @ vector
        hits = [
            Hit(i + 1, 0.0, passage, document, passage.pages[0], None, similarity=float(meaning))
            for i, (passage, meaning) in enumerate(zip(passages, meanings, strict=True))
        ]
        reader = asking.extractive_reader(parts, [stored.key], vector, understood=asked.understood)
        ranked = reader.rank(query, hits)
        if not ranked:
            return Told("", 0.0)
        confidence = probability_of_answer(reader.evidence(query, ranked, hits))
        return Told(self._telling(query, ranked[0], asked.understood.answer_type), confidence)

    def _telling(self, question: str, best: Sentence, expected: AnswerType | None) -> str:
        """Return the part of a sentence that answers; the sentence where nothing stands out."""
        passage = best.hit.passage
        if passage.kind == "table":
            texts = {n: self._library.parts.page_of(passage.document_id, n).text for n in passage.pages}
            telling = telling_number(question, numbers_of(passage, texts, best.start, best.end))
        else:
            telling = telling_part(question, best.text, expected)
        return best.text[slice(*telling)] if telling else best.text
