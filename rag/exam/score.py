"""What an exam says of a library: shares with intervals, by kind, page by page, and a verdict in a sentence. Pure.

The **score** is the share of the questions that were answered from the right page: the first footnote leads there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.exam.items import KINDS, ItemKind, Result
from rag.report import READ, Report, ranges_words
from rag.types import Document

PageMark = Literal["right", "wrong", "unasked", "unread", "empty"]

MARKS: dict[PageMark, str] = {
    "right": "answered from the right page",
    "wrong": "a question about it went wrong",
    "unasked": "not examined",
    "unread": "not read",
    "empty": "holds nothing to read",
}
_Z = 1.959964  # of 95 %
_TRUSTED, _MOSTLY = 0.85, 0.65  # shares from which a library is trusted, and mostly
_ENOUGH = 10  # questions below which a share says little
_MOST_NAMED = 3  # documents in a verdict
_BAD = 0.5  # share of wrong answers from which a document is named


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, with the 95 % interval of the share."""

    n: int
    of: int

    @property
    def value(self) -> float:
        """Return the share, 0 of nothing."""
        return self.n / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return the interval of Wilson; 0 to 1 of nothing.

        Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.
        """
        if not self.of:
            return 0.0, 1.0
        p, n, z2 = self.value, self.of, _Z * _Z
        middle, half = p + z2 / (2 * n), _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z2 / n)), min(1.0, (middle + half) / (1 + z2 / n))


@dataclass(frozen=True, slots=True)
class Score:
    """How some questions went, with the whole library to look in, and with their document alone (`own`)."""

    right: Share
    at_1: Share
    at_5: Share
    found: Share
    abstained: Share
    own_right: Share
    own_at_1: Share
    own_at_5: Share


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """How the pages of one document came out."""

    document: Document
    marks: tuple[PageMark, ...]  # a page each
    right: Share  # of its questions
    unread: tuple[int, ...]  # pages that hold something and were not read
    n_holding: int  # pages that hold something

    @property
    def has_failed(self) -> bool:
        """Tell whether nothing of it could be read."""
        return self.document.state == "failed"

    @property
    def needs_a_look(self) -> bool:
        """Tell whether it was read badly or not at all, or half of its questions, two at least, went wrong."""
        n_wrong = self.right.of - self.right.n
        return self.has_failed or bool(self.unread) or (n_wrong >= 2 and n_wrong > _BAD * self.right.of)


def score_of(results: Sequence[Result]) -> Score:
    """Return how these questions went."""

    def share(is_so: Callable[[Result], bool]) -> Share:
        return Share(sum(map(is_so, results)), len(results))

    return Score(
        right=share(lambda r: r.is_right),
        at_1=share(lambda r: r.whole.rank == 1),
        at_5=share(lambda r: r.whole.rank is not None and r.whole.rank <= 5),
        found=share(lambda r: r.whole.is_found),
        abstained=share(lambda r: r.whole.is_abstained),
        own_right=share(lambda r: r.own.is_cited),
        own_at_1=share(lambda r: r.own.rank == 1),
        own_at_5=share(lambda r: r.own.rank is not None and r.own.rank <= 5),
    )


def by_kind(results: Sequence[Result]) -> dict[ItemKind, Score]:
    """Return how the questions of each kind that occurs went."""
    groups = {kind: [r for r in results if r.item.kind == kind] for kind in KINDS}
    return {kind: score_of(group) for kind, group in groups.items() if group}


def misses(results: Iterable[Result]) -> list[Result]:
    """Return the questions that were not answered from the right page."""
    return [result for result in results if not result.is_right]


def coverage(reports: Sequence[Report], results: Sequence[Result]) -> list[DocumentResult]:
    """Return how the pages of each document came out, in the order of the reports; failed documents have none."""
    return [_covered(report, [r for r in results if r.item.document_id == report.document.id]) for report in reports]


def _covered(report: Report, results: Sequence[Result]) -> DocumentResult:
    asked: dict[int, bool] = {}
    for result in results:
        page = result.item.page
        asked[page] = asked.get(page, True) and result.is_right
    marks: list[PageMark] = []
    for cell in report.cells:
        if cell.number in asked:
            marks.append("right" if asked[cell.number] else "wrong")
        elif cell.state in READ:
            marks.append("unasked")
        else:
            marks.append("empty" if cell.state == "empty" else "unread")
    return DocumentResult(
        document=report.document,
        marks=tuple(marks),
        right=Share(sum(result.is_right for result in results), len(results)),
        unread=tuple(number for group in report.unread for number in group.pages),
        n_holding=report.n_holding,
    )


# ------------------------------------------------------------------------------------------------------ words


def percent_words(share: Share) -> str:
    """Return a share with its interval: "90 % (77 to 96 %)"."""
    low, high = share.interval
    return f"{share.value:.0%} ({low:.0%} to {high:.0%})".replace("%", " %").replace(" % to", " to")


def verdict(name: str, results: Sequence[Result], documents: Sequence[DocumentResult]) -> str:
    """Return in one sentence whether a library can be trusted, and which of its files to look at.

    Args:
        name: what the user calls the library, or the one document that was examined.
    """
    right = score_of(results).right
    low, high = right.interval
    said = (
        f"{right.n} of {right.of} questions were answered from the right page ({right.value:.0%}; with so many "
        f"questions anything from {low:.0%} to {high:.0%} is likely)"
    ).replace("%", " %")
    if right.of < _ENOUGH:
        judged = f"There are too few questions to judge {name} by: {said}"
    elif right.value >= _TRUSTED:
        judged = f"You can trust {name}: {said}"
    elif right.value >= _MOSTLY:
        judged = f"You can mostly trust {name}, but open the page behind an answer that matters: {said}"
    else:
        judged = f"Do not rely on {name} without opening the page behind each answer: {said}"
    looked = looks(documents)
    return f"{judged}; look at {looked}." if looked else f"{judged}."


def looks(documents: Sequence[DocumentResult]) -> str:
    """Return which files to look at and why, the worst first; "" when there is none."""
    bad = sorted((d for d in documents if d.needs_a_look), key=lambda d: (-_badness(d), d.document.name))
    said = [f"{d.document.name}: {look_words(d)}" for d in bad[:_MOST_NAMED]]
    more = len(bad) - len(said)
    return ", ".join([*said, *([f"and {more} more {'file' if more == 1 else 'files'}"] if more > 0 else [])])


def look_words(document: DocumentResult) -> str:
    """Return why a document should be looked at; "" where it need not be."""
    n, wrong = len(document.unread), document.right.of - document.right.n
    if document.has_failed:
        return "it could not be read"
    if n:
        return f"{n:,} of {document.n_holding:,} {'page' if document.n_holding == 1 else 'pages'} could not be read"
    return f"{wrong} of {document.right.of} questions went wrong" if document.needs_a_look else ""


def _badness(document: DocumentResult) -> float:
    wrong = document.right.of - document.right.n
    return document.has_failed + len(document.unread) / max(document.n_holding, 1) + wrong / max(document.right.of, 1)


def marks_words(document: DocumentResult) -> str:
    """Return the counts of a document's pages, in words: "5 pages examined: 4 right, 1 wrong; 2 not read (3, 7)"."""
    if document.has_failed:
        return "no page was read"
    right, wrong, unread = (document.marks.count(mark) for mark in ("right", "wrong", "unread"))
    n = right + wrong
    said = f"{n:,} {'page' if n == 1 else 'pages'} examined"
    if n:
        said += f": {right:,} right, {wrong:,} wrong"
    return f"{said}; {unread:,} not read ({ranges_words(document.unread)})" if unread else said
