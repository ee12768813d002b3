"""Word forms and noun phrases, as far as rules without a dictionary tell."""

from __future__ import annotations

from collections import Counter

import pytest

from rag.guide.english import (
    Casing,
    base_of_gerund,
    base_of_past,
    base_of_third,
    is_noun_phrase,
    is_plural,
    word_ranks,
)
from tests.guide.made import RANKS


@pytest.mark.parametrize(
    ("past", "base"),
    [
        ("declared", "declare"),
        ("planned", "plan"),
        ("added", "add"),
        ("called", "call"),
        ("applied", "apply"),
        ("grew", "grow"),
        ("wrote", "write"),
        ("used", "use"),
        ("blorfed", None),
        ("river", None),
    ],
)
def test_the_base_of_a_verb_in_the_past_is_a_known_word_or_none(past: str, base: str | None) -> None:
    assert base_of_past(past, RANKS) == base


@pytest.mark.parametrize(
    ("gerund", "base"), [("charging", "charge"), ("setting", "set"), ("pairing", "pair"), ("king", None)]
)
def test_the_base_of_a_gerund_is_a_known_word_or_none(gerund: str, base: str | None) -> None:
    assert base_of_gerund(gerund, RANKS) == base


@pytest.mark.parametrize(
    ("third", "base"),
    [("provides", "provide"), ("applies", "apply"), ("focuses", "focus"), ("uses", "use"), ("reaches", "reach")],
)
def test_the_base_of_the_third_person_drops_its_ending(third: str, base: str) -> None:
    assert base_of_third(third) == base


@pytest.mark.parametrize("phrase", ["the registered manager", "Net sales", "the law of good gestalt", "RAG"])
def test_a_thing_with_its_attributes_is_a_noun_phrase(phrase: str) -> None:
    assert is_noun_phrase(phrase)


@pytest.mark.parametrize(
    "phrase",
    [
        "it",
        "this approach",
        "NTU adopts a campus approach",
        "hooks into the shelf",
        "sales of $3 million",
        "In Europe",
        "the",
        "what we do",
        "Naive RAG The Naive RAG paradigm",
        "profiles1",
        "the second group",
        "",
    ],
)
def test_a_clause_a_pointer_or_a_scrap_is_none(phrase: str) -> None:
    assert not is_noun_phrase(phrase)


def test_the_head_of_a_phrase_tells_its_number() -> None:
    assert is_plural("costs of the year")
    assert not is_plural("the cost of sales")
    assert not is_plural("business")
    assert is_plural("people in cities")


def test_names_keep_their_capital_and_other_words_lose_it() -> None:
    casing = Casing(Counter({"danube": 4}), Counter({"water": 4, "costs": 2}), RANKS)
    assert casing.inside("Danube water") == "Danube water"
    assert casing.inside("Water of the Danube") == "water of the Danube"
    assert casing.inside("The Danube") == "the Danube"
    assert casing.inside("NATO costs") == "NATO costs"
    assert casing.sentence_case("Costs Of The Danube") == "costs of the Danube"


def test_a_vocabulary_lists_the_commonest_first(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "vocab.txt"
    file.write_text("[PAD]\n!\na\nthe\n##ing\nriver\n", encoding="utf-8")
    assert word_ranks(file) == {"the": 1, "river": 2}
