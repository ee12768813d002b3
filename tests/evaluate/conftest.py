"""Made datasets in both layouts."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from rag.evaluate import measuring
from tests.conftest import WordEncoder

PAGES = [
    ["# Rivers", "The Danube rises in the Black Forest and flows to the Black Sea.", "It passes four capitals. " * 20],
    ["# Mountains", "The Matterhorn was first climbed in 1865 by Edward Whymper.", "Four of his party fell. " * 20],
    ["# Lakes", "Lake Constance lies between three countries and feeds a long pipeline.", "It freezes rarely. " * 25],
]
QUESTIONS = [
    {"id": "a", "doc": "alps.pdf", "question": "Who first climbed the Matterhorn?", "answers": ["Edward Whymper"], "pages": [2], "kind": "text"},
    {"id": "b", "doc": "alps.pdf", "question": "Where does the Danube rise?", "answers": ["the Black Forest"], "pages": [1], "kind": "text"},
    {"id": "c", "doc": "alps.pdf", "question": "Which lake feeds a long pipeline?", "answers": ["Lake Constance"], "pages": [3], "kind": "place"},
    {"id": "d", "doc": "alps.pdf", "question": "How many penguins live in Antarctica?", "answer": "Not answerable", "pages": []},
]  # fmt: skip
CORPUS = [
    {"_id": "1", "title": "Slipstreams", "text": "A wing in the slipstream of a propeller gains lift."},
    {"_id": "2", "title": "Libraries", "text": "Catalogues of libraries follow a decimal classification. " * 40},
    {"_id": "3", "title": "", "text": "Blood cells carry oxygen from the lungs."},
]


def write_jsonl(path: Path, rows: Sequence[dict[str, Any]], *, packed: bool = False) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    if packed:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def alps(tmp_path: Path, make_pdf: Callable[..., Path]) -> Path:
    """A folder with one PDF of three pages and four questions, one of which has no answer."""
    folder = tmp_path / "alps"
    (folder / "pdfs").mkdir(parents=True)
    shutil.move(make_pdf(PAGES, "alps.pdf"), folder / "pdfs" / "alps.pdf")
    write_jsonl(folder / "questions.jsonl", QUESTIONS)
    return folder


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A collection of three documents in BEIR layout, packed."""
    folder = tmp_path / "collection"
    write_jsonl(folder / "corpus.jsonl", CORPUS, packed=True)
    write_jsonl(
        folder / "queries.jsonl",
        [
            {"_id": "q1", "text": "lift of a wing behind a propeller"},
            {"_id": "q2", "text": "decimal classification in catalogues"},
            {"_id": "q3", "text": "never judged"},
        ],
    )
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\t1\t2\nq1\t3\t0\nq2\t2\t1\n")
    return folder


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minilm: Path) -> Iterator[WordEncoder]:
    """Measure with the quick encoder, and keep what is kept in a folder of the test's own."""
    encoder = WordEncoder()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(minilm.parent)  # reading needs its list of words
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(measuring, "load_encoder", lambda settings: encoder)
    yield encoder
