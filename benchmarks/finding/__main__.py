"""The right page first: filings, mixed and squad48, each question asked of its own document and of the whole library.

python -m benchmarks.finding [--sets squad48 filings mixed] [--fresh]

Through `Library.search`, as a user's question goes; 95 % intervals in brackets; the same settings for all sets.
"""

from __future__ import annotations

import argparse

from benchmarks.data import Question, share
from benchmarks.finding.libraries import SETS, asked, library
from rag.library import Library

K = 40  # passages asked for, so that ten distinct pages come
AT = (1, 5, 10)


def main() -> None:
    """Print a row a set and scope."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--fresh", action="store_true", help="read the documents again")
    arguments = parser.parse_args()
    for name in arguments.sets:
        filled = library(name, fresh=arguments.fresh)
        for scope in ("own document", "whole library"):
            ranked = [found_pages(filled, question, is_own=scope == "own document") for question in asked(name)]
            print(f"{name}, {scope}: {len(ranked)} questions")
            for k in AT:
                hits = [
                    any((question.document, page) in pages[:k] for page in question.pages)
                    for question, pages in zip(asked(name), ranked, strict=True)
                ]
                print(f"  page hit @{k:<2d}  {share(hits)}", flush=True)
        filled.close()


def found_pages(filled: Library, question: Question, *, is_own: bool) -> list[tuple[str, int]]:
    """Return the distinct (document, page) of the hits, best first."""
    hits = filled.search(question.text, K, documents=[question.document] if is_own else None)
    return list(dict.fromkeys((hit.document, hit.page) for hit in hits))


if __name__ == "__main__":
    main()
