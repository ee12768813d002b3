"""The reader: its losses by hand, its spans against every span there is, and that it can learn."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rag.networks.backbone import Pair, PieceTokenizer
from rag.networks.reader.groups import Batches, Cut, Group, Text, cut_groups
from rag.networks.reader.losses import answered_loss, reader_loss, relevance_loss, span_loss
from rag.networks.reader.network import Heads, ReaderNetwork
from rag.networks.reader.reader import MAX_ANSWER, Reader, best_span, whole_words
from rag.networks.steps import Plan, Steps

EIGHT = [
    ("who flew", "in 69 neil flew far", "neil"),
    ("who swam", "in 70 mary swam home", "mary"),
    ("when", "it was in 1812 or so", "1812"),
    ("how many", "she had 7 cats and a dog", "7"),
    ("which town", "they met in rome by day", "rome"),
    ("what colour", "the sky was blue then", "blue"),
    ("who wrote it", "a book by anna is here", "anna"),
    ("how long", "it is 970 km long", "970 km"),
]
WRONG = "there is nothing of that in these words"


def group(question: str, passage: str, answer: str) -> Group:
    at = passage.index(answer)
    return Group(question, (Text(passage, ((at, at + len(answer)),)), Text(WRONG)), ranked=True)


def cut(ranked: bool, n: int) -> Cut:
    return Cut(tuple(Pair(np.array([1]), 0) for _ in range(n)), ((),) * n, ranked)


def test_the_span_loss_sums_over_all_places_of_the_answer_and_leaves_the_question_out() -> None:
    logits = torch.tensor([[5.0, 0.0, 0.0, 0.0]])
    heads = Heads(logits, logits, torch.zeros(1), torch.zeros(1))
    segments = torch.tensor([[0, 1, 1, 1]])
    assert span_loss(heads, segments, [[(1, 1)]]).item() == pytest.approx(math.log(3), abs=1e-4)
    assert span_loss(heads, segments, [[(1, 1), (2, 3)]]).item() == pytest.approx(math.log(3 / 2), abs=1e-4)
    assert span_loss(heads, segments, [[]]).item() == 0


def test_relevance_is_compared_within_a_question_only() -> None:
    logits = torch.tensor([1.0, 1.0, 9.0, 2.0, 3.0])
    cuts = [cut(True, 2), cut(True, 1), cut(False, 2)]
    assert relevance_loss(logits, cuts).item() == pytest.approx(math.log(2))


def test_answered_is_a_binary_question() -> None:
    assert answered_loss(torch.tensor([0.0, 0.0]), [[(1, 1)], []]).item() == pytest.approx(math.log(2))
    assert answered_loss(torch.tensor([9.0, -9.0]), [[(1, 1)], []]).item() < 0.001


@given(st.lists(st.tuples(st.floats(-8, 8), st.floats(-8, 8)), min_size=1, max_size=45))
def test_the_best_span_is_the_best_of_all_spans(logits: list[tuple[float, float]]) -> None:
    start, end = (np.array(side, np.float32) for side in zip(*logits, strict=True))
    first, last, log_p = best_span(start, end)
    every = [start[i] + end[j] for i in range(len(start)) for j in range(i, min(len(start), i + MAX_ANSWER))]
    assert start[first] + end[last] == pytest.approx(max(every))
    assert 0 <= last - first < MAX_ANSWER
    assert math.exp(log_p) <= 1 + 1e-5


@pytest.mark.parametrize(
    ("text", "part", "whole"), [("the reprinted book", "print", "reprinted"), ("(1,577)", "1,577", "1,577")]
)
def test_a_span_never_ends_inside_a_word(text: str, part: str, whole: str) -> None:
    at = text.index(part)
    start, end = whole_words(text, at, at + len(part))
    assert text[start:end] == whole


def trained(tiny_encoder: Path, folder: Path) -> Reader:
    torch.manual_seed(0)
    tokenizer = PieceTokenizer(tiny_encoder)
    network = ReaderNetwork(tiny_encoder)
    batches = Batches(cut_groups([group(*one) for one in EIGHT], tokenizer), 0, tokens=2_000)
    plan = Plan(250, learning_rate=5e-3, decay=0.5)
    Steps(network, reader_loss(tokenizer, "cpu"), plan, checkpoint=folder / "reader.pt", device="cpu").run(batches)
    return Reader(network, tokenizer, device="cpu")


@pytest.mark.slow
def test_it_overfits_eight_examples_and_reads_the_same_in_any_batch(tiny_encoder: Path, tmp_path: Path) -> None:
    reader = trained(tiny_encoder, tmp_path)
    right = 0
    for question, passage, answer in EIGHT:
        here, elsewhere = reader.read(question, [passage, WRONG])
        right += passage[here.start : here.end] == answer
        assert here.relevance > elsewhere.relevance
        assert here.answered > 0.5 > elsewhere.answered
    assert right >= 7
    question, passage, _ = EIGHT[0]
    alone = reader.read(question, [passage])[0]
    among = reader.read(question, [WRONG * 5, passage, *(text for _, text, _ in EIGHT)])[1]
    assert (among.start, among.end) == (alone.start, alone.end)
    assert among.relevance == pytest.approx(alone.relevance, abs=0.1)  # bf16 rounds otherwise in other shapes
    far = reader.read(question, [f"{'x ' * 400}{passage}"])[0]
    assert f"{'x ' * 400}{passage}"[far.start : far.end]  # read in windows


def test_nothing_to_read_is_no_reading(tiny_encoder: Path) -> None:
    reader = Reader(ReaderNetwork(tiny_encoder), PieceTokenizer(tiny_encoder), device="cpu")
    assert reader.read("who?", []) == []
    empty, words = reader.read("who?", ["", "some words"])
    assert (empty.start, empty.end) == (0, 0)
    assert 0 <= words.start < words.end <= len("some words")
