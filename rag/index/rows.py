"""Records to rows of the catalog and back. Pure."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from rag.text import digit_share
from rag.types import Box, Cell, Document, Floats, Page, PageSpan, Passage, Words

Row = tuple[Any, ...]

DOCUMENT_COLUMNS = (
    "sha256, name, title, state, n_pages, n_passages, added, n_bytes, author, reason, key, language, seconds"
)
PAGE_COLUMNS = "number, label, text, width, height, words, source, reason, confidence"
PASSAGE_COLUMNS = (
    "passage.number, passage.text, passage.index_text, passage.spans, passage.headings, passage.kind,"
    " passage.title, passage.cells, passage.figure, document.sha256, passage.id"
)

PASSAGE_PLACES = (
    "document, number, first_page, last_page, kind, spans, headings, text, index_text, title, cells, figure, digits"
)

_BOX_STEPS = 65_535  # a side is kept as one of these: at most 1/131,070 of the page off
_SURROGATES = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """Return the text with half surrogate pairs, which UTF-8 cannot hold, replaced one for one by U+FFFD."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def document_from_row(row: Row) -> Document:
    """Return the document of a row of DOCUMENT_COLUMNS."""
    return Document(*row)


def page_to_row(document_key: int, page: Page) -> Row:
    """Return document, PAGE_COLUMNS and the share of digits."""
    label = None if page.label is None else storable(page.label)
    words = words_to_blob(page.words)
    place = (document_key, page.number, label, storable(page.text), page.width, page.height)
    return (*place, words, page.source, page.reason, page.confidence, digit_share(page.text))


def page_from_row(row: Row) -> Page:
    """Return the page of a row of PAGE_COLUMNS."""
    number, label, text, width, height, words, *how = row
    return Page(number, label, text, width, height, words_from_blob(words), *how)


def words_to_blob(words: Words) -> bytes:
    """Return the words as compressed bytes.

    Little-endian, each array after the other: starts, ends, lines as int32, boxes as uint16 fractions (zlib).
    """
    boxes = np.rint(np.nan_to_num(words.boxes).clip(0, 1) * _BOX_STEPS).astype("<u2")
    arrays = (words.starts.astype("<i4"), words.ends.astype("<i4"), words.lines.astype("<i4"), boxes)
    return zlib.compress(b"".join(array.tobytes() for array in arrays), level=1)


def words_from_blob(blob: bytes) -> Words:
    """Return the words that `words_to_blob` wrote; sides of boxes are at most 1/131,070 off."""
    raw = zlib.decompress(blob)
    n_words = len(raw) // 20  # three int32 and four uint16 a word
    starts, ends, lines = np.frombuffer(raw, "<i4", 3 * n_words).astype(np.int32).reshape(3, n_words)
    boxes = np.frombuffer(raw, "<u2", 4 * n_words, offset=12 * n_words).reshape(n_words, 4)
    return Words(starts, ends, boxes.astype(np.float32) / np.float32(_BOX_STEPS), lines)


def passage_to_row(document_key: int, passage: Passage) -> Row:
    """Return the values of PASSAGE_PLACES; index_text is None where it is the text."""
    pages = passage.pages or (0,)
    spans = json.dumps([[span.page, span.start, span.end] for span in passage.spans], separators=(",", ":"))
    headings = json.dumps([storable(heading) for heading in passage.headings], ensure_ascii=False)
    index_text = None if passage.index_text == passage.text else storable(passage.index_text)
    place = (document_key, passage.number, min(pages), max(pages))
    cells = [[c.span.page, c.span.start, c.span.end, storable(c.heading)] for c in passage.cells]
    box = passage.figure
    figure = None if box is None else json.dumps([box.page, box.x0, box.y0, box.x1, box.y1])
    table = (storable(passage.title), json.dumps(cells, ensure_ascii=False, separators=(",", ":")), figure)
    said = (storable(passage.text), index_text)
    return (*place, passage.kind, spans, headings, *said, *table, digit_share(passage.text))


def passage_from_row(row: Row) -> Passage:
    """Return the passage of a row of PASSAGE_COLUMNS."""
    number, text, index_text, spans, headings, kind, title, cells, figure, sha256, id_ = row
    return Passage(
        number=number,
        text=text,
        index_text=text if index_text is None else index_text,
        spans=tuple(PageSpan(*span) for span in json.loads(spans)),
        headings=tuple(json.loads(headings)),
        kind=kind,
        title=title,
        cells=tuple(Cell(PageSpan(*span), heading) for *span, heading in json.loads(cells)),
        figure=None if figure is None else Box(*json.loads(figure)),
        document_id=sha256,
        id=id_,
    )


def vectors_from_blobs(blobs: Sequence[bytes]) -> Floats:
    """Return vectors (len(blobs), n_dims) of float16 blobs."""
    if not blobs:
        return np.zeros((0, 0), np.float32)
    return np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), -1).astype(np.float32)


def unread(pages: Sequence[Page]) -> str | None:
    """Return in words which pages hold something that was not read; None when all were."""
    numbers = [page.number for page in pages if page.source in {"image", "garbled", "failed"}]
    if not numbers:
        return None
    listed = ", ".join(str(number) for number in numbers[:5]) + (", …" if len(numbers) > 5 else "")
    reason = next((page.reason for page in pages if page.number == numbers[0] and page.reason), "no readable text")
    return f"{len(numbers)} of {len(pages)} pages were not read (page {listed}): {reason}"
