"""Questions to learn finding from, of sets whose licenses allow it: SQuAD's train part, OpenStax, TAT-QA.

None of them comes as pages. Made into documents here: an article is a document, three paragraphs a page; a book of
OpenStax is one, a section's summary and glossary a page; twelve reports of TAT-QA are one, each a page of text and a
page with a table. SQuAD asks for paragraphs, exercises of OpenStax for sections, TAT-QA for the page that the answer is
taken from.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.articles import squad_articles
from benchmarks.data import data_folder
from rag.ingest.layout.kinds import BlockKind
from rag.ingest.passages.passages import make_passages
from rag.ingest.passages.setting import PlacedBlock, Row
from rag.library import Library
from rag.types import Page, PageSpan, ParsedDocument, Words

SEED = 7
ARTICLES, OF_ARTICLE = 80, 10  # articles of SQuAD, questions of each
PARAGRAPHS = 3  # a page
OF_BOOK = 60  # exercises of a book, and as many of its terms: half of it
REPORTS, OF_REPORT = 12, 3  # reports of TAT-QA in a document, questions of each
WORDS = range(6, 31)  # of an exercise
_LETTER = (612.0, 792.0)  # points

Block = tuple[BlockKind, str]  # rows of a table: a line each, cells between tabs
Content = tuple[Block, ...]  # of a page


@dataclass(frozen=True, slots=True)
class Lesson:
    """A document, and what is asked of it: questions with the number of the page that answers."""

    name: str
    pages: tuple[Content, ...]
    questions: tuple[tuple[str, int], ...]


def lessons() -> dict[str, list[Lesson]]:
    """Return the documents of each set; always the same."""
    rng = random.Random(SEED)
    return {"squad": _of_squad(rng), "openstax": _of_openstax(rng), "tatqa": _of_tatqa(rng)}


def _of_squad(rng: random.Random) -> list[Lesson]:
    return [
        Lesson(
            article.name,
            tuple(_page(_texts(page)) for page in _groups(article.paragraphs, PARAGRAPHS)),
            tuple(
                (question, i // PARAGRAPHS + 1)
                for question, _, i in rng.sample(article.questions, min(OF_ARTICLE, len(article.questions)))
            ),
        )
        for article in squad_articles("train-v1.1.json.gz", ARTICLES, SEED)
    ]


def _of_openstax(rng: random.Random) -> list[Lesson]:
    terms, exercises = defaultdict[str, list[Any]](list), defaultdict[str, list[str]](list)
    for row in _lines("glossary"):
        terms[row["module"]].append((row["term"], row["meaning"]))
    for row in _lines("exercises"):
        problem = row["problem"]
        if problem.endswith("?") and len(problem.split()) in WORDS and "[" not in problem:
            exercises[row["module"]].append(problem)
    books = defaultdict[str, list[Any]](list)
    for row in _lines("summaries"):
        books[row["book"]].append(row)
    found = []
    for book, sections in books.items():
        pages, asked, defined = list[Content](), list[tuple[str, int]](), list[tuple[str, int]]()
        for number, section in enumerate(sections, 1):
            said = [f"{term}: {meaning}" for term, meaning in terms[section["module"]]]
            pages.append(_page([("heading", section["section"]), *_texts([section["summary"], *said])]))
            asked += [(problem, number) for problem in exercises[section["module"]]]
            defined += [(f"What is {term}?", number) for term, _ in terms[section["module"]]]
        chosen = [*_some(asked, OF_BOOK, rng), *_some(defined, OF_BOOK // 2, rng)]
        found.append(Lesson(book, tuple(pages), tuple(chosen)))
    return found


def _of_tatqa(rng: random.Random) -> list[Lesson]:
    reports = json.loads(gzip.decompress((data_folder() / "tables" / "tatqa.json.gz").read_bytes()))
    found = []
    for i, group in enumerate(_groups(reports, REPORTS)):
        pages, asked = list[Content](), list[tuple[str, int]]()
        for report in group:
            rows = ["\t".join(cell.strip() for cell in row) for row in report["table"]["table"]]
            pages += [_page(_texts(p["text"] for p in report["paragraphs"])), _page([("row", "\n".join(rows))])]
            page_of = {"text": len(pages) - 1, "table": len(pages), "table-text": len(pages)}
            told = [(q["question"], page_of[q["answer_from"]]) for q in report["questions"]]
            asked += _some(told, OF_REPORT, rng)
        found.append(Lesson(f"reports {i}", tuple(pages), tuple(asked)))
    return found


def _groups(found: Sequence[Any], n: int) -> Iterator[Sequence[Any]]:
    return (found[i : i + n] for i in range(0, len(found), n))


def _some(found: Sequence[tuple[str, int]], n: int, rng: random.Random) -> list[tuple[str, int]]:
    return rng.sample(found, min(n, len(found)))


def _texts(said: Iterable[str]) -> list[Block]:
    return [("text", text) for text in said]


def _page(blocks: Iterable[Block]) -> Content:
    kept = [(kind, text if kind == "row" else " ".join(text.split())) for kind, text in blocks]
    return tuple((kind, text) for kind, text in kept if text)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(data_folder() / "openstax" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def fill(library: Library, lesson: Lesson) -> None:
    """Put a document into a library that lacks it, ready to be asked."""
    parsed = _parsed(lesson)
    sha256 = hashlib.sha256(lesson.name.encode()).hexdigest()
    document = library.catalog.store_parsed(library.catalog.begin(sha256, lesson.name, 0), parsed)
    vectors = library.encoder.encode([passage.index_text for passage in parsed.passages])
    library.catalog.store_vectors(document, library.encoder.id, vectors)


def _parsed(lesson: Lesson) -> ParsedDocument:
    texts, placed, levels = dict[int, str](), list[PlacedBlock](), dict[int, int]()
    for number, blocks in enumerate(lesson.pages, 1):
        text = ""
        for kind, said in blocks:
            span = PageSpan(number, len(text), len(text) + len(said))
            if kind == "heading":
                levels[len(placed)] = 1
            rows = _rows(said, span) if kind == "row" else []
            placed.append(PlacedBlock(kind, 10, kind == "heading", said if kind == "heading" else "", [span], rows))
            text += said + "\n"
        texts[number] = text.rstrip("\n")
    pages = tuple(Page(number, None, text, *_LETTER, Words.none()) for number, text in texts.items())
    passages = make_passages(placed, levels, texts)
    return ParsedDocument(lesson.name.replace("_", " "), None, pages, passages, (), body_pages=len(pages))


def _rows(said: str, span: PageSpan) -> list[Row]:
    """Return the rows of a table, searched with the headings of their columns: what stands above the first label."""
    found, heads, at = list[Row](), list[str](), span.start
    in_head = True
    for line in said.split("\n"):
        cells = line.split("\t")
        in_head = in_head and not cells[0]
        if in_head:
            old = heads + [""] * (len(cells) - len(heads))
            heads = [f"{head} {cell}".strip() for head, cell in zip(old, cells, strict=False)]
        named = (f"{head} {cell}".strip() for head, cell in zip(heads, cells, strict=False) if cell)
        found.append(Row(PageSpan(span.page, at, at + len(line)), ", ".join(named) or line.replace("\t", " ")))
        at += len(line) + 1
    return found
