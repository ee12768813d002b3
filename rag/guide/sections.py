"""The part of a document that a request means: by its number or by the words of its heading."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.guide.reading import Reading
from rag.text import content_words, stem

_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}
_KINDS = r"(?:section|chapter|part|item|appendix|article|note|annex)"
_ASKED = re.compile(rf"^(?P<kind>{_KINDS})\s+(?P<number>[\w.]+)$", re.I)
_HEADED = re.compile(
    rf"^\W*(?P<kind>{_KINDS})?\s*(?P<number>\d{{1,3}}[a-z]?(?:\.\d{{1,2}})*|[ivx]{{1,4}}"
    rf"|[a-z](?=[.:)\s]))\b[.:)]?(?=\W|$)",
    re.I,
)
_ALIKE = 0.6  # of the words of two titles together, both hold so many
_MORE = 3  # further words that a title may have that holds all of them
_NOT_WORD = re.compile(r"[\W_]+")


def section_of(reading: Reading, asked: str) -> tuple[str, list[int]] | None:
    """Return the heading that is meant and the passages below it; None when no heading is."""
    parts = [(title, _below(reading, title)) for title in meant_of(_titles(reading), asked)]
    best = max(parts, key=lambda part: len(part[1]), default=None)  # the contents page names it too
    return best if best is not None and best[1] else None


def meant_of(titles: Sequence[str], asked: str) -> list[str]:
    """Return which of a document's headings are meant: by their number, else by their words."""
    numbered = _ASKED.match(asked.strip())
    meant = _by_number(titles, numbered["kind"], numbered["number"]) if numbered else []
    return meant or _by_words(titles, asked)


def _titles(reading: Reading) -> list[str]:
    below = [title for passage in reading.passages for title in passage.headings]
    return list(dict.fromkeys([heading.title for heading in reading.outline] + below))


def _value(number: str) -> str:
    """Return a number in figures, however it is written; a letter stays."""
    low = number.lower().rstrip(".")
    if low in _WORDS:
        return str(_WORDS.index(low))
    return str(_ROMAN[low]) if low in _ROMAN else low


def _by_number(titles: Sequence[str], kind: str, number: str) -> list[str]:
    """Return the titles with this number: those that name the kind, or else those with the number alone."""
    same, loose = [], []
    for title in titles:
        found = _HEADED.match(title)
        if found is None or _value(found["number"]) != _value(number):
            continue
        if (found["kind"] or "").lower() == kind.lower():
            same.append(title)
        elif not found["kind"] and not found["number"].isalpha():
            loose.append(title)
    return same or loose


def _by_words(titles: Sequence[str], asked: str) -> list[str]:
    """Return the titles that say best what is asked for, if any does."""
    wanted = {stem(word) for word in content_words(asked)}
    shares = {}
    for title in titles:
        held = {stem(word) for word in content_words(_HEADED.sub("", title) or title)}
        share = len(wanted & held) / max(1, len(wanted | held))
        if wanted <= held and len(held) <= len(wanted) + _MORE:
            share = max(share, _ALIKE)
        shares[title] = share
    best = max(shares.values(), default=0.0)
    return [title for title, share in shares.items() if share == best] if best >= _ALIKE else []


def _below(reading: Reading, title: str) -> list[int]:
    """Return the passages that stand below a heading: by their path, else by the pages up to the next such heading."""
    key = _key(title)
    found = [i for i, passage in enumerate(reading.passages) if any(_key(t) == key for t in passage.headings)]
    number = re.match(r"\d+(?:\.\d+)*", title)
    if number is not None:
        deeper = re.compile(rf"{re.escape(number.group())}\.\d")
        found += [
            i for i, p in enumerate(reading.passages) if i not in found and any(deeper.match(t) for t in p.headings)
        ]
    if found:
        return sorted(found)
    at = next((n for n, heading in enumerate(reading.outline) if heading.title == title and heading.page), None)
    if at is None:
        return []
    here = reading.outline[at]
    following = next((h.page for h in reading.outline[at + 1 :] if h.page and h.level <= here.level), None)
    first, last = here.page or 1, following or max(reading.texts, default=1)
    return [i for i, passage in enumerate(reading.passages) if any(first <= page <= last for page in passage.pages)]


def _key(title: str) -> str:
    return _NOT_WORD.sub("", title).casefold()
