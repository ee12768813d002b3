"""Footnote beside other pipelines: page hits, seconds of ingestion and of search, memory.

python -m benchmarks.peers [--sets squad48 filings] [--n N] [--documents N] [--families NAME ...] [--precision ...]

All have the same encoder's weights in the same precision on the same threads, and answer the same questions of the same
files. Of the sets only the files with the most questions are read, so that it ends within minutes.
"""

from __future__ import annotations

import argparse
from importlib import metadata

from benchmarks.data import pdfs, questions
from benchmarks.peers import FAMILIES
from benchmarks.peers.common import PRECISIONS, Setting, lacking
from benchmarks.peers.measuring import Row, Sample, measure
from rag.evaluate.runner import N_PASSAGES

_DOCUMENTS = {"squad48": 16, "filings": 6}
_HEAD = """
| {name} | own document: page hit at 1 / 5 / 10 | whole library: at 1 / 5 / 10 | ingestion | search, median | memory |
|---|---|---|---|---|---|"""


def main() -> None:
    """Print a table of each set."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", nargs="+", choices=("squad48", "filings", "mixed"), default=["squad48", "filings"])
    parser.add_argument("--n", type=int, default=200, help="questions of a set")
    parser.add_argument("--documents", type=int, help="files of a set: those with the most questions")
    parser.add_argument("--families", nargs="+", choices=tuple(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--precision", choices=PRECISIONS, help="of the encoder; what Footnote takes here by default")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=900, help="seconds that a pipeline may take of a set")
    arguments = parser.parse_args()
    setting = Setting.usual(precision=arguments.precision or "", n_threads=arguments.threads)
    print(f"all-MiniLM-L6-v2 in {setting.precision} for all, on the CPU, {setting.n_threads} threads; ", end="")
    print(f"pages of the {N_PASSAGES} best pieces; {_versions(arguments.families)}", flush=True)
    for name in arguments.sets:
        documents = arguments.documents or _DOCUMENTS.get(name, 8)
        sample = Sample.of(name, pdfs(name), questions(name), documents=documents, n=arguments.n)
        print(_HEAD.format(name=f"{name}: {len(sample.pdfs)} files, {len(sample.questions)} questions"), flush=True)
        for family in arguments.families:
            for row in measure(family, sample, setting, timeout_s=arguments.timeout):
                print(f"| {family} | {row} | | | | |" if isinstance(row, str) else _line(row), flush=True)


def _line(row: Row) -> str:
    """Return a row of the table, in Markdown."""
    own, whole = (" / ".join(f"{100 * share:.1f}" for share in shares) + " %" for shares in (row.own, row.whole))
    memory = f"{row.memory_mb:,.0f} MB" if row.memory_mb else "not told"
    return f"| {row.name} | {own} | {whole} | {row.build_s:.0f} s | {row.search_ms:.0f} ms | {memory} |"


def _versions(families: list[str]) -> str:
    """Return name and version of the packages that are compared with."""
    there = [FAMILIES[name] for name in families if not lacking(FAMILIES[name].modules)]
    names = sorted({package for family in there for package in family.packages} | {"pypdf"})
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)


if __name__ == "__main__":
    main()
