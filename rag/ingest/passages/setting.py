"""Blocks to the text of their pages: every word keeps its place in the text and its box on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from rag.ingest.characters.scripts import line_gap
from rag.ingest.characters.views import View
from rag.ingest.characters.words import Word
from rag.ingest.layout.hyphens import Hyphens
from rag.ingest.layout.kinds import BlockKind
from rag.ingest.layout.layout import PageLines
from rag.ingest.layout.lines import Line
from rag.ingest.layout.paragraphs import Block
from rag.ingest.tables.rows import TableRow
from rag.ingest.tables.tables import TableReader
from rag.types import Box, Cell, Page, PageSource, PageSpan, Words

SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: where it stands, the text it is searched by, its numbers; title and section it belongs to."""

    span: PageSpan
    serialised: str
    cells: tuple[Cell, ...] = ()
    title: str = ""
    section: str = ""


@dataclass(slots=True, eq=False)
class PlacedBlock:
    """A block whose characters have their place: one span for each page that it stands on, without the line's end."""

    kind: BlockKind
    size: float
    bold: bool
    text: str = ""  # of headings only
    spans: list[PageSpan] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    figure: Box | None = None  # of captions: what they belong to


class _Sheet:
    """The text of one page while it is written. Each block ends in a newline."""

    def __init__(self, page: PageLines, hyphens: Hyphens) -> None:
        self._page = page
        self._hyphens = hyphens
        self._pieces: list[str] = []
        self._at = 0
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._boxes: list[tuple[float, ...]] = []
        self._lines: list[int] = []
        self._line = 0
        self._placed: dict[int, PageSpan] = {}  # words of rows, by identity
        self._aside: list[tuple[int, int, View]] = []  # first and last + 1 of the words that lie otherwise

    def write(self, lines: Sequence[Line]) -> PageSpan:
        """Append the lines of a block of prose and return where it stands."""
        start = self._at
        last: Word | None = None
        for line in lines:
            n_before = len(self._boxes)
            for n_segment, segment in enumerate(line.segments):
                for n_word, word in enumerate(segment.words):
                    if n_word:
                        gap = "" if word.glued else " "
                    elif n_segment:
                        gap = "  " if last is None else line_gap(last.text, word.text)
                    else:
                        gap = self._line_gap(last, word)
                    self._append(gap, word)
                    last = word
            self._line += 1
            self._lie(line, n_before)
        span = PageSpan(self._page.number, start, self._at)
        self._pieces.append("\n")
        self._at += 1
        return span

    def write_rows(self, rows: Sequence[TableRow]) -> list[Row]:
        """Append the rows of one block, each on a line of its own, and return where they and their cells stand."""
        found = []
        for n, row in enumerate(rows):
            start = self._at + (n > 0)
            line_of = {id(word): i for i, line in enumerate(row.lines) for word in line.words}
            cells = row.words or [segment.words for segment in row.lines[0].segments]
            n_before = len(self._boxes)
            for n_cell, words in enumerate(cells):
                for n_word, word in enumerate(words):
                    gap = "  " if n_cell else "\n" if n else ""
                    if n_word:
                        before = words[n_word - 1]
                        wraps = line_of[id(before)] != line_of[id(word)]
                        gap = self._line_gap(before, word) if wraps else "" if word.glued else " "
                    self._append(gap, word, line_of[id(word)])
                    self._placed[id(word)] = PageSpan(self._page.number, self._starts[-1], self._at)
            self._line += len(row.lines)
            self._lie(row.lines[0], n_before)
            numbers = [Cell(self._around(cell.words), heading) for cell, heading in row.numbers]
            numbers.sort(key=lambda cell: cell.span.start)
            span = PageSpan(self._page.number, start, self._at)
            found.append(Row(span, row.serialised, tuple(numbers), row.title, row.section))
        self._pieces.append("\n")
        self._at += 1
        return found

    def _lie(self, line: Line, n_before: int) -> None:
        """Remember how the words of a line lie, those from `n_before` on."""
        if line.view is not None:
            self._aside.append((n_before, len(self._boxes), line.view))

    def _around(self, words: Sequence[Word]) -> PageSpan:
        """Return the characters from the first of some written words to the last."""
        return PageSpan(self._page.number, self._placed[id(words[0])].start, self._placed[id(words[-1])].end)

    def _line_gap(self, last: Word | None, word: Word) -> str:
        """Return what stands between two lines; a hyphen that was only the typesetter's is taken back."""
        if last is None:
            return ""
        if last.text[-1] != "-" or last.text == "-" or word.text in {"and", "or", "to"}:  # "short- and long-term"
            return line_gap(last.text, word.text)
        if self._hyphens.joins(last.text, word.text):
            self._pieces[-1] = self._pieces[-1][:-1]
            self._ends[-1] -= 1
            self._at -= 1
        return ""

    def _append(self, gap: str, word: Word, line: int = 0) -> None:
        self._pieces.append(gap + word.text)
        self._starts.append(self._at + len(gap))
        self._at += len(gap) + len(word.text)
        self._ends.append(self._at)
        self._boxes.append(word[1:5])
        self._lines.append(self._line + line)

    def page(self, source: PageSource, reason: str | None) -> Page:
        """Return the page as written."""
        width, height = self._page.width or 1.0, self._page.height or 1.0
        lying = np.array(self._boxes, np.float32).reshape(-1, 4)
        boxes = self._page.view.back(lying, width, height)
        for first, end, view in self._aside:
            boxes[first:end] = view.back(lying[first:end], width, height)
        boxes /= np.array([width, height, width, height], np.float32)
        words = Words(
            np.array(self._starts, np.int32),
            np.array(self._ends, np.int32),
            np.clip(boxes, 0, 1),
            np.array(self._lines, np.int32),
        )
        return Page(
            self._page.number, None, "".join(self._pieces), self._page.width, self._page.height, words, source, reason
        )


class Typesetter:
    """Writes the blocks of page after page; a paragraph that goes on is tied to its part on the page before."""

    def __init__(self, hyphens: Hyphens) -> None:
        self._hyphens = hyphens
        self._tables = TableReader()
        self._pages: dict[int, Page] = {}
        self._blocks: dict[int, PlacedBlock] = {}
        self._last_words: dict[int, str] = {}  # of blocks, by number, that may go on

    def set_page(
        self, page: PageLines, lines: Sequence[Line], blocks: Sequence[Block], source: PageSource, reason: str | None
    ) -> None:
        """Write the blocks that have lines on a page; `lines` are all lines of the page in reading order."""
        sheet = _Sheet(page, self._hyphens)
        rows: dict[int, TableRow] = {}
        if any(block.kind == "row" for block in blocks):
            kinds = {id(line): (block.kind, block.number) for block in blocks for line in block.lines}
            for _, group in groupby(lines, key=lambda line: line.view or page.view):
                rows |= self._tables.read([line for line in group if id(line) in kinds], kinds)
        last_words = {}
        for block in blocks:
            placed = self._blocks.get(block.number)
            if placed is None:
                placed = self._blocks[block.number] = PlacedBlock(block.kind, block.size, block.bold)
            else:
                self._tie(placed, self._last_words.get(block.number, ""), block.lines[0].words[0].text)
            if block.kind == "row":
                written = sheet.write_rows(list(dict.fromkeys(rows[id(line)] for line in block.lines)))
                placed.rows.extend(written)
                placed.spans.append(PageSpan(page.number, written[0].span.start, written[-1].span.end))
            else:
                placed.spans.append(sheet.write(block.lines))
            if block.kind == "heading":
                placed.text = " ".join(line.text for line in block.lines).replace("  ", " ")
            last_words[block.number] = block.lines[-1].words[-1].text
        self._last_words |= last_words
        self._pages[page.number] = sheet.page(source, reason)

    def _tie(self, block: PlacedBlock, last: str, following: str) -> None:
        """Mend the end of a paragraph's part on an earlier page, now that it is known how the paragraph goes on."""
        span = block.spans[-1]
        page = self._pages[span.page]
        is_foot = page.text[span.end :] == "\n"
        text = page.text[: span.end] if is_foot else page.text
        if last[-1:] == "-" and last != "-" and self._hyphens.joins(last, following):
            text = text[: span.end - 1] + SOFT_HYPHEN + text[span.end :]
            page.words.ends[page.words.ends == span.end] -= 1
        elif is_foot and last and not line_gap(last, following):
            text += SOFT_HYPHEN
            block.spans[-1] = PageSpan(span.page, span.start, span.end + 1)
        self._pages[span.page] = replace(page, text=text)

    def set_figures(self, figures: Mapping[int, Box]) -> None:
        """Give captions, by their block's number, the boxes of what they belong to."""
        for number, box in figures.items():
            self._blocks[number].figure = box

    def add(self, page: Page) -> None:
        """Add a page that has no text."""
        self._pages[page.number] = page

    def finish(self) -> tuple[list[Page], list[PlacedBlock]]:
        """Return all pages by number, and all blocks in reading order."""
        return [self._pages[n] for n in sorted(self._pages)], [self._blocks[n] for n in sorted(self._blocks)]
