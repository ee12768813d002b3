"""The exam in the browser: how it is taken in the background, and how its report looks."""

from __future__ import annotations

from pathlib import Path


def exam_style() -> str:
    """Return the style of the report: marks of pages, bars of kinds, misses."""
    return (Path(__file__).parent / "exam.css").read_text(encoding="utf-8")
