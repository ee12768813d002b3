"""Tables are written as ingest writes them, and answers are found in their cells."""

from __future__ import annotations

import random
from pathlib import Path

from rag.networks.reader.tables import passages_of, read_tables, row, tatqa_rows

TABLE = [
    ["", "", "Years Ended September 30,", ""],
    ["", "2019", "2018", "2017"],
    ["Fixed Price", "$  1,452.4", "$  1,146.2", "$  1,036.9"],
    ["Other", "44.1", "56.7", ""],
    ["Parts:", "", "", ""],
    ["Wheels", "(3)", "-4", "5%"],
]


def test_a_row_is_its_label_and_every_heading_with_its_value() -> None:
    made = row("Sales", ["2019", "", "2017"], ["1", "2", ""])
    assert made.text == "Sales | 2019: 1 | 2"
    assert row("Lamp oil", ["2018", "2017"], ["1,577", "1,373"]).text == "Lamp oil | 2018: 1,577 | 2017: 1,373"
    assert list(made.values()) == [("2019", "1"), ("", "2")]


def test_heading_lines_end_where_numbers_that_are_no_years_begin() -> None:
    title, rows = tatqa_rows(TABLE)
    assert title == "Years Ended September 30,"
    assert rows[0].text == (
        "Fixed Price | 2019: $ 1,452.4 | Years Ended September 30, 2018: $ 1,146.2 | 2017: $ 1,036.9"
    )
    assert rows[1].text == "Other | 2019: 44.1 | Years Ended September 30, 2018: 56.7"
    assert [one.text for one in rows[2:3]] == ["Parts:"]
    assert [value for _, value in rows[3].values()] == ["(3)", "-4", "5%"]


def test_passages_hold_whole_rows_under_their_title() -> None:
    rows = [row(f"Row number {i}", ["2019"], ["1" * 40]) for i in range(40)]
    passages = passages_of("Title", rows)
    assert len(passages) > 1
    for text, held in passages:
        assert text.startswith("Title\n")
        assert len(text) <= 1000
        assert all(text[at : at + len(one.text)] == one.text for at, one in held)
    assert [one for _, held in passages for _, one in held] == rows


def test_answers_of_the_sets_stand_where_they_are_said_to(data: Path) -> None:
    asked = read_tables(data, random.Random(0))
    assert {one.source for one in asked} == {"TAT-QA", "TAT-QA text", "WikiTableQuestions", "cells of tables"}
    for one in random.Random(1).sample(asked, 300):
        found = [
            text[start:end] for text, places in zip(one.passages, one.places, strict=True) for start, end in places
        ]
        assert found
        assert all(said.replace("$", "").replace(" ", "").lower() == _plain(one.answers[0]) for said in found)


def _plain(answer: str) -> str:
    return answer.replace("$", "").replace(" ", "").lower()
