"""The last question with a part exchanged, for questions that only name the part: "and in 2019?", "why?". Pure.

"What was 3M's revenue in 2018?"  "and in 2019?"        -> "What was 3M's revenue in 2019?"
                                  "what about Boeing?"  -> "What was Boeing's revenue in 2018?"
                                  "why?"                -> "Why? (What was 3M's revenue in 2018?)"
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.retrieve.leaning import is_part
from rag.retrieve.mentions import AUX, SLOTS, WH, Name, names, phrases

_ABOUT = re.compile(
    r"^\W*(?:(?:and|but|or|so|ok|okay)\s+)?(?P<about>what about|how about|what of|(?:the )?same for)\s+"
    r"(?P<part>.+)",
    re.I,
)
_AND = re.compile(r"^\W*(?:and|but|or|also|or rather)\s+(?P<part>.+)", re.I)
_PLACED = re.compile(r"^(?:in|for|at|on|by|from|with|during|since|before|after|under|of|to|as of)\b", re.I)
_COMPARED = re.compile(r"^\W*(?:and )?(?P<part>(?:compared (?:to|with)|versus|vs\.?|relative to)\s.+)", re.I)
_BARE = re.compile(
    r"^\W*(?:and |but |so )?(?P<wh>why|when|where|how|who|whom|which|what|how come|why not|how (?:much|many|long|often"
    r"|far|high|old|big|so)|which ones?|(?:(?:in|for|since|from|by|on|at|to|with|under|until|during|after|before) )?"
    r"(?:which|what) \w+|since when|until when|for what|for whom|by whom|with whom|from where|by how much)\W*$",
    re.I,
)
_ADVERBS = frozenset({"why", "when", "where", "how"})
_OPENING = re.compile(rf"^\W*(?:(?:why|when|where|how)\s+)?(?={AUX}\b)", re.I)
_WHOLE = re.compile(rf"^[^()]+\((?P<question>(?:{WH}|{AUX})\b.*\?.*)\)\W*$", re.I)
_HEAD = re.compile(
    r"(?:['’]s|\b(?:is|are|was|were) the|\b[Hh]ow many)\s+(?P<head>[a-z][a-z ]*?)"
    rf"(?=\s+(?:in|of|for|at|on|by|to|from|{AUX})\b|\W*$)"
)
_LOOSE = re.compile(r"\b(?:in|for|during|of|on)?\s*(?:the\s+)?$", re.I)  # what led to a year that is taken out
_OWNER = re.compile(r"\b(?P<owner>[\w&-]+)(?=['’]s\b)")


def whole(question: str) -> str:
    """Return the question that stands in the brackets of "Why? (...)"; another one as it is."""
    match = _WHOLE.match(question)
    return match["question"] if match else question


def repeated(question: str, last: str) -> str | None:
    """Return `last` with what the question names in the place of its like; None when it is a question of its own.

    Args:
        last: a question that stands alone.
    """
    if bare := _BARE.match(question):
        return _asked_again(question.strip(), bare["wh"].lower(), last)
    if (compared := _COMPARED.match(question)) and is_part(compared["part"]):
        return _ended(last, f", {_open(compared['part'])}")
    about = _ABOUT.match(question)
    named = about or _AND.match(question)
    part = _open(named["part"]) if named else _open(question)
    if not is_part(part) or not (named or _is_slot(question)):
        return None
    return _with_part(last, part, is_owner=about is not None)


def _open(text: str) -> str:
    """Return a question without the mark at its end."""
    return text.strip().rstrip("?!. ")


def _ended(last: str, ending: str) -> str:
    """Return the last question with more words at its end, before its mark and before what stands in brackets."""
    body, bracket = re.fullmatch(r"(.*?)(\s\([^()]*\))?\s*", last, re.S).groups()  # type: ignore[union-attr]
    return f"{_open(body)}{ending}?{bracket or ''}"


def _is_slot(question: str) -> bool:
    """Tell whether a question is nothing but a year, a quarter, a month: "2019?", "in 2020"."""
    rest = _PLACED.sub("", _open(question)).strip()
    for slot in SLOTS:
        rest = slot.sub("", rest)
    return not re.sub(r"\b(?:of|the)\b|\W", "", rest) and bool(re.search(r"\w", question))


def _asked_again(question: str, wh: str, last: str) -> str:
    opening = _OPENING.match(last)
    if wh in _ADVERBS and opening:
        rest = last[opening.end() :]
        return f"{wh.capitalize()} {rest[:1].lower()}{rest[1:]}"
    return f"{question[:1].upper()}{_open(question[1:])}? ({last})"


def _with_part(last: str, part: str, *, is_owner: bool) -> str:
    query, left, is_placed = last, part, False
    for slot in SLOTS:
        new = slot.search(left)
        if new and len(slot.findall(query)) == 1:
            query = slot.sub(new.group(), query)
            left = (
                re.sub(r"\b(?:in|for|during|of|on)?\s*(?:the\s+)?$", "", left[: new.start()], flags=re.I)
                + left[new.end() :]
            )
        elif new:
            is_placed = True  # the last question has none: it goes to the end
    left = left.strip(" ,")
    if not left or (is_placed and not names(left)):
        return query if not left else _ended(query, f" {left}" if _PLACED.match(left) else f" in {left}")
    asked, new_names = names(query), names(left)
    bare = re.sub(rf"{_PLACED.pattern}\s+(?:the\s+)?|^the\s+", "", left, flags=re.I)
    if asked and (new_names or not phrases(f"the {bare}")):
        return _exchanged(query, asked, left)
    if placed := _PLACED.match(left):
        like = re.compile(rf"\b{placed.group()}\s+(?:the\s+)?[a-z-]+(?:\s[a-z-]+){{0,2}}(?=\W*$)", re.I)
        return like.sub(lambda _: left, query) if like.search(query) else _ended(query, f" {left}")
    owner = _OWNER.search(query)
    if owner and not asked and " " not in bare and (is_owner or new_names):
        return f"{query[: owner.start()]}{bare}{query[owner.end() :]}"
    if asked and (head := _HEAD.search(query)):
        return f"{query[: head.start('head')]}{bare}{query[head.end('head') :]}"
    return f"{left[:1].upper()}{left[1:]}? ({last})"


def _exchanged(query: str, asked: Sequence[Name], new: str) -> str:
    """Return the query with the name that `new` stands for exchanged: the one after its preposition, else the first."""
    if placed := _PLACED.match(new):
        preposition = f" {placed.group().lower()}"
        asked = [name for name in asked if query[: name.start].rstrip().lower().endswith(preposition)]
        if not asked:
            return _ended(query, f" {new}")
        new = new[placed.end() :].strip()
    old = asked[0]
    new = re.sub(r"['’]s$", "", new)
    if query[: old.start].lower().endswith("the "):
        new = re.sub(r"^the\s", "", new, flags=re.I)
    return f"{query[: old.start]}{new}{query[old.start + len(old.text) :]}"
