"""The built-in encoder's transformer as the body of small networks: its embeddings are shared, the rest is their own.

In: the encoder's folder, ids of pairs of texts. Out: a state for every token. What a network stores is its upper
layers in bf16: embeddings (and layers that stay frozen) are read from the encoder's folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelMissing

if TYPE_CHECKING:
    import torch
    from transformers import BertModel

CLS, SEP, PAD = "[CLS]", "[SEP]", "[PAD]"


def load_backbone(folder: Path, *, n_frozen: int = 0) -> BertModel:
    """Return the encoder's transformer in float32 without dropout; its embeddings and first layers do not learn.

    Args:
        n_frozen: layers, from the bottom, that stay as they are.

    Raises:
        ModelMissing: the folder holds no such model.
    """
    import transformers  # noqa: PLC0415  (heavy)

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    try:
        model = transformers.BertModel.from_pretrained(
            folder,
            local_files_only=True,
            add_pooling_layer=False,
            attn_implementation="sdpa",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
    except (OSError, ValueError) as exc:
        raise ModelMissing(f"{folder} holds no encoder ({exc}). Fetch it with: footnote models fetch") from exc
    for frozen in (model.embeddings, *model.encoder.layer[:n_frozen]):
        frozen.requires_grad_(False)
    return model


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text cut into word pieces: their ids, and the characters, start and end, that each stands for."""

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def part(self, first: int, end: int) -> Pieces:
        """Return pieces `first` to `end`."""
        return Pieces(self.ids[first:end], self.offsets[first:end])


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two texts as the network sees them: ids (L,), and the token that the second begins with."""

    ids: NDArray[np.int32]
    start: int


class PieceTokenizer:
    """The encoder's word pieces.

    Raises:
        ModelMissing: the folder holds no tokenizer.
    """

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415  (heavy)

        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as exc:  # tokenizers raises no kinder class
            raise ModelMissing(f"{folder} holds no tokenizer ({exc}). Fetch it with: footnote models fetch") from exc
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.cls, self.sep, self.pad = (self._tokenizer.token_to_id(token) for token in (CLS, SEP, PAD))

    def cut(self, texts: Sequence[str]) -> list[Pieces]:
        """Return the pieces of each text, without special tokens."""
        found = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [Pieces(tuple(one.ids), tuple(one.offsets)) for one in found]

    def pair(self, first: Pieces, second: Pieces) -> Pair:
        """Return [CLS] first [SEP] second [SEP]."""
        ids = [self.cls, *first.ids, self.sep, *second.ids, self.sep]
        return Pair(np.array(ids, np.int32), len(first) + 2)

    def padded(self, pairs: Sequence[Pair]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return ids, segments and mask of pairs, each of shape (B, L)."""
        import torch  # noqa: PLC0415  (heavy)

        length = max(len(pair.ids) for pair in pairs)
        ids = np.full((len(pairs), length), self.pad, np.int64)
        segments = np.zeros((len(pairs), length), np.int64)
        mask = np.zeros((len(pairs), length), np.int64)
        for row, pair in enumerate(pairs):
            ids[row, : len(pair.ids)] = pair.ids
            segments[row, pair.start : len(pair.ids)] = 1
            mask[row, : len(pair.ids)] = 1
        return torch.from_numpy(ids), torch.from_numpy(segments), torch.from_numpy(mask)


def own_weights(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return what a network has learnt itself, in bf16 on the CPU: all but what is shared with the encoder."""
    import torch  # noqa: PLC0415  (heavy)

    return {
        name: value.detach().to("cpu", torch.bfloat16).contiguous()
        for name, value in network.named_parameters()
        if value.requires_grad
    }


def write_weights(folder: Path, name: str, weights: Mapping[str, torch.Tensor], card: dict[str, Any]) -> None:
    """Write `name`.safetensors and, last, its card `name`.json with the digest of the weights (see `own_weights`)."""
    from safetensors.torch import save  # noqa: PLC0415  (heavy)

    content = save(dict(weights))
    card = card | {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    folder.mkdir(parents=True, exist_ok=True)
    told = (json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode()
    for file, data in ((f"{name}.safetensors", content), (f"{name}.json", told)):
        temporary = folder / f"{file}.part"
        with temporary.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(folder / file)


def read_card(folder: Traversable, name: str) -> dict[str, Any]:
    """Return the card of a network.

    Raises:
        ModelMissing: there is none.
    """
    try:
        card: dict[str, Any] = json.loads(folder.joinpath(f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ModelMissing(f"{name}.json in {folder} cannot be read ({exc}). {_again(name)}") from exc
    return card


def read_weights(folder: Traversable, name: str, network: torch.nn.Module) -> dict[str, Any]:
    """Put the weights in `folder` into a network that shares the encoder's embeddings; return their card.

    Raises:
        ModelMissing: a file is missing, is not the one that its card names, or belongs to another network.
    """
    from safetensors import SafetensorError  # noqa: PLC0415  (heavy)
    from safetensors.torch import load  # noqa: PLC0415

    card = read_card(folder, name)
    try:
        content = folder.joinpath(f"{name}.safetensors").read_bytes()
        if hashlib.sha256(content).hexdigest() != card.get("sha256"):
            raise ModelMissing(f"{name}.safetensors in {folder} is not the file that its card names. {_again(name)}")
        weights: Mapping[str, torch.Tensor] = load(content)
    except (OSError, SafetensorError) as exc:
        raise ModelMissing(f"{name}.safetensors in {folder} cannot be read ({exc}). {_again(name)}") from exc
    own = {key for key, value in network.named_parameters() if value.requires_grad}
    if own != set(weights):
        raise ModelMissing(
            f"{name}.safetensors in {folder} is of another network than this version has. {_again(name)}"
        )
    try:
        network.load_state_dict(weights, strict=False)
    except RuntimeError as exc:
        raise ModelMissing(f"{name}.safetensors in {folder} does not fit ({exc}). {_again(name)}") from exc
    return card


def _again(name: str) -> str:
    return f"Install Footnote again, or train it: footnote train {name} --data FOLDER"
