from __future__ import annotations

import json
from dataclasses import replace

from rag.records import added_to_json, answer_from_json, answer_to_json, answer_to_line, search_to_json
from rag.types import Added, Answer, Box, Cell, Citation, Claim, Hit, PageSpan, Passage

PASSAGE = Passage(
    3, "A line. Another.", "Head\nA line. Another.", (PageSpan(2, 5, 21),), ("Head",), "text", "f" * 64, 9,
    "Title (in millions)", (Cell(PageSpan(2, 7, 11), "2018"),), Box(2, 0.1, 0.2, 1 / 3, 0.4),
)  # fmt: skip
HIT = Hit(
    1, 1.25, PASSAGE, "a.pdf", 2, "ii", (Box(2, 0.123456789, 0.2, 0.3, 0.4),), None, 0.5, (("dense", 1.5),), "ocr"
)
CITATION = Citation(
    1, "f" * 64, "a.pdf", 2, "ii", "A line.", (PageSpan(2, 5, 12),), (Box(2, 0.1, 0.2, 0.2, 0.4),), None,
    "ocr", (Box(2, 0.15, 0.2, 1 / 6, 0.4),), Box(2, 0.1, 0.5, 0.9, 0.7),
)  # fmt: skip
ANSWER = Answer(
    "What?", "extractive", "A line. [1]", (Claim("A line.", (CITATION,), "verbatim", None, (2, 6)),), (HIT,), False,
    "line", {"retrieve": 0.01, "total": 0.02},
)  # fmt: skip


def test_an_answer_survives_the_way_through_json() -> None:
    assert answer_from_json(json.loads(json.dumps(answer_to_json(ANSWER)))) == ANSWER


def test_an_abstained_answer_survives_too() -> None:
    abstained = replace(ANSWER, claims=(), abstained=True, short_answer=None)
    assert answer_from_json(json.loads(json.dumps(answer_to_json(abstained)))) == abstained


def test_the_line_of_ask_has_the_agreed_keys() -> None:
    line = answer_to_line(ANSWER)
    assert set(line) >= {"question", "reader", "abstained", "answer", "short_answer", "claims", "hits", "timings"}
    claim = line["claims"][0]
    assert set(claim) == {"text", "verdict", "support", "lacks", "citations"}
    assert set(claim["citations"][0]) == {
        "document",
        "page",
        "label",
        "source",
        "quote",
        "support",
        "boxes",
        "focus",
        "figure",
    }
    assert claim["citations"][0]["boxes"] == [{"page": 2, "box": [0.1, 0.2, 0.2, 0.4]}]


def test_the_line_of_search_has_the_agreed_keys() -> None:
    line = search_to_json("What?", [HIT])
    keys = {
        *("rank", "score", "relevance", "similarity", "document", "page", "pages", "label", "source", "text", "boxes"),
        "also",
    }
    assert line["question"] == "What?"
    assert set(line["hits"][0]) == keys
    assert line["hits"][0]["text"] == PASSAGE.text, "the source's own words, never what was indexed"


def test_the_line_of_add_has_the_agreed_keys() -> None:
    line = added_to_json(Added("a.pdf", "failed", "a.pdf is empty.", seconds=0.12345))
    assert line == {
        "document": "a.pdf", "status": "failed", "reason": "a.pdf is empty.", "pages": 0, "passages": 0, "seconds": 0.123,
    }  # fmt: skip
