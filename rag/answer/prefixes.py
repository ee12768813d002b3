"""What a language model has read already, kept between the questions of a chat: a prompt that begins alike is read on.

In: the tokens of a prompt. Out: a cache of keys and values in which its beginning stands, and how many tokens that is.
A cache that is in use belongs to one stream alone; it comes back when that ends, whole or cancelled.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

KEPT = 2  # caches: of answers and of rewritten questions, say
LEAST = 32  # tokens; fewer are read again as quickly, and a cache would be cut for them that another prompt can use


@dataclass(frozen=True, slots=True)
class _Kept:
    tokens: tuple[int, ...]
    past: Any  # keys and values of these tokens


class Prefixes:
    """The caches of prompts that a model has read. Safe to share between threads."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []  # the one that came back last stands last
        self._mutex = threading.Lock()

    def take(self, prompt: Sequence[int]) -> tuple[Any, int]:
        """Return a cache that holds the beginning of a prompt, and how many of its tokens; (None, 0) without one.

        At least the last token of the prompt is left to read: its logits are needed.
        """
        with self._mutex:
            lengths = [n_common(kept.tokens, prompt[:-1]) for kept in self._kept]
            best = max(range(len(lengths)), key=lengths.__getitem__, default=None)
            if best is None or lengths[best] < LEAST:
                return None, 0
            kept, length = self._kept.pop(best), lengths[best]
        if length < len(kept.tokens):
            kept.past.crop(length - len(kept.tokens))  # below 0: so many are taken off, in every version
        return kept.past, length

    def give(self, tokens: Sequence[int], past: Any) -> None:
        """Keep a cache for later prompts, unless it cannot be cut; the oldest of too many is forgotten."""
        if past is None or len(tokens) < LEAST or not can_be_cut(past):
            return
        with self._mutex:
            self._kept = [*self._kept, _Kept(tuple(tokens), past)][-KEPT:]

    def forget(self) -> None:
        """Give all memory back."""
        with self._mutex:
            self._kept.clear()


def n_common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two sequences begin alike with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def can_be_cut(past: Any) -> bool:
    """Tell whether a cache holds every token by itself: a recurrent state or a sliding window cannot be turned back."""
    layers: list[object] = getattr(past, "layers", None) or []
    return bool(layers) and all(type(layer).__name__ == "DynamicLayer" for layer in layers)
