"""Lines that run another way than the text of their page: labels of axes, stamps in the margin, watermarks.

They are kept at the end of their page's text; those that recur, as running heads do, are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rag.ingest.layout.furniture import PageEdges
from rag.ingest.layout.layout import PageLines
from rag.ingest.layout.lines import Line

_STEP = 6.0  # points between places that are told apart
_OFTEN, _LEAST = 0.12, 3  # pages that a line recurs on: of all, and at least
_DIGITS = re.compile(r"\d+")

_Place = tuple[str, int, int]


@dataclass(slots=True)
class Asides:
    """The lines aside of a document's pages, and what its running heads say."""

    _pages: dict[_Place, set[int]] = field(default_factory=lambda: defaultdict(set))
    _heads: set[str] = field(default_factory=set)
    _n_pages: int = 0

    def learn(self, page: PageLines) -> None:
        """Note the lines aside of a page."""
        self._n_pages += 1
        for line in page.aside:
            self._pages[_place(line)].add(page.number)

    def learn_heads(self, edges: Iterable[PageEdges], dropped: Mapping[int, frozenset[int]]) -> None:
        """Note what the running heads say: on a page whose table is set sideways they run another way."""
        for page in edges:
            gone = dropped.get(page.number, frozenset())
            for row in (*page.top, *page.foot):
                self._heads.update(_mask(text) for i, text in zip(row.lines, row.texts, strict=True) if i in gone)

    def kept(self, page: PageLines) -> list[Line]:
        """Return the lines aside of a page that do not recur."""
        return [line for line in page.aside if _mask(line.text) not in self._heads and not self._recurs(line)]

    def _recurs(self, line: Line) -> bool:
        text, way, at = _place(line)
        pages = set[int]().union(*(self._pages.get((text, way, at + d), ()) for d in (-1, 0, 1)))
        return len(pages) >= max(_LEAST, _OFTEN * self._n_pages)


def _place(line: Line) -> _Place:
    return _mask(line.text), line.view.turn if line.view else 0, round(line.y0 / _STEP)


def _mask(text: str) -> str:
    return _DIGITS.sub("#", text.lower()).strip()
