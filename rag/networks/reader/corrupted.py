"""A question changed a little, so that its paragraph answers it no longer: a name, a number, a year, an opposite.

Source: the kinds of unanswerable questions that Rajpurkar, Jia and Liang, Know What You Don't Know, 2018, describe
(entity swap, number swap, antonym, negation); made here by rules from questions of SQuAD 1.1.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from rag.text import STOP_WORDS

_NAME = re.compile(r"(?<=\s)[A-Z][\w'’-]+(?: (?:of |the )?[A-Z][\w'’-]+)*")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d|(?<![\w.,])\d(?![\w.,])")
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
_OPPOSITES = {
    a: b
    for pair in (
        "first last",
        "largest smallest",
        "biggest smallest",
        "most least",
        "highest lowest",
        "oldest youngest",
        "more fewer",
        "before after",
        "began ended",
        "start end",
        "increase decrease",
        "increased decreased",
        "north south",
        "east west",
        "northern southern",
        "eastern western",
        "early late",
        "earliest latest",
        "won lost",
        "win lose",
        "older newer",
        "above below",
        "male female",
        "men women",
        "best worst",
        "support oppose",
        "allowed forbidden",
        "majority minority",
        "maximum minimum",
        "import export",
        "primary secondary",
        "inside outside",
        "upper lower",
        "positive negative",
        "major minor",
        "common rare",
        "longest shortest",
        "left right",
        "public private",
    )
    for a, b in (pair.split(), pair.split()[::-1])
}
_WORD = re.compile(r"[A-Za-z]+")
_AUXILIARY = re.compile(r"\b(did|does|do|is|are|was|were|can|could|will|would|has|have|had)\b(?! not)")


def names_in(text: str) -> list[str]:
    """Return the names inside a text: runs of capitalised words that do not begin it."""
    return [found for match in _NAME.finditer(text) if (found := match.group()).lower() not in STOP_WORDS]


def numbers_in(text: str) -> list[str]:
    """Return the numbers of a text as written."""
    return [match.group() for match in _NUMBER.finditer(text)]


def corrupted(question: str, paragraph: str, elsewhere: Sequence[str], rng: random.Random) -> str | None:
    """Return the question with one thing changed; None where nothing in it can be.

    Args:
        paragraph: that answered it; half of what is put in comes from it, so that strange words alone tell nothing.
        elsewhere: names and numbers of the article's other paragraphs.
    """
    ways = [_other_name, _other_number, _opposite, _opposite, _denied]
    rng.shuffle(ways)
    source = [*names_in(paragraph), *numbers_in(paragraph)] if rng.random() < 0.5 else list(elsewhere)
    for way in ways:
        if way is _denied and rng.random() < 0.85:  # easily told by its one word: seldom
            continue
        changed = way(question, source, rng)
        if changed is not None and changed != question:
            return changed
    return None


def _other_name(question: str, source: Sequence[str], rng: random.Random) -> str | None:
    said = list(_NAME.finditer(question))
    others = [name for name in source if not name[0].isdigit() and name not in question]
    return _swapped(question, said, others, rng)


def _other_number(question: str, source: Sequence[str], rng: random.Random) -> str | None:
    said = list(_NUMBER.finditer(question))
    if not said:
        return None
    of_year = bool(_YEAR.fullmatch(said[0].group()))
    others = [one for one in source if one[0].isdigit() and one not in question]
    others = [one for one in others if bool(_YEAR.fullmatch(one)) == of_year]
    if not others and of_year:
        others = [str(int(said[0].group()) + rng.choice([-20, -7, -3, -1, 1, 2, 5, 11]))]
    return _swapped(question, said, others, rng)


def _swapped(question: str, said: Sequence[re.Match[str]], others: Sequence[str], rng: random.Random) -> str | None:
    if not said or not others:
        return None
    match, other = rng.choice(list(said)), rng.choice(list(others))
    return question[: match.start()] + other + question[match.end() :]


def _opposite(question: str, source: Sequence[str], rng: random.Random) -> str | None:
    said = [match for match in _WORD.finditer(question) if match.group().lower() in _OPPOSITES]
    if not said:
        return None
    match = rng.choice(said)
    return question[: match.start()] + _OPPOSITES[match.group().lower()] + question[match.end() :]


def _denied(question: str, source: Sequence[str], rng: random.Random) -> str | None:
    match = _AUXILIARY.search(question)
    if match is None:
        return None
    if match.group() in {"did", "does", "do", "can", "could", "will", "would"}:
        words = question[match.end() :].split(" ")
        at = 2 if len(words) > 2 and words[1] not in {"the", "a", "an"} else 3
        return question[: match.end()] + " ".join([*words[:at], "not", *words[at:]])
    return question[: match.end()] + rng.choice([" not", " never"]) + question[match.end() :]
