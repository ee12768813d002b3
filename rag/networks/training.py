"""The training loop that every network here shares: AdamW, a part left out that says when to stop, checkpoints.

In: a torch module, a loss of (network, batch), batches as indices. Out: the module with the weights that did best on
the part left out. Killed at any instant it goes on from its last finished epoch, with the same result.
"""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

Loss = Callable[["torch.nn.Module", "torch.Tensor"], "torch.Tensor"]  # network and indices (B,) to a mean


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained."""

    epochs: int = 40  # at most
    batch: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    patience: int = 6  # epochs without a gain after which it stops
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Epoch:
    """How far training is. `seconds_left` counts all epochs that the recipe allows: stopping early saves some."""

    number: int  # from 1
    of: int
    train_loss: float
    left_out_loss: float
    best: int  # the epoch with the smallest loss on what is left out; 0: none gained anything
    best_loss: float
    seconds_left: float


def train(
    network: torch.nn.Module,
    loss: Loss,
    learnt: torch.Tensor,
    left_out: torch.Tensor,
    recipe: Recipe,
    *,
    checkpoint: Path | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Epoch:
    """Train the network in place; return the last epoch.

    Args:
        loss: mean loss of the examples with these indices.
        learnt: indices (N,) of the examples to learn from; each epoch takes them in a new order.
        left_out: indices (M,) of those that say when to stop.
        checkpoint: file to go on from, written after each epoch. One of another recipe is not used.
    """
    run = _Run(network, loss, recipe, len(learnt))
    if checkpoint is not None and checkpoint.is_file():
        run.go_on(checkpoint)
    epoch = run.epoch(math.nan)
    while run.number < recipe.epochs and run.number - run.best < recipe.patience:
        began = time.monotonic()
        run.number += 1
        train_loss = run.learn(learnt)
        run.judge(left_out)
        run.seconds += time.monotonic() - began
        if checkpoint is not None:
            run.save(checkpoint)
        epoch = run.epoch(train_loss)
        if on_epoch is not None:
            on_epoch(epoch)
    network.load_state_dict(run.best_weights)
    network.eval()
    return epoch


class _Run:
    """A training under way: all that a checkpoint holds."""

    def __init__(self, network: torch.nn.Module, loss: Loss, recipe: Recipe, n_learnt: int) -> None:
        import torch  # noqa: PLC0415  (heavy)

        self._torch = torch
        self._network, self._loss, self._recipe = network, loss, recipe
        self._made_for = asdict(recipe) | {"n_learnt": n_learnt}
        n_steps = max(1, recipe.epochs * math.ceil(n_learnt / recipe.batch))
        self._optimizer = torch.optim.AdamW(
            network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        self._schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self._optimizer, n_steps)
        self.number, self.seconds = 0, 0.0
        self.best, self.best_loss, self.left_out_loss = 0, math.inf, math.inf
        self.best_weights = _copy(network)

    def learn(self, learnt: torch.Tensor) -> float:
        """Take every example once; return the mean loss. What is random depends on seed and epoch alone."""
        self._torch.manual_seed(self._recipe.seed * 100_003 + self.number)
        self._network.train()
        total = 0.0
        for batch in self._torch.split(learnt[self._torch.randperm(len(learnt))], self._recipe.batch):
            self._optimizer.zero_grad()
            value = self._loss(self._network, batch)
            value.backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()
            self._schedule.step()
            total += float(value.detach()) * len(batch)
        return total / max(1, len(learnt))

    def judge(self, left_out: torch.Tensor) -> None:
        """Measure the loss on what is left out, and keep the weights if they are the best so far."""
        self._network.eval()
        with self._torch.no_grad():
            parts = self._torch.split(left_out, self._recipe.batch)
            total = sum(float(self._loss(self._network, part)) * len(part) for part in parts)
        self.left_out_loss = total / max(1, len(left_out))
        if self.left_out_loss < self.best_loss:
            self.best, self.best_loss, self.best_weights = self.number, self.left_out_loss, _copy(self._network)

    def epoch(self, train_loss: float) -> Epoch:
        """Return how far it is."""
        of = self._recipe.epochs
        left = self.seconds / max(1, self.number) * (of - self.number)
        return Epoch(self.number, of, train_loss, self.left_out_loss, self.best, self.best_loss, left)

    def save(self, checkpoint: Path) -> None:
        """Write all that is needed to go on: whole, or not at all."""
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        temporary = checkpoint.with_suffix(".part")
        with temporary.open("wb") as file:
            self._torch.save(
                {
                    "made for": self._made_for,
                    "progress": [self.number, self.seconds, self.best, self.best_loss, self.left_out_loss],
                    "network": self._network.state_dict(),
                    "optimizer": self._optimizer.state_dict(),
                    "schedule": self._schedule.state_dict(),
                    "best": self.best_weights,
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(checkpoint)

    def go_on(self, checkpoint: Path) -> None:
        """Take up what a checkpoint of the same recipe holds."""
        kept: dict[str, Any] = self._torch.load(checkpoint, weights_only=True)
        if kept["made for"] != self._made_for:
            log.info("%s is of another recipe: beginning anew", checkpoint)
            return
        self._network.load_state_dict(kept["network"])
        self._optimizer.load_state_dict(kept["optimizer"])
        self._schedule.load_state_dict(kept["schedule"])
        self.number, self.seconds, self.best, self.best_loss, self.left_out_loss = kept["progress"]
        self.best_weights = kept["best"]
        log.info("going on from epoch %d of %s", self.number, checkpoint)


def _copy(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}
