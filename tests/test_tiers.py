"""Which language models suit a computer: what fits, the truest first, and never a download."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from rag import tiers
from rag.cli import main
from rag.tiers import GB, Machine, Recommendation, download_words, recommended

LAPTOP = Machine("cpu", "x86_64", 4, 8 * GB, has_bf16=False)
DESKTOP = Machine("cpu", "x86_64", 16, 32 * GB, has_bf16=True)


def gpu(gigabytes: float, *, has_bf16: bool = True) -> Machine:
    return Machine("cuda", "a GPU", 16, 64 * GB, round(gigabytes * GB), has_bf16)


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def models(machine: Machine) -> list[str]:
    return [one.model for one in recommended(machine)]


@pytest.mark.parametrize("machine", [LAPTOP, DESKTOP])
def test_on_a_processor_the_built_in_model_comes_first_and_nothing_is_downloaded_for_it(machine: Machine) -> None:
    first = recommended(machine)[0]
    assert first.model == ""
    assert first.download == 0
    assert first.how == ("footnote config --unset model",)


def test_a_larger_model_is_for_many_cores_and_much_memory() -> None:
    assert models(LAPTOP) == ["", "Qwen/Qwen3-0.6B"]
    assert models(DESKTOP) == ["", "Qwen/Qwen3-1.7B", "Qwen/Qwen3-0.6B"]
    assert models(Machine("cpu", "arm", 16, None)) == ["", "Qwen/Qwen3-0.6B"]
    assert models(Machine("cpu", "arm", 2, 1 * GB)) == [""]


@pytest.mark.parametrize(
    ("gigabytes", "best"),
    [
        (2, "Qwen/Qwen3-0.6B"),
        (8, "Qwen/Qwen3-1.7B"),
        (12, "Qwen/Qwen3-4B-Instruct-2507"),
        (24, "Qwen/Qwen3-8B"),
        (48, "Qwen/Qwen3-14B"),
        (80, "Qwen/Qwen3.6-27B"),
        (140, "Qwen/Qwen3.6-27B"),
    ],
)
def test_the_largest_model_that_fits_with_its_conversation_comes_first(gigabytes: float, best: str) -> None:
    found = recommended(gpu(gigabytes))
    assert found[0].model == best
    assert found[-1].model == "", "the built-in one is always there"
    assert all(one.download <= gigabytes * GB for one in found)


def test_what_is_too_large_in_16_bits_is_offered_in_four_on_a_server_of_ones_own() -> None:
    (served,) = [one for one in recommended(gpu(8)) if "server" in one.title]
    assert served.model == "Qwen/Qwen3-8B-GGUF"
    assert served.download < 8 * GB
    assert any(command.startswith("footnote config server http://localhost") for command in served.how)
    assert all("server" not in one.title for one in recommended(gpu(140)))


def test_precision_follows_the_hardware() -> None:
    assert recommended(gpu(24))[0].precision == "bf16"
    assert recommended(gpu(24, has_bf16=False))[0].precision == "fp16"
    assert recommended(Machine("mps", "Apple GPU", 8, 32 * GB))[0].precision == "fp16"
    assert recommended(LAPTOP)[1].precision.startswith("fp32")
    assert recommended(DESKTOP)[1].precision == "bf16"


def test_a_model_that_was_downloaded_before_is_not_downloaded_again(empty_cache: Path) -> None:
    snapshot = empty_cache / "models--Qwen--Qwen3-8B" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    first = recommended(gpu(24))[0]
    assert first.is_here
    assert first.download == 0
    assert download_words(first) == "it is on this computer"


def test_a_disk_that_is_too_full_is_said() -> None:
    full = Machine("cuda", "a GPU", 16, 64 * GB, 24 * GB, has_bf16=True, free_disk=3 * GB)
    assert recommended(full)[0].warning == "Only 3 GB are free on the disk."
    assert recommended(gpu(24))[0].warning == ""


def test_the_command_prints_them_and_reaches_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was reached")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(tiers, "machine", lambda device="auto": gpu(24))
    assert main(["models", "recommend", "--text"]) == 0
    out, told = capsys.readouterr()
    assert out.startswith("This computer: a GPU with 24 GB; 64 GB of memory")
    assert "→ footnote config model Qwen/Qwen3-8B" in out
    assert "downloads 16.4 GB" in out
    assert "Nothing was downloaded" in told
    assert main(["models", "recommend", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["model"] == "Qwen/Qwen3-8B"
    assert lines[-1]["model"] is None


def test_this_computer_is_looked_at() -> None:
    found = tiers.machine("cpu")
    assert found.kind == "cpu"
    assert found.n_cores >= 1
    assert found.memory is None or found.memory > GB / 4
    assert all(isinstance(one, Recommendation) for one in recommended(found))
    assert "cores" in found.words
