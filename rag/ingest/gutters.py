"""White strips between columns of prose, found from geometry alone: the order of the stream plays no part."""

from __future__ import annotations

from collections.abc import Sequence

from rag.ingest.lines import LETTER, Gutter
from rag.ingest.words import Word

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
    """Return strips that at most 8 % of the rows reaching over them cover."""
    covered, spanned = [0] * (width + 1), [0] * (width + 1)  # changes at each point, summed below
    for row in rows:
        left, right = (min(width, max(0, int(x))) for x in (row[0].x0, row[-1].x1))
        spanned[left] += 1
        spanned[right] -= 1
        end = left
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
    middle = sum(strip) / 2
    n_rows = left_prose = right_prose = 0
    for row in rows:
        left = [word.text for word in row if word.x1 <= middle]
        right = [word.text for word in row if word.x0 >= middle]
        if left and right and len(left) + len(right) == len(row):
            n_rows += 1
            left_prose += _is_prose(left[-6:])
            right_prose += _is_prose(right[:6])
    return n_rows >= _MIN_ROWS and min(left_prose, right_prose) > 0.7 * n_rows


def _is_prose(words: Sequence[str]) -> bool:
    return len(LETTER.findall("".join(words))) >= 9
