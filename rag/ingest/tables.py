"""Rows of tables as they are searched: label, then every number under the heading of its column.

    Purchases of property, plant and equipment | 2018: (1,577) | 2017: (1,373) | 2016: (1,420)

From the boxes of words alone; what is shown and quoted stays the row as printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.ingest.lines import Line
from rag.text import without_leaders

_NUMERIC = re.compile(r"^[($€£—–-]*\s*[\d][\d,.]*\s*[)%]*$|^[—–-]+$|^\$$|^N/?[AM]$")
_NUMBER = re.compile(r"[($€£—–-]*\s*\d[\d,.]*\s*[)%]*")
_DASHES = frozenset(("—", "–", "-", "$—", "$–", "$-"))
_PERIOD = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|fiscal|year|three|six"
    r"|nine|twelve|quarter)\b",
    re.I,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_OPENING = re.compile(r"[$€£(]+")
_CLOSING = re.compile(r"[)%]+")


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    x0: float
    x1: float

    @property
    def is_number(self) -> bool:
        return _NUMBER.fullmatch(self.text) is not None or self.text in _DASHES

    @property
    def has_year(self) -> bool:
        return _YEAR.search(self.text) is not None

    @property
    def is_year(self) -> bool:
        return _YEAR.fullmatch(self.text) is not None


@dataclass(frozen=True, slots=True)
class _HeadRow:
    y: float
    height: float
    cells: tuple[_Cell, ...]


def serialise_rows(lines: Sequence[Line], width: float) -> list[str]:
    """Return for each line of a page, in reading order, the text to search it by.

    A line with numbers becomes `label | heading: number | ...`; any other line stays as it is. `width` is the page's.
    """
    serialised: list[str] = []
    heads: list[_HeadRow] = []
    n_long = 0
    after_row = False
    for line in lines:
        cells = _cells(line)
        numbers = [cell for cell in cells if cell.is_number and not cell.is_year]
        years = [cell for cell in cells if cell.has_year and len(cell.text) < 40]
        if numbers and not (len(years) >= 2 and len(years) >= len(numbers)):
            n_long, after_row = 0, True
            serialised.append(_row(cells, numbers, heads))
            continue
        if _is_head(cells, numbers, years, width):
            if heads and (after_row or line.y1 - heads[-1].y > 3.2 * line.height):
                heads = []
            heads.append(_HeadRow(line.y1, line.height, tuple(cells)))
        elif heads and len(line.text) > 90:
            n_long += 1
            if n_long > 2:
                heads, n_long = [], 0
        after_row = False
        serialised.append(" ".join(cell.text for cell in cells))
    return serialised


def _is_head(cells: Sequence[_Cell], numbers: Sequence[_Cell], years: Sequence[_Cell], width: float) -> bool:
    if len(years) >= 2 or (len(cells) >= 2 and not numbers):
        return True
    if len(cells) != 1 or len(cells[0].text) >= 26:  # one cell of a stacked heading
        return False
    return cells[0].x0 > width / 3 and bool(years or _PERIOD.match(cells[0].text))


def _row(cells: Sequence[_Cell], numbers: Sequence[_Cell], heads: Sequence[_HeadRow]) -> str:
    label = " ".join(cell.text for cell in cells if cell not in numbers and cell.x1 <= numbers[0].x0 + 2)
    label = without_leaders(label).strip()
    headings = _headings(heads, numbers)
    values = [f"{head}: {cell.text}" if head else cell.text for head, cell in zip(headings, numbers, strict=True)]
    return " | ".join(([label] if label else []) + values)


def _cells(line: Line) -> list[_Cell]:
    """Return the cells of a line: its segments, numbers at a segment's end split off, signs glued to their numbers."""
    cells: list[_Cell] = []
    for segment in line.segments:
        words = segment.words
        cut = len(words)
        while cut and _is_trailing_number([word.text for word in words[max(0, cut - 2) : cut]]):
            cut -= 1
        if cut:
            cells.append(_Cell(" ".join(word.text for word in words[:cut]), words[0].x0, words[cut - 1].x1))
        cells.extend(_Cell(word.text, word.x0, word.x1) for word in words[cut:])
    return _glued(cells)


def _is_trailing_number(texts: Sequence[str]) -> bool:
    last = texts[-1]
    if len(texts) > 1 and _PERIOD.match(texts[-2]):  # "December 31" stays whole
        return False
    return last in {")", "%", ")%"} or (_NUMERIC.match(last) is not None and not last.endswith(","))


def _glued(cells: Sequence[_Cell]) -> list[_Cell]:
    glued: list[_Cell] = []
    for cell in cells:
        if glued and (_CLOSING.fullmatch(cell.text) or _OPENING.fullmatch(glued[-1].text)):
            last = glued[-1]
            glued[-1] = _Cell(last.text + cell.text, last.x0, cell.x1)
        else:
            glued.append(cell)
    return [cell for cell in glued if cell.text != "$"]


def _headings(heads: Sequence[_HeadRow], numbers: Sequence[_Cell]) -> list[str]:
    """Return the heading of each number, "" where there is none.

    The heading row with most years rules. As many headings as numbers match in order, else the nearest by right edge
    or middle within 0.6 of the columns' distance. Further heading rows add what stands over or under the number.
    """
    if not heads:
        return [""] * len(numbers)
    rows = _by_height(heads)
    ruling = max(range(len(rows)), key=lambda i: (sum(cell.has_year for cell in rows[i]), i))
    columns = _matched(rows[ruling], numbers)
    found = []
    for number, column in zip(numbers, columns, strict=True):
        parts = [column.text] if column else []
        for i, row in enumerate(rows):
            if i == ruling:
                continue
            over = next((c for c in row if min(c.x1, number.x1) > max(c.x0, number.x0) and not c.is_number), None)
            if over and len(over.text) < 40:
                parts.insert(0 if i < ruling else len(parts), over.text)
        found.append(" ".join(parts))
    return found


def _by_height(heads: Sequence[_HeadRow]) -> list[list[_Cell]]:
    """Put cells at one height together, top first; of a row with years keep the years only."""
    groups: list[tuple[float, list[_Cell]]] = []
    for head in sorted(heads, key=lambda head: head.y):
        if groups and abs(groups[-1][0] - head.y) < 0.4 * head.height:
            groups[-1][1].extend(head.cells)
        else:
            groups.append((head.y, list(head.cells)))
    rows = []
    for _, cells in groups:
        in_order = sorted(cells, key=lambda cell: cell.x0)
        rows.append([cell for cell in in_order if cell.has_year] or in_order)
    return rows


def _matched(heads: Sequence[_Cell], numbers: Sequence[_Cell]) -> list[_Cell | None]:
    if len(heads) == len(numbers):
        return list(heads)
    pitch = min((abs(b.x1 - a.x1) for a, b in pairwise(heads)), default=80.0)

    def distance(head: _Cell, number: _Cell) -> float:
        return min(abs(head.x1 - number.x1), abs(head.x0 + head.x1 - number.x0 - number.x1) / 2)

    nearest = [(min(heads, key=lambda head: distance(head, number)), number) for number in numbers]
    return [head if distance(head, number) < 0.6 * pitch else None for head, number in nearest]
