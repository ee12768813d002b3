"""Made documents for the tests of the index: parsed, without any PDF."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.index.catalog import Catalog
from rag.types import Document, Floats, Heading, Page, PageSpan, ParsedDocument, Passage, Words

N_DIMS = 8
ENCODER = "made-8"


def made_page(number: int, text: str, **more: str | None) -> Page:
    starts = [0, *(i + 1 for i, character in enumerate(text) if character == " ")] if text else []
    n_words = len(starts)
    rng = np.random.default_rng(number)
    return Page(
        number=number,
        label=more.get("label", f"A-{number}"),
        text=text,
        width=612.0,
        height=792.5,
        words=Words(
            np.array(starts, np.int32),
            np.array([*(start - 1 for start in starts[1:]), len(text)][:n_words], np.int32),
            rng.random((n_words, 4)).astype(np.float32),
            np.arange(n_words, dtype=np.int32) // 10,
        ),
        source=more.get("source") or "text",  # type: ignore[arg-type]
        reason=more.get("reason"),
    )


def made_document(texts: Sequence[str], title: str = "Made") -> ParsedDocument:
    """A document with one page, and on it one passage, a text."""
    pages = tuple(made_page(i + 1, text) for i, text in enumerate(texts))
    passages = tuple(
        Passage(i, text, f"{title}\n{text}", (PageSpan(i + 1, 0, len(text)),), (title,)) for i, text in enumerate(texts)
    )
    return ParsedDocument(title, "A. Author", pages, passages, (Heading(1, title, 1), Heading(2, "Nowhere", None)))


def unit_vectors(n: int, seed: int = 0, n_dims: int = N_DIMS) -> Floats:
    vectors = np.random.default_rng(seed).standard_normal((n, n_dims)).astype(np.float32)
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def put(catalog: Catalog, seed: int, texts: Sequence[str], *, vectors: bool = True, name: str = "made.pdf") -> Document:
    """Add a document with one page a text."""
    document = catalog.store_parsed(catalog.begin(f"{seed:064x}", name, 1000 + seed), made_document(texts))
    return catalog.store_vectors(document, ENCODER, unit_vectors(len(texts), seed)) if vectors else document
