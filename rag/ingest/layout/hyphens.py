"""Words broken at a line's end: was the hyphen the typesetter's, or does it belong to the word?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rag.ingest.characters.words import Word

_FIRST_PART = re.compile(r"([\w\-’']+)-$")
_SECOND_PART = re.compile(r"\w+")
_MARKS = '.,;:()[]"“”'
# What English commonly writes with a hyphen after it, and what it does not.
_OPEN_PREFIXES = frozenset("anti cross half non quasi self semi well".split())
_CLOSED_PREFIXES = frozenset("bi counter inter micro macro multi over pre sub super tri under".split())
_ENDINGS = (
    ("ing", ""),
    ("ing", "e"),
    ("ed", ""),
    ("ed", "e"),
    ("s", ""),
    ("es", ""),
    ("ly", ""),
    ("er", ""),
    ("ies", "y"),
)


@dataclass(slots=True)
class Hyphens:
    """Decides by what the document itself writes, then by a list of words; without a list by the document alone."""

    lexicon: frozenset[str] = frozenset()
    counts: Counter[str] = field(default_factory=Counter)

    def learn(self, words: Iterable[Word]) -> None:
        """Count the unbroken words of a page."""
        self.counts.update([word.text.strip(_MARKS).lower() for word in words if not word.broken])

    def joins(self, before: str, after: str) -> bool:
        """Tell whether text ending in a hyphen and the text after it make one word without that hyphen."""
        first, second = _FIRST_PART.search(before[-60:]), _SECOND_PART.match(after)
        if not first or not second:
            return False
        return self._is_soft(first.group(1), second.group())

    def _is_soft(self, first: str, second: str) -> bool:
        if not second[0].islower() or not first[-1].isalpha():
            return False
        last, second = first.rpartition("-")[2].lower(), second.lower()
        whole = last + second
        joined, hyphenated = self.counts[whole], self.counts[f"{first.lower()}-{second}"]
        if joined != hyphenated:
            return joined > hyphenated
        if "-" in first:
            return self._is_word(whole) and not (self._is_word(last) and self._is_word(second))
        if self._is_word(whole) or last in _CLOSED_PREFIXES:
            return True
        if last in _OPEN_PREFIXES or (first.isupper() and len(first) > 1):  # "non-negligible", "FM-dominated"
            return False
        return not (self._stands_alone(last) and len(second) > 2 and self._is_word(second))

    def _stands_alone(self, word: str) -> bool:
        """Tell whether a first half is a word by itself; short ones (com-, devi-) only if the document has them."""
        return len(word) > 2 and self._is_word(word) and (len(word) > 4 or self.counts[word] > 0)

    def _is_word(self, word: str) -> bool:
        if not self.lexicon:
            return self.counts[word] > 1
        return word in self.lexicon or any(
            word.endswith(ending) and len(word) > 5 and word[: -len(ending)] + base in self.lexicon
            for ending, base in _ENDINGS
        )
