"""When what is asked for is read from a statement."""

from __future__ import annotations

import pytest

from rag.retrieve.vocabulary.meanings import names_measure, shipped


@pytest.mark.parametrize(
    ("question", "is_measured"),
    [
        ("Has the gross margin improved in 2022?", True),
        ("What is the quick ratio of Mornay?", True),
        ("What drove the change of the gross margin in 2022?", False),
        ("Why did operating income fall?", False),
        ("What were the main drivers of revenue growth?", False),
        ("Who keeps the lamp?", False),
    ],
)
def test_a_measure_stands_in_a_table_but_its_causes_are_told_in_words(question: str, is_measured: bool) -> None:
    assert names_measure(question, shipped()) is is_measured
