"""Lines in reading order to blocks: paragraphs, headings, captions, tables, small print.

A paragraph goes on over columns, pages, footnotes and floats. Pages come one after the other; what a page holds is
set down as soon as the page is over, so that a long document never lies in memory as lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rag.ingest.layout.context import Rect, line_kinds
from rag.ingest.layout.kinds import BULLET, NUMBERED, SENTENCE_END, BlockKind, page_body
from rag.ingest.layout.lines import Line, n_letters

_NARROWEST = 8  # line heights: a column of prose
_LOOK_BACK = 9  # blocks between the parts of an interrupted paragraph


@dataclass(slots=True, eq=False)
class Block:
    """A block that may still grow. `lines` are those of the page being read; earlier ones are set down already."""

    kind: BlockKind
    number: int  # in reading order
    size: float  # line height of its first line
    bold: bool
    x0: float
    x1: float
    pitch: float = 0.0  # smallest step between its lines
    is_open: bool = False  # its last line ends no sentence
    is_full: bool = False  # its last line reaches its right edge
    n_lines: int = 0  # on all pages
    lines: list[Line] = field(default_factory=list)

    def add(self, line: Line, previous: Line | None) -> None:
        """Append a line; `previous` is the line before it in reading order."""
        if previous is not None and previous in self.lines:
            step = line.y1 - previous.y1
            if 0 < step < 3 * line.height:
                self.pitch = min(self.pitch or step, step)
        if line.x0 > self.x1 or line.x1 < self.x0:  # another column: its edges are others
            self.x0, self.x1 = line.x0, line.x1
        self.x0, self.x1 = min(self.x0, line.x0), max(self.x1, line.x1)
        self.is_open = SENTENCE_END.search(line.text) is None
        self.is_full = self.x1 - line.x1 < 0.12 * (self.x1 - self.x0 + 1)
        self.n_lines += 1
        self.lines.append(line)


class Composer:
    """Puts lines together to blocks, page after page."""

    def __init__(self) -> None:
        self._recent: list[Block] = []  # the last blocks, oldest first
        self._current: Block | None = None
        self._previous: Line | None = None
        self._ahead: Sequence[Line] = ()  # the lines of the page from the one that is looked at on
        self._n_blocks = 0

    def compose(self, lines: Sequence[Line], body: float, pictures: Sequence[Rect] = ()) -> list[Block]:
        """Return the blocks that have lines on this page, in reading order; `Block.lines` are those of this page.

        `body` is the height of running text on pages like this one; `pictures` are the boxes of the page's pictures
        in points, as its lines lie.
        """
        for block in self._recent:
            block.lines = []
        touched: dict[int, Block] = {}
        kinds = line_kinds(lines, page_body(lines, body), pictures)
        for i, (line, kind) in enumerate(zip(lines, kinds, strict=True)):
            self._ahead = lines[i:]
            block = self._block_for(line, kind)
            block.add(line, self._previous)
            touched[block.number] = block
            self._current, self._previous = block, line
        return [touched[number] for number in sorted(touched)]

    def apart(self, line: Line, body: float) -> Block:
        """Return a line that is no part of the page's running text as a block of its own, after those so far."""
        block = Block("text", self._n_blocks, body, False, line.x0, line.x1, lines=[line])
        self._n_blocks += 1
        return block

    def beside(self, lines: Sequence[Line], body: float) -> list[Block]:
        """Return lines that run another way than the page's text as blocks of their own, after those so far."""
        blocks: list[Block] = []
        for _, group in groupby(lines, key=lambda line: line.view):
            aside = Composer()
            aside._n_blocks = self._n_blocks
            blocks += aside.compose(list(group), body)
            self._n_blocks = aside._n_blocks
        for block in blocks:
            if block.kind in {"text", "heading"}:
                block.kind = "small"
        return blocks

    def _block_for(self, line: Line, kind: BlockKind) -> Block:
        current, previous = self._current, self._previous
        if current and previous:
            if current.kind == "caption" and kind in {"text", "small"} and _follows_caption(line, previous):
                kind = "caption"
            if kind == current.kind and self._continues(line, current, previous):
                return current
        if kind == "text" and not BULLET.match(line.text):
            interrupted = self._interrupted(line)
            if interrupted:
                return interrupted
        if current and previous and kind == "heading" == current.kind and _is_second_line(line, previous):
            return current
        return self._new(line, kind)

    def _new(self, line: Line, kind: BlockKind) -> Block:
        block = Block(kind, self._n_blocks, line.height, line.bold, line.x0, line.x1)
        self._n_blocks += 1
        if kind != "label":  # a chart may have any number of them
            self._recent = [*self._recent[1 - _LOOK_BACK :], block]
        return block

    def _continues(self, line: Line, block: Block, previous: Line) -> bool:
        """Tell whether a line goes on with the current block, which is of its kind."""
        step = line.y1 - previous.y1 if line.page == previous.page else None
        if block.kind == "row":
            is_next_column = line.x0 > previous.x1 - line.height and step is not None and step > -6 * line.height
            is_beside = step is not None and abs(step) < 0.3 * line.height
            return step is not None and (0 < step < 2.5 * line.height or is_beside or (step <= 0 and is_next_column))
        if step is not None and 0 < step < 1.75 * max(line.height, previous.height) and _overlaps(line, previous):
            return not _starts_paragraph(line, block, previous, step)
        if block.kind in {"text", "small"} and not SENTENCE_END.search(previous.text):
            goes_on = line.text[0].islower() and _resumes(line, block) and not self._comes_later(line, block)
            return previous.ends_broken or goes_on
        return False

    def _interrupted(self, line: Line) -> Block | None:
        """Return the open paragraph that a line of prose resumes after a footnote, a float or a page break."""
        previous = self._previous
        for block in reversed(self._recent):
            if block.kind == "heading":
                return None
            if block.kind != "text" or _is_narrow(block, line):
                continue
            if block is self._current and previous and _is_next_line(line, previous):
                return None
            same_size = abs(block.size - line.height) < 0.1 * line.height
            goes_on = block.is_open and same_size and _resumes(line, block)
            return block if goes_on and not self._comes_later(line, block) else None
        return None

    def _comes_later(self, line: Line, block: Block) -> bool:
        """Tell whether another line, further on, stands where the last one of a block on this page goes on."""
        last = block.lines[-1] if block.lines else None
        if last is None or _is_below(line, last):
            return False
        return any(_is_below(other, last) for other in self._ahead)


def _is_narrow(block: Block, line: Line) -> bool:
    """Tell whether a block ends no sentence and is no wider than a label beside a line of prose."""
    return block.is_open and block.x1 - block.x0 < 0.4 * (line.x1 - line.x0)


def _resumes(line: Line, block: Block) -> bool:
    """Tell whether a line reads on from the last line of an open paragraph: labels of a chart do not.

    A line that begins with a capital does so only where the line before reaches the edge of its paragraph, which a
    single line does not tell: titles and labels are all as wide as themselves. Further down in the same column it is
    far more often the next entry of a list or a table than what a float has parted from its paragraph.
    """
    width, own = block.x1 - block.x0, line.x1 - line.x0
    if width < _NARROWEST * line.height:
        return False
    if line.text[0].islower():
        return own > 0.5 * width or SENTENCE_END.search(line.text) is not None
    last = block.lines[-1] if block.lines else None
    if block.n_lines == 1 or (last is not None and last.y1 < line.y1 and _overlaps(line, last)):
        return False
    return block.is_full and own > 0.5 * width and width > 0.75 * own


def _overlaps(line: Line, other: Line) -> bool:
    return min(line.x1, other.x1) > max(line.x0, other.x0)


def _is_below(line: Line, other: Line) -> bool:
    """Tell whether a line stands right below another, in type of its size."""
    same_size = abs(other.height - line.height) < 0.1 * line.height
    return same_size and 0 < line.y1 - other.y1 < 1.75 * line.height and _overlaps(line, other)


def _is_next_line(line: Line, previous: Line) -> bool:
    return line.page == previous.page and 0 < line.y1 - previous.y1 < 3 * line.height


def _follows_caption(line: Line, previous: Line) -> bool:
    step = line.y1 - previous.y1
    same_size = abs(previous.height - line.height) < 0.1 * line.height
    return line.page == previous.page and 0 < step < 1.5 * line.height and same_size and _overlaps(line, previous)


def _is_second_line(line: Line, previous: Line) -> bool:
    """Tell whether a heading line goes on with the heading line before it."""
    step = line.y1 - previous.y1
    return (
        line.page == previous.page
        and 0 < step < 1.6 * line.height
        and abs(line.height - previous.height) < 0.06 * line.height
        and line.bold == previous.bold
        and not NUMBERED.match(line.text)
        and not _leaves_capitals(line, previous)
        and _overlaps(line, previous)
    )


def _leaves_capitals(line: Line, previous: Line) -> bool:
    """Tell whether a heading in capitals is followed by one that is not: "ITEM 1. BUSINESS", "General"."""
    return previous.text.isupper() and n_letters(previous.text) > 4 and not line.text.isupper()


def _had_room(line: Line, previous: Line) -> bool:
    """Tell whether a line's first word would have fitted at the end of the line before, had the text gone on."""
    if line.text[0].islower() or abs(line.x0 - previous.x0) > 3 * line.height:
        return False
    first = line.segments[0].words[0]
    room = line.x1 - previous.x1 - (first.x1 - first.x0)
    return room > 0.2 * (line.x1 - line.x0) + 0.3 * line.height


def _starts_paragraph(line: Line, block: Block, previous: Line, step: float) -> bool:
    if SENTENCE_END.search(previous.text):
        right = max(block.x1, line.x1)
        is_indented = line.x0 - previous.x0 > 0.7 * line.height
        was_short = previous.x1 < right - 0.18 * (right - block.x0)
        if is_indented or was_short:
            return True
    if block.pitch and step > 1.3 * block.pitch and step - block.pitch > 1.5:
        return True
    if BULLET.match(line.text) or (block.kind != "heading" and _had_room(line, previous)):
        return True
    return block.kind == "heading" and (
        abs(line.height - previous.height) > 0.12 * line.height
        or NUMBERED.match(line.text) is not None
        or _leaves_capitals(line, previous)
    )
