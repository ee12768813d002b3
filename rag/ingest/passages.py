"""Blocks to passages: pieces of about 700 characters that can be found and read by themselves.

No sentence and no row is ever split. A heading opens a new passage when the current one is more than half full;
tables become passages of their own, searched by rows that carry the headings of their columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from rag.ingest.kinds import BlockKind
from rag.ingest.setting import PlacedBlock, Row
from rag.spans import passage_slice
from rag.text import sentence_spans, without_leaders
from rag.types import PageSpan, Passage, PassageKind, join_slices

TARGET = 700  # characters
LEAST = 350
MOST = 900
_HARD_LIMIT = 1800  # of what looks like one sentence but is none
_TITLE_LENGTH = 160  # of the lines above a table that may be its title


@dataclass(frozen=True, slots=True, eq=False)
class _Unit:
    """The smallest piece that is never split: sentences of a paragraph, a heading, a row."""

    kind: BlockKind
    spans: tuple[PageSpan, ...]
    n_chars: int
    ends_block: bool
    heading: str = ""
    serialised: str = ""

    @property
    def weight(self) -> int:
        return max(self.n_chars, len(self.serialised))


@dataclass(slots=True, eq=False)
class _Draft:
    """A passage that still grows."""

    path: tuple[str, ...]
    units: list[_Unit] = field(default_factory=list)
    context: str = ""  # title of the table, for later passages of it

    @property
    def weight(self) -> int:
        return sum(unit.weight + 1 for unit in self.units)

    @property
    def has_rows(self) -> bool:
        return any(unit.kind == "row" for unit in self.units)

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
        aside = block.kind == "small" and _is_footnote(blocks, i)
        for unit in _units(block, texts):
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

    def add(self, unit: _Unit, *, aside: bool = False) -> None:
        """Append a unit to the current passage, or begin a new one with it; footnotes go aside."""
        if aside:
            if self._aside.units and self._is_full(self._aside, unit):
                self._close_aside()
            self._append(self._aside, unit)
            return
        main = self._main
        if main.units and self._must_close(main, unit):
            self._close_main()
        self._append(self._main, unit)

    def _append(self, draft: _Draft, unit: _Unit) -> None:
        if not draft.has_body:
            draft.path = self._titles()
        draft.units.append(unit)

    def _must_close(self, draft: _Draft, unit: _Unit) -> bool:
        if unit.kind == "row" and not draft.has_rows:
            return not _is_table_title(draft)
        if unit.kind not in {"row", "heading"} and draft.has_rows:
            return unit.n_chars > _TITLE_LENGTH or draft.weight >= LEAST
        if unit.kind == "caption" and unit.n_chars > 100 and draft.weight > LEAST:
            return True
        return self._is_full(draft, unit)

    @staticmethod
    def _is_full(draft: _Draft, unit: _Unit) -> bool:
        weight = draft.weight
        if weight >= TARGET:
            return True
        if weight + unit.weight > MOST:
            return draft.has_body
        turns_page = draft.units[-1].ends_block and draft.units[-1].spans[-1].page != unit.spans[0].page
        return turns_page and weight >= LEAST

    def _titles(self) -> tuple[str, ...]:
        return tuple(title for _, title in self._path)

    def _close_main(self) -> None:
        draft = self._main
        held: list[_Unit] = []  # headings at the end belong to what follows
        if draft.has_body:
            while draft.units[-1].kind == "heading":
                held.insert(0, draft.units.pop())
        goes_on = draft.has_rows
        self._main = _Draft(self._titles(), held, _context_of(draft) if goes_on else "")
        self._close(draft)

    def _close_aside(self) -> None:
        draft, self._aside = self._aside, _Draft(self._titles())
        self._close(draft)

    def _close(self, draft: _Draft) -> None:
        if not draft.units:
            return
        spans = _joined(draft.units, self._texts)
        text, _ = join_slices([self._texts[span.page][span.start : span.end] for span in spans])
        kind = _kind_of(draft)
        self._done.append(Passage(len(self._done), text, _index_text(draft, text, kind), spans, draft.path, kind))

    def finish(self) -> tuple[Passage, ...]:
        """Close what is open and return all passages."""
        self._close_main()
        self._close_main()  # headings that were held
        self._close_aside()
        return tuple(self._done)


def _is_table_title(draft: _Draft) -> bool:
    """Tell whether what is collected so far is only headings and short lines: the title of the table to come."""
    return draft.weight <= 2 * _TITLE_LENGTH and all(
        unit.kind in {"heading", "caption"} or unit.n_chars <= _TITLE_LENGTH for unit in draft.units
    )


def _kind_of(draft: _Draft) -> PassageKind:
    if draft.has_rows:
        return "table"
    return "caption" if all(unit.kind in {"caption", "heading"} for unit in draft.units) and draft.has_body else "text"


def _context_of(draft: _Draft) -> str:
    """Return what stands above the first row of a table, for the passages that the table goes on in."""
    above = []
    for unit in draft.units:
        if unit.kind == "row":
            break
        if unit.n_chars <= _TITLE_LENGTH:
            above.append(unit.serialised)
    return "\n".join(above) or draft.context


def _index_text(draft: _Draft, text: str, kind: PassageKind) -> str:
    last = draft.path[-1] if draft.path else ""
    if kind != "table":
        body = without_leaders(text)
        return body if not last or text.startswith(last) else f"{last}\n{body}"
    lines = [" > ".join(draft.path)] if draft.path else []
    if draft.context and draft.context != last:
        lines.append(draft.context)
    lines.extend(unit.serialised for unit in draft.units if unit.heading != last or not last)
    return without_leaders("\n".join(filter(None, lines)))


# ---------------------------------------------------------------------------------------------------- units


def _is_footnote(blocks: Sequence[PlacedBlock], index: int) -> bool:
    """Tell whether small print stands by itself: it is not the head of a table that follows on its page."""
    following = next((block for block in islice(blocks, index + 1, None) if block.kind != "small"), None)
    return following is None or following.kind != "row" or following.spans[0].page > blocks[index].spans[0].page


def _units(block: PlacedBlock, texts: Mapping[int, str]) -> Iterator[_Unit]:
    if block.kind == "row":
        yield from _row_groups(block)
        return
    spans = tuple(block.spans)
    text, _ = join_slices([texts[span.page][span.start : span.end] for span in spans])
    if len(text) <= MOST or block.kind == "heading":
        heading = block.text if block.kind == "heading" else ""
        yield _Unit(block.kind, spans, len(text), True, heading, text)
        return
    whole = Passage(0, text, "", spans)
    pieces = _balanced(text)
    for start, end in pieces:
        cut = passage_slice(whole, texts, start, end)
        yield _Unit(block.kind, cut, end - start, end == pieces[-1][1], serialised=text[start:end])


def _row_groups(block: PlacedBlock) -> Iterator[_Unit]:
    """Cut a table between rows into groups of about one size."""
    weights = [max(row.span.end - row.span.start, len(row.serialised)) + 1 for row in block.rows]
    goal = sum(weights) / max(1, round(sum(weights) / TARGET))
    group: list[Row] = []
    weight = done = 0
    for row, next_weight in zip(block.rows, weights, strict=True):
        if group and done + weight + next_weight / 2 > goal * (done // goal + 1):
            yield _row_group(group, ends_block=False)
            group, weight, done = [], 0, done + weight
        group.append(row)
        weight += next_weight
    yield _row_group(group, ends_block=True)


def _row_group(rows: Sequence[Row], *, ends_block: bool) -> _Unit:
    span = PageSpan(rows[0].span.page, rows[0].span.start, rows[-1].span.end)
    serialised = "\n".join(row.serialised for row in rows)
    return _Unit("row", (span,), span.end - span.start, ends_block, serialised=serialised)


def _balanced(text: str) -> list[tuple[int, int]]:
    """Cut a long paragraph between sentences into pieces of about one size."""
    sentences = [piece for span in sentence_spans(text) for piece in _bearable(text, *span)]
    n_pieces = max(2, round(len(text) / TARGET))
    pieces: list[tuple[int, int]] = []
    for start, end in sentences:
        goal = (len(pieces) or 1) * len(text) / n_pieces  # where the current piece should end
        if pieces and (start + end) / 2 < goal and end - pieces[-1][0] <= MOST:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    return pieces


def _bearable(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut what is too long to be one sentence (lists without stops, broken text) at white space."""
    while end - start > _HARD_LIMIT:
        cut = text.rfind(" ", start + 1, start + MOST)
        cut = cut if cut > start else start + MOST
        yield start, cut
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        yield start, end


def _joined(units: Sequence[_Unit], texts: Mapping[int, str]) -> tuple[PageSpan, ...]:
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
