"""LoRA: beside every linear layer of a frozen model two thin matrices that learn, W x + s B A x.

What is written is in the format of the library peft, so that other programs can load it; peft itself is not needed,
which is well, for sentence_transformers would import it at every start where it is installed (2.7 CPU-s with 0.21).
Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, 2021.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from rag.answer.adapter import PREFIX, Plan

__all__ = ["LoraLinear", "add_lora", "learnt"]


class LoraLinear(nn.Module):
    """A linear layer that stays as it is, and what is learnt beside it."""

    def __init__(self, base: nn.Linear, plan: Plan) -> None:
        super().__init__()
        self.base, self.scale = base, plan.scale
        on = base.weight.device
        self.lora_A = nn.Parameter(torch.empty(plan.rank, base.in_features, device=on))
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, plan.rank, device=on))  # at first it changes nothing
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return W x + s B A x for x of shape (..., in)."""
        thin = functional.linear(
            x.to(self.lora_A.dtype) if not torch.is_autocast_enabled(x.device.type) else x, self.lora_A
        )
        said: torch.Tensor = self.base(x)
        return said + (functional.linear(thin, self.lora_B) * self.scale).to(said.dtype)


def add_lora(model: Any, plan: Plan, *, seed: int) -> list[str]:
    """Freeze a model and put LoRA beside the linear layers of its blocks; return their names.

    The first `plan.n_frozen` blocks get none: the way back ends there, which makes training cheaper.
    """
    torch.manual_seed(seed)
    model.requires_grad_(False)
    head = model.get_output_embeddings()
    found = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and module is not head and _block(name) >= plan.n_frozen
    ]
    for name in found:
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoraLinear(model.get_submodule(name), plan))
    return found


def learnt(model: Any) -> dict[str, torch.Tensor]:
    """Return what was learnt, by the names that peft gives it, in bf16 on the CPU."""
    return {
        f"{PREFIX}{name}.weight": value.detach().to("cpu", torch.bfloat16).contiguous()
        for name, value in model.named_parameters()
        if value.requires_grad
    }


def _block(name: str) -> int:
    """Return the number of the block that a layer is in; -1: in none, so that it is never adapted."""
    return next((int(part) for part in name.split(".") if part.isdecimal()), -1)
