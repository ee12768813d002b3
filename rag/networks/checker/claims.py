"""A question and its answer -> one sentence that says both: "When was Ada born?", "1815" -> "Ada was born in 1815."

Rules without a grammar: where the verb is found the sentence is turned round, where it is not there is none. What a
reader that answers in few words says ("1815", beside its question) is a claim too: `beside`.
Source: the cases follow Demszky et al., Transforming Question Answering Datasets into NLI Datasets, 2018.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.networks.checker.verbs import Verbs, is_participle, past, third

_BE = frozenset("is are was were".split())
_HAVE = frozenset("has have had".split())
_DO = frozenset("do does did".split())
_MODALS = frozenset("can could will would should may might must".split())
_AUXILIARIES = _BE | _HAVE | _DO | _MODALS
_WH = frozenset("what which who whom whose when where why how".split())
_PREPOSITIONS = frozenset(
    "in on at by for from to of with under over between among during after before since until through into about"
    " against within near around as because due along".split()
)
_DETERMINERS = frozenset("the a an his her its their this that these those many most some all of and".split())
_SHORT = re.compile(r"\b(what|who|where|when|how)['’]s\b", re.I)
_LEADING = re.compile(
    r"^(?P<adjunct>[^,?]+(?:, [^,?]+)?), (?P<rest>(?:\w+ )?(?:what|which|who|when|where|how|why)\b.+)$", re.I
)
_IN_PLACE = re.compile(r"\b(?:what|who|whom|which|where)$", re.I)
_HOW_MANY = re.compile(r"\bhow (?:many|much)\b", re.I)
_PRONOUNS = frozenset("he she it they we you i".split())
_MAX_WORDS = 40


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question cut in three: "in" "what city", "was", "Ada born"."""

    before: list[str]  # a preposition, or nothing
    asked: list[str]  # the words that ask
    auxiliary: str  # lower-cased; empty: the answer is the subject
    rest: list[str]


def beside(question: str, answer: str) -> str:
    """Return question and answer beside each other, as a short answer is read."""
    return f"{' '.join(question.split())} {' '.join(answer.split())}"


def declarative(question: str, answer: str, verbs: Verbs) -> str | None:
    """Return the sentence that question and answer make together; None where no rule fits."""
    asked = _SHORT.sub(r"\1 is", " ".join(question.split())).rstrip(" ?.!")
    answer = " ".join(answer.split()).strip(" .,;")
    if not answer or len(asked.split()) + len(answer.split()) > _MAX_WORDS:
        return None
    leading = _LEADING.match(asked)
    if leading and leading["adjunct"].split()[0].lower() not in _WH | _AUXILIARIES:
        said = _said(leading["rest"], answer, verbs)
        return _sentence(f"{leading['adjunct']}, {said}") if said else None
    said = _said(asked, answer, verbs)
    return _sentence(said) if said else None


def _said(asked: str, answer: str, verbs: Verbs) -> str | None:
    cut = _cut(asked.split(), verbs)
    if cut is None:
        return _in_place(asked, answer)
    wh = cut.asked[0].lower()
    if wh == "whose" or (wh in {"why", "how"} and not _is_amount(cut.asked) and cut.auxiliary not in _AUXILIARIES):
        return None
    filler = _filler(cut.asked, answer)
    if not cut.auxiliary:
        return f"{filler} {' '.join(cut.rest)}"
    return _turned(cut, filler, verbs)


def _in_place(asked: str, answer: str) -> str | None:
    """Return the sentence of a question that is one already but for a word: "It was called what"."""
    if asked.split(maxsplit=1)[0].lower() in _WH | _AUXILIARIES:
        return None
    if _IN_PLACE.search(asked):
        return _IN_PLACE.sub(lambda _: answer, asked)
    return _HOW_MANY.sub(lambda _: answer, asked, count=1) if _HOW_MANY.search(asked) else None


def _cut(words: list[str], verbs: Verbs) -> _Asked | None:
    first = 1 if words[0].lower() in _PREPOSITIONS and len(words) > 2 else 0
    if words[first].lower() not in _WH:
        return None
    within = range(first + 1, min(len(words) - 1, first + 9))
    has_do = any(
        words[at].lower() in _DO for at in within
    )  # then a finite form before it is a noun: "what benefits does"
    for at in within:
        if (word := words[at].lower()) in (_DO if has_do else _AUXILIARIES):
            return _Asked(words[:first], words[first:at], word, words[at + 1 :])
        if has_do:
            continue
        if words[at - 1].lower() not in _DETERMINERS and at + 1 < len(words) and verbs.is_finite(word) and not first:
            if at > first + 1 and words[first].lower() not in {"what", "which", "how"}:
                return None
            if at == first + 1 and words[first].lower() not in {"who", "what", "which"}:
                return None
            return _Asked([], words[first:at], "", words[at:])
    return None


def _is_amount(asked: list[str]) -> bool:
    return len(asked) > 1


def _filler(asked: list[str], answer: str) -> str:
    """Return the answer as it stands in the sentence: "two" is "two universes" where "how many universes" was asked."""
    if asked[0].lower() == "how" and len(asked) > 2 and asked[1].lower() in {"many", "much"}:
        noun = " ".join(asked[2:])
        return answer if asked[-1].lower().rstrip("s") in answer.lower() else f"{answer} {noun}"
    if len(asked) > 3 and asked[1].lower() in {"percentage", "percent"} and asked[2].lower() == "of":
        return f"{answer} {' '.join(asked[2:])}"
    return answer


def _turned(cut: _Asked, filler: str, verbs: Verbs) -> str | None:
    """Return the sentence with its subject before the verb."""
    rest, auxiliary = cut.rest, cut.auxiliary
    if not rest:
        return None
    wh = cut.asked[0].lower()
    is_adjunct = bool(cut.before) or wh in {"when", "where", "why"} or (wh == "how" and len(cut.asked) == 1)
    is_adjunct = is_adjunct or (
        len(cut.asked) > 1 and cut.asked[-1].lower() in {"year", "day", "date", "month", "century"}
    )
    at = _verb_at(rest, auxiliary, verbs)
    end = _adjunct(cut, filler) if is_adjunct else filler
    if auxiliary in _DO:
        if not at:
            return None
        verb = {"did": past, "does": third}.get(auxiliary, str)(rest[at].lower())
        return " ".join([*rest[:at], verb, *rest[at + 1 :], end])
    if at == 0 or (wh == "who" and rest[0].lower() not in _PRONOUNS and not cut.before):
        return None if is_adjunct and wh != "who" else f"{filler} {auxiliary} {' '.join(rest)}"
    if at:
        return " ".join([*rest[:at], auxiliary, *rest[at:], end])
    if auxiliary not in _BE:
        return None
    if is_adjunct or len(cut.asked) == 1:
        return " ".join([*rest, auxiliary, end])
    return " ".join([filler, auxiliary, *rest])


def _verb_at(rest: list[str], auxiliary: str, verbs: Verbs) -> int | None:
    """Return where the verb stands that belongs to the auxiliary; None: nowhere that could be told."""
    for at, word in enumerate(rest):
        lower = word.lower()
        before = rest[at - 1].lower() if at else ""
        if before in _DETERMINERS or before.endswith(("'s", "’s", "s'")) or lower == "being":
            continue
        is_verb = (
            (is_participle(lower) or (auxiliary in _BE and lower.endswith("ing") and at > 0 and len(lower) > 5))
            if auxiliary in _BE | _HAVE
            else verbs.is_plain(lower) or (lower == "be" and auxiliary in _MODALS)
        )
        if is_verb and word == lower:
            return at
    return None


def _adjunct(cut: _Asked, filler: str) -> str:
    """Return the answer with the preposition that it needs."""
    first = filler.split(maxsplit=1)[0].lower()
    if first in _PREPOSITIONS:
        return filler
    if cut.before:
        return f"{cut.before[0].lower()} {filler}"
    wh = cut.asked[0].lower()
    if wh == "why":
        return f"because of {filler}" if first != "because" else filler
    if wh == "how":
        return filler if first.endswith("ly") else f"by {filler}"
    return f"on {filler}" if re.search(r"[A-Z]\w+ \d{1,2}(?!\d)|\d{1,2} [A-Z]|day\b", filler) else f"in {filler}"


def _sentence(said: str) -> str:
    said = " ".join(said.split())
    return f"{said[0].upper()}{said[1:].rstrip(' ,;')}."
