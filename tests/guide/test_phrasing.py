"""Statements become questions that read as if a person had asked them; all others become none."""

from __future__ import annotations

import pytest

from rag.guide.phrasing import is_fluent, of_cell, of_heading, of_statement
from tests.guide.made import voice


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("A registered manager is a person who runs the service.", "What is a registered manager?"),
        ("Personality is a psychological factor that shapes choices.", "What is personality?"),
        ("The goal of the survey is to learn how people vote.", "What is the goal of the survey?"),
        ("Cost of sales includes manufacturing, engineering and freight costs.", "What does cost of sales include?"),
        ("Fully 77% of seniors are now cell phone owners.", "What percentage of seniors are now cell phone owners?"),
        (
            "Among independents, 31% favor a lower age for voting.",
            "What percentage of independents favor a lower age for voting?",
        ),
        (
            "Net sales increased 7% in fiscal 2023 due to higher prices.",
            "By how much did net sales increase in fiscal 2023?",
        ),
        ("Net sales increased 7% in fiscal 2023 due to higher prices.", "Why did net sales increase in fiscal 2023?"),
        ("The questionnaire was developed by Pew Research Center.", "Who developed the questionnaire?"),
        ("The Atlas panel was created in 2014 with new members.", "When was the Atlas panel created?"),
        ("Fair value is determined using quoted prices.", "How is fair value determined?"),
        ("Sales were flat in Europe because of a weak currency.", "Why were sales flat in Europe?"),
        ("The station was located in the Black Forest for years.", "Where was the station located?"),
        ("Warm water may affect fishing among coastal people.", "What may affect fishing among coastal people?"),
        ("Women are more likely than men to read novels.", "Are women or men more likely to read novels?"),
        ("In 2019, the river authority had 120 gauges along the Danube.", "How many gauges did the river authority have in 2019?"),
    ],
)  # fmt: skip
def test_a_statement_answers_a_plain_question(statement: str, question: str) -> None:
    speaks = voice("danube europe", "people currency station cost net warming women sales personality fair a the")
    assert question in [asked.text for asked in of_statement(speaks, statement)]


@pytest.mark.parametrize(
    "statement",
    [
        "It is a person who runs the service.",
        "This is the result of many years of work.",
        "The former is a psychological factor that shapes choices.",
        "The second group is a set of older people.",
        "Table 3 shows the results of all runs.",
        "Expenses were $75.3 million, $53.1 million and $34.7 million for the years ended 2017, 2016 and 2015.",
        "Guide track hooks into the shelf support slots on the back wall.",
        "Azur is always my favorite because of its scent.",
        "However, it was not clear whether they did.",
        "The margin was 6% lower than last year.",
        "Price controls failed to hold back the demand for oil.",
        "The new cells have three types of walls around them.",
    ],
)
def test_a_statement_that_points_elsewhere_or_cannot_be_turned_gives_no_question(statement: str) -> None:
    assert [asked.text for asked in of_statement(voice(), statement)] == []


def test_we_is_the_company_that_speaks() -> None:
    speaks = voice("acme", "employees", company="Acme")
    texts = [asked.text for asked in of_statement(speaks, "We had approximately 5,500 employees at the end of 2017.")]
    assert texts == ["How many employees did Acme have at the end of 2017?"]


def test_we_are_the_authors_of_a_paper_and_nobody_elsewhere() -> None:
    said = "To close the gap, we propose a new network to predict personality from text."
    speaks = {"verbs": frozenset({"predict", "close"})}
    asked = [a.text for a in of_statement(voice(has_authors=True, **speaks), said)]
    assert "What do the authors propose to predict personality from text?" in asked
    assert list(of_statement(voice(**speaks), said)) == []


@pytest.mark.parametrize(
    ("title", "question"),
    [
        ("3.1 Pairing your watch with your phone", "How do I pair my watch with my phone?"),
        ("Charging the Watch", "How do I charge the watch?"),
        ("5.2 What Is the Use of Dropout? (RQ2)", "What is the use of dropout?"),
        ("Benefits of Dropout", "What are the benefits of dropout?"),
    ],
)
def test_a_heading_asks_what_its_part_answers(title: str, question: str) -> None:
    asked = of_heading(voice("", "watch dropout benefits what is use"), title)
    assert asked is not None
    assert asked.text == question


@pytest.mark.parametrize("title", ["Introduction", "Operating income", "Resting heart rate", "Why?"])
def test_a_heading_that_names_a_thing_gives_no_question(title: str) -> None:
    assert of_heading(voice(), title) is None


def test_what_a_paper_describes_was_done_by_its_authors() -> None:
    asked = of_heading(voice("", "watch", has_authors=True), "Charging the Watch")
    assert asked is not None
    assert asked.text == "How do the authors charge the watch?"


def test_a_cell_is_asked_by_its_row_and_year() -> None:
    asked = of_cell(voice("", "net sales debt"), "Net sales", "2018")
    assert asked is not None
    assert asked.text == "What were net sales in 2018?"
    assert of_cell(voice(), "Total", "2018") is None


@pytest.mark.parametrize(
    "question", ["What is it?", "What is the value of profiles1?", "Who did this to them?", "What?"]
)
def test_questions_with_loose_words_or_glued_figures_are_not_fluent(question: str) -> None:
    assert not is_fluent(question)
