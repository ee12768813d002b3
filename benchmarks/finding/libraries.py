"""The measuring sets as libraries, read once and kept: in `$FOOTNOTE_BENCH_LIBRARIES`, else in the user's cache folder.

They are read again only when asked to (`--fresh`): what is measured here is finding, not reading.
"""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks.data import Question, data_folder, pdfs, questions
from rag.evaluate import datasets
from rag.evaluate.filling import fill
from rag.library import Library

SETS = ("squad48", "filings", "mixed")
COLLECTIONS = ("scifact", "cranfield", "cisi")  # judged documents of one page
N_THREADS = 2
N_SQUAD = 1_000  # questions of squad48, drawn with a seed


def folder(name: str) -> Path:
    """Return where the library of that name lies."""
    default = user_cache_path("footnote", appauthor=False) / "benchmarks"
    return Path(os.environ.get("FOOTNOTE_BENCH_LIBRARIES", default)) / name


def library(name: str, *, fresh: bool = False) -> Library:
    """Return the library of a set; it is filled when it lacks a document."""
    if fresh:
        shutil.rmtree(folder(name), ignore_errors=True)
    filled = Library(folder(name), n_threads=N_THREADS)
    if name in COLLECTIONS:
        fill(filled, collection(name))
        return filled
    there = {document.name for document in filled.documents() if document.state == "ready"}
    for path in pdfs(name):
        if path.name not in there:
            filled.add(path)
    return filled


def collection(name: str) -> datasets.Dataset:
    """Return a set of judged documents."""
    return datasets.load(data_folder() / "ir" / name)


def asked(name: str) -> list[Question]:
    """Return the answerable questions of a set; of squad48 a thousand."""
    found = questions(name)
    return random.Random(1).sample(found, N_SQUAD) if len(found) > N_SQUAD else found
