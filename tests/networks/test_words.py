"""Word features: what a question begins with and mentions."""

from __future__ import annotations

import pytest

from rag.networks.words import NAMES, asks_yes_or_no, features


@pytest.mark.parametrize(
    "question",
    [
        "Is the bridge safe?",
        "Did sales grow in 2019?",
        "In FY2018, has the company repaid its debt?",
        "doesn't it leak",
    ],
)
def test_a_question_that_begins_with_an_auxiliary_asks_for_yes_or_no(question: str) -> None:
    assert asks_yes_or_no(question)


@pytest.mark.parametrize(
    "question",
    [
        "Can you tell me the price?",
        "Could you list the members?",
        "What is the price?",
        "In what year did it open?",
        "May I know who wrote it?",
        "Isotopes decay how?",
    ],
)
def test_a_polite_request_or_a_wh_question_does_not(question: str) -> None:
    assert not asks_yes_or_no(question)


def test_every_feature_has_a_name_and_lies_between_zero_and_one() -> None:
    for question in ("", "?", "How many % of FY2018 revenue ($) is shown in Figure 3?", "x " * 500):
        values = features(question)
        assert values.shape == (len(NAMES),)
        assert ((values >= 0) & (values <= 1)).all()
    assert len(set(NAMES)) == len(NAMES)


def test_what_is_mentioned_is_seen_whatever_its_case() -> None:
    upper, lower = features("WHAT DOES FIGURE 3 SHOW?"), features("what does figure 3 show?")
    assert (upper == lower).all()
    assert upper[NAMES.index("figure")] == upper[NAMES.index("begins with what")] == 1
    assert features("Which historical figure led them?")[NAMES.index("figure")] == 0
