"""How deep each heading stands: by the PDF's own outline, else by its numbering, else by its size."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.setting import PlacedBlock
from rag.types import Heading

_DEEPEST = 6
_NUMBER = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s")
_ITEM = re.compile(r"^(?:section|item|article|note)\s+[\dIVX]+[A-Z]?\b", re.I)
_CHAPTER = re.compile(r"^(?:chapter|part|appendix)\s+[\dIVXA-Z]+", re.I)
_NOT_WORD = re.compile(r"[\W_]+")
_FILE_NAME = re.compile(
    r"\.(?:docx?|pdf|tex|dvi|indd|pptx?|xlsx?|html?|qxd|ps)\s*$|^(?:microsoft|untitled|slide 1\b)", re.I
)


def heading_levels(blocks: Sequence[PlacedBlock], outline: Sequence[Heading]) -> dict[int, int]:
    """Return the level, from 1, of every heading by its index in `blocks`."""
    headings = [i for i, block in enumerate(blocks) if block.kind == "heading"]
    by_title = {_folded(entry.title): entry.level for entry in reversed(outline)}
    styles = sorted({_style(blocks[i]) for i in headings}, reverse=True)
    rank = {style: n for n, style in enumerate(styles, 1)}
    levels = {}
    for i in headings:
        text = blocks[i].text
        numbered = _NUMBER.match(text)
        if _folded(text) in by_title:
            level = by_title[_folded(text)]
        elif _CHAPTER.match(text):
            level = 1
        elif _ITEM.match(text):
            level = 2
        elif numbered:
            level = numbered.group(1).count(".") + 1
        else:
            level = rank[_style(blocks[i])]
        levels[i] = min(level, _DEEPEST)
    return levels


def _style(block: PlacedBlock) -> tuple[float, bool]:
    """Return what is compared when headings are ranked: larger ones stand above smaller ones, capitals above others."""
    return round(block.size * 2) / 2, block.text.isupper()


def _folded(title: str) -> str:
    return _NOT_WORD.sub("", title).casefold()


def document_title(metadata_title: str, blocks: Sequence[PlacedBlock], name: str) -> str:
    """Return the document's title: as its metadata has it, else its largest early heading, else its file name."""
    title = " ".join(metadata_title.split())
    if len(title) > 3 and any(c.isalpha() for c in title) and not _FILE_NAME.search(title):
        return title
    early = [block for block in blocks if block.kind == "heading" and block.spans[0].page <= 2 and len(block.text) > 5]
    if early:
        return max(early, key=lambda block: block.size).text
    stem = name[:-4] if name.lower().endswith(".pdf") else name
    return " ".join(stem.replace("_", " ").split()) or name
