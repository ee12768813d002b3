"""Corrupted questions differ in one thing, and what is put in is of the same kind."""

from __future__ import annotations

import random

from rag.networks.reader.corrupted import corrupted, names_in, numbers_in

PARAGRAPH = "In 1969 Neil Armstrong flew with Buzz Aldrin and Michael Collins for 8 days. Apollo 12 followed in 1970."


def changes(question: str, elsewhere: list[str]) -> set[str]:
    return {c for seed in range(60) if (c := corrupted(question, PARAGRAPH, elsewhere, random.Random(seed)))}


def test_names_and_numbers_are_found_and_stop_words_are_no_names() -> None:
    assert names_in("He met Neil Armstrong. The crew of Apollo flew.") == ["Neil Armstrong", "Apollo"]
    assert numbers_in("1,500 men, 3.5 km and x4y.") == ["1,500", "3.5"]


def test_a_question_is_changed_in_one_place_only() -> None:
    question = "Who was the first to walk with Neil Armstrong in 1969?"
    found = changes(question, ["Moon Base", "1972", "17"])
    assert question not in found
    assert any("last" in one for one in found)  # an opposite
    assert any("Moon Base" in one or "Buzz Aldrin" in one for one in found)  # another name
    assert any("1972" in one or "1970" in one for one in found)  # another year, never a count
    assert not any(" in 17?" in one or " in 8?" in one for one in found)
    words = set(question.split())
    assert all(len(words - set(one.split())) <= 3 for one in found)


def test_a_question_with_nothing_to_change_stays_alone() -> None:
    assert changes("Why so?", ["Moon Base"]) == set()
