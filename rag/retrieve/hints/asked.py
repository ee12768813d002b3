"""A question while hints are read out of it: what one rule has read, no other reads again."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from rag.types import Hint, HintKind

Keys = Sequence[int]  # catalog keys of documents

_READ = "\x00"  # stands for a character that a rule has taken
NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty"
).split()
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_IS_ROMAN = re.compile(r"(?=.)(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})$")


class Shelf(Protocol):
    """What the rules ask of a library."""

    def labels(self, key: int) -> Mapping[int, str | None]:
        """Return the printed number of every page of a document."""
        ...

    def headed(self, words: str, keys: Keys | None) -> Sequence[tuple[int, tuple[str, ...]]]:
        """Return (id, heading path) of the passages whose headings hold these words best, best first."""
        ...

    def share(self, word: str, keys: Keys) -> float:
        """Return the share of all passages with this word that stand in these documents; 0 when there are none."""
        ...


class Text:
    """A question; what was read of it is blanked, place by place."""

    def __init__(self, question: str) -> None:
        self.question = question
        self.left = question

    def take(self, start: int, end: int) -> str:
        """Blank a part, and return its words as they were typed."""
        self.left = self.left[:start] + _READ * (end - start) + self.left[end:]
        return self.question[start:end].strip(" ,;:")

    def finditer(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield the matches in what is left."""
        return pattern.finditer(self.left)


def hint(kind: HintKind, said: str, means: str, values: Collection[str]) -> Hint:
    """Return a hint with its words on one line."""
    return Hint(kind, " ".join(said.split()), " ".join(means.split()), tuple(dict.fromkeys(values)))


def number_of(text: str) -> int | None:
    """Return what a number says in figures, in words up to twenty, or in Roman letters up to 99; None for no number."""
    low = text.lower().strip(".")
    if low.isdecimal() and low.isascii():
        return int(low)
    if low in NUMBERS:
        return NUMBERS.index(low)
    if not _IS_ROMAN.match(low):
        return None
    values = [_ROMAN[letter] for letter in low]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


def roman(number: int) -> str:
    """Return a number of 1 to 99 in small Roman letters."""
    tens = ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc")
    ones = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
    return tens[number // 10] + ones[number % 10]
