"""How long: `ask` with the networks and without at 10,000 passages, and the reader alone on 20 passages.

    python -m benchmarks.networks.latency [--limit N] [--checkpoint FILE] [--passages 10000]

With and without take turns, question by question, so that what else the machine does falls on both. Wall time is what a
user waits on a quiet machine; CPU time, of all threads together, is what can be trusted on a busy one.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.data import questions
from benchmarks.finding.libraries import library
from benchmarks.networks.common import drawn, named, reader_of, reader_options
from benchmarks.networks.ends import NONE, Networks
from benchmarks.networks.figures import head, line
from benchmarks.scale import build
from rag.library import Library
from rag.types import Passage, ReaderNet

SOURCE = "filings"
N_TEXTS, N_WORDS = 20, 130  # 130 words of English are some 180 word pieces
ROUNDS = 15
WARM_UP = 3  # questions of another set, whose times do not count


def main() -> None:
    """Print both tables."""
    parser = reader_options(__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    arguments = parser.parse_args()
    reader = reader_of(arguments.checkpoint, arguments.threads)
    texts = typical(library(SOURCE))
    print(f"\n{named(reader)}: {N_TEXTS} passages of some 180 word pieces\n")
    print(head("threads", "n", "wall: median, p90", "CPU: median, p90"))
    asked = questions(SOURCE)[0].text
    for n_threads in (1, 2):
        _set_threads(n_threads)
        times = [took(lambda: reader.read(asked, texts)) for _ in range(ROUNDS + 1)][1:]  # the first one warms up
        print(line(str(n_threads), *cells(times)), flush=True)
    _set_threads(arguments.threads)
    folder = build(arguments.passages, None)
    ask_times(folder, reader, arguments.limit, arguments.threads)


def typical(filled: Library) -> list[str]:
    """Return texts of passages, each cut or filled up to the same number of words."""
    texts = []
    for document in filled.documents()[:N_TEXTS]:
        passages = [one for one in filled.catalog.passages_of(document.key) if one.kind == "text"]
        texts.append(" ".join(_words(passages)[:N_WORDS]))
    filled.close()
    return texts


def ask_times(folder: Path, reader: ReaderNet, limit: int | None, n_threads: int) -> None:
    """Print what `ask` takes with the reader and without: two openings of one library, which remember nothing alike."""
    ways = {"without networks": NONE, f"with {named(reader)}": Networks(reader)}
    opened = {name: Library(folder, n_threads=n_threads) for name in ways}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for name, large in opened.items():
        ways[name].put_into(large)
        for question in questions("squad48")[:WARM_UP]:
            large.ask(question.text)
    for question in drawn(questions(SOURCE), limit):
        for name, large in opened.items():
            found[name].append(took(lambda of=large, text=question.text: of.ask(text)))  # type: ignore[misc]
    n = sum(document.n_passages for document in next(iter(opened.values())).documents())
    print(f"\nask, extractive, {n:,} passages, {n_threads} threads\n")
    print(head("", "n", "wall: median, p90", "CPU: median, p90"))
    for name, times in found.items():
        print(line(name, *cells(times)))
        opened[name].close()


def cells(times: Sequence[tuple[float, float]]) -> list[str]:
    """Return n, and median and 90th percentile of wall and of CPU time, as cells of a table."""
    return [str(len(times)), *(_told(values) for values in zip(*times, strict=True))]


def took(do: Callable[[], object]) -> tuple[float, float]:
    """Return the milliseconds that something takes: wall, and CPU of all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def _told(values: Sequence[float]) -> str:
    ordered = sorted(values)
    return f"{statistics.median(ordered):.0f}, {ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))]:.0f} ms"


def _words(passages: Sequence[Passage]) -> list[str]:
    words: list[str] = []
    for passage in passages:
        words += passage.text.split()
        if len(words) >= N_WORDS:
            break
    return words


def _set_threads(n: int) -> None:
    import torch

    torch.set_num_threads(n)


if __name__ == "__main__":
    main()
