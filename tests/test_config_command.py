"""`footnote config` as a user types it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from rag.cli import main
from rag.settings import OPTIONS, users_file


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in OPTIONS:
        monkeypatch.delenv(f"FOOTNOTE_{name.upper()}", raising=False)
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def test_it_lists_every_setting_with_its_value_its_source_and_what_it_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_THREADS", "3")
    assert main(["config", "--text"]) == 0
    said = capsys.readouterr()
    assert "threads = 3   (environment)" in said.out
    assert "length = normal\n" in said.out
    for name, option in OPTIONS.items():
        assert f"{name} = " in said.out
        assert option.does in said.out
    assert str(users_file()) in said.err


def test_into_a_pipe_it_prints_a_line_of_json_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "threshold", "0.3"]) == 0
    capsys.readouterr()
    assert main(["config"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in lines] == list(OPTIONS)
    (threshold,) = (line for line in lines if line["name"] == "threshold")
    assert (threshold["value"], threshold["source"]) == (0.3, str(users_file()))
    assert {line["source"] for line in lines if line["name"] != "threshold"} == {"default"}
    assert all(line["description"] for line in lines)


def test_one_setting_is_shown_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "port", "--text"]) == 0
    assert capsys.readouterr().out == "8501\n"


def test_a_setting_is_changed_and_set_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "length", "detailed", "--text"]) == 0
    assert "length is now detailed." in capsys.readouterr().err
    assert users_file().read_text().endswith('length = "detailed"\n')
    assert main(["config", "length", "--unset", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == "normal"
    assert "length" not in users_file().read_text()


def test_a_change_that_a_running_page_does_not_notice_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "port", "9000", "--text"]) == 0
    assert "at the next start" in capsys.readouterr().err


def test_a_key_is_kept_but_never_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-hidden\n"))
    assert main(["config", "server_key", "-"]) == 0
    assert 'server_key = "sk-hidden"' in users_file().read_text()
    for arguments in (["config"], ["config", "--text"], ["config", "server_key"], ["config", "server_key", "--text"]):
        assert main(arguments) == 0
    said = capsys.readouterr()
    assert "sk-hidden" not in said.out + said.err
    assert "•••" in said.out


def test_a_key_is_not_sent_to_another_server(capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in (("server_key", "sk-one"), ("server", "https://one.example/v1")):
        assert main(["config", name, value]) == 0
    assert 'server_key = "sk-one"' in users_file().read_text()
    assert main(["config", "server", "https://two.example/v1"]) == 0
    assert "key of the server before was forgotten" in capsys.readouterr().err
    assert "sk-one" not in users_file().read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["config", "thread", "3"], "There is no setting 'thread'. Known: library"),
        (["config", "thread"], "There is no setting 'thread'"),
        (["config", "thread", "--unset"], "There is no setting 'thread'"),
        (["config", "threads", "many"], "threads cannot be 'many': a whole number is needed"),
        (["config", "server", "localhost:1234"], "with http:// or https://"),
    ],
)
def test_what_cannot_be_set_is_said_and_nothing_is_written(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert said in capsys.readouterr().err
    assert not users_file().exists()


def test_what_the_environment_fixes_is_refused_with_the_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_THREADS", "3")
    assert main(["config", "threads", "4"]) == 1
    assert "FOOTNOTE_THREADS" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["config", "--unset"], ["config", "threads", "3", "--unset"]])
def test_unset_without_a_name_or_with_a_value_is_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
