"""`footnote evaluate` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag import cli
from tests.conftest import WordEncoder
from tests.evaluate.conftest import QUESTIONS, write_jsonl


@pytest.fixture(autouse=True)
def _without_ocr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FOOTNOTE_OCR", "none")
    monkeypatch.setenv("FOOTNOTE_THREADS", "1")
    monkeypatch.chdir(tmp_path)


def test_it_prints_the_figures_and_writes_run_and_report(
    alps: Path, own_cache: WordEncoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", str(alps), "--out", str(tmp_path / "out"), "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["questions"] == 4 and line["scope"] == "own"
    hit = line["figures"]["hit@1"]
    assert (hit["mean"], hit["high"], hit["n"]) == (1.0, 1.0, 3)
    assert hit["low"] == pytest.approx(0.4385, abs=1e-3)  # Wilson's: three of three do not make it certain
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.html", "report.md", "run.json"]


def test_it_compares_with_an_earlier_run(
    alps: Path, own_cache: WordEncoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", str(alps), "--out", str(tmp_path / "one"), "--text"]) == 0
    capsys.readouterr()
    earlier = str(tmp_path / "one" / "run.json")
    assert cli.main(["evaluate", str(alps), "--out", str(tmp_path / "two"), "--text", "--against", earlier]) == 0
    said = capsys.readouterr()
    assert "Compared" in said.out and "+0.000 to +0.000" in said.out
    assert "report.html" in said.err


def test_without_a_folder_the_report_is_kept_and_its_place_is_told(
    alps: Path, own_cache: WordEncoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", str(alps), "-n", "1", "--whole", "--no-answers", "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert Path(line["run"]).is_file() and Path(line["run"]).is_relative_to(tmp_path / "home")
    assert line["scope"] == "whole" and line["questions"] == 1


def test_a_run_of_other_questions_is_refused_and_nothing_is_written(
    alps: Path, own_cache: WordEncoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", str(alps), "--out", str(tmp_path / "one")]) == 0
    write_jsonl(alps / "questions.jsonl", QUESTIONS[:1])
    earlier = str(tmp_path / "one" / "run.json")
    assert cli.main(["evaluate", str(alps), "--out", str(tmp_path / "two"), "--against", earlier]) == 1
    assert "cannot be compared" in capsys.readouterr().err
    assert not (tmp_path / "two").exists()


def test_a_folder_that_is_no_dataset_is_an_error_with_a_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", str(tmp_path / "lost")]) == 1
    assert "Give one with questions.jsonl and pdfs/" in capsys.readouterr().err


def test_own_and_whole_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["evaluate", "somewhere", "--own", "--whole"])
    assert left.value.code == 2
