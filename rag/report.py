"""How a document was read: a cell for every page, and what there is to say of the whole. Pure.

**Coverage** is the share of the pages that hold something whose text was read: pages in state text, table or ocr,
divided by all pages that are not empty. A page counts whole; how much of it was read is not known.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rag.language import NAMES
from rag.types import Attachment, Box, Cell, Document, Heading, Page, PageSource, PageSpan, Passage
from rag.waiting import READ_AGAIN, says_what_to_do, waits

PageState = Literal["text", "table", "ocr", "empty", "image", "garbled", "failed"]
BlockKind = Literal["heading", "text", "row", "caption"]

# In the order of legends; "table" is text with a table in it. What is said of a page in such a state.
SAID: dict[PageState, str] = {
    "text": "its text was read",
    "table": "its text was read, with a table",
    "ocr": "read by OCR",
    "empty": "holds nothing to read",
    "image": "a picture, not read",
    "garbled": "garbled letters, not read",
    "failed": "damaged, not read",
}
LETTER: dict[PageState, str] = {
    "text": "T",
    "table": "#",
    "ocr": "O",
    "empty": "·",
    "image": "I",
    "garbled": "?",
    "failed": "×",
}
READ: frozenset[PageState] = frozenset({"text", "table", "ocr"})
COVERAGE_HELP = (
    "Pages whose text was read, of those that hold something: empty pages are left out. A page counts whole, and 100 % "
    "is said only when none is missing."
)
NOT_RECORDED = "not recorded"  # of documents that were added before it was

_CERTAINTY = re.compile(r" ?\(\d+ ?% sure\)")
_READ_AGAIN = f"Install tesseract if it is missing (how: footnote doctor), then {READ_AGAIN}: it is read anew."
_PRINT_ANEW = "Open the file in a PDF viewer, print it to a new PDF, and put that in its place."


@dataclass(frozen=True, slots=True)
class PageCell:
    """How one page was read."""

    number: int
    label: str | None
    state: PageState
    n_words: int = 0
    reason: str | None = None  # why it was not read
    confidence: float | None = None  # of OCR, 0 to 1


@dataclass(frozen=True, slots=True)
class Unread:
    """Pages that hold something and were not read, all for one reason."""

    state: PageState
    reason: str
    pages: tuple[int, ...]
    remedy: str  # "" where the reason says it, or nothing can be done


@dataclass(frozen=True, slots=True)
class Report:
    """The report card of a document. One that failed, or is still being read, has no cells."""

    document: Document
    cells: tuple[PageCell, ...] = ()
    n_headings: int = 0
    n_tables: int = 0
    n_figures: int = 0  # pictures with a caption
    warnings: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def counts(self) -> dict[PageState, int]:
        """Return how many pages are in each state that occurs, in the order of legends."""
        found = Counter(cell.state for cell in self.cells)
        return {state: found[state] for state in SAID if found[state]}

    @property
    def n_read(self) -> int:
        """Return the number of pages whose text was read."""
        return sum(n for state, n in self.counts.items() if state in READ)

    @property
    def n_holding(self) -> int:
        """Return the number of pages that hold something."""
        return len(self.cells) - self.counts.get("empty", 0)

    @property
    def percent(self) -> int | None:
        """Return the coverage in per cent, rounded down; None where no page holds anything."""
        return percent(self.n_read, self.n_holding)

    @property
    def n_words(self) -> int:
        """Return the number of words that were read."""
        return sum(cell.n_words for cell in self.cells)

    @property
    def confidence(self) -> float | None:
        """Return how sure OCR is of the words it read, 0 to 1; None where it read none."""
        sure = [(c.confidence, c.n_words) for c in self.cells if c.state == "ocr" and c.confidence is not None]
        n_words = sum(n for _, n in sure)
        return sum(confidence * n for confidence, n in sure) / n_words if n_words else None

    @property
    def unread(self) -> tuple[Unread, ...]:
        """Return what was not read, the commonest reason first."""
        pages: dict[tuple[PageState, str], list[int]] = {}
        for cell in self.cells:
            if cell.state not in READ and cell.state != "empty":
                reason = _CERTAINTY.sub("", cell.reason or SAID[cell.state])  # which differs from page to page
                pages.setdefault((cell.state, reason), []).append(cell.number)
        groups = sorted(pages.items(), key=lambda item: (-len(item[1]), item[1]))
        return tuple(Unread(state, reason, tuple(ns), _remedy(state, reason)) for (state, reason), ns in groups)

    @property
    def language(self) -> str:
        """Return the language by its English name, or why there is none."""
        code = self.document.language
        if code is not None:
            return NAMES.get(code, code)
        return "too little text to tell" if self.document.seconds else NOT_RECORDED


def remedy(cell: PageCell) -> str:
    """Return what can be done so that a page is read; "" where its reason says it, or nothing can."""
    return "" if cell.state in READ else _remedy(cell.state, cell.reason or "")


def _remedy(state: PageState, reason: str) -> str:
    if state == "failed":
        return _PRINT_ANEW
    return _READ_AGAIN if waits(reason) and not says_what_to_do(reason) else ""


def percent(n_read: int, n_holding: int) -> int | None:
    """Return the coverage in per cent, rounded down, so that 100 means all; None of nothing."""
    return math.floor(100 * n_read / n_holding) if n_holding else None


def state_of(source: PageSource, *, has_table: bool) -> PageState:
    """Return the state of a page: how it was read, and of text whether a table stands in it."""
    return "table" if source == "text" and has_table else source


def manner(cell: PageCell) -> str:
    """Return how a page was read, in words: "read by OCR, 93 % sure"."""
    said = SAID[cell.state]
    if cell.confidence is not None and cell.state == "ocr":
        said += f", {cell.confidence:.0%} sure".replace("%", " %")
    return f"not read: {cell.reason}" if cell.reason and cell.state not in READ and cell.state != "empty" else said


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return rising numbers as runs, first and last of each."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return [(first, last) for first, last in runs]


def ranges_words(numbers: Iterable[int], *, most: int = 12) -> str:
    """Return page numbers as text: "3, 5-9, 12"; after `most` runs how many pages follow."""
    runs = ranges(numbers)
    listed = [str(first) if first == last else f"{first}–{last}" for first, last in runs[:most]]
    n_more = sum(last - first + 1 for first, last in runs[most:])
    return ", ".join([*listed, f"and {n_more:,} more"] if n_more else listed)


def count_tables(tables: Sequence[tuple[int, str, str]]) -> int:
    """Return how many tables these passages of rows make: (number, title, heading path), in order.

    Passages that follow each other under one title, in one section, are parts of one table.
    """
    joined = sum(n == m + 1 and (t, p) == (u, q) for (m, u, q), (n, t, p) in pairwise(tables))
    return len(tables) - joined


def strip(states: Sequence[PageState], most: int) -> list[tuple[PageState, int]]:
    """Return runs of pages in one state, and their lengths, for a strip with no more than `most` of them.

    Of a longer document every slot stands for several pages. It shows the commonest state among them, but one that
    was not read before all others: a single such page is seen among a thousand.
    """
    n_slots = min(len(states), most)
    bounds = [len(states) * i // max(n_slots, 1) for i in range(n_slots + 1)]
    runs: list[tuple[PageState, int]] = []
    for start, end in pairwise(bounds):
        telling = _telling(Counter(states[start:end]))
        if runs and runs[-1][0] == telling:
            runs[-1] = (telling, runs[-1][1] + end - start)
        else:
            runs.append((telling, end - start))
    return runs


def _telling(counts: Counter[PageState]) -> PageState:
    order = list(SAID)
    unread = [state for state in counts if state not in READ and state != "empty"]
    return (
        max(unread, key=order.index) if unread else max(counts, key=lambda state: (counts[state], order.index(state)))
    )


# -------------------------------------------------------------------------------------------------- one page


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """A line of the text of a page, as it was understood: a paragraph, a heading, a row of a table, a caption."""

    kind: BlockKind
    span: PageSpan
    text: str
    level: int = 0  # of a heading, from 1
    title: str = ""  # of the table that a row belongs to
    cells: tuple[Cell, ...] = ()  # the numbers of a row
    figure: Box | None = None  # the picture of a caption


@dataclass(frozen=True, slots=True, eq=False)
class PageReport:
    """A page as it was read."""

    cell: PageCell
    page: Page
    blocks: tuple[ReadBlock, ...]


def read_blocks(page: Page, passages: Sequence[Passage], headings: Sequence[Heading]) -> tuple[ReadBlock, ...]:
    """Return the blocks of a page in reading order.

    `passages` are those that stand on it, `headings` the outline. A block is a heading when the outline or the path
    of a passage calls it so.
    """
    levels = {_folded(h.title): h.level for h in headings if h.page == page.number}
    for passage in passages:
        for level, title in enumerate(passage.headings, 1):
            levels.setdefault(_folded(title), level)
    owners = [(span, passage) for passage in passages for span in passage.spans if span.page == page.number]
    blocks, at = [], 0
    for line in page.text.split("\n"):
        span, at = PageSpan(page.number, at, at + len(line)), at + len(line) + 1
        if line.strip():
            blocks.append(_read_block(span, line, _owner(owners, span), levels))
    return tuple(blocks)


def _owner(owners: Sequence[tuple[PageSpan, Passage]], span: PageSpan) -> Passage | None:
    """Return the passage that holds the most of a block."""
    shares = [(min(span.end, own.end) - max(span.start, own.start), passage) for own, passage in owners]
    return max((s for s in shares if s[0] > 0), key=lambda share: share[0], default=(0, None))[1]


def _read_block(span: PageSpan, line: str, owner: Passage | None, levels: dict[str, int]) -> ReadBlock:
    text = line.removesuffix("\u00ad")
    level = levels.get(_folded(text), 0)
    if level:
        return ReadBlock("heading", span, text, level=level)
    if owner is None or owner.kind == "text":
        return ReadBlock("text", span, text)
    if owner.kind == "caption":
        return ReadBlock("caption", span, text, figure=owner.figure)
    cells = tuple(c for c in owner.cells if c.span.page == span.page and span.start <= c.span.start < span.end)
    return ReadBlock("row", span, text, title=owner.title, cells=cells)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
