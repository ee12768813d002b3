"""The columns of a table from the cells of its rows: all rows tell together where they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Protocol

from rag.ingest.tables.cells import RowCell

_TOUCHING = 0.35  # line heights between numbers of one column that stand beside each other: ")" and "%" hang out
FAR = 0.75  # of the columns' distance: what stands further off is not in a column


class Placed(Protocol):
    """What has a place across the page."""

    @property
    def x0(self) -> float:
        """Return its left edge, in points."""
        ...

    @property
    def x1(self) -> float:
        """Return its right edge."""
        ...

    @property
    def middle(self) -> float:
        """Return the middle between them."""
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table and its heading, "" where there is none."""

    x0: float
    x1: float
    heading: str = ""
    n: int = 1  # numbers in it

    @property
    def middle(self) -> float:
        """Return its middle, in points from the left."""
        return (self.x0 + self.x1) / 2


def columns_of(rows: Sequence[Sequence[RowCell]], height: float) -> list[Column]:
    """Return the columns that the numbers of rows stand in, left to right.

    Numbers that stand under each other are a column. Where that puts two numbers of one row into one column, the row
    with most numbers says where the columns are.
    """
    rows = [[cell for cell in row if cell.is_number] for row in rows]
    numbers = sorted((cell for row in rows for cell in row), key=lambda cell: cell.x0)
    if not numbers:
        return []
    found = [[numbers[0].x0, numbers[0].x1]]
    for cell in numbers[1:]:
        if cell.x0 < found[-1][1] + _TOUCHING * height:
            found[-1][1] = max(found[-1][1], cell.x1)
        else:
            found.append([cell.x0, cell.x1])
    columns = [Column(x0, x1) for x0, x1 in found]
    places = [[column_at(columns, cell) for cell in row] for row in rows]
    if all(len(set(place)) == len(place) for place in places):
        counts = Counter(i for place in places for i in place)
        return [replace(column, n=counts[i]) for i, column in enumerate(columns)]
    fullest = max(rows, key=len)
    return [Column(cell.x0, cell.x1) for cell in fullest]


def column_at(columns: Sequence[Column], cell: Placed) -> int | None:
    """Return the index of the column that a cell stands in, the nearest by right edge or middle; None if none is."""
    best, least = None, 0.0
    for i, column in enumerate(columns):
        distance = apart(column, cell) - 1000 * overlap(column, cell)
        if best is None or distance < least:
            best, least = i, distance
    if best is None or (least > -500 and least > FAR * pitch_of(columns)):
        return None
    return best


def agreeing(columns: Sequence[Column], earlier: Sequence[Column], height: float) -> list[Column] | None:
    """Return the columns with the headings of an earlier table, if they stand where its columns do; else None.

    A table that goes on elsewhere on the page or on the next page may be shifted as a whole.
    """
    most = max((column.n for column in columns), default=0)
    main = [column for column in columns if column.n >= 0.3 * most]
    if not main or len(main) > len(earlier):
        return None
    shift = 0.0
    if len(main) == len(earlier) > 1:
        shift = median(a.x1 - b.x1 for a, b in zip(main, earlier, strict=True))
    found: list[Column] = []
    for column in columns:
        nearest = min(earlier, key=lambda other: abs(other.x1 + shift - column.x1))
        near = abs(nearest.x1 + shift - column.x1) < 1.2 * height
        if near or nearest.x0 + shift <= column.middle <= nearest.x1 + shift:
            found.append(replace(column, heading=nearest.heading))
        elif column in main:
            return None
        else:
            found.append(column)
    return found


def pitch_of(columns: Sequence[Column]) -> float:
    """Return the least distance of neighbouring columns, in points."""
    return min((b.x1 - a.x1 for a, b in pairwise(columns)), default=80.0)


def apart(column: Column, cell: Placed) -> float:
    """Return how far a cell stands from a single column: edges or middles, whichever are nearer."""
    return min(abs(column.x1 - cell.x1), abs(column.middle - cell.middle), abs(column.x0 - cell.x0) + 0.5)


def overlap(one: Placed | Column, other: Placed | Column) -> bool:
    """Tell whether two things stand over each other."""
    return min(one.x1, other.x1) > max(one.x0, other.x0)
