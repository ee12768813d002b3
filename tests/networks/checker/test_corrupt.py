"""A corrupted sentence is really another one, and one that stays true loses words only."""

from __future__ import annotations

import random
import re

import pytest

from rag.answer.facts import Source, lacking
from rag.networks.checker import corrupt

SENTENCES = (
    "In 1931, 3,200 people lived in Lower Riding (a village).",
    "The bridge over the Avon, which was built by John Smith, is 12.5 metres wide.",
    "Seven ships left Bristol in March with 40 cannons.",
    "Ada Lovelace has written three notes on the engine of Charles Babbage.",
)


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("seed", range(12))
def test_another_number_is_another_number_and_nothing_else(sentence: str, seed: int) -> None:
    changed = corrupt.other_number(sentence, random.Random(seed))
    assert changed is not None
    before, after = sentence.split(), changed.split()
    assert len(before) == len(after)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("seed", range(12))
def test_a_false_number_is_one_that_the_sentence_lacks(sentence: str, seed: int) -> None:
    changed = corrupt.other_number(sentence, random.Random(seed)) or ""
    assert lacking(changed, Source(sentence))


@pytest.mark.parametrize("seed", range(12))
def test_another_name_is_none_that_is_known(seed: int) -> None:
    others = ["Grace Hopper", "Bristol Bay", "Alan Turing", "Rome"]
    changed = corrupt.other_name(SENTENCES[3], others, random.Random(seed), known="Rome Bristol")
    assert changed is not None
    new = [name for name in others if name in changed]
    assert new in (["Grace Hopper"], ["Alan Turing"])
    assert lacking(changed, Source(SENTENCES[3]))


def test_without_numbers_or_names_there_is_nothing_to_change() -> None:
    assert corrupt.other_number("It rained all day.", random.Random(0)) is None
    assert corrupt.other_name("It rained all day.", ["Rome"], random.Random(0)) is None


@pytest.mark.parametrize(
    ("sentence", "denied"),
    [
        ("The king was old.", "The king was not old."),
        ("He has written it.", "He has not written it."),
        ("It has been sold.", "It has not been sold."),
        ("They could see.", "They could not see."),
        ("They couldn't see.", "They could see."),
        ("It is not red.", "It is red."),
    ],
)
def test_a_denial_is_put_in_or_taken_away(sentence: str, denied: str) -> None:
    assert corrupt.negated(sentence) == denied


@pytest.mark.parametrize("sentence", ["The horse has four legs.", "It rained.", "That is what it is"])
def test_what_cannot_be_denied_with_a_not_is_left(sentence: str) -> None:
    negated = corrupt.negated(sentence)
    assert negated is None or "has not four" not in negated


def test_denying_twice_gives_the_sentence_back() -> None:
    for sentence in ("The king was old.", "Ships can carry corn.", "It had been sold."):
        assert corrupt.negated(corrupt.negated(sentence) or "") == sentence


@pytest.mark.parametrize("sentence", SENTENCES[:2])
def test_a_shortened_sentence_says_nothing_new(sentence: str) -> None:
    short = corrupt.shortened(sentence, random.Random(0))
    assert short is not None
    assert len(short) < len(sentence)
    assert set(re.findall(r"\w+", short)) < set(re.findall(r"\w+", sentence))


def test_a_reordered_sentence_has_the_same_words() -> None:
    assert corrupt.reordered("In 1990, it rained.") == "It rained in 1990."
    assert corrupt.reordered("It rained.") is None


def test_whole_words_are_exchanged_wherever_they_stand() -> None:
    assert corrupt.exchanged("Rome and rome, Romeo", "Rome", "Oslo") == "Oslo and Oslo, Romeo"
    assert corrupt.exchanged("Romeo", "Rome", "Oslo") is None
