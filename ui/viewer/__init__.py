"""The PDF viewer: a Streamlit component in plain JavaScript that shows page images and lights up footnotes.

Data goes in as JSON and the viewer does the rest in the browser: a click on a footnote moves it without a rerun.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from rag.types import Document
from ui import shelf
from ui.cites import Cite

_FOLDER = Path(__file__).parent
MAX_LISTED = 300  # documents in the viewer's own list; footnotes reach all


def page_style() -> str:
    """Return the style of everything around the viewer."""
    return _read("page.css") + _read("why.css")


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


# One script, in this order: a file may use what stands in those before it.
_SCRIPTS = (
    *("papers", "pages", "zoom", "find", "outline", "split", "bar"),
    *("cards", "footnotes", "copy", "keys", "start", "viewer"),
)
_mount = st.components.v2.component(
    "footnote_viewer",
    html=_read("viewer.html"),
    css=_read("viewer.css"),
    js="".join(_read(f"{name}.js") for name in _SCRIPTS),
)


def viewer(
    place: shelf.Place,
    documents: Sequence[Document],
    cites: dict[str, Cite],
    *,
    wanted: dict[str, Any] | None = None,
    is_start: bool = False,
) -> None:
    """Show the viewer.

    Args:
        documents: what can be opened, the first one at the beginning.
        wanted: what to open now: {"nonce", "doc", "page"} or {"nonce", "cite"}, where None lights none; a nonce is
            obeyed once.
        is_start: whether a new chat is shown, whose top stays in view.
    """
    cited = {cite["doc"] for cite in cites.values()}
    listed = [
        d for i, d in enumerate(documents) if i < MAX_LISTED or d.id in cited or (wanted or {}).get("doc") == d.id
    ]
    n_titled = Counter(d.title for d in listed)
    papers = [
        {
            "id": d.id,
            "name": d.name,
            "title": d.title if d.title and n_titled[d.title] == 1 else d.name,
            "at": shelf.current().paper(place, d.id),
            "key": d.key,
        }
        for d in listed
    ]
    data = {"library": place.key, "papers": papers, "cites": cites, "wanted": wanted, "start": is_start}
    _mount(key="viewer", data=data)
