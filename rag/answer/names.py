"""Names of a text: which words are names, and the other forms in which a name may stand elsewhere. Pure.

A name is compared word by word, without case, accents and endings. "WHO" is borne out by "World Health Organization",
and the other way; "French" by "France". The first word of a sentence is a name unless it is a common word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from rag.text import STOP_WORDS, sentence_spans, stem

WORD = re.compile(r"[^\W\d_][\w]*(?:['’][^\W_]+)*")
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")
_NAMED = re.compile(r"[A-Z]|\w*[a-z][A-Z]|[A-Z]*\d")  # begins as names do, or has a capital inside
_CAPITALISED = re.compile(r"[A-Z][\w’'-]*")
_TOKEN = re.compile(r"[^\W_]+(?:[-.’'&][^\W_]+)*\.?")
_SMALL = frozenset("of the and for in on de la du van von et".split())
_OPENERS = frozenset(
    "according additionally although another answer based both consequently each finally first furthermore generally"
    " hence here indeed instead it its like many moreover most often other overall second similarly since some"
    " specifically such then there therefore third thus together typically unlike usually various well whereas yes"
    " also however because during following given all any every no not".split()
)
_NO_NAMES = frozenset(  # what stands beside a name, and may be left out
    "mr mrs ms miss dr prof professor sir madam inc corp corporation company co ltd limited llc plc group holdings st"
    " jr sr monday tuesday wednesday thursday friday saturday sunday".split()
)
_TITLES = frozenset(
    "president king queen prince princess emperor empress pope saint lord lady count duke general captain colonel major"
    " senator governor chancellor chairman director judge justice bishop cardinal dame baron minister".split()
)
# Peoples whose name no rule makes of their country's.
_PEOPLES = {
    "french": "france",
    "dutch": "netherlands holland",
    "greek": "greece",
    "welsh": "wales",
    "danish": "denmark",
    "dane": "denmark",
    "swedish": "sweden",
    "swede": "sweden",
    "finnish": "finland",
    "polish": "poland",
    "pole": "poland",
    "english": "england",
    "british": "britain uk",
    "irish": "ireland",
    "scottish": "scotland",
    "turkish": "turkey",
    "turk": "turkey",
    "swiss": "switzerland",
    "spanish": "spain",
    "spaniard": "spain",
    "portuguese": "portugal",
    "norwegian": "norway",
    "german": "germany",
    "hungarian": "hungary",
    "italian": "italy",
    "belgian": "belgium",
    "czech": "czechia",
    "iraqi": "iraq",
    "pakistani": "pakistan",
    "israeli": "israel",
    "bangladeshi": "bangladesh",
    "saudi": "arabia",
    "thai": "thailand",
    "peruvian": "peru",
    "argentine": "argentina",
    "filipino": "philippines",
    "american": "us usa",
    "european": "eu",
    "roman": "rome",
    "athenian": "athens",
    "parisian": "paris",
    "ukrainian": "ukraine",
}
_ENDINGS = (("n", ""), ("an", ""), ("ian", ""), ("ian", "a"), ("an", "e"), ("ian", "y"), ("ese", "a"), ("ese", ""))
_DULL_ENDINGS = ("tion", "tions", "ments", "ities", "ized", "ised")  # that no name has


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name: its characters, and the form in which it is compared."""

    start: int
    end: int
    key: str


def key(word: str) -> str:
    """Return the form in which words of names are compared: no case, no accents, no endings."""
    plain = unicodedata.normalize("NFKD", word.replace("’", "'"))
    return stem("".join(c for c in plain if not unicodedata.combining(c)).lower())


@lru_cache(maxsize=256)
def names(text: str) -> tuple[Word, ...]:
    """Return the words of names of a text, in order."""
    dotted = [Word(*match.span(), match.group().replace(".", "").lower()) for match in _DOTTED.finditer(text)]
    taken = {at for word in dotted for at in range(word.start, word.end)}
    firsts = {start for start, _ in sentence_spans(text)}
    found = dotted
    for match in WORD.finditer(text):
        if match.start() in taken or text[match.start() - 1 : match.start()].isdigit():
            continue
        follows = text[match.end() :]
        if _is_name(match.group(), follows, is_first=_opens(text, match.start(), firsts)):
            found.append(Word(*match.span(), key(match.group())))
    return tuple(sorted(found, key=lambda word: word.start))


def spoken_of(text: str) -> frozenset[str]:
    """Return the keys of everything that a text names, in any case, with the short forms of what it says at length."""
    said = {key(match.group()) for match in WORD.finditer(text)}
    said |= {match.group().replace(".", "").lower() for match in _DOTTED.finditer(text)}
    return frozenset(said | {short.lower() for short in initials(text)})


def shorts(text: str) -> frozenset[str]:
    """Return the words in capitals of a text: what may be the short form of a name."""
    found = set(re.findall(r"\b[A-Z]{2,}\b", text))
    return frozenset(found | {match.group().replace(".", "") for match in _DOTTED.finditer(text)})


def initials(text: str) -> set[str]:
    """Return the short forms of every run of capitalised words, with and without its small words."""
    return {short for run in _runs(text) for _, _, short in _shortened(run)}


def named_short(text: str, word: Word, short_forms: frozenset[str]) -> bool:
    """Tell whether a word of a name stands within a run of capitalised words that has one of these short forms."""
    return any(
        start <= word.start and word.end <= end and short in short_forms
        for run in _runs(text)
        for start, end, short in _shortened(run)
    )


def other_forms(word: str) -> Iterator[str]:
    """Yield the keys of a country for its people, and of the people for their country: "french", "france"."""
    lower = word.lower().removesuffix("'s").removesuffix("’s")
    for people in {lower, lower.removesuffix("s"), lower.removesuffix("men").removesuffix("man")}:
        yield from (key(country) for country in _PEOPLES.get(people, "").split())
        for ending, instead in _ENDINGS:
            if people.endswith(ending) and len(people) - len(ending) > 2:
                yield key(people[: -len(ending)] + instead)
    yield from (key(people) for people, countries in _PEOPLES.items() if lower in countries.split())
    for ending, instead in _ENDINGS:
        if lower.endswith(instead) and len(lower) > 3:
            yield key(lower[: len(lower) - len(instead)] + ending)


def _is_name(word: str, follows: str, *, is_first: bool) -> bool:
    lower = word.lower().replace("’", "'")
    if not _NAMED.match(word) or lower in STOP_WORDS or lower.removesuffix("'s") in _NO_NAMES:
        return False
    goes_on = re.match(r" [A-Z]", follows) is not None
    if len(word) == 1:
        return not is_first and word != "I" and not re.match(r"\.\s?[A-Z]|-", follows) and not goes_on
    if lower in _TITLES and goes_on:
        return False
    if not is_first or re.match(r"\w+[A-Z\d]", word):
        return True
    if lower in _OPENERS or (len(lower) < 3 and re.match(r"\s\w", follows) is None):
        return False
    return not (lower.endswith(_DULL_ENDINGS) or key(word) in _common())


def _opens(text: str, at: int, firsts: set[int]) -> bool:
    """Tell whether a word opens its sentence, after quotes and brackets."""
    while at > 0 and text[at - 1] in "\"'“‘([*":
        at -= 1
    return at in firsts


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield the runs of capitalised words, with the small words between them."""
    run: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text):
        joins = not run or text[run[-1].end() : match.start()] in {" ", "-", ", ", " & "}
        if joins and (_CAPITALISED.match(match.group()) or (run and match.group() in _SMALL)):
            run.append(match)
        else:
            yield run
            run = [match] if _CAPITALISED.match(match.group()) else []
    yield run


def _shortened(run: list[re.Match[str]]) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, short form) of every part of a run that may have one: at least two words in capitals."""
    for i, first in enumerate(run):
        if first.group() in _SMALL:
            continue
        whole = bare = ""
        for last in run[i : i + 8]:
            letters = "".join(part[0] for part in last.group().split("-") if part).upper()
            whole += letters
            if last.group() not in _SMALL:
                bare += letters
                if len(bare) > 1:
                    yield from ((first.start(), last.end(), short) for short in {whole, bare})


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Return the keys of common words.

    They are those that the training paragraphs of SQuAD 1.1 write inside their sentences twenty times or more, and of
    these at most one in nine with a capital.
    """
    return frozenset(resources.files("rag").joinpath("assets", "common_words.txt").read_text(encoding="utf-8").split())
