"""Where a text holds one of many phrases: by the stems of their words, the longest first. Fast with thousands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from rag.text import STOP_WORDS, stem

T = TypeVar("T")
_WORD = re.compile(r"[^\W_]+(?:['’&][^\W_]+)*")
_SIGN = 2  # letters of a short form that keeps its sign
_UNSAID = STOP_WORDS - {"up", "off", "out", "over", "under", "down", "not", "no"}  # these change what a phrase means


@dataclass(frozen=True, slots=True)
class Said:
    """A part of a text that one of the phrases names."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Token:
    key: str
    start: int
    end: int


class Phrases(Generic[T]):
    """What each of many phrases stands for. Case, endings and small words between do not tell phrases apart."""

    def __init__(self, meanings: Iterable[tuple[str, T]]) -> None:
        self._of: dict[tuple[str, ...], dict[T, None]] = {}
        for phrase, meaning in meanings:
            if key := _key(phrase):
                self._of.setdefault(key, {})[meaning] = None
        self._longest = max(map(len, self._of), default=0)

    def __len__(self) -> int:
        return len(self._of)

    def found(self, text: str) -> list[tuple[Said, list[T]]]:
        """Return the phrases of a text in order, none within another, with what each stands for."""
        tokens = _tokens(text)
        found: list[tuple[Said, list[T]]] = []
        at = 0
        while at < len(tokens):
            for n in range(min(self._longest, len(tokens) - at), 0, -1):
                meanings = self._of.get(tuple(token.key for token in tokens[at : at + n]))
                start, end = tokens[at].start, tokens[at + n - 1].end
                if meanings and not _is_parted(text[start:end]):
                    found.append((Said(text[start:end], start, end), list(meanings)))
                    at += n
                    break
            else:
                at += 1
        return found


def _is_parted(text: str) -> bool:
    """Tell whether a part of a text belongs to two sentences."""
    return re.search(r"[.?!;:]\s", text) is not None


def _key(phrase: str) -> tuple[str, ...]:
    return tuple(token.key for token in _tokens(phrase))


def _tokens(text: str) -> list[_Token]:
    """Return the words that tell one phrase from another; "PP&E" is one, and the same as "PPE".

    "D&A" is not "da": two letters without their sign are a word of some language.
    """
    found = []
    for match in _WORD.finditer(text):
        word = match.group().lower().replace("’", "'")
        if word not in _UNSAID:
            joined = word.replace("&", "")
            found.append(_Token(stem(joined) if len(joined) > _SIGN else word, match.start(), match.end()))
    return found
