"""The reader's network: a pair of question and passage in, what its three heads say out. torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from rag.networks.backbone import load_backbone


@dataclass(frozen=True, slots=True)
class Heads:
    """What the heads say of a batch of B pairs of at most L tokens; logits all."""

    start: torch.Tensor  # (B, L)
    end: torch.Tensor  # (B, L)
    relevance: torch.Tensor  # (B,): to be compared among the passages of one question
    answered: torch.Tensor  # (B,): does this passage answer at all?


class ReaderNetwork(nn.Module):
    """The encoder's transformer with three linear heads: span on every token, relevance and answered on [CLS].

    Source: Karpukhin et al., Dense Passage Retrieval, 2020, section 6.1; Devlin et al., BERT, 2018, section 4.3.
    """

    def __init__(self, folder: Path, *, n_frozen: int = 0, seed: int = 0) -> None:
        super().__init__()
        self.backbone = load_backbone(folder, n_frozen=n_frozen)
        n = self.backbone.config.hidden_size
        torch.manual_seed(seed)
        self.span = nn.Linear(n, 2)
        self.relevance = nn.Linear(n, 1)
        self.answered = nn.Linear(n, 1)
        for head in (self.span, self.relevance, self.answered):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(self, ids: torch.Tensor, segments: torch.Tensor, mask: torch.Tensor) -> Heads:
        """Return what the heads say; ids, segments and mask (1: a token) have the shape (B, L)."""
        states = self.backbone(input_ids=ids, token_type_ids=segments, attention_mask=mask).last_hidden_state
        start, end = self.span(states).float().unbind(-1)
        first = states[:, 0]
        return Heads(start, end, self.relevance(first).float().squeeze(-1), self.answered(first).float().squeeze(-1))
