"""Scores by id, brought to candidates; compared with a look-up one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.candidates import Candidates, best_of_pages, values_of
from rag.types import PAGES_A_DOCUMENT

KEYS = st.integers(1, 30)
FOUND = st.dictionaries(KEYS, st.floats(0, 10), max_size=20)


@given(FOUND, st.lists(KEYS, max_size=40))
def test_each_key_has_its_value_and_0_where_it_has_none(found: dict[int, float], keys: list[int]) -> None:
    assert values_of(found, np.array(keys, np.int64)).tolist() == [found.get(key, 0.0) for key in keys]


@given(FOUND, st.lists(st.tuples(KEYS, st.integers(0, 4)), max_size=40))
def test_a_candidate_has_the_best_of_the_pages_that_it_stands_on(
    found: dict[int, float], places: list[tuple[int, int]]
) -> None:
    first, n_more = np.array(places, np.int64).reshape(-1, 2).T
    n = len(places)
    candidates = Candidates(np.arange(n), np.full(n, 3), first, first + n_more)
    keyed = {3 * PAGES_A_DOCUMENT + page: value for page, value in found.items()}
    scores = (np.array(list(keyed), np.int64), np.array(list(keyed.values())))
    wanted = [max(found.get(start + i, 0.0) for i in range(more + 1)) for start, more in places]
    assert best_of_pages(scores, candidates).tolist() == wanted
