"""Speed on two threads: add beside LangChain's default, ask over 10,000 passages, `footnote --help`.

python -m benchmarks.speed [--no-peers]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.data import data_folder, pdfs, questions
from benchmarks.peers import LangChain, minilm
from rag.library import Library
from rag.types import Progress

N_THREADS = 2
FILING = "3M_2018_10K.pdf"  # 160 pages
ROUNDS = 3


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-peers", action="store_true")
    arguments, _ = parser.parse_known_args()
    help_time()
    path = data_folder() / "filings" / "pdfs" / FILING
    ours = [add_time(path) for _ in range(ROUNDS)]
    total = statistics.median(seconds for seconds, _, _ in ours)
    searchable = statistics.median(first for _, first, _ in ours)
    n_pages = ours[0][2]
    print(f"add {FILING}, {n_pages} pages: words can be searched after {searchable:.1f} s")
    print(f"  Footnote             {n_pages / total:6.1f} pages/s ({total:.1f} s)", flush=True)
    if not arguments.no_peers:
        encoder = minilm(N_THREADS)
        peer = statistics.median(langchain_time(path, encoder) for _ in range(ROUNDS))
        print(f"  LangChain's default  {n_pages / peer:6.1f} pages/s ({peer:.1f} s); ratio {peer / total:.2f}")
    ask_time(10_000)


def help_time() -> None:
    """Print how long a cold `footnote --help` takes."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "rag.cli", "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    print(f"footnote --help: {statistics.median(times):.2f} s", flush=True)


def add_time(path: Path) -> tuple[float, float, int]:
    """Return seconds until ready, seconds until a search by words finds something, and the number of pages."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), n_threads=N_THREADS)
        library.warm_up()
        found: list[float] = []
        started = time.perf_counter()

        def search_once(progress: Progress) -> None:
            if progress.stage == "index" and progress.done == progress.total and not found:
                assert library.search("capital expenditure"), "nothing found by words"
                found.append(time.perf_counter() - started)

        added = library.add(path, on_progress=search_once)
        seconds = time.perf_counter() - started
        library.close()
        return seconds, found[0], added.pages


def langchain_time(path: Path, encoder: Any) -> float:
    """Return the seconds that LangChain's default takes, with its encoder already loaded."""
    started = time.perf_counter()
    LangChain.load(path, encoder)
    return time.perf_counter() - started


def ask_time(n_passages: int) -> None:
    """Print how long an extractive answer takes in a library of at least `n_passages`."""
    asked = [question.text for question in questions("filings")]
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), n_threads=N_THREADS)
        for path in pdfs("filings"):
            library.add(path)
            n = sum(document.n_passages for document in library.documents())
            if n >= n_passages:
                break
        for question in asked[:5]:
            library.ask(question)
        times = []
        for question in asked:
            started = time.perf_counter()
            library.ask(question)
            times.append(1000 * (time.perf_counter() - started))
        times.sort()
        print(
            f"ask, extractive, {n:,} passages, {N_THREADS} threads: median {statistics.median(times):.0f} ms, "
            f"p95 {times[int(0.95 * len(times))]:.0f} ms, {threading.active_count()} threads alive",
            flush=True,
        )
        library.close()


if __name__ == "__main__":
    main()
