"""Another configuration from a file, and what is said of one that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import InputError
from rag.evaluate.overriding import overridden
from rag.retrieve.weights import Weight
from rag.settings import Settings


def test_without_a_file_the_settings_in_force_are_measured() -> None:
    assert overridden(Settings(length="detailed"), None).settings.length == "detailed"


def test_a_file_changes_settings_and_weights(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('threshold = 0.3\n[weights]\nwords = 0.25\n"page digits" = {always = 0.1, table = 0.5}\n')
    found = overridden(Settings(length="detailed"), file)
    assert (found.settings.threshold, found.settings.length) == (0.3, "detailed")
    assert found.weights == {"words": Weight(0.25), "page digits": Weight(0.1, 0.5)}


def test_a_file_of_weights_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    file.write_text('{"signals": {"meaning": {"always": 0.4, "table": 0.1}}}')
    assert overridden(Settings(), file).weights == {"meaning": Weight(0.4, 0.1)}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.toml", "thershold = 1", "no setting 'thershold'"),
        ("a.toml", "threshold = 7", "threshold cannot be 7"),
        ("a.toml", "threshold =", "cannot be read"),
        ("a.toml", "[weights]\nwords = 'much'", "weight of 'words' cannot be 'much'"),
        ("a.toml", "[weights]\nwords = {sometimes = 1}", "weight of 'words' cannot be"),
        ("a.toml", "weights = 3", "must be a table"),
        ("a.json", "{}", "no file of weights"),
        ("a.json", "[]", "no file of weights"),
        ("a.json", "{", "no file of weights"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said) as caught:
        overridden(Settings(), tmp_path / name)
    assert name in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lost\.toml cannot be read"):
        overridden(Settings(), tmp_path / "lost.toml")
