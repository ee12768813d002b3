"""Plots as SVG, drawn by hand: no library, no script, colours taken from the page around them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from rag.evaluate.abstention import RiskCoverage
from rag.evaluate.intervals import Interval

_WIDTH, _ROW = 640, 26
_LEFT, _RIGHT = 160, 120  # room for names and for numbers
_SIDE, _MARGIN = 320, 48  # of the square plot
_POINTS = 400  # of a curve at most


def bars(figures: Mapping[str, Interval]) -> str:
    """Return means 0 to 1 as bars, each with its interval as a line."""
    height, span = _ROW * len(figures) + 10, _WIDTH - _LEFT - _RIGHT
    parts = []
    for i, (name, value) in enumerate(figures.items()):
        y = _ROW * i + 5
        at = {key: _LEFT + span * share for key, share in (("low", value.low), ("high", value.high))}
        parts += [
            f'<text x="{_LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="track" x="{_LEFT}" y="{y + 2}" width="{span}" height="16" rx="2"/>',
            f'<rect class="bar" x="{_LEFT}" y="{y + 2}" width="{span * value.mean:.1f}" height="16" rx="2"/>',
            f'<path class="whisker" d="M{at["low"]:.1f} {y + 10}H{at["high"]:.1f}M{at["low"]:.1f} {y + 6}v8'
            f'M{at["high"]:.1f} {y + 6}v8"/>',
            f'<text x="{_WIDTH - _RIGHT + 8}" y="{y + 14}">{value.mean:.3f}</text>',
        ]
    told = ", ".join(f"{name} {value.mean:.2f}" for name, value in figures.items())
    return _svg(_WIDTH, height, f"Figures: {told}", parts)


def risk_and_coverage(curve: RiskCoverage) -> str:
    """Return the share of wrong answers over the share of questions that are answered, the most confident first."""
    n = len(curve.coverage)
    shown = sorted({round(i * (n - 1) / min(n, _POINTS)) for i in range(min(n, _POINTS))} | {n - 1})
    points = [(float(curve.coverage[i]), float(curve.risk[i])) for i in shown]
    parts = [*_axes("share of the questions answered, the most confident first", "share of them wrong")]
    parts.append(f'<path class="curve" d="M{"L".join(_at(*point) for point in points)}"/>')
    said = f"Risk over coverage: {points[-1][1]:.2f} wrong when all are answered, area {curve.area:.2f}"
    return _svg(_SIDE + 2 * _MARGIN, _SIDE + 2 * _MARGIN, said, parts)


def ranks(found: Sequence[int | None]) -> str:
    """Return how many questions have their first right page at each rank, as columns; None: not found."""
    names = [*(str(rank) for rank in range(1, 11)), "later", "not"]
    counts = [sum(rank == i for rank in found) for i in range(1, 11)]
    counts += [sum(rank is not None and rank > 10 for rank in found), sum(rank is None for rank in found)]
    most, step = max([1, *counts]), (_WIDTH - 40) / len(names)
    parts = []
    for i, (name, count) in enumerate(zip(names, counts, strict=True)):
        x, wide, height = 20 + i * step, step - 8, 140 * count / most
        parts += [
            f'<rect class="bar" x="{x + 4:.1f}" y="{160 - height:.1f}" '
            f'width="{wide:.1f}" height="{height:.1f}" rx="2"/>',
            f'<text x="{x + step / 2:.1f}" y="{154 - height:.1f}" text-anchor="middle">{count}</text>',
            f'<text x="{x + step / 2:.1f}" y="178" text-anchor="middle">{name}</text>',
        ]
    return _svg(_WIDTH, 190, "Rank of the first page with evidence", parts)


def _axes(across: str, up: str) -> list[str]:
    parts = []
    for tenth in range(0, 11, 2):
        share = tenth / 10
        x, y = (float(side) for side in _at(share, share).split())
        parts += [
            f'<path class="grid" d="M{x:.1f} {_MARGIN}V{_MARGIN + _SIDE}M{_MARGIN} {y:.1f}H{_MARGIN + _SIDE}"/>',
            f'<text x="{x:.1f}" y="{_MARGIN + _SIDE + 16}" text-anchor="middle">{share:g}</text>',
            f'<text x="{_MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{share:g}</text>',
        ]
    middle = _MARGIN + _SIDE / 2
    parts.append(f'<text x="{middle}" y="{_SIDE + 2 * _MARGIN - 12}" text-anchor="middle">{escape(across)}</text>')
    parts.append(f'<text transform="translate(12 {middle}) rotate(-90)" text-anchor="middle">{escape(up)}</text>')
    return parts


def _at(x: float, y: float) -> str:
    return f"{_MARGIN + _SIDE * x:.1f} {_MARGIN + _SIDE * (1 - y):.1f}"


def _svg(width: int, height: int, said: str, parts: Sequence[str]) -> str:
    inner = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{escape(said, quote=True)}">\n'
        f"{inner}\n</svg>"
    )
