"""Phrases that the question puts in quotes: a passage holds them as they stand, or it does not.

Case, accents, the shape of quotes and dashes, and white space make no difference.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from rag.retrieve.candidates import Asked, Candidates, Scores, values_of
from rag.retrieve.hints.asked import Keys
from rag.text import fold
from rag.types import Passage

_SOFT_HYPHEN = "\u00ad"


class Library(Protocol):
    """What phrases are looked up in."""

    def holding(self, words: str, keys: Keys | None) -> Sequence[Passage]:
        """Return the passages that hold these words best."""
        ...


@dataclass(slots=True)
class Phrases:
    """The share of the quoted phrases that stand in a passage, among the 200 that hold the words of each best.

    For one question after the other: what was found for the last one is remembered.
    """

    library: Library
    _last: tuple[Asked, dict[int, float]] | None = field(default=None, init=False)

    def propose(self, asked: Asked) -> list[int]:
        """Return the passages in which a phrase stands."""
        return sorted(self._found(asked))

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the share for each candidate, 0 to 1."""
        return values_of(self._found(asked), candidates.ids)

    def _found(self, asked: Asked) -> dict[int, float]:
        if self._last is None or self._last[0] is not asked:
            self._last = asked, self._find(asked)
        return self._last[1]

    def _find(self, asked: Asked) -> dict[int, float]:
        phrases = [value for hint in asked.understood.hints if hint.kind == "phrase" for value in hint.values]
        found: dict[int, float] = {}
        for phrase in phrases:
            wanted = _folded(phrase)
            for passage in self.library.holding(phrase, asked.keys):
                if any(stands_in(wanted, _folded(text)) for text in (passage.text, passage.title, *passage.headings)):
                    found[passage.id] = found.get(passage.id, 0.0) + 1 / len(phrases)
        return found


def stands_in(phrase: str, text: str) -> bool:
    """Tell whether a phrase stands in a text as words of its own; both folded."""
    at = text.find(phrase)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(phrase) : at + len(phrase) + 1]
        is_whole = not (before.isalnum() and phrase[:1].isalnum()) and not (after.isalnum() and phrase[-1:].isalnum())
        if is_whole:
            return True
        at = text.find(phrase, at + 1)
    return False


@lru_cache(maxsize=1024)
def _folded(text: str) -> str:
    """Return the text as it is compared: `fold`, without accents."""
    folded = fold(text.replace(_SOFT_HYPHEN, ""))
    if folded.isascii():
        return folded
    return "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
