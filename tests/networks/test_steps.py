"""Training by steps: its rates, and that an interruption changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

from rag.networks.steps import Plan, Steps


def new_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(3, 1)


def loss(network: nn.Module, batch: torch.Tensor) -> torch.Tensor:
    return functional.mse_loss(network(batch), batch.sum(dim=1, keepdim=True))


def batch(step: int) -> torch.Tensor:
    return torch.randn(8, 3, generator=torch.Generator().manual_seed(step))


def steps(checkpoint: Path, plan: Plan) -> tuple[nn.Module, Steps[torch.Tensor]]:
    network = new_network()
    return network, Steps(network, loss, plan, checkpoint=checkpoint, device="cpu")


def test_the_rate_warms_up_stays_and_falls_to_nothing() -> None:
    plan = Plan(100, warm_up=0.1, decay=0.2)
    assert [round(plan.rate(step), 3) for step in (0, 4, 9, 50, 80, 90, 99)] == [0.1, 0.5, 1, 1, 1, 0.5, 0.05]


def test_it_learns_and_tells_how_far_it_is(tmp_path: Path) -> None:
    network, run = steps(tmp_path / "run.pt", Plan(300, learning_rate=0.05))
    told: list[int] = []
    last = run.run(batch, on_step=lambda step: told.append(step.number))
    assert told == list(range(1, 301))
    assert (last.number, last.of, last.seconds_left) == (300, 300, 0)
    assert loss(network, batch(1000)) < 0.05
    assert run.curve[0][1] > 5 * run.curve[-1][1]


def test_one_that_was_stopped_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    plan = Plan(40, learning_rate=0.02)
    whole, run = steps(tmp_path / "whole.pt", plan)
    run.run(batch)
    _, run = steps(tmp_path / "stopped.pt", plan)
    run.run(batch, until=17)
    again, run = steps(tmp_path / "stopped.pt", plan)
    assert run.number == 17
    run.run(batch)
    for one, other in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_checkpoint_is_whole_or_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = steps(tmp_path / "run.pt", Plan(10))
    run.run(batch, until=5)
    kept = (tmp_path / "run.pt").read_bytes()

    def breaks(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("rag.networks.steps.os.fsync", breaks)
    with pytest.raises(OSError, match="full"):
        run.run(batch)
    assert (tmp_path / "run.pt").read_bytes() == kept
