"""Which of the small networks over the encoder are shipped, and their loading: one of each for a process."""

from __future__ import annotations

import threading
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from rag import models

if TYPE_CHECKING:
    from rag.networks.checker.network import Checker
    from rag.networks.reader.reader import Reader

_loading = threading.Lock()


def is_shipped(name: str) -> bool:
    """Tell whether the weights of a network are part of this installation."""
    return resources.files("rag").joinpath("assets", f"{name}.safetensors").is_file()


def load_reader(device: str) -> Reader:
    """Return the reader that is shipped; threads that come meanwhile wait.

    Raises:
        ModelMissing: its files or the encoder's are missing, or are not what they should be.
        InputError: this machine has no such device.
    """
    with _loading:
        return _reader(device)


def load_checker(device: str) -> Checker:
    """Return the network that judges claims, as it is shipped. Raises: as `load_reader`."""
    with _loading:
        return _checker(device)


@lru_cache(maxsize=1)
def _checker(device: str) -> Checker:
    from rag.networks.checker.network import Checker  # noqa: PLC0415  (torch)

    return Checker.load(models.path_of(models.MINILM), device=device)


@lru_cache(maxsize=1)
def _reader(device: str) -> Reader:
    from rag.networks.reader.reader import Reader  # noqa: PLC0415  (torch)

    return Reader.load(models.path_of(models.MINILM), device=device)
