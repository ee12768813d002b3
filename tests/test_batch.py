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


@pytest.mark.parametrize(("text", "is_guarded"), [("-2+3", True), ("-12.5 %", False), ("+1,577", False), ("+cmd|x", True),
                                                 ("@SUM(1)", True), ("\tx", True), ("- a dash", True), ("4,806", False)])  # fmt: skip
def test_only_numbers_may_begin_with_a_sign(text: str, is_guarded: bool) -> None:
    claim = replace(ANSWER.claims[0], text=text)
    out = io.StringIO(newline="")
    answer = replace(ANSWER, claims=(claim,))
    run_batch(io.StringIO("question\nOne?\n"), out, lambda *_: answer, lambda *_: {}, is_csv=True)
    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert row["answer"] == ("'" + text if is_guarded else text)


def test_columns_of_the_user_that_are_called_like_ours_cannot_be_taken_for_citations() -> None:
    text = "Page,question,answer,page (given)\n77,One?,mine,x\n78,,mine,y\n"
    _, out, _ = run(text, is_csv=True)
    header, first, second = csv.reader(io.StringIO(out))
    assert header[:4] == ["Page (given)", "question", "answer (given)", "page (given)"] or len(set(header)) == len(
        header
    )
    assert len({name.casefold() for name in header}) == len(header)
    one, two = dict(zip(header, first, strict=True)), dict(zip(header, second, strict=True))
    assert (one["page"], one["answer"]) == ("2", "A line.")
    assert (two["page"], two["answer"], two["document"]) == ("", "", ""), "an empty question has no citation"
    assert two["error"]


def test_half_a_surrogate_pair_neither_stops_the_batch_nor_comes_out_again() -> None:
    n_failed, out, asked = run('{"id": "\\ud800", "question": "O\\ud800ne?"}\n{"question": "Two?", "doc": "\\udfff"}\n')
    assert n_failed == 0
    assert asked == [("O\ufffdne?", None), ("Two?", ["\ufffd"])]
    assert out.encode("utf-8").count("\ufffd".encode()) == 2


@pytest.mark.parametrize("bad", ["[" * 100_000, '{"question": ' + "1" * 5_000 + "}"])
def test_json_that_python_refuses_is_an_error_line_too(bad: str) -> None:
    n_failed, out, asked = run(bad + '\n{"question": "Two?"}\n')
    assert n_failed == 1
    assert [question for question, _ in asked] == ["Two?"]
    assert "no JSON" in json.loads(out.splitlines()[0])["error"]


def test_the_answers_come_with_the_delimiter_of_the_questions() -> None:
    _, out, asked = run("Nr;Question;DOC\n1;One, or two?;x.pdf\n", is_csv=True)
    assert asked == [("One, or two?", ["x.pdf"])]
    assert next(csv.DictReader(io.StringIO(out), delimiter=";"))["page"] == "2"


def test_a_row_with_too_many_cells_is_an_error_and_not_half_a_question() -> None:
    n_failed, out, asked = run("nr,question\n1,One, or two?\n2,Three?\n", is_csv=True)
    assert n_failed == 1
    assert [question for question, _ in asked] == ["Three?"]
    assert "quotes" in next(csv.DictReader(io.StringIO(out)))["error"]


def test_a_questionnaire_without_questions_is_an_error_that_names_its_columns() -> None:
    with pytest.raises(InputError, match="nr, text"):
        run("nr,text\n1,x\n", is_csv=True)
