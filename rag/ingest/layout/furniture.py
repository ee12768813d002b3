"""Running heads, running feet and page numbers: the lines near a page's edge that belong to no text.

What to drop is decided from the edges of all pages together, before any page is put in reading order.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.ingest.characters.words import SIDEWAYS
from rag.ingest.layout.kinds import NUMBERED
from rag.ingest.layout.layout import PageLines
from rag.ingest.layout.lines import LETTER, Line, rows_of

Side = Literal["top", "foot"]
_ZONE = 0.14  # of the page's height
_LONGEST = 180  # characters of a row
_CLEAR = 1.3  # line heights at least between a running head and the body, and more than between the body's lines
_LARGE = 1.25  # times the next row's height: the title of a slide, not a running head
_SET_OFF = 1.13  # times the height of running text: set as a heading is
_TWICE = 2  # pages at least that a running head of a chapter stands on
_ENOUGH_ALIKE = 4  # rows dropped at one height in one size, for others there to be dropped too
_NUMBER = re.compile(r"(?<![\d.,$])\d{1,4}(?![\d,%]|\.\d)")
_CHAPTER = re.compile(r"^(?:chapter|section|part|lesson|unit|appendix)\s+\d+$", re.I)  # its number is no page's
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """Lines at one height near the top or the foot of a page."""

    lines: tuple[int, ...]  # indices into PageLines.lines
    texts: tuple[str, ...]
    y: float  # middle
    height: float
    heights: tuple[float, ...] = ()  # of its lines
    bold: bool = False


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
            tuple(line.height for line in row),
            row[0].bold,
        )

    rows = rows_of(page.lines)
    return PageEdges(
        page.number,
        page.width if page.turn in SIDEWAYS else page.height,
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
    inner: float = 0.0  # height of the next row
    is_edge: bool = True  # near the edge of the page


def find_furniture(edges: Sequence[PageEdges], body: float) -> dict[int, frozenset[int]]:
    """Return, by page number, the indices of the lines to drop; `body` is the height of running text.

    A row goes when its text, digits masked, recurs at its height on many pages; or when it is the outermost, at a
    height that most pages share, and stands clear of the body; or when it carries the running page number; or when it
    looks like those of other pages: the head of a short chapter recurs on no page. What is set or numbered as a
    heading at the head of a page goes only with words that recur.
    """
    candidates = [candidate for page in edges for candidate in _candidates(page)]
    offset = _number_offset(candidates, len(edges))
    recurrence = _Recurrence(offset)
    recurrence.learn(candidates)
    dropped: dict[int, set[int]] = defaultdict(set)
    outer_gone: dict[tuple[int, Side], bool] = {}
    for candidate in candidates:
        row, side, page = candidate.row, candidate.side, candidate.page
        peeled = candidate.rank == 0 or outer_gone.get((page, side), True)
        is_long = sum(map(len, row.texts)) >= _LONGEST
        is_like_heading = side == "top" and _is_like_heading(candidate, min(body, candidate.inner or body), offset)
        decide = _recurs_as_head if is_like_heading else _is_head
        is_head = candidate.is_edge and decide(candidate, recurrence, len(edges))
        goes = peeled and not is_long and (is_head or _travels(candidate, recurrence, len(edges)))
        if goes:
            dropped[page].update(_lines_to_drop(candidate, recurrence, body))
        outer_gone[page, side] = goes
    for candidate in _alike(candidates, dropped):
        dropped[candidate.page].update(candidate.row.lines)
    return {page: frozenset(lines) for page, lines in dropped.items()}


def _is_like_heading(candidate: _Candidate, body: float, offset: int | None) -> bool:
    """Tell whether a row may be a heading by its looks: larger than running text, bold, or numbered.

    A number that is the page's own, clear of the body, makes no heading of a row in the size of running text.
    """
    row = candidate.row
    if not any(LETTER.search(text) for text in row.texts):
        return False
    if row.height > _SET_OFF * body or (row.bold and row.height > 0.95 * body):
        return True
    is_numbered = len(row.texts) == 1 and NUMBERED.match(row.texts[0]) is not None and row.height > 0.95 * body
    return is_numbered and not (candidate.rank == 0 and _is_numbered(candidate, offset))


def _is_head(candidate: _Candidate, recurrence: _Recurrence, n_pages: int) -> bool:
    """Tell whether a row that looks like no heading is a running head or foot."""
    is_outer = candidate.rank == 0
    return (
        max(recurrence.masked(candidate, text) for text in candidate.row.texts) >= max(3, 0.12 * n_pages)
        or (is_outer and candidate.clear > 1.6 and recurrence.n_outermost(candidate) >= max(3, 0.4 * n_pages))
        or (n_pages > 2 and candidate.rank < 2 and _is_numbered(candidate, recurrence.offset))
    )


def _travels(candidate: _Candidate, recurrence: _Recurrence, n_pages: int) -> bool:
    """Tell whether a row is the outermost of many pages at any height: pages made of web pages end anywhere."""
    if candidate.rank > 0 or candidate.clear <= _CLEAR:
        return False
    n_pages_with, is_numbered = recurrence.anywhere(candidate)
    return n_pages_with >= (max(3, 0.3 * n_pages) if is_numbered else max(4, 0.5 * n_pages))


def _recurs_as_head(candidate: _Candidate, recurrence: _Recurrence, n_pages: int) -> bool:
    """Tell whether a row that looks like a heading is a running head all the same: its words recur."""
    row = candidate.row
    is_large = candidate.rank == 0 and candidate.clear == 0  # the title of a slide may go on over some of them
    n_same = max(recurrence.same(candidate, text) for text in row.texts)
    if n_same >= max(3, (0.4 if is_large else 0.12) * n_pages):
        return True
    if candidate.rank == 0 and candidate.clear > 1.6 and recurrence.n_outermost(candidate) >= max(3, 0.4 * n_pages):
        return recurrence.share_repeated(candidate) >= 0.5
    return n_pages > 2 and n_same >= _TWICE and candidate.rank < 2 and _is_numbered(candidate, recurrence.offset)


def _lines_to_drop(candidate: _Candidate, recurrence: _Recurrence, body: float) -> list[int]:
    """Return the lines of a row that goes; a title set larger beside a recurring mark stays."""
    row = candidate.row
    if len(row.lines) == 1 or len(row.heights) != len(row.lines):
        return list(row.lines)
    return [
        line
        for line, text, height in zip(row.lines, row.texts, row.heights, strict=True)
        if height <= _SET_OFF * body or recurrence.same(candidate, text) >= _TWICE
    ]


def _alike(candidates: Sequence[_Candidate], dropped: Mapping[int, set[int]]) -> list[_Candidate]:
    """Return the outermost rows that are kept so far although they stand where dropped ones of one size stand."""
    places: Counter[tuple[Side, int, int]] = Counter()
    kept: list[_Candidate] = []
    for candidate in candidates:
        row = candidate.row
        is_gone = dropped.get(candidate.page, set()).issuperset(row.lines)
        if is_gone:
            places[candidate.side, round(row.y), round(row.height * 4)] += 1
        elif candidate.is_edge and candidate.rank == 0 and candidate.clear > max(_CLEAR, 1.15 * candidate.pitch):
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
            is_edge = (share if side == "top" else 1 - share) < _ZONE
            if not is_edge and rank > 0:
                break
            inner = rows[rank + 1 : rank + 3]
            clear = _distance(row, inner[0]) if inner and row.height < _LARGE * inner[0].height else 0.0
            pitch = _distance(*inner) if len(inner) == 2 else 0.0
            yield _Candidate(page.number, side, rank, row, clear, pitch, inner[0].height if inner else 0.0, is_edge)


def _distance(row: EdgeRow, other: EdgeRow) -> float:
    return abs(row.y - other.y) / max(row.height, other.height, 0.1)


class _Recurrence:
    """What stands at one height on several pages."""

    def __init__(self, offset: int | None) -> None:
        self.offset = offset  # printed number - page, of most pages
        self._masked: dict[tuple[Side, str, int], set[int]] = defaultdict(set)
        self._same: dict[tuple[Side, str, int], set[int]] = defaultdict(set)
        self._anywhere: dict[tuple[Side, str], set[int]] = defaultdict(set)
        self._outermost: Counter[tuple[Side, int]] = Counter()
        self._repeated: Counter[tuple[Side, int]] = Counter()

    def learn(self, candidates: Sequence[_Candidate]) -> None:
        """Note where every row stands."""
        for candidate in candidates:
            if candidate.rank == 0:
                words, _ = self._whole(candidate)
                self._anywhere[candidate.side, words].add(candidate.page)
            side, bucket = candidate.side, round(candidate.row.y / 4)
            for text in candidate.row.texts:
                self._masked[side, _mask(text), bucket].add(candidate.page)
                self._same[side, self._words(candidate, text), bucket].add(candidate.page)
        for candidate in candidates:
            if candidate.rank == 0 and candidate.clear > 1.6 and candidate.is_edge:
                place = candidate.side, round(candidate.row.y / 2)
                self._outermost[place] += 1
                n_same = max(self.same(candidate, text) for text in candidate.row.texts)
                self._repeated[place] += n_same >= _TWICE

    def masked(self, candidate: _Candidate, text: str) -> int:
        """Return on how many pages a text stands at this height, whatever its digits."""
        return self._n_pages(self._masked, candidate, _mask(text))

    def same(self, candidate: _Candidate, text: str) -> int:
        """Return on how many pages a text stands at this height, the page's own number aside."""
        words = self._words(candidate, text)
        return self._n_pages(self._same, candidate, words) if words else 0

    def anywhere(self, candidate: _Candidate) -> tuple[int, bool]:
        """Return on how many pages these words are the outermost, and whether the page's number is with them."""
        words, is_numbered = self._whole(candidate)
        return (len(self._anywhere[candidate.side, words]) if words else 0), is_numbered

    def _whole(self, candidate: _Candidate) -> tuple[str, bool]:
        text = "  ".join(candidate.row.texts)
        words = self._words(candidate, text)
        return words, words != " ".join(text.lower().split())

    def n_outermost(self, candidate: _Candidate) -> int:
        """Return how many pages have their outermost row at this height, clear of the body."""
        return self._near(self._outermost, candidate)

    def share_repeated(self, candidate: _Candidate) -> float:
        """Return the share of these rows whose words stand on another page too."""
        return self._near(self._repeated, candidate) / max(1, self.n_outermost(candidate))

    def _words(self, candidate: _Candidate, text: str) -> str:
        if self.offset is not None and not _CHAPTER.match(text):
            number = str(candidate.page + self.offset)
            text = _NUMBER.sub(lambda match: "" if match.group() == number else match.group(), text)
        return " ".join(text.lower().split())

    @staticmethod
    def _n_pages(pages: dict[tuple[Side, str, int], set[int]], candidate: _Candidate, text: str) -> int:
        bucket = round(candidate.row.y / 4)
        return len(set().union(*(pages.get((candidate.side, text, bucket + d), ()) for d in (-1, 0, 1))))

    @staticmethod
    def _near(counts: Counter[tuple[Side, int]], candidate: _Candidate) -> int:
        bucket = round(candidate.row.y / 2)
        return sum(counts.get((candidate.side, bucket + d), 0) for d in (-1, 0, 1))


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
