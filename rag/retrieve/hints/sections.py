"""Sections that a question names: "in section 3", "chapter 2", "in the section on X". Only such as a heading bears."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.retrieve.hints.asked import NUMBERS, Keys, Shelf, Text, hint, number_of, roman
from rag.text import STOP_WORDS, content_words, stem
from rag.types import Hint

_MOST = 12  # titles of a hint
_MAX_WORDS = 9  # of a title in a question
_ALIKE = 0.6  # of the words of two titles together, both hold so many
_KINDS = r"section|chapter|part|item|appendix|annex|note|article|clause|schedule|module|unit|lesson|step"
_NUMBER = (
    rf"(?:\d{{1,3}}(?:\.\d{{1,3}})*(?:\s?\([a-z]\)|[a-z]\b)?|(?:{'|'.join(NUMBERS[1:])})\b|(?-i:[IVXL]{{1,6}}|[A-Z](?:\.\d{{1,2}})*"
    r"|[ivx]{2,5})\b)"
)
_NUMBERED = re.compile(
    rf"\b(?P<kind>{_KINDS}|sect?\.|ch\.|§)s?\s*(?:no\.?\s*|number\s+|\#\s*)?(?P<number>{_NUMBER})(?![\w%]|[.,]\d|['’]s)"
    r"(?!\s+(?:of\s+)?(?:percent|times|people|points|items|pages|parts|sections))",
    re.I,
)
_ORDINAL = re.compile(r"\s*(?:st|nd|rd|th)\b", re.I)
_SHORT = {"sec": "section", "sect": "section", "ch": "chapter", "§": "section"}
_ABOUT = re.compile(
    r"\b(?:in|from|under|within|of|to|per)\s+(?:the|its)\s+(?P<kind>section|chapter|paragraph|part|heading|headline|subsection)s?\s+"
    r"(?:on|about|regarding|concerning|covering|for|of|called|named|titled|entitled|headed|describing|dealing\s+with|that\s+"
    r"(?:describes|covers|discusses|explains))\s+(?P<title>[^;?!\x00]{2,120})",
    re.I,
)
_BEFORE = re.compile(
    r"\b(?:in|from|under|within|of|to|per)\s+(?:the|its)\s+(?P<title>[^;:?!,.\x00]{2,80}?)\s+(?P<kind>section|chapter|subsection)\b"
    r"(?!\s+(?:on|about|titled|called))",
    re.I,
)
_HEADED = re.compile(
    r"^\W*(?:(?P<kind>[A-Za-z]+)\.?\s+)??(?P<number>\d{1,3}(?:\.\d{1,3})*(?:\([a-z]\)|[a-z]\b)?|[IVXL]{1,6}\b|[A-Z](?:\.\d{1,2})*"
    r"(?=[.:)\s—–-]|$)|(?:" + "|".join(NUMBERS[1:]) + r")\b)(?P<after>[.:)\s—–-]|$)",
    re.I,
)


def read_sections(text: Text, keys: Keys | None, shelf: Shelf) -> list[Hint]:
    """Return the sections that are named, as the titles of the headings that bear the number or the words."""
    found: list[Hint] = []
    for match in list(text.finditer(_ABOUT)):
        said, titles = _longest(match["title"], keys, shelf)
        if titles:
            end = match.start("title") + len(said)
            found.append(hint("section", text.take(match.start("kind"), end), _one(titles, said), titles))
    for match in list(text.finditer(_BEFORE)):
        titles = titled(match["title"], _titles(shelf.headed(match["title"], keys)))
        if titles:
            found.append(hint("section", text.take(*match.span("title")), _one(titles, match["title"]), titles))
    for match in list(text.finditer(_NUMBERED)):
        kind = match["kind"].lower().rstrip(".")
        kind = _SHORT.get(kind, kind)
        words = f"{kind} {' '.join(_written(match['number']))}"
        titles = numbered(kind, match["number"], _titles(shelf.headed(words, keys)))
        if titles:
            named = f"{kind} {match['number']}"
            found.append(hint("section", text.take(*match.span()), _one(titles, named), titles))
    return list({hint_.key: hint_ for hint_ in found}.values())


def _titles(headed: Iterable[tuple[int, tuple[str, ...]]]) -> list[str]:
    return list(dict.fromkeys(title for _, path in headed for title in path))


def _one(titles: Sequence[str], said: str) -> str:
    """Return the title if there is but one, else what was said."""
    alike = {key(title) for title in titles}
    return titles[0] if len(alike) == 1 and len(titles[0]) <= 80 else " ".join(said.strip(" \"“”'’").split())


def key(title: str) -> str:
    """Return the form in which titles are compared."""
    return re.sub(r"[\W_]+", "", title).casefold()


def _written(number: str) -> list[str]:
    """Return a number in the ways that headings have it."""
    value = number_of(number)
    if value is None or not 1 <= value < 100 or (len(number) == 1 and number.isalpha() and number not in "IVXivx"):
        return [number.lower()]
    return [number.lower(), str(value), roman(value), *NUMBERS[value : value + 1]]


def numbered(kind: str, number: str, titles: Sequence[str]) -> list[str]:
    """Return the titles with this number, and their parts: those that name the kind, else those of a bare number."""
    wanted = _same(number)
    named, bare = [], []
    for title in titles:
        match = _HEADED.match(title)
        if match is None:
            continue
        is_it = _same(match["number"]) == wanted or match["number"].startswith(f"{number}.")
        if not is_it or _ORDINAL.match(title, match.end()):
            continue
        if (match["kind"] or "").lower().rstrip("s") == kind:
            named.append(title)
        elif (
            not match["kind"]
            and match["number"].lower() not in NUMBERS
            and kind in {"section", "chapter", "part", "appendix", "note"}
        ):
            is_number, is_letter = match["number"][0].isdigit(), match["number"][0].isupper()
            if (is_number or is_letter) and len(title) > match.end("number") + 1:
                bare.append(title)
    return (named or bare)[:_MOST]


def _same(number: str) -> str:
    """Return a number in figures; a single letter other than I, V and X, and numbers with parts, stay."""
    low = number.casefold()
    if "." in low or (len(low) == 1 and low.isalpha() and low not in "ivx"):
        return low
    value = number_of(low)
    return low if value is None else str(value)


def titled(said: str, titles: Sequence[str]) -> list[str]:
    """Return the titles that say what is said, best first; none when no title says it."""
    wanted = {stem(word) for word in content_words(said)}
    shares: dict[str, float] = {}
    for title in titles:
        match = _HEADED.match(title)
        held = {stem(word) for word in content_words(title[match.end() :] if match else title)} or {""}
        shares[title] = len(wanted & held) / len(wanted | held)
        if wanted and wanted <= held and len(wanted) > 1:
            shares[title] = max(shares[title], _ALIKE)
    exact = [title for title in titles if key(title) == key(said)]
    if exact:
        return exact
    best = max(shares.values(), default=0.0)
    return [title for title, share in shares.items() if share == best][:_MOST] if best >= _ALIKE else []


def _longest(said: str, keys: Keys | None, shelf: Shelf) -> tuple[str, list[str]]:
    """Return the longest beginning of what is said that a heading bears, and the titles of such headings."""
    quoted = re.match(r"\s*[\"“]([^\"“”]+)[\"”]", said)
    words = list(re.finditer(r"\S+", quoted.group() if quoted else said))[:_MAX_WORDS]
    titles = _titles(shelf.headed(" ".join(word.group() for word in words), keys))
    for n in range(len(words), 0, -1):
        if words[n - 1].group().lower() in STOP_WORDS:
            continue
        begin = said[: words[n - 1].end()]
        found = titled(begin, titles)
        if found:
            return begin, found
    return "", []
