"""Made documents for the tests of guides: read, without any PDF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from rag.guide.english import Casing
from rag.guide.reading import Reading
from rag.guide.voice import Voice
from rag.types import Document, Heading, Page, PageSpan, Passage, Words
from tests.conftest import WordEncoder

SHA = "a" * 64
RANKS = {word: n for n, word in enumerate(
    "the of and in to use add call make set change charge pair declare plan increase create decline apply watch phone"
    " river company report people water personality dropout network danube".split(), 1
)}  # fmt: skip


def made_page(number: int, text: str, sizes: Sequence[float] = ()) -> Page:
    """A page whose lines, one a newline, are `sizes` points high (10 where none is given)."""
    starts, ends, boxes, lines = [], [], [], []
    at = 0
    for n, line in enumerate(text.split("\n")):
        height = (sizes[n] if n < len(sizes) else 10.0) / 800
        for i, word in enumerate(line.split(" ")):
            starts.append(at)
            ends.append(at + len(word))
            boxes.append((0.1 * i, 0.1 + 0.03 * n, 0.1 * i + 0.08, 0.1 + 0.03 * n + height))
            lines.append(n)
            at += len(word) + 1
    words = Words(
        np.array(starts, np.int32), np.array(ends, np.int32), np.array(boxes, np.float32), np.array(lines, np.int32)
    )
    return Page(number, str(number), text, 600.0, 800.0, words)


def made_reading(
    pages: Sequence[str],
    *,
    title: str = "made",
    outline: Sequence[Heading] = (),
    headings: Mapping[int, tuple[str, ...]] | None = None,
    sizes: Sequence[float] = (),
    author: str | None = None,
) -> Reading:
    """A document with one passage a line; `headings` gives the heading path of the passages by page."""
    document = Document(SHA, "made.pdf", title, "ready", len(pages), 0, 0.0, author=author, key=7)
    made = {n: made_page(n, text, sizes) for n, text in enumerate(pages, 1)}
    passages = []
    for number, page in made.items():
        at = 0
        for line in page.text.split("\n"):
            path = (headings or {}).get(number, ())
            span = (PageSpan(number, at, at + len(line)),)
            passages.append(Passage(len(passages), line, line, span, path, document_id=SHA, id=len(passages)))
            at += len(line) + 1
    vectors = WordEncoder().encode([passage.text for passage in passages])
    texts = {number: page.text for number, page in made.items()}
    return Reading(document, texts, passages, vectors, outline, lambda _id, n: made[n], "en", RANKS)


def voice(names: str = "", common: str = "", **more: object) -> Voice:
    """How a document speaks that writes `names` with capitals and `common` without."""
    casing = Casing(Counter(names.lower().split()), Counter(common.lower().split()), RANKS)
    return Voice(casing, RANKS, **more)  # type: ignore[arg-type]
