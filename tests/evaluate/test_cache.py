"""Kept vectors: nothing is encoded twice, nothing is mixed up, and a kept vector equals a fresh one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.errors import StorageError
from rag.evaluate.cache import CachedEncoder
from rag.types import Floats
from tests.conftest import WordEncoder

TEXTS = ["the long river", "a mountain", "the long river", ""]


class Counting(WordEncoder):
    """Counts what it is asked for."""

    def __init__(self, name: str = "words-64") -> None:
        self.id = name
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], *, on_done: Callable[[int], None] | None = None) -> Floats:
        self.asked += texts
        return super().encode(texts, on_done=on_done)


@pytest.fixture
def cached(tmp_path: Path) -> Iterator[Callable[[Counting], CachedEncoder]]:
    made: list[CachedEncoder] = []

    def make(inner: Counting) -> CachedEncoder:
        made.append(CachedEncoder(inner, tmp_path / "kept" / "vectors.sqlite"))
        return made[-1]

    yield make
    for encoder in made:
        encoder.close()


def test_a_text_is_encoded_once_even_by_another_process(cached: Callable[[Counting], CachedEncoder]) -> None:
    first, second = Counting(), Counting()
    made = cached(first).encode(TEXTS)
    kept = cached(second).encode(TEXTS)
    assert sorted(first.asked) == sorted(set(TEXTS))
    assert second.asked == []
    assert np.array_equal(made, kept)


def test_the_vectors_are_those_of_the_encoder(cached: Callable[[Counting], CachedEncoder]) -> None:
    inner = Counting()
    found = cached(inner).encode(TEXTS)
    assert found == pytest.approx(WordEncoder().encode(TEXTS), abs=1e-3)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-6)


def test_encoders_do_not_share_vectors(cached: Callable[[Counting], CachedEncoder]) -> None:
    cached(Counting("one")).encode(TEXTS)
    other = Counting("other")
    cached(other).encode(TEXTS[:1])
    assert other.asked == TEXTS[:1]


def test_it_stands_in_for_its_encoder(cached: Callable[[Counting], CachedEncoder]) -> None:
    told: list[int] = []
    encoder = cached(Counting())
    encoder.encode(TEXTS, on_done=told.append)
    assert (encoder.id, encoder.n_dims) == ("words-64", 64)
    assert told[-1] == len(TEXTS)
    assert encoder.encode([]).shape == (0, 64)


def test_a_file_that_holds_something_else_is_named(tmp_path: Path) -> None:
    file = tmp_path / "vectors.sqlite"
    file.write_text("this is no database, and is long enough to be seen as none" * 20)
    with pytest.raises(StorageError, match=r"vectors.sqlite cannot be used .* Delete the file"):
        CachedEncoder(WordEncoder(), file)
