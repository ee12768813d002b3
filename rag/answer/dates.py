"""Dates of a text, however they are written, and whether one bears out another. Pure.

"12 March 2018", "March 12th, 2018", "2018-03-12" and "12/03/2018" are one day. A claim may say less than its source
("March 2018"), never more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

_MONTHS = "January February March April May June July August September October November December".split()
_MONTH_OF = {name[:3].lower(): n for n, name in enumerate(_MONTHS, 1)}
_WHOLE = "|".join(f"{name}|{name.upper()}" for name in _MONTHS)
_MONTH = rf"(?P<month>{_WHOLE}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_NTH = r"(?:[12]\d|3[01]|0?[1-9])"
_DAY = rf"(?P<day>{_NTH})(?:st|nd|rd|th)?(?:\s?(?:-|–|to|and)\s?(?P<last>{_NTH})(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<year>1\d{3}|2[01]\d{2})"
_WORDS_BEFORE = (
    "in of since until till by during before after from through to early late mid last this next every each between and"
).split()
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?<![\d.,/-]){_YEAR}[-/.](?P<m>0[1-9]|1[0-2])[-/.](?P<day>[0-2]\d|3[01])(?!\d)",
        rf"(?<![\w.,]){_DAY}\s(?:of\s)?{_MONTH},?(?:\s{_YEAR}(?!\d))?(?![^\W_])",
        rf"(?<![^\W_]){_MONTH}\s(?:the\s)?{_DAY}(?![\d%]|[.,]\d)(?:,?\s{_YEAR}(?!\d))?",
        rf"(?<![^\W_]){_MONTH},?\s(?:of\s)?{_YEAR}(?!\d)",
    )
)
_BARE = re.compile(rf"\b(?:{'|'.join(_WORDS_BEFORE)})[\s-]{_MONTH}(?![^\W_]|\s[A-Z])", re.I)
_NUMERIC = re.compile(
    r"(?<![\d.,/-])(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})(?![\d/]|[.,-]\d)"
)
_PIVOT = 70  # two digits below it are of this century


@dataclass(frozen=True, slots=True)
class Day:
    """What is said of a day; None: not said."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Date:
    """A date within a text, and what it may mean: "3/4/2018" is in March or in April."""

    start: int
    end: int
    readings: tuple[Day, ...]


def dates(text: str) -> list[Date]:
    """Return the dates of a text that name a month, in order."""
    found: list[Date] = []
    taken: set[int] = set()
    for group in _all(text):
        if taken.isdisjoint(range(group[0].start, group[0].end)):
            found += group
            taken.update(range(group[0].start, group[0].end))
    return sorted(found, key=lambda one: one.start)


def dated(evidence: Sequence[Date], claim: Date, *, years: Collection[int] = ()) -> bool:
    """Tell whether one of the dates of the evidence is what a claim's date says.

    Args:
        years: that the evidence names anywhere: a date without its year may be of any of them.
    """
    said = [day for one in evidence for day in one.readings]
    return any(_agrees(there, here, years) for here in claim.readings for there in said)


def _agrees(there: Day, here: Day, years: Collection[int]) -> bool:
    if here.month != there.month or (here.day is not None and here.day != there.day):
        return False
    return here.year is None or here.year == there.year or (there.year is None and here.year in years)


def _all(text: str) -> Iterator[list[Date]]:
    """Yield what may be a date, the fullest forms first; both days of "12-14 March" together."""
    for form in _FORMS:
        for match in form.finditer(text):
            yield [Date(*match.span(), (day,)) for day in _days(match)]
    for match in _NUMERIC.finditer(text):
        if readings := _numeric(match):
            yield [Date(*match.span(), readings)]
    for match in _BARE.finditer(text):
        if match["month"][0].isupper():
            yield [Date(*match.span("month"), (Day(month=_number(match["month"])),))]


def _days(match: re.Match[str]) -> list[Day]:
    parts = match.groupdict()
    month = int(parts["m"]) if parts.get("m") else _number(match["month"])
    year = int(parts["year"]) if parts.get("year") else None
    days = [int(parts[name]) for name in ("day", "last") if parts.get(name)]
    return [Day(year, month, day) for day in days] or [Day(year, month)]


def _numeric(match: re.Match[str]) -> tuple[Day, ...]:
    a, b, year = int(match["a"]), int(match["b"]), int(match["year"])
    if len(match["year"]) == 2:
        year += 2000 if year < _PIVOT else 1900
    orders = dict.fromkeys(((a, b), (b, a)))
    return tuple(Day(year, month, day) for day, month in orders if 1 <= month <= 12 and 1 <= day <= 31)


def _number(month: str) -> int:
    return _MONTH_OF[month[:3].lower()]
