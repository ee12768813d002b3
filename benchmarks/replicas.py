"""A large library made of a small one: real passages over and over with noise, vectors moved a little.

Rows go in through the catalog's own calls; no PDF is read and nothing is embedded. Each copy of a document has its own
figures, one word in twenty exchanged for another of the same length, and vectors turned by some ten degrees.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from rag.index.catalog import Catalog
from rag.types import Document, Floats, Page, ParsedDocument, Passage, join_slices

NOISE = 0.01  # deviation of each of 384 dimensions of a unit vector
_SHARE = 0.05  # of the words that are exchanged
_WORD = re.compile(r"[A-Za-z]{4,12}|[0-9]")


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """A document that is replicated."""

    document: Document
    pages: tuple[Page, ...]
    passages: tuple[Passage, ...]
    parsed: ParsedDocument
    vectors: Floats


def originals(catalog: Catalog) -> Iterator[Original]:
    """Yield the ready documents of a library."""
    for document in catalog.documents():
        if document.state == "ready":
            passages = tuple(catalog.passages_of(document.key))
            pages, outline = tuple(catalog.pages(document.key)), tuple(catalog.outline(document.key))
            parsed = ParsedDocument(document.title, document.author, pages, passages, outline)
            _, vectors = catalog.vectors([passage.id for passage in passages])
            yield Original(document, pages, passages, parsed, vectors)


def replicate(source: Catalog, target: Catalog, n_passages: int, encoder_id: str) -> None:
    """Fill the target with copies of the source's documents until it holds so many passages."""
    n = target.counts().n_vectors
    if n >= n_passages:
        return
    found = list(originals(source))
    words = by_length(found)
    copy = len(target.documents()) // max(len(found), 1)
    while n < n_passages and found:
        for original in found:
            n += put(target, original, copy, words, encoder_id)
            if n >= n_passages:
                return
        copy += 1


def put(target: Catalog, original: Original, copy: int, words: dict[int, list[str]], encoder_id: str) -> int:
    """Store one copy of a document; return how many passages it has."""
    rng = np.random.default_rng([copy, original.document.key])
    sha256 = hashlib.sha256(f"{original.document.id} {copy}".encode()).hexdigest()
    name = PurePath(original.document.name)
    document = target.begin(sha256, f"{name.stem} copy {copy}{name.suffix}", original.document.n_bytes)
    document = target.store_parsed(document, noisy(original.parsed, rng, words))
    vectors = original.vectors + NOISE * rng.standard_normal(original.vectors.shape, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    target.store_vectors(document, encoder_id, vectors.astype(np.float32))
    return document.n_passages


def noisy(parsed: ParsedDocument, rng: np.random.Generator, words: dict[int, list[str]]) -> ParsedDocument:
    """Return a document with other figures and some other words; every text is as long as it was."""
    texts = {page.number: _noisy(page.text, rng, words) for page in parsed.pages}
    passages = []
    for passage in parsed.passages:
        text, _ = join_slices([texts[span.page][span.start : span.end] for span in passage.spans])
        passages.append(replace(passage, text=text, index_text=passage.index_text.replace(passage.text, text)))
    pages = tuple(replace(page, text=texts[page.number]) for page in parsed.pages)
    return replace(parsed, pages=pages, passages=tuple(passages))


def _noisy(text: str, rng: np.random.Generator, words: dict[int, list[str]]) -> str:
    draws: NDArray[np.float64] = rng.random(len(text) + 1)

    def other(match: re.Match[str]) -> str:
        said, draw = match[0], draws[match.start()]
        if said.isdigit():
            return str(int(draw * 10))
        choice = words[len(said)]
        return choice[int(draw / _SHARE * len(choice))] if draw < _SHARE else said

    return _WORD.sub(other, text)


def by_length(found: list[Original]) -> dict[int, list[str]]:
    """Return the words of the documents by their length, as often as they occur."""
    words: dict[int, list[str]] = {}
    for original in found:
        for page in original.pages[::5]:
            for word in re.findall(r"[A-Za-z]{4,12}", page.text):
                words.setdefault(len(word), []).append(word)
    for n in range(4, 13):
        words.setdefault(n, ["x" * n])
    return words
