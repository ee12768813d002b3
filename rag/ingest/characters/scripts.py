"""How writing is cut to words, and how words are put side by side, in scripts of every kind. Pure functions on text.

Latin, Cyrillic, Arabic, Korean and the like have spaces: what stands between two is a word. Chinese and Japanese have
none: every character is a word of its own there, glued to the one before it, so that each has its own box.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TypeVar

from rag.text import IDEOGRAPHS, SPACELESS

BROKEN = "\ufffe"  # pdfium's mark for a hyphen at a line's end; the newline that followed it is swallowed
RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
ACCENTS = {
    "`": "\u0300", "´": "\u0301", "ˆ": "\u0302", "˜": "\u0303", "¯": "\u0304", "˘": "\u0306", "˙": "\u0307",
    "¨": "\u0308", "˚": "\u030a", "˝": "\u030b", "ˇ": "\u030c", "¸": "\u0327", "˛": "\u0328",
}  # fmt: skip

_CLEAN: dict[int, str | None] = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "ft", 0xFB06: "st",
    0xAD: None, 0x200B: None, 0x200C: None, 0x200D: None, 0xFEFF: None, 0x2060: None,
    0x2010: "-", 0x2011: "-", 0xF0B7: "•", 0xF0A7: "▪",
}  # fmt: skip
_CLEAN |= dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])
_CLEAN |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")  # half of a character pair

_TOKEN = re.compile(r"[^\s\ufffe]+\ufffe?")
_MARKS = "\u3001-\u3030\u30fb\uff01-\uff65\uffe0-\uffe6"  # punctuation as wide as an ideograph
_GLUED = f"{IDEOGRAPHS}{_MARKS}"
_CLOSE_TOKEN = re.compile(
    rf"[{_GLUED}](?:[\u3099\u309a\ufe00-\ufe0f]|[\U000e0100-\U000e01ef])?|[^\s\ufffe{_GLUED}]+\ufffe?"
)
_IDEOGRAPH = re.compile(f"[{_GLUED}]")
_WIDE_LATIN = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_TRACKED = re.compile(rf"(?<![{_GLUED}])[{IDEOGRAPHS}](?: [{IDEOGRAPHS}]){{2,}}(?![{_GLUED}])")
_ENDS_CLOSE = re.compile(f"[{SPACELESS}{_MARKS}]$")
_BEGINS_CLOSE = re.compile(f"[{SPACELESS}{_MARKS}]")
_FORMS = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc]+")  # letters of Arabic and Hebrew in the shape they have in a word
_SYMBOLS = re.compile("[\uf020-\uf07e]+")  # codes of fonts that are encoded as symbols, text or not
_SYMBOLS_ALIKE = re.compile("[\uf028-\uf03f]")  # digits and signs that the Symbol font has where ASCII has them
_COMBINING = re.compile("[\u0300-\u036f]")
_OPENING, _CLOSING = "([{", ")]}"
_MIRRORED = str.maketrans(_OPENING + _CLOSING, _CLOSING + _OPENING)

T = TypeVar("T")
Token = tuple[int, int, bool]  # first character, one past the last, glued to the token before


def tokens(text: str) -> list[Token]:
    """Return where the words of a page's characters stand."""
    if text.isascii() or not _IDEOGRAPH.search(text):
        return [(match.start(), match.end(), False) for match in _TOKEN.finditer(text)]
    found: list[Token] = []
    tracked = {at for run in _TRACKED.finditer(text) for at in range(run.start() + 2, run.end(), 2)}
    end = -1
    for match in _CLOSE_TOKEN.finditer(text):
        start = match.start()
        glued = (start == end and text[end - 1] != BROKEN) or start in tracked
        end = match.end()
        found.append((start, end, glued))
    return found


def is_ideograph(text: str) -> bool:
    """Tell whether a word is a character of Chinese or Japanese, or a mark between such."""
    return len(text) <= 2 and _IDEOGRAPH.match(text) is not None


def line_gap(before: str, after: str) -> str:
    """Return what stands between the last word of a line and the first of the next one where both are one text."""
    if after.isascii() and before.isascii():
        return " "
    ends, begins = _ENDS_CLOSE.search(before), _BEGINS_CLOSE.match(after)
    if _WIDE_LATIN.match(before[-1]) and _WIDE_LATIN.match(after):
        return " "
    return "" if ends or begins else " "


def clean_token(token: str) -> str:
    """Return a word without what does not show, in plain letters; "" when nothing is left."""
    if token.isascii() and token.isprintable():
        return token
    return plain(token.translate(_CLEAN))


def plain(token: str) -> str:
    """Return a word in the letters it is typed in: shapes of Arabic letters undone, accents put on their letters."""
    if _FORMS.search(token):
        token = _FORMS.sub(lambda match: unicodedata.normalize("NFKC", match.group()).strip(), token)
    if _COMBINING.search(token):
        token = unicodedata.normalize("NFC", token)
    if _SYMBOLS.search(token):
        token = _SYMBOLS.sub(_from_symbols, token)
    return _balanced(token) if RTL.search(token) else token


def _from_symbols(run: re.Match[str]) -> str:
    codes = run.group()
    if len(codes) >= 3:  # a word in a font of letters
        return "".join(chr(ord(code) - 0xF000) for code in codes)
    return _SYMBOLS_ALIKE.sub(lambda match: chr(ord(match.group()) - 0xF000), codes)


def _balanced(token: str) -> str:
    """Turn the brackets of a word written right to left where they only match when turned."""
    if any(mark in token for mark in _OPENING) and not _matches(token):
        turned = token.translate(_MIRRORED)
        return turned if _matches(turned) else token
    return token


def _matches(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth < 0:
            return False
    return depth == 0


def accented(token: str, boxes: Sequence[tuple[float, float]]) -> str:
    """Return a word with accents that were drawn as marks of their own put on the letters they stand over.

    `boxes` are the left and right edges of each character. A mark beside a letter stays what it is.
    """
    letters = list(token)
    for i, character in enumerate(token):
        if character not in ACCENTS:
            continue
        middle = sum(boxes[i]) / 2
        for j in (i + 1, i - 1):
            if not 0 <= j < len(token) or not boxes[j][0] < middle < boxes[j][1]:
                continue
            base = {"ı": "i", "ȷ": "j"}.get(token[j], token[j])
            together = unicodedata.normalize("NFC", base + ACCENTS[character])
            if base.isalpha() and len(together) == 1:
                letters[i], letters[j] = "", together
                break
    return "".join(letters)


def direction(text: str) -> int:
    """Return 1 for a word read from left to right, -1 for one from right to left, 2 for a number, 0 for a mark."""
    if not text.isascii() and RTL.search(text):
        return -1
    if any(character.isalpha() for character in text):
        return 1
    return 2 if any(character.isdigit() for character in text) else 0


def in_reading_direction(words: Sequence[T], texts: Sequence[str], *, base: int) -> list[T]:
    """Return the words of a line in the order they are read.

    `words` stand in the order in which a line that runs in direction `base` shows them, 1 to the right and -1 to the
    left; `texts` are what they say. A line whose ends and most of whose letters run the other way runs that way.
    """
    directions = [direction(text) for text in texts]
    strong = [way for way in directions if way in {1, -1}]
    balance = sum(way * len(text) for way, text in zip(directions, texts, strict=True) if way in {1, -1})
    if strong and strong[0] == strong[-1] == -base and balance * base < 0:
        return _logical(words[::-1], directions[::-1], base=-base)
    return _logical(words, directions, base=base)


def _logical(words: Sequence[T], directions: Sequence[int], *, base: int) -> list[T]:
    """Turn round what runs against a line.

    Numbers between two words of the other direction belong to them, and, among words from right to left, a number
    shown before them: "95 Windows" is read "Windows 95".
    """
    ordered: list[T] = []
    i = 0
    while i < len(words):
        start = i
        while base == -1 and i < len(words) and directions[i] == 2:
            i += 1
        if i >= len(words) or directions[i] != -base:
            ordered.extend(words[start : i + 1])
            i += 1
            continue
        last = i
        while i < len(words) and directions[i] != base:
            last = i if directions[i] == -base else last
            i += 1
        ordered.extend(reversed(words[start : last + 1]))
        i = last + 1
    return ordered
