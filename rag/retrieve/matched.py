"""Which words of a passage a question's words hit: those whose terms, as the word index cuts them, are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from rag.text import SPACELESS

Span = tuple[int, int]

_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f"
_PIECE = re.compile(
    rf"(?P<run>[{SPACELESS}\u1100-\u11ff\uac00-\ud7a3]+)|"
    rf"(?:(?![{SPACELESS}])[^\W_]|[{_MARKS}\u00ad])+(?:['’][^\W\d_]+)?(?:[.,]\d+)*"
)


class Matcher:
    """Finds words in passages. Each word is cut to its term once, however often it stands in them.

    Args:
        terms: the terms that are asked for.
        terms_of: cuts text to terms as the word index does; it need not tell offsets.
    """

    def __init__(self, terms: Collection[str], terms_of: Callable[[str], Sequence[str]]) -> None:
        self._terms, self._terms_of = frozenset(terms), terms_of
        self._is_hit: dict[str, bool] = {}

    def spans(self, text: str) -> tuple[Span, ...]:
        """Return the parts of `text`, start and end, that are hit, in order; they do not overlap."""
        if not self._terms:
            return ()
        hit = (span for span in _pieces(text) if self._hits(text[slice(*span)]))
        return tuple(_merged(hit))

    def _hits(self, piece: str) -> bool:
        if piece not in self._is_hit:
            self._is_hit[piece] = not self._terms.isdisjoint(self._terms_of(piece))
        return self._is_hit[piece]


def _pieces(text: str) -> Iterator[Span]:
    """Yield the words of a text; writing without spaces is cut to pairs of letters, which overlap, as it is indexed."""
    for found in _PIECE.finditer(text):
        start, end = found.span()
        if found["run"] is None or end - start == 1:
            yield start, end
        else:
            yield from ((at, at + 2) for at in range(start, end - 1))


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    """Yield the spans in order, those that overlap as one."""
    now: Span | None = None
    for span in spans:
        if now is not None and span[0] < now[1]:
            now = (now[0], max(now[1], span[1]))
            continue
        if now is not None:
            yield now
        now = span
    if now is not None:
        yield now
