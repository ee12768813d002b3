"""How probable it is that a passage's page holds the answer: a logistic regression on what the ranking says of it.

None of its numbers grows with the library, so that what was fitted on small ones holds in large ones. The weights lie
in relevance.json with the command that fitted them and how reliable they were found.

Source: Platt, Probabilistic Outputs for Support Vector Machines, 1999.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from rag.retrieve.candidates import Places, Scores
from rag.retrieve.ranking import Ranking
from rag.types import Understood

Features = NDArray[np.float64]  # (n, 4), in the order of FEATURES; NaN where there is no vector

FEATURES = ("similarity", "share", "table", "bias")
N_RIVALS = 10  # candidates among which the probability of standing first is shared out
N_LOOKED_UP = 50  # candidates whose page is looked up


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights by feature: where a passage has a vector, and where words alone found it."""

    with_vectors: Mapping[str, float]
    words_only: Mapping[str, float]

    def probabilities(self, features: Features) -> Scores:
        """Return the probability of each row, 0 to 1."""
        by_words = np.isnan(features[:, 0])
        known = np.nan_to_num(features, nan=0.0)
        with_vectors, words_only = (
            known @ np.array([weights.get(name, 0.0) for name in FEATURES])
            for weights in (self.with_vectors, self.words_only)
        )
        logits = np.where(by_words, words_only, with_vectors)
        probabilities: Scores = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        return probabilities


def parse(text: str) -> Calibration:
    """Return the calibration of a file's text."""
    file = json.loads(text)
    return Calibration(file["with vectors"], file["words only"])


@lru_cache(maxsize=1)
def shipped() -> Calibration:
    """Return the calibration that is shipped."""
    return parse(resources.files("rag.retrieve").joinpath("relevance.json").read_text(encoding="utf-8"))


def features_of(candidates: Ranking, understood: Understood, places: Places) -> Features:
    """Return what tells of each candidate.

    - similarity: inner product of the vectors of question and passage
    - share: exp(score), with that of the passages of its page among the ten best, as a share of the ten best's: near 1
      if its page outshines all others
    - table: probability that the answer stands in a table, where many rows look alike
    """
    scores = candidates.scores
    if not len(scores):
        return np.zeros((0, len(FEATURES)))
    raised = np.exp(scores - scores.max())
    shares = raised.copy()
    pages = _pages(candidates.ids[:N_LOOKED_UP].tolist(), places)
    by_page: dict[object, float] = {}
    for page, weight in zip(pages[:N_RIVALS], raised.tolist(), strict=False):
        by_page[page] = by_page.get(page, 0.0) + weight
    for i, page in enumerate(pages):
        shares[i] = by_page.get(page, 0.0) + (float(raised[i]) if i >= N_RIVALS else 0.0)
    shares = np.minimum(shares / raised[:N_RIVALS].sum(), 1.0)
    table = np.full(len(scores), understood.probability("table"))
    return np.stack([candidates.similarities, shares, table, np.ones(len(scores))], axis=1)


def judged(
    candidates: Ranking, understood: Understood, places: Places, calibration: Calibration | None = None
) -> Ranking:
    """Return the candidates, in their order, each with the probability that its page holds the answer."""
    features = features_of(candidates, understood, places)
    return candidates.judged((calibration or shipped()).probabilities(features))


def _pages(ids: list[int], places: Places) -> list[object]:
    """Return for each passage what names its page; one that is gone meanwhile stands alone."""
    page_of = {id_: (document, first) for id_, document, first, _ in places.passage_places(ids).tolist()}
    return [page_of.get(id_, id_) for id_ in ids]
