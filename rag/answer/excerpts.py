"""Hits to the numbered excerpts that a language model reads: the sentences that matter, within a number of tokens.

A small model on a CPU reads a prompt slowly and is confused by a long one, so it gets a few short excerpts; a large
one gets the passages whole. Excerpts keep the words of the passages; only their numbers are ours.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.answer.prompts import FENCE_END, FENCE_START
from rag.text import sentence_spans, stems
from rag.types import Hit

_TOKENS_EACH = 180  # an excerpt that is worth reading has about this many, if the passage does
_TOKENS_FEWEST = 15  # with less for each, fewer are read
_FEWEST = 3  # excerpts, even when each gets fewer than that
_LEAST = 8  # tokens; less is not worth a number
_UNSEEN = frozenset({"Cf", "Co", "Cn"})  # categories of characters: format, private, none
_JOINERS = "\u200c\u200d"  # needed by Persian, Hindi and others
_ODD = re.compile(r"[^\x20-\u058f\u4e00-\u9fff\s]")  # quick: most texts have none of what is looked for


class Ranked(Protocol):
    """A sentence of a hit: characters `start` to `end` of its passage."""

    @property
    def hit(self) -> Hit:
        """Return the hit that it stands in."""
        ...

    @property
    def start(self) -> int:
        """Return its first character."""
        ...


Rank = Callable[[str, Sequence[Hit]], Sequence[Ranked]]  # sentences of the hits, the one that answers best first
Count = Callable[[str], int]  # tokens of a text


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a model reads of a hit; its number is its place among the excerpts, from 1."""

    hit: Hit
    text: str


@dataclass(frozen=True, slots=True)
class _Place:
    hit: Hit
    start: int


def excerpts(question: str, hits: Sequence[Hit], *, max_tokens: int, count: Count, rank: Rank | None) -> list[Excerpt]:
    """Return what a model reads, the hit with the best sentence first; together at most `max_tokens`.

    `rank` orders the sentences of the hits; None: by the share of the question's rare words that they hold.
    """
    best: dict[int, int] = {}  # rank of a hit to where its best sentence begins, best hit first
    for sentence in (rank or by_words)(question, hits):
        best.setdefault(sentence.hit.rank, sentence.start)
    ordered = sorted((hit for hit in hits if hit.rank in best), key=lambda hit: list(best).index(hit.rank))
    n = max(1, min(max_tokens // _TOKENS_FEWEST, max(_FEWEST, max_tokens // _TOKENS_EACH)))
    found, left = [], max_tokens
    for i, hit in enumerate(ordered[:n]):
        share = left // (min(n, len(ordered)) - i)
        text = _around(hit, best[hit.rank], share, count)
        if text:
            found.append(Excerpt(hit, text))
            left -= count(text)
    return found


def by_words(question: str, hits: Sequence[Hit]) -> list[_Place]:
    """Return the sentences of the hits, the one with most of the question's rare words first."""
    places = [
        (_Place(hit, start), set(stems(hit.passage.text[start:end]))) for hit in hits for start, end in _spans(hit)
    ]
    n_with = Counter(stem for _, held in places for stem in held)
    weight = {stem: math.log(1 + len(places) / (1 + n_with[stem])) for stem in set(stems(question))}
    scores = [sum(weight[stem] for stem in weight.keys() & held) for _, held in places]
    order = sorted(range(len(places)), key=lambda i: (-scores[i], places[i][0].hit.rank, places[i][0].start))
    return [places[i][0] for i in order]


def _spans(hit: Hit) -> list[tuple[int, int]]:
    return sentence_spans(hit.passage.text)


def _around(hit: Hit, start: int, max_tokens: int, count: Count) -> str:
    """Return the sentence that begins at `start` and its neighbours, as many as fit; those after it first."""
    pieces = _pieces(hit)
    at = max((i for i, (first, _) in enumerate(pieces) if first <= start), default=0)
    size = [count(text) + 1 for _, text in pieces]
    first, last, total = at, at + 1, size[at]
    if total > max_tokens:
        return _cut(pieces[at][1], max_tokens, count)
    while True:
        after = last < len(pieces) and total + size[last] <= max_tokens
        before = first > 0 and total + size[first - 1] <= max_tokens
        if after and (last - at <= at - first or not before):
            total, last = total + size[last], last + 1
        elif before:
            total, first = total + size[first - 1], first - 1
        else:
            break
    return " ".join(text for _, text in pieces[first:last])


def _pieces(hit: Hit) -> list[tuple[int, str]]:
    """Return (where it begins, text) of every sentence; of a table its rows, with their headings where known."""
    passage = hit.passage
    pieces = [(start, _harmless(passage.text[start:end])) for start, end in sentence_spans(passage.text)]
    if passage.kind != "table":
        return pieces
    rows = [line for line in passage.index_text.split("\n") if " | " in line]
    return [(start, next((_harmless(row) for row in rows if _is_row(row, text)), text)) for start, text in pieces]


def _is_row(serialised: str, text: str) -> bool:
    """Tell whether `label | heading: value | ...` says what a row of a table says."""
    label, *cells = serialised.split(" | ")
    label, bare = label.rpartition(" > ")[2], "".join(text.split())  # signs may stand apart from their numbers
    return text.startswith(label[:20]) and all("".join(cell.rpartition(": ")[2].split()) in bare for cell in cells)


def _harmless(text: str) -> str:
    """Return the text on one line, without anything that looks like the end of the passages, or that nobody sees.

    Taking one fence out can put another together: "<<>>><". Invisible characters can spell orders that no reader of the
    page would find; those that join letters stay.
    """
    while FENCE_START in text or FENCE_END in text:
        text = text.replace(FENCE_START, "").replace(FENCE_END, "")
    seen = (
        "".join(c for c in text if c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
        if _ODD.search(text)
        else text
    )
    return " ".join(seen.split())


def _cut(text: str, max_tokens: int, count: Count) -> str:
    """Return the first words of a sentence that is too long by itself."""
    words = text.split()
    n = len(words)
    while n and count(" ".join(words[:n])) > max_tokens:
        n = min(n - 1, n * max_tokens // max(1, count(" ".join(words[:n]))))
    return " ".join(words[:n]) if n >= min(_LEAST, len(words)) else ""
