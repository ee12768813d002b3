"""White strips between columns of prose, found from geometry alone: the order of the stream plays no part."""

from __future__ import annotations

from collections.abc import Sequence

from rag.ingest.characters.words import Word
from rag.ingest.layout.lines import Gutter, n_letters

_MIN_WIDTH = 4  # points
_MIN_ROWS = 8


def find_gutters(words: Sequence[Word], width: float) -> list[Gutter]:
    """Return the strips (left, right), in points, that almost no row of words covers although it has words beside it.

    Prose must stand on both sides: columns of numbers have no gutter, they are cells of a row.
    """
    rows = [row for row in _rows(words) if len(row) > 3]
    if len(rows) < 10:
        return []
    return [strip for strip in _white_strips(rows, int(width) + 2) if _has_prose_beside(strip, rows)]


def _rows(words: Sequence[Word]) -> list[list[Word]]:
    rows: list[list[Word]] = []
    middle = 0.0
    for word in sorted(words, key=lambda word: word[2] + word[4]):
        if word.turn:
            continue
        twice_middle = word.y0 + word.y1
        if rows and abs(middle - twice_middle) < 0.7 * (word.y1 - word.y0):
            rows[-1].append(word)
        else:
            rows.append([word])
            middle = twice_middle
    for row in rows:
        row.sort(key=lambda word: word[1])
    return rows


def _white_strips(rows: Sequence[Sequence[Word]], width: int) -> list[Gutter]:
    """Return strips that at most 8 % of the rows reaching over them cover.

    A row reaches as far as its neighbours do: the lines of two columns need not stand at one height.
    """
    covered, spanned = [0] * (width + 1), [0] * (width + 1)  # changes at each point, summed below
    for i, row in enumerate(rows):
        near = rows[max(0, i - 1) : i + 2]
        left = min(width, max(0, int(min(other[0].x0 for other in near))))
        right = min(width, max(0, int(max(other[-1].x1 for other in near))))
        spanned[left] += 1
        spanned[right] -= 1
        end = 0
        for word in row:
            start, stop = min(width, max(end, int(word.x0 + 0.5))), min(width, int(word.x1 + 0.5))
            if stop > start:
                covered[start] += 1
                covered[stop] -= 1
                end = stop
    strips, start_of, n_covered, n_spanned = [], -1, 0, 0
    enough = max(_MIN_ROWS, 0.25 * len(rows))
    for x in range(width):
        n_covered += covered[x]
        n_spanned += spanned[x]
        is_white = n_spanned >= enough and n_covered <= 0.08 * n_spanned
        if is_white and start_of < 0:
            start_of = x
        elif not is_white and start_of >= 0:
            if x - start_of >= _MIN_WIDTH:
                strips.append((float(start_of), float(x)))
            start_of = -1
    return strips


def _has_prose_beside(strip: Gutter, rows: Sequence[Sequence[Word]]) -> bool:
    """Tell whether columns of prose stand on both sides: side by side on eight rows, or on eight rows of their own."""
    middle = sum(strip) / 2
    both, alone = _Tally(), _Tally()
    for row in rows:
        left = [word.text for word in row if word.x1 <= middle]
        right = [word.text for word in row if word.x0 >= middle]
        if len(left) + len(right) == len(row):
            (both if left and right else alone).add(left, right)
    if both.n_left >= _MIN_ROWS and both.is_prose:
        return True
    if min(alone.n_left, alone.n_right) < _MIN_ROWS or alone.n_words < 4.5 * alone.n_rows:
        return False
    both.take(alone)
    return both.is_prose


class _Tally:
    """Rows beside a strip."""

    def __init__(self) -> None:
        self.n_left = self.n_right = self.left_prose = self.right_prose = self.n_words = 0

    def add(self, left: Sequence[str], right: Sequence[str]) -> None:
        self.n_left += bool(left)
        self.n_right += bool(right)
        self.left_prose += _is_prose(left[-6:])
        self.right_prose += _is_prose(right[:6])
        self.n_words += len(left) + len(right)

    def take(self, other: _Tally) -> None:
        self.n_left += other.n_left
        self.n_right += other.n_right
        self.left_prose += other.left_prose
        self.right_prose += other.right_prose

    @property
    def n_rows(self) -> int:
        return self.n_left + self.n_right

    @property
    def is_prose(self) -> bool:
        return self.left_prose > 0.7 * self.n_left and self.right_prose > 0.7 * self.n_right


def _is_prose(words: Sequence[str]) -> bool:
    return n_letters("".join(words)) >= 9
