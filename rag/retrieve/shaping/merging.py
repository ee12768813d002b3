"""Neighbours that touch become one: parts of a paragraph or of a table that was cut only because of its length. Pure.

What is joined is what the page says between the beginning of the first and the end of the second, so that a quote of it
stays verbatim; the better of the two gives its score, and its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.retrieve.shaping.picks import Pick, TextOf
from rag.types import PageSpan, Passage, join_slices

MOST = 2_000  # characters of a joined passage: about three


def merge_neighbours(picks: Sequence[Pick], text_of: TextOf, *, k: int | None = None) -> list[Pick]:
    """Return the first k picks, best first, those that touch joined in the place of the best of them."""
    merged: list[Pick] = []
    for pick in picks:
        if len(merged) == k:
            break
        merged.append(pick)
        at = len(merged) - 1
        while (other := _neighbour(at, merged, text_of)) is not None:
            at, worse = min(at, other), merged.pop(max(at, other))
            merged[at] = _merged(merged[at], worse, text_of)
    return merged


def _merged(better: Pick, worse: Pick, text_of: TextOf) -> Pick:
    return replace(better, passage=join(better.passage, worse.passage, text_of)).with_twins(*worse.twins)


def _neighbour(at: int, picks: Sequence[Pick], text_of: TextOf) -> int | None:
    mine = picks[at].passage
    return next((i for i, other in enumerate(picks) if i != at and touch(other.passage, mine, text_of)), None)


def touch(one: Passage, other: Passage, text_of: TextOf, *, most: int = MOST) -> bool:
    """Tell whether two passages are parts of one paragraph or one table, next to each other on one page."""
    if one.document_id != other.document_id or one.kind != other.kind or one.figure or other.figure:
        return False
    if len(one.pages) != 1 or one.pages != other.pages or len(one.text) + len(other.text) >= most:
        return False
    first, second = _in_order(one, other)
    start, end = first.spans[-1].end, second.spans[0].start
    if not 0 <= end - start <= 2:  # cheaper than to read the page
        return False
    between = text_of(one.document_id, one.pages[0])[start:end]
    if between.strip():
        return False
    return _is_one_table(first, second) if one.kind == "table" else "\n" not in between


def _in_order(one: Passage, other: Passage) -> tuple[Passage, Passage]:
    return (one, other) if one.spans[0].start <= other.spans[0].start else (other, one)


def _is_one_table(one: Passage, other: Passage) -> bool:
    """Tell whether rows that follow each other belong to one table: it has one title, or the same columns."""
    if one.headings != other.headings or one.title != other.title:
        return False
    return bool(one.title) or {cell.heading for cell in one.cells} == {cell.heading for cell in other.cells}


def join(better: Passage, other: Passage, text_of: TextOf) -> Passage:
    """Return two passages that touch as one, under the id and number of the better one."""
    first, second = _in_order(better, other)
    last, following = first.spans[-1], second.spans[0]
    spans = (*first.spans[:-1], PageSpan(last.page, last.start, following.end), *second.spans[1:])
    text, _ = join_slices([text_of(better.document_id, span.page)[span.start : span.end] for span in spans])
    return replace(
        better,
        text=text,
        index_text=_joined_index(first, second),
        spans=spans,
        title=first.title or second.title,
        cells=first.cells + second.cells,
    )


def _joined_index(first: Passage, second: Passage) -> str:
    """Return what is searched of both: the second without the headings and titles that the first has too."""
    held = set(first.index_text.split("\n"))
    lines = second.index_text.split("\n")
    while len(lines) > 1 and lines[0] in held:
        lines.pop(0)
    rest = "\n".join(lines)
    return f"{first.index_text}\n{rest}" if first.kind == "table" else f"{first.index_text} {rest}"
