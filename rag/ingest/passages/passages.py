"""Blocks to passages: pieces of about 700 characters that can be found and read by themselves.

No sentence and no row is ever split. A heading opens a new passage when the current one is more than half full;
tables become passages of their own, searched by rows that carry the headings of their columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from rag.ingest.passages.setting import PlacedBlock
from rag.ingest.passages.units import MOST, TARGET, Unit, units_of
from rag.text import without_leaders
from rag.types import Box, PageSpan, Passage, PassageKind, join_slices

LEAST = 350  # characters
_ROWS_AHEAD = 3  # blocks after a caption within which the rows of its table begin
_OF_PICTURE = re.compile(r"fig|graph|diagram|map|scheme|plate", re.I)  # a caption that no table has
_TITLE_LENGTH = 160  # of the lines above a table that may be its title


@dataclass(slots=True, eq=False)
class _Draft:
    """A passage that still grows."""

    path: tuple[str, ...]
    units: list[Unit] = field(default_factory=list)

    @property
    def weight(self) -> int:
        return sum(unit.weight + 1 for unit in self.units)

    @property
    def has_rows(self) -> bool:
        return any(unit.kind == "row" for unit in self.units)

    @property
    def title(self) -> str:
        """Return the title of its table, the first where there are several."""
        return next((unit.title for unit in self.units if unit.title), "")

    @property
    def has_body(self) -> bool:
        return any(unit.kind != "heading" for unit in self.units)


def make_passages(
    blocks: Sequence[PlacedBlock], levels: Mapping[int, int], texts: Mapping[int, str]
) -> tuple[Passage, ...]:
    """Return the passages of a document in reading order.

    `levels` gives the depth of the headings by their index in `blocks`, `texts` the text of every page. Small print
    (footnotes) goes to passages of its own, so that it does not stand between the parts of a paragraph.
    """
    packer = _Packer(texts)
    for i, block in enumerate(blocks):
        if block.kind == "heading":
            packer.enter(levels[i], block.text)
        aside = block.kind == "label" or (block.kind == "small" and _is_footnote(blocks, i))
        if block.figure is not None and not _is_title_of_rows(blocks, i, texts):
            packer.set_apart(units_of(block, texts), block.figure)
            continue
        for unit in units_of(block, texts):
            packer.add(unit, aside=aside)
    return packer.finish()


class _Packer:
    """Packs units to passages."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._texts = texts
        self._path: list[tuple[int, str]] = []
        self._main = _Draft(())
        self._aside = _Draft(())  # small print
        self._done: list[Passage] = []

    def enter(self, level: int, title: str) -> None:
        """Begin the section under a heading."""
        if self._main.weight > TARGET / 2 or self._main.has_rows:
            self._close_main()
        if self._aside.weight > 1:
            self._close_aside()
        self._path = [*(entry for entry in self._path if entry[0] < level), (level, title)]
        if not self._main.has_body:
            self._main.path = self._titles()

    def add(self, unit: Unit, *, aside: bool = False) -> None:
        """Append a unit to the current passage, or begin a new one with it; footnotes go aside."""
        if aside:
            if self._aside.units and self._is_full(self._aside, unit):
                self._close_aside()
            self._append(self._aside, unit)
            return
        main = self._main
        if main.units and self._must_close(main, unit):
            self._close_main(title=unit.title)
        self._append(self._main, unit)

    def set_apart(self, units: Iterable[Unit], figure: Box) -> None:
        """Make a passage of the caption of a figure; what stands around it goes on."""
        self._close(_Draft(self._titles(), list(units)), figure)

    def _append(self, draft: _Draft, unit: Unit) -> None:
        if not draft.has_body:
            draft.path = self._titles()
        draft.units.append(unit)

    def _must_close(self, draft: _Draft, unit: Unit) -> bool:
        if unit.kind == "row" and not draft.has_rows:
            return not _is_table_title(draft, unit)
        if unit.kind == "row" and unit.title != draft.title and draft.weight > LEAST / 2:
            return True
        if unit.kind not in {"row", "heading"} and draft.has_rows:
            return unit.n_chars > _TITLE_LENGTH or draft.weight >= LEAST
        if unit.kind == "caption" and unit.n_chars > 100 and draft.weight > LEAST:
            return True
        return self._is_full(draft, unit)

    @staticmethod
    def _is_full(draft: _Draft, unit: Unit) -> bool:
        weight = draft.weight
        if weight >= TARGET:
            return True
        if weight + unit.weight > MOST:
            return draft.has_body
        turns_page = draft.units[-1].ends_block and draft.units[-1].spans[-1].page != unit.spans[0].page
        return turns_page and weight >= LEAST

    def _titles(self) -> tuple[str, ...]:
        return tuple(title for _, title in self._path)

    def _close_main(self, *, title: str = "") -> None:
        """Close the current passage; headings at its end, and what is in the title of the table to come, go on."""
        draft = self._main
        held: list[Unit] = []
        if draft.has_body:
            while draft.units and (draft.units[-1].kind == "heading" or _is_in(draft.units[-1], title)):
                held.insert(0, draft.units.pop())
        self._main = _Draft(self._titles(), held)
        self._close(draft)

    def _close_aside(self) -> None:
        draft, self._aside = self._aside, _Draft(self._titles())
        self._close(draft)

    def _close(self, draft: _Draft, figure: Box | None = None) -> None:
        if not draft.units:
            return
        spans = _joined(draft.units, self._texts)
        text, _ = join_slices([self._texts[span.page][span.start : span.end] for span in spans])
        kind = _kind_of(draft)
        passage = Passage(
            len(self._done),
            text,
            _index_text(draft, text, kind),
            spans,
            draft.path,
            kind,
            title=draft.title,
            cells=tuple(cell for unit in draft.units for cell in unit.cells),
            figure=figure,
        )
        self._done.append(passage)

    def finish(self) -> tuple[Passage, ...]:
        """Close what is open and return all passages."""
        self._close_main()
        self._close_main()  # headings that were held
        self._close_aside()
        return tuple(self._done)


def _is_table_title(draft: _Draft, rows: Unit) -> bool:
    """Tell whether what is collected so far belongs to the rows to come: headings and short lines of their page."""
    return draft.weight <= 2 * _TITLE_LENGTH and all(
        unit.kind in {"heading", "caption"}
        or (unit.n_chars <= _TITLE_LENGTH and (_is_in(unit, rows.title) or unit.spans[-1].page == rows.spans[0].page))
        for unit in draft.units
    )


def _is_in(unit: Unit, title: str) -> bool:
    """Tell whether a unit's words stand in the title of a table."""
    return bool(title) and unit.kind != "row" and " ".join(unit.serialised.split()) in title


def _kind_of(draft: _Draft) -> PassageKind:
    if draft.has_rows:
        return "table"
    return "caption" if all(unit.kind in {"caption", "heading"} for unit in draft.units) and draft.has_body else "text"


def _index_text(draft: _Draft, text: str, kind: PassageKind) -> str:
    last = draft.path[-1] if draft.path else ""
    if kind != "table":
        body = without_leaders(text)
        return body if not last or text.startswith(last) else f"{last}\n{body}"
    title, held = "", [unit.serialised for unit in draft.units]
    lines = [" > ".join(heading for heading in draft.path if heading not in draft.title)]
    for unit in draft.units:
        if unit.title != title:
            title = unit.title
            lines.append(title)
        if unit.section and unit.section not in title and not any(unit.section in line for line in [lines[0], *held]):
            lines.append(unit.section)
        if not _is_in(unit, draft.title) and not (unit.heading and unit.heading in lines[0]):
            lines.append(unit.serialised)
    return without_leaders("\n".join(filter(None, lines)))


def _is_title_of_rows(blocks: Sequence[PlacedBlock], index: int, texts: Mapping[int, str]) -> bool:
    """Tell whether a caption belongs to rows that follow it: it is the title of their passages then."""
    span = blocks[index].spans[0]
    if _OF_PICTURE.match(texts[span.page], span.start):
        return False
    ahead = blocks[index + 1 : index + 1 + _ROWS_AHEAD]
    return any(block.kind == "row" and block.spans[0].page == span.page for block in ahead)


def _is_footnote(blocks: Sequence[PlacedBlock], index: int) -> bool:
    """Tell whether small print stands by itself: it is not the head of a table that follows on its page."""
    following = next((block for block in islice(blocks, index + 1, None) if block.kind != "small"), None)
    return following is None or following.kind != "row" or following.spans[0].page > blocks[index].spans[0].page


def _joined(units: Sequence[Unit], texts: Mapping[int, str]) -> tuple[PageSpan, ...]:
    """Return the spans of units one after the other, neighbours on a page put together.

    Where a block ends and the next does not follow it on its page, the newline that ends it is taken along, so that
    the two never read as one sentence.
    """
    spans: list[PageSpan] = []
    ended = False
    for unit in units:
        for i, span in enumerate(unit.spans):
            if spans:
                last = spans[-1]
                text = texts[last.page]
                if last.page == span.page and last.end <= span.start and not text[last.end : span.start].strip():
                    spans[-1] = PageSpan(last.page, last.start, span.end)
                    continue
                if i == 0 and ended and text[last.end : last.end + 1] == "\n":
                    spans[-1] = PageSpan(last.page, last.start, last.end + 1)
            spans.append(span)
        ended = unit.ends_block
    return tuple(spans)
