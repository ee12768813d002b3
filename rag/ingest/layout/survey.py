"""What can only be known of all pages together: the height of running text, printed numbers, running heads, words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rag.ingest.layout.asides import Asides
from rag.ingest.layout.furniture import PageEdges, edges_of, find_furniture
from rag.ingest.layout.hyphens import Hyphens
from rag.ingest.layout.kinds import is_prose
from rag.ingest.layout.labels import printed_labels
from rag.ingest.layout.layout import PageLines
from rag.types import PageSource

_LEAST_PROSE = 0.1  # of a document's characters, for its lines of prose to tell the height of running text


@dataclass(slots=True)
class _Heights:
    """How many characters are set at which height, and how many of them in lines of prose."""

    all: Counter[float] = field(default_factory=Counter)
    prose: Counter[float] = field(default_factory=Counter)

    def add(self, page: PageLines) -> None:
        for line in page.lines:
            height = round(line.height * 2) / 2
            self.all[height] += len(line.text)
            if is_prose(line):
                self.prose[height] += len(line.text)

    @property
    def body(self) -> float:
        """Return the height of running text: the commonest by characters, tables aside where there is prose."""
        has_prose = self.prose.total() >= _LEAST_PROSE * self.all.total()
        heights = self.prose if has_prose else self.all
        return heights.most_common(1)[0][0] if heights else 10.0


@dataclass(slots=True)
class Survey:
    """What can only be known of all pages together."""

    hyphens: Hyphens
    set_in_type: _Heights = field(default_factory=_Heights)
    recognised: _Heights = field(default_factory=_Heights)  # by OCR, which knows heights less well
    edges: list[PageEdges] = field(default_factory=list)
    asides: Asides = field(default_factory=Asides)

    def add(self, page: PageLines, source: PageSource) -> None:
        """Take in a page, in any order."""
        (self.recognised if source == "ocr" else self.set_in_type).add(page)
        for line in page.lines:
            self.hyphens.learn(line.words)
        self.edges.append(edges_of(page))
        self.asides.learn(page)

    def body_of(self, source: PageSource) -> float:
        """Return the height of running text on pages that were read like this."""
        return (self.recognised if source == "ocr" else self.set_in_type).body

    @property
    def body(self) -> float:
        """Return the height of running text on most pages."""
        heights = max(self.set_in_type, self.recognised, key=lambda heights: heights.all.total())
        return heights.body

    def edges_read(self) -> tuple[dict[int, str], dict[int, frozenset[int]]]:
        """Return, by page number, the printed numbers, and the lines to drop: running heads, feet, page numbers."""
        self.edges.sort(key=lambda page: page.number)
        labels, numbers = printed_labels(self.edges)
        dropped = find_furniture(self.edges, self.body)
        for page, lines in numbers.items():
            dropped[page] = dropped.get(page, frozenset()) | lines
        self.asides.learn_heads(self.edges, dropped)
        return labels, dropped
