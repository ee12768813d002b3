"""The primer's plots: every curve in them is computed. One function a figure; each returns a matplotlib figure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]

FULL, COLUMN = 418.0, 201.0  # widths in points
INK, BLUE, ORANGE, TEAL, GREY, PALE = "#1a1a1a", "#1f4e79", "#d07a2d", "#3f9b8f", "#8a8a8a", "#dbe6ef"
PATCH = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}  # behind a label that a curve may cross
RC: dict[Any, Any] = {
    "font.family": "STIXGeneral", "mathtext.fontset": "stix", "font.size": 8.5, "axes.linewidth": 0.6,
    "axes.edgecolor": INK, "axes.labelcolor": INK, "axes.labelpad": 2, "xtick.color": INK, "ytick.color": INK,
    "xtick.labelsize": 7.8, "ytick.labelsize": 7.8, "xtick.major.width": 0.5, "ytick.major.width": 0.5,
    "xtick.major.size": 2.5, "ytick.major.size": 2.5, "axes.spines.top": False, "axes.spines.right": False,
    "lines.linewidth": 1.3, "legend.frameon": False, "legend.fontsize": 8, "axes.unicode_minus": True,
    "hatch.linewidth": 0.4, "figure.dpi": 72,
}  # fmt: skip


def sheet(width: float, height: float) -> Figure:
    """Return an empty figure; sides in points."""
    return Figure(figsize=(width / 72, height / 72), layout="constrained")


def activations() -> Figure:
    figure = sheet(FULL, 128)
    left, middle, right = figure.subplots(1, 3)
    x = np.linspace(-4, 4, 321)
    phi = np.array([(1 + math.erf(value / math.sqrt(2))) / 2 for value in x])
    sigmoid = 1 / (1 + np.exp(-x))
    left.plot(x, sigmoid, color=BLUE, label="sigmoid")
    left.plot(x, np.tanh(x), color=ORANGE, ls="--", label="tanh")
    middle.plot(x, np.maximum(0, x), color=INK, lw=2.2, label="ReLU")
    middle.plot(x, np.where(x > 0, x, 0.01 * x), color=ORANGE, ls="--", label="Leaky ReLU")
    middle.plot(x, np.where(x > 0, x, 0.25 * x), color=TEAL, ls="-.", label="PReLU")
    middle.plot(x, np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1), color=BLUE, ls=":", lw=1.6, label="ELU")
    right.plot(x, x * phi, color=BLUE, label="GELU")
    right.plot(x, x * sigmoid, color=ORANGE, ls="--", label="SiLU")
    for axes, low, high in ((left, -1.15, 1.15), (middle, -1.3, 3), (right, -1.3, 3)):
        axes.set(xlim=(-4, 4), ylim=(low, high), xlabel="input $x$", xticks=(-4, -2, 0, 2, 4))
        axes.axhline(0, color=GREY, lw=0.4, zorder=0)
        axes.axvline(0, color=GREY, lw=0.4, zorder=0)
        axes.legend(loc="upper left", handlelength=2, borderaxespad=0, borderpad=0, labelspacing=0.15)
    left.set_ylabel("output $f(x)$")
    return figure


def learning_rate() -> Figure:
    figure = sheet(COLUMN, 98)
    axes = figure.subplots()
    steps = np.arange(21)
    for eta, color, style, label in ((0.03, ORANGE, "--", "0.03"), (0.3, BLUE, "-", "0.3"), (1.03, TEAL, "-.", "1.03")):
        axes.plot(steps, (1 - 2 * eta) ** (2.0 * steps), color=color, ls=style, label=f"$\\eta$ = {label}")
    axes.set(ylim=(-0.15, 5), xlim=(0, 20), xlabel="step", ylabel="loss $L$", xticks=(0, 5, 10, 15, 20))
    axes.legend(loc="upper left", handlelength=2.4, labelspacing=0.2)
    return figure


CURVATURE = np.array([0.1, 2.0])  # of L(x, y) = 0.05 x^2 + y^2


def _descend(kind: str, eta: float, n_steps: int = 60) -> Array:
    """Return the path of an optimiser on the ravine, shape (n_steps + 1, 2)."""
    place, speed, square = np.array([-9.0, 1.6]), np.zeros(2), np.zeros(2)
    path = [place.copy()]
    for step in range(1, n_steps + 1):
        ahead = place - eta * 0.9 * speed if kind == "Nesterov" else place
        g = CURVATURE * ahead
        if kind == "SGD":
            place = place - eta * g
        elif kind in ("Momentum", "Nesterov"):
            speed = 0.9 * speed + g
            place = place - eta * speed
        elif kind == "RMSprop":
            square = 0.9 * square + 0.1 * g**2
            place = place - eta * g / (np.sqrt(square) + 1e-8)
        else:
            speed, square = 0.9 * speed + 0.1 * g, 0.999 * square + 0.001 * g**2
            place = place - eta * (speed / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        path.append(place.copy())
    return np.array(path)


def paths() -> Figure:
    figure = sheet(FULL, 196)
    upper, lower = figure.subplots(2, 1, sharex=True)
    x, y = np.meshgrid(np.linspace(-10, 3, 200), np.linspace(-2, 2, 120))
    groups = (
        (upper, (("SGD", 0.9, GREY, ":"), ("Momentum", 0.12, BLUE, "-"), ("Nesterov", 0.12, ORANGE, "--"))),
        (lower, (("RMSprop", 0.2, TEAL, "-."), ("Adam", 0.45, BLUE, "-"))),
    )
    for axes, runs in groups:
        axes.contour(x, y, 0.05 * x**2 + y**2, levels=[0.1, 0.4, 1, 2, 3.5, 5.5], colors="#c9d3db", linewidths=0.6)
        for kind, eta, color, style in runs:
            path = _descend(kind, eta)
            axes.plot(*path.T, color=color, ls=style, lw=1.2, marker="o", ms=1.5, label=f"{kind}, $\\eta$ = {eta}")
        axes.plot(-9, 1.6, "o", ms=5, mfc="white", mec=INK, mew=0.9)
        axes.plot(0, 0, "x", ms=6, color=INK, mew=1.3)
        axes.set(xlim=(-10, 3), ylim=(-2, 2), ylabel="$y$", yticks=(-2, 0, 2))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 0.97), ncols=3, borderaxespad=0, handlelength=2.6)
    lower.set_xlabel("$x$")
    return figure


def fits() -> Figure:
    figure = sheet(COLUMN, 206)
    rng = np.random.default_rng(4)
    x = np.linspace(0.02, 0.98, 16)
    y = np.sin(2 * np.pi * x) + rng.normal(0, 0.25, x.size)
    fine = np.linspace(0, 1, 300)
    for axes, degree, name in zip(
        figure.subplots(3, 1, sharex=True), (1, 4, 13), ("too little", "about right", "too much"), strict=True
    ):
        curve = np.polynomial.Polynomial.fit(x, y, degree)
        axes.plot(fine, np.sin(2 * np.pi * fine), color=GREY, ls="--", lw=0.9)
        axes.plot(fine, curve(fine), color=BLUE)
        axes.plot(x, y, "o", ms=3, color=ORANGE, mec="white", mew=0.3)
        axes.set(ylim=(-1.9, 1.9), xlim=(0, 1), yticks=(-1, 0, 1))
        axes.text(0.98, 0.93, f"degree {degree}: {name}", transform=axes.transAxes, ha="right", va="top", bbox=PATCH)
    axes.set_xlabel("$x$")
    return figure


def _train(n_hidden: int = 60, n_steps: int = 6000) -> tuple[Array, Array]:
    """Train a small network on noisy points; return its training and validation errors every tenth step."""
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (230, 1))
    y = np.sin(3 * x) + 0.4 * rng.normal(size=x.shape)
    x = np.hstack([x, np.ones_like(x)])
    weights = [rng.normal(0, 6, (2, n_hidden)), rng.normal(0, 0.1, (n_hidden, 1))]
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    errors: list[tuple[float, float]] = []
    for step in range(1, n_steps + 1):
        hidden = np.tanh(x @ weights[0])
        miss = hidden @ weights[1] - y
        if step % 10 == 1:
            errors.append((float((miss[:30] ** 2).mean()), float((miss[30:] ** 2).mean())))
        h, d = hidden[:30], 2 * miss[:30] / 30
        gradients = [x[:30].T @ (d @ weights[1].T * (1 - h**2)), h.T @ d]
        for i, g in enumerate(gradients):
            first[i] = 0.9 * first[i] + 0.1 * g
            second[i] = 0.999 * second[i] + 0.001 * g**2
            scale = np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8
            weights[i] = weights[i] - 0.003 * first[i] / (1 - 0.9**step) / scale
    trained, validated = np.array(errors).T
    return trained, validated


def curves() -> Figure:
    figure = sheet(COLUMN, 128)
    axes = figure.subplots()
    trained, validated = _train()
    steps = 1 + 10 * np.arange(trained.size)
    best = int(validated.argmin())
    axes.semilogx(steps, validated, color=ORANGE, label="validation")
    axes.semilogx(steps, trained, color=BLUE, ls="-.", label="training")
    axes.axvline(float(steps[best]), color=INK, ls="--", lw=0.7)
    axes.set(xlabel="step", ylabel="mean squared error", ylim=(0, 0.6), xlim=(3, steps[-1]))
    axes.legend(loc="upper right", handlelength=2.2, labelspacing=0.2)
    return figure


def vanishing() -> Figure:
    figure = sheet(FULL, 128)
    axes = figure.subplots()
    steps = np.arange(0, 101)
    for factor, color, style in ((0.99, BLUE, "-"), (0.9, ORANGE, "--"), (0.7, TEAL, "-.")):
        axes.semilogy(steps, factor**steps, color=color, ls=style)
        place = {0.99: 88, 0.9: 88, 0.7: 44}[factor]
        axes.annotate(f"{factor} per step", (place, factor**place), (0, 6), textcoords="offset points", ha="left")
    axes.axhline(1e-3, color=GREY, lw=0.5, ls=":")
    axes.annotate("one thousandth", (1, 1e-3), (0, -9), textcoords="offset points", color="#555555", fontsize=7.8)
    axes.set(xlim=(0, 100), ylim=(1e-9, 4), xlabel="steps back in time", yticks=(1e-9, 1e-6, 1e-3, 1))
    axes.set_ylabel("gradient left", labelpad=8)
    axes.minorticks_off()
    return figure


def roofline() -> Figure:
    figure = sheet(FULL, 140)
    axes = figure.subplots()
    intensity = np.logspace(0, 4, 200)
    roof = np.minimum(300, 2 * intensity)
    axes.loglog(intensity, roof, color=INK, lw=1.8)
    axes.fill_between(intensity, roof, 0.5, color=PALE, lw=0)
    for x, label in ((1, "batch 1"), (16, "batch 16"), (128, "batch 128"), (1024, "batch 1,024")):
        y = min(300.0, 2.0 * x)
        axes.plot(x, y, "o", ms=4.5, color=ORANGE, mec=INK, mew=0.5, clip_on=False, zorder=3)
        axes.annotate(label, (x, y), (6, -10), textcoords="offset points")
    axes.axvline(150, color=GREY, lw=0.6, ls=":")
    axes.text(142, 0.68, "ridge: 150 operations per byte", ha="right", fontsize=7.8)
    axes.text(6, 60, "waits for memory", ha="center", color=BLUE, style="italic")
    axes.text(1700, 400, "waits for arithmetic", ha="center", color=BLUE, style="italic")
    axes.set(xlim=(1, 1e4), ylim=(0.5, 1000), xlabel="operations per byte fetched")
    axes.set_ylabel("teraflops", labelpad=6)
    axes.minorticks_off()
    return figure


def _picture() -> Array:
    """Return a drawn 7, 28 x 28, ink 1 on paper 0."""
    y, x = np.meshgrid(np.arange(28.0), np.arange(28.0), indexing="ij")
    bar = np.clip(1.9 - np.abs(y - 6.5), 0, 1) * ((x >= 6) & (x <= 21))
    stem = np.clip(2.1 - np.abs((x - 21) + (y - 6.5) * 0.52), 0, 1) * ((y >= 6.5) & (y <= 23))
    return np.asarray(np.maximum(bar, stem), dtype=np.float64)


def _convolve(picture: Array, kernel: Array) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(picture, kernel.shape)
    return np.asarray(np.einsum("ijkl,kl->ij", windows, kernel), dtype=np.float64)


def convolution() -> Figure:
    figure = Figure(figsize=(COLUMN / 72, 88 / 72))
    kernel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    picture = _picture()
    panels = (
        (picture, (0.0, 0.0, 0.385, 0.86), "picture"),
        (kernel, (0.435, 0.25, 0.15, 0.36), "kernel"),
        (np.maximum(0, _convolve(picture, kernel)), (0.635, 0.0, 0.365, 0.86), "feature map"),
    )
    for values, place, title in panels:
        axes: Axes = figure.add_axes(place)
        is_kernel = values is kernel
        cmap = "Greys" if not is_kernel else "PuOr_r"
        low = -2 if is_kernel else 0
        axes.pcolormesh(values[::-1], cmap=cmap, vmin=low, vmax=values.max(), edgecolors="face", linewidth=0.15)
        axes.set(aspect="equal", xticks=(), yticks=())
        for spine in axes.spines.values():
            spine.set_visible(True)
        axes.set_title(title, fontsize=8.3, pad=3)
        if is_kernel:
            for (row, column), value in np.ndenumerate(values):
                color = "white" if abs(value) == 2 else INK
                label = f"{value:.0f}".replace("-", "−")
                axes.text(column + 0.5, 2.5 - row, label, ha="center", va="center", fontsize=6.5, color=color)
    return figure


def noise() -> Figure:
    """The picture of the convolution on its way to noise, as a diffusion model sees it in training."""
    figure = Figure(figsize=(COLUMN / 72, 58 / 72))
    rng = np.random.default_rng(3)
    picture, grain = 2 * _picture() - 1, rng.normal(size=(28, 28))
    for i, kept in enumerate((1.0, 0.8, 0.4, 0.0)):
        axes: Axes = figure.add_axes((i * 0.255, 0.0, 0.235, 0.82))
        mixed = np.sqrt(kept) * picture + np.sqrt(1 - kept) * grain
        axes.pcolormesh(mixed[::-1], cmap="Greys", vmin=-1.6, vmax=1.6, edgecolors="face", linewidth=0.15)
        axes.set(aspect="equal", xticks=(), yticks=())
        axes.set_title(f"{kept:.0%} kept", fontsize=7.8, pad=3)
        for spine in axes.spines.values():
            spine.set_visible(True)
    return figure


def attention() -> Figure:
    """Attention of nine words; the vectors are written by hand: kind of word, animal, thing, place."""
    words = ["The", "cat", "left", "the", "mat", "because", "it", "was", "hungry"]
    keys = np.array([
        [1, 0, 0, 0], [0, 3, 1, 0], [0, 0, 0, 2], [1, 0, 0, 0], [0, 0, 3, 1],
        [0, 0, 0, 1.5], [0, 1, 0.4, 0], [0.3, 0, 0, 2], [0, 1.2, 0, 1.5],
    ])  # fmt: skip
    queries = np.array([
        [0, 2, 0, 0], [1.5, 1.5, 0, 0.5], [0, 2, 1, 0.5], [0, 0, 2, 0], [1.5, 0, 1.5, 0.5],
        [0, 0, 0, 2], [0, 2.4, 0.5, 0], [0, 1, 0, 1.5], [0, 1.6, 0, 1],
    ])  # fmt: skip
    scores = queries @ keys.T / 2
    weights = np.exp(scores)
    weights /= weights.sum(axis=1, keepdims=True)
    figure = sheet(FULL * 0.72, 190)
    axes = figure.subplots()
    mesh = axes.pcolormesh(weights, cmap="Blues", vmin=0, vmax=0.8, edgecolors="white", linewidth=0.8)
    ticks = np.arange(9) + 0.5
    axes.set(xticks=ticks, yticks=ticks, xlabel="looks at (keys)")
    axes.set_ylabel("word that looks (queries)", labelpad=5)
    axes.set_xticklabels(words, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticklabels(words)
    axes.invert_yaxis()
    for (row, column), weight in np.ndenumerate(weights):
        if weight >= 0.2:
            color = "white" if weight > 0.42 else INK
            axes.text(column + 0.5, row + 0.5, f"{weight:.2f}", ha="center", va="center", fontsize=6.8, color=color)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    bar = figure.colorbar(mesh, ax=axes, pad=0.02, aspect=28)
    bar.set_label("weight", labelpad=7)
    bar.outline.set_linewidth(0.4)
    return figure
