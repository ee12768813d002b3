"""Documents and questions that the reader network was never trained on, from sets that are learnt from.

Articles of SQuAD's training set that were kept aside, a paragraph a page under the article's title; and one report made
of the tables of TAT-QA that were kept aside, a page each with its paragraphs, its rows as ingest writes them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.articles import Article, squad_articles
from benchmarks.data import data_folder
from benchmarks.finding import libraries
from rag.library import Library
from rag.networks.examples import part
from rag.networks.reader.tables import TATQA, Row, passages_of, tatqa_rows
from rag.types import Cell, Page, PageSpan, ParsedDocument, Passage, Words

SEED = 5
REPORT = "Report"
NAME = "aside"  # of the library


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the document and page that answer it, and the answers that count as right."""

    text: str
    document: str
    page: int
    answers: tuple[str, ...]
    is_table: bool


def library(n_articles: int) -> Library:
    """Return the library of these documents, filled where one is missing."""
    filled = Library(libraries.folder(NAME), n_threads=libraries.N_THREADS)
    there = {document.name for document in filled.documents() if document.state == "ready"}
    for article in _articles(n_articles):
        if article.name not in there:
            _store(filled, article.name, _of_article(article))
    if REPORT not in there:
        _store(filled, REPORT, _of_tables(_tables()))
    return filled


def questions(n_articles: int, per_article: int, per_table: int) -> list[Asked]:
    """Return questions of every article and every table; the same each time."""
    rng = random.Random(SEED)
    found = [
        Asked(text, article.name, paragraph + 1, answers, is_table=False)
        for article in _articles(n_articles)
        for text, answers, paragraph in rng.sample(article.questions, min(per_article, len(article.questions)))
    ]
    for page, context in enumerate(_tables(), start=1):
        for asked in rng.sample(context["questions"], min(per_table, len(context["questions"]))):
            answers = asked["answer"] if isinstance(asked["answer"], list) else [asked["answer"]]
            found.append(Asked(asked["question"], REPORT, page, tuple(map(str, answers)), is_table=True))
    return found


def _articles(n: int) -> list[Article]:
    return [a for a in squad_articles("train-v1.1.json.gz", 442, seed=4) if part(a.name) == 0][:n]


def _tables() -> list[dict[str, Any]]:
    contexts = json.loads(gzip.decompress((data_folder() / TATQA).read_bytes()))
    return [context for context in contexts if part(context["table"]["uid"]) == 0]


def _store(filled: Library, name: str, parsed: ParsedDocument) -> None:
    document = filled.catalog.begin(hashlib.sha256(name.encode()).hexdigest(), name, 0)
    document = filled.catalog.store_parsed(document, parsed)
    texts = [passage.index_text for passage in filled.catalog.passages_of(document.key)]
    filled.catalog.store_vectors(document, filled.encoder.id, filled.encoder.encode(texts))


def _of_article(article: Article) -> ParsedDocument:
    title = article.name.replace("_", " ")
    texts = [" ".join(paragraph.split()) for paragraph in article.paragraphs]
    pages = tuple(Page(i, None, text, 595, 842, Words.none()) for i, text in enumerate(texts, start=1))
    passages = tuple(
        Passage(i - 1, text, f"{title}\n{text}", (PageSpan(i, 0, len(text)),), headings=(title,))
        for i, text in enumerate(texts, start=1)
    )
    return ParsedDocument(article.name, None, pages, passages, ())


def _of_tables(contexts: Sequence[dict[str, Any]]) -> ParsedDocument:
    pages: list[Page] = []
    passages: list[Passage] = []
    for number, context in enumerate(contexts, start=1):
        text = ""
        for passage in _on_page(context, number):
            (span,) = passage.spans
            text += "\n" if text else ""
            moved = len(text) - span.start
            passages.append(_moved(passage, len(passages), moved))
            text += passage.text
        pages.append(Page(number, None, text, 595, 842, Words.none()))
    return ParsedDocument(REPORT, None, tuple(pages), tuple(passages), ())


def _on_page(context: dict[str, Any], page: int) -> Iterator[Passage]:
    """Yield the passages of a table and its paragraphs, each as if its page began with it."""
    for paragraph in context["paragraphs"]:
        if text := " ".join(paragraph["text"].split()):
            yield Passage(0, text, text, (PageSpan(page, 0, len(text)),))
    title, rows = tatqa_rows(context["table"]["table"])
    for searched, held in passages_of(title, rows):
        text, cells = _printed([row for _, row in held], page)
        yield Passage(0, text, searched, (PageSpan(page, 0, len(text)),), kind="table", title=title, cells=cells)


def _printed(rows: Sequence[Row], page: int) -> tuple[str, tuple[Cell, ...]]:
    """Return rows as a page prints them, without the headings of their columns, and the places of their numbers."""
    text, cells = "", []
    for row in rows:
        text += "\n" if text else ""
        text += row.label
        for heading, value in row.values():
            text += "  " if text and not text.endswith("\n") else ""
            if any(character.isdigit() for character in value):
                cells.append(Cell(PageSpan(page, len(text), len(text) + len(value)), heading))
            text += value
    return text, tuple(cells)


def _moved(passage: Passage, number: int, by: int) -> Passage:
    (span,) = passage.spans
    return Passage(
        number,
        passage.text,
        passage.index_text,
        (PageSpan(span.page, span.start + by, span.end + by),),
        kind=passage.kind,
        title=passage.title,
        cells=tuple(Cell(PageSpan(c.span.page, c.span.start + by, c.span.end + by), c.heading) for c in passage.cells),
    )
