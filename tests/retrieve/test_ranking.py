"""A ranking: arrays that become candidates where somebody looks."""

from __future__ import annotations

import numpy as np
import pytest

from rag.retrieve.ranking import Candidate, Ranking, nothing

RANKING = Ranking(
    np.array([7, 3, 9]),
    np.array([2.0, 1.5, -1.0]),
    np.array([0.5, np.nan, 0.1]),
    {"meaning": np.array([1.5, 1.0, -1.0]), "words": np.array([0.5, 0.5, 0.0])},
)


def test_a_candidate_has_its_score_and_the_shares_of_all_signals_in_it() -> None:
    first, second, last = RANKING
    assert first == Candidate(7, 2.0, 0.5, (("meaning", 1.5), ("words", 0.5)))
    assert second.similarity is None
    assert RANKING[-1] == last
    assert all(sum(share for _, share in one.signals) == one.score for one in (first, second, last))


def test_a_part_of_it_is_a_list_in_its_order() -> None:
    assert RANKING[:2] == [RANKING[0], RANKING[1]]
    assert RANKING[2:] == [RANKING[2]]
    assert [one.id for one in RANKING[::-1]] == [9, 3, 7]
    with pytest.raises(IndexError):
        RANKING[3]


def test_relevances_come_to_their_candidates_and_change_nothing_else() -> None:
    judged = RANKING.judged(np.array([0.9, 0.4, 0.1]))
    assert [one.relevance for one in judged] == [0.9, 0.4, 0.1]
    assert [(one.id, one.score, one.signals) for one in judged] == [(o.id, o.score, o.signals) for o in RANKING]
    assert RANKING[0].relevance is None


def test_nothing_ranked_is_an_empty_ranking() -> None:
    assert not nothing()
    assert list(nothing()) == nothing()[:10] == []
