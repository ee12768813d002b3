"""Labels: the kind of a gold answer."""

from __future__ import annotations

import pytest

from rag.networks.labels import Names, answer_type

NAMES = Names(people=frozenset({"Ada Byron"}), places=frozenset({"Turin"}))


@pytest.mark.parametrize(
    ("question", "answer", "kind"),
    [
        ("How many rooms are there?", "about 40", "number"),
        ("How high is it?", "1,204 m", "number"),
        ("How many were found?", "seven", "number"),
        ("When did it open?", "4 May 1921", "date"),
        ("When was it built?", "late 12th century", "date"),
        ("What did it cost?", "$4.2 million", "money"),
        ("How much was paid?", "£300", "money"),
        ("How much of the land is farmed?", "12.5%", "percentage"),
        ("Who wrote it?", "Jan Novak", "person"),
        ("Whom did the club honour?", "Ada Byron", "person"),
        ("Which mathematician was honoured?", "Ada Byron", "person"),
        ("Where was it signed?", "Delft", "place"),
        ("Which town hosted it?", "Delft", "place"),
        ("What hosted the games?", "Turin", "place"),
        ("What is the ore called?", "bauxite", "entity"),
        ("Which firm made it?", "Calder Works", "entity"),
        ("Which countries signed?", "Spain, Chile and Peru", "list"),
        ("What are the two gases?", "argon and neon", "list"),
        ("Why did it fall?", "the bolts had rusted", "explanation"),
        ("What did the mayor say?", "that the town would rebuild the hall", "explanation"),
        ("Is it safe?", "no", "yes/no"),
        ("Does it leak?", "it never did in the test", "yes/no"),
    ],
)
def test_the_kind_of_an_answer(question: str, answer: str, kind: str) -> None:
    assert answer_type(question, answer, NAMES) == kind


def test_names_are_learnt_from_the_questions_that_they_answer() -> None:
    names = Names.of(
        [("Who ruled?", "Queen Mab"), ("Where is it?", "the Fens"), ("Who owns it?", "the town"), ("Which?", "Oslo")]
    )
    assert names.people == {"Queen Mab"}
    assert names.places == {"Fens"}
