"""Guides: are the suggested questions answered from the page they came from, how many are there, how long does it take?

python -m benchmarks.guides [--library FOLDER] [--n 20]

Every question is asked of its own document, as it is shown, and of all documents together. Then the requests that need
whole documents: how many ordinary questions are taken for one.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.data import data_folder, pdfs, questions, share
from rag.guide.guide import Guide
from rag.guide.requests import recognise
from rag.library import Library
from rag.types import Answer, Citation

N_THREADS = 1
_LONGEST = 160  # pages


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", type=Path, help="a library that was made before, instead of a new one")
    parser.add_argument("--n", type=int, default=20, help="documents of a new library")
    arguments, _ = parser.parse_known_args()
    _false_alarms()
    if arguments.library is not None:
        _guides(Library(arguments.library, n_threads=N_THREADS))
        return
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), n_threads=N_THREADS)
        for path in _chosen(arguments.n):
            library.add(path)
        _guides(library)
        library.close()


def _chosen(n: int) -> list[Path]:
    """Return n documents: of `mixed` and, a third of them, of `filings`, the smallest files first."""
    by_size = {name: sorted(pdfs(name), key=lambda path: path.stat().st_size) for name in ("mixed", "filings")}
    n_filings = n // 3
    return by_size["mixed"][: n - n_filings] + by_size["filings"][:n_filings]


def _guides(library: Library) -> None:
    documents = [d for d in library.documents() if d.state == "ready" and d.n_pages <= _LONGEST]
    library.warm_up()
    counts: Counter[int] = Counter()
    alone: list[bool] = []
    among: list[bool] = []
    seconds: list[float] = []
    for document in documents:
        started = time.perf_counter()
        guide = library.make_guide(document.id)
        seconds.append(time.perf_counter() - started)
        counts[len(guide.questions)] += 1
        print(f"\n{document.name} ({document.n_pages} pages, {seconds[-1]:.1f} s): {guide.title.text}")
        one, other = _ask(library, guide)
        alone += one
        among += other
    print(f"\n{len(documents)} documents, {len(alone)} questions; documents by number of questions: {dict(counts)}")
    print(f"  cites the page it came from, asked of its document   {share(alone)}")
    print(f"  the same, asked of all {len(documents)} documents together          {share(among)}")
    print(f"  seconds a guide: median {sorted(seconds)[len(seconds) // 2]:.1f}, longest {max(seconds):.1f}")


def _ask(library: Library, guide: Guide) -> tuple[list[bool], list[bool]]:
    """Ask the questions of a guide; return whether each came back to its page, alone and among all."""
    alone, among = [], []
    for question in guide.questions:
        assert question.citation is not None
        alone.append(_is_same(library.ask(question.text, documents=[guide.document]), question.citation))
        among.append(_is_same(library.ask(question.text), question.citation))
        marks = "".join("+" if hit else "-" for hit in (alone[-1], among[-1]))
        print(f"  {marks} p. {question.citation.page:<4}{question.text}", flush=True)
    return alone, among


def _is_same(answer: Answer, citation: Citation) -> bool:
    first = next((c for claim in answer.claims for c in claim.citations), None)
    return first is not None and (first.document_id, first.page) == (citation.document_id, citation.page)


def _false_alarms() -> None:
    asked = {name: [question.text for question in questions(name)] for name in ("filings", "mixed")}
    asked["squad dev"] = [
        question["question"]
        for file in sorted((data_folder() / "squad").glob("*dev*.gz"))
        for article in json.loads(gzip.decompress(file.read_bytes()))["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]
    for name, texts in asked.items():
        taken = [text for text in texts if recognise(text) is not None]
        print(f"{name}: {len(taken)} of {len(texts)} questions are taken for a request {taken[:5] or ''}")


if __name__ == "__main__":
    main()
