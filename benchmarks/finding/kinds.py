"""What the network for questions tells of sets that it was not trained on: where answers stand, and their kinds.

    python -m benchmarks.finding.kinds [--network FOLDER]

Prints the mean probability of a table, of prose and of a figure, and for `mixed`, whose questions say where their
evidence stands, the same by kind of evidence and how often table and prose are told apart (AUROC).
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import data_folder
from rag import models
from rag.index.encoder import SentenceEncoder
from rag.networks.metrics import auroc
from rag.networks.questions import ANSWER_TYPES, EVIDENCE_KINDS, QuestionKinds
from rag.types import Floats

SETS = ("filings", "mixed", "squad48")
N_QUESTIONS = 1_000  # of a set, the first
TABLE, PROSE, FIGURES = "Table", "Pure-text (Plain-text)", ("Figure", "Chart")


def main() -> None:
    """Print the figures of every set."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", type=Path, help="folder that `footnote train questions` wrote")
    network = QuestionKinds.load(parser.parse_args().network)
    for name, value in network.card.items():
        if name.startswith("figures"):
            print(f"{name}: {json.dumps(value)}")
    encoder = SentenceEncoder(models.path_of(models.MINILM))
    for name in SETS:
        rows = _answerable(name)[:N_QUESTIONS]
        asked = [row["question"] for row in rows]
        of_type, of_evidence = network.probabilities(asked, encoder.encode(asked))
        types = Counter(ANSWER_TYPES[i] for i in of_type.argmax(axis=1))
        print(f"{name}, {len(rows)} questions: {_means(of_evidence)}; {dict(types.most_common())}")
        if name == "mixed":
            _by_evidence(rows, of_evidence)


def _by_evidence(rows: list[dict[str, Any]], of_evidence: Floats) -> None:
    held = {kind: np.array([kind in row["evidence_kinds"] for row in rows]) for kind in (TABLE, PROSE, *FIGURES)}
    for kind, stands in held.items():
        print(f"  evidence in {kind}, {stands.sum()} questions: {_means(of_evidence[stands])}")
    either = held[TABLE] ^ held[PROSE]
    print(f"  AUROC, table against prose: {auroc(held[TABLE][either], of_evidence[either, 0]):.4f}")
    in_figure = held[FIGURES[0]] | held[FIGURES[1]]
    print(f"  AUROC, figure or chart against all else: {auroc(in_figure, of_evidence[:, 2]):.4f}")


def _means(of_evidence: Floats) -> str:
    return ", ".join(f"P({kind}) {p:.2f}" for kind, p in zip(EVIDENCE_KINDS, of_evidence.mean(axis=0), strict=True))


def _answerable(name: str) -> list[dict[str, Any]]:
    folder = data_folder() / name
    packed, plain = folder / "questions.jsonl.gz", folder / "questions.jsonl"
    text = gzip.decompress(packed.read_bytes()).decode() if packed.is_file() else plain.read_text(encoding="utf-8")
    return [row for row in map(json.loads, text.splitlines()) if row["pages"]]


if __name__ == "__main__":
    main()
