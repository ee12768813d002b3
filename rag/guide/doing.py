"""Statements of what somebody does or is to do, as questions: readers, the authors, groups of people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.guide.english import base_of_third, is_noun_phrase, is_plural
from rag.guide.voice import CUT, NP, Asked, Voice

_LETS = re.compile(
    rf"^{NP} (?P<verb>allows?|enables?|lets|permits?|helps?) (?:you|users|customers|students|drivers"
    rf"|visitors) (?:to )?(?P<said>[a-z]+ .+)$"
)
_WE = re.compile(
    r"^We (?:further |also |then |first )?(?P<verb>propose|introduce|present|hypothesize|conclude"
    r"|recommend|argue|investigate|demonstrate|find|observe|examine)\b (?P<said>.+)$"
)
_LIKELY = re.compile(
    r"^(?P<one>[A-Z][^,;:()]*?) are (?:also |considerably |much |far |significantly |somewhat |slightly"
    r" |substantially |still |now )*(?P<how>more|less) likely than (?:are )?(?P<other>[^,;:()]*?) to"
    r" (?P<what>[a-z][^;:()]*)$"
)
_TO_DO = re.compile(r"^To (?P<what>[a-z]+ [^,;:()]{6,70}), (?P<who>we |you |please |(?:first )?[a-z]+ )(?P<said>.+)$")
_IF = re.compile(
    r"^If (?P<what>(?:you|your|the|an?) [^,;:()]{8,80}), (?P<then>(?:you (?:should|must|can|need|may) "
    r"|please |do not |[a-z]+ )(?P<said>.+))$"
)
_WE_TO = re.compile(
    r"\b[Ww]e (?:further |also |then |first )?(?P<verb>propose|introduce|present|use|develop|design"
    r"|construct|adopt|employ) (?P<said>(?:an?|the|two|three) [^,;:()]{3,80}?) to (?P<what>[a-z]+ [^,;:()]+)$"
)
_WE_DEFINE = re.compile(
    r"^We (?P<verb>define|classify|measure|compute|calculate) (?P<what>[^,;:()]{3,60}?) (?:as|by|using"
    r"|with) (?P<said>.+)$"
)
_ORDERS = frozenset(
    "press touch tap swipe use call contact check remove turn open close select choose click go try"
    " make replace set clean ensure"
    " install hold rotate pull push place connect restart reset see ask follow enter move adjust refer"
    " call disconnect unplug"
    " wait visit apply submit complete keep store wash rinse charge put slide lift start stop".split()
)


def lets(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What does X allow you to do?"."""
    found = _LETS.match(text)
    np = voice.noun_phrase(found["np"]) if found else None
    if found is not None and np is not None and is_plural(np) != found["verb"].endswith("s"):
        base = base_of_third(found["verb"]) if found["verb"].endswith("s") else found["verb"]
        yield Asked(
            f"What {'do' if is_plural(np) else 'does'} {np} {base} you to do?"
            if base != "help"
            else f"What {'do' if is_plural(np) else 'does'} {np} help you do?",
            "does",
            np,
            found["said"],
        )


def likely(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "Are X or Y more likely to ...?"."""
    found = _LIKELY.match(text)
    if found is None or time:
        return
    one, other = voice.noun_phrase(found["one"]), found["other"]
    what = CUT.split(found["what"])[0].strip()
    if one is not None and is_noun_phrase(other) and 2 <= len(what.split()) <= 10:
        yield Asked(f"Are {one} or {other} {found['how']} likely to {what}?", "likely", one, one)


def to_do(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "How do I ...?" of an instruction, "How do the authors ...?" of a method."""
    found = _TO_DO.match(text)
    if found is None or time or found["what"].split()[0] not in voice.verbs or len(found["what"].split()) > 10:
        return
    who = found["who"].strip()
    if who == "we":
        if voice.has_authors:
            yield Asked(f"How do the authors {found['what']}?", "how", found["what"], found["said"])
    elif who in _ORDERS | {"you", "please"} or who.removeprefix("first ") in _ORDERS:
        yield Asked(f"How do I {_mine(found['what'])}?", "how", found["what"], f"{found['who']}{found['said']}")


def if_so(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What should I do if ...?" of an instruction."""
    found = _IF.match(text)
    if found is None or time or len(found["what"].split()) > 12:
        return
    if found["then"].startswith(("you ", "please ", "do not ")) or found["then"].split()[0] in _ORDERS:
        yield Asked(f"What should I do if {_mine(found['what'])}?", "how", found["what"], found["then"])


def _mine(text: str) -> str:
    """Return what is said to a reader as the reader says it."""
    text = re.sub(r"\byou are\b", "I am", re.sub(r"\byour\b", "my", text))
    return re.sub(r"\byou\b", "I", text)


def we_do(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What do the authors propose to ...?" and "How do the authors define ...?"."""
    found = _WE_TO.search(text) if voice.has_authors else None
    what = CUT.split(found["what"])[0].strip() if found else ""
    if found is not None and what.split()[0] in voice.verbs and 2 <= len(what.split()) <= 10:
        yield Asked(f"What do the authors {found['verb']} to {what}?", "does", what, found["said"])
    found = _WE_DEFINE.match(text) if voice.has_authors else None
    if found is not None and len(found["what"].split()) <= 8:
        yield Asked(f"How do the authors {found['verb']} {found['what']}?", "how", found["what"], found["said"])


def we(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What do the authors find?"."""
    found = _WE.match(text) if voice.has_authors else None
    if (
        found is not None
        and len(found["said"].split()) > 4
        and not re.match(r"(?:it|this|these|them|how|in)\b", found["said"])
    ):
        yield Asked(f"What do the authors {found['verb']}?", "does", "the authors", found["said"])
