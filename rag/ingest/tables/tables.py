"""The rows of tables as they are read and searched: label, then every number under the heading of its column.

    Purchases of property, plant and equipment | 2018: (1,577) | 2017: (1,373) | 2016: (1,420)

From the boxes of words alone. The lines of a page come with what they are; a table is what stands under one heading.
Headings, title and unit go on with a table that goes on, further down or on the next page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rag.ingest.layout.kinds import NUMBERED, BlockKind
from rag.ingest.layout.lines import Line
from rag.ingest.tables.cells import RowCell, cells_of, finer, holds_year, names_period
from rag.ingest.tables.columns import Column, agreeing, columns_of, pitch_of
from rag.ingest.tables.heads import with_headings
from rag.ingest.tables.rows import Read, TableRow, rows_of_table

_TITLE_LENGTH = 160  # characters of a block above a table that may be its title
_HEADING_LENGTH = 60  # characters of a line above a table that may be the heading of columns
_UNIT = re.compile(
    r"\(in\s+\w+|\(?(?:[\w\s,.$€£]*\bin\s+(?:\w+\s+)?(?:millions?|thousands?|billions?|hundreds|dollars|euros)\b|(?:millions|thousands"
    r"|billions|unaudited|dollars)\b|[$€£]\s*(?:millions?|thousands?|billions?|m|bn|000s?)\b)",
    re.I,
)
_LONG = 90  # characters of a line of prose
_HEADING_STEP = 3.2  # line heights between the lines of a heading
_MOST_ABOVE = 40  # lines before a table that are looked at: a stacked heading has one for each word
_ROWS_OF_TABLE = 3  # with numbers, for lines that are drawn after them to be their heading
_INTERRUPTION = 2  # long lines of prose after which a table no longer goes on


@dataclass(frozen=True, slots=True)
class _Above:
    """A line above a table that is no row."""

    line: Line
    kind: BlockKind
    block: int


@dataclass(slots=True, eq=False)
class _Draft:
    """A table that still grows: what stands above it, the lines of its heading, the lines of its rows."""

    above: list[_Above]
    reads: list[Read] = field(default_factory=list)
    goes_on: bool = False  # stands closely under the rows before
    has_body: bool = False
    n_prose: int = 0  # long lines of prose since the table before


@dataclass(frozen=True, slots=True)
class _Headed:
    """What a table leaves to the one that goes on with it."""

    columns: tuple[Column, ...] = ()
    title: str = ""


class TableReader:
    """Reads the tables of page after page."""

    def __init__(self) -> None:
        self._earlier = _Headed()
        self._n_prose = 0

    def read(self, lines: Sequence[Line], blocks: Mapping[int, tuple[BlockKind, int]]) -> dict[int, TableRow]:
        """Return the rows of a page by the identity of each of their lines.

        `lines` stand in reading order; `blocks` tells of each, by identity, the kind and the number of its block.
        """
        lengths: dict[int, int] = {}
        for line in lines:
            number = blocks[id(line)][1]
            lengths[number] = lengths.get(number, 0) + len(line.text) + 1
        found: dict[int, TableRow] = {}
        drafts = self._drafts(lines, blocks, lengths)
        heads = _take_strays(drafts, lines, blocks)
        for draft in drafts:
            if draft.reads and id(draft) not in heads:
                for row in self._resolve(draft, lengths):
                    found.update((id(line), row) for line in row.lines)
            else:  # said again in every row of the table that it is the heading of
                for read in draft.reads:
                    found.update((id(line), TableRow(read.lines, "")) for line in read.lines)
        return found

    def _drafts(
        self, lines: Sequence[Line], blocks: Mapping[int, tuple[BlockKind, int]], lengths: Mapping[int, int]
    ) -> list[_Draft]:
        drafts: list[_Draft] = []
        draft = _Draft([])
        above: list[_Above] = []
        for line in lines:
            kind, block = blocks[id(line)]
            if kind == "label":
                continue
            if kind != "row":
                above = [*above[-_MOST_ABOVE:], _Above(line, kind, block)]
                self._n_prose += lengths[block] > _TITLE_LENGTH and len(line.text) > _LONG
                continue
            if draft.reads and not above and draft.reads[-1].stands_beside(line, block):
                draft.reads[-1] = draft.reads[-1].with_line(line)
                draft.has_body = draft.has_body or draft.reads[-1].is_body
                continue
            read = Read.of((line,), block)
            if draft.reads and not draft.has_body and above and _is_near(draft.reads[-1].line, line):
                draft.above = [*draft.above, *above]  # the heading goes on
                above = []
            elif above or _begins_anew(draft, read):
                goes_on = bool(draft.reads) and _is_close([draft.reads[-1].line, *(a.line for a in above), line])
                draft = _Draft(above, goes_on=goes_on, n_prose=self._n_prose)
                drafts.append(draft)
                above, self._n_prose = [], 0
            elif not drafts:
                drafts.append(draft)
                draft.n_prose, self._n_prose = self._n_prose, 0
            draft.reads.append(read)
            draft.has_body = draft.has_body or read.is_body
        return drafts

    def _resolve(self, draft: _Draft, lengths: Mapping[int, int]) -> list[TableRow]:
        """Return the rows of a table under the headings of their columns."""
        if draft.n_prose > _INTERRUPTION:
            self._earlier = _Headed()
        height = draft.reads[0].line.height
        body = [read for read in draft.reads if read.is_body]
        columns = columns_of([read.values for read in body], height)
        n_leading = next((i for i, read in enumerate(draft.reads) if read.is_body), len(draft.reads))
        heads, used, n_heads = _heading(draft, n_leading, columns, lengths)
        columns = _with_text_columns(columns, body, heads)
        headed = with_headings(columns, heads, height) if columns else []
        title, section = _title(draft, used, n_heads, lengths), ""
        if not any(column.heading for column in headed):
            carried = agreeing(columns, self._earlier.columns, height)
            if carried is not None:
                headed = carried
                if draft.goes_on or not title:
                    title, section = self._earlier.title, title
        if headed:
            self._earlier = _Headed(tuple(headed), title)
        return rows_of_table(draft.reads, headed, n_heads, title, section)


def _is_close(lines: Sequence[Line]) -> bool:
    """Tell whether lines follow each other as the rows of one table do."""
    return all(0 < b.y1 - a.y1 < 2.6 * max(a.height, b.height) for a, b in pairwise(lines))


def _is_near(line: Line, following: Line) -> bool:
    return abs(following.y1 - line.y1) < 6 * line.height


def _begins_anew(draft: _Draft, read: Read) -> bool:
    """Tell whether a row is the first of another table: a heading after rows, or the top of another column."""
    if not draft.has_body:
        return False
    if read.line.y1 < draft.reads[-1].line.y1 - read.line.height:
        return True
    if read.is_body or len(read.cells) < 2:
        return False
    if sum(names_period(cell.text) for cell in read.cells) >= 2:
        return True
    columns = columns_of([other.values for other in draft.reads if other.is_body], read.line.height)
    over = sum(any(min(c.x1, cell.x1) > max(c.x0, cell.x0) for c in columns) for cell in read.cells)
    return over >= 2 and over >= len(columns) / 2


def _take_strays(
    drafts: Sequence[_Draft], lines: Sequence[Line], blocks: Mapping[int, tuple[BlockKind, int]]
) -> set[int]:
    """Give tables what stands over their columns but is drawn after their rows; return the drafts that are no more."""
    order = {id(line): i for i, line in enumerate(lines)}
    gone: set[int] = set()
    for n, draft in enumerate(drafts):
        body = [read for read in draft.reads if read.is_body]
        if len(body) < _ROWS_OF_TABLE or not body[0].values:
            continue
        first, last = draft.reads[0].line, order[id(draft.reads[-1].line)]
        left, right = min(cell.x0 for cell in body[0].values), max(read.line.x1 for read in body)
        height = first.height
        for other in drafts[n + 1 :]:
            stray = [*other.above, *(_Above(read.line, "row", blocks[id(read.line)][1]) for read in other.reads)]
            over = [
                entry
                for entry in stray
                if entry.kind in {"heading", "row", "text", "small"}
                and order[id(entry.line)] > last
                and 0 < first.y1 - entry.line.y1 < 2 * _HEADING_STEP * height
                and left - 2 * height < entry.line.x0
                and entry.line.x1 < right + 2 * height
                and len(entry.line.text) <= _HEADING_LENGTH
            ]
            if other.has_body or len([e for e in over if e.kind == "row"]) < len(other.reads):
                continue
            draft.above = [*draft.above, *over]
            gone.add(id(other))
    return gone


def _heading(
    draft: _Draft, n_leading: int, columns: Sequence[Column], lengths: Mapping[int, int]
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
            len(line.text) > _LONG and len(line.segments) < 3
        ):
            break
        if kind == "caption":
            if line.x1 > columns[0].x0 and line.x0 < columns[-1].x1:
                break
            continue
        top = min(top, line.y1)
        over = _over(cells or cells_of((line,)), kind, columns, height)
        if not over:
            continue
        found.extend(over)
        n_heads = max(n_heads, n)
        if not n:
            used.add(id(line))
    return found, used, n_heads


def _ends_heading(above: _Above, lengths: Mapping[int, int]) -> bool:
    """Tell whether no heading of columns stands higher: a caption, a numbered heading, a paragraph."""
    if above.kind == "heading":
        return NUMBERED.match(above.line.text) is not None and not holds_year(above.line.text)
    return above.kind == "caption" or (above.kind == "text" and lengths[above.block] > _TITLE_LENGTH)


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


def _share_right_of(edge: float, cell: RowCell) -> float:
    return min(1.0, (cell.x1 - edge) / max(1.0, cell.x1 - cell.x0))


def _with_text_columns(columns: Sequence[Column], body: Sequence[Read], heads: Sequence[RowCell]) -> list[Column]:
    """Return the columns with those of words that stand under a cell of the heading."""
    found: list[list[float]] = []
    texts = [cell for read in body for cell in read.cells[1:] if not cell.is_number]
    for cell in sorted(texts, key=lambda cell: cell.x0):
        if any(min(c.x1, cell.x1) > max(c.x0, cell.x0) for c in columns):
            continue
        if found and cell.x0 < found[-1][1]:
            found[-1][1] = max(found[-1][1], cell.x1)
        else:
            found.append([cell.x0, cell.x1])
    kept = [Column(x0, x1) for x0, x1 in found if any(min(x1, c.x1) > max(x0, c.x0) for c in heads)]
    return sorted([*columns, *kept], key=lambda column: column.x0) if kept else list(columns)


def _title(draft: _Draft, used: set[int], n_heads: int, lengths: Mapping[int, int]) -> str:
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
        is_title = entry.kind in {"heading", "caption"} or lengths[entry.block] <= _TITLE_LENGTH
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
