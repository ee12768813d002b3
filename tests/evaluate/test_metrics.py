"""Figures of one question: worked by hand, and against ir-measures (trec_eval) on made rankings."""

from __future__ import annotations

import math
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.evaluate import metrics

THINGS = [f"d{i}" for i in range(12)]
rankings = st.lists(st.sampled_from(THINGS), unique=True, max_size=12)
judgements = st.dictionaries(st.sampled_from(THINGS), st.integers(0, 3), max_size=12)


def by_trec_eval(ranking: list[str], grades: dict[str, int], name: str) -> float:
    """The same figure by ir-measures; it has none where nothing was found or nothing is relevant."""
    ir_measures = pytest.importorskip("ir_measures", reason="the oracle of rankings: pip install '.[dev]'")
    run = [ir_measures.ScoredDoc("q", thing, float(len(ranking) - i)) for i, thing in enumerate(ranking)]
    qrels = [ir_measures.Qrel("q", thing, grade) for thing, grade in grades.items()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(ir_measures.iter_calc([ir_measures.parse_measure(name)], qrels, run))
    return found[0].value if found else 0.0


@settings(deadline=None, max_examples=60)
@given(rankings, judgements)
def test_figures_of_rankings_are_those_of_trec_eval(ranking: list[str], grades: dict[str, int]) -> None:
    relevant = {thing for thing, grade in grades.items() if grade > 0}
    ours = {
        "Success@5": metrics.hit_at(ranking, relevant, 5),
        "R@5": metrics.recall_at(ranking, relevant, 5),
        "RR": metrics.reciprocal_rank(ranking, relevant),
        "nDCG@10": metrics.ndcg_at(ranking, grades, 10),
    }
    assert ours == pytest.approx({name: by_trec_eval(ranking, grades, name) for name in ours}, abs=1e-6)


@given(rankings, judgements, st.integers(1, 12))
def test_all_found_means_a_recall_of_one(ranking: list[str], grades: dict[str, int], k: int) -> None:
    relevant = {thing for thing, grade in grades.items() if grade > 0}
    assert metrics.all_found_at(ranking, relevant, k) == float(metrics.recall_at(ranking, relevant, k) == 1)


def test_the_gain_of_a_later_rank_is_discounted() -> None:
    grades = {"a": 1, "b": 3}
    ideal = 3 / math.log2(2) + 1 / math.log2(3)
    assert metrics.ndcg_at(["a", "b"], grades, 10) == pytest.approx((1 / math.log2(2) + 3 / math.log2(3)) / ideal)
    assert metrics.ndcg_at(["b", "a"], grades, 10) == pytest.approx(1)
    assert metrics.ndcg_at(["x", "a"], grades, 1) == 0


def test_answers_are_compared_without_case_articles_and_punctuation() -> None:
    assert metrics.normalised("The  U.S. Army's a-team, ") == "us armys ateam"
    assert metrics.exact_match("the Saul Alinsky.", ["Alinsky", "Saul Alinsky"]) == 1
    assert metrics.exact_match("Saul", ["Saul Alinsky"]) == 0


def test_words_shared_with_the_nearest_gold_answer_count() -> None:
    assert metrics.f1("roughly spherical bodies", ["cubes", "spherical"]) == pytest.approx(2 * 1 / (3 + 1))
    assert metrics.f1("spherical spherical", ["spherical"]) == pytest.approx(
        2 / 3
    )  # a word counts as often as it stands
    assert metrics.f1("", ["spherical"]) == 0
    assert metrics.f1("the", ["a"]) == 1  # nothing is left of either


def test_an_answer_is_held_only_as_whole_words() -> None:
    assert metrics.holds_answer("It was built in 1889, in Paris.", ["1889"]) == 1
    assert metrics.holds_answer("It was built in 18890.", ["1889"]) == 0
    assert metrics.holds_answer("Anything", ["the"]) == 0


def test_citations_are_right_where_evidence_stands() -> None:
    cited, evidence = (
        [("a.pdf", 1), ("a.pdf", 2), ("b.pdf", 1)],
        [("a.pdf", 1), ("b.pdf", 1), ("b.pdf", 9), ("c.pdf", 1)],
    )
    assert metrics.citation_precision(cited, evidence) == pytest.approx(2 / 3)
    assert metrics.citation_recall(cited, evidence) == pytest.approx(2 / 4)
    assert metrics.citation_precision([], evidence) == 0
