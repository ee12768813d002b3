"""Other pipelines, asked the same questions of the same files in the same run.

Footnote ships none: they come from a package that is named (`benchmarks.peers` in a checkout), which offers
`peers() -> Sequence[Peer]`. The libraries behind them are the extra `bench`.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from rag.errors import ModelMissing
from rag.evaluate.datasets import Place, Question
from rag.evaluate.rows import figures_of
from rag.types import IsCancelled

HOME = "benchmarks.peers"


class Peer(Protocol):
    """Another pipeline. A page counts from 1; a document is the base name of its file."""

    @property
    def name(self) -> str:
        """Return what it is called in tables."""
        ...

    def build(self, pdfs: Sequence[Path]) -> None:
        """Read and index the files, in place of all that were there."""
        ...

    def pages(self, question: str, k: int, *, document: str | None = None) -> Sequence[Place]:
        """Return the distinct pages of the k best pieces, best first; of one document only when it is given."""
        ...


def load(home: str) -> list[Peer]:
    """Return the peers that a package offers.

    Raises:
        ModelMissing: the package, or a library that it needs, is not installed; the message says how to get it.
    """
    try:
        package = importlib.import_module(home)
    except ImportError as exc:
        raise ModelMissing(
            f"Peers cannot be measured: {exc}. Run it in a checkout of Footnote, with the libraries to compare with: "
            "pip install '.[bench]'"
        ) from exc
    offered: Callable[[], Sequence[Peer]] | None = getattr(package, "peers", None)
    if offered is None:
        raise ModelMissing(f"Peers cannot be measured: {home} offers none. Update the checkout.")
    return list(offered())


def measure(
    peer: Peer,
    pdfs: Sequence[Path],
    questions: Sequence[Question],
    *,
    k: int,
    whole: bool,
    is_cancelled: IsCancelled | None = None,
) -> dict[str, Any]:
    """Return what a peer finds, by question id, and what that took."""
    started = time.perf_counter()
    peer.build(pdfs)
    built, rows, seconds = time.perf_counter() - started, {}, []
    for question in questions:
        if is_cancelled is not None and is_cancelled():
            break
        asked = time.perf_counter()
        document = None if whole else question.document
        found = tuple(dict.fromkeys(peer.pages(question.text, k, document=document)))
        seconds.append(time.perf_counter() - asked)
        rows[question.id] = figures_of(question, found, None)
    return {"rows": rows, "seconds_to_build": built, "seconds_to_search": seconds}
