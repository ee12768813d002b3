"""Which kind an answer has, from its own shape and the words that ask for it: labels to learn from.

Source: the classes follow Li and Roth, Learning Question Classifiers, 2002, as far as what is read can tell them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rag.networks.words import asks_yes_or_no
from rag.types import AnswerType

_SPELLED = (
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?"
    r"|millions?|billions?|dozens?|half|twice|once|none|first|second|third)"
)
_ABOUT = (
    r"(?:about|around|over|under|nearly|almost|approximately|roughly|some|more than|less than|up to|at least|an?"
    r"|estimated|the|only|just|between|from|in|on|by|since|until|to|of|early|late|mid|circa|c\.|as|than|at)"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_MONEY = re.compile(r"[$€£¥]|\bUS\$|\b(?:dollars?|euros?|pounds? sterling|yen|cents|rupees|USD|EUR|GBP)\b", re.I)
_PERCENTAGE = re.compile(r"\d\s?%|\b(?:percent|per cent|percentage points?)\b", re.I)
_DATE = re.compile(
    rf"^(?:{_ABOUT}[\s-])*(?:the )?(?:(?:{_MONTH}\b\.?[\s,]*)(?:\d{{1,2}}(?:st|nd|rd|th)?)?[\s,]*(?:(?:of )?\d{{3,4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b[\s,]*(?:\d{{3,4}})?"
    r"|(?:1[0-9]|20)\d\d(?:'?s)?(?:\s?(?:[–-]|to|and|until|through)\s?(?:\d\d|\d{4}))?|\d{1,4}\s?(?:BC|AD|BCE|CE)"
    r"|(?:AD|CE) \d{1,4}|\d{1,2}(?:st|nd|rd|th)(?: and \d{1,2}\w\w)?[ -]centur(?:y|ies)(?: (?:BC|AD|BCE|CE))?"
    r"|\w+ centur(?:y|ies)|(?:spring|summer|autumn|fall|winter)(?: of)? \d{4}|(?:mon|tues|wednes|thurs|fri|satur|sun)"
    r"day)"
    r"[\s,.)]*$",
    re.I,
)
_NUMBER = re.compile(
    rf"^(?:{_ABOUT}\s)*[(−~<>≈+-]?(?:\d[\d,.]*|{_SPELLED}(?:[\s-]{_SPELLED})*)(?:(?:\s?(?:[–-]|to|and|or|by)\s?)?"
    rf"[(−-]?(?:\d[\d,.]*|{_SPELLED}))*\)?(?:\s?[\w°²³/.]+){{0,3}}$",
    re.I,
)
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|far|old|tall|large|big|often|fast|high|deep|wide|heavy)\b|\b(?:number|amount|population"
    r"|size|height|length|weight|speed|score|temperature|area|distance|capacity|age|total)\b",
    re.I,
)
_ASKS_DATE = re.compile(r"\bwhen\b|\b(?:what|which|that) (?:\w+ )?(?:year|date|day|month|decade|century|time)", re.I)
_ASKS_PERSON = re.compile(r"\bwho(?:m|se)?\b", re.I)
_ASKS_PLACE = re.compile(
    r"\bwhere\b|\b(?:what|which) (?:\w+ ){0,2}?(?:city|cities|country|countries|state|place|continent|river|town|region"
    r"|county|island|nation|location|province|district|village|neighbou?rhood|area|mountains?|sea|ocean|street)\b",
    re.I,
)
_ASKS_WHY = re.compile(
    r"\bwhy\b|\bhow (?:do|does|did|is|are|was|were|can|could|should|would|has|have)\b"
    r"|\bexplain\b|\bdescribe\b|\bwhat (?:caused|causes|happens|happened)\b"
    r"|\b(?:reason|purpose|effect|difference|result|meaning)\b",
    re.I,
)
_ASKS_SEVERAL = re.compile(
    r"\b(?:what|which|who) (?:are|were)\b|\b(?:what|which) (?:two|three|four|five|\d)\b"
    r"|\bname (?:the|two|three|some|all)\b"
    r"|\blist\b|\b(?:two|three|four|five|all) of\b",
    re.I,
)
_CLAUSE = re.compile(r"^(?:to|by|because|due|so that|in order|that|it|they|he|she|if|when|since|through|as|for) ", re.I)
_VERB = re.compile(r"\b(?:is|are|was|were|had|has|have|would|could|can|will|did|became|made|been|be|being)\b", re.I)
_ITEMS = re.compile(r"\s*(?:,\s*(?:and|or)\s|,|;|\||\band\b|&)\s*")
_YES_NO = frozenset({"yes", "no", "true", "false"})
_CLAUSE_WORDS = 7  # an answer of so many words that are no name says more than what something is called


@dataclass(frozen=True, slots=True)
class Names:
    """Names that answered questions for a person, and for a place."""

    people: frozenset[str]
    places: frozenset[str]

    @classmethod
    def of(cls, answered: Iterable[tuple[str, str]]) -> Names:
        """Return the names that (question, answer) pairs tell: those asked for by "who" or "where" mostly."""
        as_person: Counter[str] = Counter()
        as_place: Counter[str] = Counter()
        for question, answer in answered:
            if _is_name(answer):
                as_person[_bare(answer)] += bool(_ASKS_PERSON.search(question))
                as_place[_bare(answer)] += bool(_ASKS_PLACE.search(question))
        return cls(
            frozenset(name for name, n in as_person.items() if n > as_place[name]),
            frozenset(name for name, n in as_place.items() if n > as_person[name]),
        )


def answer_type(question: str, answer: str, names: Names) -> AnswerType:
    """Return the kind of a gold answer; what the question asks for decides where the answer could be several."""
    answer = answer.strip(" .,;:\"'“”")
    if answer.lower() in _YES_NO or (asks_yes_or_no(question) and not re.search(r"\bor\b", question)):
        return "yes/no"
    return _of_figures(question, answer) or _of_words(question, answer, names)


def _of_figures(question: str, answer: str) -> AnswerType | None:
    """Return the kind of an answer that is a figure."""
    is_short = len(answer.split()) <= _CLAUSE_WORDS
    if _DATE.match(answer) and not (_ASKS_NUMBER.search(question) and not _ASKS_DATE.search(question)):
        return "date"
    if is_short and _PERCENTAGE.search(answer):
        return "percentage"
    if is_short and _MONEY.search(answer) and any(c.isdigit() for c in answer):
        return "money"
    if _NUMBER.match(answer) and (answer[:1].isdigit() or _ASKS_NUMBER.search(question) or len(answer.split()) <= 2):
        return "number"
    if _ASKS_DATE.search(question) and is_short and re.search(r"\d{3,4}|\bcentur|\d+ (?:BC|AD)", answer):
        return "date"
    return None


def _of_words(question: str, answer: str, names: Names) -> AnswerType:
    items = [item for item in _ITEMS.split(answer) if item]
    if len(items) >= 3 and all(len(item.split()) <= 4 for item in items):
        return "list"
    if len(items) == 2 and _ASKS_SEVERAL.search(question) and all(len(item.split()) <= 5 for item in items):
        return "list"
    if _is_name(answer):
        if _ASKS_PERSON.search(question) or (_bare(answer) in names.people and not _ASKS_PLACE.search(question)):
            return "person"
        if _ASKS_PLACE.search(question) or _bare(answer) in names.places:
            return "place"
        return "entity"
    if re.search(r"\bwhere\b", question, re.I) and len(answer.split()) <= _CLAUSE_WORDS:
        return "place"
    return "explanation" if _explains(question, answer) else "entity"


def _explains(question: str, answer: str) -> bool:
    """Tell whether an answer is a clause, or a phrase that "why" or "how" asks for."""
    n_words = len(answer.split())
    if _ASKS_WHY.search(question):
        return True
    return n_words >= _CLAUSE_WORDS or (n_words >= 3 and bool(_CLAUSE.match(answer) or _VERB.search(answer)))


def _is_name(answer: str) -> bool:
    """Tell whether most words of an answer are capitalised."""
    words = [word for word in re.findall(r"[^\W\d_][\w'’.-]*", _bare(answer)) if len(word) > 3 or word[0].isupper()]
    return bool(words) and sum(word[0].isupper() for word in words) >= 0.6 * len(words) and len(words) <= _CLAUSE_WORDS


def _bare(name: str) -> str:
    return re.sub(r"^(?:the|a|an|in|at|from|by) ", "", name.strip(), flags=re.I)
