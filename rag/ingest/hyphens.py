"""Words broken at a line's end: was the hyphen the typesetter's, or does it belong to the word?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rag.ingest.words import Word

_FIRST_PART = re.compile(r"([\w\-’']+)-$")
_SECOND_PART = re.compile(r"\w+")
_MARKS = '.,;:()[]"“”'
_PREFIXES = frozenset("anti counter cross half high inter long low mid multi non over post pre pro quasi re self semi"
                      " short sub super tri two ultra under well".split())  # fmt: skip


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
        if self._is_word(whole):
            return True
        both_stand_alone = (self._is_word(last) or last in _PREFIXES) and self._is_word(second)
        return not (both_stand_alone and len(last) > 2 and len(second) > 2)

    def _is_word(self, word: str) -> bool:
        return word in self.lexicon if self.lexicon else self.counts[word] > 1
