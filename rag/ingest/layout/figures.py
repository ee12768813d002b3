"""Where the pictures of a page are: what pdfium draws that is no text, images, shadings, paths that stand together.

Only pages with a caption are looked at; `captions.py` tells which caption belongs to which picture.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium

from rag.ingest.characters.words import Frame, Word
from rag.ingest.layout.kinds import CAPTION, is_prose
from rag.ingest.layout.layout import PageLines

Rect = tuple[float, float, float, float]  # x0, y0, x1, y1 in points of the page as its lines lie, y downwards
_Matrix = tuple[float, float, float, float, float, float]

_MOST_OBJECTS = 6000  # of a page, of any kind, that are looked at: maps have hundreds of thousands
_MOST_DRAWN = 2500  # of them that are no text
_DEEPEST = 5  # forms within forms
_NEAR = 7.0  # points between the parts of one picture
_THIN = 2.5  # points: a rule
_WHOLE = 0.8  # of the page: a background
_FULL_OF_TEXT = 0.3  # of a shape's area: a box around text
_PANEL = 0.3  # of the page: a box around text at most, where most of it is empty
_PROSE_LINES = 4  # within a shape: the ground that a page's text stands on
_LEAST_SIDE = 5.0  # points of a picture


@dataclass(frozen=True, slots=True)
class Graphics:
    """What is drawn on a page beside its text."""

    pictures: tuple[Rect, ...] = ()
    frames: tuple[Rect, ...] = ()  # boxes around text, shaded rows
    rules: tuple[Rect, ...] = ()
    labels: tuple[Rect, ...] = ()  # words that run another way than the page's text
    grounds: tuple[Rect, ...] = ()  # shapes with a caption on them


def has_caption(page: PageLines) -> bool:
    """Tell whether a line of the page may be a caption."""
    return any(CAPTION.match(line.text) for line in page.lines)


def find_graphics(page: Any, frame: Frame, words: Sequence[Word], lines: PageLines) -> Graphics:
    """Return what is drawn on an open pdfium page; `words` and `lines` are its text."""
    shapes: list[tuple[Rect, bool]] = []
    tiles: list[Rect] = []
    rules: list[Rect] = []
    width, height = lines.view.size(frame.width, frame.height)
    drawn = list(_drawn(page, frame))
    for (x0, y0, x1, y1), (_, is_path) in zip(_in_view([box for box, _ in drawn], lines, frame), drawn, strict=True):
        rect = max(x0, 0.0), max(y0, 0.0), min(x1, width), min(y1, height)
        if rect[0] > rect[2] or rect[1] > rect[3] or area(rect) > _WHOLE * width * height:
            continue
        if min(rect[2] - rect[0], rect[3] - rect[1]) < _THIN:
            rules.append(rect)
        elif is_path:
            shapes.append((rect, True))
        else:
            tiles.append(rect)
    images = [rect for rect in clustered(tiles, near=1.0) if area(rect) <= _WHOLE * width * height]  # set in strips
    shapes += [(rect, False) for rect in images]
    kept, frames, grounds = _sorted_out(shapes, lines)
    pictures = clustered(kept)
    free = [rule for rule in rules if not _joins(rule, pictures)]
    others = [(w.x0, w.y0, w.x1, w.y1) for w in words if w.turn != lines.turn and len(w.text) > 1]
    labels = tuple(_in_view(others, lines, frame))
    large = tuple(rect for rect in pictures if min(rect[2] - rect[0], rect[3] - rect[1]) >= _LEAST_SIDE)
    return Graphics(large, tuple(frames), tuple(free), labels, tuple(grounds))


def _sorted_out(shapes: Sequence[tuple[Rect, bool]], page: PageLines) -> tuple[list[Rect], list[Rect], list[Rect]]:
    """Return what is shown, the boxes around text, and what has a caption on it; what lies behind prose is neither."""
    lines = page.lines
    if not lines:
        return [rect for rect, _ in shapes], [], []
    boxes = np.array([(line.x0, line.y0, line.x1, line.y1) for line in lines])
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    prose = np.array([is_prose(line) for line in lines])
    captions = np.array([CAPTION.match(line.text) is not None for line in lines])
    least = float(np.median(boxes[:, 3] - boxes[:, 1])) * 0.7
    shown, frames, grounds = [], [], []
    for rect, is_path in shapes:
        x0, y0, x1, y1 = rect
        if y1 - y0 < least or x1 - x0 < 2 * least:
            shown.append(rect)
            continue
        inside = ((middles > (x0, y0)) & (middles < (x1, y1))).all(1)
        if not inside.any():
            shown.append(rect)
        elif (captions & inside).any():
            if (captions & inside).sum() == 1 and (prose & inside & ~captions).sum() < _PROSE_LINES:
                grounds.append(rect)
        elif is_path and _holds_text(rect, areas[inside].sum(), (prose & inside).sum(), page):
            frames.append(rect)
        elif (prose & inside).sum() < _PROSE_LINES:
            shown.append(rect)
    return shown, frames, grounds


def _holds_text(rect: Rect, covered: float, n_prose: int, page: PageLines) -> bool:
    """Tell whether a shape is a box around text, which covers so many square points of it."""
    is_panel = n_prose >= _PROSE_LINES and area(rect) < _PANEL * page.width * page.height
    return is_panel or covered > _FULL_OF_TEXT * area(rect)


def clustered(rects: Sequence[Rect], near: float = _NEAR) -> list[Rect]:
    """Put together what stands at most this many points apart."""
    clusters: list[Rect] = []
    for rect in sorted(rects, key=area, reverse=True):
        close = [other for other in clusters if _gap(rect, other) <= near]
        if len(close) == 1 and _holds(close[0], rect):
            continue
        whole = rect
        while close:
            clusters = [other for other in clusters if other not in close]
            whole = hull(whole, *close)
            close = [other for other in clusters if _gap(whole, other) <= near]
        clusters.append(whole)
    return clusters


def _joins(rule: Rect, pictures: list[Rect]) -> bool:
    """Take a rule into the picture that it crosses: an axis, a line of a grid. Longer ones part the page."""
    for i, picture in enumerate(pictures):
        longest = max(picture[2] - picture[0], picture[3] - picture[1])
        if _gap(rule, picture) <= _THIN and max(rule[2] - rule[0], rule[3] - rule[1]) <= 1.6 * longest:
            pictures[i] = hull(rule, picture)
            return True
    return False


# ----------------------------------------------------------------------------------------------- what is drawn


def _drawn(page: Any, frame: Frame) -> Iterator[tuple[Rect, bool]]:
    """Yield the box of everything drawn that is no text, on the displayed page, and whether it is a path."""
    found: list[float] = []
    paths: list[bool] = []
    budget = [_MOST_OBJECTS]
    for box, is_path in _walk(page.raw, None, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), budget, 0):
        found += box
        paths.append(is_path)
        if len(paths) >= _MOST_DRAWN:
            break
    for (x0, y0, x1, y1), is_path in zip(frame.place(found).tolist(), paths, strict=True):
        yield (x0, y0, x1, y1), is_path


def _walk(page: Any, form: Any, matrix: _Matrix, budget: list[int], depth: int) -> Iterator[tuple[Rect, bool]]:
    """Yield boxes (left, bottom, right, top) in the page's own space, those of forms included."""
    count = pdfium.FPDFPage_CountObjects(page) if form is None else pdfium.FPDFFormObj_CountObjects(form)
    count = min(max(0, count), budget[0])
    budget[0] -= count
    holder, get = (page, pdfium.FPDFPage_GetObject) if form is None else (form, pdfium.FPDFFormObj_GetObject)
    kind_of, text = pdfium.FPDFPageObj_GetType, pdfium.FPDF_PAGEOBJ_TEXT  # looked up once: most objects are text
    for i in range(count):
        drawn = get(holder, i)
        kind = kind_of(drawn)
        if kind == text:
            continue
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            own = pdfium.FS_MATRIX()
            if depth < _DEEPEST and pdfium.FPDFPageObj_GetMatrix(drawn, ctypes.byref(own)):
                within = _product((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
                yield from _walk(page, drawn, within, budget, depth + 1)
            continue
        is_path = kind == pdfium.FPDF_PAGEOBJ_PATH
        if is_path and not _is_visible(drawn):
            continue
        box = _bounds(drawn)
        if box is not None:
            yield _moved(box, matrix), is_path


def _is_visible(path: Any) -> bool:
    """Tell whether a path is painted in another colour than white."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke)):
        return True
    if stroke.value:
        return True
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    known = pdfium.FPDFPageObj_GetFillColor(path, *map(ctypes.byref, (red, green, blue, alpha)))
    is_white = known and min(red.value, green.value, blue.value) > 250
    return bool(fill.value) and not is_white and not (known and alpha.value == 0)


def _bounds(drawn: Any) -> Rect | None:
    """Return the box of an object as far as its clip shows it; None where nothing is left."""
    sides = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(drawn, *map(ctypes.byref, sides)):
        return None
    left, bottom, right, top = (side.value for side in sides)
    clip = pdfium.FPDFPageObj_GetClipPath(drawn)
    n_paths = pdfium.FPDFClipPath_CountPaths(clip) if clip else 0
    x, y = ctypes.c_float(), ctypes.c_float()
    for i in range(min(n_paths, 6)):
        n_points = pdfium.FPDFClipPath_CountPathSegments(clip, i)
        if not 2 < n_points <= 12:
            continue
        xs, ys = [], []
        for j in range(n_points):
            pdfium.FPDFPathSegment_GetPoint(
                pdfium.FPDFClipPath_GetPathSegment(clip, i, j), ctypes.byref(x), ctypes.byref(y)
            )
            xs.append(x.value)
            ys.append(y.value)
        left, right = max(left, min(xs)), min(right, max(xs))
        bottom, top = max(bottom, min(ys)), min(top, max(ys))
    return None if left > right or bottom > top else (left, bottom, right, top)


def _product(first: _Matrix, then: _Matrix) -> _Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _moved(box: Rect, matrix: _Matrix) -> Rect:
    if matrix == (1.0, 0.0, 0.0, 1.0, 0.0, 0.0):
        return box
    a, b, c, d, e, f = matrix
    corners = [(x * a + y * c + e, x * b + y * d + f) for x in box[0::2] for y in box[1::2]]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


# -------------------------------------------------------------------------------------------------- rectangles


def _in_view(rects: Sequence[Rect], page: PageLines, frame: Frame) -> list[Rect]:
    """Return rectangles of the displayed page as they lie in the page's view."""
    lying = page.view.of([Word("", *rect, 0) for rect in rects], frame)
    return [(word.x0, word.y0, word.x1, word.y1) for word in lying]


def area(rect: Rect) -> float:
    """Return the area of a rectangle, in square points."""
    return max(0.0, rect[2] - rect[0]) * max(0.0, rect[3] - rect[1])


def hull(*rects: Rect) -> Rect:
    """Return the smallest rectangle around these."""
    return min(r[0] for r in rects), min(r[1] for r in rects), max(r[2] for r in rects), max(r[3] for r in rects)


def _gap(a: Rect, b: Rect) -> float:
    """Return the larger of the distances across and down, at least 0."""
    across = a[0] - b[2] if a[0] > b[0] else b[0] - a[2]
    down = a[1] - b[3] if a[1] > b[1] else b[1] - a[3]
    gap = across if across > down else down
    return gap if gap > 0 else 0.0


def _holds(outer: Rect, inner: Rect) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]
