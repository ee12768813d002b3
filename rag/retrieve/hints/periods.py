"""Years, quarters and half years: "FY2018", "fiscal 2019", "second quarter of 2023", "between 2016 and 2018".

A period is told as "2018", "2023Q2" or "2022H1". "Last year" is left alone: nobody knows when it was asked.
"""

from __future__ import annotations

import re

from rag.retrieve.hints.asked import Text, hint
from rag.types import Hint

_MAX_RANGE = 15  # years
_CENTURY = 50  # '49 is 2049, '50 is 1950
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "final": 4}
_ORDINAL = "|".join(_ORDINALS)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YYYY = r"(?:1[5-9]\d\d|20\d\d)"
_YEAR = rf"(?:{_YYYY}|['’]?\d\d)(?!\d)"
_FISCAL = (
    r"(?:\bFY\s?|\bF(?=(?:19|20)\d\d\b)|\b(?:fiscal|financial)\s+(?:years?\s+)?(?:of\s+|ended\s+in\s+|ending\s+in\s+)?)"
)
_QUARTER = rf"(?:\bQ\s?(?P<q1>[1-4])|\b(?P<q2>[1-4])\s?Q|\b(?P<q3>{_ORDINAL})[\s-]+quarter)"
_HALF = r"(?:\bH\s?(?P<h1>[12])|\b(?P<h2>[12])\s?H|\b(?P<h3>first|second|1st|2nd)[\s-]+half)"
_OF = r"(?:\s+(?:of|in|for)(?:\s+the)?)?"
_NOT_AFTER = r"(?![\w%]|[.,]\d|\s?[-–]\s?\d{4}\b)"

_PART_OF_YEAR = re.compile(
    rf"(?:{_QUARTER}|{_HALF})[\s,-]?{_OF}\s*(?:(?P<fiscal>{_FISCAL})\s*(?P<short>{_YEAR})|(?:the\s+year\s+)?(?P<year>{_YYYY})\b"
    r"|(?P<tick>['’]\d\d)\b|(?<=\d[QqHh])(?P<bare>\d\d)\b)",
    re.I,
)
_YEAR_FIRST = re.compile(rf"(?P<fiscal>\bFY\s?)?(?<!\d)(?P<year>{_YYYY})[\s-]?(?:Q(?P<q>[1-4])|H(?P<h>[12]))\b", re.I)
_JOIN = r"\s*(?:-|–|—|\bto\b|\bthrough\b|\buntil\b|\btill\b)\s*(?:the\s+)?"
_RANGE = re.compile(
    rf"(?P<fiscal>{_FISCAL})?(?<![\d$€£,.-])(?P<from>{_YYYY})(?:{_JOIN}(?:{_FISCAL})?(?P<to>{_YYYY}|\d\d)|/(?P<next>\d\d))(?![\w%]|[.,/]?\d)"
    rf"|\bbetween\s+(?:the\s+years\s+)?(?P<fiscal2>{_FISCAL})?(?P<from2>{_YYYY})\s+and\s+(?:{_FISCAL})?(?P<to2>{_YYYY})\b",
    re.I,
)
_FISCAL_YEAR = re.compile(
    rf"(?P<fiscal>{_FISCAL})\s*(?P<year>{_YEAR})(?:\s?[-/–]\s?(?P<next>\d\d)(?!\d))?{_NOT_AFTER}", re.I
)
_ENDED = re.compile(
    rf"\b(?P<fiscal>(?:fiscal|financial)\s+)?year[\s-]+(?:ended|ending)(?:\s+on)?\s+(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s*"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s*|{_MONTH},?\s+)?(?P<year>{_YYYY})\b",
    re.I,
)
_DATED = re.compile(rf"\b(?P<month>{_MONTH})(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?,?\s*(?P<year>{_YYYY})\b", re.I)
_UNITS = (
    r"people|persons|employees|workers|members|students|users|customers|stores|shops|units|items|copies|words|pages|times"
    r"|points|cases|km|kilomet\w+|miles?|met(?:er|re)s?|m|ft|feet|foot|kg|tons?|tonnes?|pounds?|years?|months?|days?|hours?"
    r"|minutes?|seconds?|dollars?|euros?|usd|eur|percent|million|billion|thousand|square|acres?|hectares?|mhz|hz|watts?|mah"
    r"|calories|degrees|species|soldiers|men|troops|ships|participants|respondents|samples|questions|examples|tokens|or\s+more"
)
_AMOUNT = (
    r"[$€£#]\s?|(?:USD|EUR|GBP|Rs\.?)\s|\b(?:over|than|about|approximately|roughly|nearly|almost|exceed\w*|least|most|only"
    r"|model|room|no\.?|number|version|iso|rfc|windows|form|section|rule|page|pages|route|flight|level|top|another|every)\s"
)
_PLAIN = re.compile(rf"(?<![\w$€£.,:/-])(?P<year>{_YYYY})(?![\w%°]|[.,:/-]\d|['’][a-rt-z]|\s?(?:{_UNITS})\b|-\w)", re.I)
_AMOUNT_BEFORE = re.compile(rf"(?:{_AMOUNT})$", re.I)
_OLD = 1900  # earlier years need a word before them that says so
_TIME_BEFORE = re.compile(
    rf"(?:\b(?:in|during|since|until|till|by|before|after|from|to|of|between|and|or|year|around|circa|early|late|mid|{_MONTH})"
    r"[\s-]+(?:the\s+)?(?:year\s+)?(?:early\s+|late\s+)?|[(,]\s*)$",
    re.I,
)


def read_periods(text: Text) -> list[Hint]:
    """Return the periods that are named, in order; neighbouring years of a range as one."""
    found: list[tuple[int, Hint]] = []

    def note(match: re.Match[str], means: str, values: list[str]) -> None:
        found.append((match.start(), hint("period", text.take(*match.span()), means, values)))

    for match in list(text.finditer(_PART_OF_YEAR)) + list(text.finditer(_YEAR_FIRST)):
        note(match, *_part_of_year(match))
    for match in list(text.finditer(_RANGE)):
        years = _range(match)
        if years:
            is_fiscal = match["fiscal"] or match["fiscal2"]
            mark = "FY" if is_fiscal else ""
            note(match, f"{mark}{years[0]} to {mark}{years[-1]}", years)
    for pattern in (_ENDED, _FISCAL_YEAR, _DATED):
        for match in list(text.finditer(pattern)):
            said = match.groupdict()
            year = _full(match["next"] or match["year"]) if said.get("next") else _full(match["year"])
            if said.get("month"):
                note(match, " ".join(match.group().replace(",", " ").split()), [year])
            else:
                note(match, f"FY{year}" if said.get("fiscal") else year, [year])
    for match in list(text.finditer(_PLAIN)):
        before = text.question[: match.start()]
        is_told = _TIME_BEFORE.search(before) is not None
        if not _AMOUNT_BEFORE.search(before) and (int(match["year"]) >= _OLD or is_told):
            note(match, match["year"], [match["year"]])
    return _once([hint_ for _, hint_ in sorted(found, key=lambda pair: pair[0])])


def _part_of_year(match: re.Match[str]) -> tuple[str, list[str]]:
    said = {name: value for name, value in match.groupdict().items() if value}
    year = _full(next(said[name] for name in ("short", "year", "tick", "bare") if name in said))
    quarter = next((said[name] for name in ("q", "q1", "q2", "q3") if name in said), None)
    part = quarter or next(said[name] for name in ("h", "h1", "h2", "h3") if name in said)
    number = _ORDINALS.get(part.lower()) or int(part)
    letter = "Q" if quarter else "H"
    return f"{letter}{number} {'FY' if said.get('fiscal') else ''}{year}", [f"{year}{letter}{number}"]


def _range(match: re.Match[str]) -> list[str]:
    """Return the years of a range; none when it is no range of years, as in 1998-12 or 2000-5000."""
    first = int(match["from"] or match["from2"])
    end = match["to"] or match["to2"] or match["next"]
    last = int(end) if len(end) == 4 else first // 100 * 100 + int(end)
    return [str(year) for year in range(first, last + 1)] if first < last <= first + _MAX_RANGE else []


def _full(year: str) -> str:
    """Return a year with its century."""
    digits = year.strip("'’")
    if len(digits) == 4:
        return digits
    return f"{'20' if int(digits) < _CENTURY else '19'}{digits}"


def _once(hints: list[Hint]) -> list[Hint]:
    return list({hint_.key: hint_ for hint_ in reversed(hints)}.values())[::-1]


def periods_in(question: str) -> list[str]:
    """Return the periods that a question names, in order: "2018", "2023Q2"."""
    return list(dict.fromkeys(value for hint_ in read_periods(Text(question)) for value in hint_.values))
