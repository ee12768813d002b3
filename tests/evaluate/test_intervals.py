"""Intervals hold the truth about as often as they say; a test finds a difference that is there, and no other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from rag.evaluate.intervals import difference, interval


def test_an_interval_holds_its_mean_and_is_the_same_every_time() -> None:
    values = np.random.default_rng(2).random(30)
    found = interval(values)
    assert found.low <= found.mean == np.mean(values) <= found.high
    assert found == interval(values)
    assert interval(values, seed=1) != found


def test_intervals_of_95_per_cent_miss_the_truth_about_once_in_twenty() -> None:
    rng = np.random.default_rng(3)
    found = [interval(rng.random(60) < 0.3, n_draws=500) for _ in range(300)]
    held = np.mean([one.low <= 0.3 <= one.high for one in found])
    assert 0.9 <= held <= 0.98


def test_two_right_answers_do_not_make_a_certainty() -> None:
    assert interval([1.0, 1.0]).low == pytest.approx(0.342, abs=1e-3)  # Wilson's, by hand: 2 / (2 + 1.96²)
    assert interval([0.0, 0.0]).high == pytest.approx(0.658, abs=1e-3)
    assert interval([1.0] * 200).low > 0.98


def test_more_questions_make_narrower_intervals() -> None:
    few, many = interval([0, 1] * 10), interval([0, 1] * 1000)
    assert many.high - many.low < (few.high - few.low) / 5


def test_nothing_has_no_interval() -> None:
    assert interval([]).n == 0


def test_the_p_value_is_the_share_of_exchanges_that_come_out_as_far_apart() -> None:
    new, old = [1.0, 1, 1, 0.5, 1], [0.0, 0, 0.5, 1, 1]
    gains = np.subtract(new, old)
    signs = np.array(list(itertools.product([-1, 1], repeat=5)))
    exact = np.mean(abs(signs @ gains) >= abs(gains.sum()) - 1e-12)
    assert difference(new, old, n_draws=200_000).p == pytest.approx(exact, abs=0.01)


def test_a_difference_that_is_there_is_found() -> None:
    rng = np.random.default_rng(5)
    old = rng.random(400) < 0.5
    new = old | (rng.random(400) < 0.2)
    found = difference(new, old)
    assert found.mean > 0 and found.low > 0 and found.p < 0.001


def test_a_run_does_not_differ_from_itself() -> None:
    values = np.random.default_rng(1).random(50)
    assert difference(values, values).p == 1.0
    assert difference(values, values).mean == 0.0


def test_chance_alone_is_called_a_difference_rarely() -> None:
    rng = np.random.default_rng(7)
    p = [difference(rng.random(40), rng.random(40), n_draws=500).p for _ in range(200)]
    assert np.mean(np.array(p) < 0.05) < 0.11


def test_runs_of_other_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="3 values are compared with 2"):
        difference([1, 2, 3], [1, 2])
