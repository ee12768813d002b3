"""What confidence is worth: against counting every pair, and every order of those that are equal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.evaluate.abstention import auroc, risk_coverage, risk_of_chance

judged = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), st.booleans()), min_size=1, max_size=30)


@given(judged)
def test_auroc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, bool]]) -> None:
    with_answer, without = [s for s, a in rows if a], [s for s, a in rows if not a]
    assume(with_answer and without)
    pairs = [(a > b) + 0.5 * (a == b) for a in with_answer for b in without]
    assert auroc(*zip(*rows, strict=True)) == pytest.approx(np.mean(pairs))


def test_auroc_needs_questions_of_both_kinds() -> None:
    assert auroc([0.2, 0.9], [True, True]) is None


def test_risk_grows_as_the_less_certain_are_answered() -> None:
    curve = risk_coverage([0.9, 0.8, 0.3, 0.1], [True, True, False, False])
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert curve.area == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert curve.coverage_at(0.34) == 0.75
    assert curve.coverage_at(0.0) == 0.5


@given(judged)
def test_a_confidence_that_says_nothing_has_the_risk_of_chance(rows: list[tuple[float, bool]]) -> None:
    right = [is_right for _, is_right in rows]
    assert risk_coverage([0.5] * len(right), right).area == pytest.approx(risk_of_chance(right))


@given(judged)
def test_the_order_of_the_questions_does_not_matter(rows: list[tuple[float, bool]]) -> None:
    forward, backward = risk_coverage(*zip(*rows, strict=True)), risk_coverage(*zip(*rows[::-1], strict=True))
    assert forward.risk == pytest.approx(backward.risk)


def test_no_question_has_no_risk() -> None:
    assert risk_coverage([], []).area == 0
