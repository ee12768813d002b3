"""Lines that tesseract has cut apart, put together again.

It looks for columns first: a table becomes a column of labels and columns of numbers, each read on its own. Numbers go
back to the label on their line, and so do pieces of a line with no more than a space between them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from rag.ingest.characters.words import Turn
from rag.ingest.ocr.tsv import Seen

_NUMBER = re.compile(r"[^\w]*\d[\d.,:/%()'-]*[^\w]*|[$€£¥%()—–-]+|[^\w]*n/?a[^\w]*", re.I)
_COLUMN = 0.6  # of a block's lines, to be numbers alone
_SPACE = 0.8  # of the size of type: a gap within a line
_LEVEL = 0.4  # of the size of type: lines whose feet differ by less stand beside each other
_ALIKE = 1.5  # sizes that differ by less


@dataclass(slots=True, eq=False)
class Cut:
    """A line as tesseract cut it, turned so that it runs across: x along it, y down, in points."""

    words: list[Seen]
    turn: Turn
    size: float = 0.0  # of its type
    after: Cut | None = field(default=None, repr=False)  # the piece to its right that belongs to it
    is_piece: bool = False  # it belongs to one on its left

    @property
    def block(self) -> int:
        """Return the number of tesseract's block."""
        return self.words[0].line[0]

    @property
    def x0(self) -> float:
        """Return its left end."""
        return min(word.x0 for word in self.words)

    @property
    def x1(self) -> float:
        """Return its right end."""
        return max(word.x1 for word in self.words)

    @property
    def foot(self) -> float:
        """Return about where its letters stand."""
        return median(word.y1 for word in self.words)

    @property
    def n_characters(self) -> int:
        """Return how long it is."""
        return sum(len(word.text) for word in self.words)

    @property
    def is_numbers(self) -> bool:
        """Tell whether it holds numbers and their signs alone."""
        return all(_NUMBER.fullmatch(word.text) for word in self.words)


def rejoined(cuts: Sequence[Cut]) -> list[Cut]:
    """Return whole lines in the order in which they are read. The order of those that were not cut stays."""
    numeric = _numeric_blocks(cuts)
    level = sorted(cuts, key=lambda cut: (cut.turn, cut.foot))
    for i, cut in enumerate(level):
        left = _left_neighbour(level, i)
        if left is None or left.after is not None:
            continue
        if cut.x0 - left.x1 < _SPACE * cut.size or (cut.block in numeric and cut.is_numbers):
            left.after, cut.is_piece = cut, True
    return _with_heads_first([_whole(cut) for cut in cuts if not cut.is_piece], numeric)


def _numeric_blocks(cuts: Sequence[Cut]) -> set[int]:
    by_block: dict[int, list[bool]] = defaultdict(list)
    for cut in cuts:
        by_block[cut.block].append(cut.is_numbers)
    return {block for block, numbers in by_block.items() if sum(numbers) >= _COLUMN * len(numbers)}


def _left_neighbour(level: Sequence[Cut], at: int) -> Cut | None:
    """Return the nearest line on the left of one, at its height; `level` are all lines by their feet."""
    cut = level[at]
    found: Cut | None = None
    for step in (-1, 1):
        i = at + step
        while 0 <= i < len(level) and level[i].turn == cut.turn and abs(level[i].foot - cut.foot) < _LEVEL * cut.size:
            other = level[i]
            alike = 1 / _ALIKE < other.size / max(cut.size, 0.1) < _ALIKE
            is_left = other.x1 < cut.x0 + 0.3 * cut.size and other.x0 < cut.x0
            if alike and is_left and (found is None or other.x1 > found.x1):
                found = other
            i += step
    return found


def _whole(cut: Cut) -> Cut:
    """Return a line with all its pieces; its block is that of the first."""
    words, piece = list(cut.words), cut.after
    while piece is not None:
        words += piece.words
        piece = piece.after
    return Cut(words, cut.turn, cut.size)


def _with_heads_first(lines: list[Cut], numeric: set[int]) -> list[Cut]:
    """Put what is left of a column of numbers, its head, above the rows to which its numbers went."""
    rows: dict[int, list[Cut]] = defaultdict(list)
    for line in lines:
        for block in {word.line[0] for word in line.words} - {line.block}:
            rows[block].append(line)
    ordered = [line for line in lines if not (line.block in numeric and line.block in rows)]
    for line in lines:
        if line.block in numeric and line.block in rows:
            below = [row for row in rows[line.block] if row.foot > line.foot and row in ordered]
            at = ordered.index(min(below, key=lambda row: row.foot)) if below else len(ordered)
            ordered.insert(at, line)
    return ordered
