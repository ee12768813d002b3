"""Blocks to the text of their pages: every word keeps its place in the text and its box on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from rag.ingest.hyphens import Hyphens
from rag.ingest.kinds import BlockKind
from rag.ingest.layout import PageLines
from rag.ingest.lines import Line
from rag.ingest.paragraphs import Block
from rag.ingest.tables import serialise_rows
from rag.ingest.words import Word
from rag.types import Page, PageSource, PageSpan, Words

SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: where it stands, and the text it is searched by."""

    span: PageSpan
    serialised: str


@dataclass(slots=True, eq=False)
class PlacedBlock:
    """A block whose characters have their place: one span for each page that it stands on, without the line's end."""

    kind: BlockKind
    size: float
    bold: bool
    text: str = ""  # of headings only
    spans: list[PageSpan] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


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

    def write(self, lines: Sequence[Line], kind: BlockKind) -> list[PageSpan]:
        """Append the lines of one block and return where each of them stands."""
        spans = []
        last: Word | None = None
        for line in lines:
            for n_segment, segment in enumerate(line.segments):
                for n_word, word in enumerate(segment.words):
                    if n_word:
                        gap = " "
                    elif n_segment:
                        gap = "  " if kind == "row" else " "
                    else:
                        gap = self._line_gap(last, word, kind)
                        start = self._at + len(gap)
                    self._append(gap, word)
                    last = word
            self._line += 1
            spans.append(PageSpan(self._page.number, start, self._at))
        self._pieces.append("\n")
        self._at += 1
        return spans

    def _line_gap(self, last: Word | None, word: Word, kind: BlockKind) -> str:
        """Return what stands between two lines; a hyphen that was only the typesetter's is taken back."""
        if last is None:
            return ""
        if kind == "row":
            return "\n"
        if last.text[-1] != "-" or last.text == "-" or word.text in {"and", "or", "to"}:  # "short- and long-term"
            return " "
        if self._hyphens.joins(last.text, word.text):
            self._pieces[-1] = self._pieces[-1][:-1]
            self._ends[-1] -= 1
            self._at -= 1
        return ""

    def _append(self, gap: str, word: Word) -> None:
        self._pieces.append(gap + word.text)
        self._starts.append(self._at + len(gap))
        self._at += len(gap) + len(word.text)
        self._ends.append(self._at)
        self._boxes.append(word[1:5])
        self._lines.append(self._line)

    def page(self, source: PageSource, reason: str | None) -> Page:
        """Return the page as written."""
        width, height = self._page.width or 1.0, self._page.height or 1.0
        x0, y0, x1, y1 = np.array(self._boxes, np.float32).reshape(-1, 4).T
        if self._page.turn == 1:  # back from the turned page
            x0, y0, x1, y1 = y0, height - x1, y1, height - x0
        elif self._page.turn == -1:
            x0, y0, x1, y1 = width - y1, x0, width - y0, x1
        boxes = np.stack([x0 / width, y0 / height, x1 / width, y1 / height], 1)
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
        self._pages: dict[int, Page] = {}
        self._blocks: dict[int, PlacedBlock] = {}
        self._last_words: dict[int, str] = {}  # of blocks, by number, that may go on

    def set_page(
        self, page: PageLines, lines: Sequence[Line], blocks: Sequence[Block], source: PageSource, reason: str | None
    ) -> None:
        """Write the blocks that have lines on a page; `lines` are all lines of the page in reading order."""
        sheet = _Sheet(page, self._hyphens)
        serialised: dict[int, str] = {}
        if any(block.kind == "row" for block in blocks):
            serialised = dict(
                zip(map(id, lines), serialise_rows(lines, page.height if page.turn else page.width), strict=True)
            )
        last_words = {}
        for block in blocks:
            placed = self._blocks.get(block.number)
            if placed is None:
                placed = self._blocks[block.number] = PlacedBlock(block.kind, block.size, block.bold)
            else:
                self._tie(placed.spans[-1], self._last_words.get(block.number, ""), block.lines[0].words[0].text)
            spans = sheet.write(block.lines, block.kind)
            placed.spans.append(PageSpan(page.number, spans[0].start, spans[-1].end))
            if block.kind == "row":
                placed.rows.extend(Row(s, serialised[id(line)]) for s, line in zip(spans, block.lines, strict=True))
            elif block.kind == "heading":
                placed.text = " ".join(line.text for line in block.lines).replace("  ", " ")
            last_words[block.number] = block.lines[-1].words[-1].text
        self._last_words |= last_words
        self._pages[page.number] = sheet.page(source, reason)

    def _tie(self, span: PageSpan, last: str, following: str) -> None:
        """Mend the end of a paragraph's part on an earlier page, now that it is known how the paragraph goes on."""
        page = self._pages[span.page]
        is_foot = page.text[span.end :] == "\n"
        text = page.text[: span.end] if is_foot else page.text
        if last[-1:] == "-" and last != "-" and self._hyphens.joins(last, following):
            text = text[: span.end - 1] + SOFT_HYPHEN + text[span.end :]
            page.words.ends[page.words.ends == span.end] -= 1
        self._pages[span.page] = replace(page, text=text)

    def add(self, page: Page) -> None:
        """Add a page that has no text."""
        self._pages[page.number] = page

    def finish(self) -> tuple[list[Page], list[PlacedBlock]]:
        """Return all pages by number, and all blocks in reading order."""
        return [self._pages[n] for n in sorted(self._pages)], [self._blocks[n] for n in sorted(self._blocks)]
