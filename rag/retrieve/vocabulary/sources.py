"""What the vocabulary of a library is read from: its word index, and the texts of its passages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.retrieve.signals.words import Words
from rag.types import Passage

_N_TEXTS = 8  # passages that are looked at for how a word is written
_WORD = re.compile(r"[^\W\d_]+")
_BEGINS = re.compile(r"(?:^|[.!?:;•|\n\"“(]\s*)$")  # what stands before the first word of a sentence


class Index(Words, Protocol):
    """A word index that also tells what words there are; terms may be searched for without a question."""

    def known(self, terms: Sequence[str], documents: Sequence[int] | None = None) -> set[str]:
        """Return those of the terms that some entry holds."""
        ...

    def idf(
        self, terms: Sequence[str], documents: Sequence[int] | None = None, *, field: str = "body"
    ) -> dict[str, float]:
        """Return how rare each term is."""
        ...

    def terms_of(self, words: Sequence[str]) -> list[str]:
        """Return the term of each word."""
        ...

    def terms_from(self, opening: str, documents: Sequence[int] | None = None) -> list[tuple[str, int]]:
        """Return the terms that begin so, with how many entries hold each."""
        ...


class Texts(Protocol):
    """The catalog, as far as it gives texts."""

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return passages in the order asked; those that are gone are left out."""
        ...


def texts_with(terms: Sequence[str], index: Index, texts: Texts, documents: Sequence[int] | None) -> list[str]:
    """Return a few texts of the documents that hold most of the terms."""
    found = index.search("", _N_TEXTS, documents=documents, also=dict.fromkeys(terms, 1.0))
    return [passage.index_text for passage in texts.passages([id_ for id_, _ in found])]


@dataclass(slots=True)
class Uses:
    """How a word is written in a few texts."""

    n: int = 0
    n_within: int = 0  # not at the beginning of a sentence
    n_capital: int = 0  # with a capital there: what a name has


def uses_of(term: str, index: Index, texts: Texts, documents: Sequence[int] | None) -> dict[str, Uses]:
    """Return the words, in lower case, that a term stands for in a few texts that hold it."""
    uses: dict[str, Uses] = {}
    for text in texts_with([term], index, texts, documents):
        matches = [match for match in _WORD.finditer(text) if match.group()[0].lower() == term[0]]
        for match, found in zip(matches, index.terms_of([match.group() for match in matches]), strict=True):
            if found == term:
                use = uses.setdefault(match.group().lower(), Uses())
                use.n += 1
                if not _BEGINS.search(text[max(0, match.start() - 5) : match.start()]):
                    use.n_within += 1
                    use.n_capital += match.group()[0].isupper()
    return uses
