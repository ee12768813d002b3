"""What is learnt: what a model is told, and what it should say. The turns are made by the functions that use makes."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.types import Turn

Count = Callable[[str], int]  # tokens of a text


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a model is told, and the reply that is learnt.

    `right` is the number of the excerpt that holds the answer, `answers` all that count as right: for measuring.
    """

    kind: str  # answer, abstain, rewrite or define
    turns: tuple[Turn, ...]
    reply: str
    source: str  # the set
    group: str  # article, dialogue or book: see rag.networks.examples.part
    right: int | None = None
    answers: tuple[str, ...] = ()


def json_lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file of JSON lines, gzipped or not.

    Raises:
        InputError: there is no such file, or it is none.
    """
    try:
        packed = path.read_bytes()
        text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8")
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, EOFError, zlib.error, ValueError) as exc:
        raise InputError(f"{path} cannot be read as JSON lines ({exc}). Take the file as its authors give it.") from exc
