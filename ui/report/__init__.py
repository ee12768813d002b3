"""The report card in the browser: a grid with a cell a page, and beside a page's picture what was read of it.

The grid is a Streamlit component in plain JavaScript, which fetches single pages by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from rag.report import LETTER, SAID, Report, ranges
from ui import shelf

_FOLDER = Path(__file__).parent


def report_style() -> str:
    """Return the style of strips and cards, and the colours of the states."""
    return _read("around.css")


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


# One script, in this order: a file may use what stands in those before it.
_mount = st.components.v2.component(
    "footnote_report",
    html=_read("report.html"),
    css=_read("report.css"),
    js="".join(_read(f"{name}.js") for name in ("blocks", "grid", "sheet", "report")),
)


def grid(place: shelf.Place, report: Report, *, page: int | None = None) -> None:
    """Show the cells of a report; a click on one opens what was read of its page. `page` is opened at the start."""
    _mount(key="report-grid", data=grid_data(report, shelf.current().paper(place, report.document.id), page))


def grid_data(report: Report, at: str, page: int | None = None) -> dict[str, Any]:
    """Return what the component is told; `at` is the address under which the document's pages are served.

    Pages of thousands are told in few characters: states as one string of letters, reasons once each.
    """
    cells = report.cells
    reasons = list(dict.fromkeys(cell.reason for cell in cells if cell.reason))
    return {
        "doc": report.document.id,
        "key": report.document.key,
        "at": at,
        "states": "".join(LETTER[cell.state] for cell in cells),
        "labels": [cell.label for cell in cells] if any(cell.label for cell in cells) else [],
        "words": [cell.n_words for cell in cells],
        "sure": {cell.number: round(cell.confidence, 3) for cell in cells if cell.confidence is not None},
        "reasons": reasons,
        "why": {cell.number: reasons.index(cell.reason) for cell in cells if cell.reason},
        "legend": [
            {"state": state, "letter": LETTER[state], "said": said, "n": report.counts.get(state, 0)}
            for state, said in SAID.items()
        ],
        "unread": [
            {
                "state": group.state,
                "n": len(group.pages),
                "reason": group.reason,
                "remedy": group.remedy,
                "pages": ranges(group.pages),
            }
            for group in report.unread
        ],
        "page": page if page is not None and 1 <= page <= len(cells) else None,
    }
