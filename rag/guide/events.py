"""Statements of who did something, when and where, as questions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.guide.english import PARTICIPLES, base_of_past
from rag.guide.voice import CUT, DATE, MONTH, NP, Asked, Voice

_PASSIVE = re.compile(
    rf"^{NP} (?P<be>is|are|was|were|will be|has been|have been) (?P<how>(?:\w+ly |first |also |then"
    rf" )?)(?P<verb>\w+) (?P<mid>(?:(?!by |in |on |at )[\w’'-]+ ){{0,4}}?)(?P<prep>by|in|on|at|within"
    rf"|near) (?P<said>.+)$"
)
_LOCATED = re.compile(
    rf"^{NP} (?P<be>is|are|was|were) (?P<verb>located|situated|headquartered|based|held) (?:in|at|near)"
    rf" (?P<said>(?:the )?[A-Z][a-z].+)$"
)
_NAMED = re.compile(
    r"(?:the )?[A-Z][\w.&’'-]*(?<![’']s)(?: (?:(?:of|the|and|for|de|van|von|&) ){0,2}[A-Z0-9][\w.&’'-]*(?<![’']s))*"
    r"(?=[ ,.;]|$)"
)
_DONE_ON = re.compile(
    rf"^On (?P<date>{MONTH} \d{{1,2}},? (?:19|20)\d\d), (?P<np>[A-Z0-9t][^,;:()]*?) (?P<verb>[a-z]+)"
    rf" (?P<said>(?:the|an?|its|his|her|to|[A-Z]|[a-z]+) .+)$"
)
_OFFICE = re.compile(
    r"(?P<who>(?:[A-Z][a-z]+|[A-Z]\.)(?: (?:[A-Z]\.|(?:[A-Z][a-z]*)+)){1,3}),"
    r" (?P<office>(?:(?:Executive|Senior|Vice|Chief|Deputy|Associate|Principal) )*(?:Chair(?:man"
    r"|woman)?|President|Chief \w+ Officer|Director|Secretary|Treasurer|CEO|CFO)(?: (?:of|for)"
    r" (?:[A-Z&][\w&’-]+ ?|and |the ){1,6})?)"
)
_PERSON = re.compile(
    r"^(?P<who>(?:(?:Mr|Ms|Mrs|Dr|Prof)\. )?(?:[A-Z][a-z]+|[A-Z]\.)(?: (?:[A-Z]\."
    r"|(?:[A-Z][a-z]*)+)){0,3}) (?P<vp>(?:is|was|has been|will|has|had|joined|served|serves|led|leads"
    r"|founded|became|won|wrote|designed|invented|developed|painted|discovered|received) .+)$"
)


def passive(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "When was X made?" and "Who made X?"."""
    found = _PASSIVE.match(text)
    np = voice.noun_phrase(found["np"]) if found else None
    if found is None or np is None or not (found["verb"].endswith("ed") or found["verb"] in PARTICIPLES):
        return
    if found["verb"] in {
        "based",
        "used",
        "located",
        "needed",
        "expected",
        "affected",
        "included",
        "shown",
        "given",
        "interested",
        "involved",
        "considered",
        "regarded",
        "viewed",
        "seen",
        "voted",
        "named",
        "called",
        "known",
        "deemed",
        "described",
        "ranked",
        "rated",
    }:
        return
    mid = found["mid"].strip()
    if mid and re.search(r"\b(?:and|or|that|which|as)\b", mid):
        return
    first = "first " if found["how"].strip() == "first" else ""
    rest = f"{first}{found['verb']}{' ' + mid if mid else ''}"
    be, _, more = found["be"].partition(" ")
    done = f"{more + ' ' if more else ''}{rest}"
    date = re.match(rf"{DATE}\b", found["said"])
    if found["prep"] in {"in", "on"} and date and not time and be in {"was", "were", "is", "are", "will"}:
        yield Asked(f"When {be} {np} {done}?", "when", np, date.group())
    elif found["prep"] == "by" and re.match(r"(?:the )?[A-Z]", found["said"]) and be in {"was", "were"} and not mid:
        name = _NAMED.match(found["said"])
        who = name.group() if name and name.end() > 2 else CUT.split(found["said"])[0].strip()
        yield (
            Asked(f"Who {rest} {np}{time}?", "who", np, who)
            if found["verb"].endswith("ed")
            else Asked(f"Who was {np} {rest} by?", "who", np, who)
        )


def located(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "Where is X located?"."""
    found = _LOCATED.match(text)
    np = voice.noun_phrase(found["np"]) if found else None
    if found is not None and np is not None and not re.match(rf"(?:the )?{DATE}", found["said"]):
        where = CUT.split(found["said"])[0].strip()
        yield Asked(f"Where {found['be']} {np} {found['verb']}{time}?", "where", np, where)


def person(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "Who will do so?": a person's name gives way to "who"."""
    found = _PERSON.match(text)
    if found is None or found["who"].split()[-1] not in voice.people:
        return
    what = CUT.split(found["vp"])[0].strip()
    if 4 <= len(what.split()) <= 14 and not re.search(
        r"\b(?:its|his|her|their|it|them|certain|and|or|of|in|to|with|for|the|an?|not|less|more)$", what
    ):
        yield Asked(f"Who {what}{time}?", "who", found["who"], found["who"])


def office(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "Who is the president of X?"."""
    found = _OFFICE.search(text)
    if found is None or len(found["who"].split()) > 4:
        return
    office = found["office"].strip()
    of = f" of {voice.company}" if voice.company and " of " not in office and " for " not in office else ""
    office = re.sub(r"(?: (?:and|the|of|for))+$", "", office)
    if of or " of " in office:
        yield Asked(f"Who is the {office}{of}?", "who", office, found["who"])


def done_on(voice: Voice, text: str) -> Iterator[Asked]:
    """Yield "When did X do so?"."""
    found = _DONE_ON.match(text)
    base = base_of_past(found["verb"], voice.ranks) if found else None
    np = voice.noun_phrase(found["np"][0].upper() + found["np"][1:]) if found else None
    if found is None or base is None or np is None:
        return
    what = CUT.split(found["said"])[0].strip()
    if 2 <= len(what.split()) <= 9 and not re.search(
        r"\b(?:its|his|her|their|it|them|certain|this|these|and|or|of|in|to|with|for|the|an?)$|\b(?:its|his"
        r"|her|their)\b|\"",
        what,
    ):
        yield Asked(f"When did {np} {base} {what}?", "when", np, found["date"])
