"""A line of a table to its cells: label, numbers with their signs, texts; each knows its words.

Numbers at the end of a run of words are cells of their own, signs that stand apart ("$", "(", ")", "%") belong to the
number beside them, raised marks of footnotes do not make a number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.ingest.characters.words import Word
from rag.ingest.layout.lines import LETTER, Line

_MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|june?\.?|july?\.?|aug(?:ust|\.)?"
    r"|sept?(?:ember|\.)?|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
)
_UNIT = r"(?:%|‰|x|×|[KMB]|bn|mn|bps|pp|pts?|¢)"
_NUMBER = re.compile(
    r"[<>≤≥~≈±]?[(\[]*(?:[A-Z]{0,3}[$€£¥₹])?[(\[+±—–−-]*"
    r"\d[\d,.’]*(?:[/–-]\d[\d,.]*)?(?:e[+−-]?\d+)?"
    rf"(?:±\d[\d.]*)?{_UNIT}?[)\]]*%?[*†‡§]*(?:\((?:\w|±?\d[\d.]*|[—–−-])\))*"
)
_NONE = frozenset("— – - − -- N/A n/a NA N/M n/m NM nm N.A. n.a. N.M. n.m. nil".split())
_SIGN = re.compile(r"[A-Z]{0,3}[$€£¥₹]\(?|[(\[]")
_CLOSING = re.compile(r"[)\]%]+|bps|pp|pts?|x|×")
_MARK = re.compile(r"\(?(?:\d{1,2}|[a-z])\)")
_SPREAD = re.compile(r"\(±?\d*\.\d+\)")  # "62.6 (2.7)": how far measurements lie apart
_YEAR = re.compile(r"(?<![\d.,$€£])(?:19|20)\d\d[AEFP]?(?![\d,.%]*\d|%)")
_PERIOD = re.compile(
    rf"(?:19|20)\d\d(?!\d)|\bFY\s?’?'?\d\d|\b[1-4]Q|\b[QH][1-4]\b|\b{_MONTH}\s+\d|\b{_MONTH}$"
    r"|\b(?:months?|weeks?|quarters?|years?|fiscal|half)\b|\b\d{1,2}[/.]\d{1,2}[/.]\d\d",
    re.I,
)
_DATE_WORD = re.compile(
    rf"{_MONTH}|fiscal|FY|weeks|months|days|quarter|year|note|level|item|form|phase|class|series", re.I
)
_DAY = re.compile(r"\d{1,2},")
_DATE = re.compile(r"\d{1,2}[/.]\d{1,2}[/.](?:\d\d){1,2}|(?:FY|[1-4]Q|[QH][1-4])['’]?\d*", re.I)
_YEARS = re.compile(r"(?:19|20)\d\d(?:[/–-](?:(?:19|20)\d\d|\d\d))+")  # "2015-2014": what a change is between
_PLAIN = re.compile(r"\(?\d{1,4}\)?")
_WIDE, _CLOSE = 0.6, 0.45  # gaps, in line heights: more than that between words of one heading; less within a label


@dataclass(frozen=True, slots=True, eq=False)
class RowCell:
    """Neighbouring words of a line that are one cell. `text` has the signs glued to their number."""

    text: str
    words: tuple[Word, ...]  # without a sign that stands apart from its number, and without marks of footnotes
    printed: tuple[Word, ...]  # all of them: the cells of a line together hold every word of it
    x0: float
    x1: float
    is_number: bool

    @classmethod
    def of(cls, words: Sequence[Word]) -> RowCell:
        """Put words together to a cell."""
        text = " ".join(word.text for word in words)
        is_figure = len(words) == 1 and is_number(text)
        return cls(text, tuple(words), tuple(words), words[0].x0, words[-1].x1, is_figure)

    @property
    def is_year(self) -> bool:
        """Tell whether the cell is nothing but a year."""
        return _YEAR.fullmatch(self.text) is not None

    @property
    def has_year(self) -> bool:
        """Tell whether a year stands in the cell."""
        return _YEAR.search(self.text) is not None

    @property
    def middle(self) -> float:
        """Return its middle, in points from the left."""
        return (self.x0 + self.x1) / 2


def names_period(text: str) -> bool:
    """Tell whether a text names a year, a date, a quarter or the like."""
    return _PERIOD.search(text) is not None


def holds_year(text: str) -> bool:
    """Tell whether a year stands in a text."""
    return _YEAR.search(text) is not None


def is_number(text: str) -> bool:
    """Tell whether a word is a number with its signs, or stands for one that is not there."""
    if text in _NONE:
        return True
    is_figure = text[-1] not in ",." and _NUMBER.fullmatch(text) is not None
    return is_figure and _DATE.fullmatch(text) is None and _YEARS.fullmatch(text) is None


def cells_of(lines: Sequence[Line]) -> list[RowCell]:
    """Return the cells of a line, left to right; of several lines, which stand side by side, those of all together."""
    height = lines[0].height
    segments = [list(segment.words) for segment in lines[0].segments]
    if len(lines) > 1:
        segments = _segments([word for line in lines for word in line.words], height)
    pieces: list[list[Word]] = []
    for i, words in enumerate(segments):
        cut = _first_trailing_number(words, height, is_last=i + 1 == len(segments))
        if cut:
            pieces.extend(_parted(words[:cut], height))
        pieces.extend([word] for word in words[cut:])
    return _glued(pieces, height)


def _segments(words: Sequence[Word], height: float) -> list[list[Word]]:
    """Return words in runs that stand clearly apart, left to right."""
    ordered = sorted(words, key=lambda word: word.x0)
    runs = [[ordered[0]]]
    for before, word in pairwise(ordered):
        if word.x0 - before.x1 < 1.5 * height:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def finer(cell: RowCell, height: float) -> list[RowCell]:
    """Return the cells that a heading's words stand in when columns are closer than words of other lines."""
    pieces: list[list[Word]] = [[cell.words[0]]]
    for word in cell.words[1:]:
        if word.x0 - pieces[-1][-1].x1 > _WIDE * height:
            pieces.append([word])
        else:
            pieces[-1].append(word)
    return [cell] if len(pieces) == 1 else [RowCell.of(piece) for piece in pieces]


def _first_trailing_number(words: Sequence[Word], height: float, *, is_last: bool) -> int:
    """Return where the numbers at the end of a run of words begin."""
    cut = len(words)
    while cut:
        text = words[cut - 1].text
        if not (
            is_number(text) or _SIGN.fullmatch(text) or ((cut < len(words) or cut > 1) and _CLOSING.fullmatch(text))
        ):
            break
        before = words[cut - 2].text if cut > 1 else ""
        if _DATE_WORD.fullmatch(before) or (_DAY.fullmatch(before) and _YEAR.fullmatch(text)):
            break  # "December 31", "fiscal 2018", "Note 7", "31, 2018"
        cut -= 1
    if not cut and _CLOSING.fullmatch(words[0].text) and all(_MARK.fullmatch(word.text) for word in words[1:]):
        return len(words)  # "% (1)" over a column
    if 0 < cut < len(words) and _belongs_to_text(words[cut - 1], words[cut], height, is_last):
        cut += 1
    return cut


def _is_open(words: Sequence[Word]) -> bool:
    """Tell whether a bracket is open after words that are not only a number's sign."""
    if not words or _SIGN.fullmatch(words[-1].text):
        return False
    text = " ".join(word.text for word in words)
    return text.count("(") > text.count(")") and LETTER.search(text) is not None


def _belongs_to_text(before: Word, word: Word, height: float, is_last: bool) -> bool:
    """Tell whether a number is part of the words before it: "Level 1", "due 2024", the mark of a footnote.

    The last number of a line that is no short one is taken for a cell, however close it stands.
    """
    gap = word.x0 - before.x1
    if _MARK.fullmatch(word.text) and (gap < _CLOSE * height or word.height < 0.8 * height):
        return True
    is_plain = _PLAIN.fullmatch(word.text) is not None
    return gap < _CLOSE * height and LETTER.search(before.text) is not None and (is_plain or not is_last)


def _parted(words: list[Word], height: float) -> list[list[Word]]:
    """Cut words where a number and text stand clearly apart: "45   Chief executive"."""
    pieces = [[words[0]]]
    for before, word in pairwise(words):
        if word.x0 - before.x1 > _WIDE * height and is_number(before.text) != is_number(word.text):
            pieces.append([word])
        else:
            pieces[-1].append(word)
    return pieces


def _glued(pieces: Sequence[list[Word]], height: float) -> list[RowCell]:
    """Put signs and marks to the numbers they stand by."""
    cells: list[RowCell] = []
    signs: list[Word] = []
    for words in pieces:
        word, last = words[0], cells[-1] if cells else None
        if len(words) == 1 and _SIGN.fullmatch(word.text):
            signs.append(word)
        elif last and not signs and len(words) == 1 and last.is_number and _closes(last, word, height):
            cells[-1] = _closed(last, word)
        else:
            cells.append(_signed(signs, RowCell.of(words), height))
            signs = []
    if signs:  # without a number
        cells.append(RowCell.of(signs))
    return cells


def _closed(cell: RowCell, word: Word) -> RowCell:
    """Return a number with what closes it; of a mark only the word is kept."""
    printed = (*cell.printed, word)
    if _MARK.fullmatch(word.text):
        return replace(cell, printed=printed)
    return RowCell(cell.text + word.text, (*cell.words, word), printed, cell.x0, word.x1, True)


def _signed(signs: Sequence[Word], cell: RowCell, height: float) -> RowCell:
    """Return a cell with the signs before it."""
    if not signs:
        return cell
    printed = (*signs, *cell.printed)
    if not cell.is_number:
        return replace(
            cell, printed=printed, words=printed, text=" ".join(word.text for word in printed), x0=signs[0].x0
        )
    kept = printed if all(b.x0 - a.x1 < _WIDE * height for a, b in pairwise(printed)) else cell.words
    return RowCell("".join(word.text for word in signs) + cell.text, kept, printed, signs[0].x0, cell.x1, True)


def _closes(last: RowCell, word: Word, height: float) -> bool:
    gap = word.x0 - last.x1
    if _SPREAD.fullmatch(word.text) and "." in last.text and last.text[-1] != ")":
        return gap < _CLOSE * height
    if _MARK.fullmatch(word.text):
        return gap < 0.4 * height and ")" not in last.text[-1:]
    return _CLOSING.fullmatch(word.text) is not None and not last.is_year and gap < 2.5 * height
