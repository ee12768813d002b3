"""What kind of answer a question expects, and where a sentence holds something of that kind, by rules.

Source: the coarse classes of Li and Roth, Learning Question Classifiers, 2002, as far as surface words tell them.
"""

from __future__ import annotations

import re
from typing import Literal

from rag.types import AnswerType

Kind = Literal["number", "money", "percentage", "date", "person", "place", "name", "explanation", "other"]

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_UNIT = r"(?:\s?(?:thousand|million|billion|trillion|hundred|dozen))?"
_SPELLED = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|dozens?|hundreds?|thousands?|half|twice"
    r"|once|a third|a quarter)"
)
_NUMBER = rf"(?:\(?[−-]?\d+(?:,\d{{3}})*(?:\.\d+)?\)?{_UNIT}|\b{_SPELLED}\b{_UNIT})"
_NAME = r"[A-Z](?:[\w'’&-]|\.(?=\w|\s[A-Z]))*"
_CAPITALISED = rf"{_NAME}(?:(?:\s(?:of|the|de|la|van|von|and|for|in|&)){{0,2}}\s{_NAME})*"
_SURNAME = r"(?:Mc|Mac|[OD]['’])?[A-Z][^\W\dA-Z_]+(?:-[A-Z][^\W\dA-Z_]+)*"
_PERSON = rf"(?:(?:[A-Z]\.|{_SURNAME})\s)*(?:(?:de|la|van|von|der|den|al|bin)\s)*{_SURNAME}\b(?:\set\sal\.)?"

_PATTERNS: dict[Kind, re.Pattern[str]] = {
    "number": re.compile(_NUMBER, re.I),
    "money": re.compile(
        rf"(?:[$€£¥]|US\$|USD)\s?\(?{_NUMBER}|{_NUMBER}\s(?:dollars|cents|euros|pounds|yen|USD|EUR)", re.I
    ),
    "percentage": re.compile(rf"{_NUMBER}\s?(?:%|percent|per cent|percentage points?)", re.I),
    "date": re.compile(
        rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}(?:,?\s\d{{4}})?|{_MONTH}(?:\s\d{{1,2}}(?!\d))?(?:,?\s\d{{3,4}})?"
        r"|\b(?:1\d|20)\d\d(?:s\b|[–-]\d{2,4})?|\b\d{1,4}\s?(?:BC|AD|BCE|CE)\b"
        r"|\b\d{1,2}(?:st|nd|rd|th)\scentur(?:y|ies)|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
    ),
    "person": re.compile(_PERSON),
    "place": re.compile(_CAPITALISED),
    "name": re.compile(_CAPITALISED),
}

_RULES: tuple[tuple[Kind, str], ...] = (
    ("percentage", r"\b(?:what|which) (?:percent|percentage|proportion|share|fraction)|\bhow (?:high|large) a share"),
    ("percentage", r"\bmargin\b|\bratio\b|\b(?:renewal|growth|tax|interest|unemployment|error|success) rate\b"),
    (
        "money",
        r"\bhow much (?:money|(?:do|does|did|is|are|was|were|has|have)\b.*\b(?:cost|pay|paid|spen[dt]|earn|invest))",
    ),
    ("money", r"\b(?:price|salary|revenues?|net sales|fee|fees)\b"),
    ("money", r"\b(?:net income|capital expenditures?|dividends?|in usd|dollars?)\b"),
    ("number", r"\bhow (?:many|much|long|far|old|tall|large|big|often|fast|high|deep|wide|heavy)\b"),
    ("number", r"\bwhat (?:number|amount|size|population|score|temperature|speed|length|height|depth|weight|age)\b"),
    ("date", r"^\W*when\b|\b(?:what|which) (?:year|date|day|month|decade|century|time|period|era)\b"),
    ("person", r"\bwho(?:m|se)?\b"),
    ("place", r"\bwhere\b|\b(?:what|which) (?:city|country|state|place|continent|river|town|region|county)\b"),
    ("place", r"\b(?:what|which) (?:island|nation|location|province|district)\b"),
    ("explanation", r"\bwhy\b|\bhow (?:do|does|did|is|are|was|were|can|could|should|would)\b|\bexplain\b|\bdescribe\b"),
    ("explanation", r"\bwhat (?:is|are|does) (?:the )?(?:difference|purpose|role|reason|effect|meaning|cause)"),
    ("name", r"\b(?:what|which) (?:\w+ )?(?:company|organi[sz]ation|university|school|team|band|album|song|film)\b"),
    ("name", r"\b(?:what|which) (?:\w+ )?(?:movie|book|award|treaty|law|act|language|name|group|party|club)\b"),
    ("name", r"\b(?:what|which) (?:\w+ )?(?:magazine|newspaper|network|agency|war|battle)\b"),
)
_COMPILED = tuple((kind, re.compile(pattern, re.I)) for kind, pattern in _RULES)


_INNER_NAME = re.compile(r"(?<=[\w,;:]\s)[A-Z][\w’'-]*[a-z][\w-]*")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def names_and_years(question: str) -> list[str]:
    """Return the capitalised words of a question, without its first one, and its years."""
    return _INNER_NAME.findall(question) + _YEAR.findall(question)


# What a network may tell of the kind of answer and a pattern can find; of the others words know more.
_FOUND_BY_PATTERN: dict[AnswerType, Kind] = {
    "number": "number",
    "money": "money",
    "percentage": "percentage",
    "date": "date",
    "person": "person",
    "place": "place",
}


def expected_kind(question: str, told: AnswerType | None = None) -> Kind:
    """Return the kind of answer that is asked for; `other` when nothing tells.

    `told`: what a network makes of the question. It decides where a pattern finds that kind; else the words do.
    """
    if told in _FOUND_BY_PATTERN:
        return _FOUND_BY_PATTERN[told]
    for kind, pattern in _COMPILED:
        if pattern.search(question):
            return kind
    return "other"


def spans_of_kind(kind: Kind, text: str, *, question: str = "") -> list[tuple[int, int]]:
    """Return (start, end) of every part of `text` of that kind, leaving out what the question itself says.

    Empty for the kinds that no surface pattern tells.
    """
    pattern = _PATTERNS.get(kind)
    if pattern is None:
        return []
    asked = set(re.findall(r"[\w']+", question.lower()))
    spans = []
    for match in pattern.finditer(text):
        said = re.findall(r"[\w']+", match.group().lower())
        if not all(word in asked for word in said):
            spans.append(match.span())
    if kind in {"person", "place", "name"}:
        spans = [span for span in spans if not _only_begins_sentence(text, span)]
    return spans


def _only_begins_sentence(text: str, span: tuple[int, int]) -> bool:
    """Tell whether a lone capitalised word is so only because the sentence begins with it."""
    start, end = span
    return start == 0 and " " not in text[start:end] and text[start:end].lower() in _OPENERS


_OPENERS = frozenset(
    "the a an this that these those it its in on at as he she they we i you but and or for if when while after before"
    " however there by from to with under although since because during his her their our such each most many some both"
    " all one two three other another more no not so then thus according despite between through first second early"
    " later following many several".split()
)
