"""The headings of columns: cells stacked over each other, laid over one column or over several.

The words of a heading that is broken over lines are put together first; what is left stands in levels ("Year ended"
over "2018" and "2017"), each of which is laid over the columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.ingest.characters.words import Word
from rag.ingest.layout.lines import LETTER
from rag.ingest.tables.cells import RowCell, holds_year, names_period
from rag.ingest.tables.columns import FAR, Column, apart, overlap, pitch_of

_SET = 0.1  # of the columns' distance: a heading that stands nearer to a column's middle or edge is set to it
_LONGEST = 80  # characters of one cell of a heading
_SPACE = 0.36  # line heights: the widest space between the words of a phrase
_TIGHT = 1.3  # line heights between the lines of one cell


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A cell of a heading, over one line or several."""

    text: str
    x0: float
    x1: float
    top: float  # of its first line: that line's lower edge
    foot: float  # lower edge of its last line

    @property
    def middle(self) -> float:
        """Return its middle, in points from the left."""
        return (self.x0 + self.x1) / 2


def with_headings(columns: Sequence[Column], cells: Sequence[RowCell], height: float) -> list[Column]:
    """Return the columns with their headings from the cells that stand above, in any order."""
    parts: list[list[str]] = [[] for _ in columns]
    boxes = list(columns)
    cells = [part for cell in cells for part in _parted(cell, columns)]
    for level in reversed(_levels(cells, height)):  # what stands higher is set to the headings under it
        over = _laid_over(boxes, level)
        for i, cell in enumerate(over):
            if cell is not None and cell.text not in parts[i]:
                parts[i].insert(0, cell.text)
                if sum(other is cell for other in over) == 1:
                    boxes[i] = replace(boxes[i], x0=cell.x0, x1=cell.x1)
    return [replace(column, heading=" ".join(part)) for column, part in zip(columns, parts, strict=True)]


def _parted(cell: RowCell, columns: Sequence[Column]) -> list[RowCell]:
    """Cut a heading whose words stand over one column each: where columns are narrow they read like a phrase."""
    under = [column for column in columns if overlap(column, cell)]
    if len(under) < 2 or len(cell.words) < len(under) or (names_period(cell.text) and not holds_year(cell.text)):
        return [cell]
    groups: list[list[Word]] = [[] for _ in under]
    for word in cell.words:
        middle = (word.x0 + word.x1) / 2
        groups[min(range(len(under)), key=lambda i: abs(under[i].middle - middle))].append(word)
    if not all(groups) or _is_phrase(groups):
        return [cell]
    parts = [RowCell.of(group) for group in groups]
    near = 0.3 * pitch_of(columns)
    are_set = all(min(abs(c.middle - p.middle), abs(c.x1 - p.x1)) < near for c, p in zip(under, parts, strict=True))
    return parts if are_set else [cell]


def _is_phrase(groups: Sequence[Sequence[Word]]) -> bool:
    """Tell whether words read on at the spaces of running text: "Named Entity Recognition" over three columns."""
    gaps = [b[0].x0 - a[-1].x1 for a, b in pairwise(groups)]
    height = max(word.height for group in groups for word in group)
    has_letters = all(LETTER.search(word.text) for group in groups for word in group[:1])
    return has_letters and max(gaps) < _SPACE * height


def _levels(cells: Sequence[RowCell], height: float) -> list[list[HeadCell]]:
    """Return the cells of a heading level by level, top first, each from left to right."""
    lines: list[list[HeadCell]] = []
    for cell in sorted(cells, key=lambda cell: cell.words[0].y1):
        foot = cell.words[0].y1
        head = HeadCell(cell.text, cell.x0, cell.x1, foot, foot)
        if lines and foot - lines[-1][0].foot < 0.4 * height and not any(overlap(head, other) for other in lines[-1]):
            lines[-1].append(head)
        else:
            lines.append([head])
    stacks: list[HeadCell] = []
    for line in lines:
        stacks = _stacked(stacks, line, height)
    levels: list[list[HeadCell]] = []
    for head in sorted(stacks, key=lambda head: (head.foot, head.x0)):
        beside = (level for level in levels if _stands_in(level, head, height))
        level = next(beside, None)
        if level is None:
            levels.append([head])
        else:
            level.append(head)
    return [sorted(level, key=lambda head: head.x0) for level in levels]


def _stacked(stacks: Sequence[HeadCell], line: Sequence[HeadCell], height: float) -> list[HeadCell]:
    """Return the cells above together with those of the next line, the lines of one cell put together."""
    found = list(stacks)
    for head in line:
        above = [
            other
            for other in stacks
            if overlap(other, head) and 0.4 * height < head.foot - other.foot < _TIGHT * height
        ]
        over = above[0] if len(above) == 1 else None
        if over is None or sum(overlap(over, other) for other in line) > 1 or _spans(over, head, stacks, line, height):
            found.append(head)
            continue
        joined = f"{over.text[:-1] if over.text.endswith('-') else over.text + ' '}{head.text}"
        found[found.index(over)] = HeadCell(joined, min(over.x0, head.x0), max(over.x1, head.x1), over.top, head.foot)
    return found


def _spans(over: HeadCell, head: HeadCell, stacks: Sequence[HeadCell], line: Sequence[HeadCell], height: float) -> bool:
    """Tell whether a cell above stands over the neighbours of the cell under it too: "Year ended" over years."""
    n_beside = sum(abs(other.foot - over.foot) < 0.4 * height for other in stacks)
    if n_beside >= len(line):
        return False
    names_span = names_period(over.text) and not holds_year(over.text)
    counts = holds_year(head.text) or head.text.isdigit()
    return names_span or (counts and over.x1 - over.x0 > 1.5 * (head.x1 - head.x0))


def _stands_in(level: Sequence[HeadCell], head: HeadCell, height: float) -> bool:
    top, foot = min(other.top for other in level), max(other.foot for other in level)
    beside = head.top < foot + 0.4 * height and head.foot > top - 0.4 * height
    return beside and not any(overlap(other, head) for other in level)


def _laid_over(columns: Sequence[Column], cells: Sequence[HeadCell]) -> list[HeadCell | None]:
    """Return for each column the cell of one heading line that stands over it.

    Every cell takes a run of neighbouring columns, so that the distances between cells and columns are least together
    (dynamic programming over cells, then columns).
    """
    n, pitch = len(columns), pitch_of(columns)
    cells = [cell for cell in cells if len(cell.text) < _LONGEST]
    if len(cells) == n and all(apart(a, b) < 1.2 * pitch for a, b in zip(columns, cells, strict=True)):
        return list(cells)
    best: list[tuple[float, tuple[tuple[int, int], ...]]] = [(0.0, ())] * (n + 1)  # by number of columns passed
    for cell in cells:
        alone = [apart(column, cell) / pitch for column in columns]
        may_span = len(cells) < n and (
            _may_span(cell, columns, pitch) or (len(cells) <= n / 1.5 and names_period(cell.text))
        )
        following = [(cost + FAR, (*runs, (0, 0))) for cost, runs in best]  # the cell stands over none
        for i in range(n):
            for j in range(i + 1, n + 1 if may_span else i + 2):
                cost = _cost(columns, cell, i, j, pitch, alone, may_span)
                if cost < FAR and best[i][0] + cost < following[j][0]:
                    following[j] = best[i][0] + cost, (*best[i][1], (i, j))
        for j in range(1, n + 1):
            if following[j - 1][0] < following[j][0]:
                following[j] = following[j - 1]
        best = following
    over: list[HeadCell | None] = [None] * n
    for cell, (i, j) in zip(cells, best[n][1], strict=True):
        over[i:j] = [cell] * (j - i)
    return over


def _may_span(cell: HeadCell, columns: Sequence[Column], pitch: float) -> bool:
    """Tell whether a heading can stand over several columns: not if it is narrow and set to one of them."""
    touched = [column for column in columns if overlap(column, cell)]
    if len(touched) != 1 or touched[0].x1 - touched[0].x0 < cell.x1 - cell.x0:
        return True
    off = min(abs(touched[0].middle - cell.middle), abs(touched[0].x1 - cell.x1))
    return off > _SET * pitch or (names_period(cell.text) and not holds_year(cell.text) and off > 1)


def _cost(
    columns: Sequence[Column], cell: HeadCell, i: int, j: int, pitch: float, alone: Sequence[float], may_span: bool
) -> float:
    """Return how badly a cell fits over columns i to j (excluded), in columns' distances."""
    if j == i + 1:
        others = sum(overlap(cell, column) for k, column in enumerate(columns) if k != i)
        return alone[i] + 0.02 * may_span + 0.4 * others
    left, right = columns[i].x0, columns[j - 1].x1
    overhang = max(0.0, left - cell.x0 - 0.5 * pitch) + max(0.0, cell.x1 - right - 0.5 * pitch)
    return (min(abs((left + right) / 2 - cell.middle), abs(left - cell.x0) + pitch / 4) + overhang) / pitch - 0.03 * (
        j - i
    )
