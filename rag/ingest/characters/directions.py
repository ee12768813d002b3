"""Which way words run: across the page, up, down, overhead or aslant; one under the other; with a large initial.

What runs another way than its neighbours stands in no line of theirs, whatever order the file has it in.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from rag.ingest.characters.frames import Frame, Turn, Word
from rag.ingest.characters.scripts import clean_token, is_ideograph

_LEVEL_DEGREES = 10  # text that leans less runs straight


class Found(NamedTuple):
    """A word whose place is not known yet."""

    text: str
    first: int  # pdfium's indices of its characters
    last: int
    broken: bool
    glued: bool


class Directions:
    """Which way the characters of a page run. Asked for what looks uneven only: the matrix of a character costs."""

    def __init__(self, raw: Any, frame: Frame) -> None:
        self._raw, self._frame = raw, frame
        self._matrix = pdfium.FS_MATRIX()
        self._box = pdfium.FS_RECTF()
        level = -math.atan2(frame.c, frame.a)  # as pdfium gives the angle of text that runs across the displayed page
        self._levels = level % math.tau - 0.02, level % math.tau + 0.02

    def is_level(self, at: int) -> bool:
        """Tell whether a character stands upright on the displayed page."""
        angle = pdfium.FPDFText_GetCharAngle(self._raw, at) % math.tau
        low, high = self._levels
        return bool(low < angle < high or low < angle - math.tau < high or low < angle + math.tau < high)

    def of(self, at: int) -> Turn | None:
        """Return which way a character's line runs; None when it is not known."""
        matrix = self._matrix
        if not pdfium.FPDFText_GetMatrix(self._raw, at, ctypes.byref(matrix)) or not (matrix.a or matrix.b):
            return None
        frame = self._frame
        across, down = frame.a * matrix.a + frame.c * matrix.b, frame.b * matrix.a + frame.d * matrix.b
        degrees = math.degrees(math.atan2(-down, across))
        quarter = round(degrees / 90)
        if abs(degrees - 90 * quarter) > _LEVEL_DEGREES:
            return 3
        turns: tuple[Turn, ...] = (0, 1, 2, -1)
        return turns[quarter % 4]

    def examined(self, token: Found, around: Sequence[float]) -> list[Word]:
        """Return a word that is short or uneven with its direction; more than one where that changes within it."""
        begins, ends = self.of(token.first), self.of(token.last)
        if begins != ends and len(token.text) > 1 and not token.glued:
            return self._parted(token)
        boxes = [self._place(at) for at in (token.first, token.last)]
        turn = begins if begins is not None else 0
        if turn == 0 and len(token.text) > 1:
            (_, top, _, foot), (_, next_top, _, next_foot) = boxes
            shared = min(foot, next_foot) - max(top, next_top)
            if shared < 0.2 * min(foot - top, next_foot - next_top):  # letters that stand one under the other
                turn = 1 if next_top < top else -1
            elif token.text[0].isupper() and foot - top > 1.8 * (next_foot - next_top):  # an initial
                around = around[0], next_top, around[2], next_foot
        x0, y0, x1, y1 = around
        return [Word(token.text, x0, y0, x1, y1, token.first, token.broken, turn, token.glued)]

    def _parted(self, token: Found) -> list[Word]:
        words: list[Word] = []
        for at in range(token.first, token.last + 1):
            text = clean_token(chr(pdfium.FPDFText_GetUnicode(self._raw, at) or 0xFFFD))
            if not text:
                continue
            turn = self.of(at) or 0
            x0, y0, x1, y1 = self._place(at)
            if words and words[-1].turn == turn:
                last = words[-1]
                around = min(last.x0, x0), min(last.y0, y0), max(last.x1, x1), max(last.y1, y1)
                words[-1] = Word(last.text + text, *around, last.at, False, turn)
            else:
                words.append(Word(text, x0, y0, x1, y1, at, False, turn))
        return words

    def _place(self, at: int) -> tuple[float, float, float, float]:
        pdfium.FPDFText_GetLooseCharBox(self._raw, at, ctypes.byref(self._box))
        box = self._box
        return self._frame.box(box.left, box.bottom, box.right, box.top)


def stacked(words: list[Word]) -> list[Word]:
    """Return the words with those characters turned that stand one under the other: vertical writing."""
    turned = list(words)
    start = 0
    for i in range(1, len(words) + 1):
        if i < len(words) and words[i].glued:
            continue
        run = words[start:i]
        n_down = sum(_stands_under(word, other) for word, other in pairwise(run))
        if n_down > 0.5 * (len(run) - 1):
            em = sorted(word.y1 - word.y0 for word in run)[len(run) // 2]
            turned[start:i] = [_in_column(word, em) for word in run]
        start = i
    return _with_lone_ones(turned)


def _with_lone_ones(words: list[Word]) -> list[Word]:
    """Return the words with a character that stands alone, at the end of a text, turned where most are."""
    turns = [word.turn for word in words if is_ideograph(word.text)]
    if turns.count(-1) <= 0.5 * len(turns):
        return words
    last = len(words) - 1
    return [
        _in_column(word, word.height)
        if not word.turn and not word.glued and is_ideograph(word.text) and (i == last or not words[i + 1].glued)
        else word
        for i, word in enumerate(words)
    ]


def _stands_under(word: Word, other: Word) -> bool:
    shared = min(word.x1, other.x1) - max(word.x0, other.x0)
    return other.y0 > word.y0 + 0.4 * word.height and shared > 0.4 * min(word.x1 - word.x0, other.x1 - other.x0)


def _in_column(word: Word, em: float) -> Word:
    """Return a character of vertical writing; pdfium's box of it is too wide to the left."""
    if not is_ideograph(word.text):
        return word._replace(turn=-1)
    return word._replace(x0=max(word.x0, word.x1 - em), turn=-1)


def with_drop_caps(words: list[Word]) -> list[Word]:
    """Return the words with large initials joined to the rest of their word, as high as its line."""
    for i in [i for i, word in enumerate(words[:-1]) if len(word[0]) == 1 and word[0].isupper()]:
        cap, word = words[i], words[i + 1]
        if cap.height > 1.8 * word.height and _is_initial_of(cap, word):
            words[i] = cap._replace(y0=word.y0, y1=word.y1)
            words[i + 1] = word._replace(glued=True)
    return words


def _is_initial_of(cap: Word, word: Word) -> bool:
    if not word.text[0].islower() or cap.turn or word.turn:
        return False
    gap = word.x0 - cap.x1
    is_near = -0.3 * word.height < gap < (0.25 if cap.text in "AI" else 1.0) * word.height
    return is_near and cap.y0 - 0.3 * word.height < word.y0 < (cap.y0 + cap.y1) / 2
