"""Statements of what something is, does, is for, and why, as questions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.guide.english import AUXILIARIES, VERBS, base_of_past, base_of_third, is_plural
from rag.guide.voice import CUT, NP, Asked, Kind, Voice

_IS = re.compile(rf"^{NP} (?P<be>is|are|was|were) (?P<said>.+)$")
_DEFINING = re.compile(r"^(?:defined as |an? |the |one of |any |those |when |how |to |that )", re.I)
_ABSTRACT = re.compile(
    r"\b(?:aim|goal|purpose|objective|mission|reason|advantage|disadvantage|benefit|challenge|drawback"
    r"|role|idea|difference|limitation|problem|risk|task|cause|strategy|vision|focus|function"
    r"|priority)s?\b",
    re.I,
)
_DOES = re.compile(
    rf"^{NP} (?P<verb>provides?|offers?|requires?|includes?|contains?|covers?|measures?|recommends?"
    rf"|consists? of|depends? on|focus(?:es)? on|refers? to|means?|generates?|produces?|monitors?"
    rf"|causes?|supports?|represents?|comprises?|sells?|manages?|promotes?|features?|seeks? to|aims? to"
    rf"|affects?|describes?|examines?|improves|reduces|increases|enhances|addresses|introduces|proposes"
    rf"|employs|uses|combines|shows|suggests|indicates|argues|creates|ensures|emphasizes|highlights"
    rf"|captures|considers|evaluates|explores|encompasses|involves|performs|retrieves|stores|identifies"
    rf"|compares|defines|determines|specifies|governs|prepares|teaches|funds|owns|prohibits|believes"
    rf"|prevents|protects|controls|regulates|delivers|reveals|assumes|detects|maintains) (?P<said>\S+"
    rf" .+)$"
)
_USED = re.compile(
    rf"^{NP} (?P<be>is|are|was|were|can be) (?P<verb>used|designed|intended|required|needed) (?P<to>to"
    rf"|for) (?P<said>\w+ .+)$"
)
_BECAUSE = re.compile(
    rf"^{NP} (?P<be>is|are|was|were|can|could|should|must|may|will) (?P<what>[^,;:()]+?),? (?:primarily"
    rf" |mainly |largely |partly )?(?:because(?: of)?|due to|owing to) (?P<said>.+)$"
)

_DID = re.compile(
    rf"^{NP} (?P<verb>found|showed|announced|reported|declared|concluded|recommended|proposed"
    rf"|introduced|developed|acquired|launched"
    r"|created|established|issued|approved|adopted|received|built|purchased|sold|discovered|observed"
    r"|identified|revealed"
    r"|examined|asked|surveyed|signed|entered into) (?P<said>\S+ .+)$"
)
_NO_OBJECT = frozenset(
    "and or by in to on for from at with under as during after before against within between through when".split()
)
_MAY = re.compile(
    rf"^{NP} (?P<vp>(?:may|can|could|might) (?:also )?(?P<how>(?:adversely|significantly|negatively)"
    rf" )?(?:affect|cause|lead to|result in|reduce|improve|limit|endanger|prevent|influence|harm)"
    rf" (?P<said>.+))$"
)
_MADE = (
    (re.compile(rf"^{NP} (?P<be>is|are|was|were) responsible for (?P<said>.+)$"), "What {be} {np} responsible for?"),
    (re.compile(rf"^{NP} (?P<be>is|are|was|were) based on (?P<said>.+)$"), "What {be} {np} based on?"),
    (
        re.compile(rf"^{NP} (?P<be>is|are|was|were) (?:made up|composed|comprised) of (?P<said>.+)$"),
        "What {be} {np} made up of?",
    ),
    (
        re.compile(
            rf"^{NP} (?P<be>is|are|was|were) (?P<verb>characterized|caused|driven|influenced|funded|governed)"
            rf" by (?P<said>.+)$"
        ),
        "What {be} {np} {verb} by?",
    ),
    (
        re.compile(rf"^{NP} (?P<be>is|are|was|were) (?:also )?(?P<verb>known as|called|referred to as) (?P<said>.+)$"),
        "What {be} {np} {verb}?",
    ),
    (
        re.compile(
            rf"^{NP} (?P<be>is|are|was|were) (?:generally |typically |usually )?(?P<verb>recognized|recorded"
            rf"|paid|issued|required|considered|reported|reviewed|tested) (?:when|upon|once|if|as)"
            rf" (?P<said>.+)$"
        ),
        "When {be} {np} {verb}?",
    ),
    (
        re.compile(
            rf"^{NP} (?P<be>is|are|was|were) (?:generally |typically |usually |primarily )?(?P<verb>determined"
            rf"|measured|calculated|computed|estimated|conducted|performed|assessed|evaluated|selected"
            rf"|generated|recorded|recognized|valued|amortized|depreciated|obtained|defined|stated|collected"
            rf"|weighted|constructed|classified) (?:by|as|using|through|at|based on|on|over|with|from|via|to)"
            rf" (?P<said>.+)$"
        ),
        "How {be} {np} {verb}?",
    ),
)


def made(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "How is X determined?" and the like."""
    for pattern, asks in _MADE:
        found = pattern.match(text)
        np = voice.noun_phrase(found["np"]) if found and not time else None
        if (
            found is None
            or np is None
            or len(found["said"].split()) < 2
            or is_plural(np) != (found["be"] in {"are", "were"})
        ):
            continue
        verb = found["verb"] if "verb" in pattern.groupindex else ""
        kind: Kind = "how" if asks.startswith("How") else "does"
        yield Asked(asks.format(be=found["be"], np=np, verb=verb), kind, np, found["said"])
        return


def did(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What did X find?"."""
    found = _DID.match(text)
    np = voice.noun_phrase(found["np"]) if found else None
    if found is None or np is None or len(found["said"].split()) < 3:
        return
    if " " not in np and not voice.casing.is_name(np):
        return
    verb, _, more = found["verb"].partition(" ")
    base = base_of_past(verb, voice.ranks)
    if base is not None and not _is_no_object(found["said"]):
        yield Asked(f"What did {np} {base}{' ' + more if more else ''}{time}?", "does", np, found["said"])


def is_(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What is X?" of a definition."""
    found = _IS.match(text)
    np = voice.noun_phrase(found["np"]) if found and not time else None
    if found is None or np is None or not _DEFINING.match(found["said"]) or len(found["said"].split()) < 5:
        return
    if is_plural(np) != (found["be"] in {"are", "were"}):
        return
    said = found["said"].lower()
    is_abstract = bool(re.search(rf"{_ABSTRACT.pattern} (?:of|for|in|behind)\b|['’]s .*{_ABSTRACT.pattern}", np, re.I))
    if not is_abstract and (
        said.startswith(("to ", "that ", "when ", "how ", "the same", "the only", "the first", "the result"))
        or len(np.split()) > 6
    ):
        return
    if re.match(r"(?:an?|the) (?:\w+ )?(?:example|number|lot|few|majority|little|bit|matter|variety)\b", said):
        return
    if (
        np.startswith("the ")
        and not is_abstract
        and " of " not in np
        and not any(voice.casing.is_name(w) for w in np.split()[1:])
    ):
        return
    yield Asked(f"What {found['be']} {np}?", "what", np, found["said"])


def does(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What does X include?"."""
    found = _DOES.match(text)
    np = voice.noun_phrase(found["np"]) if found else None
    if found is None or np is None or len(found["said"].split()) < 3 or _is_no_object(found["said"]):
        return
    verb, _, more = found["verb"].partition(" ")
    is_third = verb.endswith("s") and verb != "focus"
    if is_third == is_plural(np) or (
        not is_third and verb in {"support", "feature", "cover", "cause", "measure", "focus", "sell", "mean"}
    ):
        return
    base = base_of_third(verb) if is_third else verb
    do = "does" if is_third else "do"
    if base in {"seek", "aim"}:
        yield Asked(f"What {do} {np} {base} to do?", "does", np, found["said"])
        return
    yield Asked(f"What {do} {np} {base}{' ' + more if more else ''}{time}?", "does", np, found["said"])


def used(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What is X used for?"."""
    found = _USED.match(text)
    np = voice.noun_phrase(found["np"]) if found and not time else None
    if found is None or np is None:
        return
    if found["be"] == "can be":
        yield Asked(f"What can {np} be {found['verb']} for?", "does", np, found["said"])
    elif found["to"] == "to" and found["verb"] in {"designed", "intended"}:
        yield Asked(f"What {found['be']} {np} {found['verb']} to do?", "does", np, found["said"])
    elif found["verb"] == "used":
        yield Asked(f"What {found['be']} {np} used for?", "does", np, found["said"])


def because(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "Why is X so?"."""
    found = _BECAUSE.match(text)
    np = voice.noun_phrase(found["np"]) if found else None
    if (
        found is not None
        and np is not None
        and 1 <= len(found["what"].split()) <= 9
        and not re.search(r"\d|\bnot$", found["what"])
    ):
        yield Asked(f"Why {found['be']} {np} {found['what']}{time}?", "why", np, found["said"])


def may(voice: Voice, text: str, time: str) -> Iterator[Asked]:
    """Yield "What may affect X?": what does so takes the place of the subject."""
    found = _MAY.match(text)
    np = voice.noun_phrase(found["np"]) if found and not time else None
    if found is None or np is None:
        return
    said = CUT.split(found["vp"])[0].strip()
    if voice.company is not None:
        said = re.sub(r"\bour\b", f"{voice.company}'s", said)
    if 4 <= len(said.split()) <= 11:
        yield Asked(f"What {said}?", "what", said, np)


def _is_no_object(said: str) -> bool:
    """Tell whether what follows a verb cannot be its object: then the verb was a noun ("price controls failed")."""
    first = said.split(maxsplit=1)[0].lower()
    return first in AUXILIARIES | _NO_OBJECT or first in VERBS or first.endswith(("ed", "ly"))
