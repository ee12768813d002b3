"""Whether pages that were copied look as they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2

from rag.errors import PdfError
from rag.ingest.files.pdf import PDFIUM_LOCK, open_pdf
from rag.types import Floats

_WIDTH = 160  # pixels
_MAX_APART = 0.2  # mean difference of two pictures in 0 to 255; one renderer draws one page alike
_MAX_SIZE_APART = 0.5  # points


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a page shows."""

    size: tuple[float, float]  # points
    text: str
    picture: Floats  # (height, width) in grey


def alike(path: Path, numbers: Sequence[int], copy: bytes, copied: Sequence[int]) -> list[bool]:
    """Tell of each page of a file whether its copy in another shows the same, annotations left aside.

    Args:
        numbers: pages of the file, from 1.
        copied: the pages of the other file that they became, from 1.
    """
    with PDFIUM_LOCK:
        try:
            ours = pypdfium2.PdfDocument(copy)
        except pypdfium2.PdfiumError:
            return [False] * len(numbers)
        try:
            theirs = open_pdf(path, name="The document's file")
        except PdfError:
            ours.close()
            return [False] * len(numbers)
    try:
        return [_look_alike(theirs, a, ours, b) for a, b in zip(numbers, copied, strict=True)]
    finally:
        with PDFIUM_LOCK:
            theirs.close()
            ours.close()


def _look_alike(theirs: Any, number: int, ours: Any, copied: int) -> bool:
    """Compare two pages; what others want of pdfium waits for these alone."""
    with PDFIUM_LOCK:
        return _is_same(_seen(theirs, number), _seen(ours, copied))


def _is_same(one: _Seen | None, other: _Seen | None) -> bool:
    if one is None or other is None or one.text != other.text or one.picture.shape != other.picture.shape:
        return False
    apart = max(abs(a - b) for a, b in zip(one.size, other.size, strict=True))
    return apart <= _MAX_SIZE_APART and float(np.abs(one.picture - other.picture).mean()) <= _MAX_APART


def _seen(document: Any, number: int) -> _Seen | None:
    """Return what a page shows; None when it cannot be drawn."""
    try:
        page = document[number - 1]
    except (pypdfium2.PdfiumError, IndexError):
        return None
    try:
        width, height = page.get_size()
        scale = min(_WIDTH / max(1.0, width), 20 * _WIDTH / max(1.0, height))  # a strip's picture would be huge
        bitmap = page.render(scale=scale, draw_annots=False, may_draw_forms=False, grayscale=True)
        picture = bitmap.to_numpy().astype(np.float32)
        bitmap.close()
        textpage = page.get_textpage()
        text = textpage.get_text_bounded()
        textpage.close()
        return _Seen((width, height), text, picture)
    except pypdfium2.PdfiumError:
        return None
    finally:
        page.close()
