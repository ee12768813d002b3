"""Where in a passage stands what a network read in it: characters of `index_text` to characters of `text`. Pure.

Both say the same in other layouts. Prose stands word for word under its heading; a row of a table is searched as

    Total sales | 2019: $1,496.5 | 2018: $1,202.9

and printed without the headings of its columns. Where no place can be told for certain there is none.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.answer.rows import PlacedNumber, numbers_of
from rag.spans import passage_slice, place_in
from rag.text import sentence_spans
from rag.types import Hit, PageSpan, Passage, Reading

_BETWEEN = " | "  # cells of a row as it is searched
_CURRENCIES = "$€£¥"
_ALIKE = 0.5  # share of the words of two rows together that both hold, from which they are one row
_WORD = re.compile(r"[^\W_]+")

Span = tuple[int, int]
TextOf = Callable[[str, int], str]  # document id, page number -> text of the page


@dataclass(frozen=True, slots=True)
class Located:
    """A place in `Passage.text`: the sentence or row that answers, and the part of it that does, if that is certain."""

    sentence: Span
    telling: Span | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a network made of a passage, with where it stands on the pages."""

    reading: Reading
    share: float  # of its relevance in that of all that was read: a softmax
    document_id: str
    sentence: tuple[PageSpan, ...]
    telling: tuple[PageSpan, ...]  # empty: not certain

    def within(self, hit: Hit, texts: Mapping[int, str]) -> Located | None:
        """Return the place in the passage of a hit, which may be several that were joined; None: not there."""
        if hit.passage.document_id != self.document_id:
            return None
        sentence = place_in(hit.passage, texts, self.sentence)
        if sentence is None:
            return None
        return _of_sentence(hit.passage.text, sentence, place_in(hit.passage, texts, self.telling))


@dataclass(frozen=True, slots=True)
class Best:
    """What a network says of a sentence of a hit, and where in the hit's passage."""

    told: Told
    place: Located


def told(read: Sequence[tuple[Passage, Reading]], text_of: TextOf) -> tuple[Told, ...]:
    """Return readings with the place of what answers on its pages; those whose place is not known are left out."""
    if not read:
        return ()
    highest = max(reading.relevance for _, reading in read)
    total = sum(math.exp(reading.relevance - highest) for _, reading in read)
    found = []
    for passage, reading in read:
        texts = {page: text_of(passage.document_id, page) for page in passage.pages}
        place = located(passage, texts, reading.start, reading.end)
        if place is not None:
            share = math.exp(reading.relevance - highest) / total
            sentence = passage_slice(passage, texts, *place.sentence)
            telling = () if place.telling is None else passage_slice(passage, texts, *place.telling)
            found.append(Told(reading, share, passage.document_id, sentence, telling))
    return tuple(found)


def best_told(told: Sequence[Told], hits: Sequence[Hit], text_of: TextOf) -> dict[tuple[int, int, int], Best]:
    """Return what is told of the sentences of hits, by rank of the hit, start and end: of each the most relevant."""
    found: dict[tuple[int, int, int], Best] = {}
    for hit in hits:
        passage = hit.passage
        texts = {page: text_of(passage.document_id, page) for page in passage.pages}
        for one in told:
            place = one.within(hit, texts)
            if place is None:
                continue
            key = (hit.rank, *place.sentence)
            if key not in found or one.share > found[key].told.share:
                found[key] = Best(one, place)
    return found


def located(passage: Passage, texts: Mapping[int, str], start: int, end: int) -> Located | None:
    """Return where characters `start` to `end` of `passage.index_text` stand in `passage.text`; None: unknown."""
    if not 0 <= start < end <= len(passage.index_text):
        return None
    if passage.kind == "table":
        return _in_table(passage, texts, start, end) or _in_prose(passage, start, end)
    return _in_prose(passage, start, end)


# ---------------------------------------------------------------------------------------------------- prose


def _in_prose(passage: Passage, start: int, end: int) -> Located | None:
    telling = _verbatim(passage, start, end)
    return None if telling is None else _of_sentence(passage.text, telling, telling)


def _verbatim(passage: Passage, start: int, end: int) -> Span | None:
    text, searched = passage.text, passage.index_text
    head = len(searched) - len(text)
    if head >= 0 and start >= head and searched.endswith(text):
        return start - head, end - head
    return _same(searched[start:end], text)


def _of_sentence(text: str, part: Span, telling: Span | None) -> Located:
    """Return the sentence that holds most of a part of the text, and what answers as far as it stands there."""
    start, end = part
    overlaps = [(min(end, b) - max(start, a), -a, (a, b)) for a, b in sentence_spans(text) if a < end and b > start]
    sentence = max(overlaps)[2] if overlaps else part
    if telling is not None:
        telling = max(sentence[0], telling[0]), min(sentence[1], telling[1])
    return Located(sentence, telling if telling is not None and telling[0] < telling[1] else None)


def _same(said: str, text: str) -> Span | None:
    """Return where words stand in the text, if they stand there once."""
    places = _whole(said, text)
    return places[0] if len(places) == 1 else None


def _whole(said: str, text: str) -> list[Span]:
    """Return every place of some words in a text; they do not begin or end inside a word or number."""
    if not said.strip():
        return []
    before = r"(?<![^\W_])(?<!\d[.,])" if said[0].isalnum() else ""
    after = r"(?![^\W_])(?![.,]\d)" if said[-1].isalnum() else ""
    pattern = r"\s*".join(re.escape(part) for part in said.split())
    return [match.span() for match in re.finditer(before + pattern + after, text)]


# ----------------------------------------------------------------------------------------------------- rows


@dataclass(frozen=True, slots=True)
class _Part:
    """A cell of a row as it is searched: characters `start` to `end` are its value."""

    start: int
    end: int
    heading: str


def _in_table(passage: Passage, texts: Mapping[int, str], start: int, end: int) -> Located | None:
    searched = passage.index_text
    first = searched.rfind("\n", 0, start) + 1
    last = searched.find("\n", start)
    last = len(searched) if last < 0 else last
    headings = {cell.heading for cell in passage.cells if cell.heading}
    parts = _parts(searched[first:last], headings)
    row = _row(passage.text, searched[first:last], parts)
    if row is None:
        return None
    start, end = start - first, min(end, last) - first
    overlaps = [(min(end, p.end) - max(start, p.start), -i) for i, p in enumerate(parts)]
    overlap, place = max(overlaps)
    if overlap <= 0:  # the heading of a column, which is printed elsewhere
        return Located(row, None)
    return Located(row, _cell(passage, texts, row, searched[first:last], parts, -place, (start, end)))


def _parts(line: str, headings: set[str]) -> list[_Part]:
    """Return label and cells of a row; the label has no heading."""
    found: list[_Part] = []
    at = 0
    for piece in line.split(_BETWEEN):
        heading = max((h for h in headings if piece.startswith(f"{h}: ")), key=len, default="")
        if not heading and found and ": " in piece:  # a column of words
            heading = piece.partition(": ")[0]
        skipped = len(heading) + 2 if heading else 0
        if not found and not heading and " > " in piece:  # the section that the label stands in
            skipped = piece.rindex(" > ") + 3
        found.append(_Part(at + skipped, at + len(piece), heading))
        at += len(piece) + len(_BETWEEN)
    return found


def _row(text: str, line: str, parts: Sequence[_Part]) -> Span | None:
    """Return the printed row that a searched one stands for; None where none is like it, or two are."""
    wanted = Counter(word for part in parts for word in _WORD.findall(line[part.start : part.end]))
    scored = []
    for start, end in sentence_spans(text):
        there = Counter(_WORD.findall(text[start:end]))
        scored.append(((wanted & there).total() / max(1, (wanted | there).total()), (start, end)))
    best = max((score for score, _ in scored), default=0.0)
    rows = [row for score, row in scored if score == best]
    return rows[0] if best >= _ALIKE and len(rows) == 1 else None


def _cell(
    passage: Passage,
    texts: Mapping[int, str],
    row: Span,
    line: str,
    parts: Sequence[_Part],
    place: int,
    said: Span,
) -> Span | None:
    """Return where the cell stands in the passage that part `place` of a searched row is, or the words said in it."""
    part, (row_start, row_end) = parts[place], row
    printed = passage.text[row_start:row_end]
    value = _bare(line[part.start : part.end])
    like = [p for p in parts if p.heading == part.heading and _bare(line[p.start : p.end]) == value]
    numbers = [
        number
        for number in numbers_of(passage, texts, row_start, row_end)
        if number.heading == part.heading and _bare(printed[number.start : number.end]) == value
    ]
    if numbers and len(numbers) == len(like):
        number: PlacedNumber = numbers[like.index(part)]
        return row_start + number.start, row_start + number.end
    words = line[max(said[0], part.start) : min(said[1], part.end)].strip()
    found = _same(words, printed) or _same(words.lstrip(_CURRENCIES), printed)  # "$ 114" is searched as "$114"
    return None if found is None else (row_start + found[0], row_start + found[1])


def _bare(text: str) -> str:
    """Return a cell's text without spaces, and without the sign of its currency: that may stand beside the cell."""
    return "".join(text.split()).lstrip(_CURRENCIES)
