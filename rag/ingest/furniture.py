"""Running heads, running feet and page numbers: the lines near a page's edge that belong to no text.

What to drop is decided from the edges of all pages together, before any page is put in reading order.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.ingest.layout import PageLines
from rag.ingest.lines import Line, rows_of

Side = Literal["top", "foot"]
_ZONE = 0.14  # of the page's height
_LONGEST = 180  # characters of a row
_CLEAR = 1.3  # line heights at least between a running head and the body, and more than between the body's lines
_LARGE = 1.25  # times the next row's height: the title of a slide, not a running head
_ENOUGH_ALIKE = 4  # rows dropped at one height in one size, for others there to be dropped too
_NUMBER = re.compile(r"(?<![\d.,$])\d{1,4}(?![\d,%]|\.\d)")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """Lines at one height near the top or the foot of a page."""

    lines: tuple[int, ...]  # indices into PageLines.lines
    texts: tuple[str, ...]
    y: float  # middle
    height: float


@dataclass(frozen=True, slots=True)
class PageEdges:
    """The outermost rows of a page, the outermost first."""

    number: int
    page_height: float
    top: tuple[EdgeRow, ...]
    foot: tuple[EdgeRow, ...]


def edges_of(page: PageLines) -> PageEdges:
    """Return the four rows at either edge of a page."""
    index = {id(line): i for i, line in enumerate(page.lines)}

    def edge_row(row: list[Line]) -> EdgeRow:
        return EdgeRow(
            tuple(index[id(line)] for line in row),
            tuple(line.text for line in row),
            (row[0].y0 + row[0].y1) / 2,
            row[0].height,
        )

    rows = rows_of(page.lines)
    return PageEdges(
        page.number,
        page.width if page.turn else page.height,
        tuple(map(edge_row, rows[:4])),
        tuple(map(edge_row, reversed(rows[-4:]))),
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    page: int
    side: Side
    rank: int  # 0 is the outermost row
    row: EdgeRow
    clear: float  # distance to the next row in line heights; 0 for the only row of a page, and for a title above text
    pitch: float  # distance of the next two rows


def find_furniture(edges: Sequence[PageEdges]) -> dict[int, frozenset[int]]:
    """Return, by page number, the indices of the lines to drop.

    A row goes when its text, digits masked, recurs at its height on many pages; or when it is the outermost, at a
    height that most pages share, and stands clear of the body; or when it carries the running page number; or when it
    looks like those of other pages: the head of a short chapter recurs on no page.
    """
    candidates = [candidate for page in edges for candidate in _candidates(page)]
    pages_with, outermost = _recurrence(candidates)
    offset = _number_offset(candidates, len(edges))
    often = max(3, 0.12 * len(edges))
    dropped: dict[int, set[int]] = defaultdict(set)
    outer_gone: dict[tuple[int, Side], bool] = {}
    for candidate in candidates:
        row, side, page = candidate.row, candidate.side, candidate.page
        peeled = outer_gone.get((page, side), True)
        recurs = max(
            len(set().union(*(pages_with.get((side, _mask(text), round(row.y / 4) + d), ()) for d in (-1, 0, 1))))
            for text in row.texts
        )
        alike = sum(outermost.get((side, round(row.y / 2) + d), 0) for d in (-1, 0, 1))
        is_outer = candidate.rank == 0
        goes = sum(map(len, row.texts)) < _LONGEST and (
            (recurs >= often and (is_outer or peeled))
            or (is_outer and candidate.clear > 1.6 and alike >= max(3, 0.4 * len(edges)))
            or (len(edges) > 2 and candidate.rank < 2 and peeled and _is_numbered(candidate, offset))
        )
        if goes:
            dropped[page].update(row.lines)
        outer_gone[page, side] = goes
    for candidate in _alike(candidates, dropped):
        dropped[candidate.page].update(candidate.row.lines)
    return {page: frozenset(lines) for page, lines in dropped.items()}


def _alike(candidates: Sequence[_Candidate], dropped: Mapping[int, set[int]]) -> list[_Candidate]:
    """Return the outermost rows that are kept so far although they stand where dropped ones of one size stand."""
    places: Counter[tuple[Side, int, int]] = Counter()
    kept: list[_Candidate] = []
    for candidate in candidates:
        row = candidate.row
        is_gone = dropped.get(candidate.page, set()).issuperset(row.lines)
        if is_gone:
            places[candidate.side, round(row.y), round(row.height * 4)] += 1
        elif candidate.rank == 0 and candidate.clear > max(_CLEAR, 1.15 * candidate.pitch):
            kept.append(candidate)

    def n_alike(row: EdgeRow, side: Side) -> int:
        y, height = round(row.y), round(row.height * 4)
        return sum(places[side, y + dy, height + dh] for dy in (-1, 0, 1) for dh in (-1, 0, 1))

    return [candidate for candidate in kept if n_alike(candidate.row, candidate.side) >= _ENOUGH_ALIKE]


def _candidates(page: PageEdges) -> Iterator[_Candidate]:
    sides: tuple[tuple[Side, tuple[EdgeRow, ...]], ...] = (("top", page.top), ("foot", page.foot))
    for side, rows in sides:
        for rank, row in enumerate(rows[:3]):
            share = row.y / (page.page_height or 1)
            if (share if side == "top" else 1 - share) >= _ZONE:
                break
            inner = rows[rank + 1 : rank + 3]
            clear = _distance(row, inner[0]) if inner and row.height < _LARGE * inner[0].height else 0.0
            pitch = _distance(*inner) if len(inner) == 2 else 0.0
            yield _Candidate(page.number, side, rank, row, clear, pitch)


def _distance(row: EdgeRow, other: EdgeRow) -> float:
    return abs(row.y - other.y) / max(row.height, other.height, 0.1)


def _recurrence(
    candidates: Sequence[_Candidate],
) -> tuple[dict[tuple[Side, str, int], set[int]], Counter[tuple[Side, int]]]:
    """Return the pages on which a masked text stands at a height, and how often a height has a clear outermost row."""
    pages_with: dict[tuple[Side, str, int], set[int]] = defaultdict(set)
    outermost: Counter[tuple[Side, int]] = Counter()
    for candidate in candidates:
        for text in candidate.row.texts:
            pages_with[candidate.side, _mask(text), round(candidate.row.y / 4)].add(candidate.page)
        if candidate.rank == 0 and candidate.clear > 1.6:
            outermost[candidate.side, round(candidate.row.y / 2)] += 1
    return pages_with, outermost


def _mask(text: str) -> str:
    return _DIGITS.sub("#", text.lower()).strip()


def _number_offset(candidates: Sequence[_Candidate], n_pages: int) -> int | None:
    """Return the difference between printed number and page that most pages show, if there is one."""
    offsets = Counter(
        int(number) - candidate.page
        for candidate in candidates
        for text in candidate.row.texts
        for number in _NUMBER.findall(text)
    )
    return next((offset for offset, n in offsets.most_common(1) if n >= max(3, 0.4 * n_pages)), None)


def _is_numbered(candidate: _Candidate, offset: int | None) -> bool:
    """Tell whether a row carries the page's running number, alone or clear of the body."""
    if offset is None:
        return False
    number = str(candidate.page + offset)
    texts = candidate.row.texts
    if not any(number in _NUMBER.findall(text) for text in texts):
        return False
    return (candidate.rank == 0 and candidate.clear > 1.3) or all(len(text) < 12 for text in texts)
