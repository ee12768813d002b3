from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.batch import run_batch
from rag.errors import InputError, QuestionError
from rag.records import answer_to_line
from rag.types import Answer
from tests.test_records import ANSWER

Asked = list[tuple[str, Sequence[str] | None]]


def run(text: str, *, is_csv: bool = False) -> tuple[int, str, Asked]:
    asked: Asked = []

    def ask(question: str, documents: Sequence[str] | None) -> Answer:
        asked.append((question, documents))
        if not question.strip():
            raise QuestionError("The question is empty.")
        return ANSWER

    out = io.StringIO()
    n_failed = run_batch(io.StringIO(text), out, ask, lambda _, answer: answer_to_line(answer), is_csv=is_csv)
    return n_failed, out.getvalue(), asked


def test_json_lines_come_out_in_order_with_their_ids_and_documents() -> None:
    n_failed, out, asked = run('{"id": "b", "question": "One?", "doc": "x.pdf"}\n\n{"question": "Two?"}\n')
    lines = [json.loads(line) for line in out.splitlines()]
    assert n_failed == 0
    assert [line.get("id") for line in lines] == ["b", None]
    assert [line["question"] for line in lines] == ["One?", "Two?"]
    assert asked == [("One?", ["x.pdf"]), ("Two?", None)]


@pytest.mark.parametrize(
    "bad", ["not json", "[1]", '{"id": 7}', '{"id": 7, "question": ""}', '{"question": "a", "doc": 3}']
)
def test_a_failing_row_is_an_error_line_and_the_rest_goes_on(bad: str) -> None:
    n_failed, out, _ = run(bad + '\n{"question": "Two?"}\n')
    lines = [json.loads(line) for line in out.splitlines()]
    assert n_failed == 1
    assert lines[0]["error"]
    assert lines[0].get("id") == (7 if '"id": 7' in bad else None)
    assert "claims" in lines[1]


def test_a_questionnaire_keeps_its_columns_and_gets_the_answers_beside() -> None:
    _, out, _ = run('\ufeffnr,question\n1,One?\n2,""\n'.lstrip("\ufeff"), is_csv=True)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["nr"] for row in rows] == ["1", "2"]
    assert (rows[0]["answer"], rows[0]["document"], rows[0]["page"], rows[0]["label"]) == (
        "A line.",
        "a.pdf",
        "2",
        "ii",
    )
    assert (rows[0]["verdict"], rows[0]["error"]) == ("verbatim", "")
    assert rows[1]["error"]


def test_an_answer_never_begins_a_formula() -> None:
    claim = replace(ANSWER.claims[0], text="=HYPERLINK(1)")
    out = io.StringIO()
    run_batch(
        io.StringIO("question\nOne?\n"), out, lambda *_: replace(ANSWER, claims=(claim,)), lambda *_: {}, is_csv=True
    )
    assert next(csv.DictReader(io.StringIO(out.getvalue())))["answer"] == "'=HYPERLINK(1)"


def test_a_questionnaire_without_questions_is_an_error_that_names_its_columns() -> None:
    with pytest.raises(InputError, match="nr, text"):
        run("nr,text\n1,x\n", is_csv=True)
