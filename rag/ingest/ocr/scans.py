"""Which pages show text that their text layer does not hold: pictures, garbled fonts, text that cannot be seen.

Text is hidden when it is invisible, or when a picture as large as the page lies over it and lets nothing through: what
another program's OCR left, or something else than what is shown. Only the page's edges of its list of objects are
looked at, so that a page of plain text costs next to nothing.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium

from rag.ingest.characters.garbled import is_garbled
from rag.ingest.characters.words import Frame, Word
from rag.types import PageSource
from rag.waiting import NEEDED

WHY: dict[PageSource, str] = {
    "image": "a picture without text",
    "garbled": "its fonts do not tell which letters they show",
}
LITTLE_TEXT = "little text over a picture"
_FEW_LETTERS = 20  # fewer beside a picture over half the page: a scan
_MOSTLY, _SOME = 0.5, 0.1  # of a page that pictures cover
_STAMP, _WHOLE = 200, 0.8  # letters of a stamp at most; share of the page that a scan covers
_OUTLINES = 150  # shapes on a page without text: its letters may be drawn
_INVISIBLE = 3  # PDF's text render mode
_DIGITS = re.compile(r"\d+")
_N_SAMPLES = 24  # words that are asked whether they can be seen
_N_LAST = 60  # objects that are looked at, from the topmost down
_OPAQUE = 128  # of 255
_CELLS = 24  # a page is laid out in as many cells each way, to add up pictures that overlap
_DEEPEST = 4  # forms in forms


def page_source(page: Any, textpage: Any, frame: Frame, words: list[Word]) -> tuple[PageSource, str | None]:
    """Return how an open pdfium page with these words can be read, and why not; "ocr": its text cannot be seen."""
    if sum(len(word.text) for word in words) < _FEW_LETTERS:
        least = _MOSTLY if words else _SOME
        if picture_share(page, frame) > least or (not words and _n_objects(page) > _OUTLINES):
            return "image", f"{why_unread('image', has_text=bool(words))}; {NEEDED}"
    if not words:
        return "empty", "no text on this page"
    if is_garbled(textpage, words):
        return "garbled", f"{WHY['garbled']}; {NEEDED}"
    return "ocr" if has_hidden_text(page, textpage, frame, words) else "text", None


def why_unread(source: PageSource, *, has_text: bool) -> str:
    """Return why a page needs OCR, as the end of a sentence; `has_text`: the little that was read of it is kept."""
    return LITTLE_TEXT if source == "image" and has_text else WHY[source]


def stamp_of(page: Any, frame: Frame, words: list[Word]) -> str:
    """Return the text of a page, digits masked, that may be no more than a stamp on a scan; "" when it is more."""
    text = " ".join(word.text for word in words)
    if len(text) > _STAMP or picture_share(page, frame) < _WHOLE:
        return ""
    return _DIGITS.sub("#", text)


def _n_objects(page: Any) -> int:
    return sum(1 for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=_DEEPEST))


def picture_share(page: Any, frame: Frame) -> float:
    """Return the share of the page that its pictures cover together, 0 to 1: scanners cut a page into strips."""
    pictures = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEPEST)
    return _covered([picture.get_bounds() for picture in pictures], frame)


def has_hidden_text(page: Any, textpage: Any, frame: Frame, words: list[Word]) -> bool:
    """Tell whether most of a page's text cannot be seen."""
    if not words:
        return False
    sample = words[:: max(1, len(words) // _N_SAMPLES)]
    unseen = sum(_is_invisible(textpage, word) for word in sample)
    return unseen > 0.5 * len(sample) or _is_under_pictures(page, frame)


def _is_under_pictures(page: Any, frame: Frame) -> bool:
    """Tell whether pictures hide the text of a page: as large together as the page, and not to be seen through."""
    pictures = list(_on_top(page))
    if _covered([bounds for _, bounds in pictures], frame) <= _WHOLE:
        return False
    return _covered([bounds for drawn, bounds in pictures if _is_opaque(page, drawn)], frame) > _WHOLE


def _is_opaque(page: Any, picture: Any) -> bool:
    """Tell whether most of a picture hides what is under it, its mask applied; one that cannot be drawn counts so."""
    bitmap = pdfium.FPDFImageObj_GetRenderedBitmap(page.pdf.raw, page.raw, picture)
    if not bitmap:
        return True
    try:
        if pdfium.FPDFBitmap_GetFormat(bitmap) != pdfium.FPDFBitmap_BGRA:
            return True
        across, down, stride = (
            ask(bitmap)
            for ask in (pdfium.FPDFBitmap_GetWidth, pdfium.FPDFBitmap_GetHeight, pdfium.FPDFBitmap_GetStride)
        )
        start = ctypes.cast(pdfium.FPDFBitmap_GetBuffer(bitmap), ctypes.POINTER(ctypes.c_ubyte))
        alpha = np.ctypeslib.as_array(start, (down, stride))[:, 3 : 4 * across : 4]
        return float((alpha >= _OPAQUE).mean()) > 0.5
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)


def _is_invisible(textpage: Any, word: Word) -> bool:
    shown = pdfium.FPDFText_GetTextObject(textpage.raw, word.at)
    return bool(shown) and pdfium.FPDFTextObj_GetTextRenderMode(shown) == _INVISIBLE


def _on_top(page: Any) -> Iterator[tuple[Any, tuple[float, float, float, float]]]:
    """Yield the pictures that are drawn after all text, with their bounds."""
    raw = page.raw
    n_objects = pdfium.FPDFPage_CountObjects(raw)
    for i in range(n_objects - 1, max(-1, n_objects - 1 - _N_LAST), -1):
        drawn = pdfium.FPDFPage_GetObject(raw, i)
        kind = pdfium.FPDFPageObj_GetType(drawn)
        if kind in {pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_FORM}:  # a form may hold text
            return
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE and not pdfium.FPDFPageObj_HasTransparency(drawn):
            sides = [ctypes.c_float() for _ in range(4)]
            if pdfium.FPDFPageObj_GetBounds(drawn, *map(ctypes.byref, sides)):
                left, bottom, right, top = (side.value for side in sides)
                yield drawn, (left, bottom, right, top)


def _covered(bounds: list[tuple[float, float, float, float]], frame: Frame) -> float:
    """Return the share of the page that these rectangles of its own space cover together."""
    if not bounds:
        return 0.0
    cells = np.zeros((_CELLS, _CELLS), bool)
    boxes = frame.place([side for box in bounds for side in box])
    boxes /= (max(1.0, frame.width), max(1.0, frame.height)) * 2
    for x0, y0, x1, y1 in np.rint(boxes.clip(0, 1) * _CELLS).astype(int).tolist():
        cells[y0:y1, x0:x1] = True
    return float(cells.mean())
