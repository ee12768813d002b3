"""How much each signal counts: read from weights.json, which says what made it.

A weight is `always + table * (does the answer stand in a table) + long * (how long is the question)`: what helps where
figures are asked for may hurt where prose is, and a long question is found by its meaning rather than by any one of its
words. Signals that the file does not name are not computed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from rag.text import stems
from rag.types import Understood

_SHORT, _LONG = 5, 10  # words that say something
_UNLIKELY, _LIKELY = 0.25, 0.85  # probabilities of a table


@dataclass(frozen=True, slots=True)
class Weight:
    """The weight of one signal."""

    always: float
    table: float = 0.0
    long: float = 0.0

    def at(self, table: float, long: float) -> float:
        """Return what the signal counts where the gates stand so."""
        return self.always + self.table * table + self.long * long


def gates(understood: Understood) -> tuple[float, float]:
    """Return how surely the answer stands in a table, and how long the question is, each 0 to 1.

    A table that is merely thinkable counts for nothing, one that is likely fully.
    """
    surely = (understood.probability("table") - _UNLIKELY) / (_LIKELY - _UNLIKELY)
    return min(1.0, max(0.0, surely)), length(understood.question)


def length(question: str) -> float:
    """Return how long a question is: 0 up to five words that say something, 1 from ten on."""
    return min(1.0, max(0.0, (len(set(stems(question))) - _SHORT) / (_LONG - _SHORT)))


Weights = Mapping[str, Weight]


def counts(weights: Weights, understood: Understood) -> dict[str, float]:
    """Return what each signal counts for this question, by name."""
    table, long = gates(understood)
    return {name: weight.at(table, long) for name, weight in weights.items()}


def parse(text: str) -> dict[str, Weight]:
    """Return the weights of a file's text, in its order."""
    return {name: Weight(**weight) for name, weight in json.loads(text)["signals"].items()}


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """Return the weights that are shipped."""
    return parse(resources.files("rag.retrieve").joinpath("weights.json").read_text(encoding="utf-8"))
