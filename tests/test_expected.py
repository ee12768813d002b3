from __future__ import annotations

import pytest

from rag.answer.expected import expected_kind, spans_of_kind
from rag.answer.telling import telling_part


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was the Neocognitron proposed?", "date"),
        ("In what year did it open?", "date"),
        ("Who invented it?", "person"),
        ("Where does the river rise?", "place"),
        ("How many layers does it have?", "number"),
        ("What percentage of sales is domestic?", "percentage"),
        ("What was the net income in 2018?", "money"),
        ("Why does the gradient vanish?", "explanation"),
        ("Which university did she attend?", "name"),
        ("What is a neuron?", "other"),
    ],
)
def test_the_words_of_a_question_tell_the_kind_of_answer(question: str, kind: str) -> None:
    assert expected_kind(question) == kind


@pytest.mark.parametrize(
    ("question", "sentence", "telling"),
    [
        ("When was Mont Blanc climbed?", "Mont Blanc was first climbed in August 1786 by two men.", "August 1786"),
        ("Who climbed Mont Blanc?", "Mont Blanc was first climbed by Jacques Balmat.", "Jacques Balmat"),
        ("Who introduced PReLU?", "PReLU, the parametric ReLU, was introduced by He et al. in 2015.", "He et al."),
        ("Who wrote the book?", "The book was written by J. R. McDonald in Rome.", "J. R. McDonald"),
        ("How high is Mont Blanc?", "Mont Blanc, climbed in 1786, is 4,806 metres high.", "4,806"),
        ("What percentage was lost?", "Of 90 trees, 12.5 percent were lost.", "12.5 percent"),
        ("What does the Danube flow into?", "The Danube flows into the Black Sea.", "Black Sea"),
    ],
)
def test_the_telling_part_is_the_nearest_of_that_kind(question: str, sentence: str, telling: str) -> None:
    span = telling_part(question, sentence)
    assert span is not None
    assert sentence[slice(*span)] == telling


TABLE = """Consolidated Statements of Income (in millions)
Net income attributable to Costco | 2021: $ 5,007 | 2020: $ 4,002 | 2019: $ 3,659
Merchandise costs | 2021: 170,684 | 2020: 144,939
Stores | 815"""


@pytest.mark.parametrize(
    ("question", "row", "telling"),
    [
        ("What was net income in 2021?", "Net income attributable to Costco  $ 5,007  $ 4,002  $ 3,659", "$ 5,007"),
        ("What was net income in FY20?", "Net income attributable to Costco  $ 5,007  $ 4,002  $ 3,659", "$ 4,002"),
        ("What was net income?", "Net income attributable to Costco  $ 5,007  $ 4,002  $ 3,659", None),
        ("What was net income in 2015?", "Net income attributable to Costco  $ 5,007  $ 4,002  $ 3,659", None),
        ("How many stores are there?", "Stores  815", "815"),
        ("What was gross margin in 2021?", "Gross margin  12.9%", None),
    ],
)
def test_the_telling_cell_of_a_row_is_that_of_the_year_asked_for(question: str, row: str, telling: str | None) -> None:
    span = telling_part(question, row, serialised=TABLE)
    assert (None if span is None else row[slice(*span)]) == telling


def test_what_the_question_says_itself_is_not_telling() -> None:
    sentence = "In 1980 Fukushima proposed it; in 2012 it won."
    assert [sentence[s:e] for s, e in spans_of_kind("date", sentence, question="What happened in 1980?")] == ["2012"]


def test_a_sentence_without_a_number_tells_nothing_of_how_many() -> None:
    assert telling_part("How many rivers are there?", "There are rivers in the north.") is None
