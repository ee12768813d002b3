"""A follow-up question to one that stands alone: what it leans on is taken from what was said before. Rules only, pure.

    "What was 3M's revenue in 2018?"   "and in 2019?"      -> "What was 3M's revenue in 2019?"
    "Who invented the transistor?"     "When was he born?" -> "When was William Shockley born?"

The query is shown to the user, so it reads as a question: a pronoun is replaced by what it stands for, a part of the
last question by its like; what fits nowhere follows in brackets. A question that leans on nothing is left as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from rag.retrieve import leaning
from rag.retrieve.mentions import AUX, YEAR, Name, defined, names, own_words, phrases
from rag.retrieve.repeating import repeated, whole
from rag.text import stems

MAX_TERMS = 3  # in brackets
_LONG = (
    600  # characters: a longer question leans on nothing, and what stands later in an answer is not what it is about
)
_SHORT_ANSWER = 8  # words: an answer that is no longer is itself what was asked for

_KINDS = {"him": "he", "his": "he", "her": "she", "hers": "she", "its": "it"}
_OWNS = frozenset({"his", "its", "their", "theirs", "hers"})
_HER_NOUN = re.compile(r"\s+(?!(?:in|to|at|on|for|with|by|from|and|or|as|when|after|before|about)\b)\w", re.I)
_THEN = re.compile(r"\b(?:that|this|the same) (?:year|time|period|month|day|decade|date|era|point)\b|\bthen\W*$", re.I)
_WHO_IS_IT = re.compile(rf"\W*who(?:se)?\s+(?!{AUX}\s+(?!the\b|an?\b))", re.I)  # who wrote it, not whom he met
_TITLE = re.compile(r"(?:the )?[A-Z][\w'’&-]*(?: [\w'’&-]+){0,4} [A-Z][\w'’&-]*\.?")  # "Dust to Ashes"
_FEMALE = re.compile(r"\b(?:wife|mother|daughter|sister|queen|girlfriend|aunt|niece|actress|woman|princess)\b")
_MALE = re.compile(r"\b(?:husband|father|son|brother|king|boyfriend|uncle|nephew|actor|man|prince)\b")
_BRACKET = re.compile(r"\s\((?P<terms>[^()?]+)\)\W*$")
_AMOUNT = re.compile(
    r"\W*(?:and |so |but )?(?:how (?:much|many|high|large|big)|what (?:is|was)|why|is|was|did|does|has)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked, and what was answered: the short answer where there is one, empty when nothing was found."""

    question: str
    answer_text: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A query that stands alone, and the terms in it that were said before; none: it is the question itself."""

    query: str
    carried: tuple[str, ...] = ()
    by: Literal["rules", "model"] = "rules"


@dataclass(slots=True)
class _Thread:
    """What is being talked of after some exchanges."""

    question: str = ""  # the last one, standing alone
    answer: str = ""
    before: str = ""  # the question before it
    asked: Counter[str] = field(default_factory=Counter)  # names -> in how many questions they stood
    people: set[str] = field(default_factory=set)  # those of them that may be persons
    meant: dict[str, str] = field(default_factory=dict)  # pronoun (he, she, it, they) -> what it stood for last

    def add(self, query: str, answer: str) -> None:
        """Go on with the next exchange."""
        self.before, self.question, self.answer = self.question, whole(query)[:_LONG], answer[:_LONG]
        found = names(self.question)
        self.asked.update(name.text for name in found)
        self.people |= {name.text for name in found if name.is_person}

    def others(self, kind: str) -> set[str]:
        """Return the names that "he" or "she" stood for, and that this pronoun therefore does not stand for."""
        return {name for said, name in self.meant.items() if said in {"he", "she"} - {kind}}

    def topics(self) -> list[str]:
        """Return the names that were asked about, the commonest first, then the one asked about first."""
        return [name for name, _ in self.asked.most_common()]


def standalone(question: str, history: Sequence[Exchange]) -> Rewritten:
    """Return the question as one that can be understood without what was said before.

    Args:
        history: the exchanges before it, the oldest first, their questions as asked or as rewritten.
    """
    thread = _Thread()
    for exchange in history:
        if exchange.question.strip():
            thread.add(_rewritten(exchange.question, thread).query, exchange.answer_text)
    return _rewritten(question, thread)


def _rewritten(question: str, thread: _Thread) -> Rewritten:
    if not thread.question or not question.strip() or len(question) > _LONG:
        return Rewritten(question)
    if query := repeated(question, thread.question):
        said = set(stems(question))
        terms = _topic(whole(query)) or own_words(query)
        return Rewritten(query, tuple(term for term in terms if not set(stems(term)) <= said)[:MAX_TERMS])
    return _replaced(question, thread) or _completed(question, thread) or Rewritten(question)


def _topic(question: str) -> tuple[str, ...]:
    """Return what a question is about: its names, then its noun phrases, or those in its brackets."""
    bracket = _BRACKET.search(question)
    body = question[: bracket.start()] if bracket else question
    added = bracket["terms"].split(", ") if bracket else []
    named = [*(name.text for name in names(body)), *(term for term in added if term != term.lower())]
    about = phrases(body) or [term for term in added if term == term.lower()]
    return tuple(dict.fromkeys([*named, *about]))[:MAX_TERMS]


# ------------------------------------------------------------------------------------------------- he, she, it, they


def _replaced(question: str, thread: _Thread) -> Rewritten | None:
    """Put the name that a pronoun stands for in its place; None when there is no pronoun, or no name for it."""
    pronoun = leaning.open_pronoun(question)
    if pronoun is None:
        return None
    said, after = pronoun.group().lower(), question[pronoun.end() :]
    kind = "they" if said.startswith("the") else _KINDS.get(said, said)
    general = leaning.general_noun(question)
    if kind not in {"he", "she"} and general and general.start() < pronoun.start():
        return None  # "When did the company open it?": two things to name
    name = _person(thread, kind) if kind in {"he", "she"} else _thing(thread, kind)
    if not name:
        return None
    thread.meant[kind] = name
    if said == "it" and _AMOUNT.match(question):
        name = _possession(thread.question, name)
    owner = f"{name}'" if name.endswith("s") else f"{name}'s"
    is_owner = said in _OWNS or (said == "her" and _HER_NOUN.match(after))
    query = f"{question[: pronoun.start()]}{owner if is_owner else name}{after}"
    rewritten = Rewritten(query, (name,))
    asked = [other.text for other in names(thread.question) if not (other.is_person or other.is_aside)]
    if said in {"it", "its"} and asked and name not in thread.question and name in thread.answer:
        also = _with_terms(query, asked[:1])  # it may have been meant as well
        rewritten = Rewritten(also.query, (name, *also.carried))
    return _dated(rewritten, question, thread)


def _possession(question: str, name: str) -> str:
    """Return "3M's revenue" for the name 3M where the question was what that was."""
    owned = rf"{re.escape(name)}['’]s? [a-z][a-z -]*?"
    match = re.match(rf"\W*(?:what|how \w+) (?:is|was|are|were) ({owned})(?= in | for |\W*$)", question, re.I)
    return match.group(1) if match and not match.group(1).endswith("ed") else name


def _person(thread: _Thread, kind: str) -> str:
    """Return the name that he or she stands for; empty when none was said."""
    others = thread.others(kind)
    asked = [name.text for name in names(thread.question) if name.is_person and name.text not in others]
    told = [name.text for name in names(thread.answer) if name.is_person and name.text not in {*asked, *others}]
    known = thread.meant.get(kind, "")
    if known in asked:
        return known
    is_kin = (_FEMALE if kind == "she" else _MALE).search(thread.question) is not None
    is_short = len(thread.answer.split()) <= _SHORT_ANSWER
    if told and (is_kin or (_WHO_IS_IT.match(thread.question) and (is_short or not known))):
        return told[0]
    topics = [name for name in thread.topics() if name in thread.people and name not in others]
    return next(iter([*asked[:1], *([known] if known else []), *topics, *told]), "")


def _thing(thread: _Thread, kind: str) -> str:
    """Return the name, or the thing defined, that it or they stand for; empty when it is not clear."""
    others = thread.others(kind)
    asked = [name for name in names(thread.question) if name.text not in others]
    told = [name for name in names(thread.answer) if name.text.lower() not in thread.question.lower()]
    wanted = r"who\b|which\s" if kind == "they" else r"(?:what|which|where)\s"
    is_wanted = re.match(rf"\W*(?:\w+\s)?(?:{wanted})", thread.question, re.I) is not None
    if told and is_wanted and len(thread.answer.split()) <= _SHORT_ANSWER:
        if _TITLE.fullmatch(thread.answer.strip()):
            return thread.answer.strip().rstrip(".")
        return _joined(thread.answer, told) if kind == "they" else told[0].text
    if asked:
        asked = [name for name in asked if not name.is_aside] or asked
        return _joined(thread.question, asked) if kind == "they" else asked[0].text
    if what := defined(thread.question):
        return what
    if kind in thread.meant:
        return thread.meant[kind]
    topics = [name for name in thread.topics() if kind == "they" or name not in others]
    return "" if phrases(thread.question) and kind == "it" else next(iter(topics), "")


def _joined(text: str, found: Sequence[Name]) -> str:
    """Return the first name, with the one that is joined to it by "and"."""
    first = found[0]
    if len(found) > 1:
        between = text[first.start + len(first.text) : found[1].start]
        if between.strip() in {"and", "and the", "&"}:
            return f"{first.text}{between}{found[1].text}"
    return first.text


# ------------------------------------------------------------------------------------------------- this, the company


def _completed(question: str, thread: _Thread) -> Rewritten | None:
    """Add what the question leaves unsaid, in brackets; None when it leaves nothing unsaid."""
    is_open = leaning.open_pronoun(question) is not None or leaning.points_back(question)
    general = leaning.general_noun(question)
    compares = leaning.only_compares(question)
    if not (is_open or general or compares or leaning.is_bare(question)):
        return None
    name = _thing(thread, "it") if general and not is_open else ""
    if general and name and name.lower() not in question.lower():
        end = general.end("noun")
        return Rewritten(f"{question[:end]} ({name}){question[end:]}", (name,))
    terms = _topic(thread.question)
    topics = thread.topics()
    if compares:
        earlier = [name for name in topics if name not in terms]
        terms = (*terms[:1], *earlier[:1], *terms[1:], *YEAR.findall(thread.question), *YEAR.findall(thread.before))
    if not names(thread.question):
        terms = (*topics[:1], *terms)
    terms = terms or tuple(own_words(thread.question))
    return _dated(_with_terms(question, terms, at_most=5 if compares else MAX_TERMS), question, thread)


def _with_terms(question: str, terms: Sequence[str], *, at_most: int = MAX_TERMS) -> Rewritten:
    """Return the question with those terms in brackets that it does not hold yet."""
    said, new = set(stems(question)), list[str]()
    for term in terms:
        if not set(stems(term)) <= said:
            new.append(term)
            said |= set(stems(term))
    new = new[:at_most]
    return Rewritten(f"{question.rstrip()} ({', '.join(new)})", tuple(new)) if new else Rewritten(question)


def _dated(rewritten: Rewritten, question: str, thread: _Thread) -> Rewritten:
    """Add the year when the question says "that year"."""
    found = YEAR.findall(thread.question) or YEAR.findall(thread.answer)
    if not found or not _THEN.search(question) or YEAR.search(rewritten.query):
        return rewritten
    bracket = _BRACKET.search(rewritten.query)
    if bracket:
        query = f"{rewritten.query[: bracket.end('terms')]}, {found[0]}{rewritten.query[bracket.end('terms') :]}"
        return Rewritten(query, (*rewritten.carried, found[0]))
    return Rewritten(f"{rewritten.query.rstrip()} ({found[0]})", (*rewritten.carried, found[0]))
