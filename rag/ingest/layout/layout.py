"""The lines of a page in reading order.

The order of the content stream is right on nearly all pages and is kept; sorting by height is what destroys columns.
Only on evidence (lines that jump from column to column, prose that stands above what it follows) is a page put in
order by recursive cuts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.ingest.characters.scripts import is_ideograph
from rag.ingest.characters.views import TURNS, View, main_turn, reads_leftwards
from rag.ingest.characters.words import Frame, Turn, Word
from rag.ingest.layout.gutters import find_gutters
from rag.ingest.layout.lines import Gutter, Line, find_lines, n_letters, slanted_lines

_ZIGZAG = 0.3  # share of lines beside a gutter that jump to another column
_DISORDER = 0.15  # share of prose that stands above what it follows


@dataclass(frozen=True, slots=True, eq=False)
class PageLines:
    """The lines of one page in stream order, and the gutters between its columns."""

    number: int  # from 1
    width: float  # points, as displayed
    height: float
    lines: tuple[Line, ...]
    gutters: tuple[Gutter, ...]
    turn: Turn = 0  # how the text runs on the displayed page; lines lie as its reader turns it
    mirrored: bool = False  # written from right to left: lines lie as in a mirror
    aside: tuple[Line, ...] = ()  # in reading order, those that run another way, each in its own view

    @property
    def view(self) -> View:
        """Return how the lines lie."""
        return View(self.turn, self.mirrored)


@dataclass(slots=True)
class _Block:
    lines: list[Line]
    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def of(cls, line: Line) -> _Block:
        return cls([line], line.x0, line.y0, line.x1, line.y1)

    def takes(self, line: Line) -> bool:
        last = self.lines[-1]
        overlap = min(self.x1, line.x1) - max(self.x0, line.x0)
        step = line.y1 - last.y1
        return overlap > 0.3 * min(self.x1 - self.x0, line.x1 - line.x0) and (
            -0.3 * line.height < step < 2.3 * max(last.height, line.height)
        )

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.x0, self.y0 = min(self.x0, line.x0), min(self.y0, line.y0)
        self.x1, self.y1 = max(self.x1, line.x1), max(self.y1, line.y1)


def lay_out(words: list[Word], is_bold: Callable[[Word], bool], *, number: int, frame: Frame) -> PageLines:
    """Put the words of a page together to lines; those that run another way than most are kept aside."""
    turn = main_turn(words)
    ways = {word.turn for word in words}
    main = words if ways <= {turn} else [word for word in words if word.turn == turn]
    page = _in_view(main, turn, is_bold, number, frame)
    aside: list[Line] = []
    for way in TURNS:
        if way != turn and way in ways:
            other = _in_view([word for word in words if word.turn == way], way, is_bold, number, frame)
            aside += [replace(line, view=other.view) for line in in_reading_order(other)]
    return replace(page, aside=tuple(aside)) if aside else page


def _in_view(words: list[Word], turn: Turn, is_bold: Callable[[Word], bool], number: int, frame: Frame) -> PageLines:
    """Put words that run one way together to lines."""
    view = View(turn, reads_leftwards(words))
    words = view.of(words, frame)
    if turn == 3:
        lines, gutters = slanted_lines(words, is_bold, number), []
    else:
        gutters = find_gutters(words, view.size(frame.width, frame.height)[0])
        lines = find_lines(words, gutters, is_bold, number, base=-1 if view.mirrored else 1)
    return PageLines(number, frame.width, frame.height, tuple(lines), tuple(gutters), turn, view.mirrored)


def in_reading_order(page: PageLines, dropped: frozenset[int] = frozenset()) -> list[Line]:
    """Return the lines of a page in reading order, without those whose index is in `dropped`."""
    lines = [line for i, line in enumerate(page.lines) if i not in dropped]
    if page.gutters and _zigzag(lines, page.gutters) > _ZIGZAG:
        return [line for block in _cut([_Block.of(line) for line in lines]) for line in block.lines]
    if page.turn == -1 and _is_vertical(lines):  # pdfium gives the columns from left to right
        return [line for block in _cut([_Block.of(line) for line in lines]) for line in block.lines]
    blocks = _blocks(lines)
    if _disorder(blocks) > _DISORDER:
        return [line for block in _cut(blocks) for line in block.lines]
    return lines


def _is_vertical(lines: Sequence[Line]) -> bool:
    """Tell whether most words are characters of Chinese or Japanese."""
    words = [word for line in lines for word in line.words]
    return sum(is_ideograph(word.text) for word in words) > 0.5 * len(words)


def _zigzag(lines: Sequence[Line], gutters: Sequence[Gutter]) -> float:
    columns = [
        sum(line.x0 > (left + right) / 2 for left, right in gutters)
        for line in lines
        if not any(line.x0 < left and line.x1 > right for left, right in gutters)
    ]
    return sum(a != b for a, b in pairwise(columns)) / max(1, len(columns))


def _blocks(lines: Sequence[Line]) -> list[_Block]:
    blocks: list[_Block] = []
    for line in lines:
        if blocks and blocks[-1].takes(line):
            blocks[-1].add(line)
        else:
            blocks.append(_Block.of(line))
    return blocks


def _disorder(blocks: Sequence[_Block]) -> float:
    """Return the share of prose that stands above an earlier block of its own column."""
    prose = [(block, n) for block in blocks if (n := _n_letters(block)) >= 90]  # labels of a chart come in any order
    misplaced = sum(
        n for i, (block, n) in enumerate(prose) if any(_stands_above(block, earlier) for earlier, _ in prose[:i])
    )
    return misplaced / max(1, sum(n for _, n in prose))


def _n_letters(block: _Block) -> int:
    return sum(n_letters(line.text) for line in block.lines)


def _stands_above(block: _Block, other: _Block) -> bool:
    overlap = min(block.x1, other.x1) - max(block.x0, other.x0)
    return overlap > 0.4 * min(block.x1 - block.x0, other.x1 - other.x0) and block.y1 < other.y0 + 2


def _cut(blocks: list[_Block], depth: int = 0) -> list[_Block]:
    """Order blocks by recursive cuts: columns first, then bands between wide blocks, then rows."""
    if len(blocks) < 2 or depth > 12:
        return _top_down(blocks)
    for groups in (_columns(blocks), _bands(blocks), _rows(blocks)):
        if len(groups) > 1:
            return [
                block
                for group in groups
                for block in (_cut(group, depth + 1) if len(group) < len(blocks) else _top_down(group))
            ]
    return _top_down(blocks)


def _top_down(blocks: list[_Block]) -> list[_Block]:
    return sorted(blocks, key=lambda block: (block.y0, block.x0))


def _columns(blocks: list[_Block]) -> list[list[_Block]]:
    strips = _merged([(block.x0, block.x1) for block in blocks], 5)
    groups = [[block for block in blocks if left <= (block.x0 + block.x1) / 2 <= right] for left, right in strips]
    return groups if all(groups) else []


def _bands(blocks: list[_Block]) -> list[list[_Block]]:
    full = max(block.x1 for block in blocks) - min(block.x0 for block in blocks)
    wide = [block for block in blocks if block.x1 - block.x0 > 0.55 * full]
    if not wide or len(wide) == len(blocks):
        return []
    edges = sorted({y for block in wide for y in (block.y0, block.y1)})
    bands: dict[int, list[_Block]] = defaultdict(list)
    for block in blocks:
        middle = (block.y0 + block.y1) / 2
        bands[sum(middle > edge for edge in edges)].append(block)
    return [bands[key] for key in sorted(bands)]


def _rows(blocks: list[_Block]) -> list[list[_Block]]:
    strips = _merged([(block.y0, block.y1) for block in blocks], 0.5)
    groups = [[block for block in blocks if top <= (block.y0 + block.y1) / 2 <= foot] for top, foot in strips]
    return [group for group in groups if group]


def _merged(intervals: list[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Return the intervals that are left when those closer than `gap` are put together."""
    intervals = sorted(intervals)
    merged = [intervals[0]]
    for start, end in intervals[1:]:
        if start > merged[-1][1] + gap:
            merged.append((start, end))
        else:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
    return merged
