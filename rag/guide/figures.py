"""Statements that hold a figure, as questions: shares of people, amounts, counts, changes; and cells of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.guide.english import AUXILIARIES, base_of_past, base_of_third, is_plural
from rag.guide.voice import CUT, NP, Asked, Voice, time_in

_MOVED = re.compile(
    rf"^{NP} (?P<verb>increased|decreased|rose|fell|grew|declined|dropped|improved|was up|was down)"
    rf" (?:by )?(?:approximately |about |nearly |roughly |almost )?(?P<size>\$?[\d.,]+(?: (?:million"
    rf"|billion|basis points|percentage points))?(?:%| percent)?)(?P<rest>[^;:]*)$"
)
_DUE = re.compile(r"\b(?:due to|because of|driven by|as a result of|reflecting|attributable to|resulting from)\b", re.I)
_SHARE = re.compile(
    r"^(?:Some |About |Roughly |Nearly |Approximately |Just |Only |Fully |More than |Around |Almost "
    r"|Over |Under |Today, |Overall, |An estimated )*(?P<n>\d[\d.]*(?:%| percent)|(?:[Oo]ne|[Tt]wo"
    r"|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[Ee]ight|[Nn]ine)[ -](?:in[ -](?:ten|five|four|three)"
    r"|thirds?|quarters?|fifths?)) of (?P<rest>[^;:]+)$"
)
_MAJORITY = re.compile(
    r"^(?:[A-Z][\w, -]{0,40}?)?(?:majority|majorities|most|share|half|quarter|third|minority|(?:three"
    r"|four|five|six|seven|eight|nine)-in-ten) of (?P<group>[^,;:()%\d]+) \((?P<n>\d[\d.]*%)\)(?P<rest>"
    r" [a-z][^;:]+)$"
)
_MAJORITY_AFTER = re.compile(
    r"^(?:[A-Z][\w, -]{0,40}?)?(?:majority|majorities|most|share|half|quarter|third|minority|(?:three"
    r"|four|five|six|seven|eight|nine)-in-ten) of (?P<rest>[^,;:()%\d]+) \((?P<n>\d[\d.]*%)\)"
)
_AMONG = re.compile(
    r"^Among (?P<group>[^,;:()%\d]+), (?:just |only |about |roughly |nearly |fully |some |an?"
    r" )*(?P<n>\d[\d.]*%)(?P<rest> (?!of\b)[a-z][^;:]+)$"
)
_AMOUNT = re.compile(
    rf"^{NP} (?P<be>is|are|was|were|totaled|amounted to) (?:approximately |about |nearly |only |just "
    rf"|over |more than )?(?P<n>(?:US)?[$€£]\s?[\d.,]+(?: (?:million|billion|thousand))?|\d[\d.,]*(?:%|"
    rf" percent| million| billion| kg| km| miles| hours| days| years| minutes))(?P<rest>[^;:]*)$"
)
_COUNT = re.compile(
    rf"^{NP} (?P<verb>has|have|had|operates|operated|employs|employed|owns|owned|includes|included"
    rf"|contains|contained|holds|held|serves|served) (?:a total of |approximately |about |nearly |over "
    rf"|more than |around )?(?P<n>\d[\d,]*(?:\.\d+)?(?: (?:million|billion|thousand))?|two|three|four"
    rf"|five|six|seven|eight|nine|ten|twelve) (?P<noun>[a-z][\w’'-]*(?:"
    rf" [a-z][\w’'-]*){{0,3}}?)(?P<end>(?: (?:in|at|of|for|across|along|around|near|from|on|that|who"
    rf"|with|as of|worldwide|located|to|and|which|, )\b.*|[,.:(].*|)$)"
)
_SAYS = frozenset(
    "say says think believe use uses go have has own owns report support favor oppose feel agree"
    " describe describes want"
    " prefer live make take hold view identify know get see trust approve disapprove voted said reported used own lean"
    " call consider expect".split()
)


def share(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What percentage of X does so?"."""
    found = _SHARE.match(text) or _MAJORITY.match(text) or _MAJORITY_AFTER.match(text) or _AMONG.match(text)
    if found is None:
        return
    rest = f"{found['group']}{found['rest']}" if "group" in found.re.groupindex else found["rest"]
    rest = CUT.split(rest)[0].strip()
    words = rest.split()
    if (
        not 4 <= len(words) <= 13
        or re.search(r"\b(?:they|their own|it|this|these|those|them|respectively|we|our)\b", rest)
        or any(c.isdigit() for c in rest)
    ):
        return
    has_verb = any(word.lower() in AUXILIARIES or word.lower() in _SAYS for word in words[1:])
    if has_verb and words[-1].lower() not in {
        "and",
        "or",
        "to",
        "of",
        "in",
        "the",
        "a",
        "for",
        "with",
        "say",
        "are",
        "is",
        "they",
    }:
        rest = rest[0].lower() + rest[1:] if rest.startswith(("The ", "All ")) else rest
        yield Asked(
            f"What {'percentage' if '%' in found['n'] or 'percent' in found['n'] else 'share'} of {rest}{time}?",
            "share",
            " ".join(words[:3]),
            found["n"],
        )


def moved(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "By how much did X increase?", and why where the statement says so."""
    found = _MOVED.match(text)
    np = voice.noun_phrase(found["np"]) if found else None
    if found is None or np is None:
        return
    when = time or time_in(found["rest"])
    verb = {"was up": "rise", "was down": "fall"}.get(found["verb"]) or base_of_past(found["verb"], voice.ranks)
    if verb is None or (not when and not voice.is_short):
        return
    yield Asked(f"By how much did {np} {verb}{when}?", "change", np, found["size"])
    due = _DUE.search(found["rest"])
    if due is not None:
        yield Asked(f"Why did {np} {verb}{when}?", "why", np, found["rest"][due.end() :].strip())


def amount(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What was X in 2018?"."""
    found = _AMOUNT.match(text)
    np = voice.noun_phrase(found["np"]) if found else None
    if found is None or np is None or re.match(r"\s?(?:,|and|or|to) ?[$€£\d]", found["rest"]) or "respectively" in text:
        return
    is_share = "%" in found["n"] or "percent" in found["n"]
    if is_share and not re.match(r"$|,|\s(?:in|for|during|at|as of|compared|of|on|versus|from)\b", found["rest"]):
        return
    when = time or time_in(found["rest"])
    be = found["be"] if found["be"] in {"is", "are", "was", "were"} else "were" if is_plural(np) else "was"
    if is_plural(np) == (be in {"are", "were"}):
        yield Asked(f"What {be} {np}{when}?", "how much", np, found["n"])


def count(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "How many Y does X have?"."""
    found = _COUNT.match(text)
    np = voice.noun_phrase(found["np"]) if found else None
    if (
        found is None
        or np is None
        or not is_plural(found["noun"])
        or found["noun"].split()[0] in {"of", "years", "months", "days", "hundred", "thousand", "dozen", "million"}
        or found["end"].startswith(" of ")
    ):
        return
    verb = found["verb"]
    is_past = verb in {"had", "operated", "employed", "owned", "included", "contained", "held", "served"}
    base = (
        base_of_past(verb, voice.ranks)
        if is_past
        else "have"
        if verb == "has"
        else base_of_third(verb)
        if verb.endswith("s")
        else verb
    )
    do = "did" if is_past else "do" if verb == "have" or is_plural(np) else "does"
    when = time or time_in(CUT.split(found["end"])[0])  # "..., the oldest founded in 1853" says when of another
    yield Asked(f"How many {found['noun']} {do} {np} {base}{when}?", "how much", np, found["n"])
