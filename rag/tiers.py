"""Which language model suits this computer: by its memory, and what that would download. Nothing is downloaded.

In: what the computer has. Out: recommendations, the best first, each with its precision, its size and how to set it.
The models of the tiers are those that stay closest to what they read in a public measurement of summaries
(vectara/hallucination-leaderboard, March 2026), where a newer and larger model is not always the truer one.
"""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.models import SMOLLM2, checked_device, cpu_has_bf16

GB = 1_000_000_000
_MARGIN = 1.25  # of the weights: what a conversation needs beside them
_SHARED = 0.6  # of the memory of a computer whose processor and graphics share it, for a model
_MUCH = 12 * GB  # of memory, from which a larger model may write on a CPU
_MANY_CORES = 8

Kind = Literal["cpu", "cuda", "mps"]


@dataclass(frozen=True, slots=True)
class Machine:
    """What counts for a language model; sizes in bytes, None: not known."""

    kind: Kind
    name: str
    n_cores: int
    memory: int | None
    gpu_memory: int = 0  # of the largest one
    has_bf16: bool = False
    free_disk: int | None = None

    @property
    def room(self) -> int:
        """Return how many bytes a model and its conversation may take."""
        if self.kind == "cuda":
            return self.gpu_memory
        return round((self.memory or 8 * GB) * _SHARED)

    @property
    def words(self) -> str:
        """Return the computer in words."""
        memory = "memory unknown" if self.memory is None else f"{self.memory / GB:.0f} GB of memory"
        if self.kind == "cuda":
            return f"{self.name} with {self.gpu_memory / GB:.0f} GB; {memory}"
        return f"{self.name}, {self.n_cores} cores, {memory}"


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the Hugging Face hub."""

    id: str
    licence: str
    n_bytes: int  # of its weights in 16 bits: what is downloaded
    why: str
    four_bits: int = 0  # bytes in four bits, as llama.cpp and Ollama run it; 0: not offered
    gguf: str = ""  # the hub id of that


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A model for this computer."""

    model: str  # what `footnote config model` takes; empty: the built-in one
    title: str
    precision: str
    download: int  # bytes; 0: nothing
    why: str
    how: tuple[str, ...]  # commands that set it
    is_here: bool = False  # it was downloaded before
    warning: str = ""


TINY = Model("Qwen/Qwen3-0.6B", "Apache-2.0", 1_500_000_000, "quick on any computer; weak by itself, so it is checked")
SMALL = Model("Qwen/Qwen3-1.7B", "Apache-2.0", 4_060_000_000, "writes better; wants eight quick cores, or a small GPU")
MEDIUM = Model(
    "Qwen/Qwen3-4B-Instruct-2507",
    "Apache-2.0",
    8_050_000_000,
    "keeps to what it reads",
    2_500_000_000,
    "Qwen/Qwen3-4B-GGUF",
)
LARGE = Model(
    "Qwen/Qwen3-8B",
    "Apache-2.0",
    16_400_000_000,
    "keeps to what it reads best of its size",
    5_030_000_000,
    "Qwen/Qwen3-8B-GGUF",
)
LARGER = Model(
    "Qwen/Qwen3-14B",
    "Apache-2.0",
    29_500_000_000,
    "more fluent, as true to what it reads",
    9_000_000_000,
    "Qwen/Qwen3-14B-GGUF",
)
HUGE = Model("Qwen/Qwen3.6-27B", "Apache-2.0", 54_000_000_000, "the strongest here; how true it stays is not measured")
ON_CPU, ON_GPU = (SMALL, TINY), (HUGE, LARGER, LARGE, MEDIUM, SMALL, TINY)


def recommended(machine: Machine) -> list[Recommendation]:
    """Return the models that fit, the best first; on a CPU the built-in one, which was taught to cite, comes first."""
    if machine.kind == "cpu":
        is_strong = machine.n_cores >= _MANY_CORES and (machine.memory or 0) >= _MUCH
        wanted = [model for model in ON_CPU if (is_strong or model is TINY) and _fits(model, machine)]
        return [_built_in(), *(_local(model, machine) for model in wanted)]
    fitting = [model for model in ON_GPU if _fits(model, machine)]
    found = [_local(model, machine) for model in fitting[:2]]
    best = fitting[0].n_bytes if fitting else 0
    served = next(
        (m for m in ON_GPU if m.four_bits and m.four_bits * _MARGIN <= machine.room and m.n_bytes > best), None
    )
    return [*found, *([_served(served)] if served else []), _built_in()]


def download_words(one: Recommendation) -> str:
    """Return how much would be downloaded."""
    if one.is_here:
        return "it is on this computer"
    return f"downloads {one.download / GB:.1f} GB"


def _fits(model: Model, machine: Machine) -> bool:
    return model.n_bytes * _MARGIN <= machine.room


def _built_in() -> Recommendation:
    return Recommendation(
        "",
        f"{SMOLLM2.name} (built in)",
        "bf16 where the processor has it, else fp32",
        0,
        "nothing to download; was taught to cite and to say when the documents do not answer",
        ("footnote config --unset model",),
        is_here=True,
    )


def _local(model: Model, machine: Machine) -> Recommendation:
    is_here = _is_downloaded(model.id)
    lacks = machine.free_disk is not None and not is_here and machine.free_disk < model.n_bytes * 1.1
    return Recommendation(
        model.id,
        f"{model.id} ({model.licence})",
        _precision(machine),
        0 if is_here else model.n_bytes,
        model.why,
        (f"footnote config model {model.id}",),
        is_here=is_here,
        warning=f"Only {(machine.free_disk or 0) / GB:.0f} GB are free on the disk." if lacks else "",
    )


def _served(model: Model) -> Recommendation:
    """A model that is too large in 16 bits, in four bits on a server of one's own."""
    return Recommendation(
        model.gguf,
        f"{model.gguf} ({model.licence}), on a server of your own",
        "4 bits a weight (Q4_K_M), by llama.cpp or Ollama",
        model.four_bits,
        f"{model.why}; too large for this computer in 16 bits",
        (
            f"llama-server -hf {model.gguf}:Q4_K_M --port 8080",
            "footnote config server http://localhost:8080/v1",
        ),
    )


def _precision(machine: Machine) -> str:
    if machine.kind == "cpu":
        return "bf16" if machine.has_bf16 else "fp32: twice the memory of the download"
    return "fp16" if machine.kind == "mps" or not machine.has_bf16 else "bf16"


def _is_downloaded(name: str) -> bool:
    """Tell whether a hub model lies in the hub's cache; the hub is not asked."""
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    cache = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    return any((cache / f"models--{name.replace('/', '--')}" / "snapshots").glob("*/config.json"))


def machine(device: str = "auto") -> Machine:
    """Return what this computer has.

    Raises:
        InputError: it has no such device.
    """
    import torch  # noqa: PLC0415  (heavy)

    kind = checked_device(device).partition(":")[0]
    n_cores, memory, free = os.cpu_count() or 1, _memory(), _free_disk()
    if kind == "cuda":
        gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
        best = max(gpus, key=lambda gpu: gpu.total_memory)
        return Machine("cuda", best.name, n_cores, memory, int(best.total_memory), torch.cuda.is_bf16_supported(), free)
    if kind == "mps":
        return Machine("mps", "Apple GPU", n_cores, memory, free_disk=free)
    return Machine("cpu", platform.machine() or "CPU", n_cores, memory, has_bf16=cpu_has_bf16(), free_disk=free)


def _memory() -> int | None:
    """Return the bytes of memory; None where the system does not tell."""
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return None


def _free_disk() -> int | None:
    try:
        return shutil.disk_usage(Path.home()).free
    except OSError:
        return None
