"""Numbers in words: "two hundred and fifty", "twenty-third", "two thirds". Pure; English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_TENS = {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_COUNTS = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen".split()
    )
} | _TENS
_ORDINALS = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
        " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
}
_WORD = "|".join(sorted([*_COUNTS, *_SCALES, "hundred", "dozen"], key=len, reverse=True))
_COUNT = re.compile(rf"\b(?:half\sa\s|an?\s)?(?:{_WORD})(?:(?:[\s-]|\sand\s)(?:{_WORD}))*\b", re.I)
_ORDINAL = re.compile(rf"\b(?:(?P<tens>{'|'.join(_TENS)})-)?(?P<word>{'|'.join(_ORDINALS)})\b(?!-)", re.I)
_FRACTION = re.compile(
    r"\b(?:(?P<n>a|one|two|three|four)[\s-](?P<of>third|quarter|fifth|tenth)s?|(?P<half>half))\b"
    r"(?![\s-](?:of )?(?:year|19|20)|\s(?:an?\s)?(?:dozen|hundred|thousand|[mbt]r?illion))",
    re.I,
)
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "tenth": 10}


@dataclass(frozen=True, slots=True)
class Spelled:
    """A number in words: its characters and value; of a fraction, its value in percent.

    `is_vague`: it is said too often to be a value: "one of them", "the first thing", "the other half".
    """

    start: int
    end: int
    value: Decimal
    kind: Literal["count", "ordinal", "fraction"]
    is_vague: bool = False


def spelled(text: str) -> Iterator[Spelled]:
    """Yield the numbers in words of a text: fractions, counts, then ordinals. They may overlap."""
    for match in _FRACTION.finditer(text):
        n, of = (1, 2) if match["half"] else (_COUNTS.get(match["n"].lower(), 1), _PARTS[match["of"].lower()])
        value = (Decimal(100 * n) / of).quantize(Decimal("0.1"))
        yield Spelled(*match.span(), value, "fraction", is_vague=bool(match["half"]))
    for match in _COUNT.finditer(text):
        said = re.split(r"[\s-]+", match.group().lower())
        value = _value([word for word in said if word not in {"and", "a", "an"}])
        yield Spelled(*match.span(), value, "count", is_vague=said in (["zero"], ["one"]))
    for match in _ORDINAL.finditer(text):
        n = _ORDINALS[match["word"].lower()] + _TENS.get((match["tens"] or "").lower(), 0)
        yield Spelled(*match.span(), Decimal(n), "ordinal", is_vague=n <= 2)


def _value(said: Sequence[str]) -> Decimal:
    """Return the value of words: 250,000 for "two hundred fifty thousand"."""
    total = group = Decimal(0)
    for word in said:
        if word == "half":
            group = Decimal("0.5")
        elif word in _COUNTS:
            group += _COUNTS[word]
        elif word in {"hundred", "dozen"}:
            group = (group or Decimal(1)) * (100 if word == "hundred" else 12)
        else:
            total, group = total + (group or Decimal(1)).scaleb(_SCALES[word]), Decimal(0)
    return total + group
