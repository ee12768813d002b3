"""A passage by its best sentence: the words of the question together, and something of the kind that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.library import Library
from rag.retrieve.candidates import Asked, Candidates
from rag.retrieve.signals.sentences import N_READ, BestSentence
from rag.retrieve.signals.texts import Texts
from rag.types import Understood
from tests.index.made import put

SCATTERED = "The canal is old. Its length was disputed. Reports from 1880 name the Mornay. The keeper was tall."
TOGETHER = "The Mornay canal has a length of 84 kilometres. It is old. Keepers are tall."
NO_NUMBER = "The length of the Mornay canal was disputed. It is old. Keepers are tall."


def read(library: Library, texts: Sequence[str], question: str) -> np.ndarray:
    """The scores of texts, in their order."""
    parts = library.parts
    put(parts.catalog, 1, texts, vectors=False)
    parts.catch_up()
    candidates = Candidates.of(parts.catalog.passage_places(parts.catalog.passage_ids()))
    assert len(candidates) == len(texts)
    signal = BestSentence(Texts(parts.catalog, parts.passage_words))
    return signal(Asked(Understood(question, query=question, answer_type="number")), candidates)


def test_words_in_one_sentence_beat_the_same_words_scattered_and_a_number_beats_none(library: Library) -> None:
    others = [f"Harbour {n} lies in fog, and its lamps are lit." for n in range(9)]
    found = read(library, [SCATTERED, TOGETHER, NO_NUMBER, *others], "What is the length of the Mornay canal?")
    assert found[1] > found[2] > found[0]


def test_only_the_first_candidates_are_read(library: Library) -> None:
    texts = [f"Canal number {n} is old and long." for n in range(N_READ + 3)]
    found = read(library, texts, "Which canal is old?")
    assert np.isfinite(found[:N_READ]).all()
    assert np.isnan(found[N_READ:]).all()
