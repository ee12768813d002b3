"""Odd files: damaged, locked and rare PDFs, added as a user adds them. Nothing may crash, hang, or fail in silence.

python -m benchmarks.reading.odd           # all files
python -m benchmarks.reading.odd 20        # twenty of them, from all over the folder

Files go to `footnote add --json` in batches, each in a process and a home of its own. A file that gets no line, as the
process ended or was stopped before, is added once more alone: what ends that process too is a crash by this file.
"Opened" are the files that are neither damaged nor locked, whether or not there is text in them; beside it what pdfium
opens by itself.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from benchmarks.reading.common import data
from benchmarks.reading.memory import Peaks
from rag import models
from rag.types import Added

HANG_S = 300.0  # more for one of these small files is a hang, OCR and a busy machine included
N_BATCH = 25  # files a process
_OPENED = ("has no text",)  # what the reason of a file says that opened, and yet failed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file."""

    name: str
    added: Added | None  # its line; None when there is none
    ended: str = ""  # how the process ended before it told, alone with the file

    @property
    def opened(self) -> bool:
        """Tell whether its pages could be reached."""
        if self.added is None:
            return False
        return self.added.status != "failed" or any(part in (self.added.reason or "") for part in _OPENED)


def main() -> None:
    """Print what became of the files."""
    folder = data("odd")
    if folder is None:
        return
    paths = some(sorted(folder.glob("*.pdf")), int(sys.argv[1])) if sys.argv[1:] else sorted(folder.glob("*.pdf"))
    with Peaks() as peaks:
        outcomes = [outcome for batch in _batches(paths) for outcome in add_all(batch)]
    report(outcomes, sum(opens_alone(path) for path in paths))
    print(f"peak memory of the program, the readers of pages aside: {peaks.child_mb:.0f} MB")


def some(paths: Sequence[Path], n: int) -> list[Path]:
    """Return about `n` of these files, evenly spread."""
    return list(paths[:: max(1, len(paths) // max(1, n))][:n])


def _batches(paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
    return (paths[i : i + N_BATCH] for i in range(0, len(paths), N_BATCH))


def add_all(paths: Sequence[Path]) -> list[Outcome]:
    """Add files in one process; those that it told nothing of, each in one of its own."""
    told, _ = add(paths)
    return [Outcome(path.name, told[path.name]) if path.name in told else _alone(path) for path in paths]


def _alone(path: Path) -> Outcome:
    told, ended = add([path])
    return Outcome(path.name, told.get(path.name), "" if path.name in told else ended)


def add(paths: Sequence[Path]) -> tuple[dict[str, Added], str]:
    """Run `footnote add` on files in a fresh home; return the lines by file, and how the process ended."""
    with tempfile.TemporaryDirectory(prefix="footnote-odd-") as folder:
        Path(folder, "models").symlink_to(models.models_dir())
        command = [sys.executable, "-m", "rag.cli", "add", "--json", *map(str, paths)]
        try:
            run = subprocess.run(
                command,
                env=os.environ | {"FOOTNOTE_HOME": folder},
                cwd=Path(__file__).parents[2],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=HANG_S * len(paths),
                check=False,
            )
            output, ended = run.stdout, _ending(run.returncode, run.stderr)
        except subprocess.TimeoutExpired as exc:
            output, ended = exc.stdout or b"", f"hangs: longer than {HANG_S * len(paths):g} s"
    lines = [json.loads(line) for line in output.decode().splitlines() if line.endswith("}")]
    return {line["document"]: Added(**line) for line in lines}, ended


def _ending(status: int, said: bytes) -> str:
    if status < 0:
        return f"signal {-status}"
    last = said.decode(errors="replace").strip().splitlines()[-1:]
    return f"exit {status}: {' '.join(last)}"


def opens_alone(path: Path) -> bool:
    """Tell whether pdfium opens a file without a password, and finds a page in it."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return False
    try:
        return len(document) > 0
    finally:
        document.close()


def report(outcomes: list[Outcome], n_alone: int) -> None:
    """Print counts, the distinct reasons, and the slowest."""
    told = [(outcome.name, outcome.added) for outcome in outcomes if outcome.added is not None]
    status = Counter(added.status for _, added in told)
    print(f"{len(outcomes)} files:", ", ".join(f"{n} {name}" for name, n in status.most_common()))
    crashed = [f"{o.name} ({o.ended})" for o in outcomes if o.added is None and not o.ended.startswith("hangs")]
    print(f"crashes, of files whose process ended without a line: {len(crashed)}", *crashed)
    hung = [o.name for o in outcomes if (o.added.seconds > HANG_S if o.added else o.ended.startswith("hangs"))]
    print(f"longer than {HANG_S:g} s: {len(hung)}", *hung)
    print(f"opened: {sum(outcome.opened for outcome in outcomes)}, by pdfium alone {n_alone}")
    failed = [(name, added.reason or "") for name, added in told if added.status == "failed"]
    bad = [name for name, reason in failed if not reason or "\n" in reason]
    print(f"failures without a one-line reason: {len(bad)}", *bad)
    kinds = Counter(_kind(reason, name) for name, reason in failed)
    for kind, n in kinds.most_common():
        print(f"  {n:4} x {kind}")
    slowest = sorted(told, key=lambda one: -one[1].seconds)[:5]
    print("slowest:", ", ".join(f"{name} {added.seconds:.1f} s" for name, added in slowest))


def _kind(reason: str, name: str) -> str:
    """Return a reason without what differs from file to file."""
    return re.sub(r"\d+", "N", reason.replace(name, "FILE"))


if __name__ == "__main__":
    main()
