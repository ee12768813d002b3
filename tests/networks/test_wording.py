"""Questions of our own wording."""

from __future__ import annotations

import random
import re
from collections import Counter

from rag.networks.wording import around, without_period, worded
from rag.types import AnswerType, EvidenceKind


def test_the_same_seed_gives_the_same_questions() -> None:
    assert list(worded(5, 3)) == list(worded(5, 3))
    assert list(worded(5, 3)) != list(worded(5, 4))


def test_no_slot_or_choice_is_left_open() -> None:
    assert not [w.question for w in worded(40, 0) if re.search(r"[{}<>|]|\s\s", w.question)]


def test_what_the_sets_lack_is_there() -> None:
    made = list(worded(20, 0))
    types: Counter[AnswerType] = Counter(w.answer_type for w in made)
    kinds: Counter[EvidenceKind | None] = Counter(w.evidence for w in made)
    assert all(types[kind] > 50 for kind in ("money", "percentage", "yes/no", "list"))
    assert all(kinds[kind] > 200 for kind in ("table", "prose", "figure"))


def test_other_clothes_keep_what_is_asked() -> None:
    for seed in range(40):
        assert "who founded the mill" in around("Who founded the mill?", random.Random(seed)).lower()


def test_years_can_be_left_out() -> None:
    assert without_period("What was revenue in 2018 and 2019?") == "What was revenue?"
    assert without_period("What is the change from 2018 to 2019?") == "What is the change?"
