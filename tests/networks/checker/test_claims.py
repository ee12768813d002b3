"""A question and its answer become one sentence."""

from __future__ import annotations

import pytest

from rag.networks.checker.claims import beside, declarative
from rag.networks.checker.verbs import Verbs, ing, is_participle, past, third

VERBS = Verbs(frozenset("release discover start define withdraw use trigger harvest found".split()))


@pytest.mark.parametrize(
    ("question", "answer", "sentence"),
    [
        ("When was Ada born?", "1815", "Ada was born in 1815."),
        ("When was the treaty signed?", "12 March 1920", "The treaty was signed on 12 March 1920."),
        ("Who wrote the first program?", "Ada", "Ada wrote the first program."),
        ("Who was the king of Spain?", "Philip", "Philip was the king of Spain."),
        ("What is the capital of France?", "Paris", "The capital of France is Paris."),
        ("What did Curie discover in 1898?", "radium", "Curie discovered in 1898 radium."),
        ("When did Ada release the album?", "2003", "Ada released the album in 2003."),
        ("What does the law define?", "theft", "The law defines theft."),
        ("In what country is Ephesus located?", "Turkey", "Ephesus is located in Turkey."),
        ("In 1990, who was the mayor?", "Ann Lee", "In 1990, Ann Lee was the mayor."),
        ("How many people were in the army?", "40,000", "40,000 people were in the army."),
        ("What medicines can trigger asthma?", "beta blockers", "Beta blockers can trigger asthma."),
        ("Why are such glasses valued?", "for their clarity", "Such glasses are valued for their clarity."),
        ("Uruguay was once called what?", "a Switzerland", "Uruguay was once called a Switzerland."),
        ("What's the tallest tree?", "the redwood", "The tallest tree is the redwood."),
        ("What year was the treaty signed?", "1814", "The treaty was signed in 1814."),
    ],
)
def test_questions_are_turned_round(question: str, answer: str, sentence: str) -> None:
    assert declarative(question, answer, VERBS) == sentence


@pytest.mark.parametrize(
    "question", ["Is it better to wait?", "Social turmoil led to conflict?", "What did it frobnicate?", "Who?"]
)
def test_where_no_rule_fits_there_is_no_sentence(question: str) -> None:
    assert declarative(question, "yes", VERBS) is None


def test_an_answer_that_is_too_long_or_nothing_makes_no_sentence() -> None:
    assert declarative("Who was king?", "x " * 60, VERBS) is None
    assert declarative("Who was king?", " . ", VERBS) is None


def test_beside_keeps_both_as_they_are() -> None:
    assert beside("When  was it?", "in 1815") == "When was it? in 1815"


def test_forms_of_verbs() -> None:
    assert [past(w) for w in ("release", "carry", "plan", "write", "play")] == [
        "released", "carried", "planned", "wrote", "played",
    ]  # fmt: skip
    assert [third(w) for w in ("carry", "have", "pass", "play")] == ["carries", "has", "passes", "plays"]
    assert [ing(w) for w in ("lie", "make", "run", "see")] == ["lying", "making", "running", "seeing"]
    assert is_participle("written")
    assert not is_participle("red")


def test_verbs_are_those_that_stand_where_verbs_do_and_have_a_form_in_ing() -> None:
    text = "They began to paint. He likes painting. She went to Rome. We want to paint. I love to paint."
    found = Verbs.of([text])
    assert found.is_plain("paint")
    assert not found.is_plain("rome")
    assert found.is_finite("painted")
    assert not found.is_finite("roman")
