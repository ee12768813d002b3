"""Tables that were kept aside, with their questions: as documents that the rules read, and as texts for the reader.

TAT-QA: questions that one span answers, in the table or in the paragraphs beside it. WikiTableQuestions: questions
whose answer is a cell; none that a sum, a count or a difference answers. Sources: see rag/networks/reader/tables.py.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.networks.examples import part
from rag.networks.reader.tables import TATQA, WIKI_QUESTIONS, WIKI_TABLES, Row, passages_of, tatqa_rows, wiki_tables
from rag.types import Cell, Page, PageSpan, ParsedDocument, Passage, Words

_COMPUTED = re.compile(
    r"\bhow (?:many|much|long|old|far)\b|\bdifference\b|\btotal\b|\bsum\b|\baverage\b|\bcombined\b|\bnumber of\b"
    r"|\bin all\b|\baltogether\b|\bmore than\b|\bless than\b|\bamount of\b",
    re.I,
)
_COMPARED = re.compile(
    r"\b(?:\w+est|most|least|first|last|next|previous|before|after|above|below|only|same|other than|best|worst|top"
    r"|final|more|less|fewer|\w+er than|either|or)\b",
    re.I,
)
_NUMBER = re.compile(r"[-–−]?[\d.,]+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer. `kind` says where that stands, or what it takes to find it."""

    text: str
    answers: tuple[str, ...]
    kind: str


@dataclass(slots=True)
class Context:
    """A table with the paragraphs beside it, and what is asked of them."""

    name: str
    title: str
    rows: list[Row]
    paragraphs: list[str]
    questions: list[Question] = field(default_factory=list)

    def table_texts(self) -> list[str]:
        """Return the passages of the table as the reader gets them, in the order of `document`."""
        return [text for text, _ in passages_of(self.title, self.rows)]

    def document(self) -> ParsedDocument:
        """Return it as a document of one page: passages of rows with their cells, then one a paragraph."""
        page, passages = "", []
        for text, held in passages_of(self.title, self.rows):
            start, cells = len(page) + bool(page), []
            for _, row in held:
                page += ("\n" if page else "") + row.label
                for heading, value in row.values():
                    at = len(page) + 1
                    page += f" {value}"
                    cells.append(Cell(PageSpan(1, at, at + len(value)), heading))
            span = PageSpan(1, start, len(page))
            shown = page[start:]
            passages.append(
                Passage(len(passages), shown, text, (span,), kind="table", title=self.title, cells=tuple(cells))
            )
        for text in self.paragraphs:
            start = len(page) + bool(page)
            page += ("\n" if page else "") + text
            passages.append(Passage(len(passages), text, text, (PageSpan(1, start, len(page)),)))
        shown_page = Page(1, None, page, 595, 842, Words.none())
        return ParsedDocument(self.name, None, (shown_page,), tuple(passages), ())

    @property
    def sha256(self) -> str:
        """Return the id of its document."""
        return hashlib.sha256(self.name.encode()).hexdigest()


def tatqa(data: Path) -> list[Context]:
    """Return the tables of TAT-QA that no network was trained on, with the questions that one span answers."""
    found = []
    for context in json.loads(gzip.decompress((data / TATQA).read_bytes())):
        name = context["table"]["uid"]
        if part(name) == 0:
            title, rows = tatqa_rows(context["table"]["table"])
            paragraphs = [" ".join(one["text"].split()) for one in context["paragraphs"]]
            asked = [_of_tatqa(one) for one in context["questions"] if _is_one_span(one)]
            found.append(Context(name, title, rows, [one for one in paragraphs if one], asked))
    return [context for context in found if context.questions]


def _is_one_span(asked: dict[str, Any]) -> bool:
    return asked["answer_type"] == "span" and isinstance(asked["answer"], list) and len(asked["answer"]) == 1


def _of_tatqa(asked: dict[str, Any]) -> Question:
    kind = "paragraphs" if asked["answer_from"] == "text" else "table"
    return Question(" ".join(asked["question"].split()), (" ".join(str(asked["answer"][0]).split()),), kind)


def wikitables(data: Path) -> list[Context]:
    """Return the tables of WikiTableQuestions that no network was trained on, with the questions that cells answer."""
    tables = {
        name: Context(name, "", rows, []) for name, rows in wiki_tables(data / WIKI_TABLES) if part(name) == 0 and rows
    }
    text = gzip.decompress((data / WIKI_QUESTIONS).read_bytes()).decode("utf-8")
    for line in csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        context = tables.get(line["context"])
        if context is not None and is_cell(line["targetValue"], context.rows):
            kind = kind_of(line["utterance"], line["targetValue"])
            context.questions.append(Question(line["utterance"], (line["targetValue"],), kind))
    return [context for context in tables.values() if context.questions]


def is_cell(answer: str, rows: Sequence[Row]) -> bool:
    """Tell whether an answer is what a cell, or the label of a row, says."""
    wanted = _bare(answer)
    said: Iterator[str] = (text for row in rows for text in (row.label, *(value for _, value in row.values())))
    return bool(wanted) and any(_bare(text) == wanted for text in said)


def kind_of(question: str, answer: str) -> str:
    """Return what a question takes: "computed", "compared" or "looked up"; a name is never computed. By its words."""
    if _NUMBER.fullmatch(answer.strip()) and _COMPUTED.search(question):
        return "computed"
    return "compared" if _COMPARED.search(question) else "looked up"


def of_kind(contexts: Sequence[Context], kinds: Collection[str]) -> list[tuple[Context, Question]]:
    """Return the questions of these kinds, each with its context."""
    return [(context, one) for context in contexts for one in context.questions if one.kind in kinds]


def _bare(text: str) -> str:
    return re.sub(r"[\s$€£]", "", text).lower()
