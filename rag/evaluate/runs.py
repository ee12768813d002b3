"""A run: the rows of all questions, and everything that made them so, as one JSON file."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import rag
from rag.errors import InputError, StorageError
from rag.evaluate.rows import Row, Said

FORMAT = 1
_GIT_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Run:
    """A measurement that was made."""

    dataset: str
    questions: str  # digest of the questions and of what is known of their answers
    documents: str  # digest of the documents
    started: str  # local time, ISO 8601
    seconds: float
    configuration: Mapping[str, Any]  # how it was asked, settings, weights, encoder
    code: Mapping[str, Any]
    machine: Mapping[str, Any]
    library: Mapping[str, Any]  # documents, pages, passages; which could not be read, and why
    rows: tuple[Row, ...]
    seconds_to_encode: tuple[float, ...] = ()  # of single questions, each really encoded
    peers: Mapping[str, Any] = field(default_factory=dict)  # name -> rows of figures and what it took

    @property
    def title(self) -> str:
        """Return what a person calls it."""
        how = self.configuration.get("asking", {})
        return f"{self.dataset}, {'the whole library' if how.get('whole') else 'each question of its own document'}"


def save(run: Run, file: Path) -> None:
    """Write a run, a row a line; the file is whole or as it was. Raises: StorageError."""
    told = asdict(run)
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in told.pop("rows"))
    head = json.dumps({"format": FORMAT} | told, ensure_ascii=False, indent=1).removesuffix("\n}")
    write_text(file, f'{head},\n "rows": [\n{rows}\n]}}\n')


def write_text(file: Path, text: str) -> None:
    """Write a file under another name, then rename it. Raises: StorageError."""
    temporary = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(file)
    except OSError as exc:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise StorageError(f"{file} cannot be written: {exc}. Choose another folder with --out.") from exc


def load(file: Path) -> Run:
    """Return a run that was saved.

    Raises:
        InputError: it cannot be read, or is none.
    """
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as exc:
        raise InputError(f"{file} cannot be read as a run: {exc}. Give the run.json of an earlier one.") from exc
    if not isinstance(told, dict) or told.pop("format", None) != FORMAT:
        raise InputError(f"{file} is no run of this version of Footnote. Give the run.json of one, or run it anew.")
    try:
        rows = tuple(_row(row) for row in told.pop("rows"))
        return Run(**told | {"rows": rows, "seconds_to_encode": tuple(told["seconds_to_encode"])})
    except (KeyError, TypeError, ValueError) as exc:
        raise InputError(f"{file} lacks a part of a run, or has one too many ({exc}). Run it anew.") from exc


def _row(told: dict[str, Any]) -> Row:
    said = told["said"]
    places = {name: _places(told[name]) for name in ("expected", "found")}
    if said is not None:
        said = Said(**said | {name: _places(said[name]) for name in ("cited", "anyway_cited")})
    return Row(**told | places | {"said": said, "answers": tuple(told["answers"]), "kinds": tuple(told["kinds"])})


def _places(told: Sequence[Sequence[Any]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(document), int(page)) for document, page in told)


def code() -> dict[str, Any]:
    """Return version, and in a checkout the commit and whether files differ from it."""
    root = Path(rag.__file__).parent.parent
    told: dict[str, Any] = {"version": rag.__version__, "commit": None, "changed": None}
    if (root / ".git").exists():
        commit, changes = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain")
        told |= {"commit": commit, "changed": None if changes is None else bool(changes)}
    return told


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],
            capture_output=True,
            text=True,
            timeout=_GIT_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def machine() -> dict[str, Any]:
    """Return what the seconds depend on."""
    return {
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def now() -> str:
    """Return the local time as ISO 8601, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
