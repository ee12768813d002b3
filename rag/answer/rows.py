"""The number of a table's row that answers: that under the column heading which a question asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.spans import passage_slice
from rag.text import STOP_WORDS, stem, words
from rag.types import Passage

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SHORT_YEAR = re.compile(r"\b(?:FY\s?|[1-4]Q\s?|Q[1-4]\s?)['’]?(\d\d)\b", re.I)
_QUARTER = re.compile(r"\bQ([1-4])\b|\b([1-4])Q|\b(first|second|third|fourth)[- ]quarter", re.I)
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4"}
_THREE_MONTHS = re.compile(r"\bthree[- ]months?|\b(?:13|thirteen)[- ]weeks?|\bquarter|\bQ[1-4]\b|\b[1-4]Q", re.I)
_SPAN = re.compile(r"\b(six|nine)[- ]months?", re.I)
_WHOLE_YEAR = re.compile(r"\btwelve[- ]months|\b(?:full|fiscal)?[- ]?years?\b|\b5[23][- ]weeks|\bFY|\bannual", re.I)
_CHANGE = re.compile(r"%|\bchang|\bincreas|\bdecreas|\bgr(?:ow|ew)|\bper ?cent|\bvarianc", re.I)


@dataclass(frozen=True, slots=True)
class PlacedNumber:
    """A number of a row, characters `start` to `end` of it, and the heading of its column."""

    start: int
    end: int
    heading: str


def numbers_of(passage: Passage, texts: Mapping[int, str], start: int, end: int) -> list[PlacedNumber]:
    """Return the numbers that stand in characters `start` to `end` of a passage, placed from `start`.

    `texts` gives the text of every page that the passage stands on.
    """
    spans = passage_slice(passage, texts, start, end)
    if len(spans) != 1:  # no row stands on two pages
        return []
    (row,) = spans
    return [
        PlacedNumber(cell.span.start - row.start, cell.span.end - row.start, cell.heading)
        for cell in passage.cells
        if cell.span.page == row.page and row.start <= cell.span.start and cell.span.end <= row.end
    ]


def telling_number(question: str, numbers: Sequence[PlacedNumber]) -> tuple[int, int] | None:
    """Return (start, end) of the number under the heading that a question asks for, or of the only one; else None.

    The year decides first, then the length of the period, then whether a change is asked for, then shared words.
    """
    left = list(numbers)
    asked = _years(question)
    if asked and any(_years(number.heading) for number in left):
        left = [number for number in left if asked & _years(number.heading)]
    for narrowed in (_of_period, _of_change, _of_words):
        if len(left) > 1:
            left = narrowed(question, left)
    return (left[0].start, left[0].end) if len(left) == 1 else None


def _years(text: str) -> set[str]:
    return {*_YEAR.findall(text), *(f"20{short}" for short in _SHORT_YEAR.findall(text))}


def _of_period(question: str, numbers: list[PlacedNumber]) -> list[PlacedNumber]:
    """Keep the numbers of the period that is asked for; without any such word, those of the whole year."""
    if quarters := _quarters(question):
        exact = [number for number in numbers if quarters & _quarters(number.heading)]
        return exact or _kept(numbers, lambda heading: _THREE_MONTHS.search(heading) is not None)
    if span := _SPAN.search(question):
        return _kept(numbers, lambda heading: span.group(1).lower() in heading.lower())
    if _THREE_MONTHS.search(question):
        return _kept(numbers, lambda heading: _THREE_MONTHS.search(heading) is not None)
    return _kept(
        numbers,
        lambda heading: (
            not _THREE_MONTHS.search(heading) and (not _SPAN.search(heading) or bool(_WHOLE_YEAR.search(heading)))
        ),
    )


def _of_change(question: str, numbers: list[PlacedNumber]) -> list[PlacedNumber]:
    wanted = _CHANGE.search(question) is not None
    return _kept(numbers, lambda heading: (_CHANGE.search(heading) is not None) == wanted)


def _of_words(question: str, numbers: list[PlacedNumber]) -> list[PlacedNumber]:
    """Keep the numbers whose headings share most words with the question, if they share any."""
    asked = _stems(question)
    shared = [len(asked & _stems(number.heading)) for number in numbers]
    return [number for number, n in zip(numbers, shared, strict=True) if n == max(shared)]


def _kept(numbers: list[PlacedNumber], test: Callable[[str], bool]) -> list[PlacedNumber]:
    """Return the numbers whose headings pass; all of them when none does."""
    return [number for number in numbers if test(number.heading)] or numbers


def _quarters(text: str) -> set[str]:
    return {a or b or _ORDINALS[c.lower()] for a, b, c in _QUARTER.findall(text)}


def _stems(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in STOP_WORDS}
