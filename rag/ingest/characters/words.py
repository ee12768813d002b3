"""The characters of a page as pdfium has them, put together to words with boxes.

Boxes are in points of the page as it is displayed (rotated, cropped), origin top left, y downwards. The order is that
of the content stream.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from rag.ingest.characters.directions import Directions, Found, stacked, with_drop_caps
from rag.ingest.characters.frames import SIDEWAYS, Frame, Turn, Word, written
from rag.ingest.characters.scripts import ACCENTS, BROKEN, accented, clean_token, tokens

__all__ = ["SIDEWAYS", "Frame", "Turn", "Word", "bold_test", "open_text", "page_words", "written"]

_BOLD_NAMES = (b"bold", b"-medi", b"black", b"heavy", b"cmbx", b"sfbx", b"-demi")
_Row = tuple[str, int, int, bool, bool]  # the fields of Found
_SAMPLED = 40  # characters that tell how a page's text stands
_SHORT = 3  # characters of a word that may lean without showing it by their heights


def open_text(page: Any, frame: Frame) -> Any:
    """Return pdfium's text of a page; the caller closes it.

    pdfium puts the pieces of a line together from left to right as the page is displayed. Where most of the text
    stands upside down there, that is backwards: such a page is read as if it were turned round.
    """
    textpage = page.get_textpage()
    if not _is_upside_down(textpage.raw, frame):
        return textpage
    textpage.close()
    rotation = page.get_rotation()
    page.set_rotation((rotation + 180) % 360)
    try:
        return page.get_textpage()
    finally:
        page.set_rotation(rotation)


def _is_upside_down(raw: Any, frame: Frame) -> bool:
    """Tell whether most of a sample of characters stands on its head on the displayed page."""
    n_chars = pdfium.FPDFText_CountChars(raw)
    level = -math.atan2(frame.c, frame.a)  # as pdfium gives the angle of text that runs across the displayed page
    sample = range(0, n_chars, max(1, n_chars // _SAMPLED))
    angles = [pdfium.FPDFText_GetCharAngle(raw, i) for i in sample]
    turned = sum(math.cos(angle - level) < -0.9 for angle in angles if angle >= 0)
    return turned > 0.5 * max(1, len(angles))


def page_words(textpage: Any, frame: Frame) -> list[Word]:
    """Return the words of a page in the order of its content stream."""
    raw = textpage.raw
    n_chars = pdfium.FPDFText_CountChars(raw)
    if n_chars <= 0:
        return []
    text, n_units = _page_text(raw, n_chars)
    char_index = _char_indices(raw, text, n_units, n_chars)
    first_box, last_box = pdfium.FS_RECTF(), pdfium.FS_RECTF()
    first_p, last_p, loose_box = ctypes.byref(first_box), ctypes.byref(last_box), pdfium.FPDFText_GetLooseCharBox
    found: list[_Row] = []
    boxes: list[float] = []
    for begin, stop, glued in tokens(text):
        token = text[begin:stop]
        start, end = begin, stop - 1
        if char_index is not None:
            start, end = char_index(start), char_index(end)
            if start < 0 or end < 0:
                continue
        broken = token[-1] == BROKEN
        if broken:
            token = token[:-1] + "-"
        if not (token.isascii() and token.isprintable()):
            if len(token) > 1 and not ACCENTS.keys().isdisjoint(token):
                token = _accented(raw, token, start, end, frame)
            token = clean_token(token)
            if not token:
                continue
        if not loose_box(raw, start, first_p) or not loose_box(raw, end, last_p):
            continue
        found.append((token, start, end, broken, glued))
        boxes += first_box.left, first_box.bottom, first_box.right, first_box.top
        boxes += last_box.left, last_box.bottom, last_box.right, last_box.top
    return _placed(raw, *_on_page(found, frame.place(boxes), frame), frame)


def _on_page(found: list[_Row], boxes: NDArray[np.float64], frame: Frame) -> tuple[list[_Row], NDArray[np.float64]]:
    """Leave out words that lie outside the displayed page, cropped away: no reader sees them."""
    middles = (boxes[0::2, :2] + boxes[1::2, 2:]) / 2
    seen: NDArray[np.bool_] = np.asarray(((middles >= 0) & (middles <= (frame.width, frame.height))).all(1))
    if seen.all() or not seen.any():
        return found, boxes
    return [one for one, is_seen in zip(found, seen.tolist(), strict=True) if is_seen], boxes[np.repeat(seen, 2)]


def _placed(raw: Any, found: list[_Row], boxes: NDArray[np.float64], frame: Frame) -> list[Word]:
    """Return words from their texts and the boxes of their first and last characters."""
    first, last = boxes[0::2], boxes[1::2]
    low, high = np.minimum(first, last), np.maximum(first, last)
    around = np.concatenate([low[:, :2], high[:, 2:]], 1)
    height = np.maximum(0.1, np.minimum(first[:, 3] - first[:, 1], last[:, 3] - last[:, 1]))
    lengths = np.array([len(row[0]) for row in found])
    uneven = (np.abs(first[:, 1] - last[:, 1]) > 0.15 * height) | (last[:, 0] < first[:, 0] - 0.1)
    uneven |= high[:, 3] - low[:, 1] > 1.5 * height
    rows = zip(found, around.tolist(), strict=True)
    words = [
        Word(text, x0, y0, x1, y1, at, broken, 0, glued) for (text, at, _, broken, glued), (x0, y0, x1, y1) in rows
    ]
    directions = Directions(raw, frame)
    for i in reversed(np.flatnonzero(uneven | (lengths <= _SHORT)).tolist()):  # backwards: one may become several
        if uneven[i] or not directions.is_level(words[i].at):
            words[i : i + 1] = directions.examined(Found(*found[i]), words[i][1:5])
    if any(word.glued for word in words):
        words = stacked(words)
    return with_drop_caps(words)


def _accented(raw: Any, token: str, first: int, last: int, frame: Frame) -> str:
    """Return a word whose accents are drawn as marks of their own with the accents on their letters."""
    if last - first + 1 != len(token):
        return token
    box = pdfium.FS_RECTF()
    edges = []
    for at in range(first, last + 1):
        pdfium.FPDFText_GetLooseCharBox(raw, at, ctypes.byref(box))
        x0, _, x1, _ = frame.box(box.left, box.bottom, box.right, box.top)
        edges.append((x0, x1))
    return accented(token, edges)


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
