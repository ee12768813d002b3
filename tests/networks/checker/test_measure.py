"""Figures of the checker, against ones worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rag.networks.checker import measure
from rag.networks.checker.pairs import Label, Pair

LABELS: list[Label] = ["supported", "supported", "contradicted", "unsupported"]


def test_macro_f1_is_the_mean_over_labels() -> None:
    told: list[Label] = ["supported", "contradicted", "contradicted", "supported"]
    found = measure.scores(LABELS, told)
    assert found.f1 == {"supported": 0.5, "contradicted": pytest.approx(0.6667), "unsupported": 0.0}
    assert found.macro_f1 == pytest.approx((0.5 + 2 / 3 + 0) / 3, abs=1e-4)
    assert found.right == 0.5


def test_not_supported_counts_against_supported_only() -> None:
    labels: list[Label] = ["not supported", "not supported", "supported"]
    assert measure.scores(labels, ["contradicted", "unsupported", "supported"]).macro_f1 == 1
    wrong = measure.scores(labels, ["supported", "unsupported", "supported"])
    assert wrong.f1 == {"supported": pytest.approx(2 / 3, abs=1e-4)}
    assert wrong.right == pytest.approx(2 / 3, abs=1e-4)


def test_what_lacks_a_fact_is_never_supported() -> None:
    sure = np.array([[0.9, 0.05, 0.05]] * 3, np.float32)
    pairs = [
        Pair("It sold 12 ships.", "It sold 12 ships in May.", "supported", "snli", "a"),
        Pair("It sold 13 ships.", "It sold 12 ships in May.", "contradicted", "snli", "a"),
        Pair("Acme sold 12 ships.", "It sold 12 ships in May.", "supported", "squad", "Acme_(firm)"),
    ]
    assert (measure.as_judged(pairs, sure)[:, 0] > 0).tolist() == [True, False, True]
    assert sure[1, 0] > 0


def test_thresholds_decide_what_is_said() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.55, 0.4, 0.05], [0.1, 0.8, 0.1]], np.float32)
    told = measure.told_by(probabilities, {"supported": 0.6, "contradicted": 0.7})
    assert told == ["supported", "unsupported", "contradicted"]


def test_the_temperature_makes_the_sure_ones_as_sure_as_they_are_right() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(size=(4000, 3))
    p = np.exp(true) / np.exp(true).sum(axis=1, keepdims=True)
    wanted = np.array([rng.choice(3, p=row) for row in p])
    logits = (true * 2.5).astype(np.float32)
    temperature = measure.fitted_temperature(logits, wanted)
    assert temperature == pytest.approx(2.5, rel=0.15)
    assert measure.log_loss(logits, wanted, temperature) < measure.log_loss(logits, wanted, 1.0)


def test_a_threshold_is_the_lowest_from_which_enough_is_right() -> None:
    values = np.linspace(0, 1, 1001).astype(np.float32)
    probabilities = np.stack([values, 1 - values, np.zeros_like(values)], axis=1)
    found = measure.fitted_thresholds(probabilities, np.where(values > 0.8, 0, 1))
    assert 0.78 <= found["supported"] <= 0.81
    assert found["contradicted"] == 0.5


def test_reliability_tells_what_was_said_from_what_was_right() -> None:
    probabilities = np.array([[0.95, 0.05, 0]] * 10 + [[0.05, 0.95, 0]] * 10, np.float32)
    wanted = np.array([0] * 9 + [1] + [1] * 10)
    found = measure.reliability(probabilities, wanted)
    assert [(row["right"], row["n"]) for row in found["bins"]] == [(0.0, 10), (0.9, 10)]
    assert found["expected error"] == pytest.approx(0.05)
