"""Acronyms that the documents explain: a question's short form is looked for by its long one, and the other way."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from rag.retrieve.vocabulary.phrases import Phrases
from rag.text import STOP_WORDS
from rag.types import Acronym, Expansion

_MAX_LONG = 3  # long forms of one short form that are looked for, the commonest first
_TOKEN = re.compile(r"[^\W_][\w&./’'-]*[^\W_]")
_POSSESSIVE = re.compile(r"['’]s$")
_VOWELS = frozenset("aeiouy")
_WORDS_TOO = STOP_WORDS | frozenset("us am pm may one god map cap net act art age air car man pin bus".split())


class Acronyms:
    """The short forms of a library, with the documents (catalog keys) that explain each.

    Args:
        explained: as `Catalog.acronyms` gives them.
        lexicon: English words, so that "who" is not taken for WHO.
    """

    def __init__(self, explained: Iterable[tuple[int, Acronym]], lexicon: Collection[str] = frozenset()) -> None:
        self._lexicon = lexicon
        self._by_short: dict[str, list[tuple[int, Acronym]]] = defaultdict(list)
        for document, acronym in explained:
            self._by_short[_key(acronym.short)].append((document, acronym))
        both = ((pair[1].long, pair) for pairs in self._by_short.values() for pair in pairs)
        self._by_long: Phrases[tuple[int, Acronym]] = Phrases(both)

    def expansions(self, query: str, documents: Sequence[int] | None = None) -> list[Expansion]:
        """Return the other forms of what a query says, as these documents, or all, explain them."""
        within = None if documents is None else frozenset(documents)
        found = [*self._of_shorts(query, within), *self._of_longs(query, within)]
        return list({(e.said, e.also): e for e in found}.values())

    def _of_shorts(self, query: str, within: frozenset[int] | None) -> Iterable[Expansion]:
        for match in _TOKEN.finditer(query):
            typed = _POSSESSIVE.sub("", match.group())
            pairs = self._by_short.get(_key(typed)) or self._by_short.get(_key(typed.removesuffix("s")), [])
            longs: Counter[str] = Counter()
            usual: dict[str, str] = {}
            for document, acronym in pairs:
                if (within is None or document in within) and self._is_meant(typed, acronym.short):
                    longs[acronym.long.lower()] += 1
                    usual.setdefault(acronym.long.lower(), acronym.long)
            told = [usual[long] for long, _ in longs.most_common(_MAX_LONG) if long not in query.lower()]
            if told:
                yield Expansion(typed, tuple(told), "acronym")

    def _of_longs(self, query: str, within: frozenset[int] | None) -> Iterable[Expansion]:
        for said, pairs in self._by_long.found(query):
            shorts = Counter(acronym.short for document, acronym in pairs if within is None or document in within)
            told = [short for short, _ in shorts.most_common(1) if short.lower() not in _WORDS_TOO]
            if told and not re.search(rf"(?<!\w){re.escape(told[0])}(?!\w)", query):
                yield Expansion(said.text, tuple(told), "acronym")

    def _is_meant(self, typed: str, short: str) -> bool:
        """Tell whether a word of a query is a short form: by its capitals, or because it is no other word."""
        if typed.removesuffix("s") == short.removesuffix("s") or (typed.isupper() and len(typed) > 1):
            return True
        word = typed.lower()
        return word not in _WORDS_TOO and (word not in self._lexicon or _VOWELS.isdisjoint(word))


def _key(short: str) -> str:
    return "".join(char for char in short.upper() if char.isalnum())
