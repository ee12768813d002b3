"""The number printed on each page, read off the page where the PDF does not tell it.

A number alone is no evidence: the page numbers are the longest chain of edge-line numbers that grows by at most the
number of pages between. Further chains (exhibits that count anew) are taken from what is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.ingest.layout.furniture import PageEdges

_WHOLE = re.compile(r"^(?:page\s*)?[-–—|\s]*([A-Z]{1,2}-?)?(\d{1,4})[-–—|\s]*(?:of\s*\d+|/\s*\d+)?$", re.I)
_ROMAN = re.compile(r"^[-–—|\s]*([ivxl]{1,7})[-–—|\s]*$")
_FIRST = re.compile(r"^(\d{1,4})(?=\s|\|)(?!\s*(?:%|percent|million))")
_LAST = re.compile(r"(?<=[\s|])(\d{1,4})$")
_REACH = 60  # candidates to look back for the one before
_ROMAN_PREFIX = "roman"


@dataclass(frozen=True, slots=True)
class _Number:
    page: int
    prefix: str
    value: int
    weight: float
    lines: tuple[int, ...] = ()  # that hold the number and nothing else


def printed_labels(edges: Sequence[PageEdges]) -> tuple[dict[int, str], dict[int, frozenset[int]]]:
    """Return, by page number, the printed number of each page that has one, and the lines that hold nothing else."""
    numbers = [number for page in edges for number in _candidates(page)]
    score, before = _chain_scores(numbers)
    labels: dict[int, str] = {}
    lines: dict[int, frozenset[int]] = {}
    used: set[int] = set()
    for last in sorted(range(len(numbers)), key=lambda i: -score[i]):
        chain = []
        at: int | None = last
        while at is not None and at not in used and numbers[at].page not in labels:
            chain.append(numbers[at])
            used.add(at)
            at = before[at]
        if len(chain) >= max(3, 0.05 * len(edges)):
            labels.update((number.page, _printed(number)) for number in chain)
            lines.update((number.page, frozenset(number.lines)) for number in chain)
    return labels, lines


def _candidates(page: PageEdges) -> Iterator[_Number]:
    found: dict[tuple[str, int], _Number] = {}
    for rank, row in [*enumerate(page.foot[:3]), *enumerate(page.top[:2])]:
        for index, text in zip(row.lines, map(str.strip, row.texts), strict=True):
            for prefix, value, weight, is_alone in _numbers_in(text, rank):
                best = found.get((prefix, value))
                if 0 < value < 3000 and not 1900 < value < 2100 and (best is None or best.weight < weight):
                    lines = (index,) if is_alone else ()
                    found[prefix, value] = _Number(page.number, prefix, value, weight, lines)
    yield from found.values()


def _numbers_in(text: str, rank: int) -> Iterator[tuple[str, int, float, bool]]:
    """Yield prefix, value and weight of what may be a page number, and whether it stands alone."""
    whole, roman = _WHOLE.match(text), _ROMAN.match(text)
    if whole:
        yield (whole.group(1) or "").upper(), int(whole.group(2)), 3 - rank * 0.5, True
    elif roman and (value := from_roman(roman.group(1))):
        yield _ROMAN_PREFIX, value, 2 - rank * 0.5, True
    elif len(text) < 140 and rank < 2:
        for match in (_FIRST.match(text), _LAST.search(text)):
            if match:
                yield "", int(match.group(1)), 1.0, False


def _chain_scores(numbers: Sequence[_Number]) -> tuple[list[float], list[int | None]]:
    """Return for each number the weight of the best chain that ends in it, and its predecessor there."""
    score: list[float] = []
    before: list[int | None] = []
    for i, number in enumerate(numbers):
        best, link = number.weight, None
        for j in range(max(0, i - _REACH), i):
            earlier = numbers[j]
            grown, turned = number.value - earlier.value, number.page - earlier.page
            if earlier.prefix == number.prefix and turned > 0 and 0 < grown <= turned:
                sum_ = score[j] + number.weight + (0.6 if grown == turned else 0.0)
                if sum_ > best:
                    best, link = sum_, j
        score.append(best)
        before.append(link)
    return score, before


def _printed(number: _Number) -> str:
    return to_roman(number.value) if number.prefix == _ROMAN_PREFIX else f"{number.prefix}{number.value}"


def to_roman(value: int) -> str:
    """Return a number below 90 in lower-case Roman digits."""
    text = ""
    for worth, letters in ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while value >= worth:
            text, value = text + letters, value - worth
    return text


def from_roman(text: str) -> int | None:
    """Return the value of a lower-case Roman number below 90, or None when it is not written as one."""
    worth = {"i": 1, "v": 5, "x": 10, "l": 50}
    values = [worth[letter] for letter in text]
    value = sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
    return value if 0 < value < 90 and to_roman(value) == text else None
