"""The training loop: it learns, stops in time, goes on after an interruption, and is the same by seed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

from rag.networks.training import Epoch, Loss, Recipe, train


def overfit_data() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(8, 6, generator=generator), torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])


def new_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3))


def loss_of(x: torch.Tensor, y: torch.Tensor) -> Loss:
    return lambda network, batch: functional.cross_entropy(network(x[batch]), y[batch])


def test_it_overfits_eight_examples() -> None:
    x, y = overfit_data()
    network = new_network()
    every = torch.arange(8)
    train(network, loss_of(x, y), every, every, Recipe(epochs=200, batch=4, learning_rate=0.02, patience=200))
    assert (network(x).argmax(dim=1) == y).all()


def test_it_stops_when_what_is_left_out_gains_no_more_and_keeps_the_best_weights() -> None:
    x, y = overfit_data()
    wrong = (y + 1) % 3  # learning the first four makes these worse

    def loss(network: nn.Module, batch: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(network(x[batch % 8]), torch.cat([y, wrong])[batch])

    network, held_back = new_network(), torch.arange(8, 16)
    last = train(network, loss, torch.arange(8), held_back, Recipe(epochs=100, learning_rate=0.05, patience=3))
    assert last.number == last.best + 3 < 100
    assert last.left_out_loss > last.best_loss
    assert float(loss(network, held_back).detach()) == pytest.approx(last.best_loss, abs=1e-6)


def test_killed_in_the_middle_it_ends_with_the_same_weights(tmp_path: Path) -> None:
    x, y = overfit_data()
    every, recipe = torch.arange(8), Recipe(epochs=12, batch=4, patience=99)

    class Killed(Exception):
        pass

    def kill(epoch: Epoch) -> None:
        if epoch.number == 5:
            raise Killed

    whole, broken = new_network(), new_network()
    train(whole, loss_of(x, y), every, every, recipe)
    with pytest.raises(Killed):
        train(broken, loss_of(x, y), every, every, recipe, checkpoint=tmp_path / "c.pt", on_epoch=kill)
    again, seen = new_network(), []
    train(
        again,
        loss_of(x, y),
        every,
        every,
        recipe,
        checkpoint=tmp_path / "c.pt",
        on_epoch=lambda e: seen.append(e.number),
    )
    assert seen == list(range(6, 13))
    for one, other in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_checkpoint_of_another_recipe_is_not_used(tmp_path: Path) -> None:
    x, y = overfit_data()
    every, seen = torch.arange(8), []
    train(new_network(), loss_of(x, y), every, every, Recipe(epochs=2, seed=1), checkpoint=tmp_path / "c.pt")
    train(
        new_network(),
        loss_of(x, y),
        every,
        every,
        Recipe(epochs=2, seed=2),
        checkpoint=tmp_path / "c.pt",
        on_epoch=lambda e: seen.append(e.number),
    )
    assert seen == [1, 2]
