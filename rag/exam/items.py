"""What an exam is made of: questions with the place they were made from, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rag.types import PageSpan

Json = dict[str, Any]
ItemKind = Literal["definition", "figure", "name", "statement", "table", "heading", "cloze"]

# In the order in which results are listed: what a question of the kind asks for.
KINDS: dict[ItemKind, str] = {
    "definition": "definitions",
    "figure": "numbers in sentences",
    "name": "names, dates and places",
    "statement": "what a sentence says",
    "table": "cells of tables",
    "heading": "what a section says",
    "cloze": "sentences with a gap",
}
GAP = "____"


@dataclass(frozen=True, slots=True)
class Item:
    """A question, and where its answer stands."""

    kind: ItemKind
    question: str  # as it is asked of its own document
    asked: str  # as it is asked of the whole library: it names its document where others could answer too
    answer: str  # the words that answer; of a section its heading
    document_id: str
    document: str  # name
    page: int
    spans: tuple[PageSpan, ...]  # the sentence, row or section's beginning that it was made from
    pages: tuple[int, ...]  # all pages of the document on which its answer stands, `page` among them


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered to a question."""

    rank: int | None  # of the first right page among the pages that were found, from 1; None: not among them
    is_cited: bool  # the first footnote leads to a right page
    is_found: bool  # the answer holds the words, or the number, that were expected
    is_abstained: bool
    said: str  # the answer; when it abstained the nearest passage
    document_id: str = ""  # where the first footnote leads, or the nearest passage stands; empty: nowhere
    document: str = ""  # name
    page: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """A question, and what was answered from the whole library and from its own document alone."""

    item: Item
    whole: Outcome
    own: Outcome

    @property
    def is_right(self) -> bool:
        """Tell whether it was answered from the right page, with the whole library to look in."""
        return self.whole.is_cited


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam that was taken. Results of documents that are gone are gone with them."""

    id: int  # the catalog's key; -1 until it is stored
    made: float  # seconds since the epoch
    seed: int
    n_wanted: int
    document: str | None  # name of the only document that was examined; None: all
    results: tuple[Result, ...]
    n_asked: int  # when it was taken
    n_right: int
    seconds: float = 0.0


def result_to_json(result: Result) -> Json:
    """Return everything that is in a result, so that `result_from_json` gives an equal one."""
    item = result.item
    return {
        "kind": item.kind,
        "question": item.question,
        "asked": item.asked,
        "answer": item.answer,
        "sha256": item.document_id,
        "document": item.document,
        "page": item.page,
        "pages": list(item.pages),
        "spans": [[span.page, span.start, span.end] for span in item.spans],
        "right": result.is_right,
        "whole": _outcome_to_json(result.whole),
        "own": _outcome_to_json(result.own),
    }


def result_from_json(line: Mapping[str, Any]) -> Result:
    """Return the result that `result_to_json` wrote."""
    item = Item(
        kind=line["kind"],
        question=line["question"],
        asked=line["asked"],
        answer=line["answer"],
        document_id=line["sha256"],
        document=line["document"],
        page=line["page"],
        spans=tuple(PageSpan(*span) for span in line["spans"]),
        pages=tuple(line["pages"]),
    )
    return Result(item, _outcome_from_json(line["whole"]), _outcome_from_json(line["own"]))


def _outcome_to_json(outcome: Outcome) -> Json:
    return {
        "rank": outcome.rank,
        "cited": outcome.is_cited,
        "found": outcome.is_found,
        "abstained": outcome.is_abstained,
        "said": outcome.said,
        "sha256": outcome.document_id,
        "document": outcome.document,
        "page": outcome.page,
    }


def _outcome_from_json(line: Mapping[str, Any]) -> Outcome:
    return Outcome(
        rank=line["rank"],
        is_cited=line["cited"],
        is_found=line["found"],
        is_abstained=line["abstained"],
        said=line["said"],
        document_id=line["sha256"],
        document=line["document"],
        page=line["page"],
    )
