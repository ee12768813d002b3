"""How much memory adding a document of 1,000 pages takes: pages are streamed, none waits in memory for the last.

The document is put together from annual reports. It is added as a user adds it, vectors aside; measured are the most
that this process held above what it held before, and the most of its largest child (Linux; elsewhere zeros).
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import tempfile
import threading
from pathlib import Path

import pypdf

from benchmarks.reading.common import data
from rag.library import Library

N_PAGES = 1000
_EVERY_S = 0.02


class Peaks:
    """Watches while its context lasts: the peak of this process, and that of the largest child, in MB of memory used.

    The system's own peak of children counts what a child was before it became another program, so they are asked.
    """

    def __init__(self) -> None:
        self.child_mb = 0.0
        self.own_mb = 0.0
        self.idle_mb = memory_mb("self", "VmRSS")
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peaks:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_EVERY_S):
            self.own_mb = max(self.own_mb, memory_mb("self", "VmRSS"))
            for child in _children():
                self.child_mb = max(self.child_mb, memory_mb(child, "VmHWM"))


def memory_mb(process: str, what: str) -> float:
    """Return VmRSS (now) or VmHWM (peak) of a process; 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(what):
                return int(line.split()[1]) / 1024
    return 0.0


def _children() -> list[str]:
    found = []
    for task in Path("/proc/self/task").glob("*/children") if os.name == "posix" else ():
        with contextlib.suppress(OSError):
            found += task.read_text(encoding="utf-8").split()
    return found


def main() -> None:
    """Add a large document, and print the peaks."""
    folder = data("filings")
    if folder is None:
        return
    with tempfile.TemporaryDirectory(prefix="footnote-memory-") as place:
        path = Path(place) / "large.pdf"
        sources = sorted((folder / "pdfs").glob("*.pdf"))
        maker = multiprocessing.get_context("spawn").Process(target=large_pdf, args=(sources, path))
        maker.start()  # in a process of its own, so that what it leaves in memory does not count as there before
        maker.join()
        library = Library(Path(place) / "library")
        with Peaks() as peaks:
            added = library.add(path, with_vectors=False)
        library.close()
    above = peaks.own_mb - peaks.idle_mb
    print(f"{added.pages} pages, {added.passages} passages, {added.seconds:.0f} s")
    print(
        f"this process: {above:.0f} MB above the {peaks.idle_mb:.0f} MB before; largest child: {peaks.child_mb:.0f} MB"
    )


def large_pdf(sources: list[Path], target: Path, n_pages: int = N_PAGES) -> None:
    """Write a PDF with the pages of others, one after the other."""
    writer = pypdf.PdfWriter()
    for source in sources:
        reader = pypdf.PdfReader(source)
        left = n_pages - len(writer.pages)
        writer.append(reader, pages=(0, min(left, len(reader.pages))), import_outline=False)
        if len(writer.pages) >= n_pages:
            break
    writer.write(target)


if __name__ == "__main__":
    main()
