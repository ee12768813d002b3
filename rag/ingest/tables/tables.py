"""The rows of tables as they are read and searched: label, then every number under the heading of its column.

    Purchases of property, plant and equipment | 2018: (1,577) | 2017: (1,373) | 2016: (1,420)

From the boxes of words alone. The lines of a page come with what they are; a table is what stands under one heading.
Headings, title and unit go on with a table that goes on, further down or on the next page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.ingest.layout.kinds import BlockKind
from rag.ingest.layout.lines import Line
from rag.ingest.tables.above import LONG, ROWS_OF_TABLE, TITLE_LENGTH, Above, Draft, heading_of, take_strays, title_of
from rag.ingest.tables.cells import RowCell, names_period
from rag.ingest.tables.columns import Column, agreeing, columns_of, overlap
from rag.ingest.tables.heads import with_headings
from rag.ingest.tables.rows import Read, TableRow, rows_of_table, with_whole_labels

_MOST_ABOVE = 40  # lines before a table that are looked at: a stacked heading has one for each word
_INTERRUPTION = 2  # long lines of prose after which a table no longer goes on


@dataclass(frozen=True, slots=True)
class _Headed:
    """What a table leaves to the one that goes on with it."""

    columns: tuple[Column, ...] = ()
    title: str = ""
    page: int = 0


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
        heads = take_strays(drafts, lines, blocks)
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
    ) -> list[Draft]:
        drafts: list[Draft] = []
        draft = Draft([])
        above: list[Above] = []
        for line in lines:
            kind, block = blocks[id(line)]
            if kind == "label":
                continue
            if kind != "row":
                above = [*above[-_MOST_ABOVE:], Above(line, kind, block)]
                self._n_prose += lengths[block] > TITLE_LENGTH and len(line.text) > LONG
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
                draft = Draft(above, goes_on=goes_on, n_prose=self._n_prose)
                drafts.append(draft)
                above, self._n_prose = [], 0
            elif not drafts:
                drafts.append(draft)
                draft.n_prose, self._n_prose = self._n_prose, 0
            draft.reads.append(read)
            draft.has_body = draft.has_body or read.is_body
        return drafts

    def _resolve(self, draft: Draft, lengths: Mapping[int, int]) -> list[TableRow]:
        """Return the rows of a table under the headings of their columns."""
        if draft.n_prose > _INTERRUPTION:
            self._earlier = _Headed()
        height = draft.reads[0].line.height
        draft.reads = with_whole_labels(draft.reads)
        body = [read for read in draft.reads if read.is_body]
        if _is_head_with_numbers(body, height):
            body = body[1:]
        columns = columns_of([read.values for read in body], height)
        n_leading = draft.reads.index(body[0]) if body else len(draft.reads)
        heads, used, n_heads = heading_of(draft, n_leading, columns, lengths)
        columns = _with_text_columns(columns, body, heads)
        headed = with_headings(columns, heads, height) if columns else []
        title, section = title_of(draft, used, n_heads, lengths), ""
        if not any(column.heading for column in headed):
            carried = agreeing(columns, self._earlier.columns, height)
            if carried is not None and self._goes_on(draft, title):
                headed = carried
                if draft.goes_on or not title:
                    title, section = self._earlier.title, title
        if headed:
            self._earlier = _Headed(tuple(headed), title, draft.reads[0].line.page)
        return rows_of_table(draft.reads, headed, n_heads, title, section)

    def _goes_on(self, draft: Draft, title: str) -> bool:
        """Tell whether a table without headings is the earlier one that goes on.

        On its page what stands over it is the name of a part ("Liabilities"); on another it is a table of its own.
        """
        earlier = self._earlier
        is_named_alike = not title or (bool(earlier.title) and title.startswith(earlier.title))
        return draft.goes_on or is_named_alike or draft.reads[0].line.page == earlier.page


def _is_head_with_numbers(body: Sequence[Read], height: float) -> bool:
    """Tell whether the first row with numbers has words over columns that hold nothing else: "1", "2", "All"."""
    if len(body) <= ROWS_OF_TABLE or body[0].stub is not None:
        return False
    columns = columns_of([read.values for read in body[1:]], height)
    words = [cell for cell in body[0].cells if not cell.is_number]
    over = {i for cell in words for i, column in enumerate(columns) if overlap(column, cell)}
    return bool(words) and len(over) > 1 and all(cell.x0 > columns[0].x0 - 2 * height for cell in body[0].cells)


def _is_close(lines: Sequence[Line]) -> bool:
    """Tell whether lines follow each other as the rows of one table do."""
    return all(0 < b.y1 - a.y1 < 2.6 * max(a.height, b.height) for a, b in pairwise(lines))


def _is_near(line: Line, following: Line) -> bool:
    return abs(following.y1 - line.y1) < 6 * line.height


def _begins_anew(draft: Draft, read: Read) -> bool:
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
