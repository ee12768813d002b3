"""Characters of a passage to characters of its pages, and characters of a page to rectangles on it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rag.types import Box, Page, PageSpan, Passage, join_slices

Sides = Sequence[float]  # x0, y0, x1, y1

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


def place_in(passage: Passage, texts: Mapping[int, str], spans: Sequence[PageSpan]) -> tuple[int, int] | None:
    """Return the characters of `passage.text` that page spans take up, the reverse of `passage_slice`.

    None where one of them lies outside the passage, or there are none.
    """
    slices = [texts[span.page][span.start : span.end] for span in passage.spans]
    _, offsets = join_slices(slices)
    places = []
    for wanted in spans:
        held = (
            (span, offset)
            for span, offset in zip(passage.spans, offsets, strict=True)
            if span.page == wanted.page and span.start <= wanted.start and wanted.end <= span.end
        )
        found = next(held, None)
        if found is None:
            return None
        span, offset = found
        places.append((offset + wanted.start - span.start, offset + wanted.end - span.start))
    return (min(a for a, _ in places), max(b for _, b in places)) if places else None


def page_boxes(page: Page, start: int, end: int) -> tuple[Box, ...]:
    """Return one rectangle a line for characters `start` to `end` of `page.text`, in reading order.

    A word that is only partly covered gives the part of its width that its covered characters have of all.
    """
    words = page.words
    first = int(np.searchsorted(words.ends, start, side="right"))
    last = int(np.searchsorted(words.starts, end, side="left"))
    found: list[Sides] = []
    line = None
    columns = (part[first:last].tolist() for part in (words.boxes, words.starts, words.ends, words.lines))
    for whole, begins, ends, line_of in zip(*columns, strict=True):
        box = whole if start <= begins and ends <= end else _covered(whole, begins, ends, start, end)
        if found and line_of == line and _are_neighbours(page, found[-1], box):
            found[-1] = _around(found[-1], box)
        else:
            found.append(box)
        line = line_of
    return tuple(Box(page.number, *box) for box in found)


def _covered(box: Sides, first: int, last: int, start: int, end: int) -> Sides:
    """Return the part of a word's box that characters `start` to `end` have; the word has `first` to `last`."""
    x0, y0, x1, y1 = box
    length = max(1, last - first)
    before, after = max(0, start - first) / length, max(0, last - end) / length
    if y1 - y0 > 2 * (x1 - x0) and length > 2:  # set upright: cutting along the width would be wrong
        return x0, y0, x1, y1
    width = x1 - x0
    return x0 + before * width, y0, x1 - after * width, y1


def _are_neighbours(page: Page, box: Sides, other: Sides) -> bool:
    """Tell whether two words of one line stand side by side, whichever way the line runs."""
    left, top, right, bottom = box
    x0, y0, x1, y1 = other
    apart_x, apart_y = max(x0 - right, left - x1) * page.width, max(y0 - bottom, top - y1) * page.height
    wide, high = min(x1 - x0, right - left) * page.width, min(y1 - y0, bottom - top) * page.height
    across = apart_y < -0.3 * high and apart_x < _SPACE * high
    upright = apart_x < -0.3 * wide and apart_y < _SPACE * wide
    return across or upright


def _around(box: Sides, other: Sides) -> Sides:
    left, top, right, bottom = box
    x0, y0, x1, y1 = other
    return min(left, x0), min(top, y0), max(right, x1), max(bottom, y1)
