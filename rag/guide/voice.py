"""How one document speaks: what its rules for questions need to know of names, verbs and who says "we"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rag.guide.english import Casing, is_noun_phrase

Kind = Literal[
    "what", "when", "who", "where", "why", "how much", "share", "change", "does", "how", "heading", "table", "likely"
]

MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
DATE = (
    rf"(?:{MONTH} \d{{1,2}},? (?:19|20)\d\d|\d{{1,2}}(?:st|nd|rd|th)? {MONTH}(?: (?:19|20)\d\d)?"
    rf"|{MONTH},? (?:19|20)\d\d|(?:early |late |mid-)?(?:1[5-9]|20)\d\d)"
)
TIME = (
    rf"(?:(?:in|during|for|at|as of|on|since|by) (?:the )?(?:end of |first |second |third |fourth |full"
    rf" )*(?:{DATE}|fiscal (?:year )?(?:19|20)\d\d|(?:first|second|third|fourth) quarter(?: of"
    rf" (?:fiscal )?(?:19|20)\d\d)?|(?:year|quarter|month)s? ended {DATE}))"
)
NP = r"(?P<np>[A-Z0-9“\"][^,;:()]*?(?: \([A-Z][A-Za-z-]{1,7}\))?)"
CUT = re.compile(
    r",(?! (?:19|20)\d\d)| (?:which|that|who|although|while|whereas|but|as well as|compared|versus|vs"
    r"|than|because|due|primarily|mainly|partly|partially|driven|reflecting|resulting|offset"
    r"|according)\b|[–—]| - |\("
)
_OF_A_PICTURE = re.compile(
    r"(?i:\b(?:tables?|figures?|diagrams?|ax[ei]s|box(?:es)?|charts?|graphs?|columns?|rows?|arrows?|x-axis|y-axis)"
    r"(?: [A-Z\d])?$)|\b(?:bottom|top|left|right|upper|lower)\b"
)
_DULL_HEADS = re.compile(
    r"^(?:the )?(?:results?|example|rest|remainder|same|difference|table|figure|following|amount|number"
    r"|answer|fact|case|way|point|question|above|text|total|part|paper|report|study|document|latter"
    r"|problem|key|issue|thing|item)s?$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a statement answers."""

    text: str
    kind: Kind
    subject: str  # what it asks about, for variety
    answer: str = ""  # the words of the statement that answer; empty where they are not told apart


@dataclass(frozen=True, slots=True)
class Voice:
    """How a document speaks."""

    casing: Casing
    ranks: Mapping[str, int]
    company: str | None = None  # who says "we"
    has_authors: bool = False  # it is people who say "we"
    people: frozenset[str] = frozenset()  # surnames
    verbs: frozenset[str] = frozenset()  # words that the document uses as verbs
    is_short: bool = False  # what changed needs no year

    def noun_phrase(self, text: str) -> str | None:
        """Return a noun phrase as it stands inside of a sentence; None when it is none, or too vague to ask about."""
        plain = re.sub(r" \([A-Z][A-Za-z-]{1,7}\)$", "", text.strip().strip('"'))
        if not is_noun_phrase(plain) or _DULL_HEADS.match(plain) or _OF_A_PICTURE.search(plain):
            return None
        words = plain.split()
        if (
            words[0].lower() in {"the", "a", "an"}
            and len(words) == 2
            and not self.casing.is_name(words[1])
            and self.ranks.get(words[1].lower(), 0)
            and self.ranks[words[1].lower()] < 1_500
        ):
            return None
        return self.casing.inside(plain)


def time_in(rest: str) -> str:
    found = re.search(rf"\b{TIME}", rest, re.I)
    return f" {found.group()[0].lower()}{found.group()[1:]}" if found else ""
