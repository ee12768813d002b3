"""Where a place of the displayed page stands in the coordinates of its PDF page. Pure."""

from __future__ import annotations

from dataclasses import dataclass

Rectangle = tuple[float, float, float, float]  # left, bottom, right, top in the page's own units


@dataclass(frozen=True, slots=True)
class Sheet:
    """The visible part of a page, and how far it is turned for display."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int = 0  # quarter turns clockwise, 0 to 3
    unit: float = 1.0  # points that one unit of the page is long

    @property
    def width(self) -> float:
        """Return the width in units, as displayed."""
        return self.right - self.left if self.turns % 2 == 0 else self.top - self.bottom

    @property
    def height(self) -> float:
        """Return the height in units, as displayed."""
        return self.top - self.bottom if self.turns % 2 == 0 else self.right - self.left

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the displayed page stands, given as fractions of it from the top left."""
        across, down = ((x, y), (y, 1 - x), (1 - x, 1 - y), (1 - y, x))[self.turns]
        return self.left + across * (self.right - self.left), self.top - down * (self.top - self.bottom)

    def rectangle(self, x0: float, y0: float, x1: float, y1: float) -> Rectangle:
        """Return where a rectangle of the displayed page stands."""
        (ax, ay), (bx, by) = self.point(x0, y0), self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def corners(self, x0: float, y0: float, x1: float, y1: float) -> list[float]:
        """Return the corners as displayed, top left, top right, bottom left, bottom right: x and y of each.

        That is the order that programs write and expect, whatever the standard says of it.
        """
        return [side for x, y in ((x0, y0), (x1, y0), (x0, y1), (x1, y1)) for side in self.point(x, y)]


def around(rectangles: list[Rectangle]) -> Rectangle:
    """Return the smallest rectangle around several."""
    lefts, bottoms, rights, tops = zip(*rectangles, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)
