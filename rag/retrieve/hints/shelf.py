"""What the rules and the signals of hints ask of a library, over its catalog and its word indexes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.retrieve.hints.asked import Keys
from rag.types import PAGES_A_DOCUMENT, Document, Passage

_MOST_HEADED = 300  # passages whose headings are looked at
_MOST_HOLDING = 200  # passages that are read for a phrase or a numbered table
_MOST_TOPS = 300  # pages whose first lines are looked at
_TOP = 400  # characters


class _Catalog(Protocol):
    def labels(self, document_key: int) -> dict[int, str | None]: ...

    def passages(self, ids: Sequence[int]) -> list[Passage]: ...

    def passages_on(self, pages: Sequence[tuple[int, int]]) -> list[int]: ...

    def page_tops(self, pages: Sequence[tuple[int, int]], n_characters: int) -> dict[tuple[int, int], str]: ...


class _Words(Protocol):
    def search(
        self, question: str, k: int, *, documents: Sequence[int] | None = None, field: str = "body"
    ) -> list[tuple[int, float]]: ...

    def terms(self, question: str) -> list[str]: ...

    def n_having(self, term: str, documents: Sequence[int] | None = None) -> int: ...


@dataclass(frozen=True, slots=True)
class LibraryShelf:
    """The headings, page numbers and words of a library."""

    catalog: _Catalog
    passage_words: _Words
    page_words: _Words
    among: Callable[[Keys | None], Sequence[Document]]  # of these keys, or all; asked several times a question

    def documents(self, keys: Keys | None = None) -> Sequence[Document]:
        """Return the documents of these catalog keys; None: all."""
        return self.among(keys)

    def labels(self, key: int) -> Mapping[int, str | None]:
        """Return the printed number of every page of a document."""
        return self.catalog.labels(key)

    def headed(self, words: str, keys: Keys | None) -> list[tuple[int, tuple[str, ...]]]:
        """Return (id, heading path with the table's title) of passages whose headings hold these words best."""
        found = self.passage_words.search(words, _MOST_HEADED, documents=keys, field="headings")
        passages = self.catalog.passages([id_ for id_, _ in found])
        return [(p.id, (*p.headings, p.title) if p.title else p.headings) for p in passages]

    def share(self, word: str, keys: Keys) -> float:
        """Return the share of all passages with this word that stand in these documents; 0 when there are none."""
        term = next(iter(self.passage_words.terms(word)), "")  # none of what is too long to be a word
        everywhere = self.passage_words.n_having(term) if term else 0
        return self.passage_words.n_having(term, keys) / everywhere if everywhere else 0.0

    def holding(self, words: str, keys: Keys | None) -> list[Passage]:
        """Return the passages that hold these words best."""
        return self.catalog.passages(
            [id_ for id_, _ in self.passage_words.search(words, _MOST_HOLDING, documents=keys)]
        )

    def topped(self, words: str, keys: Keys | None) -> dict[tuple[int, int], str]:
        """Return how pages begin whose first lines hold these words best, by (document key, page)."""
        found = self.page_words.search(words, _MOST_TOPS, documents=keys, field="top")
        return self.catalog.page_tops([divmod(id_, PAGES_A_DOCUMENT) for id_, _ in found], _TOP)

    def passages_on(self, pages: Sequence[tuple[int, int]]) -> list[int]:
        """Return the ids of the passages that stand on these (document key, page)."""
        return self.catalog.passages_on(pages)
