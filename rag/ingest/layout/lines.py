"""Words in stream order to lines: runs of words on one baseline, and rows of them where a table has cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from rag.ingest.characters.scripts import RTL, direction, in_reading_direction, is_ideograph
from rag.ingest.characters.views import View
from rag.ingest.characters.words import Word, written

LETTER = re.compile(r"[^\W\d_]")
_NUMBERED_FIGURE = re.compile(r"Fig(?:ure|\.)\s\d{1,3}(?:\.\d+)?[.:]")
Gutter = tuple[float, float]
_LARGE = 1.6  # times the usual height of a page's words


def n_letters(text: str) -> int:
    """Return how many characters are letters."""
    return sum(map(str.isalpha, text))


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Neighbouring words on one baseline: a line of prose, or a cell of a row."""

    words: tuple[Word, ...]
    x0: float
    y0: float
    x1: float
    y1: float
    height: float  # that of the middle character, so that raised marks do not count


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Segments on one baseline, left to right. More than one: a row of a table, or a gap in justified text."""

    segments: tuple[Segment, ...]
    x0: float
    y0: float
    x1: float
    y1: float
    height: float
    bold: bool
    text: str  # segments are two spaces apart
    page: int
    begins_bold: bool = False
    view: View | None = None  # where it lies otherwise than most lines of its page

    @property
    def words(self) -> list[Word]:
        """Return the words of all segments."""
        return [word for segment in self.segments for word in segment.words]

    @property
    def n_words(self) -> int:
        """Return how many words the line has; two characters of Chinese or Japanese count as one."""
        words = self.words
        n_glued = sum(is_ideograph(word.text) for word in words) if not self.text.isascii() else 0
        return len(words) - n_glued // 2

    @property
    def ends_broken(self) -> bool:
        """Tell whether the last word goes on in the next line."""
        return self.segments[-1].words[-1].broken


class _Run:
    """A segment that still grows."""

    __slots__ = ("height", "words", "x0", "x1", "y0", "y1")

    def __init__(self, word: Word) -> None:
        self.words = [word]
        _, self.x0, self.y0, self.x1, self.y1, *_ = word
        self.height = self.y1 - self.y0

    @classmethod
    def of(cls, words: Sequence[Word]) -> _Run:
        run = cls(words[0])
        for word in words[1:]:
            run.add(word, word.height)
        return run

    def takes(self, word: Word, height: float) -> bool:
        overlap = min(self.y1, word.y1) - max(self.y0, word.y0)
        if overlap <= 0.5 * min(height, self.height):
            return False
        gap = word.x0 - self.words[-1].x1
        return -0.6 * self.height < gap < 1.5 * max(self.height, height)

    def add(self, word: Word, height: float) -> None:
        self.words.append(word)
        self.x0 = min(self.x0, word.x0)
        self.x1 = max(self.x1, word.x1)
        if len(self.words) < 3:
            self.height = max(self.height, height)
        if height <= self.height * 1.3:
            self.y0 = min(self.y0, word.y0)
            self.y1 = max(self.y1, word.y1)

    def closed(self, base: int) -> Segment:
        if base:
            self.words = in_reading_direction(self.words, [word.text for word in self.words], base=base)
        return Segment(tuple(self.words), self.x0, self.y0, self.x1, self.y1, middle_height(self.words))


def find_lines(
    words: Iterable[Word], gutters: Sequence[Gutter], is_bold: Callable[[Word], bool], page: int, *, base: int = 1
) -> list[Line]:
    """Return the lines of a page in stream order. Words that run up or down the page are left out.

    `base` is -1 where the page is written from right to left, and lies mirrored; its words are then put in the order
    that they are read in, as are those of another direction within a line.
    """
    words = list(words)
    if base == -1 or any(not word.text.isascii() and RTL.search(word.text) for word in words):
        words = _as_shown(words, base)
    else:
        base = 0
    rows: list[list[Segment]] = []
    for segment in _segments(words, gutters, base):
        if rows and _continues_row(rows[-1][-1], segment, gutters):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [_line(row, _boldness(row, is_bold), page) for row in rows]


def slanted_lines(words: Sequence[Word], is_bold: Callable[[Word], bool], page: int) -> list[Line]:
    """Return the lines of words that run aslant: those of one string, as far as they touch."""
    runs: list[list[Word]] = []
    for word in words:
        last = runs[-1][-1] if runs else None
        if last is not None and word.at - last.at - len(last.text) <= 1 and _touch(last, word):
            runs[-1].append(word)
        else:
            runs.append([word])
    rows = [[_Run.of(run).closed(0)] for run in runs]
    return [_line(row, _boldness(row, is_bold), page) for row in rows]


def _touch(word: Word, other: Word) -> bool:
    near = 0.5 * min(word.height, other.height)
    apart_x = max(word.x0, other.x0) - min(word.x1, other.x1)
    return apart_x < near and max(word.y0, other.y0) - min(word.y1, other.y1) < near


def _boldness(row: Sequence[Segment], is_bold: Callable[[Word], bool]) -> tuple[bool, bool]:
    """Tell whether a line begins bold, and whether it is bold to its last word; bullets and figures do not count."""
    first = next((word for segment in row for word in segment.words if LETTER.search(word.text)), row[0].words[0])
    if not is_bold(first):
        return False, False
    backwards = (word for segment in reversed(row) for word in reversed(segment.words))
    return True, is_bold(next((word for word in backwards if LETTER.search(word.text)), first))


def _as_shown(words: Sequence[Word], base: int) -> list[Word]:
    """Return the words with those of a line in the order they stand in, where some run against the line."""
    shown: list[Word] = []
    row: list[Word] = []
    for word in [*words, None]:
        if word is not None and (not row or _on_one_baseline(row[-1], word)):
            row.append(word)
            continue
        if any(direction(other.text) == -1 for other in row) or base == -1:
            row.sort(key=lambda other: other.x0)
        shown += row
        row = [word] if word is not None else []
    return shown


def _on_one_baseline(word: Word, other: Word) -> bool:
    shared = min(word.y1, other.y1) - max(word.y0, other.y0)
    return shared > 0.5 * min(word.height, other.height) and word.turn == other.turn


def _segments(words: Iterable[Word], gutters: Sequence[Gutter], base: int) -> list[Segment]:
    runs: list[_Run] = []
    words = list(words)
    large = _LARGE * median(word.y1 - word.y0 for word in words) if gutters and words else 0.0
    for word in words:
        if word.turn:
            continue
        height = word.y1 - word.y0
        run = runs[-1] if runs else None
        if run and run.takes(word, height) and not (gutters and _is_parted(run.words[-1], word, gutters, large)):
            run.add(word, height)
        else:
            runs.append(_Run(word))
    return [run.closed(base) for run in runs]


def _is_parted(last: Word, word: Word, gutters: Sequence[Gutter], large: float) -> bool:
    """Tell whether a gutter is between two words. In a large title over two columns it may be the space of words."""
    height = word.y1 - word.y0
    is_space = height > large and word.x0 - last.x1 < 0.9 * height
    return not is_space and crosses(gutters, last.x1, word.x0)


def _continues_row(last: Segment, segment: Segment, gutters: Sequence[Gutter]) -> bool:
    overlap = min(last.y1, segment.y1) - max(last.y0, segment.y0)
    if overlap <= 0.55 * min(last.height, segment.height) or segment.x0 <= last.x1 - 0.6 * last.height:
        return False
    if _NUMBERED_FIGURE.match(" ".join(word.text for word in segment.words[:2])):  # its own caption
        return False
    return not (gutters and crosses(gutters, last.x1, segment.x0))


def crosses(gutters: Sequence[Gutter], x0: float, x1: float) -> bool:
    """Tell whether the gap from `x0` to `x1` holds a gutter."""
    return any(x0 <= left + 1.5 and x1 >= right - 1.5 for left, right in gutters)


def _line(segments: list[Segment], bold: tuple[bool, bool], page: int) -> Line:
    return Line(
        tuple(segments),
        min(s.x0 for s in segments),
        min(s.y0 for s in segments),
        max(s.x1 for s in segments),
        max(s.y1 for s in segments),
        max(s.height for s in segments),
        bold[1],
        "  ".join(written(segment.words) for segment in segments),
        page,
        bold[0],
    )


def middle_height(words: Sequence[Word]) -> float:
    """Return the height of the word that holds the middle character when words are sorted by height."""
    if len(words) == 1:
        return words[0].y1 - words[0].y0
    weighted = sorted((word.y1 - word.y0, len(word.text)) for word in words)
    half, seen = sum(n for _, n in weighted) / 2, 0
    for height, n in weighted:
        seen += n
        if seen >= half:
            return height
    return weighted[-1][0]


def rows_of(lines: Iterable[Line]) -> list[list[Line]]:
    """Group lines that stand at one height, top to bottom."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.y0 + line.y1):
        if rows:
            last = rows[-1][-1]
            apart = (line.y0 + line.y1 - last.y0 - last.y1) / 2
            if apart < 0.4 * max(line.height, last.height):
                rows[-1].append(line)
                continue
        rows.append([line])
    return rows
