"""What all peers share: the built-in encoder's weights, and pages from what a pipeline returns."""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag import models

Place = tuple[str, int]  # file name, page from 1
PRECISIONS = ("bfloat16", "float32")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all pipelines of a run: the encoder's weights, how they are computed with, threads."""

    model: str  # folder
    precision: str  # bfloat16 or float32
    n_threads: int

    @classmethod
    def usual(cls, *, precision: str = "", n_threads: int = 2) -> Setting:
        """Return the built-in encoder; in bfloat16 where the processor computes with it, as Footnote does."""
        chosen = precision or ("bfloat16" if models.cpu_has_bf16() else "float32")
        return cls(str(models.path_of(models.MINILM)), chosen, n_threads)

    def dtype(self) -> Any:
        """Return torch's name of the precision; sets the threads of torch, for the whole process."""
        import torch

        torch.set_num_threads(self.n_threads)
        return getattr(torch, self.precision)


def quiet() -> None:
    """Let the libraries neither talk nor ask the network: everything that they need is here."""
    os.environ.update(HAYSTACK_TELEMETRY_ENABLED="False", HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    for name in ("pypdf", "sentence_transformers", "haystack", "httpx", "llama_index"):
        logging.getLogger(name).setLevel(logging.ERROR)


def lacking(modules: Iterable[str]) -> list[str]:
    """Return those modules that are not installed."""
    return [name for name in modules if not _is_there(name)]


@lru_cache(maxsize=64)
def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of a package that holds it
        return False


def numbered(pdfs: Sequence[Path]) -> dict[str, Path]:
    """Return the files by their base names, which must differ."""
    by_name = {path.name: path for path in pdfs}
    if len(by_name) < len(pdfs):
        raise ValueError("Two files have the same name: peers tell documents apart by it.")
    return by_name


def distinct(places: Iterable[Place]) -> list[Place]:
    """Return every page once, where it comes first."""
    return list(dict.fromkeys(places))
