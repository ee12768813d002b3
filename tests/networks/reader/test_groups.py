"""What the reader learns from: places of answers survive every cut, batches are the same for whoever goes on."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rag.networks.backbone import PieceTokenizer
from rag.networks.reader.groups import (
    MAX_PAIR,
    Batches,
    Group,
    Text,
    cut_groups,
    pieces_of,
    squad_groups,
    table_groups,
)
from rag.networks.reader.squad import Article, Question
from rag.networks.reader.tables import Asked

LONG = " ".join(f"Sentence number {i} tells of thing {i} at great length and with care." for i in range(40))


def article(title: str = "Things", n: int = 12) -> Article:
    questions = tuple(
        Question(f"{title}{i}", f"What does number {i} tell of?", i % 2, (f"thing {i}",)) for i in range(n)
    )
    return Article(title, (LONG, LONG.replace("length", "LENGTH")), questions, title)


@pytest.fixture
def tokenizer(tiny_encoder: Path) -> PieceTokenizer:
    return PieceTokenizer(tiny_encoder)


def test_every_place_holds_an_answer_whatever_was_cut() -> None:
    groups = list(squad_groups([article()], {f"Things{i}": [1 - i % 2] for i in range(12)}, 0, with_negative=1.0))
    ranked = [group for group in groups if group.ranked]
    assert len(ranked) == 12
    for group in ranked:
        right, wrong = group.passages
        assert right.places
        assert not wrong.places
        assert {right.text[a:b] for a, b in right.places} <= {f"thing {i}" for i in range(12)}
    assert any(group.passages[0].text.startswith("Things\n") for group in ranked)
    assert any(not group.passages[0].text.startswith("Things\n") for group in ranked)
    assert any(len(group.passages[0].text) < len(LONG) / 2 for group in ranked)


def test_right_and_wrong_passages_are_cut_alike() -> None:
    groups = squad_groups([article(n=40)], {f"Things{i}": [1 - i % 2] for i in range(40)}, 0, with_negative=1.0)
    for right, wrong in (group.passages for group in groups if group.ranked):
        assert (len(right.text) > 1500) == (len(wrong.text) > 1500)
        assert right.text.startswith("Things\n") == wrong.text.startswith("Things\n")


def test_corrupted_questions_have_no_answer() -> None:
    corrupted = [group for group in squad_groups([article(n=40)], {}, 0, with_corrupted=1.0) if not group.ranked]
    assert corrupted
    assert all(not text.places for group in corrupted for text in group.passages)


def test_the_same_seed_makes_the_same_groups() -> None:
    assert list(squad_groups([article()], {}, 3)) == list(squad_groups([article()], {}, 3))
    assert list(squad_groups([article()], {}, 3)) != list(squad_groups([article()], {}, 4))


def test_tables_give_a_passage_with_the_answer_first() -> None:
    asked = Asked("a", "Sales?", ("5",), ("nothing", "Sales | 5"), ((), ((8, 9),)), "t", "TAT-QA")
    (group,) = table_groups([asked], 0, with_negative=1.0)
    assert group.passages == (Text("Sales | 5", ((8, 9),)), Text("nothing"))


def test_word_pieces_of_an_answer_spell_it(tokenizer: PieceTokenizer) -> None:
    text = "under\nThe answer is 42."
    (pieces,) = tokenizer.cut([text])
    at = text.index("42")
    first, last = pieces_of(pieces, (at, at + 2)) or (0, 0)
    assert text[pieces.offsets[first][0] : pieces.offsets[last][1]] == "42"
    assert pieces_of(pieces, (5, 6)) is None  # a line break is no piece


def test_a_long_passage_is_cut_around_its_answer(tokenizer: PieceTokenizer) -> None:
    at = LONG.index("thing 30")
    (cut,) = cut_groups([Group("where", (Text(LONG, ((at, at + 8),)),), ranked=True)], tokenizer)
    ((first, last),) = cut.places[0]
    ids = cut.pairs[0].ids
    assert len(ids) == cut.length == MAX_PAIR
    (wanted,) = tokenizer.cut(["thing 30"])
    assert tuple(ids[first : last + 1]) == wanted.ids


def test_batches_take_every_group_once_a_pass_and_depend_on_the_step_alone(tokenizer: PieceTokenizer) -> None:
    rng = random.Random(0)
    groups = [Group("q", (Text("a" * rng.randint(1, 60)),), ranked=False) for _ in range(100)]
    cuts = cut_groups(groups, tokenizer)
    batches = Batches(cuts, 0, tokens=300)
    first_pass = [batches(step) for step in range(batches.a_pass)]
    assert sorted(id(cut) for batch in first_pass for cut in batch) == sorted(map(id, cuts))
    assert all(len(batch) * max(cut.length for cut in batch) <= 300 for batch in first_pass)
    later = batches(batches.a_pass + 1)
    again = Batches(cuts, 0, tokens=300)
    assert [id(cut) for cut in again(batches.a_pass + 1)] == [id(cut) for cut in later]
    assert [len(batch) for batch in first_pass] != [len(batches(batches.a_pass + i)) for i in range(batches.a_pass)]
