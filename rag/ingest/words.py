"""The characters of a page as pdfium has them, put together to words with boxes.

Boxes are in points of the page as it is displayed (rotated, cropped), origin top left, y downwards. The order is that
of the content stream.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

_TOKEN = re.compile(r"[^\s\ufffe]+\ufffe?")
_BROKEN = "\ufffe"  # pdfium's mark for a hyphen at a line's end; the newline that followed it is swallowed
_CLEAN: dict[int, str | None] = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "ft", 0xFB06: "st",
    0xAD: None, 0x200B: None, 0x200C: None, 0x200D: None, 0xFEFF: None, 0x2060: None,
    0x2010: "-", 0x2011: "-", 0xF0B7: "•", 0xF0A7: "▪",
}  # fmt: skip
_CLEAN |= dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])
_CLEAN |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")  # half of a character pair
_BOLD_NAMES = (b"bold", b"-medi", b"black", b"heavy", b"cmbx", b"sfbx", b"-demi")
_GRID = 1 << 20  # pdfium gives whole device units: a fine grid keeps fractions


Turn = Literal[-1, 0, 1]  # text that runs down the page, across it, up it


class Word(NamedTuple):
    """A word, or the piece of a word that stands on one line; `broken` when it ends in a hyphen at a line's end."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    at: int  # pdfium's index of its first character
    broken: bool = False
    turn: Turn = 0

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


def page_words(textpage: Any, frame: Frame) -> list[Word]:
    """Return the words of a page in the order of its content stream."""
    raw = textpage.raw
    n_chars = pdfium.FPDFText_CountChars(raw)
    if n_chars <= 0:
        return []
    text, n_units = _page_text(raw, n_chars)
    char_index = _char_indices(raw, text, n_units, n_chars)
    first, last = pdfium.FS_RECTF(), pdfium.FS_RECTF()
    first_p, last_p, loose_box = ctypes.byref(first), ctypes.byref(last), pdfium.FPDFText_GetLooseCharBox
    found: list[tuple[str, int, bool]] = []
    boxes: list[float] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        start, end = match.start(), match.end() - 1
        if char_index is not None:
            start, end = char_index(start), char_index(end)
            if start < 0 or end < 0:
                continue
        broken = token[-1] == _BROKEN
        if broken:
            token = token[:-1] + "-"
        if not (token.isascii() and token.isprintable()):
            token = token.translate(_CLEAN)
            if not token:
                continue
        if not loose_box(raw, start, first_p) or not loose_box(raw, end, last_p):
            continue
        found.append((token, start, broken))
        boxes += first.left, first.bottom, first.right, first.top, last.left, last.bottom, last.right, last.top
    return _placed(found, frame.place(boxes))


def _placed(found: list[tuple[str, int, bool]], boxes: NDArray[np.float64]) -> list[Word]:
    """Return words from their texts and the boxes of their first and last characters."""
    first, last = boxes[0::2], boxes[1::2]
    low, high = np.minimum(first, last), np.maximum(first, last)
    around = np.concatenate([low[:, :2], high[:, 2:]], 1)
    shared = low[:, 3] - high[:, 1]  # height that both stand on
    height = np.minimum(first[:, 3] - first[:, 1], last[:, 3] - last[:, 1])
    turns = np.where(shared < 0.2 * height, np.where(last[:, 1] < first[:, 1], 1, -1), 0)
    return [
        Word(token, x0, y0, x1, y1, at, broken, turn if len(token) > 1 else 0)
        for (token, at, broken), (x0, y0, x1, y1), turn in zip(found, around.tolist(), turns.tolist(), strict=True)
    ]


def main_turn(words: list[Word]) -> Turn:
    """Return how most of a page's text runs: tables are at times set sideways on pages that are not rotated."""
    weights: dict[Turn, int] = {0: 0, 1: 0, -1: 0}
    for word in words:
        if len(word.text) > 1:
            weights[word.turn] += len(word.text)
    return max(weights, key=lambda turn: weights[turn])


def turned(words: list[Word], turn: Turn, frame: Frame) -> list[Word]:
    """Return the words on the page as it lies when its reader has turned it, so that `turn` runs across."""
    if turn == 0:
        return words
    found = []
    for word in words:
        x0, y0, x1, y1 = word[1:5]
        if turn == 1:
            box = frame.height - y1, x0, frame.height - y0, x1
        else:
            box = y0, frame.width - x1, y1, frame.width - x0
        other: Turn = 0 if word.turn == turn or len(word.text) == 1 else 1
        found.append(Word(word.text, *box, word.at, word.broken, other))
    return found


def _page_text(raw: Any, n_chars: int) -> tuple[str, int]:
    """Return all characters of a page and the number of UTF-16 units they take."""
    buffer = (ctypes.c_ushort * (n_chars + 1))()
    n_written = pdfium.FPDFText_GetText(raw, 0, n_chars, buffer)
    units = bytes(buffer)[: 2 * max(0, n_written - 1)]
    return units.decode("utf-16-le", "surrogatepass"), len(units) // 2


def _char_indices(raw: Any, text: str, n_units: int, n_chars: int) -> Callable[[int], int] | None:
    """Return a function from positions in `text` to pdfium's character indices; None when they are the same.

    pdfium counts UTF-16 units (letters beyond U+FFFF take two) and leaves control characters out of the text.
    """
    if len(text) == n_units == n_chars:
        return None
    units: list[int] | None = None
    if len(text) != n_units:
        units, at = [], 0
        for character in text:
            units.append(at)
            at += 2 if ord(character) > 0xFFFF else 1

    def char_index(position: int) -> int:
        unit = position if units is None else units[position]
        index: int = unit if n_units == n_chars else pdfium.FPDFText_GetCharIndexFromTextIndex(raw, unit)
        return index

    return char_index


def bold_test(textpage: Any) -> Callable[[Word], bool]:
    """Return a function that tells whether a word of this page is set in a bold font; valid while the page is open."""
    raw = textpage.raw
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()

    def is_bold(word: Word) -> bool:
        if pdfium.FPDFText_GetFontWeight(raw, word.at) >= 600:
            return True
        pdfium.FPDFText_GetFontInfo(raw, word.at, name, 128, ctypes.byref(flags))
        lowered: bytes = name.value.lower()
        return any(part in lowered for part in _BOLD_NAMES)

    return is_bold


def is_garbled(textpage: Any, words: list[Word]) -> bool:
    """Tell whether a page's text is not what is seen on it: fonts without a map to Unicode."""
    text = "".join(word.text for word in words)
    if len(text) < 40:
        return False
    odd = sum(1 for c in text if c == "\ufffd" or "\ue000" <= c <= "\uf8ff") if not text.isascii() else 0
    if odd > 0.1 * len(text):
        return True
    sample = range(0, pdfium.FPDFText_CountChars(textpage.raw), 7)
    unmapped = sum(pdfium.FPDFText_HasUnicodeMapError(textpage.raw, i) == 1 for i in sample)
    return bool(unmapped > 0.2 * len(sample))


def picture_share(page: Any, frame: Frame) -> float:
    """Return the share of the page that its largest picture covers, 0 to 1."""
    area = max(1.0, frame.width * frame.height)
    largest = 0.0
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = picture.get_bounds()
        largest = max(largest, abs(right - left) * abs(top - bottom))
    return min(1.0, largest / area)
