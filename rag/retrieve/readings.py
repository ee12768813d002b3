"""The best candidates read by the network that answers: it says where a passage answers, and how near it is.

One pass over at most twenty passages of a question serves both: the ranking takes the relevance, the answer takes the
rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rag.retrieve.candidates import Scores
from rag.retrieve.ranking import Candidate
from rag.retrieve.rerank import Reranking, rerank
from rag.types import Passage, ReaderNet, Reading

N_READ = 20  # candidates of a question
BUDGET_S = 1.5  # of a question; what is not read by then keeps its place
WEIGHT = 0.5  # of its relevance where prose is asked for; what is left is the retrieval's (docs/LOG.md)

Readings = Mapping[int, Reading]  # by the id of the passage, whose `index_text` was read


class Noting:
    """A reader network as a reranker that keeps what it read."""

    def __init__(self, net: ReaderNet) -> None:
        self._net = net
        self.made: dict[str, Reading] = {}  # by text

    def scores(self, question: str, texts: Sequence[str]) -> Scores:
        """Return the relevance of each text."""
        readings = self._net.read(question, texts)
        self.made.update(zip(texts, readings, strict=True))
        return np.array([reading.relevance for reading in readings], np.float64)


def read_best(
    net: ReaderNet,
    question: str,
    candidates: Sequence[Candidate],
    passages: Sequence[Passage],
    *,
    weight: float = WEIGHT,
    budget_s: float = BUDGET_S,
) -> tuple[list[Candidate], Reranking, Readings]:
    """Return the candidates in their new order, what was done, and what was read.

    Args:
        candidates: best first.
        passages: of those that are to be read; they take each other's places, all others keep theirs.
        weight: of the relevance, 0 to 1; what is left is the retrieval's.
    """
    noting, order = Noting(net), list(candidates)
    text_of = {passage.id: passage.index_text for passage in passages}
    places = [i for i, candidate in enumerate(order) if candidate.id in text_of]
    some = [order[i] for i in places]
    texts = [text_of[candidate.id] for candidate in some]
    reordered, done = rerank(noting, question, some, texts, budget_s=budget_s, weight=weight)
    for i, candidate in zip(places, reordered, strict=True):
        order[i] = candidate
    return order, done, {id_: noting.made[text] for id_, text in text_of.items() if text in noting.made}
