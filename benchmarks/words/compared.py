"""Ungrounded against grounded on the same questions: the share of claims that the documents support, each side.

    python -m benchmarks.words.compared [--limit N] [--adapter FOLDER]

Both sides are written by the same weights: the grounded one as taught, the other as its authors made it. Claims are
judged by the checker over the five passages that were found for the question.
"""

from __future__ import annotations

import numpy as np

from benchmarks.networks.common import progress
from benchmarks.networks.figures import head, line, percent, points
from benchmarks.words.answers import STRICT
from benchmarks.words.common import K, library, options, remembering, shared, task
from rag.evaluate.intervals import difference, interval
from rag.types import NORMAL, Answer, Manner, ReaderName

_BORNE_OUT = ("verbatim", "supported")


def main() -> None:
    """Print the table."""
    arguments = options(__doc__).parse_args()
    of = task(arguments.limit)
    plain = remembering(None, is_tuned=False, n_threads=arguments.threads)
    taught = remembering(arguments.adapter, is_tuned=True, n_threads=arguments.threads)
    sides: dict[str, tuple[ReaderName, Manner]] = {
        "grounded": ("grounded", NORMAL),
        "grounded, strict": ("grounded", STRICT),
        "ungrounded": ("ungrounded", NORMAL),
    }
    found: dict[str, list[Answer]] = {}
    for name, (reader, manner) in sides.items():
        model = shared(plain if reader == "ungrounded" else taught)
        filled = library(arguments.library, model, arguments.threads)
        told = progress(name, len(of.present))
        found[name] = []
        for number, asked in enumerate(of.present, 1):
            found[name].append(filled.ask(asked.text, K, documents=of.documents, reader=reader, manner=manner))
            told(number)
        filled.close()
    print(f"{len(of.present)} questions; 95 % intervals in brackets\n")
    print(head("", "claims", "supported", "contradicted", "answers with every claim supported"))
    for name, answers in found.items():
        verdicts = [claim.verdict for answer in answers for claim in answer.claims]
        print(
            line(
                name,
                str(len(verdicts)),
                percent(interval(np.array([verdict in _BORNE_OUT for verdict in verdicts], float))),
                percent(interval(np.array([verdict == "contradicted" for verdict in verdicts], float))),
                percent(interval(_whole([answer for answer in answers if answer.claims]))),
            )
        )
    both = [
        (one, other)
        for one, other in zip(found["grounded"], found["ungrounded"], strict=True)
        if one.claims and other.claims
    ]
    if both:
        gained = difference(_shares([one for one, _ in both]), _shares([other for _, other in both]))
        print(f"\nsupported share of an answer, grounded less ungrounded, where both answer: {points(gained)}")


def _shares(answers: list[Answer]) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([np.mean([claim.verdict in _BORNE_OUT for claim in answer.claims]) for answer in answers])


def _whole(answers: list[Answer]) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([all(claim.verdict in _BORNE_OUT for claim in answer.claims) for answer in answers], float)


if __name__ == "__main__":
    main()
