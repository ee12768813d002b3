"""What can be checked in a sentence without understanding it: numbers, dates, names, what it denies. Pure.

A number is compared as a quantity ("100,480" is "100480", "$1.5 billion" may stand for "1,487 million"), a date as a
day ("12 March 2018" is "2018-03-12"), a name by the stems of its words. What a claim names and its source does not
hold is not supported, however alike the sentences are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.answer.dates import Date, dated, dates
from rag.answer.names import Word, named_short, names, other_forms, shorts, spoken_of
from rag.answer.quantities import Quantity, bears_out, falls, quantities
from rag.text import STOP_WORDS, stem, words

_DENIALS = frozenset(
    "not no never none neither nor without cannot isn't aren't wasn't weren't don't doesn't didn't won't can't couldn't"
    " wouldn't shouldn't hasn't haven't hadn't hardly".split()
)
_SCALE = re.compile(
    r"\b(?:in|of)\s(?:[$€£¥]\s?|U\.?S\.?\s|\w+\s(?:of\s)?)?(thousand|million|billion)s\b"
    r"|\b(thousand|million|billion)s\s(?:of\s)?(?:U\.?S\.?\s)?(?:dollars|euros|pounds|yen|[$€£¥])"
    r"|\(\s?(?:[$€£¥]\s?|U\.?S\.?\s)?(thousand|million|billion)s?\b"
    r"|[$€£¥(](000)(?:['’]?s)?\b",
    re.I,
)
_POWERS = {"thousand": 3, "000": 3, "million": 6, "billion": 9}
_NUMBERED = re.compile(r"([A-Z][\w’'-]*)[\s-]$")  # "Apollo 11": the number is a part of a name


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, a date or a word of a name within a text: its characters, and as it is written there."""

    start: int
    end: int
    kind: Literal["number", "date", "name"]
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """What may bear out a claim.

    Args:
        text: what is cited.
        context: what stands around it and belongs to it: headings, the title of a table, the document's name.
        known: what may be named without being cited: the question, and what its short forms stand for.
    """

    text: str
    context: str = ""
    known: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a text says that can be compared."""

    numbers: tuple[Quantity, ...]
    dates: tuple[Date, ...]
    named: frozenset[str]  # keys of all its words, and of the short forms of its names
    shorts: frozenset[str]  # its words in capitals
    falls: bool

    @property
    def years(self) -> frozenset[int]:
        """Return the years that it names, in its dates too."""
        told = (day.year for one in self.dates for day in one.readings if day.year is not None)
        return frozenset({*told, *(int(one.value) for one in self.numbers if one.form == "year")})


@lru_cache(maxsize=256)
def facts(text: str) -> tuple[Fact, ...]:
    """Return the numbers, the dates and the words of names of a text, in order."""
    found = [Fact(one.start, one.end, "date", text[one.start : one.end]) for one in dates(text)]
    taken = {at for fact in found for at in range(fact.start, fact.end)}
    for one in quantities(text):
        if not one.is_vague and taken.isdisjoint(range(one.start, one.end)):
            found.append(Fact(one.start, one.end, "number", text[one.start : one.end]))
            taken.update(range(one.start, one.end))
    found += [Fact(w.start, w.end, "name", text[w.start : w.end]) for w in names(text) if w.start not in taken]
    return tuple(sorted(dict.fromkeys(found), key=lambda fact: fact.start))


def lacking(claim: str, source: Source) -> list[Fact]:
    """Return the facts of a claim that its source does not hold, in order.

    Names may also stand in what is known. A number that a claim rounds or hedges ("about 1.5 billion") is held by the
    one that it stands for, a date by one that says more, a short form by its long one.
    """
    text = f"{source.text}\n{source.context}"
    there, known, here = _said(text), _said(source.known), _said(claim)
    scale = _scale(source.context)
    by_place: dict[tuple[int, int], bool] = {}
    for date in here.dates:
        place = (date.start, date.end)
        by_place[place] = by_place.get(place, True) and dated(there.dates, date, years=there.years)
    for number in here.numbers:
        is_borne_out = (
            bears_out(there.numbers, number, scale=scale, falls=here.falls or there.falls)
            or (number.form == "year" and int(number.value) in there.years)
            or _is_in_known_name(claim, number, source.known)
        )
        by_place[number.start, number.end] = is_borne_out
    for word in names(claim):
        by_place[word.start, word.end] = _is_named(claim, word, there, known)
    return [fact for fact in facts(claim) if not by_place.get((fact.start, fact.end), True)]


def holds_facts(claim: str, source: str) -> bool:
    """Tell whether every number, date and name of the claim stands in its source."""
    return not lacking(claim, Source(source))


def denies_alike(claim: str, source: str) -> bool:
    """Tell whether claim and source agree on denying: what the claim denies, the source speaks of and denies things.

    A source may deny something else than what the claim says.
    """
    claimed, denied = _denied(claim), _denied(source)
    if claimed:
        return bool(denied) and claimed - _DENIALS <= {stem(word) for word in words(source)}
    return not denied & {stem(word) for word in words(claim)}


def phrases(found: Sequence[Fact], text: str) -> list[Fact]:
    """Return facts of a text with the words of one name together, each number or name once."""
    joined: list[Fact] = []
    for fact in found:
        last = joined[-1] if joined else None
        if last is not None and last.kind == fact.kind == "name" and text[last.end : fact.start] in {" ", "-"}:
            joined[-1] = Fact(last.start, fact.end, "name", text[last.start : fact.end])
        else:
            joined.append(fact)
    return list({fact.text.lower(): fact for fact in joined}.values())


@lru_cache(maxsize=1024)
def _said(text: str) -> _Said:
    return _Said(tuple(quantities(text)), tuple(dates(text)), spoken_of(text), shorts(text), falls(text))


def _scale(context: str) -> int:
    """Return the power of ten that a table's title gives to its numbers: 6 for "(in millions)"."""
    found = _SCALE.search(context)
    return _POWERS[next(group for group in found.groups() if group).lower()] if found else 0


def _is_named(claim: str, word: Word, there: _Said, known: _Said) -> bool:
    named = there.named | known.named
    if word.key in named or not named.isdisjoint(other_forms(claim[word.start : word.end])):
        return True
    return named_short(claim, word, there.shorts | known.shorts)


def _is_in_known_name(claim: str, number: Quantity, known: str) -> bool:
    """Tell whether a number is a part of a name that is known: of "Apollo 11", when that was asked for."""
    before = _NUMBERED.search(claim[: number.start])
    if before is None or before[1].lower() in STOP_WORDS or number.form:
        return False
    return claim[before.start() : number.end].casefold() in known.casefold()


def _denied(text: str) -> set[str]:
    """Return for each denial in a text the stem of the first telling word after it, and the denial itself."""
    said = words(text)
    found = set()
    for i, word in enumerate(said):
        if word in _DENIALS:
            found.add(word)
            following = (stem(w) for w in said[i + 1 : i + 5] if w not in STOP_WORDS)
            found.update(list(following)[:1])
    return found
