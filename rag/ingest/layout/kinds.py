"""What a line is by itself: prose, heading, caption, row of a table, or small print."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from rag.ingest.layout.lines import Line, Segment, n_letters

BlockKind = Literal["text", "heading", "caption", "row", "small", "label"]  # label: words within a picture

SENTENCE_END = re.compile(r"[.!?:;。．！？：；؟؛۔।॥։።][\"')\]”’»」』）】]*$")
BULLET = re.compile(r"^\s*(?:[•●▪◦‣■–—*]\s|-\s|\(?(?:[a-z]|\d{1,2}|[ivx]{1,4})[.)]\s)")
_POINT = re.compile(r"[•●▪◦‣■☐☒–*]\s")  # bullets that no heading of running text's size has
CAPTION = re.compile(
    r"^(?=[A-Z])(?i:fig(?:ure|\.)|table|tab\.|algorithm|listing|chart|exhibit|graph|diagram|map|scheme|plate)"
    r"(?:\s*\d{1,4}|\s+[A-Z]{1,4})(?:[.–-]\d+)*[a-z]?\s*(?:[.:|—–]|$)"
)
NUMBERED = re.compile(
    r"^(?:(?:chapter|section|item|part|appendix)\s+[\dIVXA-Z]+[.:]?|\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-H]\.(?:\d{1,2}(?:\.\d{1,2})?\.?)?)\s+[\"“‘'(]?[^\W\d_]",
    re.I,
)
ENTRY = re.compile(r"(?:[.·…]\s?){4,}\s*[\divxlc-]*$", re.I)  # a line of a table of contents
_DIGIT = re.compile(r"\d")
_BARE = re.compile(r"[$€£¥—–-]+|[)%]+")  # signs of a table that stand alone
_CELL_END = re.compile(r"[\d)%—–-]$")
_NUMBERS = re.compile(r"(?:[($€£¥—–-]*\d[\d,.]*[)%]*|[—–-]+)(?:\s[$€£¥)%]+)?|[$€£¥]\s?[(—–-]*\d[\d,.]*[)%]*")
_PROSE = 6  # words of a line of running text at least
_APART = 2.5  # line heights between the cells of a row
_OWN_TEXT = 1200  # characters of prose for a page to have a height of its own
LARGE = 1.13  # times the height of running text: set as a heading is


def is_prose(line: Line) -> bool:
    """Tell whether a line looks like running text: no cells, six words or more, nearly all of them letters."""
    if len(line.segments) > 1 or len(line.segments[0].words) < _PROSE:
        return False
    if not line.text.isascii() and line.n_words < _PROSE:
        return False
    return n_letters(line.text) > 0.7 * len(line.text.replace(" ", ""))


def page_body(lines: Sequence[Line], body: float) -> float:
    """Return the height of running text on a page: the document's, but where nearly all prose has another height."""
    heights: Counter[float] = Counter()
    for line in lines:
        if is_prose(line):
            heights[round(line.height * 2) / 2] += len(line.text)
    if not heights:
        return body
    height, n_chars = heights.most_common(1)[0]
    is_own = n_chars > max(_OWN_TEXT, 0.6 * heights.total()) and abs(height - body) > 0.07 * body
    n_usual = sum(n for other, n in heights.items() if abs(other - body) <= 0.07 * body)
    return height if is_own and n_usual < 0.1 * heights.total() else body


def line_kind(line: Line, body: float) -> BlockKind:
    """Return what a line is by itself; `body` is the height of the document's running text."""
    if _is_row(line, body) if len(line.segments) > 1 else is_figures(line.segments[0]):
        return "row"
    if CAPTION.match(line.text):
        return "caption"
    if is_set_off(line, body) and _may_be_heading(line, body):
        is_entry = len(line.segments) > 1 and is_numeric(line.segments[-1])  # of a table of contents
        return "row" if is_entry else "heading"
    return "text" if line.height > body * 0.86 else "small"


def is_figures(segment: Segment) -> bool:
    """Tell whether most words of a segment are numbers: cells that stand close to each other."""
    if len(segment.words) < 3 or not _CELL_END.search(segment.words[-1].text):
        return False
    numbers = [word for word in segment.words if _NUMBERS.match(word.text) or _BARE.fullmatch(word.text)]
    if len(numbers) <= max(2, 0.6 * len(segment.words)):
        return False
    n_alpha = sum(n_letters(word.text) for word in segment.words)
    n_characters = sum(len(word.text) for word in segment.words)
    return n_alpha < 0.3 * n_characters


def _is_row(line: Line, body: float) -> bool:
    words = line.words
    numbering = NUMBERED.match(line.text)
    if numbering and is_set_off(line, body):  # "1  Introduction", however wide its gaps
        words = words[len(numbering.group().split()) - 1 :]
    telling = [word.text for word in words if not _BARE.fullmatch(word.text)]
    with_digits = sum(_DIGIT.search(text) is not None for text in telling)
    if with_digits >= max(1, 0.3 * len(telling)):
        return True
    if not line.bold and len(words) == len(line.words) and (len(line.segments) > 2 or _is_parted(line, body)):
        return True
    return sum(is_numeric(segment) for segment in line.segments) >= 2


def _is_parted(line: Line, body: float) -> bool:
    """Tell whether larger words stand too far apart to be one heading."""
    gaps = (b.x0 - a.x1 for a, b in pairwise(line.segments))
    return line.height > LARGE * body and any(gap > _APART * line.height for gap in gaps)


def _may_be_heading(line: Line, body: float) -> bool:
    """Tell whether the words of a line that is set off are those of a heading."""
    text = line.text
    n_alpha = n_letters(text)
    if line.n_words > 14 or text[-1] in ",;" or ENTRY.search(text) or n_alpha < 3:
        return False
    if sum(c.isdigit() for c in text) > n_alpha:
        return False
    goes_on = text[0].islower() and not text[1:2].isupper()  # "of the harbour", not "iPhone"
    if line.height > LARGE * body:
        return line.bold or text[0] not in "[("
    return not goes_on


def is_numeric(segment: Segment) -> bool:
    return _NUMBERS.fullmatch(" ".join(word.text for word in segment.words)) is not None


def is_set_off(line: Line, body: float) -> bool:
    if line.height > LARGE * body:
        return True
    if _POINT.match(line.text):
        return False
    capitals = line.text.isupper()
    if line.bold and (line.height > body * 0.9 or (capitals and line.height > body * 0.75)):
        return True
    is_short = line.n_words <= 10 and len(line.text) > 5
    return capitals and line.height >= body * 0.8 and is_short and NUMBERED.match(line.text) is not None
