"""Pages that a question names: "on page 12", "p. 57", "pages 3-5", "on the last page"."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from rag.retrieve.hints.asked import NUMBERS, Shelf, Text, hint, number_of
from rag.types import Document, Hint

FIRST, LAST = "first", "last"  # values that are no number
_MAX_RANGE = 50  # pages
_WORDS = "|".join(NUMBERS[1:])
_LABEL = (
    rf"(?:\d{{1,4}}|(?:{_WORDS})\b|(?-i:[A-Z]{{1,2}}-?\d{{1,3}})\b"
    r"|(?-i:[ivxl]{2,6}|[IVXL]{2,6}|[ivx](?=\W*(?:$|[,;?.)])))\b)"
)
_ALSO = r"(?:\s*(?:-|–|—|,(?:\s*(?:and|or))?|&|\band\b|\bor\b|\bto\b|\bthrough\b)\s*(?:(?:pages?|slides?|pp?\.)\s*)?)"
_PAGES = re.compile(
    rf"(?<!per )(?<![\w-])(?:pages?|slides?|pgs?\.?|pp?\.)\s*(?:no\.?\s*|numbers?\s*|\#\s*)?"
    rf"(?P<list>{_LABEL}(?:{_ALSO}{_LABEL})*)(?![\w%]|[.,]\d|\s*(?:cents?|dollars?|times|percent)\b)",
    re.I,
)
_ONE = re.compile(_LABEL, re.I)
_BETWEEN = re.compile(r"\s*(?:-|–|—|\bto\b|\bthrough\b)", re.I)
_WHOLE = r"(?:document|documents|pdf|file|report|paper|article|book|brochure|manual|guide|presentation|deck|slides?)"
_NAMED = re.compile(
    rf"\b(?:on|in|at|of|from)\s+(?:the|its)\s+(?:very\s+)?(?:(?P<which>first|last|final|front|title|cover)\s+(?:page|slide)"
    rf"|(?P<cover>(?:front\s+)?cover))(?=\W*$|\s*[,;?]|\s+(?:of|in)\s+(?:(?:the|this)\s+(?:[\w'’-]+\s+){{0,3}}{_WHOLE}\b|\x00|the\s+\x00)"
    r"|\s+(?:is|are|was|were|does|do|say|says|show|shows|what|which|who|how)\b)",
    re.I,
)


def read_pages(text: Text, documents: Sequence[Document], shelf: Shelf, meant: Collection[str] = ()) -> list[Hint]:
    """Return the pages that are named, if some document has them.

    Args:
        meant: ids of the documents that the question names; none: all.
    """
    asked = [d for d in documents if d.id in meant] or list(documents)
    found: list[Hint] = []
    for match in list(text.finditer(_PAGES)):
        values = _listed(match["list"])
        told = _told(values, asked, shelf)
        if told:
            found.append(hint("page", text.take(*match.span()), told, values))
    for match in list(text.finditer(_NAMED)):
        value = LAST if (match["which"] or "").lower() in {"last", "final"} else FIRST
        found.append(hint("page", text.take(*match.span()), f"{value} page", (value,)))
    return found


def _listed(said: str) -> list[str]:
    """Return the labels of a list, its ranges in full."""
    labels = list(_ONE.finditer(said))
    values = [_plain(labels[0].group())]
    for before, label in pairwise(labels):
        value = _plain(label.group())
        first, last = number_of(values[-1]), number_of(value)
        is_range = _BETWEEN.match(said, before.end()) and values[-1].isdecimal() and value.isdecimal()
        if is_range and first is not None and last is not None and first < last <= first + _MAX_RANGE:
            values += map(str, range(first + 1, last))
        values.append(value)
    return list(dict.fromkeys(values))


def _plain(label: str) -> str:
    """Return a number in words as figures, and figures without leading zeros; other labels as they are."""
    low = label.lower()
    if low in NUMBERS:
        return str(NUMBERS.index(low))
    return str(int(label)) if label.isdecimal() and label.isascii() else label


def _told(values: Sequence[str], documents: Sequence[Document], shelf: Shelf) -> str:
    """Return what the pages are called to the user; empty when no document can have them."""
    several = len(values) > 1
    is_run = several and all(v.isdecimal() for v in values) and int(values[-1]) - int(values[0]) == len(values) - 1
    said = f"{values[0]} to {values[-1]}" if is_run and len(values) > 2 else " and ".join(values)
    if len(documents) != 1:
        longest = max((document.n_pages for document in documents), default=0)
        possible = any(not value.isdecimal() or 1 <= int(value) <= longest for value in values)
        return f"page{'s' * several} {said}" if possible else ""
    document = documents[0]
    labels = shelf.labels(document.key)
    printed = [printed_pages(labels, value) for value in values]
    if all(printed):
        pages = [pages[0] for pages in printed]
        if [str(page) for page in pages] == list(values):
            return f"page{'s' * several} {said}"
        where = f"{pages[0]} to {pages[-1]}" if several else str(pages[0])
        return f"page{'s' * several} {said} as printed (PDF page{'s' * several} {where})"
    possible = any(pages_meant(labels, document.n_pages, value) for value in values)
    return f"PDF page{'s' * several} {said}" if possible else ""


def printed_pages(labels: Mapping[int, str | None], value: str) -> list[int]:
    """Return the PDF pages that have this number printed on them, in order."""
    wanted = value.casefold()
    return [page for page, label in sorted(labels.items()) if label is not None and label.casefold() == wanted]


def pages_meant(labels: Mapping[int, str | None], n_pages: int, value: str) -> dict[int, float]:
    """Return the PDF pages that a value of a page hint may mean in a document, with how sure that is, 0 to 1.

    The printed number is meant first. The PDF page of that number is meant where none is printed; where one is, it
    still may be, for viewers count so.
    """
    if value == FIRST:
        return {1: 1.0}
    if value == LAST:
        return {n_pages: 1.0}
    pages = dict.fromkeys(printed_pages(labels, value), 1.0)
    if value.isdecimal() and 1 <= int(value) <= n_pages:
        pages.setdefault(int(value), 0.5 if pages else 1.0)
    return pages
