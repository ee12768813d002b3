"""The lines of a table to its rows: labels over several lines, sections, wrapped cells; and how a row is searched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from rag.ingest.characters.words import Word
from rag.ingest.layout.lines import Line
from rag.ingest.tables.cells import RowCell, cells_of, holds_year, names_period
from rag.ingest.tables.columns import Column, column_at
from rag.text import without_leaders

_OPEN_END = re.compile(r"(?:\b(?:and|or|of|the|for|to|in|by|from|with|on|at|net|a|an|per|than)|[,(—–-])$", re.I)
_LONG_SECTION = 50  # characters; a longer one is not said again in its rows
_CELLS_BESIDE = 3  # of a row at least: label, a number that may be its end, one that is none
_SHORT_LABEL = 3  # words; a label of so many says little without its section


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A line of a table, cell by cell."""

    lines: tuple[Line, ...]  # more than one where its cells are drawn out of order
    block: int
    cells: tuple[RowCell, ...]
    is_body: bool  # holds numbers that are no heading

    @classmethod
    def of(cls, lines: tuple[Line, ...], block: int) -> Read:
        """Read a line, or lines that stand side by side."""
        cells = tuple(cells_of(lines))
        n_numbers = sum(cell.is_number and not cell.is_year for cell in cells)
        n_years = sum(cell.has_year and len(cell.text) < 40 for cell in cells)
        is_body = n_numbers > 0 and not (n_years >= 2 and n_years >= n_numbers)
        return cls(lines, block, cells, is_body)

    @property
    def line(self) -> Line:
        """Return its first line."""
        return self.lines[0]

    def stands_beside(self, line: Line, block: int) -> bool:
        """Tell whether a line of the same block stands at the same height, between or beside the cells."""
        return (
            block == self.block
            and abs(line.y1 - self.line.y1) < 0.3 * line.height
            and not any(
                min(segment.x1, other.x1) > max(segment.x0, other.x0) + 1
                for segment in line.segments
                for own in self.lines
                for other in own.segments
            )
        )

    def with_line(self, line: Line) -> Read:
        """Return the row with a line that stands beside it."""
        return Read.of((*self.lines, line), self.block)

    @property
    def stub(self) -> RowCell | None:
        """Return the cell that its label begins with; None where it begins with a number."""
        first = self.cells[0]
        return first if not first.is_number or first.is_year else None

    @property
    def values(self) -> tuple[RowCell, ...]:
        """Return its cells without the label."""
        return self.cells[1:] if self.stub else self.cells


def with_whole_labels(reads: Sequence[Read]) -> list[Read]:
    """Return the lines with numbers that end a label put to it: "GPT (0.1)" where other labels reach further."""
    ends = sorted((read.stub.x1 for read in reads if read.is_body and read.stub and len(read.cells) > 1), reverse=True)
    if len(ends) < 3:
        return list(reads)
    return [_with_whole_label(read, ends[0]) for read in reads]


def _with_whole_label(read: Read, end: float) -> Read:
    stub = read.stub
    if stub is None or not read.is_body or len(read.cells) < _CELLS_BESIDE:
        return read
    first = read.cells[1]
    if not first.is_number or first.x1 > end + 1 or first.x0 - stub.x1 > read.line.height:
        return read
    printed = (*stub.printed, *first.printed)
    label = replace(
        stub, text=f"{stub.text} {first.text}", words=(*stub.words, *first.words), printed=printed, x1=first.x1
    )
    return replace(read, cells=(label, *read.cells[2:]))


@dataclass(frozen=True, slots=True, eq=False)
class TableRow:
    """A row of a table: its lines, the text it is searched by, its numbers with the headings of their columns."""

    lines: tuple[Line, ...]
    serialised: str
    numbers: tuple[tuple[RowCell, str], ...] = ()
    words: tuple[tuple[Word, ...], ...] = ()  # cell by cell, of a row over several lines; empty: line by line
    title: str = ""  # of the table
    section: str = ""  # the label that stands over it


@dataclass(slots=True)
class _Section:
    label: str
    x0: float
    has_indented: bool = False


def rows_of_table(
    reads: Sequence[Read], columns: Sequence[Column], n_heads: int, title: str, section: str = ""
) -> list[TableRow]:
    """Return the rows of a table; its first `n_heads` lines are its heading, `section` the label over its rows."""
    has_headings = any(column.heading for column in columns)
    rows = [
        TableRow(
            read.lines,
            "" if has_headings else " ".join(cell.text for cell in read.cells),
            words=tuple(cell.printed for cell in read.cells) if len(read.lines) > 1 else (),
            title=title,
        )
        for read in reads[:n_heads]
    ]
    body = reads[n_heads:]
    sections = [_Section(section, float("-inf"))] if section else []
    for group in _groups(body, columns):
        rows.append(_row(group, columns, sections, title))
    return rows


def _groups(reads: Sequence[Read], columns: Sequence[Column]) -> list[list[Read]]:
    """Put lines together that are one row: labels and cells that are wrapped."""
    step = _row_step(reads)
    groups: list[list[Read]] = []
    for read in reads:
        if groups and _goes_on(groups[-1], read, columns, step):
            groups[-1].append(read)
        else:
            groups.append([read])
    return groups


def _row_step(reads: Sequence[Read]) -> float:
    """Return the distance of neighbouring rows that both hold numbers; 0 where there are too few."""
    steps = [b.line.y1 - a.line.y1 for a, b in pairwise(reads) if a.is_body and b.is_body]
    return median(steps) if len(steps) >= 2 else 0.0


def _goes_on(group: Sequence[Read], read: Read, columns: Sequence[Column], row_step: float) -> bool:
    """Tell whether a line is part of the row that the lines before it began."""
    last = group[-1]
    step = read.line.y1 - last.line.y1
    if last.block != read.block or not 0 < step < 1.6 * read.line.height or len(group) > 5:
        return False
    if read.is_body and any(other.is_body for other in group):
        return False
    is_tight = row_step > 0 and step < 0.85 * row_step
    stub, before = read.stub, last.stub
    left = columns[0].x0 if columns else read.line.x1
    if not read.is_body and len(columns) > 1 and read.line.x0 > left - 1 and len(read.cells) < len(columns):
        return any(other.is_body for other in group) and len(group[0].cells) > 1  # wrapped cells alone
    if (
        stub is None
        or before is None
        or (len(last.cells) > 1 and not last.is_body and len(read.cells) > 1 and not is_tight)
    ):
        return False
    if (names_period(before.text) and holds_year(before.text)) or last.line.bold != read.line.bold:
        return False
    if before.text.endswith(":") and not is_tight:
        return False
    reads_on = stub.text[0].islower() or stub.text[0] == "(" or _OPEN_END.search(before.text) is not None
    if last.is_body:  # the label goes on under its numbers
        return (stub.text[0].islower() or is_tight) and len(read.cells) == 1 and read.line.x0 < left
    return (reads_on or is_tight) and before.text.count("(") >= before.text.count(")")


def _row(group: Sequence[Read], columns: Sequence[Column], sections: list[_Section], title: str) -> TableRow:
    """Return the row of some lines; `sections` are those open, and are brought up to date."""
    labels: list[RowCell] = []
    by_column: dict[int, list[RowCell]] = {}
    loose: list[RowCell] = []
    for read in group:
        for i, cell in enumerate(read.cells):
            at = None if i == 0 and cell is read.stub and _is_label(cell, columns) else column_at(columns, cell)
            if at is not None:
                by_column.setdefault(at, []).append(cell)
            elif (cell.is_number and not cell.is_year) or (by_column and i):
                loose.append(cell)
            else:
                labels.append(cell)
    label = without_leaders(" ".join(cell.text for cell in labels)).strip()
    values = [cell for cells in by_column.values() for cell in cells] + loose
    lines = tuple(line for read in group for line in read.lines)
    if not values:
        return _section_row(lines, label, labels, sections, title)
    section = _section_of(group[0].line.x0, label, sections)
    period = next((s.label for s in reversed(sections) if holds_year(s.label)), "")
    parts = [_in_section(section, label)] if label else []
    numbers: list[tuple[RowCell, str]] = []
    for at, cells in sorted(by_column.items()):
        heading = columns[at].heading
        if period and not holds_year(heading):
            heading = f"{heading} {period}".strip()
        text = " ".join(cell.text for cell in cells)
        parts.append(f"{heading}: {text}" if heading else text)
        numbers.extend((cell, heading) for cell in cells if cell.is_number)
    parts.extend(cell.text for cell in loose)
    numbers.extend((cell, period) for cell in loose if cell.is_number)
    numbers.sort(key=lambda number: (number[0].x0, number[0].words[0].y0))
    words: tuple[tuple[Word, ...], ...] = ()
    if len(lines) > 1:
        ordered = [labels, *(cells for _, cells in sorted(by_column.items())), *([cell] for cell in loose)]
        words = tuple(tuple(word for cell in cells for word in cell.printed) for cells in ordered if cells)
    return TableRow(lines, " | ".join(parts), tuple(numbers), words, title, section)


def _is_label(cell: RowCell, columns: Sequence[Column]) -> bool:
    return not columns or cell.x0 < columns[0].x0 or not cell.is_number


def _section_row(
    lines: tuple[Line, ...], label: str, cells: Sequence[RowCell], sections: list[_Section], title: str
) -> TableRow:
    """Return a row without numbers, which is the label of those under it."""
    x0 = lines[0].x0
    while sections and sections[-1].x0 >= x0 - 0.25 * lines[0].height:
        sections.pop()
    sections.append(_Section(label, x0))
    words = (tuple(word for cell in cells for word in cell.printed),) if len(lines) > 1 else ()
    outer = sections[-2].label if len(sections) > 1 else ""
    return TableRow(lines, label, (), words, title, outer)


def _section_of(x0: float, label: str, sections: list[_Section]) -> str:
    """Return the label over a row that begins at `x0`, and close the sections that it ends."""
    while sections:
        last = sections[-1]
        if x0 > last.x0 + 2:
            last.has_indented = True
            break
        if x0 < last.x0 - 2 or (last.has_indented and last.x0 > 0):
            sections.pop()
            continue
        break
    return sections[-1].label if sections else ""


def _in_section(section: str, label: str) -> str:
    """Return a label with the one over it, if it says little alone."""
    if (
        not section
        or len(section) > _LONG_SECTION
        or len(label.split()) > _SHORT_LABEL
        or label.lower().startswith("total")
    ):
        return label
    return f"{section.rstrip(':')} > {label}"
