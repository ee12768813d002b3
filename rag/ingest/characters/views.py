"""How text runs on a page, and the page as its reader turns it: so that every line runs across, from left to right.

Lines are laid out in a view: a page whose table is set sideways is turned, one in Arabic is mirrored, so that the
order of columns, indents and cells is told by one piece of code. Boxes go back to the displayed page at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.ingest.characters.scripts import RTL, direction
from rag.ingest.characters.words import SIDEWAYS, Frame, Turn, Word

TURNS: tuple[Turn, ...] = (0, 1, -1, 2, 3)


class View(NamedTuple):
    """A page as its reader turns it; `mirrored` where it is written from right to left."""

    turn: Turn = 0
    mirrored: bool = False

    def size(self, width: float, height: float) -> tuple[float, float]:
        """Return width and height in the view of a page that is displayed in this size."""
        return (height, width) if self.turn in SIDEWAYS else (width, height)

    def back(self, boxes: NDArray[np.float32], width: float, height: float) -> NDArray[np.float32]:
        """Return boxes (W, 4) in the view as boxes of the displayed page, which has this size."""
        x0, y0, x1, y1 = boxes.T
        if self.mirrored:
            across = self.size(width, height)[0]
            x0, x1 = across - x1, across - x0
        if self.turn == 1:
            x0, y0, x1, y1 = y0, height - x1, y1, height - x0
        elif self.turn == -1:
            x0, y0, x1, y1 = width - y1, x0, width - y0, x1
        elif self.turn == 2:
            x0, y0, x1, y1 = width - x1, height - y1, width - x0, height - y0
        return np.stack([x0, y0, x1, y1], 1)

    def of(self, words: Sequence[Word], frame: Frame) -> list[Word]:
        """Return words of the displayed page as they lie in the view; those that run its way have turn 0 there."""
        lying = turned(words, self.turn, frame)
        if not self.mirrored:
            return lying
        across = self.size(frame.width, frame.height)[0]
        return [word._replace(x0=across - word.x1, x1=across - word.x0) for word in lying]


def main_turn(words: Sequence[Word]) -> Turn:
    """Return how most of a page's text runs: tables are at times set sideways on pages that are not rotated."""
    weights: dict[Turn, int] = {0: 0, 1: 0, -1: 0, 2: 0}
    for word in words:
        if word.turn in weights and (len(word.text) > 1 or word.glued):
            weights[word.turn] += len(word.text)
    return max(weights, key=lambda turn: weights[turn])


def turned(words: Sequence[Word], turn: Turn, frame: Frame) -> list[Word]:
    """Return the words on the page as it lies when its reader has turned it, so that `turn` runs across."""
    if turn == 0:
        return list(words)
    found = []
    for word in words:
        x0, y0, x1, y1 = box = word[1:5]
        if turn == 1:
            box = frame.height - y1, x0, frame.height - y0, x1
        elif turn == -1:
            box = y0, frame.width - x1, y1, frame.width - x0
        elif turn == 2:
            box = frame.width - x1, frame.height - y1, frame.width - x0, frame.height - y0
        other: Turn = 0 if word.turn == turn else 1
        found.append(Word(word.text, *box, word.at, word.broken, other, word.glued))
    return found


def reads_leftwards(words: Sequence[Word]) -> bool:
    """Tell whether most of the words' letters are written from right to left."""
    if not RTL.search("".join(word.text for word in words)):
        return False
    balance = sum(direction(word.text) * len(word.text) for word in words if direction(word.text) != 2)
    return balance < 0
