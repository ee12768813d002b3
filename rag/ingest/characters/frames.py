"""A word with its place, and how points of a page's own space map to the page as it is displayed."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

_GRID = 1 << 20  # pdfium gives whole device units: a fine grid keeps fractions


Turn = Literal[-1, 0, 1, 2, 3]  # text that runs down the page, across it, up it, across it upside down, aslant
SIDEWAYS: tuple[Turn, Turn] = (-1, 1)


class Word(NamedTuple):
    """A word, or the piece of a word that stands on one line; `broken` when it ends in a hyphen at a line's end.

    `glued`: no space parts it from the word before, as between the characters of Chinese.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    at: int  # pdfium's index of its first character
    broken: bool = False
    turn: Turn = 0
    glued: bool = False

    @property
    def height(self) -> float:
        """Return the height of the word's line box in points."""
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Frame:
    """How points of a page's own space map to the page as displayed: x' = a x + c y + e, y' = b x + d y + f."""

    width: float  # points, as displayed
    height: float
    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    @classmethod
    def of(cls, page: Any) -> Frame:
        """Return the frame of a pdfium page; it accounts for the crop box and the rotation."""
        width, height = page.get_width(), page.get_height()
        (e, f), (ax, bx), (cx, dx) = (_to_device(page, x, y) for x, y in ((0, 0), (1000, 0), (0, 1000)))
        return cls(
            width,
            height,
            a=(ax - e) / 1000 * width,
            b=(bx - f) / 1000 * height,
            c=(cx - e) / 1000 * width,
            d=(dx - f) / 1000 * height,
            e=e * width,
            f=f * height,
        )

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """Return one box of the page's own space as x0, y0, x1, y1 of the displayed page."""
        x, other_x = self.a * left + self.c * bottom + self.e, self.a * right + self.c * top + self.e
        y, other_y = self.b * left + self.d * bottom + self.f, self.b * right + self.d * top + self.f
        return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)

    def place(self, boxes: list[float]) -> NDArray[np.float64]:
        """Return left, bottom, right, top boxes of the page's own space as x0, y0, x1, y1 of the displayed page."""
        own = np.array(boxes, np.float64).reshape(-1, 4)
        x = self.a * own[:, 0::2] + self.c * own[:, 1::2] + self.e
        y = self.b * own[:, 0::2] + self.d * own[:, 1::2] + self.f
        return np.stack([x.min(1), y.min(1), x.max(1), y.max(1)], 1)


def _to_device(page: Any, x: float, y: float) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page.raw, 0, 0, _GRID, _GRID, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return across.value / _GRID, down.value / _GRID


def written(words: Sequence[Word]) -> str:
    """Return the words of a line as they are printed, with spaces between them where there are spaces."""
    if not any(word.glued for word in words):
        return " ".join([word.text for word in words])
    return "".join([word.text if i == 0 or word.glued else f" {word.text}" for i, word in enumerate(words)])
