from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import InputError
from rag.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def test_the_environment_beats_the_file_and_the_file_beats_the_default(somewhere_else: Path) -> None:
    (somewhere_else / "footnote.toml").write_text('library = "books"\nthreads = 3\n', encoding="utf-8")
    settings = load_settings({"FOOTNOTE_THREADS": "5"})
    assert (settings.library, settings.threads, settings.device) == ("books", 5, Settings().device)


def test_a_misspelt_setting_is_an_error_that_names_the_file_and_what_is_known(somewhere_else: Path) -> None:
    (somewhere_else / "footnote.toml").write_text("thread = 3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"footnote\.toml sets 'thread'.*threads"):
        load_settings({})


@pytest.mark.parametrize("value", ["many", "", "1.5"])
def test_a_number_that_is_none_is_an_error(value: str) -> None:
    with pytest.raises(InputError, match="threads"):
        load_settings({"FOOTNOTE_THREADS": value})


def test_a_file_that_is_no_toml_is_an_error(somewhere_else: Path) -> None:
    (somewhere_else / "footnote.toml").write_text("threads =", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        load_settings({})


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:1", "mps"])
def test_a_device_that_exists_is_taken(device: str) -> None:
    assert load_settings({"FOOTNOTE_DEVICE": device}).device == device


@pytest.mark.parametrize("device", ["foo", "", "cuda:", "cuda:x", "gpu", "CUDA"])
def test_any_other_device_is_an_error_that_says_which_there_are(device: str) -> None:
    with pytest.raises(InputError, match=r"device to .*auto, cpu, cuda"):
        load_settings({"FOOTNOTE_DEVICE": device})


@pytest.mark.parametrize(("name", "value"), [("PORT", "0"), ("PORT", "65536"), ("THREADS", "-1"), ("THREADS", "9999")])
def test_a_number_out_of_its_range_is_an_error(name: str, value: str) -> None:
    with pytest.raises(InputError, match="it can be"):
        load_settings({f"FOOTNOTE_{name}": value})
