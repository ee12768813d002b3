"""The primer's diagrams: boxes, circles and arrows. One function a figure; coordinates are points of the figure."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Ellipse, FancyArrowPatch, FancyBboxPatch
from plots import BLUE, GREY, INK, ORANGE, PALE

FULL, COLUMN = 383.0, 183.0  # widths in points
Point = tuple[float, float]
CREAM, MIST = "#f6e7d6", "#eef2f5"


def _canvas(width: float, height: float, *, scale: float = 1) -> tuple[Figure, Axes]:
    """Return a figure whose axes measure points; `scale` enlarges all but the letters."""
    figure = Figure(figsize=(scale * width / 72, scale * height / 72))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    axes.set_axis_off()
    return figure, axes


def _box(
    axes: Axes, x: float, y: float, width: float, height: float, text: str, *, fill: str = PALE, size: float = 8.5
) -> None:
    """Draw a box with its centre at x, y."""
    corner = x - width / 2, y - height / 2
    shape = "round,pad=0,rounding_size=4"
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle=shape, fc=fill, ec=INK, lw=0.7))
    axes.text(x, y, text, ha="center", va="center", fontsize=size, linespacing=1.15)


def _arrow(axes: Axes, start: Point, end: Point, *, bend: float = 0, style: str = "-", color: str = INK) -> None:
    """Draw an arrow; `bend` is its height over its length."""
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>,head_length=3.6,head_width=1.7", connectionstyle=f"arc3,rad={bend}",
            lw=0.8, ls=style, color=color, shrinkA=0, shrinkB=0, mutation_scale=1,
        )
    )  # fmt: skip


def _knob(axes: Axes, x: float, y: float, text: str, *, radius: float = 8, fill: str = "white") -> None:
    axes.add_patch(Circle((x, y), radius, fc=fill, ec=INK, lw=0.8, zorder=3))
    axes.text(x, y, text, ha="center", va="center", fontsize=9, zorder=4)


def cover() -> Figure:
    """A network at work: random weights as lines, the activations they give as the fill of the neurons."""
    figure, axes = _canvas(FULL, 218)
    rng = np.random.default_rng(8)
    sizes = (5, 8, 10, 8, 5, 3)
    values = rng.uniform(0.1, 1, sizes[0])
    columns = [[(26 + i * 66.0, 109 + (j - (n - 1) / 2) * 21.5) for j in range(n)] for i, n in enumerate(sizes)]
    for i, column in enumerate(columns):
        if i:
            weights = rng.normal(0, 1, (len(column), len(columns[i - 1])))
            for (x, y), row in zip(column, weights, strict=True):
                for (x0, y0), weight in zip(columns[i - 1], row, strict=True):
                    color = BLUE if weight > 0 else ORANGE
                    axes.plot((x0, x), (y0, y), color=color, lw=0.55 * abs(weight), alpha=0.55, zorder=1)
            values = 1 / (1 + np.exp(-2 * weights @ (values - 0.5)))
        for (x, y), value in zip(column, values, strict=True):
            shade = tuple(1 - value * (1 - part) for part in to_rgb(BLUE))
            axes.add_patch(Circle((x, y), 6.6, fc=shade, ec=BLUE, lw=0.9, zorder=3))
    return figure


def lineage() -> Figure:
    figure, axes = _canvas(FULL, 172)
    rings = (
        (190, 84, "Artificial intelligence", MIST),
        (154, 65, "Machine learning", PALE),
        (118, 47, "Neural networks", "#c3d5e4"),
        (78, 27, "Deep learning", BLUE),
    )
    for i, (half_width, half_height, name, fill) in enumerate(rings):
        y = 86 - i * 14.5
        axes.add_patch(Ellipse((FULL / 2, y), 2 * half_width, 2 * half_height, fc=fill, ec=INK, lw=0.7))
        color, place = ("white", y) if name == "Deep learning" else (INK, y + half_height - 15)
        axes.text(FULL / 2, place, name, ha="center", va="center", fontsize=10.5, color=color, weight="bold")
    return figure


def neuron() -> Figure:
    figure, axes = _canvas(FULL, 132, scale=0.92)
    for i, (y, name) in enumerate(((112, "x_1"), (72, "x_2"), (24, "x_n"))):
        _knob(axes, 40, y, f"${name}$", radius=11, fill=PALE)
        _arrow(axes, (51, y), (157, 72 + (y - 72) * 0.18))
        axes.text(97, y + (11, 6, -14)[i] - (y - 72) * 0.32, f"$w_{'12n'[i]}$", ha="center", fontsize=10, color=BLUE)
    axes.text(40, 48, "⋮", ha="center", va="center", fontsize=12)
    _knob(axes, 175, 72, r"$\Sigma$", radius=18, fill=CREAM)
    _arrow(axes, (175, 22), (175, 53))
    axes.text(175, 12, "bias $b$", ha="center", va="center", fontsize=9)
    _arrow(axes, (193, 72), (242, 72))
    axes.text(217, 79, "$z$", ha="center", fontsize=9.5)
    axes.add_patch(FancyBboxPatch((242, 50), 48, 44, boxstyle="round,pad=0,rounding_size=4", fc=PALE, ec=INK, lw=0.7))
    axes.plot((248, 266, 284), (62, 62, 86), color=BLUE, lw=1.8)
    axes.text(266, 103, "activation $f$", ha="center", fontsize=9)
    _arrow(axes, (290, 72), (338, 72))
    axes.text(343, 72, "$y = f(z)$", va="center", fontsize=9.5)
    axes.text(40, 2, "inputs", ha="center", fontsize=9)
    axes.text(97, 2, "weights", ha="center", fontsize=9)
    return figure


def chain() -> Figure:
    """One neuron as a chain of operations, with the numbers of the worked example."""
    figure, axes = _canvas(COLUMN, 92)
    z = 0.5 * 2 - 0.5
    y = 1 / (1 + math.exp(-z))
    slope_y, slope_z = 2 * (y - 1), 2 * (y - 1) * y * (1 - y)
    for x, name in ((30, "$wx+b$"), (92, "σ"), (154, "$(y-1)^2$")):
        _box(axes, x, 46, 46, 24, name, size=8.5)
    for start, end in ((53, 69), (115, 131)):
        _arrow(axes, (start, 51), (end, 51), color=BLUE)
        _arrow(axes, (end, 41), (start, 41), color=ORANGE, style="--")
    for x, text in ((61, f"$z$ = {z:.2f}"), (123, f"$y$ = {y:.3f}"), (162, f"$L$ = {(y - 1) ** 2:.3f}")):
        axes.text(x, 68, text, ha="center", va="center", fontsize=7.8, color=BLUE)
    for x, text in ((61, f"{slope_z:.3f}"), (123, f"{slope_y:.3f}")):
        axes.text(x, 25, text.replace("-", "−"), ha="center", va="center", fontsize=7.8, color="#9a5416")
    axes.text(0, 86, "forward: values", va="center", fontsize=7.8, style="italic", color=BLUE)
    axes.text(0, 6, "backward: slopes of the loss", va="center", fontsize=7.8, style="italic", color="#9a5416")
    return figure


def blocks() -> Figure:
    figure, axes = _canvas(COLUMN, 118)
    axes.text(0, 110, "Residual block", fontsize=8.8, weight="bold", va="center")
    _arrow(axes, (4, 76), (28, 76))
    for x in (50, 102):
        _box(axes, x, 76, 42, 22, "convolution", size=7.3)
    _arrow(axes, (71, 76), (81, 76))
    _arrow(axes, (123, 76), (139, 76))
    _knob(axes, 147, 76, "+", fill=CREAM)
    _arrow(axes, (155, 76), (180, 76))
    axes.plot((16, 16), (76, 98), color=ORANGE, lw=1.1)
    axes.plot((16, 147), (98, 98), color=ORANGE, lw=1.1)
    _arrow(axes, (147, 98), (147, 84.5), color=ORANGE)
    axes.text(0, 52, "Dense block", fontsize=8.8, weight="bold", va="center")
    places = (14, 65, 116, 167)
    for i, x in enumerate(places):
        for j in range(i):
            bend = -0.42 if i - j > 1 else 0
            start, end = (places[j] + 12, 14.0), (x - 12, 14.0)
            if i - j > 1:
                start, end = (places[j] + 4, 25.0), (x - 4, 25.0)
            _arrow(axes, start, end, bend=bend, color=ORANGE if i - j > 1 else INK)
    for i, x in enumerate(places):
        _box(axes, x, 14, 24, 22, f"$x_{i}$", size=9)
    return figure


def lstm() -> Figure:
    figure, axes = _canvas(FULL, 190)
    axes.add_patch(FancyBboxPatch((58, 22), 267, 148, boxstyle="round,pad=0,rounding_size=9", fc=MIST, ec=GREY, lw=0.8))
    axes.plot((20, 363), (146, 146), color=BLUE, lw=2.2)
    axes.plot((20, 268), (42, 42), color=INK, lw=0.9)
    axes.plot((76, 76), (8, 42), color=INK, lw=0.9)
    for x, name in ((100, "σ"), (150, "σ"), (200, "tanh"), (268, "σ")):
        _arrow(axes, (x, 42), (x, 62))
        _box(axes, x, 72, 34, 20, name, fill=CREAM)
    _knob(axes, 100, 146, "×", fill="white")
    _arrow(axes, (100, 82), (100, 138))
    _knob(axes, 200, 146, "+", fill="white")
    _knob(axes, 200, 112, "×", fill="white")
    _arrow(axes, (200, 82), (200, 104))
    _arrow(axes, (200, 120), (200, 138))
    axes.plot((150, 150), (82, 112), color=INK, lw=0.9)
    _arrow(axes, (150, 112), (192, 112))
    _box(axes, 300, 118, 34, 18, "tanh", fill=PALE)
    axes.plot((300, 300), (146, 127), color=INK, lw=0.9)
    _knob(axes, 300, 72, "×", fill="white")
    _arrow(axes, (300, 109), (300, 80))
    _arrow(axes, (285, 72), (292, 72))
    axes.plot((300, 300), (64, 42), color=INK, lw=0.9)
    _arrow(axes, (300, 42), (363, 42))
    _arrow(axes, (345, 146), (364, 146), color=BLUE)
    gates = (
        (91, 98, "forget $f_t$"),
        (141, 98, "input $i_t$"),
        (236, 94, r"new $\tilde c_t$"),
        (289, 90, "output $o_t$"),
    )
    for x, y, text in gates:
        axes.text(x, y, text, ha="right", va="center", fontsize=8)
    ends = ((8, 146, "$c_{t-1}$"), (8, 42, "$h_{t-1}$"), (76, 2, "$x_t$"), (375, 146, "$c_t$"), (375, 42, "$h_t$"))
    for x, y, text in ends:
        axes.text(x, y, text, ha="center", va="center", fontsize=10)
    axes.text(150, 158, "cell state", ha="center", va="center", fontsize=8.5, style="italic", color=BLUE)
    return figure


def generators() -> Figure:
    figure, axes = _canvas(COLUMN, 178)
    axes.text(0, 171, "VAE", fontsize=8.8, weight="bold", va="center")
    _box(axes, 15, 132, 28, 28, "$x$", fill="white", size=10)
    _box(axes, 56, 132, 38, 32, "encoder", size=7.8)
    _box(axes, 94, 132, 22, 38, "$\\mu$\n$\\sigma$", fill=CREAM, size=9)
    _box(axes, 131, 132, 38, 32, "decoder", size=7.8)
    _box(axes, 168, 132, 28, 28, r"$\hat x$", fill="white", size=10)
    for start, end in ((29, 37), (75, 83), (105, 112), (150, 154)):
        _arrow(axes, (start, 132), (end, 132))
    axes.text(94, 160, "KL term: towards N(0, 1)", ha="center", va="center", fontsize=7.6, color=BLUE)
    axes.plot((15, 15), (118, 106), color=GREY, lw=0.7, ls="--")
    axes.plot((168, 168), (118, 106), color=GREY, lw=0.7, ls="--")
    axes.plot((15, 168), (106, 106), color=GREY, lw=0.7, ls="--")
    axes.text(92, 99, "rebuilding error", ha="center", va="center", fontsize=7.6, color=BLUE)
    axes.text(0, 82, "GAN", fontsize=8.8, weight="bold", va="center")
    _box(axes, 15, 52, 28, 24, "noise", fill="white", size=7.8)
    _box(axes, 60, 52, 44, 26, "generator", size=7.8)
    _box(axes, 60, 14, 44, 24, "real data", fill="white", size=7.8)
    _box(axes, 123, 33, 54, 28, "discriminator", fill=CREAM, size=7.8)
    _arrow(axes, (29, 52), (38, 52))
    _arrow(axes, (82, 52), (97, 39))
    _arrow(axes, (82, 14), (97, 27))
    _arrow(axes, (150, 33), (159, 33))
    axes.text(161, 33, "real\nor fake?", ha="left", va="center", fontsize=7.3, linespacing=1.05)
    _arrow(axes, (123, 48), (74, 66), bend=0.28, style="--", color=ORANGE)
    axes.text(122, 72, "gradient", ha="center", va="center", fontsize=7.6, color="#9a5416")
    return figure


def rag() -> Figure:
    figure, axes = _canvas(FULL, 158)
    axes.text(0, 150, "when a document is added", fontsize=8.5, style="italic", color=BLUE, va="center")
    _box(axes, 34, 122, 62, 30, "document", fill="white")
    _box(axes, 120, 122, 70, 30, "passages")
    _box(axes, 210, 122, 70, 30, "encoder")
    _box(axes, 336, 122, 92, 30, "index", fill=CREAM)
    for start, end in ((65, 85), (155, 175), (245, 290)):
        _arrow(axes, (start, 122), (end, 122))
    axes.plot((0, FULL), (92, 92), color=GREY, lw=0.5, ls=":")
    axes.text(0, 80, "when a question is asked", fontsize=8.5, style="italic", color=BLUE, va="center")
    _box(axes, 34, 46, 62, 30, "question", fill="white")
    _box(axes, 120, 46, 70, 30, "encoder")
    _box(axes, 210, 46, 70, 30, "search")
    _box(axes, 336, 46, 92, 30, "language model", fill=CREAM)
    for start, end in ((65, 85), (155, 175), (245, 290)):
        _arrow(axes, (start, 46), (end, 46))
    axes.text(266, 50, "passages", ha="center", va="bottom", fontsize=7.6)
    _arrow(axes, (330, 107), (222, 61), bend=0.12)
    axes.plot((34, 34, 318, 318), (31, 18, 18, 28), color=INK, lw=0.8)
    _arrow(axes, (318, 18), (318, 31))
    _arrow(axes, (352, 31), (352, 12))
    axes.text(383, 5, "answer with footnotes", ha="right", va="center", fontsize=8.5)
    return figure
