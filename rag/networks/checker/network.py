"""The checker's network: a claim and its evidence in, the probabilities of the three verdicts out. torch.

    [CLS] claim [SEP] evidence [SEP]  ->  the encoder's transformer  ->  state of [CLS]  ->  supported, contradicted,
                                          (lowest layer as it is)         (384)             unsupported

The weights lie in rag/assets with a card that names data, command, seed and figures: `footnote train checker` writes
both. Source: Devlin et al., BERT, 2018, section 4.1.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from rag.models import checked_device, quickest_precision
from rag.networks.backbone import Pair, Pieces, PieceTokenizer, load_backbone, read_weights
from rag.types import Floats

NAME = "checker"  # of its files
N_FROZEN = 1  # layers that stay the encoder's own and are not stored
N_VERDICTS = 3  # supported, contradicted, unsupported
MAX_CLAIM, MAX_PIECES = 96, 256  # word pieces of a claim, and of a claim with its evidence
_BATCH = 32


class CheckerNetwork(nn.Module):
    """The encoder's transformer with one linear head on the state of [CLS]."""

    def __init__(self, folder: Path, *, seed: int = 0) -> None:
        super().__init__()
        self.backbone = load_backbone(folder, n_frozen=N_FROZEN)
        torch.manual_seed(seed)
        self.verdict = nn.Linear(self.backbone.config.hidden_size, N_VERDICTS)
        nn.init.normal_(self.verdict.weight, std=0.02)
        nn.init.zeros_(self.verdict.bias)

    def forward(self, ids: torch.Tensor, segments: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return logits (B, 3); ids, segments and mask (1: a token) have the shape (B, L)."""
        states = self.backbone(input_ids=ids, token_type_ids=segments, attention_mask=mask).last_hidden_state
        logits: torch.Tensor = self.verdict(states[:, 0]).float()
        return logits


def encode(pairs: Sequence[tuple[str, str]], tokenizer: PieceTokenizer) -> list[Pair]:
    """Return (claim, evidence) pairs as word pieces; what is too long is cut at its end."""
    claims = tokenizer.cut([claim for claim, _ in pairs])
    evidence = tokenizer.cut([text for _, text in pairs])
    return [tokenizer.pair(*_cut(claim, text)) for claim, text in zip(claims, evidence, strict=True)]


def _cut(claim: Pieces, evidence: Pieces) -> tuple[Pieces, Pieces]:
    claim = claim.part(0, MAX_CLAIM)
    return claim, evidence.part(0, MAX_PIECES - 3 - len(claim))


def logits_of(network: CheckerNetwork, encoded: Sequence[Pair], tokenizer: PieceTokenizer, device: str) -> Floats:
    """Return the logits of encoded pairs, shape (n, 3), in their order; pairs of like length share a batch."""
    found = np.zeros((len(encoded), N_VERDICTS), np.float32)
    longest_first = sorted(range(len(encoded)), key=lambda i: -len(encoded[i].ids))
    with torch.inference_mode():
        for first in range(0, len(encoded), _BATCH):
            batch = longest_first[first : first + _BATCH]
            ids, segments, mask = (part.to(device) for part in tokenizer.padded([encoded[i] for i in batch]))
            found[batch] = network(ids, segments, mask).cpu().numpy()
    return found


def softmax(logits: Floats, temperature: float) -> Floats:
    """Return probabilities, shape (n, 3): the higher the temperature the less sure."""
    scaled = logits / np.float32(temperature)
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    probabilities: Floats = raised / raised.sum(axis=1, keepdims=True)
    return probabilities


class Checker:
    """The network, ready to be asked by several threads. Its card holds temperature and thresholds."""

    def __init__(
        self, network: CheckerNetwork, tokenizer: PieceTokenizer, card: dict[str, Any], *, device: str = "cpu"
    ) -> None:
        self._network = network.to(device, getattr(torch, quickest_precision(device))).eval()
        self._tokenizer, self._device = tokenizer, device
        self.card = card
        self._mutex = threading.Lock()  # tokenizers are not made for several threads at once

    @classmethod
    def load(cls, encoder_folder: Path, folder: Traversable | None = None, *, device: str = "auto") -> Checker:
        """Return the checker in `folder`, by default the one that is shipped.

        Args:
            encoder_folder: the built-in encoder, whose embeddings and lowest layer it shares.
            device: auto, cpu, cuda, cuda:N or mps. bf16 on CPUs that have it, fp16 on a GPU.

        Raises:
            ModelMissing: a file is missing, or is not the one that its card names.
            InputError: this machine has no such device.
        """
        network = CheckerNetwork(encoder_folder)
        card = read_weights(resources.files("rag").joinpath("assets") if folder is None else folder, NAME, network)
        return cls(network, PieceTokenizer(encoder_folder), card, device=checked_device(device))

    @property
    def thresholds(self) -> tuple[float, float]:
        """Return the least probabilities from which a claim is called supported, and contradicted."""
        told = self.card["thresholds"]
        return float(told["supported"]), float(told["contradicted"])

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Return calibrated probabilities of (claim, evidence) pairs, shape (n, 3).

        In the order supported, contradicted, unsupported. Evidence is a sentence, or a few.
        """
        if not pairs:
            return np.zeros((0, N_VERDICTS), np.float32)
        with self._mutex:
            logits = logits_of(self._network, encode(pairs, self._tokenizer), self._tokenizer, self._device)
        return softmax(logits, float(self.card["temperature"]))
