from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rag.retrieve.fuse import Sum, standardise

finite = arrays(np.float64, st.integers(2, 20), elements=st.floats(-100, 100))


def summed(signals: dict[str, np.ndarray], weights: dict[str, float], *, plain: tuple[str, ...] = ()) -> Sum:
    fused = Sum(len(next(iter(signals.values()))), weights, plain=plain)
    for name, scores in signals.items():
        fused.add(name, scores)
    return fused


@given(finite)
def test_standardised_scores_keep_the_order_and_have_mean_zero(scores: np.ndarray) -> None:
    out = standardise(scores)
    assert abs(out.mean()) < 1e-6
    if scores.std() > 1e-9:
        assert np.isclose(out.std(), 1)
        assert out[np.argmax(scores)] == out.max()
    else:
        assert not out.any()


def test_a_candidate_that_a_signal_does_not_know_gets_the_mean() -> None:
    out = standardise(np.array([1.0, np.nan, 3.0]))
    assert out.tolist() == [-1.0, 0.0, 1.0]
    assert standardise(np.array([np.nan, np.nan])).tolist() == [0.0, 0.0]


def test_a_wide_margin_in_one_signal_beats_a_narrow_lead_in_another() -> None:
    # rank fusion would call this a tie: each signal puts the other candidate second
    lexical = np.array([20.0, 5.0, 4.9, 4.8, 4.7])
    dense = np.array([0.50, 0.51, 0.30, 0.49, 0.20])
    fused = summed({"dense": dense, "words": lexical}, {"dense": 0.5, "words": 0.5})
    assert int(np.argmax(fused.total)) == 0
    assert set(fused.shares) == set(fused.raw) == {"dense", "words"}
    assert np.allclose(fused.shares["dense"] + fused.shares["words"], fused.total)


def test_a_signal_of_weight_zero_changes_nothing() -> None:
    one, other = np.array([1.0, 2.0, 4.0]), np.array([9.0, 1.0, 1.0])
    assert np.allclose(summed({"a": one, "b": other}, {"a": 1.0, "b": 0.0}).total, standardise(one))
