"""`footnote train questions` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.cli import main


def test_missing_data_are_named_before_anything_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "questions", "--data", str(tmp_path)]) == 1
    assert f"{tmp_path / 'squad'}" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [[], ["questions"], ["questions", "--data", "x", "--hidden", "-1"], ["nothing"]])
def test_wrong_usage_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["train", *wrong])
    assert refused.value.code == 2
    assert "usage" in capsys.readouterr().err
