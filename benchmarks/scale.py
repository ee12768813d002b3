"""A library of 100,000 passages, or a million: building, opening, memory, searching, adding, removing, purging.

python -m benchmarks.scale [--n 100000] [--n 1000000] [--folder FOLDER]

Made of the filings over and over with noise (see replicas.py), kept and used again. Each is measured in a process of
its own. Wall time is what a user waits on a quiet machine; CPU time is what can be trusted on a busy one.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.data import questions
from benchmarks.finding.libraries import N_THREADS, library
from benchmarks.replicas import Original, by_length, noisy, originals, replicate
from rag import asking
from rag.library import Library
from rag.retrieve.relevance import judged
from rag.types import ParsedDocument
from rag.understanding import understand

SOURCE = "filings"


@dataclass(slots=True)
class Took:
    """Seconds."""

    wall: float = 0.0
    cpu: float = 0.0

    def __str__(self) -> str:
        return f"{self.wall:8.2f} s wall {self.cpu:8.2f} s CPU"


@contextmanager
def timed() -> Iterator[Took]:
    """Measure what is done within."""
    took, wall, cpu = Took(), time.perf_counter(), time.process_time()
    yield took
    took.wall, took.cpu = time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Build what is missing, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, action="append", help="passages; may be given more than once")
    parser.add_argument("--folder", type=Path, help="where the libraries are kept; else beside the one of filings")
    parser.add_argument("--questions", type=int, default=69, help="so many of the filings' questions are asked")
    parser.add_argument("--threads", type=int, default=N_THREADS)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments, _ = parser.parse_known_args()
    if arguments.measure is not None:
        measure(arguments.measure, arguments.questions, arguments.threads)
        return
    for n in arguments.n or [100_000]:
        folder = build(n, arguments.folder)
        options = ["--questions", str(arguments.questions), "--threads", str(arguments.threads)]
        subprocess.run([sys.executable, "-m", "benchmarks.scale", "--measure", str(folder), *options], check=True)


def build(n: int, where: Path | None) -> Path:
    """Return the folder of a library of so many passages; build it when there is none."""
    source = library(SOURCE)
    folder = (where or source.folder.parent) / f"replicas-{n}"
    made = Library(folder, n_threads=N_THREADS)
    print(f"\n## {n:,} passages: {folder}")
    with timed() as rows:
        replicate(source.catalog, made.catalog, n, source.encoder.id)
        for document in made.documents():  # stand-ins for our copies, which nothing here reads
            made.file(document).touch()
    if rows.wall > 5:
        print(f"build, rows of the catalog        {rows}")
    for name, index in (
        ("words of passages", made.parts.passage_words),
        ("words of pages", made.parts.page_words),
        ("words of documents", made.parts.document_words),
    ):
        with timed() as took:
            index.reconcile(made.catalog)
        if took.wall > 1:
            print(f"build, {name:26} {took}", flush=True)
    with timed() as took:
        made.parts.index_vectors()
        made.close()
    if took.wall > 1:
        print(f"build, vectors                    {took}", flush=True)
    source.close()
    return folder


def measure(folder: Path, n_questions: int, n_threads: int) -> None:
    """Print all figures of a library."""
    sizes = ", ".join(f"{part.what} {part.n_bytes / 1e6:,.0f} MB" for part in Library(folder).storage())
    print(f"on disk: {sizes}")
    before = memory()
    large = Library(folder, n_threads=n_threads)
    large.encoder.encode(["warm up"])  # the model is no part of the library
    model = memory()
    with timed() as took:
        large.parts.catch_up()
        large.catalog.passage_places([1])
    print(f"open                              {took}")
    print(f"memory, private: {before[0]:,.0f} MB at start, {model[0]:,.0f} with the encoder, {memory()[0]:,.0f} opened")
    searches(large, n_questions)
    print(f"memory after searches: private {memory()[0]:,.0f} MB, mapped files {memory()[1]:,.0f} MB")
    changes(large)
    with timed() as took:
        problems = large.verify()
    print(f"verify                            {took}   {problems or 'no problem'}")
    large.close()


def searches(large: Library, n_questions: int) -> None:
    """Print what a whole search takes, and its parts."""
    parts, asked = large.parts, [question.text for question in questions(SOURCE)][:n_questions]
    for question in asked[:5]:
        large.find(question, fast=True)
    row("whole search, no network reads", [_once(lambda q=question: large.find(q, fast=True)) for question in asked])  # type: ignore[misc]
    stages: dict[str, list[Took]] = {}
    for question in asked:
        with timed() as took:
            understood = understand(parts, question, None)
        stages.setdefault("  understand (encode, hints)", []).append(took)
        assert understood.vector is not None
        vector = understood.vector
        with timed() as took:
            parts.dense.search(vector, 1000)
        stages.setdefault("    vectors alone", []).append(took)
        with timed() as took:
            parts.passage_words.search(f"{question} a", 1000)
        stages.setdefault("    words of passages alone", []).append(took)
        with timed() as took:
            parts.page_words.search(f"{question} a", 1000)
        stages.setdefault("    words of pages alone", []).append(took)
        with timed() as took:
            candidates = asking.retrieve(parts, understood)
        stages.setdefault("  retrieve (indexes, signals, fuse)", []).append(took)
        with timed() as took:
            candidates = judged(candidates, understood.understood, parts.catalog)
        stages.setdefault("  judge", []).append(took)
        with timed() as took:
            picks = asking.shaped(parts, candidates, 10)
        stages.setdefault("  shape", []).append(took)
        with timed() as took:
            asking.hits_of(parts, question, picks)
        stages.setdefault("  hits", []).append(took)
    for name in sorted(stages, key=lambda name: name.startswith("    ")):
        row(name, stages[name])


def _once(do: Callable[[], object]) -> Took:
    with timed() as took:
        do()
    return took


def row(what: str, times: list[Took]) -> None:
    """Print median and 95th percentile."""
    figures = []
    for values in ([took.wall for took in times], [took.cpu for took in times]):
        ordered = sorted(1000 * value for value in values)
        figures.append((statistics.median(ordered), ordered[int(0.95 * len(ordered))]))
    (wall, wall95), (cpu, cpu95) = figures
    print(f"{what:38} p50 {wall:6.1f} p95 {wall95:6.1f} ms wall   p50 {cpu:6.1f} p95 {cpu95:6.1f} ms CPU", flush=True)


def changes(large: Library) -> None:
    """Add one document whose vectors are made already, remove it, purge."""
    found = list(_one_original())
    original, words = found[0], by_length(found)
    parsed, question = _marked(noisy(original.parsed, np.random.default_rng(77), words))
    document = large.catalog.begin("7" * 64, "added.pdf", 1)
    large.file(document).touch()
    with timed() as took:
        document = large.catalog.store_parsed(document, parsed)
        large.parts.index_words()
        document = large.catalog.store_vectors(document, large.encoder.id, original.vectors)
        large.parts.index_vectors()
    print(f"add {document.n_pages} pages, {document.n_passages} passages    {took}   beyond reading and embedding")
    with timed() as took:
        is_found = any(hit.document == "added.pdf" for hit in large.search(question, fast=True))
    print(f"first search after it             {took}   {'found' if is_found else 'NOT FOUND'}")
    with timed() as took:
        large.remove(document.id)
    print(f"remove                            {took}")
    with timed() as took:
        is_found = any(hit.document == "added.pdf" for hit in large.search(question, fast=True))
    print(f"first search after it             {took}   {'STILL FOUND' if is_found else 'gone'}")
    seconds = large.wait_purged()
    print(f"purge, in the background          {seconds or 0:8.2f} s wall", flush=True)


def _marked(parsed: ParsedDocument) -> tuple[ParsedDocument, str]:
    """Return a document in which a long word is one that stands nowhere else, and a question for that word alone.

    Its copies in the library say nearly the same, and so do documents of others: of any more words that a question
    holds, a shorter passage of those may hold as much.
    """
    passage = max((passage for passage in parsed.passages if passage.kind == "text"), key=lambda one: len(one.text))
    word = max(re.findall(r"[a-z]+", passage.text), key=len)
    mark = ("quizzolvex" * 3)[: len(word)]

    def exchanged(text: str) -> str:
        return re.sub(rf"\b{word}\b", mark, text)

    passages = tuple(replace(p, text=exchanged(p.text), index_text=exchanged(p.index_text)) for p in parsed.passages)
    pages = tuple(replace(page, text=exchanged(page.text)) for page in parsed.pages)
    return replace(parsed, pages=pages, passages=passages), f"What is said of {mark}?"


def _one_original() -> Iterator[Original]:
    source = library(SOURCE)
    yield from islice(originals(source.catalog), 1)
    source.close()


def memory() -> tuple[float, float]:
    """Return how much private memory this process holds, and how much of mapped files, in MB. Linux alone tells."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return float("nan"), float("nan")
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return tuple(int(lines[name].split()[0]) / 1000 for name in ("RssAnon", "RssFile"))  # type: ignore[return-value]


if __name__ == "__main__":
    main()
