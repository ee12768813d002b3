"""What every signal says of every candidate of every question, stored, so that weights are tried in a moment.

python -m benchmarks.finding.matrices --out FOLDER

One file a set and scope (`own`: the question's own document, `whole`: all of the set): for each question the signals of
its candidates, standardised where they are so before they are added, the page of each, and which pages are right.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.finding.libraries import COLLECTIONS, SETS, asked, collection, library
from rag import asking
from rag.library import Library
from rag.retrieve.fuse import filled, standardise
from rag.retrieve.retriever import PLAIN
from rag.retrieve.weights import Weight, Weights, gates, shipped
from rag.types import PAGES_A_DOCUMENT
from rag.understanding import understand

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
SCOPES = ("own", "whole")


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """One question: n candidates, s signals."""

    document: str  # that the question belongs to
    signals: Floats  # (n, s)
    pages: Ints  # (n,) document key * PAGES_A_DOCUMENT + page
    right: Ints  # pages that hold the evidence
    grades: Floats  # how much each of these is worth
    gates: Floats  # (2,): how surely the answer stands in a table; how long the question is


def all_signals(library: Library) -> dict[str, Weight]:
    """Return a weight for every signal there is: what is shipped, else none, but it is computed."""
    retriever = asking.retriever(library.parts)
    names = [*retriever.proposers, *retriever.signals, *OF_ALL, *retriever.close]
    return {name: shipped().get(name, Weight(0.0)) for name in names}


OF_ALL = ("page, other passages", "pages beside")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question of any set: the document it belongs to, and what each page is worth."""

    text: str
    document: str
    relevant: Mapping[tuple[str, int], int]


def wanted(name: str) -> list[Wanted]:
    """Return the questions of a set; those of a collection belong to it as a whole."""
    if name in COLLECTIONS:
        return [Wanted(q.text, name, q.relevant) for q in collection(name).questions]
    return [Wanted(q.text, q.document, {(q.document, page): 1 for page in q.pages}) for q in asked(name)]


def compute(library: Library, questions: Sequence[Wanted], scope: str, weights: Weights) -> list[Matrix]:
    """Return a matrix a question."""
    keys = {document.name: document.key for document in library.documents()}
    found = []
    for question in questions:
        own = [keys[question.document]] if scope == "own" else None
        understood = understand(library.parts, question.text, own)
        candidates, raw = asking.retriever(library.parts).scores(understood, weights)
        columns = [(filled if name in PLAIN else standardise)(raw[name]).astype(np.float32) for name in weights]
        places = {keys[name] * PAGES_A_DOCUMENT + page: grade for (name, page), grade in question.relevant.items()}
        right, grades = np.array([*places], np.int64), np.array([*places.values()], np.float32)
        open_ = np.array(gates(understood.understood), np.float32)
        found.append(Matrix(question.document, np.stack(columns, 1), candidates.pages(), right, grades, open_))
    return found


def save(file: Path, names: Sequence[str], matrices: Sequence[Matrix]) -> None:
    """Write matrices to one file."""
    sizes = [len(matrix.pages) for matrix in matrices]
    np.savez(
        file,
        names=np.array(json.dumps(list(names))),
        documents=np.array([matrix.document for matrix in matrices]),
        sizes=np.array(sizes),
        n_right=np.array([len(matrix.right) for matrix in matrices]),
        signals=np.concatenate([matrix.signals for matrix in matrices]),
        pages=np.concatenate([matrix.pages for matrix in matrices]),
        right=np.concatenate([matrix.right for matrix in matrices]),
        grades=np.concatenate([matrix.grades for matrix in matrices]),
        gates=np.stack([matrix.gates for matrix in matrices]),
    )


def load(file: Path) -> tuple[list[str], list[Matrix]]:
    """Return the names of the signals, and the matrices of a file."""
    with np.load(file) as data:
        ends, right_ends = np.cumsum(data["sizes"]), np.cumsum(data["n_right"])
        signals, pages = np.split(data["signals"], ends[:-1]), np.split(data["pages"], ends[:-1])
        right, grades = np.split(data["right"], right_ends[:-1]), np.split(data["grades"], right_ends[:-1])
        rows = zip(data["documents"].tolist(), signals, pages, right, grades, data["gates"], strict=True)
        return json.loads(str(data["names"])), [Matrix(*row) for row in rows]


def main() -> None:
    """Compute and store the matrices of all sets."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=(*SETS, *COLLECTIONS))
    parser.add_argument("--n", type=int, default=1_000, help="questions of a set, at most")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.sets:
        filled = library(name)
        weights = all_signals(filled)
        for scope in SCOPES if name in SETS else SCOPES[1:]:
            started = time.perf_counter()
            matrices = compute(filled, wanted(name)[: arguments.n], scope, weights)
            save(arguments.out / f"{name}-{scope}.npz", list(weights), matrices)
            seconds = time.perf_counter() - started
            print(f"{name}, {scope}: {len(matrices)} questions in {seconds:.0f} s", flush=True)
        filled.close()


if __name__ == "__main__":
    main()
