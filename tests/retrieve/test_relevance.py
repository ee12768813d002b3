"""Calibrated relevance: a probability from numbers that do not grow with the library."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

import numpy as np
import pytest

from benchmarks.finding.relevance import Judged, expected_calibration_error, fit
from rag.retrieve.ranking import Candidate, Ranking, nothing
from rag.retrieve.relevance import FEATURES, Calibration, features_of, judged, parse, shipped
from rag.types import Understood


class Alone:
    """A catalog where every passage stands on a page of its own, but for those that share one."""

    def __init__(self, *together: int) -> None:
        self._together = set(together)

    def passage_places(self, ids: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.array([(i, 1, 0 if i in self._together else i, i) for i in sorted(ids)], np.int64).reshape(-1, 4)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not needed")


ASKED = Understood("how tall is the old tower", evidence=(("table", 0.25), ("prose", 0.75), ("figure", 0.0)))
SIMILARITY, SHARE, TABLE = (FEATURES.index(name) for name in ("similarity", "share", "table"))


def candidate(id_: int, score: float, similarity: float | None = 0.5) -> Candidate:
    return Candidate(id_, score, similarity, ())


def ranked(candidates: Sequence[Candidate]) -> Ranking:
    similarities = np.array([np.nan if c.similarity is None else c.similarity for c in candidates])
    return Ranking(np.array([c.id for c in candidates]), np.array([c.score for c in candidates]), similarities, {})


def test_share_tells_how_far_a_hit_stands_out() -> None:
    alone = features_of(ranked([candidate(1, 9.0), *(candidate(i, 0.0) for i in range(2, 9))]), ASKED, Alone())
    tied = features_of(ranked([candidate(i, 4.0) for i in range(1, 9)]), ASKED, Alone())
    assert alone[0, SHARE] > 0.99
    assert alone[1, SHARE] < 0.01
    assert tied[:, SHARE] == pytest.approx(1 / 8)
    assert tied[0, TABLE] == 0.25


def test_what_is_far_behind_in_a_large_library_changes_nothing() -> None:
    few = [candidate(i, 3.0 - 0.1 * i) for i in range(12)]
    many = [*few, *(candidate(100 + i, -1.0) for i in range(3000))]
    assert np.array_equal(features_of(ranked(few), ASKED, Alone()), features_of(ranked(many), ASKED, Alone())[:12])


def test_what_stands_on_one_page_shares_its_chances() -> None:
    candidates = [candidate(1, 2.0), candidate(2, 1.0), candidate(3, 1.0)]
    apart, together = (
        features_of(ranked(candidates), ASKED, Alone()),
        features_of(ranked(candidates), ASKED, Alone(1, 3)),
    )
    assert together[0, SHARE] == together[2, SHARE] == pytest.approx(apart[0, SHARE] + apart[2, SHARE])
    assert together[1, SHARE] == apart[1, SHARE]


def test_scores_however_large_are_shared_out() -> None:
    found = features_of(ranked([candidate(1, 5000.0), candidate(2, -5000.0)]), ASKED, Alone())
    assert found[:, SHARE].tolist() == [1.0, 0.0]


def test_without_a_vector_other_weights_decide() -> None:
    calibration = Calibration(dict.fromkeys(FEATURES, 100.0), {"share": 0.0, "table": 4.0, "bias": 0.0})
    found = judged(ranked([candidate(1, 1.0, similarity=None), candidate(2, 1.0)]), ASKED, Alone(), calibration)
    assert found[0].relevance == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert found[1].relevance == pytest.approx(1.0)


def test_more_similarity_and_a_larger_share_are_more_relevant() -> None:
    middle = np.array([[0.5, 0.3, 0.2, 1.0]])
    for column in (SIMILARITY, SHARE):
        more = middle.copy()
        more[0, column] += 0.3
        assert shipped().probabilities(more) > shipped().probabilities(middle)
    without = np.array([[np.nan, 0.3, 0.2, 1.0], [np.nan, 0.6, 0.2, 1.0]])
    low, high = shipped().probabilities(without)
    assert 0 < low < high < 1


def test_order_and_all_else_are_kept() -> None:
    candidates = [candidate(i, 5.0 - 0.5 * i, 0.9 - 0.01 * i) for i in range(40)]
    found = judged(ranked(candidates), ASKED, Alone())
    assert [replace(c, relevance=None) for c in found] == candidates
    known = [c.relevance for c in found if c.relevance is not None]
    assert known == sorted(known, reverse=True) and len(set(known)) == 40
    assert list(judged(nothing(), ASKED, Alone())) == []


def test_a_fit_finds_probabilities_that_hold() -> None:
    rng = np.random.default_rng(0)
    similarity = rng.uniform(0, 1, 4000)
    rows = np.stack([similarity, np.full(4000, 0.1), np.zeros(4000), np.ones(4000)], axis=1)
    right = rng.random(4000) < 1 / (1 + np.exp(-(8 * similarity - 4)))
    made = Judged(list(rows), [1] * 4000, right.tolist(), ["a"] * 4000)
    told = fit(made).probabilities(rows)
    assert expected_calibration_error(told, right.astype(float)) < 0.04
    assert expected_calibration_error(np.full(4000, 0.9), right.astype(float)) > 0.3


def test_the_shipped_file_says_what_made_it_and_how_reliable_it_is() -> None:
    text = resources.files("rag.retrieve").joinpath("relevance.json").read_text(encoding="utf-8")
    file = json.loads(text)
    assert file["made by"] == "python -m benchmarks.finding.relevance --fit"
    assert file["figures"]
    assert set(parse(text).with_vectors) == set(FEATURES)
    assert set(parse(text).words_only) == set(FEATURES[1:])
