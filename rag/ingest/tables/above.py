"""What stands above the rows of a table: the cells over its columns, what it is called, its unit.

Not all of it comes before the rows in reading order: headings are drawn column by column, or after all rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag.ingest.layout.kinds import NUMBERED, BlockKind
from rag.ingest.layout.lines import Line
from rag.ingest.tables.cells import RowCell, cells_of, finer, holds_year, names_period
from rag.ingest.tables.columns import Column, pitch_of
from rag.ingest.tables.rows import Read

TITLE_LENGTH = 160  # characters of a block above a table that may be its title
_HEADING_LENGTH = 60  # characters of a line above a table that may be the heading of columns
_UNIT = re.compile(
    r"\(in\s+\w+|\(?(?:[\w\s,.$€£]*\bin\s+(?:\w+\s+)?(?:millions?|thousands?|billions?|hundreds|dollars|euros)\b|(?:millions|thousands"
    r"|billions|unaudited|dollars)\b|[$€£]\s*(?:millions?|thousands?|billions?|m|bn|000s?)\b)",
    re.I,
)
LONG = 90  # characters of a line of prose
_HEADING_STEP = 3.2  # line heights between the lines of a heading
ROWS_OF_TABLE = 3  # with numbers, for lines that are drawn after them to be their heading


@dataclass(frozen=True, slots=True)
class Above:
    """A line above a table that is no row."""

    line: Line
    kind: BlockKind
    block: int


@dataclass(slots=True, eq=False)
class Draft:
    """A table that still grows: what stands above it, the lines of its heading, the lines of its rows."""

    above: list[Above]
    reads: list[Read] = field(default_factory=list)
    goes_on: bool = False  # stands closely under the rows before
    has_body: bool = False
    n_prose: int = 0  # long lines of prose since the table before


def take_strays(
    drafts: Sequence[Draft], lines: Sequence[Line], blocks: Mapping[int, tuple[BlockKind, int]]
) -> set[int]:
    """Give tables what stands over their columns but is drawn after their rows; return the drafts that are no more."""
    order = {id(line): i for i, line in enumerate(lines)}
    gone: set[int] = set()
    for n, draft in enumerate(drafts):
        body = [read for read in draft.reads if read.is_body]
        if len(body) < ROWS_OF_TABLE or not body[0].values:
            continue
        first, last = body[0].line, order[id(draft.reads[-1].line)]
        left, right = min(cell.x0 for cell in body[0].values), max(read.line.x1 for read in body)
        height = first.height
        for other in drafts[n + 1 :]:
            stray = [*other.above, *(Above(read.line, "row", blocks[id(read.line)][1]) for read in other.reads)]
            over = [
                entry
                for entry in stray
                if entry.kind in {"heading", "row", "text", "small"}
                and order[id(entry.line)] > last
                and 0.4 * height < first.y1 - entry.line.y1 < 3 * _HEADING_STEP * height
                and left - 2 * height < entry.line.x0
                and entry.line.x1 < right + 2 * height
                and len(entry.line.text) <= _HEADING_LENGTH
            ]
            if other.has_body or len([e for e in over if e.kind == "row"]) < len(other.reads):
                continue
            draft.above = [*draft.above, *over]
            gone.add(id(other))
    return gone


def heading_of(
    draft: Draft, n_leading: int, columns: Sequence[Column], lengths: Mapping[int, int]
) -> tuple[list[RowCell], set[int], int]:
    """Return the cells of a table's heading that stand over its columns.

    What stands over the columns counts wherever it comes in reading order: stacked headings are often drawn column by
    column. Also returned: the lines above the table, by identity, that are part of it, and the number of the table's
    own lines before its first row that belong to it.
    """
    if not columns:
        return [], set(), 0
    height, first = draft.reads[0].line.height, draft.reads[n_leading].line
    around: list[tuple[Line, BlockKind, int, tuple[RowCell, ...]]] = [
        (entry.line, "caption" if _ends_heading(entry, lengths) else entry.kind, 0, ()) for entry in draft.above
    ]
    around += [(read.line, "row", i + 1, read.cells) for i, read in enumerate(draft.reads[:n_leading])]
    upwards = sorted((entry for entry in around if entry[0].y1 < first.y1 - 0.4 * height), key=lambda e: -e[0].y1)
    found: list[RowCell] = []
    used: set[int] = set()
    n_heads, top = 0, first.y1
    for line, kind, n, cells in upwards:
        if top - line.y1 > _HEADING_STEP * max(height, line.height) or (
            len(line.text) > LONG and len(line.segments) < 3
        ):
            break
        if kind == "caption":
            if line.x1 > columns[0].x0 and line.x0 < columns[-1].x1:
                break
            continue
        top = min(top, line.y1)
        over = [cell for cell in _over(cells or cells_of((line,)), kind, columns, height) if _can_head(cell, n > 0)]
        if not over:
            continue
        found.extend(over)
        n_heads = max(n_heads, n)
        if not n:
            used.add(id(line))
    return found, used, n_heads


def _ends_heading(above: Above, lengths: Mapping[int, int]) -> bool:
    """Tell whether no heading of columns stands higher: a caption, a numbered heading, a paragraph."""
    if above.kind == "heading":
        return NUMBERED.match(above.line.text) is not None and not names_period(above.line.text)
    return above.kind == "caption" or (above.kind == "text" and lengths[above.block] > TITLE_LENGTH)


def _over(cells: Sequence[RowCell], kind: BlockKind, columns: Sequence[Column], height: float) -> list[RowCell]:
    """Return the cells of a line that stand over the columns, not over the labels."""
    edge = columns[0].x0 - 2 * height
    cells = [part for cell in cells for part in finer(cell, height)]
    if len(cells) == 1:
        (cell,) = cells
        is_narrow = cell.x1 - cell.x0 < 1.5 * pitch_of(columns) or names_period(cell.text)
        reaches = cell.x0 >= edge or (kind != "heading" and _share_right_of(edge, cell) >= 0.5 and is_narrow)
        is_heading = reaches and len(cell.text) <= _HEADING_LENGTH and cell.x0 < columns[-1].x1 + 2 * height
        return cells if is_heading and not _UNIT.match(cell.text) else []
    cells = [cell for cell in cells if not _UNIT.match(cell.text)]
    if len(cells) == len(columns) and cells[0].x1 > edge:
        return cells
    return [c for i, c in enumerate(cells) if i or (_share_right_of(edge, c) >= 0.5 and c.x1 > columns[0].x0 - height)]


def _can_head(cell: RowCell, is_row: bool) -> bool:
    """Tell whether a cell can be the heading of a column: a year, words, or in a row of the table a small count."""
    return not cell.is_number or cell.has_year or (is_row and cell.text.isdigit() and len(cell.text) < 3)


def _share_right_of(edge: float, cell: RowCell) -> float:
    return min(1.0, (cell.x1 - edge) / max(1.0, cell.x1 - cell.x0))


def title_of(draft: Draft, used: set[int], n_heads: int, lengths: Mapping[int, int]) -> str:
    """Return the lines above a table that say what it is, and the line that names its unit."""
    parts: list[str] = []
    below = draft.reads[0].line
    blocks: list[int] = []
    for entry in reversed(draft.above):
        line = entry.line
        if id(line) in used:
            below = min(below, line, key=lambda line: line.y1)
            continue
        step = below.y1 - line.y1
        is_title = entry.kind in {"heading", "caption"} or lengths[entry.block] <= TITLE_LENGTH
        if not is_title or not -3 * line.height < step < 5 * max(line.height, below.height):
            break
        below = line
        if entry.block not in blocks:
            blocks.append(entry.block)
        if len(blocks) > 4:
            break
        parts.insert(0, line.text.replace("  ", " "))
    for read in draft.reads[:n_heads]:
        stub = read.cells[0]
        if (
            (len(read.cells) == 1 or _UNIT.match(stub.text) or stub.text[0] == "(")
            and not holds_year(stub.text)
            and stub is read.stub
        ):
            parts.append(stub.text)
    return " ".join(dict.fromkeys(parts))
