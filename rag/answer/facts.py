"""What can be checked in a sentence without understanding it: its numbers, its names, what it denies. Pure.

A number is compared as a value ("100,480" is "100480", "three" is "3"), a name by the stems of its words. What a claim
names and its source does not hold is not supported, however alike the sentences are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.text import STOP_WORDS, sentence_spans, stem, words

_SPELLED = {
    word: str(n)
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_MAGNITUDES = frozenset("hundred thousand million billion trillion".split())
_TOO_COMMON = frozenset({"zero", "one"})  # "one of the", "zero or more": rarely a value
_NUMBER = re.compile(r"(?<![^\W_])(?:\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3})+|\d+)(?:\.\d+)?")
_WORD = re.compile(r"[^\W\d_][\w]*(?:['’][^\W_]+)*")
_SPACES = re.compile(r"[,\u00a0\u2009\u202f]")
_NAMED = re.compile(r"[A-Z]|\w*[a-z][A-Z]|[A-Z]*\d")  # begins as names do, or has a capital inside
_OPENERS = frozenset(
    "according additionally although another answer based both consequently each finally first furthermore generally"
    " hence here indeed instead it its like many moreover most often other overall second similarly since some"
    " specifically such then there therefore third thus together typically unlike usually various well whereas yes"
    " also however because during following given all any every no not".split()
)
_DENIALS = frozenset(
    "not no never none neither nor without cannot isn't aren't wasn't weren't don't doesn't didn't won't can't couldn't"
    " wouldn't shouldn't hasn't haven't hadn't hardly".split()
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A number or a name within a text: its characters, and the form in which it is compared."""

    start: int
    end: int
    kind: Literal["number", "name"]
    key: str


def facts(text: str) -> list[Fact]:
    """Return the numbers and the words of names of a text, in order.

    The first word of a sentence counts as a name unless it is one that commonly opens one.
    """
    found = [Fact(*match.span(), "number", _value(match.group())) for match in _NUMBER.finditer(text)]
    taken = {at for fact in found for at in range(fact.start, fact.end)}
    firsts = {start for start, _ in sentence_spans(text)}
    for match in _WORD.finditer(text):
        word, lower = match.group(), match.group().lower()
        if match.start() in taken:
            continue
        if (lower in _SPELLED or lower in _MAGNITUDES) and lower not in _TOO_COMMON:
            found.append(Fact(*match.span(), "number", _SPELLED.get(lower, lower)))
        elif _is_name(word, is_first=_opens(text, match.start(), firsts)):
            found.append(Fact(*match.span(), "name", _name_key(word)))
    return sorted(found, key=lambda fact: fact.start)


def held(text: str) -> set[str]:
    """Return the keys of every number and every word of a text: what its facts can be compared with."""
    numbers = {_value(match.group()) for match in _NUMBER.finditer(text)}
    said = {match.group().lower() for match in _WORD.finditer(text)}
    spelled = {_SPELLED[word] for word in said & _SPELLED.keys()}
    return numbers | spelled | (said & _MAGNITUDES) | {_name_key(word) for word in said}


def holds_facts(claim: str, source: str) -> bool:
    """Tell whether every number and name of the claim stands in its source."""
    return {fact.key for fact in facts(claim)} <= held(source)


def denies_alike(claim: str, source: str) -> bool:
    """Tell whether claim and source agree on denying: what the claim denies, the source speaks of and denies things.

    A source may deny something else than what the claim says.
    """
    claimed, denied = _denied(claim), _denied(source)
    if claimed:
        return bool(denied) and claimed - _DENIALS <= {stem(word) for word in words(source)}
    return not denied & {stem(word) for word in words(claim)}


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


def _value(number: str) -> str:
    whole, _, fraction = _SPACES.sub("", number).partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole.lstrip('0') or '0'}.{fraction}" if fraction else whole.lstrip("0") or "0"


def _name_key(word: str) -> str:
    return stem(word.lower().replace("’", "'"))


def _opens(text: str, at: int, firsts: set[int]) -> bool:
    """Tell whether a word opens its sentence, after quotes and brackets."""
    while at > 0 and text[at - 1] in "\"'“‘([*":
        at -= 1
    return at in firsts


def _is_name(word: str, *, is_first: bool) -> bool:
    lower = word.lower()
    if not _NAMED.match(word) or lower in STOP_WORDS or len(word) == 1:
        return False
    return not (is_first and lower in _OPENERS)
