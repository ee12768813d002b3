"""Footnotes as the viewer needs them: where they lead, what is lit there, the picture of a figure that they cite."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from rag import wording
from rag.types import Box, Citation, Hit
from ui import words

MAX_HIT_QUOTE = 220  # characters
MAX_NAME = 22  # characters of a document in a footnote: a long one drags the word before it to the next line
CROP_WIDTH = 1100  # pixels of a figure's picture
Cite = dict[str, Any]  # JSON
PaperAt = Callable[[str], str]  # id of a document to the address that its pages are served under


@dataclass(frozen=True, slots=True)
class Presence:
    """Which documents are still there, and which gave way to a newer version."""

    documents: Collection[str]
    older: Mapping[str, str]

    def loss(self, document_id: str, name: str) -> tuple[str, str] | None:
        """Return why a document cannot be opened, short and as a sentence; None when it can."""
        if document_id in self.documents:
            return None
        if document_id in self.older:
            newer = self.older[document_id]
            called = "" if newer == name else f", {newer}"
            return "older version", f"an older version of {name} said so; the library holds a newer one{called}"
        return "removed", f"{name} was removed from the library"


def cite_of(citation: Citation, verdict: str, says: str, loss: tuple[str, str] | None = None) -> Cite:
    """Return a citation as the viewer needs it.

    Args:
        says: what there is to say of it.
        loss: why its document cannot be opened, short and as a sentence.
    """
    return {
        "n": citation.marker,
        "doc": citation.document_id,
        "document": citation.document,
        "page": citation.page,
        "label": citation.label,
        "source": citation.source,
        "quote": citation.quote,
        "verdict": verdict,
        "boxes": _boxes(citation.boxes),
        "focus": _boxes(citation.focus),
        "figure": _figure(citation.figure),
        **_presence(loss, says),
    }


def _presence(loss: tuple[str, str] | None, says: str) -> Cite:
    """Return what a footnote says of itself, and whether its document can be opened."""
    return {"says": loss[1] if loss else says, "gone": loss is not None, "lost": loss[0] if loss else ""}


def cite_of_hit(hit: Hit, loss: tuple[str, str] | None = None) -> Cite:
    """Return a passage that was found as the viewer needs it."""
    return {
        "n": 0,
        "doc": hit.passage.document_id,
        "document": hit.document,
        "page": hit.page,
        "label": hit.label,
        "source": hit.source,
        "quote": words.shortened(hit.passage.text, MAX_HIT_QUOTE),
        "verdict": "found",
        "boxes": _boxes(hit.boxes),
        "focus": [],
        "figure": _figure(hit.passage.figure),
        **_presence(loss, "found for this question"),
    }


def _boxes(boxes: Iterable[Box]) -> list[list[float]]:
    return [[box.page, *(round(side, 5) for side in (box.x0, box.y0, box.x1, box.y1))] for box in boxes]


def _figure(box: Box | None) -> list[float] | None:
    return None if box is None else _boxes([box])[0]


class Crops:
    """Pictures of the figures that footnotes cite, each once."""

    def __init__(self, paper_at: PaperAt | None) -> None:
        self._paper_at = paper_at
        self._shown: set[tuple[Any, ...]] = set()

    def of(self, key: str, cite: Cite) -> str:
        """Return the picture that a footnote cites, which opens what it opens; nothing where there is none."""
        if self._paper_at is None or cite["figure"] is None or cite["gone"]:
            return ""
        page, *sides = cite["figure"]
        if (cite["doc"], page, *sides) in self._shown:
            return ""
        self._shown.add((cite["doc"], page, *sides))
        clip = ",".join(f"{side:.4f}" for side in sides)
        address = escape(f"{self._paper_at(cite['doc'])}/page/{page}?w={CROP_WIDTH}&clip={clip}")
        caption = escape(words.shortened(cite["quote"], MAX_HIT_QUOTE))
        return f'<a class="fn-figure" href="#cite-{key}"><img src="{address}" alt="{caption}" loading="lazy"></a>'


def chip_html(key: str, cite: Cite, *, names_document: bool) -> str:
    """Return the link that is a footnote."""
    where = cite["lost"] if cite["gone"] else wording.page_name(cite["page"], cite["label"], cite["source"])
    name = (
        f'<span class="fn-doc">{escape(words.shortened(cite["document"], MAX_NAME))}</span>' if names_document else ""
    )
    kind, n = ("Footnote " + str(cite["n"]) if cite["n"] else "Passage"), cite["n"]
    number = f"<b>{n}</b>" if n else ""
    said = escape(f"{kind}: {cite['document']}, {where}: {cite['says']}")
    style = "gone" if cite["gone"] else cite["verdict"]
    return (
        f'<a class="fn-chip {style}" href="#cite-{key}" aria-label="{said}" title="{escape(cite["says"])}">'
        f"{number}{name}<span>{escape(where)}</span></a>"
    )
