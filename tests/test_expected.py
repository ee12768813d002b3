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


def test_what_a_network_tells_decides_where_a_pattern_finds_it() -> None:
    assert expected_kind("The mill was sold for what?") == "other"
    assert expected_kind("The mill was sold for what?", "money") == "money"
    assert expected_kind("How many mills are there?", "date") == "date"
    assert expected_kind("Which university did she attend?", "entity") == "name"
    assert expected_kind("Why does it fall?", "list") == "explanation"
    sentence = "In 1821 the mill of Jan Novak was sold for $300."
    for told, telling in (("date", "1821"), ("person", "Jan Novak"), ("money", "$300")):
        span = telling_part("The mill changed what?", sentence, told)
        assert span is not None
        assert sentence[slice(*span)] == telling


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


def test_what_the_question_says_itself_is_not_telling() -> None:
    sentence = "In 1980 Fukushima proposed it; in 2012 it won."
    assert [sentence[s:e] for s, e in spans_of_kind("date", sentence, question="What happened in 1980?")] == ["2012"]


def test_a_sentence_without_a_number_tells_nothing_of_how_many() -> None:
    assert telling_part("How many rivers are there?", "There are rivers in the north.") is None
