"""The checker's network: it learns, it is stored whole, and a pair's probabilities are its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rag.errors import ModelMissing
from rag.networks.backbone import PieceTokenizer, own_weights, write_weights
from rag.networks.checker import measure
from rag.networks.checker.network import MAX_PIECES, NAME, Checker, CheckerNetwork, encode, logits_of
from rag.networks.checker.pairs import Pair
from rag.networks.checker.train import Batch, loss
from rag.networks.steps import Plan, Steps

CARD = {"temperature": 1.5, "thresholds": {"supported": 0.6, "contradicted": 0.7}}
PAIRS = [
    Pair("the king was old", "the king was old and tired", "supported", "squad", "a"),
    Pair("the king was young", "the king was old and tired", "contradicted", "squad", "a"),
    Pair("the queen liked tea", "the king was old and tired", "unsupported", "squad", "a"),
    Pair("it rained in 1990", "in 1990 it rained", "supported", "squad", "a"),
    Pair("it rained in 1991", "in 1990 it rained", "contradicted", "squad", "a"),
    Pair("snow fell in oslo", "in 1990 it rained", "unsupported", "squad", "a"),
    Pair("rome is big", "rome is a big city", "supported", "squad", "a"),
    Pair("oslo is small", "rome is a big city", "not supported", "squad", "a"),
]


def texts(pairs: list[Pair]) -> list[tuple[str, str]]:
    return [(pair.claim, pair.evidence) for pair in pairs]


def test_it_overfits_eight_pairs(tiny_encoder: Path, tmp_path: Path) -> None:
    network, tokenizer = CheckerNetwork(tiny_encoder), PieceTokenizer(tiny_encoder)
    ids, segments, mask = tokenizer.padded(encode(texts(PAIRS), tokenizer))
    batch = ids, segments, mask, torch.from_numpy(measure.targets(PAIRS))
    steps: Steps[Batch] = Steps(
        network, loss, Plan(150, learning_rate=3e-3), checkpoint=tmp_path / "c.pt", device="cpu"
    )
    steps.run(lambda _: batch)
    assert loss(network, batch).item() < 0.1
    found = logits_of(network, encode(texts(PAIRS), tokenizer), tokenizer, "cpu")
    told = measure.most_likely(found)
    assert told[:7] == [pair.label for pair in PAIRS[:7]]
    assert told[7] != "supported"


def test_not_supported_is_wanted_as_either_of_the_other_two() -> None:
    logits = torch.tensor([[0.0, 2.0, 1.0]])
    network = torch.nn.Module()
    network.forward = lambda *_: logits  # type: ignore[method-assign]
    nothing = torch.zeros(1, 1, dtype=torch.int64)
    p = torch.softmax(logits, -1)[0]
    for number, wanted in ((3, 1 - p[0]), (0, p[0]), (1, p[1])):
        found = loss(network, (nothing, nothing, nothing, torch.tensor([number]))).item()
        assert found == pytest.approx(-torch.log(wanted).item(), rel=1e-4)


def test_what_is_stored_says_the_same_again(tiny_encoder: Path, tmp_path: Path) -> None:
    network = CheckerNetwork(tiny_encoder, seed=3)
    with torch.no_grad():
        network.verdict.weight.normal_(std=0.5)
    write_weights(tmp_path, NAME, own_weights(network), CARD)
    before = Checker(network, PieceTokenizer(tiny_encoder), CARD).probabilities(texts(PAIRS))
    checker = Checker.load(tiny_encoder, tmp_path, device="cpu")
    after = checker.probabilities(texts(PAIRS))
    assert after.shape == (8, 3)
    assert np.abs(before - after).max() < 0.02
    assert after.std(axis=0).max() > 0.001
    assert checker.thresholds == (0.6, 0.7)


def test_the_lowest_layer_is_the_encoders_own(tiny_encoder: Path) -> None:
    names = own_weights(CheckerNetwork(tiny_encoder))
    assert not any("embeddings" in name or "layer.0." in name for name in names)
    assert any("layer.1." in name for name in names)
    assert "verdict.weight" in names


def test_changed_weights_are_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    write_weights(tmp_path, NAME, own_weights(CheckerNetwork(tiny_encoder)), CARD)
    file = tmp_path / f"{NAME}.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(ModelMissing, match="is not the file that its card names"):
        Checker.load(tiny_encoder, tmp_path)


def test_probabilities_sum_to_one_and_do_not_depend_on_the_batch(tiny_encoder: Path) -> None:
    checker = Checker(CheckerNetwork(tiny_encoder, seed=5), PieceTokenizer(tiny_encoder), CARD)
    pairs = [*texts(PAIRS), ("x", "y " * 300), ("long claim " * 80, "z"), ("", ""), ("a", "")] * 4
    together = checker.probabilities(pairs)
    assert np.allclose(together.sum(axis=1), 1, atol=1e-5)
    alone = np.vstack([checker.probabilities([pair]) for pair in pairs[:12]])
    assert np.abs(together[:12] - alone).max() < 0.02
    assert np.abs(together[:12] - together[12:24]).max() < 0.02


def test_nothing_to_judge_is_no_verdict(tiny_encoder: Path) -> None:
    checker = Checker(CheckerNetwork(tiny_encoder), PieceTokenizer(tiny_encoder), CARD)
    assert checker.probabilities([]).shape == (0, 3)


def test_too_long_pairs_keep_their_claim_and_lose_the_end_of_the_evidence(tiny_encoder: Path) -> None:
    (pair,) = encode([("abc", "x " * 400)], PieceTokenizer(tiny_encoder))
    assert len(pair.ids) == MAX_PIECES
    assert pair.start == 5
