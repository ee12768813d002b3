"""Characters of a passage to characters of its pages, and characters of a page to rectangles on it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rag.types import Box, Page, PageSpan, Passage, join_slices

_SPACE = 1.5  # words of one line share a rectangle when they stand closer than this many line heights


def passage_slice(passage: Passage, texts: Mapping[int, str], start: int, end: int) -> tuple[PageSpan, ...]:
    """Return the page spans of characters `start` to `end` of `passage.text`, in order.

    `texts` gives the text of every page that the passage stands on. The space that joins two slices belongs to no
    page; a range that holds nothing else gives no span. A word that is broken at the foot of its page gives one span
    on either page; the first takes the mark of the break along, so that `join_slices` puts the word together again.
    """
    slices = [texts[span.page][span.start : span.end] for span in passage.spans]
    _, offsets = join_slices(slices)
    found = []
    for i, span in enumerate(passage.spans):
        is_broken = i + 1 < len(slices) and slices[i].endswith("\u00ad")
        length = len(slices[i]) - is_broken  # in the joined text
        first, last = max(start - offsets[i], 0), min(end - offsets[i], length)
        if first < last:
            goes_on = is_broken and end > offsets[i] + length
            found.append(PageSpan(span.page, span.start + first, span.start + last + goes_on))
    return tuple(found)


def page_boxes(page: Page, start: int, end: int) -> tuple[Box, ...]:
    """Return one rectangle a line for characters `start` to `end` of `page.text`, in reading order.

    A word that is only partly covered gives the part of its width that its covered characters have of all.
    """
    words = page.words
    first = int(np.searchsorted(words.ends, start, side="right"))
    last = int(np.searchsorted(words.starts, end, side="left"))
    found: list[Box] = []
    line = None
    columns = (part[first:last].tolist() for part in (words.boxes, words.starts, words.ends, words.lines))
    for whole, begins, ends, line_of in zip(*columns, strict=True):
        box = _covered(whole, begins, ends, start, end)
        if found and line_of == line and _are_neighbours(page, found[-1], box):
            found[-1] = _around(page.number, found[-1], box)
        else:
            found.append(Box(page.number, *box))
        line = line_of
    return tuple(found)


def _covered(box: Sequence[float], first: int, last: int, start: int, end: int) -> tuple[float, float, float, float]:
    """Return the part of a word's box that characters `start` to `end` have; the word has `first` to `last`."""
    x0, y0, x1, y1 = box
    length = max(1, last - first)
    before, after = max(0, start - first) / length, max(0, last - end) / length
    if y1 - y0 > 2 * (x1 - x0) and length > 2:  # set upright: cutting along the width would be wrong
        return x0, y0, x1, y1
    width = x1 - x0
    return x0 + before * width, y0, x1 - after * width, y1


def _are_neighbours(page: Page, box: Box, other: Sequence[float]) -> bool:
    """Tell whether two words of one line stand side by side, whichever way the line runs."""
    x0, y0, x1, y1 = other
    apart_x, apart_y = max(x0 - box.x1, box.x0 - x1) * page.width, max(y0 - box.y1, box.y0 - y1) * page.height
    wide, high = min(x1 - x0, box.x1 - box.x0) * page.width, min(y1 - y0, box.y1 - box.y0) * page.height
    across = apart_y < -0.3 * high and apart_x < _SPACE * high
    upright = apart_x < -0.3 * wide and apart_y < _SPACE * wide
    return across or upright


def _around(page: int, box: Box, other: Sequence[float]) -> Box:
    x0, y0, x1, y1 = other
    return Box(page, min(box.x0, x0), min(box.y0, y0), max(box.x1, x1), max(box.y1, y1))
