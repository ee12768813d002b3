"""How much each signal counts: read from weights.json, which says what made it.

A weight is `always + table * P(the answer stands in a table)`: what helps where figures are asked for may hurt where
prose is. Signals that the file does not name are not computed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from rag.types import Understood


@dataclass(frozen=True, slots=True)
class Weight:
    """The weight of one signal."""

    always: float
    table: float = 0.0

    def of(self, understood: Understood) -> float:
        """Return what the signal counts for this question."""
        return self.always + self.table * understood.probability("table")


Weights = Mapping[str, Weight]


def parse(text: str) -> dict[str, Weight]:
    """Return the weights of a file's text, in its order."""
    return {name: Weight(**weight) for name, weight in json.loads(text)["signals"].items()}


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """Return the weights that are shipped."""
    return parse(resources.files("rag.retrieve").joinpath("weights.json").read_text(encoding="utf-8"))
