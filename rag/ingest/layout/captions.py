"""Which picture, or which table's rows, a caption belongs to.

A caption takes the nearest picture above or below that no running text parts it from, and what stands with it: further
parts of the picture, labels, legends. All captions of a page are set the same way where that serves more of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from rag.ingest.layout.figures import Graphics, Rect, area, clustered, hull
from rag.ingest.layout.kinds import is_prose
from rag.ingest.layout.layout import PageLines
from rag.ingest.layout.lines import Line
from rag.ingest.layout.paragraphs import Block
from rag.types import Box

Side = Literal["above", "below", "beside", "around"]
_OF_ROWS = re.compile(r"(?:table|tab\.|algorithm|listing)", re.I)
_FARTHEST = 0.2  # of the page's height, between a caption and its picture
_APART = 0.07  # of the page's height, between parts of one picture
_LEAST = 0.003  # of the page: a picture
_PAD = 2.0  # points
_STRIP = 5  # times higher than wide
_HIGHEST_GRID = 0.45  # of the page's height, between two rules of one
_LEAST_GRID = 8.0  # points of what rules enclose, either way


@dataclass(frozen=True, slots=True)
class _Caption:
    number: int  # of its block
    rect: Rect
    height: float  # of its lines
    of_rows: bool  # it belongs to a table


def match_captions(blocks: Sequence[Block], graphics: Graphics, page: PageLines) -> dict[int, Box]:
    """Return for captions among the blocks of a page, by the block's number, the box of what they belong to."""
    captions = [
        _Caption(block.number, _around(block), block.lines[0].height, _OF_ROWS.match(block.lines[0].text) is not None)
        for block in blocks
        if block.kind == "caption" and _lying(block)
    ]
    if not captions:
        return {}
    sheet = _Sheet(blocks, graphics, page)
    found: dict[int, Rect] = {}
    for of_rows in (False, True):
        alike = [caption for caption in captions if caption.of_rows == of_rows]
        found |= _matched(sheet, alike)
    return {number: sheet.box(rect) for number, rect in found.items()}


def _matched(sheet: _Sheet, captions: Sequence[_Caption]) -> dict[int, Rect]:
    """Match captions of one sort: all on the side that serves most of them, the rest wherever something is left."""
    if not captions:
        return {}
    usual: Side = "below" if captions[0].of_rows else "above"
    other: Side = "above" if captions[0].of_rows else "below"
    tried = [(side, *sheet.assign(captions, side)) for side in (usual, other)]
    side, found, _ = max(tried, key=lambda one: (len(one[1]), -one[2]))
    sheet.take(found.values())
    rests: tuple[Side, ...] = (other if side == usual else usual, "around", "beside")
    for rest in rests:
        missing = [caption for caption in captions if caption.number not in found]
        more, _ = sheet.assign(missing, rest)
        sheet.take(more.values())
        found |= more
    return found


class _Sheet:
    """A page's pictures and texts."""

    def __init__(self, blocks: Sequence[Block], graphics: Graphics, page: PageLines) -> None:
        self._page = page
        self._width, self._height = page.view.size(page.width, page.height)
        captions = [_around(block) for block in blocks if block.kind == "caption" and _lying(block)]
        grids = _grids(graphics.rules, captions, _HIGHEST_GRID * self._height)
        self._rules = graphics.rules
        self._pictures = list(graphics.pictures)
        self._grounds = list(graphics.grounds)
        self._others = [*graphics.frames, *grids, *(_around(b) for b in blocks if b.kind == "row" and _lying(b))]
        self._stops: list[Rect] = []  # running text, headings, captions
        self._labels: list[Rect] = list(graphics.labels)
        drawn = [*graphics.pictures, *graphics.frames, *grids]
        for block, following in zip(blocks, [*blocks[1:], None], strict=True):
            runs = _runs(block) or (block.kind == "heading" and following is not None and _runs(following))
            for line in _lying(block):
                rect = line.x0, line.y0, line.x1, line.y1
                is_inside = block.kind != "caption" and any(_is_within(rect, part) for part in drawn)
                if runs and not is_inside:
                    self._stops.append(rect)
                elif not runs and (is_inside or block.kind != "heading"):
                    self._labels.append(rect)

    def assign(self, captions: Sequence[_Caption], side: Side) -> tuple[dict[int, Rect], float]:
        """Return the regions on this side of captions, by block, and the sum of their distances."""
        found, total = dict[int, Rect](), 0.0
        for caption in captions:
            if side == "around":
                grounds = [*self._grounds, *self._pictures]
                around = [ground for ground in grounds if _is_within(caption.rect, ground)]
                if around:
                    found[caption.number] = min(around, key=area)
                continue
            rivals = [other.rect for other in captions if other is not caption]
            for parts in (self._others, self._pictures) if caption.of_rows else (self._pictures, self._others):
                own = [part for part in parts if self._is_nearest(part, caption, rivals, side)]
                region = self._region(caption, own, side)
                if region is not None:
                    found[caption.number] = region
                    total += _distance(caption.rect, region)
                    break
        return found, total

    def take(self, regions: Iterable[Rect]) -> None:
        """Leave what stands in these regions to their captions."""
        for region in regions:
            self._pictures = [part for part in self._pictures if not _is_within(part, region)]
            self._others = [part for part in self._others if not _is_within(part, region)]

    def box(self, rect: Rect) -> Box:
        """Return a rectangle as a box of the displayed page."""
        page = self._page
        x0, y0, x1, y1 = page.view.back(np.array([rect], np.float32), page.width, page.height)[0].tolist()
        sides = (x0 / page.width, y0 / page.height, x1 / page.width, y1 / page.height)
        return Box(page.number, *(round(max(0.0, min(1.0, side)), 5) for side in sides))

    # ----------------------------------------------------------------------------------------------- regions

    def _is_nearest(self, part: Rect, caption: _Caption, rivals: Sequence[Rect], side: Side) -> bool:
        """Tell whether no other caption has this on the same side, and nearer."""
        if not _stands(part, caption.rect, side):
            return False
        own = _distance(caption.rect, part)
        return not any(_stands(part, rival, side) and _distance(rival, part) < own - 1 for rival in rivals)

    def _region(self, caption: _Caption, parts: Sequence[Rect], side: Side) -> Rect | None:
        """Return the nearest part with all that stands with it; None when nothing is there."""
        stops = [stop for stop in self._stops if not _is_within(stop, caption.rect)]
        seeds = [part for part in parts if self._is_free(caption.rect, part, stops, side)]
        if not seeds:
            return None
        region = min(seeds, key=lambda part: (_distance(caption.rect, part), -area(part)))
        stops.append(caption.rect)
        region = _grown(region, parts, stops, apart=_APART * self._height)
        if not caption.of_rows:  # boxes with text, rows of numbers: parts of a diagram, of a chart
            beside = [part for part in self._others if _stands(part, caption.rect, side)]
            region = _grown(region, beside, stops, apart=2 * caption.height)
            longest = 1.5 * max(region[2] - region[0], region[3] - region[1])
            axes = [rule for rule in self._rules if max(rule[2] - rule[0], rule[3] - rule[1]) < longest]
            region = _grown(region, axes, stops, apart=caption.height)
        region = self._with_labels(region, caption, stops)
        is_large = area(region) >= _LEAST * self._width * self._height
        is_high = min(region[2] - region[0], region[3] - region[1]) > caption.height
        return self._padded(region, caption.rect) if is_large and is_high else None

    def _is_free(self, caption: Rect, part: Rect, stops: Sequence[Rect], side: Side) -> bool:
        if _distance(caption, part) > _FARTHEST * self._height:
            return False
        if side == "beside":
            top, foot = max(caption[1], part[1]), min(caption[3], part[3])
            corridor = (min(caption[2], part[2]), top, max(caption[0], part[0]), foot)
        else:
            left, right = max(caption[0], part[0]), min(caption[2], part[2])
            corridor = (left, min(caption[3], part[3]), right, max(caption[1], part[1]))
        return not any(_overlap(stop, corridor) for stop in stops)

    def _with_labels(self, region: Rect, caption: _Caption, stops: Sequence[Rect]) -> Rect:
        """Take in short lines between picture and caption, and close around the picture."""
        near = 1.3 * caption.height
        between = hull(region, (region[0], caption.rect[1], region[2], caption.rect[3]))
        inner = [label for label in self._labels if _is_within(label, between) and not _is_within(label, caption.rect)]
        region = _grown(region, inner, stops, apart=_FARTHEST * self._height)
        for _ in range(4):
            wider = _grown(region, self._labels, stops, apart=near)
            if wider == region:
                break
            region = wider
        return region

    def _padded(self, region: Rect, caption: Rect) -> Rect:
        """Return the region a little larger, within the page and without the caption."""
        x0, y0, x1, y1 = (region[0] - _PAD, region[1] - _PAD, region[2] + _PAD, region[3] + _PAD)
        if _overlap((x0, y0, x1, y1), caption):
            if (y0 + y1) / 2 < (caption[1] + caption[3]) / 2:
                y1 = max(region[1] + 1, min(y1, caption[1]))
            else:
                y0 = min(region[3] - 1, max(y0, caption[3]))
        return max(0.0, x0), max(0.0, y0), min(self._width, x1), min(self._height, y1)


def _grown(region: Rect, parts: Iterable[Rect], stops: Sequence[Rect], *, apart: float) -> Rect:
    """Add the parts that stand at most this far away and can be had without any running text."""
    waiting = [part for part in parts if hull(part, region) != region]
    grows = True
    while grows:
        grows = False
        for part in sorted(waiting, key=lambda part: _distance(region, part)):
            if _distance(region, part) > apart:
                break
            wider = hull(region, part)
            waiting.remove(part)
            if not any(_overlap(stop, wider) for stop in stops):
                region, grows = wider, True
                break
    return region


def _runs(block: Block) -> bool:
    """Tell whether a block is running text, or a caption: no picture reaches over it."""
    if block.kind != "text":
        return block.kind == "caption"
    n_prose = sum(map(is_prose, block.lines))
    return n_prose > 1 or (n_prose == 1 and (len(block.lines) > 1 or not block.is_open))


def _grids(rules: Sequence[Rect], captions: Sequence[Rect], farthest: float) -> list[Rect]:
    """Return what rules enclose: those that meet, and those of one width that stand one under the other."""
    found = []
    lines: dict[tuple[int, int], list[Rect]] = {}
    for rect in clustered(rules, near=1.5):
        if min(rect[2] - rect[0], rect[3] - rect[1]) > _LEAST_GRID:
            found.append(rect)
        elif rect[2] - rect[0] > rect[3] - rect[1]:
            lines.setdefault((round(rect[0] / 3), round(rect[2] / 3)), []).append(rect)
    for stack in lines.values():
        stack.sort(key=lambda rect: rect[1])
        whole = stack[0]
        for above, rect in pairwise(stack):
            gap = above[0], above[3], above[2], rect[1]
            if rect[1] - above[3] > farthest or any(_overlap(caption, gap) for caption in captions):
                found.append(whole)
                whole = rect
            else:
                whole = hull(whole, rect)
        found.append(whole)
    return [rect for rect in found if rect[3] - rect[1] > _LEAST_GRID]


def _stands(part: Rect, caption: Rect, side: Side) -> bool:
    """Tell whether a part stands on this side of a caption; a little may overlap."""
    slack = 0.4 * min(caption[3] - caption[1], 12.0)
    if side == "beside":
        shared = min(part[3], caption[3]) - max(part[1], caption[1])
        is_strip = part[3] - part[1] > _STRIP * (part[2] - part[0])  # down the side of a page
        return shared > 0 and not is_strip and (part[2] <= caption[0] + slack or part[0] >= caption[2] - slack)
    if min(part[2], caption[2]) <= max(part[0], caption[0]):
        return False
    return part[3] <= caption[1] + slack if side == "above" else part[1] >= caption[3] - slack


def _distance(a: Rect, b: Rect) -> float:
    across, down = max(a[0] - b[2], b[0] - a[2], 0.0), max(a[1] - b[3], b[1] - a[3], 0.0)
    return max(across, down)


def _overlap(a: Rect, b: Rect) -> bool:
    """Tell whether two rectangles share more than a hair."""
    return min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1


def _is_within(inner: Rect, outer: Rect) -> bool:
    """Tell whether the middle of a rectangle lies in another."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _around(block: Block) -> Rect:
    return hull(*((line.x0, line.y0, line.x1, line.y1) for line in _lying(block)))


def _lying(block: Block) -> list[Line]:
    """Return the lines of a block that lie as the page's text does."""
    return [line for line in block.lines if line.view is None]
