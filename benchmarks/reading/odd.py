"""Odd files: damaged, locked and rare PDFs, added as a user adds them. Nothing may crash, hang, or fail in silence.

Every file goes through `Library.add` into one library of its own, vectors aside, in one process. "Opened" are the
files that are neither damaged nor locked, whether or not there is text in them; beside it what pdfium opens by itself.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from benchmarks.reading.common import data
from benchmarks.reading.memory import Peaks
from rag.errors import FootnoteError
from rag.library import Library
from rag.types import Added

HANG_S = 300.0  # more for one of these small files is a hang, OCR and a busy machine included
_OPENED = ("has no text",)  # what the reason of a file says that opened, and yet failed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file."""

    name: str
    added: Added | None
    error: str  # that was raised; ""
    seconds: float

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
    paths = sorted(folder.glob("*.pdf"))
    with Peaks() as peaks:
        outcomes = add_all(paths)
    report(outcomes, sum(opens_alone(path) for path in paths))
    print(f"peak memory: this process {peaks.own_mb:.0f} MB, the largest child {peaks.child_mb:.0f} MB")


def add_all(paths: list[Path]) -> list[Outcome]:
    """Add files to a library in a temporary folder."""
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="footnote-odd-") as folder:
        library = Library(Path(folder) / "odd")
        for path in paths:
            started = time.perf_counter()
            added, error = None, ""
            try:
                added = library.add(path, with_vectors=False)
            except FootnoteError as exc:
                error = f"{type(exc).__name__}: {exc}"
            except Exception as exc:  # noqa: BLE001  (what is counted here)
                error = f"! {type(exc).__name__}: {exc}"
            outcomes.append(Outcome(path.name, added, error, time.perf_counter() - started))
        library.close()
    return outcomes


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
    status = Counter(outcome.added.status if outcome.added else "raised" for outcome in outcomes)
    print(f"{len(outcomes)} files:", ", ".join(f"{n} {name}" for name, n in status.most_common()))
    print(f"crashes of this process 0, exceptions raised {status['raised']}")
    print(f"longer than {HANG_S:g} s: {sum(outcome.seconds > HANG_S for outcome in outcomes)}")
    print(f"opened: {sum(outcome.opened for outcome in outcomes)}, by pdfium alone {n_alone}")
    failed = [outcome for outcome in outcomes if outcome.added is None or outcome.added.status == "failed"]
    reasons = [outcome.error or (outcome.added.reason if outcome.added else None) or "" for outcome in failed]
    bad = [o.name for o, reason in zip(failed, reasons, strict=True) if not reason or "\n" in reason]
    print(f"failures without a one-line reason: {len(bad)}", *bad)
    kinds = Counter(_kind(reason, outcome.name) for outcome, reason in zip(failed, reasons, strict=True))
    for kind, n in kinds.most_common():
        print(f"  {n:4} x {kind}")
    print("slowest:", ", ".join(f"{o.name} {o.seconds:.1f} s" for o in sorted(outcomes, key=lambda o: -o.seconds)[:5]))


def _kind(reason: str, name: str) -> str:
    """Return a reason without what differs from file to file."""
    return re.sub(r"\d+", "N", reason.replace(name, "FILE"))


if __name__ == "__main__":
    main()
