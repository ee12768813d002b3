"""A ranking: arrays that become candidates where somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from rag.retrieve.ranking import Candidate, Ranking, Reordered, nothing

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


def test_a_reordered_ranking_begins_with_its_new_ones_and_goes_on_as_before() -> None:
    new = [RANKING[1], RANKING[0]]
    assert list(Reordered(new, RANKING, 2)) == [RANKING[1], RANKING[0], RANKING[2]]
    one_less = Reordered([RANKING[1]], RANKING, 2)  # one of the two was gone
    assert len(one_less) == 2
    assert one_less[:5] == [RANKING[1], RANKING[2]]
    assert one_less[-1] == RANKING[2]
    assert list(Reordered(new, RANKING[:2], 20)) == new  # there are fewer than were to be read
    with pytest.raises(IndexError):
        one_less[2]


def test_what_is_behind_the_reordered_is_put_together_only_when_it_is_looked_at() -> None:
    class Counting(Sequence[Candidate]):
        looked_at = 0

        def __len__(self) -> int:
            return 1000

        def __getitem__(self, at: int) -> Candidate:  # type: ignore[override]
            self.looked_at += 1
            return replace(RANKING[0], id=at)

    before = Counting()
    reordered = Reordered([RANKING[1]], before, 20)
    assert [one.id for one in reordered[:5]] == [3, 20, 21, 22, 23]
    assert before.looked_at == 4
