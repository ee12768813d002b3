"""The texts of candidates as places of the question's terms: read once, for all signals that look closely."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rag.retrieve.candidates import Asked, Candidates, Places
from rag.types import Passage

EXPANSION = 0.5  # what other words for the question's own weigh
_MAX_TERMS = 48
_BEGINNING = 3  # letters that a word shares with its term
_BEGIN_OTHERWISE = frozenset({"die", "lie", "tie"})  # terms of dying, lying, tying
_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*(?:[.,]\d+)*")
_LINE_BREAK = 4  # words that a new line is away

Spot = tuple[int, int]  # word of the passage, term of the question


class Vocabulary(Protocol):
    """What is asked of a word index."""

    def terms(self, question: str) -> list[str]:
        """Return the terms of a text."""
        ...

    def idf(self, terms: Sequence[str], documents: Sequence[int] | None = None) -> Mapping[str, float]:
        """Return how rare each term is."""
        ...


@dataclass(frozen=True, slots=True)
class Read:
    """A passage as the places of the question's terms."""

    passage: Passage
    lines: tuple[tuple[Spot, ...], ...]  # of each line that holds a term
    above: frozenset[int]  # terms of its headings and its table's title


@dataclass(frozen=True, slots=True)
class Closely:
    """Candidates that were read, in their order; None where one is gone."""

    weights: tuple[float, ...]  # how rare each term of the question is
    n_own: int  # the first so many terms are the question's own, in order; the others are expansions
    passages: tuple[Read | None, ...]


class _Terms(dict[str, tuple[int, ...]]):
    """Which terms of the question a word as it stands in a text holds; words that cannot hold one are not analysed."""

    def __init__(self, numbers: Mapping[str, int], vocabulary: Vocabulary) -> None:
        super().__init__()
        self._numbers, self._vocabulary = numbers, vocabulary
        self._beginnings = tuple({_beginning(term) for term in numbers})

    def __missing__(self, word: str) -> tuple[int, ...]:
        low = word.lower()
        pieces = [low] if low.isalnum() or not low.isascii() else _PIECE.findall(low)
        if any(piece.startswith(self._beginnings) or not piece.isascii() for piece in pieces):
            numbers = [self._numbers.get(term) for piece in pieces for term in self._vocabulary.terms(piece)]
            self[word] = found = tuple(number for number in numbers if number is not None)
            return found
        self[word] = ()
        return ()


def _beginning(term: str) -> str:
    """Return the letters that every word of a term begins with."""
    return term[:1] if term in _BEGIN_OTHERWISE else term[: min(_BEGINNING, max(1, len(term) - 1))]


@dataclass(slots=True)
class Texts:
    """Reads candidates; the last ones are remembered, so that several signals read them once. For one question."""

    places: Places
    vocabulary: Vocabulary
    _last: tuple[bytes, Closely] | None = field(default=None, init=False)

    def read(self, asked: Asked, candidates: Candidates) -> Closely:
        """Return the candidates as the places of the question's terms."""
        key = asked.query.encode() + candidates.ids.tobytes()
        if self._last is None or self._last[0] != key:
            self._last = key, self._read(asked, candidates)
        return self._last[1]

    def own_terms(self, asked: Asked) -> tuple[list[float], Callable[[str], set[int]]]:
        """Return how rare each of the question's own terms is, and what tells which of them a text holds."""
        own = self.vocabulary.terms(asked.query)[:_MAX_TERMS]
        rarity = self.vocabulary.idf(own, asked.keys)
        lookup = _Terms({term: number for number, term in enumerate(own)}, self.vocabulary)
        return [rarity[term] for term in own], lambda text: {number for word in text.split() for number in lookup[word]}

    def plain(self, candidates: Candidates) -> list[str | None]:
        """Return what is searched of each candidate; None where one is gone. Far cheaper than to read them."""
        texts = self.places.index_texts(candidates.ids)
        return [texts.get(id_) for id_ in candidates.ids.tolist()]

    def _read(self, asked: Asked, candidates: Candidates) -> Closely:
        own = self.vocabulary.terms(asked.query)[:_MAX_TERMS]
        also = dict.fromkeys(t for e in asked.expansions for text in e.also for t in self.vocabulary.terms(text))
        terms = [*own, *(term for term in also if term not in own)]
        rarity = self.vocabulary.idf(terms, asked.keys)
        lookup = _Terms({term: number for number, term in enumerate(terms)}, self.vocabulary)
        ids = candidates.ids.tolist()
        found = {passage.id: passage for passage in self.places.passages(ids)}
        weights = tuple(rarity[term] * (1.0 if i < len(own) else EXPANSION) for i, term in enumerate(terms))
        return Closely(weights, len(own), tuple(_places(found[id_], lookup) if id_ in found else None for id_ in ids))


def _places(passage: Passage, lookup: _Terms) -> Read:
    lines: list[tuple[Spot, ...]] = []
    start = 0
    for line in passage.text.split("\n"):
        words = line.split()
        spots = [(i, numbers) for i, numbers in enumerate(map(lookup.__getitem__, words), start) if numbers]
        if spots:
            lines.append(tuple((i, number) for i, numbers in spots for number in numbers))
        start += len(words) + _LINE_BREAK
    above = " ".join((*passage.headings, passage.title)).split()
    return Read(passage, tuple(lines), frozenset(number for word in above for number in lookup[word]))
