"""What people of a field say for one thing: "capex" is "purchases of property, plant and equipment" in a cash flow
statement, "side effects" are "adverse reactions". The words stand in meanings.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from rag.retrieve.vocabulary.phrases import Phrases
from rag.text import stems
from rag.types import Expansion


@dataclass(frozen=True, slots=True)
class Meaning:
    """Words for one thing, and for a measure the headings of the statements that it stands in."""

    also: tuple[str, ...]
    headings: tuple[str, ...] = ()


Meanings = Phrases[Meaning]

_CAUSE = re.compile(
    r"\W*(?:why\b|how come\b|what\b.{0,20}?\b(?:dr[oi]ves?|driving|drivers?|caused?|causes|causing|explains?|led|leads"
    r"|contributed|contributes|reasons?|behind)\b)",
    re.I,
)  # what is told in words
_N_WORDINGS = 16


@lru_cache(maxsize=1)
def shipped() -> Meanings:
    """Return the thesaurus that is shipped."""
    return parse(_text())


def parse(text: str) -> Meanings:
    """Return the thesaurus of a file's text.

    Raises:
        ValueError: it is no TOML. KeyError: a measure stands in a statement that has no heading.
    """
    told = tomllib.loads(text)
    return Phrases(_pairs(told, {name: tuple(headings) for name, headings in told["statements"].items()}))


def _pairs(told: Mapping[str, Any], headings: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, Meaning]]:
    for of_statement in headings.values():
        for name in of_statement:
            yield name, Meaning((), of_statement)
    for measure in told["measure"]:
        stands_in = tuple(heading for name in measure.get("stands_in", ()) for heading in headings[name][:2])
        for name in measure["names"]:
            yield name, Meaning(tuple(measure["lines"]), stands_in)
    for same in told["same"]:
        every = (*same["names"], *same.get("also", ()))
        for name in same["names"]:
            yield name, Meaning(tuple(other for other in every if other != name))


def expansions(query: str, meanings: Meanings) -> list[Expansion]:
    """Return other words for what a query says; nothing that it says itself."""
    found: dict[str, Expansion] = {}
    for said, all_meant in meanings.found(query):
        meant = dict.fromkeys(text for meaning in all_meant for text in (*meaning.also, *meaning.headings))
        also = _other(meant, said.text)
        if also:
            found.setdefault(said.text.lower(), Expansion(said.text, also, "meaning"))
    return list(found.values())


def names_measure(query: str, meanings: Meanings) -> bool:
    """Tell whether a query asks for what is read from a statement, or computed from its lines; not why it is so."""
    return not _CAUSE.match(query) and any(
        meaning.headings and meaning.also for _, meant in meanings.found(query) for meaning in meant
    )


def exchanged(query: str, found: Sequence[Expansion]) -> str | None:
    """Return the query in other words: every phrase exchanged for the first that it also may be; None without any."""
    other = query
    for expansion in found:
        if expansion.why != "form":
            other = _put(other, expansion.said, expansion.also[0], 1)
    return other if other != query else None


def wordings(query: str, found: Sequence[Expansion]) -> tuple[str, ...]:
    """Return the query in other words, one for each that a phrase also may be but the heading of a statement."""
    headings = _headings()
    others = (
        _put(query, expansion.said, other)
        for expansion in found
        for other in expansion.also
        if expansion.why != "form" and other not in headings
    )
    return tuple(dict.fromkeys(others))[:_N_WORDINGS]


def _put(query: str, said: str, other: str, n: int = 0) -> str:
    """Return the query with the first n places, or all, where words are said exchanged; not within longer words."""
    return re.sub(rf"(?<!\w){re.escape(said)}(?!\w)", lambda _: other, query, count=n)


@lru_cache(maxsize=1)
def _headings() -> frozenset[str]:
    return frozenset(heading for of in tomllib.loads(_text())["statements"].values() for heading in of)


def _text() -> str:
    return resources.files("rag.retrieve.vocabulary").joinpath("meanings.toml").read_text(encoding="utf-8")


def _other(texts: Iterable[str], said: str) -> tuple[str, ...]:
    own = set(stems(said))
    return tuple(text for text in texts if set(stems(text)) - own)
