"""What tesseract saw to words as pdfium would give them: boxes of a font's full height, the way each line runs.

Tesseract boxes the ink: "one" is lower than "The", and both lower than "gyp". The layout judges by the height of
fonts, so that is worked out from which letters a word has; lines that hardly differ are set in one size.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from rag.ingest.characters.scripts import is_ideograph
from rag.ingest.characters.words import Frame, Turn, Word
from rag.ingest.ocr.recut import Cut, rejoined
from rag.ingest.ocr.tsv import Seen

_TALL = re.compile(r"[bdfhklA-Z0-9ß()\[\]{}/|&$%#@!?]")
_LOW = re.compile(r"[gjpqyQ,;()\[\]{}/|$@]")
_BASED = re.compile(r"[^\W_]")  # stands on the base line, or hangs below it
_SMALL = re.compile(r"[acemnorsuvwxz]+")
_CAPITAL, _X_HEIGHT, _BELOW = 0.71, 0.49, 0.21  # of the size of type: capitals, small letters, what hangs below
_ABOVE_BASE, _UNDER_BASE, _BESIDE = 0.86, 0.24, 0.05  # of the size: the box that fonts declare around the ink
_ONE_SIZE = 0.07  # lines of a page whose sizes differ by less are set in one
_BROKEN = re.compile(r"[^\W\d_]-$")


def as_words(seen: Sequence[Seen], frame: Frame, scale: float) -> list[Word]:
    """Return the words in points of the displayed page, line after line; `scale` is pixels a point.

    `Word.at` is `Seen.at`. Lines that tesseract has cut apart are whole.
    """
    grouped: dict[tuple[int, int, int], list[Seen]] = defaultdict(list)
    for word in seen:
        grouped[word.line].append(word)
    turn = _page_turn(list(grouped.values()))
    cuts = []
    for words in grouped.values():
        runs = _turn(words)
        own = turn if runs is None else runs
        upright = [_upright(word, own, frame, scale) for word in words]
        cuts.append(Cut(upright, own, _size(upright)))
    _even_sizes(cuts)
    lines = rejoined(cuts)
    found: list[Word] = []
    for i, line in enumerate(lines):
        found += _line_words(line, frame, goes_on=i + 1 < len(lines) and lines[i + 1].block == line.block)
    return found


def _page_turn(lines: list[list[Seen]]) -> Turn:
    weights: dict[Turn, int] = defaultdict(int)
    for words in lines:
        turn = _turn(words)
        if turn is not None:
            weights[turn] += sum(len(word.text) for word in words)
    return max(weights, key=lambda turn: weights[turn]) if weights else 0


def _turn(words: list[Seen]) -> Turn | None:
    """Return which way a line runs by where its words stand; None for a line of one word."""
    if len(words) < 2:
        return None
    first, last = words[0], words[-1]
    across = (last.x0 + last.x1 - first.x0 - first.x1) / 2
    down = (last.y0 + last.y1 - first.y0 - first.y1) / 2
    if abs(across) >= abs(down):
        return 0 if across >= 0 else 2
    return -1 if down > 0 else 1


def _upright(word: Seen, turn: Turn, frame: Frame, scale: float) -> Seen:
    """Return the word in points, on the page as its reader turns it."""
    box = word.x0 / scale, word.y0 / scale, word.x1 / scale, word.y1 / scale
    return Seen(word.text, *_turned_box(box, turn, frame), word.confidence, word.line, word.at)


BoxSides = tuple[float, float, float, float]


def _turned_box(box: BoxSides, turn: Turn, frame: Frame) -> BoxSides:
    x0, y0, x1, y1 = box
    if turn == 1:
        return frame.height - y1, x0, frame.height - y0, x1
    if turn == -1:
        return y0, frame.width - x1, y1, frame.width - x0
    if turn == 2:
        return frame.width - x1, frame.height - y1, frame.width - x0, frame.height - y0
    return box


def _displayed_box(box: BoxSides, turn: Turn, frame: Frame) -> BoxSides:
    """Undo `_turned_box`."""
    x0, y0, x1, y1 = box
    if turn == 1:
        return y0, frame.height - x1, y1, frame.height - x0
    if turn == -1:
        return frame.width - y1, x0, frame.width - y0, x1
    return _turned_box(box, turn, frame)


def _size(words: Sequence[Seen]) -> float:
    """Return the size of a line's type in points, by the ink of letters whose part of it is known."""
    sizes: list[tuple[float, float]] = []
    for word in words:
        ink, is_tall, is_low = word.y1 - word.y0, _TALL.search(word.text), _LOW.search(word.text)
        if is_tall:
            sizes.append((ink / (_CAPITAL + (_BELOW if is_low else 0)), 3.0 * len(word.text)))
        elif _SMALL.fullmatch(word.text):
            sizes.append((ink / _X_HEIGHT, len(word.text)))
    if not sizes:
        return max(word.y1 - word.y0 for word in words)
    return _weighted_median(sizes)


def _weighted_median(values: list[tuple[float, float]]) -> float:
    values = sorted(values)
    half, passed = sum(weight for _, weight in values) / 2, 0.0
    for value, weight in values:
        passed += weight
        if passed >= half:
            return value
    return values[-1][0]


def _even_sizes(lines: list[Cut]) -> None:
    """Give lines of nearly one size the size of most of them: a pixel more or less is no other font."""
    left = sorted(lines, key=lambda line: line.size)
    while left:
        centre = _densest(left)
        taken = [line for line in left if abs(line.size - centre) <= _ONE_SIZE * centre]
        left = [line for line in left if abs(line.size - centre) > _ONE_SIZE * centre]
        common = _weighted_median([(line.size, line.n_characters) for line in taken])
        for line in taken:
            line.size = common


def _densest(lines: list[Cut]) -> float:
    """Return the size round which the most characters are set. `lines` are sorted by size."""
    best, centre, first, last, within = 0, lines[0].size, 0, 0, 0
    for line in lines:
        while last < len(lines) and lines[last].size <= line.size * (1 + _ONE_SIZE):
            within += lines[last].n_characters
            last += 1
        while lines[first].size < line.size * (1 - _ONE_SIZE):
            within -= lines[first].n_characters
            first += 1
        if within > best:
            best, centre = within, line.size
    return centre


def _line_words(line: Cut, frame: Frame, *, goes_on: bool) -> list[Word]:
    base_at = _base_line(line)
    found = []
    before = ""
    for i, word in enumerate(line.words):
        base = base_at((word.x0 + word.x1) / 2)
        beside = _BESIDE * line.size
        upright = word.x0 - beside, base - _ABOVE_BASE * line.size, word.x1 + beside, base + _UNDER_BASE * line.size
        broken = goes_on and i == len(line.words) - 1 and _BROKEN.search(word.text) is not None
        glued = i > 0 and is_ideograph(before[-1]) and is_ideograph(word.text[0])
        found.append(Word(word.text, *_displayed_box(upright, line.turn, frame), word.at, broken, line.turn, glued))
        before = word.text
    return found


class _BaseLine(NamedTuple):
    slope: float
    start: float

    def __call__(self, x: float) -> float:
        return self.start + self.slope * x


def _base_line(line: Cut) -> _BaseLine:
    """Return the line on which the letters stand; scans lie askew, so it may slope."""
    points = [
        ((word.x0 + word.x1) / 2, word.y1 - (_BELOW * line.size if _LOW.search(word.text) else 0))
        for word in line.words
        if _BASED.search(word.text)
    ] or [((word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2 + _X_HEIGHT / 2 * line.size) for word in line.words]
    third = max(1, len(points) // 3)
    (x0, y0), (x1, y1) = (
        (median(x for x, _ in part), median(y for _, y in part)) for part in (points[:third], points[-third:])
    )
    slope = (y1 - y0) / (x1 - x0) if len(points) > 2 and x1 - x0 > 10 * line.size else 0.0
    slope = slope if abs(slope) < 0.15 else 0.0
    return _BaseLine(slope, median(y - slope * x for x, y in points))
