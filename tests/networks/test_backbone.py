"""The shared transformer: what a network stores of it, and that nothing else is taken for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from rag.errors import ModelMissing
from rag.networks.backbone import PieceTokenizer, load_backbone, own_weights, read_weights, write_weights
from rag.networks.reader.network import ReaderNetwork


def test_only_what_it_has_learnt_itself_is_stored(tiny_encoder: Path, tmp_path: Path) -> None:
    network = ReaderNetwork(tiny_encoder, n_frozen=1)
    write_weights(tmp_path, "reader", own_weights(network), {"what": "a test"})
    stored = load_file(tmp_path / "reader.safetensors")
    assert not any("embeddings" in name or "layer.0." in name for name in stored)
    assert any("layer.1." in name for name in stored)
    assert all(value.dtype == torch.bfloat16 for value in stored.values())


def test_what_was_written_is_read_again(tiny_encoder: Path, tmp_path: Path) -> None:
    network, other = ReaderNetwork(tiny_encoder, seed=1), ReaderNetwork(tiny_encoder, seed=2)
    assert not torch.equal(network.span.weight, other.span.weight)
    write_weights(tmp_path, "reader", own_weights(network), {"what": "a test"})
    card = read_weights(tmp_path, "reader", other)
    assert card["what"] == "a test"
    assert torch.equal(network.span.weight.to(torch.bfloat16).float(), other.span.weight)


def test_changed_weights_are_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    network = ReaderNetwork(tiny_encoder)
    write_weights(tmp_path, "reader", own_weights(network), {})
    path = tmp_path / "reader.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelMissing, match="not the file that its card names"):
        read_weights(tmp_path, "reader", network)


def test_weights_of_another_network_are_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    write_weights(tmp_path, "reader", own_weights(ReaderNetwork(tiny_encoder, n_frozen=1)), {})
    with pytest.raises(ModelMissing, match="another network"):
        read_weights(tmp_path, "reader", ReaderNetwork(tiny_encoder))


def test_missing_files_name_the_command_that_makes_them(tiny_encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="footnote train reader"):
        read_weights(tmp_path, "reader", ReaderNetwork(tiny_encoder))
    (tmp_path / "reader.json").write_text(json.dumps({"sha256": "0"}))
    with pytest.raises(ModelMissing, match=r"reader\.safetensors"):
        read_weights(tmp_path, "reader", ReaderNetwork(tiny_encoder))
    with pytest.raises(ModelMissing, match="footnote models fetch"):
        load_backbone(tmp_path)
    with pytest.raises(ModelMissing, match="footnote models fetch"):
        PieceTokenizer(tmp_path)


def test_a_pair_is_padded_with_its_segments_and_mask(tiny_encoder: Path) -> None:
    tokenizer = PieceTokenizer(tiny_encoder)
    one, two, three = tokenizer.cut(["ab", "cde", "f"])
    pairs = [tokenizer.pair(one, two), tokenizer.pair(one, three)]
    ids, segments, mask = tokenizer.padded(pairs)
    assert ids.shape == (2, 8)
    assert segments.tolist() == [[0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1, 0, 0]]
    assert mask.tolist() == [[1] * 8, [1] * 6 + [0, 0]]
    assert ids[1, 6:].tolist() == [tokenizer.pad] * 2
    assert ids[0, pairs[0].start].item() == two.ids[0]


def test_embeddings_do_not_learn(tiny_encoder: Path) -> None:
    network = load_backbone(tiny_encoder)
    network(input_ids=torch.tensor([[2, 5, 3]])).last_hidden_state.sum().backward()
    assert all(value.grad is None for value in network.embeddings.parameters())
    assert all(value.grad is not None for value in network.encoder.layer[0].parameters())
