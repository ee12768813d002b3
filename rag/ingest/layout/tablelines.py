"""Lines that are rows of a table by where they stand: headings over its columns, labels without numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.ingest.layout.kinds import LARGE, BlockKind, is_figures, is_numeric
from rag.ingest.layout.lines import Line, Segment, n_letters

_LABEL_LENGTH = 70  # characters of a row's label that stands on a line of its own
_HEAD_LENGTH = 40  # characters of a cell of a table's head
_LABEL_LINES = 3  # labels of sections over the first row of a table
_HEAD_LINES = 12  # lines of a table's head at most
_JUSTIFIED = 6  # words of a line of prose at least
_WIDEST_SPACE = 3.0  # line heights between words of prose
_RAGGED = 4.0  # line heights between the right edges of lines of a paragraph
_SECTION = re.compile(r"(?:\d{1,2}|[A-H])\.\d{0,2}(?:\.\d{1,2})*\s+[^\W\d_]")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Where the first rows of a table have their numbers."""

    x0: float
    x1: float
    first: float  # left edge of the first column of numbers
    middles: tuple[float, ...]
    has_labels: bool
    height: float

    @classmethod
    def of(cls, rows: Sequence[Line]) -> _Numbers | None:
        numbers = [[s for n, s in enumerate(row.segments) if _is_number(s) and (n or not _is_year(s))] for row in rows]
        enough = (len(s) > 1 or (len(s) == 1 and len(row.segments) == 2) for s, row in zip(numbers, rows, strict=True))
        if not any(enough):
            return None
        most = max(numbers, key=len)
        return cls(
            min(row.x0 for row in rows),
            max(row.x1 for row in rows),
            min(found[0].x0 for found in numbers if found),
            tuple((s.x0 + s.x1) / 2 for s in most),
            not any(found and found[0] is row.segments[0] for found, row in zip(numbers, rows, strict=True)),
            rows[0].height,
        )

    def under(self, line: Line) -> bool:
        """Tell whether a line above stands over the columns of numbers rather than over the whole table."""
        left, h = self.first - 2 * self.height, self.height
        if line.x1 < left or line.x1 > self.x1 + 3 * h or len(line.text) > _HEAD_LENGTH * len(line.segments):
            return False
        if len(line.segments) > 1 or _has_gaps(line):
            return True
        middle = (line.x0 + line.x1) / 2
        if middle < left or line.x0 < self.x0 + (3 if self.has_labels else -3) * h:
            return False
        if abs(middle - (self.x0 + self.x1) / 2) > 0.06 * (self.x1 - self.x0):
            return True
        pitch = min((b - a for a, b in pairwise(self.middles)), default=0.0)
        return line.x1 - line.x0 < 1.2 * pitch and any(abs(middle - other) < 2 * h for other in self.middles)

    def beside(self, line: Line) -> bool:
        """Tell whether a line above stands where the labels of the rows do."""
        is_short = len(line.segments) == 1 and len(line.text) <= _HEAD_LENGTH and line.x1 < self.first - self.height
        return self.has_labels and is_short and line.x0 > self.x0 - 2.5 * self.height


def _is_number(segment: Segment) -> bool:
    return is_numeric(segment) or is_figures(segment)


def _is_year(segment: Segment) -> bool:
    return _YEAR.fullmatch(segment.words[0].text) is not None


def take_table_heads(lines: Sequence[Line], kinds: list[BlockKind], body: float) -> None:
    """Make rows of the headings over the columns of a table, stacked ones too."""
    for j in range(1, len(lines)):
        if kinds[j] != "row" or kinds[j - 1] in {"row", "caption"}:
            continue
        numbers = _Numbers.of([lines[k] for k in range(j, min(j + 4, len(lines))) if kinds[k] == "row"])
        if numbers is None:
            continue
        top, heads = lines[j].y0, [lines[j]]
        labels: list[int] = []  # between the columns' headings and the first row: rows if there are such headings
        for i in range(j - 1, max(-1, j - 1 - _HEAD_LINES), -1):
            line = lines[i]
            near = top - (4 if line.bold else 2) * line.height < line.y1 < lines[j].y1 + 0.5 * line.height
            if kinds[i] not in {"heading", "text", "small"} or line.height > LARGE * body or not near:
                break
            if kinds[i] == "heading" and _SECTION.match(line.text):
                break
            top = min(top, line.y0)
            if not numbers.under(line) and not any(_is_beside(line, head) for head in heads[1:]):
                if len(heads) == 1 and len(labels) < _LABEL_LINES and numbers.beside(line):
                    labels.append(i)
                    continue
                break
            if labels and line.x0 < numbers.x0 + 3 * line.height:
                break
            for at in (i, *labels):
                kinds[at] = "row"
            labels.clear()
            heads.append(line)


def _is_beside(line: Line, other: Line) -> bool:
    is_short = len(line.text) <= _HEAD_LENGTH
    return is_short and min(line.y1, other.y1) - max(line.y0, other.y0) > 0.3 * line.height


def _has_gaps(line: Line) -> bool:
    """Tell whether words of a line stand as far apart as the cells of a row do."""
    return any(b.x0 - a.x1 > 0.75 * line.height for a, b in pairwise(line.words))


def take_justified(lines: Sequence[Line], kinds: list[BlockKind], body: float) -> None:
    """Make text of lines set to both edges of a column whose wide spaces look like those between cells."""
    found = [i for i, line in enumerate(lines) if kinds[i] == "row" and _may_be_justified(line)]
    prose = [i for i in found if _is_justified(lines, i)]
    for i in prose:
        kinds[i] = "text" if lines[i].height > 0.86 * body else "small"


def _may_be_justified(line: Line) -> bool:
    """Tell whether a line with gaps has words enough for a sentence, and no cell that is a number."""
    is_prose = len(line.words) >= _JUSTIFIED and 2 * n_letters(line.text) > len(line.text)
    widest = max((b.x0 - a.x1 for a, b in pairwise(line.segments)), default=0.0)
    return is_prose and widest < _WIDEST_SPACE * line.height and not any(map(_is_cell, line.segments))


def _is_cell(segment: Segment) -> bool:
    """Tell whether a segment is a number or a sign by itself, as no word of prose is."""
    text = segment.words[0].text
    return _is_number(segment) or (len(segment.words) == 1 and len(text) == 1 and not text.islower())


def _is_justified(lines: Sequence[Line], i: int) -> bool:
    """Tell whether a line has both edges of a line beside it, and few gaps above or under its gaps."""
    line, is_set = lines[i], False
    for other in (lines[j] for j in (i - 1, i + 1) if 0 <= j < len(lines)):
        h = line.height
        if not 0.5 * h < abs(other.y1 - line.y1) < 2 * h or abs(other.height - h) > 0.1 * h:
            continue
        starts = [segment.x0 for segment in other.segments[1:]]
        under = [any(abs(segment.x0 - start) < 0.2 * h for start in starts) for segment in line.segments[1:]]
        if 2 * sum(under) > len(under):
            return False
        is_set |= abs(other.x0 - line.x0) < 0.3 * h and abs(other.x1 - line.x1) < _RAGGED * h
    return is_set


def take_rows(lines: Sequence[Line], kinds: list[BlockKind], body: float) -> None:
    """Make rows of short lines between rows: labels without numbers."""
    for i in range(1, len(lines) - 1):
        if kinds[i] in {"row", "caption"} or kinds[i - 1] != "row" or lines[i].height > LARGE * body:
            continue
        ahead = next((j for j in (i + 1, i + 2) if j < len(lines) and kinds[j] == "row"), None)
        most = 1.8 if kinds[i] == "heading" else 2.5  # line heights to the row before
        if ahead and len(lines[i].text) < _LABEL_LENGTH and _is_one_table(lines[i - 1 : ahead + 1], most):
            kinds[i] = "row"


def _is_one_table(lines: Sequence[Line], most: float) -> bool:
    """Tell whether lines follow each other within `most` line heights, and none reaches beyond first and last."""
    left = min(lines[0].x0, lines[-1].x0) - 3 * lines[0].height
    right = max(lines[0].x1, lines[-1].x1)
    steps = [(b.y1 - a.y1) / max(a.height, b.height, 0.1) for a, b in pairwise(lines)]
    return all(0 < step < most for step in steps) and all(line.x0 >= left and line.x1 <= right for line in lines)
