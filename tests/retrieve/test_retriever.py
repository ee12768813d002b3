"""The pipeline from a question to ranked candidates, with proposers that are made up."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rag.retrieve.candidates import Asked, Candidates, Scores
from rag.retrieve.retriever import Retriever
from rag.retrieve.weights import Weight
from rag.types import Understood

WEIGHTS = {name: Weight(1.0) for name in ("meaning", "words")}
QUESTION = Asked(Understood("Which one?"))


@dataclass
class Proposer:
    """Proposes some ids, each with itself as its score."""

    ids: Sequence[int]
    fails: bool = False
    threads: list[threading.Thread] = field(default_factory=list)

    def propose(self, asked: Asked) -> Sequence[int]:
        del asked
        self.threads.append(threading.current_thread())
        if self.fails:
            raise OSError("no such index")
        return self.ids

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        del asked
        return np.where(np.isin(candidates.ids, self.ids), candidates.ids.astype(np.float64), 0.0)


PLACES: Any = SimpleNamespace(passage_places=lambda ids: np.stack([ids, ids, ids, ids], axis=1))


def test_who_proposes_in_another_thread_meanwhile_proposes_the_same() -> None:
    proposers = {"meaning": Proposer([5, 3, 9]), "words": Proposer([2, 9])}
    alone = Retriever(PLACES, proposers, {}).retrieve(QUESTION, WEIGHTS)
    assert {thread is threading.current_thread() for one in proposers.values() for thread in one.threads} == {True}
    beside = Retriever(PLACES, proposers, {}, beside=("meaning",)).retrieve(QUESTION, WEIGHTS)
    assert list(beside) == list(alone)
    assert next(iter(alone)).id == 9
    assert len(alone) == 4
    assert proposers["meaning"].threads[-1] is not threading.current_thread()
    assert proposers["words"].threads[-1] is threading.current_thread()


def test_within_chosen_documents_no_other_thread_is_asked() -> None:
    proposer = Proposer([5, 3])
    asked = Asked(Understood("Which one?"), keys=[1])
    Retriever(PLACES, {"meaning": proposer}, {}, beside=("meaning",)).retrieve(asked, WEIGHTS)
    assert proposer.threads == [threading.current_thread()]


def test_what_goes_wrong_in_the_other_thread_is_told() -> None:
    proposers = {"meaning": Proposer([], fails=True), "words": Proposer([2, 9])}
    with pytest.raises(OSError, match="no such index"):
        Retriever(PLACES, proposers, {}, beside=("meaning",)).retrieve(QUESTION, WEIGHTS)


def test_nobody_proposes_anything_and_nothing_is_found() -> None:
    assert not Retriever(PLACES, {"words": Proposer([])}, {}).retrieve(QUESTION, WEIGHTS)
