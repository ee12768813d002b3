"""Right page and right answer: squad48 and filings, each question asked of its own PDF, beside LangChain's default.

python -m benchmarks.answers [--n 1000] [--no-peers]
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.data import Question, pdfs, questions, share
from benchmarks.peers import LangChain, minilm
from rag.library import Library
from rag.text import fold
from rag.types import Answer, Hit

N_THREADS = 2
K = 50  # passages asked for, so that ten distinct pages come


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=1000, help="questions of squad48")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--sets", nargs="+", default=["squad48", "filings"])
    arguments, _ = parser.parse_known_args()
    for name in arguments.sets:
        asked = questions(name)
        if len(asked) > arguments.n:
            asked = random.Random(1).sample(asked, arguments.n)
        print(f"{name}: {len(asked)} questions, each asked of its own PDF; 95 % intervals in brackets")
        _footnote(name, asked)
        if not arguments.no_peers and name == "filings":
            _langchain(name, asked)


def _footnote(name: str, asked: list[Question]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), n_threads=N_THREADS)
        started = time.perf_counter()
        for path in pdfs(name):
            library.add(path)
        print(f"  Footnote read {len(library.documents())} PDFs in {time.perf_counter() - started:.0f} s", flush=True)
        ranks: list[list[int]] = []
        answers: list[Answer] = []
        for question in asked:
            answers.append(library.ask(question.text, documents=[question.document]))
            ranks.append(pages_of(library.search(question.text, K, documents=[question.document])))
        _print_hits("Footnote, pages of the hits", asked, ranks)
        cited = [[c.page for claim in answer.claims for c in claim.citations] for answer in answers]
        first = [bool(c) and c[0] in q.pages for q, c in zip(asked, cited, strict=True)]
        print(f"  Footnote, first citation on a right page      {share(first)}")
        print(f"  Footnote, abstained                           {share([a.abstained for a in answers])}")
        if any(question.answers for question in asked):
            held = [holds_answer(a, q.answers) for q, a in zip(asked, answers, strict=True)]
            print(f"  Footnote, answer within at most 3 sentences   {share(held)}")
        library.close()


def pages_of(hits: list[Hit]) -> list[int]:
    """Return the distinct pages of the hits, best first."""
    return list(dict.fromkeys(hit.page for hit in hits))


def holds_answer(answer: Answer, gold: tuple[str, ...]) -> bool:
    """Tell whether one of the gold answers stands within the answer's sentences."""
    said = fold(" ".join(claim.text for claim in answer.claims))
    return any(fold(text) in said for text in gold)


def _print_hits(title: str, asked: list[Question], ranks: list[list[int]]) -> None:
    for k in (1, 5, 10):
        hit = [bool(set(q.pages) & set(r[:k])) for q, r in zip(asked, ranks, strict=True)]
        print(f"  {title} @{k:<2}".ljust(48) + share(hit), flush=True)


def _langchain(name: str, asked: list[Question]) -> None:
    encoder = minilm(N_THREADS)
    by_document = defaultdict(list)
    for i, question in enumerate(asked):
        by_document[question.document].append(i)
    ranks: list[list[int]] = [[] for _ in asked]
    for path in pdfs(name):
        if path.name in by_document:
            store = LangChain.load(path, encoder)
            for i in by_document[path.name]:
                ranks[i] = store.pages(asked[i].text, K)
    _print_hits("LangChain's default", asked, ranks)


if __name__ == "__main__":
    main()
