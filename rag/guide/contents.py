"""The outline of a document, cut to what can be taken in at a glance, each line with its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.guide.guide import Entry
from rag.guide.reading import Reading
from rag.text import fold
from rag.types import Citation, Heading, PageSpan

MOST = 40
_CONTENTS = 3  # headings of one page that later pages have too: it is the contents page
_LONGEST = 110  # characters of a title
_NOT_ENTRY = re.compile(r"^(?:table of )?contents$|^\W*$|^page \d+$|\.{4,}", re.I)


def outline_of(reading: Reading, *, most: int = MOST) -> list[Entry]:
    """Return the outline, its deepest levels left out while it has more than `most` lines."""
    headings = [heading for heading in _sound(reading.outline) if heading.page in reading.texts]
    levels = sorted({heading.level for heading in headings})
    while len(headings) > most and sum(heading.level < levels[-1] for heading in headings) >= 3:
        deepest = levels.pop()
        headings = [heading for heading in headings if heading.level < deepest]
    rank = {level: n for n, level in enumerate(sorted({heading.level for heading in headings}), 1)}
    entries: list[Entry] = []
    for n, heading in enumerate(headings[:most], 1):
        depth = min(rank[heading.level], entries[-1].level + 1 if entries else 1)  # no level is skipped
        entries.append(Entry(depth, _shortened(heading.title), place_of_heading(reading, heading, n)))
    return entries


def _sound(outline: Sequence[Heading]) -> list[Heading]:
    """Return the headings without what recurs (the heads of tables), has no word, or is a paragraph."""
    counts = Counter(fold(heading.title) for heading in outline)
    last = {fold(heading.title): heading.page or 0 for heading in outline}
    recurring = Counter(heading.page for heading in outline if last[fold(heading.title)] > (heading.page or 0))
    seen: set[str] = set()
    found = []
    for heading in outline:
        key = fold(heading.title)
        if recurring[heading.page] >= _CONTENTS and last[key] > (heading.page or 0):
            continue  # an entry of the contents page
        is_spaced = sum(len(word) == 1 for word in heading.title.split()) > 0.5 * len(heading.title.split())
        letters = sum(c.isalpha() for c in heading.title)
        if (
            is_spaced
            or _NOT_ENTRY.search(heading.title)
            or letters < 3
            or len(heading.title) > 200
            or counts[key] > 3
            or key in seen
        ):
            continue
        seen.add(key)
        found.append(heading)
    return found


def _shortened(title: str) -> str:
    flat = " ".join(title.split())
    return flat if len(flat) <= _LONGEST else flat[:_LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def place_of_heading(reading: Reading, heading: Heading, marker: int = 1) -> Citation:
    """Return where a heading stands: its words on its page, else the page."""
    page = heading.page or 1
    text = reading.texts.get(page, "")
    pattern = r"\W{1,4}".join(re.escape(word) for word in re.findall(r"\w+", heading.title))
    found = None
    if pattern:
        on_own_line = re.search(rf"(?:^|\n)\W{{0,3}}({pattern})", text, re.I)
        found = on_own_line.span(1) if on_own_line else None
        anywhere = None if found else re.search(rf"\b{pattern}", text, re.I)
        found = anywhere.span() if anywhere else found
    if found is None:
        return reading.cite_page(page, marker)
    return reading.cite_spans((PageSpan(page, *found),), text[slice(*found)], marker)
