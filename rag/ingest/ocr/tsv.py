"""Tesseract's TSV to words with boxes in pixels."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

_N_COLUMNS = 12
_HYPHENS = str.maketrans(dict.fromkeys("\u00ad\u2010\u2011\u00ac", "-"))


class Seen(NamedTuple):
    """A word as tesseract saw it: a box in pixels, a confidence 0 to 1, the block, paragraph and line it is in."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float
    line: tuple[int, int, int]
    at: int  # how many words came before it


def parse_tsv(text: str) -> list[Seen]:
    """Return the words of tesseract's TSV output in its order. Lines that are none are left out."""
    found: list[Seen] = []
    for row in text.splitlines():
        columns = row.split("\t", _N_COLUMNS - 1)
        if len(columns) < _N_COLUMNS or columns[0] != "5":
            continue
        try:
            block, paragraph, line = (int(column) for column in columns[2:5])
            left, top, width, height, confidence = (float(column) for column in columns[6:11])
        except ValueError:
            continue
        word = _cleaned(columns[11])
        if word and width > 0 and height > 0:
            box = left, top, left + width, top + height
            found.append(Seen(word, *box, min(1.0, max(0.0, confidence / 100)), (block, paragraph, line), len(found)))
    return found


def _cleaned(text: str) -> str:
    text = "".join(c for c in text if c.isprintable() and not c.isspace())
    if not text.isascii():
        text = "".join(unicodedata.normalize("NFKC", c) if "\ufb00" <= c <= "\ufb06" else c for c in text)
        text = text.translate(_HYPHENS)
    return text
