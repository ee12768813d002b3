"""Lessons to batches of tokens, and the loss of a batch: of the reply's tokens alone.

Rows are padded on the left, so that the replies of a batch end together: only the last positions need the model's
output layer, which for a small model with a large vocabulary is a fifth of the work.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from rag.answer.llm import LocalModel
from rag.networks.llm.examples import Lesson

_BUCKET = 12  # batches among which lessons of like length are put together
# Silence is one phrase and answers are many: a model that is in doubt would find it the likeliest each time.
_OF_SILENCE = 0.35  # weight of a lesson
_NONE = -100  # a place without a token to learn


@dataclass(frozen=True, slots=True)
class Cut:
    """A lesson in tokens, and how much it counts."""

    prompt: tuple[int, ...]
    reply: tuple[int, ...]
    weight: float = 1.0

    def __len__(self) -> int:
        """Return how many tokens it has."""
        return len(self.prompt) + len(self.reply)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows of tokens (B, L), which of them are there (B, L), the replies at their ends (B, R), and weights (B, 1).

    Where a reply has no token, -100 stands.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    wanted: torch.Tensor
    weights: torch.Tensor


def cut(model: LocalModel, lessons: Sequence[Lesson]) -> list[Cut]:
    """Return the lessons in tokens; those that the model cannot hold are left out."""
    found = [
        Cut(
            tuple(model.prompt(one.turns)),
            tuple(model.reply(one.turns, one.reply)),
            _OF_SILENCE if one.kind == "abstain" else 1.0,
        )
        for one in lessons
    ]
    return [one for one in found if len(one) <= model.n_context]


def in_batches(cuts: Sequence[Cut], *, size: int, passes: float, seed: int) -> list[list[Cut]]:
    """Return the batch of every step: each lesson once a pass, those of like length together, in an order by seed."""
    rng = random.Random(seed)
    n_steps = max(1, round(passes * len(cuts) / size))
    batches: list[list[Cut]] = []
    while len(batches) < n_steps:
        order = list(cuts)
        rng.shuffle(order)
        of_pass: list[list[Cut]] = []
        for first in range(0, len(order), size * _BUCKET):
            near = sorted(order[first : first + size * _BUCKET], key=len)
            of_pass += [near[i : i + size] for i in range(0, len(near), size)]
        rng.shuffle(of_pass)
        batches += of_pass
    return batches[:n_steps]


def padded(cuts: Sequence[Cut], device: str) -> Batch:
    """Return a batch, padded on the left."""
    length, reply = max(map(len, cuts)), max(len(one.reply) for one in cuts)
    ids = torch.zeros((len(cuts), length), dtype=torch.long)
    mask = torch.zeros_like(ids)
    wanted = torch.full((len(cuts), reply), _NONE, dtype=torch.long)
    for row, one in enumerate(cuts):
        ids[row, length - len(one) :] = torch.tensor([*one.prompt, *one.reply])
        mask[row, length - len(one) :] = 1
        wanted[row, reply - len(one.reply) :] = torch.tensor(one.reply)
    weights = torch.tensor([[one.weight] for one in cuts])
    return Batch(ids.to(device), mask.to(device), wanted.to(device), weights.to(device))


def reply_loss(network: Any, batch: Batch) -> torch.Tensor:
    """Return the mean of -log p of the replies' tokens, each by the weight of its lesson."""
    n = batch.wanted.shape[1] + 1  # each token is foretold at the place before it
    last_only = {"logits_to_keep": n} if "logits_to_keep" in inspect.signature(network.forward).parameters else {}
    out = network(
        input_ids=batch.ids,
        attention_mask=batch.mask,
        position_ids=(batch.mask.cumsum(1) - 1).clamp(min=0),
        use_cache=False,
        **last_only,
    )
    logits = out.logits[:, -n:-1].float()  # (B, R, vocabulary)
    loss = functional.cross_entropy(logits.transpose(1, 2), batch.wanted, ignore_index=_NONE, reduction="none")
    weight = (batch.wanted != _NONE) * batch.weights
    weighted: torch.Tensor = (loss * weight).sum() / weight.sum()
    return weighted
