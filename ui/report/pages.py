"""What the browser is told of one page: its blocks, and where the words of each stand. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np

from rag.report import READ, PageReport, ReadBlock, manner, remedy
from rag.types import Page


def page_data(report: PageReport) -> dict[str, Any]:
    """Return what `blocks.js` and `sheet.js` show of a page; boxes are fractions of it."""
    page, cell = report.page, report.cell
    figures = dict.fromkeys(block.figure for block in report.blocks if block.figure is not None)
    return {
        "width": round(page.width, 2) or 1,
        "height": round(page.height, 2) or 1,
        "why": "" if cell.state in READ else manner(cell),
        "remedy": remedy(cell),
        "blocks": [_block(block, page) for block in report.blocks],
        "figures": [
            [round(side, 4) for side in (box.x0, box.y0, box.x1, box.y1)] for box in figures if box.page == page.number
        ],
    }


def _block(block: ReadBlock, page: Page) -> dict[str, Any]:
    start = block.span.start
    return {
        "kind": block.kind,
        "text": block.text,
        "level": block.level,
        "title": block.title,
        "cells": [[cell.span.start - start, cell.span.end - start, cell.heading] for cell in block.cells],
        "words": _boxes(page, block),
    }


def _boxes(page: Page, block: ReadBlock) -> list[list[float]]:
    words = page.words
    first = int(np.searchsorted(words.starts, block.span.start, side="left"))
    last = int(np.searchsorted(words.starts, block.span.end, side="left"))
    return [[round(side, 4) for side in box] for box in words.boxes[first:last].astype(float).tolist()]
