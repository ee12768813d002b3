"""End to end: squad48's PDFs through `Library.ask`, each question asked of its own PDF, then of all 48 as one library.

    python -m benchmarks.networks.squad48 [--limit N] [--checkpoint FILE] [--scopes own whole]

The extractive reader with the networks and without, in the same run. The page is that of the first citation; an answer
is right from F1 .5 on; "both right" is the answer and its page.
"""

from __future__ import annotations

from benchmarks.finding.libraries import asked, library
from benchmarks.networks.common import drawn, named, reader_of, reader_options
from benchmarks.networks.ends import FIGURES, NONE, Networks, asked_of
from benchmarks.networks.figures import gains, head, shares

SCOPES = {"own": "each of its own PDF", "whole": "of all PDFs as one library"}


def main() -> None:
    """Print a table a scope."""
    parser = reader_options(__doc__)
    parser.add_argument("--scopes", nargs="+", choices=tuple(SCOPES), default=list(SCOPES))
    arguments = parser.parse_args()
    reader = reader_of(arguments.checkpoint, arguments.threads)
    filled, questions = library("squad48"), drawn(asked("squad48"), arguments.limit)
    for scope in arguments.scopes:
        print(f"\nsquad48, {SCOPES[scope]}: {len(questions):,} questions; 95 % intervals in brackets\n")
        print(head("", *FIGURES), flush=True)
        old = asked_of(filled, questions, NONE, is_own=scope == "own")
        print(shares("without networks", list(old.values())), flush=True)
        new = asked_of(filled, questions, Networks(reader), is_own=scope == "own")
        print(shares(f"with {named(reader)}", list(new.values())))
        print(gains("gained", list(new.values()), list(old.values())), flush=True)
    filled.close()


if __name__ == "__main__":
    main()
