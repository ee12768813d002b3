"""Places that a question names: pages, sections, parts such as the balance sheet, documents.

Each speaks only when the question has a hint of its kind, and is 0 for all candidates otherwise: a soft filter. What a
hint means is looked up in the indexes, so that every candidate is judged and what the hint means is proposed too.

Source: hints in questions as soft constraints: Kim and Croft, A Probabilistic Retrieval Model for Semistructured Data,
2009 (words of a query that mean a field); Sparck Jones, 1972 (rarity of the words of a title).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from rag.retrieve.candidates import Asked, Candidates, Scores, best_of_pages, values_of
from rag.retrieve.hints import parts, sections
from rag.retrieve.hints.asked import Keys, Shelf
from rag.retrieve.hints.documents import named
from rag.retrieve.hints.labels import labels_of
from rag.retrieve.hints.pages import pages_meant
from rag.types import PAGES_A_DOCUMENT, Document, Hint, HintKind, Passage

_MOST_DOCUMENTS = 50  # whose pages are proposed for "on page 12"
_MENTION = 0.3  # a page or passage that names a table, beside the one that bears it
_BESIDE = 0.6  # a passage of the page that bears it
_FIRST_LINES = 200  # characters of a page in which a statement has its name
_OTHER_YEAR = 0.5  # a document of the name that is asked for, of another year or form


class Library(Shelf, Protocol):
    """What the hints of a question are looked up in."""

    def documents(self, keys: Keys | None = None) -> Sequence[Document]:
        """Return the documents of these catalog keys; None: all."""
        ...

    def holding(self, words: str, keys: Keys | None) -> Sequence[Passage]:
        """Return the passages that hold these words best."""
        ...

    def topped(self, words: str, keys: Keys | None) -> Mapping[tuple[int, int], str]:
        """Return how pages begin whose first lines hold these words best, by (document key, page)."""
        ...

    def passages_on(self, pages: Sequence[tuple[int, int]]) -> list[int]:
        """Return the ids of the passages that stand on these (document key, page)."""
        ...


def _hints(asked: Asked, *kinds: HintKind) -> list[Hint]:
    return [hint for hint in asked.understood.hints if hint.kind in kinds]


def keys_meant(asked: Asked, library: Library) -> Keys | None:
    """Return the catalog keys of the documents that the question names within those asked; None: all."""
    ids = {id_ for hint in _hints(asked, "document") for id_ in hint.values}
    if not ids:
        return asked.keys
    by_id = labels_of(library.documents(asked.keys)).by_id
    return sorted(by_id[id_].key for id_ in ids if id_ in by_id) or asked.keys


def _of_pages(candidates: Candidates, pages: Mapping[int, float]) -> Scores:
    """Return the best value of the pages that each candidate stands on; pages as in `Candidates.pages`."""
    ids, values = np.fromiter(pages, np.int64, len(pages)), np.fromiter(pages.values(), np.float64, len(pages))
    return best_of_pages((ids, values), candidates)


@dataclass(frozen=True, slots=True)
class PagePlaces:
    """1 on a page that the question names by its printed number, else by its number in the PDF."""

    library: Library

    def propose(self, asked: Asked) -> list[int]:
        """Return the passages of the pages that are named, where few documents can be meant."""
        if not _hints(asked, "page"):
            return []
        keys = keys_meant(asked, self.library)
        keys = [d.key for d in self.library.documents()] if keys is None else keys
        if len(keys) > _MOST_DOCUMENTS:
            return []
        return self.library.passages_on([divmod(page, PAGES_A_DOCUMENT) for page in self._pages(asked, keys)])

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return how surely each candidate stands on a page that is meant, 0 to 1."""
        if not _hints(asked, "page"):
            return np.zeros(len(candidates))
        return _of_pages(candidates, self._pages(asked, np.unique(candidates.documents).tolist()))

    def _pages(self, asked: Asked, keys: Keys) -> dict[int, float]:
        """Return the pages that are meant in these documents, with how sure that is."""
        values = [value for hint in _hints(asked, "page") for value in hint.values]
        found: dict[int, float] = {}
        for key in keys:
            labels = self.library.labels(key)
            for value in values:
                for page, sure in pages_meant(labels, max(labels, default=0), value).items():
                    at = key * PAGES_A_DOCUMENT + page
                    found[at] = max(found.get(at, 0.0), sure)
        return found


@dataclass(slots=True)
class SectionPlaces:
    """1 below a heading that the question names: by number, by words, or as one of the parts that have headings.

    For one question after the other: what was found for the last one is remembered.
    """

    library: Library
    _last: tuple[Asked, set[int]] | None = field(default=None, init=False)

    def propose(self, asked: Asked) -> list[int]:
        """Return the passages of the sections that are named."""
        return sorted(self._found(asked))

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return 1 for each candidate of such a section, else 0."""
        return values_of(dict.fromkeys(self._found(asked), 1.0), candidates.ids)

    def _found(self, asked: Asked) -> set[int]:
        if self._last is None or self._last[0] is not asked:
            self._last = asked, self._find(asked)
        return self._last[1]

    def _find(self, asked: Asked) -> set[int]:
        keys = keys_meant(asked, self.library) if _hints(asked, "section", "part") else None
        found: set[int] = set()
        for hint in _hints(asked, "section", "part"):
            if parts.has_heading(hint.values[0]):
                names = parts.pattern(hint.values[0])
                headed = self.library.headed(parts.other_names(hint.values[0]), keys)
                found |= {id_ for id_, path in headed if any(names.search(title) for title in path)}
            elif hint.kind == "section":
                wanted = {sections.key(title) for title in hint.values}
                headed = self.library.headed(" ".join(hint.values), keys)
                found |= {id_ for id_, path in headed if not wanted.isdisjoint(map(sections.key, path))}
        return found


@dataclass(slots=True)
class PartPlaces:
    """1 on a page that begins with the name of the statement, or bears the table or figure, that the question names.

    For one question after the other: what was found for the last one is remembered.
    """

    library: Library
    _last: tuple[Asked, tuple[dict[int, float], dict[int, float]]] | None = field(default=None, init=False)

    def propose(self, asked: Asked) -> list[int]:
        """Return the passages of such pages."""
        pages, _ = self._found(asked)
        return self.library.passages_on([divmod(page, PAGES_A_DOCUMENT) for page in pages])

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return how surely each candidate belongs to what is named, 0 to 1."""
        pages, passages = self._found(asked)
        either: Scores = np.maximum(values_of(passages, candidates.ids), _of_pages(candidates, pages))
        return either

    def _found(self, asked: Asked) -> tuple[dict[int, float], dict[int, float]]:
        if self._last is None or self._last[0] is not asked:
            self._last = asked, self._find(asked)
        return self._last[1]

    def _find(self, asked: Asked) -> tuple[dict[int, float], dict[int, float]]:
        """Return pages and passages, with how surely each is meant."""
        pages: dict[int, float] = {}
        passages: dict[int, float] = {}
        names = [hint.values[0] for hint in _hints(asked, "part")]
        keys = keys_meant(asked, self.library) if names else None
        for name in names:
            if parts.is_statement(name):
                for (key, page), top in self.library.topped(parts.other_names(name), keys).items():
                    at = key * PAGES_A_DOCUMENT + page
                    pages[at] = max(pages.get(at, 0.0), parts.tops(name, top[:_FIRST_LINES]))
            elif not parts.has_heading(name):
                for passage in self.library.holding(name, keys):
                    sure = parts.bears(name, passage)
                    passages[passage.id] = max(passages.get(passage.id, 0.0), sure)
        return {page: sure for page, sure in pages.items() if sure}, passages


@dataclass(frozen=True, slots=True)
class DocumentPlaces:
    """1 for a document that the question names, half for one of that name of another year or form."""

    library: Library

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return how well each candidate's document is named, 0 to 1."""
        hints = _hints(asked, "document")
        if not hints:
            return np.zeros(len(candidates))
        labels = labels_of(self.library.documents(asked.keys))
        ids = {id_ for hint in hints for id_ in hint.values}
        asked_periods = {value for hint in _hints(asked, "period") for value in hint.values}
        found: dict[int, float] = {}
        for one in named(asked.query, labels, self.library.share, asked_periods):
            if not ids.isdisjoint(label.id for label in one.best):
                found |= {label.key: _OTHER_YEAR for label in one.others if label.key not in found}
        found |= {labels.by_id[id_].key: 1.0 for id_ in ids if id_ in labels.by_id}
        return values_of(found, candidates.documents)
