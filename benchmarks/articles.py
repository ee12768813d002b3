"""Articles of SQuAD as documents: a page and a passage a paragraph, so that reading PDFs plays no part."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.data import data_folder
from rag.library import Library
from rag.types import Page, PageSpan, ParsedDocument, Passage, Words


@dataclass(frozen=True, slots=True)
class Article:
    """An article: its paragraphs and questions (question, answers, number of its paragraph)."""

    name: str
    paragraphs: tuple[str, ...]
    questions: tuple[tuple[str, tuple[str, ...], int], ...]


def squad_articles(file: str, n: int, seed: int) -> list[Article]:
    """Return n articles of `train-v1.1.json.gz` or `dev-v1.1.json.gz`, drawn with the seed."""
    data = json.loads(gzip.decompress((data_folder() / "squad" / file).read_bytes()))["data"]
    chosen = random.Random(seed).sample(data, n)
    return [
        Article(
            article["title"],
            tuple(paragraph["context"] for paragraph in article["paragraphs"]),
            tuple(
                (qa["question"], tuple(answer["text"] for answer in qa["answers"]), i)
                for i, paragraph in enumerate(article["paragraphs"])
                for qa in paragraph["qas"]
            ),
        )
        for article in chosen
    ]


def _parsed(article: Article) -> ParsedDocument:
    pages = tuple(
        Page(i + 1, None, " ".join(text.split()), 595, 842, Words.none()) for i, text in enumerate(article.paragraphs)
    )
    passages = tuple(
        Passage(page.number - 1, page.text, page.text, (PageSpan(page.number, 0, len(page.text)),)) for page in pages
    )
    return ParsedDocument(article.name, None, pages, passages, ())


def fill(library: Library, articles: Iterable[Article]) -> None:
    """Put articles into a library, ready to be asked."""
    for article in articles:
        sha256 = hashlib.sha256(article.name.encode()).hexdigest()
        document = library.catalog.begin(sha256, article.name, 0)
        document = library.catalog.store_parsed(document, _parsed(article))
        texts = [passage.index_text for passage in library.catalog.passages_of(document.key)]
        library.catalog.store_vectors(document, library.encoder.id, library.encoder.encode(texts))
