"""Training by steps, for networks whose epochs take hours: a plan of learning rates, checkpoints, and going on.

In: a network, a loss of (network, batch), batches by their number. Out: the network, trained. The rate warms up,
stays, and falls to nothing over the last part, so that a run can be made longer until that part begins.
Source: Hu et al., MiniCPM (warm-up, stable, decay), 2024.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rag.models import cpu_has_bf16

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

B = TypeVar("B")
NextBatch = Callable[[int], B]  # number of the step, from 0, to its batch: the same number, the same batch
StepLoss = Callable[["torch.nn.Module", B], "torch.Tensor"]

_KEEP_EVERY_S = 180.0
_SMOOTH = 0.98
_MAX_NORM = 1.0
_POINTS = 50  # of the curve


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast a network learns."""

    n_steps: int
    learning_rate: float = 2e-4
    warm_up: float = 0.03  # share of the steps
    decay: float = 0.3  # share of the steps, the last ones
    weight_decay: float = 0.01
    seed: int = 0

    def rate(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0, as a share of the highest."""
        warm_up, decay = self.warm_up * self.n_steps, self.decay * self.n_steps
        return max(0.0, min(1.0, (step + 1) / max(1.0, warm_up), (self.n_steps - step) / max(1.0, decay)))


@dataclass(frozen=True, slots=True)
class Step:
    """How far training is."""

    number: int  # steps done
    of: int
    loss: float  # mean of the last ones
    rate: float
    seconds: float  # of training in all
    seconds_left: float


class Steps(Generic[B]):
    """A training under way.

    Args:
        checkpoint: file to go on from, written every few minutes and at the end.
        device: where the network is.
    """

    def __init__(
        self, network: torch.nn.Module, loss: StepLoss[B], plan: Plan, *, checkpoint: Path, device: str
    ) -> None:
        import torch  # noqa: PLC0415  (heavy)

        self._torch, self._network, self._loss, self._plan = torch, network, loss, plan
        self._checkpoint, self._device = checkpoint, device
        learnt = [value for value in network.parameters() if value.requires_grad]
        no_decay = [value for value in learnt if value.ndim < 2]
        decay = [value for value in learnt if value.ndim >= 2]
        self._learnt = learnt
        self._optimizer = torch.optim.AdamW(
            [{"params": decay, "weight_decay": plan.weight_decay}, {"params": no_decay, "weight_decay": 0.0}],
            lr=plan.learning_rate,
            fused=True,
        )
        self.number, self.seconds, self._mean = 0, 0.0, 0.0
        self.curve: list[tuple[int, float]] = []  # number of the step, mean loss then
        if checkpoint.is_file():
            self._go_on()

    def run(
        self, batch: NextBatch[B], *, on_step: Callable[[Step], None] | None = None, until: int | None = None
    ) -> Step:
        """Train up to step `until`, by default to the end of the plan; return how far it is."""
        self._network.train()
        kept = time.monotonic()
        while self.number < (self._plan.n_steps if until is None else until):
            began = time.monotonic()
            self._take(batch(self.number))
            self.seconds += time.monotonic() - began
            if on_step is not None:
                on_step(self.step())
            if time.monotonic() - kept > _KEEP_EVERY_S:
                self.keep()
                kept = time.monotonic()
        self.keep()
        self._network.eval()
        return self.step()

    def step(self) -> Step:
        """Return how far it is."""
        weight = 1 - _SMOOTH**self.number
        left = self.seconds / max(1, self.number) * (self._plan.n_steps - self.number)
        rate = self._plan.rate(self.number) * self._plan.learning_rate
        return Step(self.number, self._plan.n_steps, self._mean / (weight or 1.0), rate, self.seconds, left)

    def keep(self) -> None:
        """Write all that is needed to go on: whole, or not at all."""
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._checkpoint.with_suffix(".part")
        with temporary.open("wb") as file:
            self._torch.save(
                {
                    "plan": asdict(self._plan),
                    "progress": [self.number, self.seconds, self._mean],
                    "curve": self.curve,
                    "network": {n: v for n, v in self._network.named_parameters() if v.requires_grad},
                    "optimizer": self._optimizer.state_dict(),
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._checkpoint)

    def _take(self, batch: B) -> None:
        rate = self._plan.rate(self.number) * self._plan.learning_rate
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        with autocast(self._device):
            value = self._loss(self._network, batch)
        value.backward()  # type: ignore[no-untyped-call]
        self._torch.nn.utils.clip_grad_norm_(self._learnt, _MAX_NORM)
        self._optimizer.step()
        self.number += 1
        self._mean = _SMOOTH * self._mean + (1 - _SMOOTH) * float(value.detach())
        if self.number % max(1, self._plan.n_steps // _POINTS) == 0:
            self.curve.append((self.number, round(self.step().loss, 4)))

    def _go_on(self) -> None:
        kept: dict[str, Any] = self._torch.load(self._checkpoint, weights_only=True, map_location=self._device)
        self._network.load_state_dict(kept["network"], strict=False)
        self._optimizer.load_state_dict(kept["optimizer"])
        self.number, self.seconds, self._mean = kept["progress"]
        self.curve = kept.get("curve", [])
        log.info("going on from step %d of %s", self.number, self._checkpoint)


def autocast(device: str) -> AbstractContextManager[Any]:
    """Return bf16 where it is quicker: on GPUs, and on CPUs that multiply it themselves."""
    import torch  # noqa: PLC0415  (heavy)

    kind = device.partition(":")[0]
    return torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda" or (kind == "cpu" and cpu_has_bf16()))


def use_threads(n_threads: int) -> None:
    """Let torch use so many threads, in the whole process."""
    import torch  # noqa: PLC0415  (heavy)

    torch.set_num_threads(n_threads)
