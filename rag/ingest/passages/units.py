"""The pieces of a document that are never split: sentences of a paragraph, a heading, rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from rag.ingest.layout.kinds import BlockKind
from rag.ingest.passages.setting import PlacedBlock, Row
from rag.spans import passage_slice
from rag.text import sentence_spans
from rag.types import Cell, PageSpan, Passage, join_slices

TARGET = 700  # characters of a passage
MOST = 900
_HARD_LIMIT = 1800  # of what looks like one sentence but is none


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """The smallest piece that is never split: sentences of a paragraph, a heading, a row."""

    kind: BlockKind
    spans: tuple[PageSpan, ...]
    n_chars: int
    ends_block: bool
    heading: str = ""
    serialised: str = ""
    title: str = ""  # of the table, of rows
    section: str = ""  # the label over the first of its rows
    cells: tuple[Cell, ...] = ()

    @property
    def weight(self) -> int:
        """Return its length, in characters: as it is searched, where that is longer."""
        return max(self.n_chars, len(self.serialised))


def units_of(block: PlacedBlock, texts: Mapping[int, str]) -> Iterator[Unit]:
    """Yield the pieces of a block in order; `texts` gives the text of every page."""
    if block.kind == "row":
        yield from _row_groups(block)
        return
    spans = tuple(block.spans)
    text, _ = join_slices([texts[span.page][span.start : span.end] for span in spans])
    if len(text) <= MOST or block.kind == "heading":
        heading = block.text if block.kind == "heading" else ""
        yield Unit(block.kind, spans, len(text), True, heading, text)
        return
    whole = Passage(0, text, "", spans)
    pieces = _balanced(text)
    for start, end in pieces:
        cut = passage_slice(whole, texts, start, end)
        yield Unit(block.kind, cut, end - start, end == pieces[-1][1], serialised=text[start:end])


def _row_groups(block: PlacedBlock) -> Iterator[Unit]:
    """Cut a block of rows between tables, and long tables between rows into groups of about one size."""
    tables = [list(rows) for _, rows in groupby(block.rows, key=lambda row: row.title)]
    for i, rows in enumerate(tables):
        groups = _balanced_rows(rows)
        for j, group in enumerate(groups):
            yield _row_group(group, ends_block=i + 1 == len(tables) and j + 1 == len(groups))


def _balanced_rows(rows: Sequence[Row]) -> list[list[Row]]:
    weights = [max(row.span.end - row.span.start, len(row.serialised)) + 1 for row in rows]
    goal = sum(weights) / max(1, round(sum(weights) / TARGET))
    groups: list[list[Row]] = [[]]
    weight = done = 0
    for row, next_weight in zip(rows, weights, strict=True):
        if groups[-1] and done + weight + next_weight / 2 > goal * (done // goal + 1):
            groups.append([])
            weight, done = 0, done + weight
        groups[-1].append(row)
        weight += next_weight
    return groups


def _row_group(rows: Sequence[Row], *, ends_block: bool) -> Unit:
    first, span = rows[0], PageSpan(rows[0].span.page, rows[0].span.start, rows[-1].span.end)
    serialised = "\n".join(filter(None, (row.serialised for row in rows)))
    cells = tuple(cell for row in rows for cell in row.cells)
    length = span.end - span.start
    return Unit(
        "row", (span,), length, ends_block, serialised=serialised, title=first.title, section=first.section, cells=cells
    )


def _balanced(text: str) -> list[tuple[int, int]]:
    """Cut a long paragraph between sentences into pieces of about one size."""
    sentences = [piece for span in sentence_spans(text) for piece in _bearable(text, *span)]
    n_pieces = max(2, round(len(text) / TARGET))
    pieces: list[tuple[int, int]] = []
    for start, end in sentences:
        goal = (len(pieces) or 1) * len(text) / n_pieces  # where the current piece should end
        if pieces and (start + end) / 2 < goal and end - pieces[-1][0] <= MOST:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    return pieces


def _bearable(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut what is too long to be one sentence (lists without stops, broken text) at white space."""
    while end - start > _HARD_LIMIT:
        cut = text.rfind(" ", start + 1, start + MOST)
        cut = cut if cut > start else start + MOST
        yield start, cut
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        yield start, end
