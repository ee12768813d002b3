"""matplotlib figures and formulas as reportlab flowables, drawn as vectors.

In: a matplotlib `Figure`, or a formula in mathtext. Out: a flowable that draws it with the PDF's own path operators.
Letters inside a figure are drawn as outlines, so that axis ticks never mix with the text of a page: what a figure
says in words stands in its caption.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Transform
from reportlab.lib.colors import Color
from reportlab.platypus import Flowable

CAPS = {"butt": 0, "round": 1, "projecting": 2}
JOINS = {"miter": 0, "round": 1, "bevel": 2}


class CanvasRenderer(RendererBase):
    """A matplotlib renderer onto a reportlab canvas. One pixel is one point, so figures are made at 72 dpi."""

    def __init__(self, canvas: Any, width: float, height: float) -> None:
        super().__init__()
        self._canvas = canvas
        self._size = width, height

    def flipy(self) -> bool:
        return False

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self._size

    def points_to_pixels(self, points: Any) -> Any:
        return points

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None) -> None:
        """Stroke and fill one path in the state of `gc`."""
        canvas = self._canvas
        fills = rgbFace is not None
        strokes = gc.get_linewidth() > 0 and gc.get_rgb()[3] > 0
        if not fills and not strokes:
            return
        canvas.saveState()
        self._clip(gc)
        if fills:
            canvas.setFillColor(_color(rgbFace, gc))
        if strokes:
            self._set_pen(gc)
        canvas.drawPath(_outline(canvas, path, transform), stroke=int(strokes), fill=int(fills))
        canvas.restoreState()

    def _set_pen(self, gc: GraphicsContextBase) -> None:
        canvas = self._canvas
        canvas.setStrokeColor(_color(gc.get_rgb(), gc))
        canvas.setLineWidth(gc.get_linewidth())
        canvas.setLineCap(CAPS[gc.get_capstyle()])
        canvas.setLineJoin(JOINS[gc.get_joinstyle()])
        offset, dashes = gc.get_dashes()
        if dashes is not None:
            canvas.setDash(np.round(np.asarray(dashes, dtype=float), 3).tolist(), float(offset or 0))

    def _clip(self, gc: GraphicsContextBase) -> None:
        canvas = self._canvas
        bounds = gc.get_clip_rectangle()
        if bounds is not None:
            clip = canvas.beginPath()
            clip.rect(*bounds.bounds)
            canvas.clipPath(clip, stroke=0, fill=0)
        path, transform = gc.get_clip_path()
        if path is not None:
            canvas.clipPath(_outline(canvas, path, transform), stroke=0, fill=0)


def _color(rgba: Any, gc: GraphicsContextBase) -> Color:
    red, green, blue = rgba[:3]
    alpha = gc.get_alpha() if gc.get_forced_alpha() or len(rgba) < 4 else rgba[3]
    return Color(red, green, blue, alpha=1.0 if alpha is None else alpha)


def _outline(canvas: Any, path: Any, transform: Any) -> Any:
    """Return a matplotlib path as a reportlab path; quadratic curves become cubic ones."""
    out = canvas.beginPath()
    x, y = 0.0, 0.0
    for points, code in path.iter_segments(transform, simplify=False, curves=True):
        p = [round(value, 2) for value in np.asarray(points, dtype=float).tolist()]
        if code == Path.MOVETO:
            out.moveTo(*p)
        elif code == Path.LINETO:
            out.lineTo(*p)
        elif code == Path.CURVE3:
            cx, cy, ex, ey = p
            out.curveTo(
                x + 2 / 3 * (cx - x), y + 2 / 3 * (cy - y), ex + 2 / 3 * (cx - ex), ey + 2 / 3 * (cy - ey), ex, ey
            )
        elif code == Path.CURVE4:
            out.curveTo(*p)
        elif code == Path.CLOSEPOLY:
            out.close()
            continue
        x, y = p[-2:]
    return out


class FigureBox(Flowable):  # type: ignore[misc]
    """A matplotlib figure, centred in the frame it is set in."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.hAlign = "CENTER"
        self._figure = figure
        self.width, self.height = (float(side) * 72 for side in figure.get_size_inches())

    def draw(self) -> None:
        self._figure.set_dpi(72)
        self._figure.draw(CanvasRenderer(self.canv, self.width, self.height))


class Formula(Flowable):  # type: ignore[misc]
    """A displayed formula in mathtext, centred; `size` in points."""

    def __init__(self, mathtext: str, size: float, *, above: float = 6, below: float = 8) -> None:
        super().__init__()
        self.hAlign = "CENTER"
        self.spaceBefore, self.spaceAfter = above, below
        self._source = f"${mathtext}$"
        self._font = FontProperties(family="STIXGeneral", size=size)
        parsed = MathTextParser("path").parse(self._source, 72, self._font)
        self.width, self.height, self._depth = (float(side) for side in parsed[:3])

    def draw(self) -> None:
        vertices, codes = text_to_path.get_text_path(self._font, self._source, ismath=True)
        scale = self._font.get_size_in_points() / text_to_path.FONT_SCALE
        place = Affine2D().scale(scale).translate(0, self._depth)
        self.canv.drawPath(_outline(self.canv, Path(vertices, codes), place), stroke=0, fill=1)
