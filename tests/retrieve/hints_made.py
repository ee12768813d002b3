"""A made library for hints: what documents are called, their headings, page numbers and words, without any index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag.retrieve.hints import read_hints
from rag.text import content_words, fold
from rag.types import Document, Hint


def document(key: int, name: str, title: str = "", *, n_pages: int = 100) -> Document:
    return Document(f"{key:064x}", name, title or name.removesuffix(".pdf"), "ready", n_pages, 10, 0.0, key=key)


@dataclass
class MadeShelf:
    """Headings by document; a word stands only in the documents whose texts are given, one passage a text."""

    headings: Mapping[int, Sequence[tuple[str, ...]]] = field(default_factory=dict)
    numbers: Mapping[int, Mapping[int, str | None]] = field(default_factory=dict)
    texts: Mapping[int, Sequence[str]] = field(default_factory=dict)

    def labels(self, key: int) -> Mapping[int, str | None]:
        return self.numbers.get(key, {})

    def headed(self, words: str, keys: Sequence[int] | None) -> list[tuple[int, tuple[str, ...]]]:
        wanted = set(content_words(words))
        found = []
        for key, paths in self.headings.items():
            for i, path in enumerate(paths):
                if (keys is None or key in keys) and wanted & set(content_words(" ".join(path))):
                    found.append((key * 100 + i, path))
        return found

    def share(self, word: str, keys: Sequence[int]) -> float:
        held = {key: sum(fold(word) in fold(text) for text in texts) for key, texts in self.texts.items()}
        return sum(held.get(key, 0) for key in keys) / (sum(held.values()) or 1)


FILINGS = (
    document(1, "ACME_2018_10K.pdf", "FORM 10-K", n_pages=120),
    document(2, "ACME_2022_10K.pdf", "FORM 10-K", n_pages=140),
    document(3, "ACME_2022Q2_10Q.pdf", "Quarterly report", n_pages=60),
    document(4, "BLUEHARBOR_2022_10K.pdf", "UNITED STATES SECURITIES AND EXCHANGE COMMISSION", n_pages=90),
    document(5, "7Q-report-2021.pdf", "7Q Holdings annual report 2021", n_pages=40),
    document(6, "VAN_DAM_2020_10K.pdf", "Van & Dam", n_pages=80),
    document(7, "0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e.pdf", "Tidal power in small estuaries: a survey", n_pages=30),
    document(8, "primer.pdf", "How to read a report", n_pages=12),
    document(9, "glacier.pdf", "Glacier", n_pages=9),
)


def read(question: str, documents: Sequence[Document] = FILINGS, shelf: MadeShelf | None = None) -> tuple[Hint, ...]:
    return read_hints(question, documents, shelf or MadeShelf())


def told(
    question: str, kind: str, documents: Sequence[Document] = FILINGS, shelf: MadeShelf | None = None
) -> list[str]:
    """What the hints of one kind mean."""
    return [hint.means for hint in read(question, documents, shelf) if hint.kind == kind]
