"""Words found in a document as they stand: where an exact phrase occurs, on every page, with its rectangles.

In: the pages of a document and what was typed. Out: every place, in reading order. Case, accents, the shape of quotes
and dashes, and how much white space there is make no difference; a phrase may go on over the end of a line or a page.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rag.errors import InputError
from rag.spans import page_boxes
from rag.text import fold
from rag.types import Box, Page, PageSpan

MAX_PLACES = 500  # told with their rectangles; all are counted
MAX_WANTED = 300  # characters
_AROUND = 48  # characters of the page that are shown on either side


@dataclass(frozen=True, slots=True)
class Place:
    """One occurrence, with what stands before and after it on its page; the three together read as the page does."""

    page: int  # where it begins
    before: str
    words: str
    after: str
    spans: tuple[PageSpan, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The first `MAX_PLACES` occurrences, and how many there are in all."""

    places: tuple[Place, ...]
    n_places: int
    n_pages: int


def find_words(wanted: str, texts: Sequence[tuple[int, str]], page_of: Callable[[int], Page]) -> Places:
    """Return where `wanted` stands, in reading order; occurrences do not overlap.

    Args:
        texts: (number, text) of the pages, in order.
        page_of: gives the page of a number; asked only for pages that have an occurrence.

    Raises:
        InputError: nothing is asked for, or more than 300 characters.
    """
    pattern = _pattern(wanted)
    found, starts = _joined(texts)
    matches = [match.span() for match in pattern.finditer(found)]
    on = {bisect_right(starts, start) - 1 for start, _ in matches}
    reading = _Reading(texts, starts, page_of)
    places = tuple(reading.place(start, end) for start, end in matches[:MAX_PLACES])
    return Places(places, len(matches), len(on))


def _pattern(wanted: str) -> re.Pattern[str]:
    if len(wanted) > MAX_WANTED:
        raise InputError(f"{len(wanted):,} characters are too many to look for: at most {MAX_WANTED}. Type less.")
    words = wanted.translate(_FORMS).split()
    if not words:
        raise InputError("There is nothing to look for. Type a word that stands in the document.")
    return re.compile(" +".join(re.escape(word) for word in words))


class _Forms(dict[int, str]):
    """Each character as it is compared: white space is a space, accents and invisible marks are nothing."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = form = " " if character.isspace() else _without_accents(character)
        return form


def _without_accents(character: str) -> str:
    if unicodedata.category(character) == "Cf":  # soft hyphens, joiners, marks of direction
        return ""
    kept = "".join(c for c in unicodedata.normalize("NFKD", character) if not _is_accent(c))
    return fold(unicodedata.normalize("NFC", kept)) if kept else ""


def _is_accent(character: str) -> bool:
    """Tell accents and points of Latin, Greek, Cyrillic, Hebrew and Arabic from marks that spell another word."""
    place = unicodedata.combining(character)
    return place >= 200 or 10 <= place <= 35


_FORMS = _Forms()


def _joined(texts: Sequence[tuple[int, str]]) -> tuple[str, list[int]]:
    """Return the folded texts as one, and where each page begins in it; a word broken at a page's foot is whole."""
    folded = []
    for _, text in texts:
        form = text.lower().translate(_FORMS) if text.isascii() else text.translate(_FORMS)
        folded.append(form if text.endswith("\u00ad") else form + " ")
    return "".join(folded), [0, *accumulate(map(len, folded))][: len(folded)]


class _Reading:
    """From characters of the joined text back to the pages. Each page is asked for once."""

    def __init__(self, texts: Sequence[tuple[int, str]], starts: Sequence[int], page_of: Callable[[int], Page]) -> None:
        self._texts, self._starts, self._page_of = texts, starts, page_of
        self._pages: dict[int, Page] = {}
        self._origins: dict[int, Sequence[int]] = {}

    def place(self, start: int, end: int) -> Place:
        """Return the place of characters `start` to `end` of the joined text."""
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1
        spans = []
        for i in range(first, last + 1):
            number, text = self._texts[i]
            begin = self._origin(i, start) if i == first else 0
            stop = self._origin(i, end - 1) + 1 if i == last else len(text)
            spans.append(PageSpan(number, begin, _whole(text, stop)))
        opening, closing = self._texts[first][1], self._texts[last][1]
        words = "".join(
            text[span.start : span.end].removesuffix("\u00ad") + ("" if text.endswith("\u00ad") else " ")
            for span, (_, text) in zip(spans, self._texts[first : last + 1], strict=True)
        )
        boxes = tuple(box for s in spans for box in page_boxes(self._page(s.page), s.start, s.end))
        before, after = opening[max(0, spans[0].start - _AROUND) : spans[0].start], closing[spans[-1].end :]
        cut_before, cut_after = spans[0].start > _AROUND, len(after) > _AROUND
        return Place(
            page=spans[0].page,
            before=_flat(_after_a_space(before) if cut_before else before),
            words=" ".join(words.split()),
            after=_flat(_after_a_space(after[:_AROUND][::-1])[::-1] if cut_after else after),
            spans=tuple(spans),
            boxes=boxes,
        )

    def _page(self, number: int) -> Page:
        if number not in self._pages:
            self._pages[number] = self._page_of(number)
        return self._pages[number]

    def _origin(self, i: int, position: int) -> int:
        """Return the character of page `i` that stands at `position` of the joined text."""
        text, offset = self._texts[i][1], position - self._starts[i]
        if text.isascii():
            return offset
        if i not in self._origins:
            self._origins[i] = list(accumulate((len(_FORMS[ord(character)]) for character in text), initial=0))
        return bisect_right(self._origins[i], offset) - 1


def _whole(text: str, end: int) -> int:
    """Take along the accents that follow the last character."""
    while end < len(text) and not _FORMS[ord(text[end])]:
        end += 1
    return end


def _flat(text: str) -> str:
    """Return the text on one line; a space at either end stays, for it stands between two words."""
    return re.sub(r"\s+", " ", text)


def _after_a_space(text: str) -> str:
    """Begin with a whole word."""
    head, _, tail = text.partition(" ")
    return tail or head
