"""Searches a library again and again until its input ends; says how often, and what was wrong. Run by test_concurrency."""

from __future__ import annotations

import json
import select
import sys
from pathlib import Path

from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex
from rag.index.lexical import TantivyIndex

from .made import N_DIMS, unit_vectors


def main(folder: Path) -> None:
    catalog, dense, words = Catalog(folder), FaissIndex(folder, N_DIMS), TantivyIndex(folder, "passages")
    n, wrong, query = 0, [], unit_vectors(1, 3)[0]
    sys.stdout.write("go\n")
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], 0)[0]:
        dense.reconcile(catalog)
        found = dense.search(query, 20)
        if len(found) != 20 or [score for _, score in found] != sorted((score for _, score in found), reverse=True):
            wrong.append(f"vectors: {found}")
        if len(words.search("lasting words", 20)) != 20:
            wrong.append("words: too few")
        ids = [id_ for id_, _ in found]
        there = set(catalog.passage_places(ids)[:, 0].tolist())
        if len(catalog.passages(ids)) > len(there):
            wrong.append("a passage without a place")
        n += 1
    sys.stdout.write(json.dumps([n, wrong]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
