"""What a question or an answer speaks of: its names, its noun phrases, its years. By the shape of words only; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text import STOP_WORDS, sentence_spans, stem, words

AUX = r"(?:do|does|did|has|have|had|can|could|will|would|should|may|might|must|is|are|was|were)"
WH = r"(?:what|who|whom|whose|which|when|where|why|how)"
_CONTRACTED = (
    "isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't couldn't won't wouldn't shouldn't"
)

# Words that begin a question or a request, and say nothing of what it is about.
_OPENERS = STOP_WORDS | frozenset(
    f"please list name give tell explain describe summarize summarise compare find show define state identify discuss"
    f" does may might shall must let let's many much yes no ok okay thanks hello hi according besides despite upon"
    f" within since per via one ones anyone someone everyone nobody anybody somebody none {_CONTRACTED}".split()
)
# Words that stand for anything: a question made of them alone has no topic.
_GENERIC = frozenset(
    "thing something anything everything way kind type sort form part place time year date day month century decade"
    " period point number amount name example reason result effect cause purpose role case fact detail people person"
    " man woman one two first second third last next new early later long old good great important main major notable"
    " interesting significant famous different similar certain special several various happen happened happening"
    " happens occur occurred make makes made making get gets got go goes went going come comes came take takes took"
    " give gave given use used know known called call say said says tell told talk mean means meant think thought want"
    " wanted become became begin began start started end ended keep left many much most more else another also still"
    " ever never really actually later finally exactly article document page text section paragraph report story"
    " high higher highest low lower lowest big bigger biggest large larger largest small smaller smallest fast faster"
    " fastest slow slower slowest better best worse worst longer longest shorter shortest greater greatest older"
    " oldest younger youngest cheaper less least fewer".split()
)
_RELATIONS = frozenset("difference total sum average change increase decrease trend outcome ratio both".split())
_ORGANISATION = frozenset(
    "inc corp corporation co company ltd llc plc gmbh ag group holdings bank university college school institute"
    " council committee church party band orchestra association federation union league department ministry agency"
    " court parliament congress senate army navy club team airlines motors industries systems technologies".split()
)
_MONTHS = "january february march april may june july august september october november december"
_NEAR = 40  # characters before a name that tell what it is
_CALENDAR = frozenset(f"{_MONTHS} monday tuesday wednesday thursday friday saturday sunday".split())
_TOKEN = r"(?:\d+[A-Z]|[a-z]?[A-Z])(?:[\w&-]|['’](?!s\b)(?=\w)|\.(?=\w)|(?<=\b[A-Z])\.(?=\s[A-Z]))*"
_OF = r"(?:of the|of|de la|de|la|van der|van|von|del|der|di|du|&)"
_NAME = re.compile(rf"[\"“](?P<title>[^\"“”\n]{{2,60}})[\"”]|(?<![\w$€£])(?P<name>{_TOKEN}(?:\s(?:{_OF}\s)?{_TOKEN})*)")
_WORD = re.compile(r"[^\W_](?:[\w&-]|['’](?!s\b)(?=\w))*")
_DETERMINERS = frozenset(
    "the a an s many much most more which what his her its their our any some no every each all of in on for with"
    " about to from by at between and or than".split()
)
_INVERTED = re.compile(
    r"(?:^\W*(?:is|are|was|were)|\b(?:do|does|did|has|have|had|can|could|will|would|should))\s+(?:the|a|an|all|any|some)\s*$",
    re.I,
)
_COMPOUND = re.compile(r"(?:\b(?:the|a|an)|['’]s)\s+(?:[A-Z][\w&-]*\s+)+$")  # "the Decatur" plant
_DEFINITION = re.compile(
    r"^\W*(?:what|who)(?:['’]s|\s+(?:is|are|was|were))\s+(?:meant by\s+)?(?:the |an? )?(?P<what>[\w' -]+?)\W*$", re.I
)
_ASIDE = re.compile(r"\b(?:in|at|to|from|on|for|with|by|into|during|after|before|of)\s+(?:the\s+)?$", re.I)
_YEAR = r"\b(?:FY\s?)?(?:1[5-9]\d\d|20\d\d)\b|\bFY\s?['’]?\d\d\b"
# What can stand in each other's place: years, quarters, months, numbered parts of a document.
SLOTS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (_YEAR, 0),
        (r"\bQ[1-4]\b|\b(?:first|second|third|fourth|last) quarter\b", 0),
        (rf"\b(?:{_MONTHS.title().replace(' ', '|')})\b", 0),
        (r"\b(?:page|section|table|figure|chapter|item|note|article|part|step|appendix) \d[\d.]*\b", re.I),
    )
)
YEAR = SLOTS[0]


@dataclass(frozen=True, slots=True)
class Name:
    """A capitalised span, or a title in quotes."""

    text: str
    start: int
    is_person: bool = False  # it may be one, by its shape
    is_aside: bool = False  # it follows a preposition


def names(text: str) -> list[Name]:
    """Return the names of a text in order, each once; none of a text all in capitals."""
    if text.isupper() and " " in text.strip():
        return []
    starts = {start for start, _ in sentence_spans(text)}
    found: dict[str, Name] = {}
    for match in _NAME.finditer(text):
        if match["title"]:
            name = match["title"].strip(" ,.?!")
            found.setdefault(name.lower(), Name(name, match.start() + 1))
        elif name := _without_opener(match["name"], is_first=match.start() in starts, after=text[match.end() :]):
            start = match.end() - len(name)
            before = text[max(0, start - _NEAR) : start]
            is_aside = _ASIDE.search(before) is not None
            found.setdefault(name.lower(), Name(name, start, _may_be_person(name, before), is_aside))
    return [name for name in found.values() if name.text]


def _without_opener(run: str, *, is_first: bool, after: str) -> str:
    """Return a capitalised run without the words that are capitalised only because they begin a sentence."""
    tokens = run.split()
    n_before = len(tokens)
    while tokens and (tokens[0].lower() in _OPENERS | {"&"}) and tokens[0] not in {"US", "IT", "WHO"}:
        del tokens[0]
    name = " ".join(tokens)
    if all(token.lower() in _CALENDAR for token in tokens) or any(slot.fullmatch(name) for slot in SLOTS):
        return ""
    if name in {"I", "FY", "H1", "H2"}:
        return ""
    is_alone = is_first and n_before == 1 and name[1:].islower()  # a common word may be all that it is
    return "" if is_alone and not re.match(rf"['’]s\b|\s+{AUX}\b|\W*$|\s\(", after) else name


def _may_be_person(name: str, before: str) -> bool:
    parts = name.lower().replace(".", "").split()
    if any(part in _ORGANISATION for part in parts) or any(char.isdigit() for char in name) or "&" in name:
        return False
    if len(parts) > 5 or (name.isupper() and len(parts) == 1):
        return False
    return not re.search(r"\b(?:the|in|at|a|an)\s+(?:\w+\s+)?$", before, re.I)


def phrases(text: str) -> list[str]:
    """Return what a question is about besides its names: noun phrases in lower case, in order, without determiner."""
    if what := defined(text):
        return [what] if what == what.lower() else []
    found: dict[str, None] = {}
    run: list[re.Match[str]] = []
    for word in [*_WORD.finditer(text), None]:
        if word is not None and _is_noun_like(word.group()) and (not run or text[run[-1].end() : word.start()] == " "):
            run.append(word)
            continue
        if run and (phrase := _phrase(text[: run[0].start()], [match.group() for match in run])):
            found.setdefault(phrase)
        run = [word] if word is not None and _is_noun_like(word.group()) else []
    return list(found)


def _is_noun_like(word: str) -> bool:
    return word == word.lower() and word not in _OPENERS and not word[0].isdigit() and len(word) > 1


def _phrase(before: str, tokens: list[str]) -> str:
    """Return a run of content words as a noun phrase; empty when what stands before it does not make it one."""
    last = words(before)[-1:]
    if not (last and (last[0] in _DETERMINERS or last[0].endswith("'s"))) and not _COMPOUND.search(before):
        return ""
    inverted = _INVERTED.search(before)
    if inverted and (len(tokens) == 2 or (len(tokens) > 2 and inverted.start() > 0)):  # "did the band break": a verb
        del tokens[-1]
    while tokens and (tokens[-1] in _GENERIC or tokens[-1].endswith("ly")):
        del tokens[-1]
    while tokens and (tokens[0] in _GENERIC or tokens[0].endswith("ly")):
        del tokens[0]
    if len(tokens) > 1 and tokens[-1].endswith("ed"):
        del tokens[-1]
    return "" if all(token in _RELATIONS for token in tokens) else " ".join(tokens)


def defined(text: str) -> str:
    """Return what a question asks the meaning of, as in "What is overfitting?"; empty when it asks something else."""
    match = _DEFINITION.match(text)
    what = match["what"].strip() if match else ""
    said = words(what)
    is_term = 0 < len(said) <= 4 and not any(word in STOP_WORDS or word.endswith("'s") for word in said)
    return what if is_term and not all(word in _GENERIC | _RELATIONS for word in said) else ""


def own_words(text: str) -> list[str]:
    """Return the words of a text that say what it is about; empty when there are none."""
    said = (word for word in words(text) if word not in _OPENERS and not word.isdigit())
    return [word for word in said if word not in _GENERIC and stem(word) not in _GENERIC]
