"""An adapter: what a model has learnt beside its own weights (LoRA), put into them when it is loaded.

In: a folder in the format of the library peft, `adapter_model.safetensors` and `adapter_config.json`; of ours also
`card.json`, with the digest of the weights and a sample of the base model's. Out: the model with W + s B A in place
of W, which runs as quickly as before. An adapter that was made for another model is an error.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ModelError

if TYPE_CHECKING:
    import torch

WEIGHTS, CONFIG, CARD = "adapter_model.safetensors", "adapter_config.json", "card.json"
PREFIX = "base_model.model."  # of peft's names
_SAMPLE = 48  # numbers of the base model's embeddings
_SAME = 0.9  # correlation of two samples: four bits a weight keep .99, another model has about 0
_UNKNOWN = ("use_dora", "modules_to_save", "rank_pattern", "alpha_pattern", "fan_in_fan_out", "trainable_token_indices")


@dataclass(frozen=True, slots=True)
class Plan:
    """How an adapter is laid out."""

    rank: int = 16
    alpha: float = 32.0
    n_frozen: int = 0  # first blocks without one

    @property
    def scale(self) -> float:
        """Return what B A is multiplied by."""
        return self.alpha / self.rank


def write_adapter(
    folder: Path, weights: Mapping[str, torch.Tensor], *, plan: Plan, base: str, card: dict[str, Any]
) -> None:
    """Write weights, configuration and, last, the card."""
    from safetensors.torch import save  # noqa: PLC0415  (heavy)

    content = save(dict(weights), metadata={"format": "pt"})
    modules = sorted({name.rsplit(".", 3)[-3] for name in weights})
    blocks = sorted({int(part) for name in weights for part in name.split(".") if part.isdecimal()})
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": plan.rank,
        "lora_alpha": plan.alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": modules,
        "layers_to_transform": blocks,
        "inference_mode": True,
    }
    card = card | {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in ((WEIGHTS, content), (CONFIG, _json(config)), (CARD, _json(card))):
        temporary = folder / f"{name}.part"
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / name)


def merge(model: Any, folder: Traversable, *, source: str) -> None:
    """Add what an adapter has learnt to the weights of a model, in place.

    Args:
        source: what users call the model.

    Raises:
        ModelError: the adapter is missing or damaged, is of a kind that is not known, or was made for another model.
    """
    config, weights = _read(folder)
    _check_sample(model, folder, config, source)
    scale = config["lora_alpha"] / (config["r"] ** 0.5 if config.get("use_rslora") else config["r"])
    named = dict(model.named_parameters())
    pairs = [name.removesuffix("lora_A.weight") for name in weights if name.endswith("lora_A.weight")]
    if not pairs or len(weights) != 2 * len(pairs):
        raise ModelError(f"{folder} holds no LoRA adapter that is whole. {_AGAIN}")
    for name in pairs:
        into = named.get(f"{name.removeprefix(PREFIX)}weight")
        a, b = weights[f"{name}lora_A.weight"], weights.get(f"{name}lora_B.weight")
        if into is None or b is None or (b.shape[0], a.shape[1]) != tuple(into.shape):
            raise ModelError(_of_another(folder, config, source))
        into.data += (b.to(into.device).float() @ a.to(into.device).float() * scale).to(into.dtype)


def shipped_adapter() -> Traversable | None:
    """Return the folder of the built-in model's adapter; None where none is part of this installation."""
    folder = resources.files("rag").joinpath("assets", "llm")
    return folder if folder.joinpath(CONFIG).is_file() else None


def check_adapter(folder: Traversable) -> str:
    """Read an adapter and compare it with its card; return the name of the model that it was made for.

    Raises:
        ModelError: it is missing or damaged, or of a kind that is not known.
    """
    config, _ = _read(folder)
    return str(config.get("base_model_name_or_path") or "a model that it does not name")


def sample(model: Any) -> list[float]:
    """Return some numbers of a model's embeddings, by which it is known again."""
    table = model.get_input_embeddings().weight
    row = table[table.shape[0] // 3][:_SAMPLE]
    return [round(float(value), 5) for value in row.detach().float().cpu()]


_AGAIN = "Install Footnote again, choose another adapter, or turn it off: FOOTNOTE_ADAPTER=off."


def _read(folder: Traversable) -> tuple[dict[str, Any], Mapping[str, torch.Tensor]]:
    from safetensors import SafetensorError  # noqa: PLC0415  (heavy)
    from safetensors.torch import load  # noqa: PLC0415

    try:
        config = json.loads(folder.joinpath(CONFIG).read_text(encoding="utf-8"))
        content = folder.joinpath(WEIGHTS).read_bytes()
        weights = load(content)
    except (OSError, ValueError, SafetensorError) as exc:
        raise ModelError(f"The adapter in {folder} cannot be read ({exc}). {_AGAIN}") from exc
    is_plain = config.get("peft_type") == "LORA" and config.get("bias", "none") == "none"
    if not is_plain or any(config.get(key) for key in _UNKNOWN) or not {"r", "lora_alpha"} <= set(config):
        raise ModelError(
            f"The adapter in {folder} is no plain LoRA adapter. Put it into its model with peft's merge_and_unload, "
            "and name the folder of that model."
        )
    digest = _card(folder).get("sha256")
    if digest and digest != hashlib.sha256(content).hexdigest():
        raise ModelError(f"{WEIGHTS} in {folder} is not the file that its card names. {_AGAIN}")
    return config, weights


def _card(folder: Traversable) -> dict[str, Any]:
    """Return the card of an adapter; those of other programs have none."""
    file = folder.joinpath(CARD)
    try:
        card: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (OSError, ValueError) as exc:
        raise ModelError(f"{file} cannot be read ({exc}). {_AGAIN}") from exc
    return card


def _check_sample(model: Any, folder: Traversable, config: dict[str, Any], source: str) -> None:
    """Look whether the model is the one that the adapter was made for, if its card says."""
    import numpy as np  # noqa: PLC0415

    kept = _card(folder).get("base sample")
    if kept is None:
        return
    own = sample(model)
    if len(own) != len(kept) or float(np.corrcoef(own, kept)[0, 1]) < _SAME:
        raise ModelError(_of_another(folder, config, source))


def _of_another(folder: Traversable, config: dict[str, Any], source: str) -> str:
    made_for = config.get("base_model_name_or_path") or "another model"
    return (
        f"The adapter in {folder} was made for {made_for}, and does not fit {source}. Choose that model, make an "
        "adapter for this one (footnote train llm), or turn it off: FOOTNOTE_ADAPTER=off."
    )


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
