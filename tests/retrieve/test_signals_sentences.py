"""A passage by its best sentence: the words of the question together, and something of the kind that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from rag.library import Library
from rag.retrieve.candidates import Asked, Candidates
from rag.retrieve.signals.sentences import N_READ, BestSentence
from rag.retrieve.signals.texts import Texts
from rag.types import Understood

SCATTERED = "The canal is old. Its length was disputed. Reports from 1880 name the Mornay. The keeper was tall."
TOGETHER = "The Mornay canal has a length of 84 kilometres. It is old. Keepers are tall."
NO_NUMBER = "The length of the Mornay canal was disputed. It is old. Keepers are tall."


def scores(library: Library, question: str) -> dict[str, float]:
    parts = library.parts
    ids = parts.catalog.passage_ids()
    candidates = Candidates.of(parts.catalog.passage_places(ids))
    signal = BestSentence(Texts(parts.catalog, parts.passage_words))
    found = signal(Asked(Understood(question, query=question)), candidates)
    passages = parts.catalog.passages(candidates.ids.tolist())
    return {passage.text.split(".")[0]: float(value) for passage, value in zip(passages, found, strict=True)}


def test_words_in_one_sentence_beat_the_same_words_scattered_and_a_number_beats_none(
    library: Library, make_pdf: Callable[..., Path]
) -> None:
    library.add(make_pdf([[SCATTERED], [TOGETHER], [NO_NUMBER]]))
    library.parts.catch_up()
    found = scores(library, "How long is the length of the Mornay canal?")
    together, no_number, scattered = (found[text.split(".")[0]] for text in (TOGETHER, NO_NUMBER, SCATTERED))
    assert together > no_number > scattered


def test_only_the_first_candidates_are_read(library: Library, make_pdf: Callable[..., Path]) -> None:
    library.add(make_pdf([[f"Canal number {n} is old and long."] for n in range(N_READ + 3)]))
    library.parts.catch_up()
    ids = library.parts.catalog.passage_ids()
    candidates = Candidates.of(library.parts.catalog.passage_places(ids))
    assert len(candidates) > N_READ
    signal = BestSentence(Texts(library.parts.catalog, library.parts.passage_words))
    found = signal(Asked(Understood("Which canal is old?", query="Which canal is old?")), candidates)
    assert np.isfinite(found[:N_READ]).all()
    assert np.isnan(found[N_READ:]).all()
