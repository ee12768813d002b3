"""squad48, five passages a question: the language model as made, taught, taught and strict, and no language model.

    python -m benchmarks.words.answers [--limit N] [--adapter FOLDER] [--systems ...]

300 questions of 36 articles and 100 of the other twelve, asked of the 36 through `Library.ask`. Of what is answered:
F1 of the short answer, whether the answer is said, precision and recall of citations, sentences that nothing supports.
Strict mode judges the same text again. "By itself" is what the language model says where nobody else would stop it.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.networks.common import progress
from benchmarks.networks.figures import head, line, percent
from benchmarks.words.citations import against_gold, by_checker, holds, unsupported
from benchmarks.words.common import Asked, K, Remembering, Task, library, options, remembering, shared, task
from rag.answer.spoken import declines
from rag.errors import ModelError
from rag.evaluate.intervals import interval
from rag.library import Library
from rag.networks.metrics import f1
from rag.types import NORMAL, Answer, Manner, ReaderName

SYSTEMS = ("untuned", "tuned", "tuned, strict", "extractive")
STRICT = Manner(is_strict=True)


@dataclass(frozen=True, slots=True)
class System:
    """Who answers, and how."""

    name: str
    reader: ReaderName
    manner: Manner = NORMAL
    model: Remembering | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answers to the questions that have one, and to those that have none."""

    present: list[Answer]
    absent: list[Answer]
    alone: list[bool]  # whether the model by itself declines: of the absent
    alone_present: list[bool]  # and of the present


def main() -> None:
    """Print the table."""
    parser = options(__doc__)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    arguments = parser.parse_args()
    of = task(arguments.limit)
    wanted: list[str] = arguments.systems
    plain = taught = None
    if "untuned" in wanted:
        plain = remembering(None, is_tuned=False, n_threads=arguments.threads)
    if {"tuned", "tuned, strict"} & set(wanted):
        taught = remembering(arguments.adapter, is_tuned=True, n_threads=arguments.threads)
    systems = [
        System("untuned", "grounded", NORMAL, plain),
        System("tuned", "grounded", NORMAL, taught),
        System("tuned, strict", "grounded", STRICT, taught),
        System("extractive", "extractive"),
    ]
    print(f"{len(of.present)} questions with an answer in {len(of.documents)} documents, {len(of.absent)} without")
    print("95 % intervals in brackets\n")
    for system in (one for one in systems if one.name in wanted):
        model = None if system.model is None else shared(system.model)
        filled = library(arguments.library, model, arguments.threads)
        _report(system, outcome(filled, of, system), of)
        filled.close()


def outcome(filled: Library, of: Task, system: System) -> Outcome:
    """Return what a system answers."""
    told = progress(system.name, len(of.present) + len(of.absent))
    answers: list[Answer] = []
    for number, asked in enumerate([*of.present, *of.absent], 1):
        answers.append(filled.ask(asked.text, K, documents=of.documents, reader=system.reader, manner=system.manner))
        told(number)
    n = len(of.present)
    present, absent = answers[:n], answers[n:]
    if system.model is None or system.manner.is_strict:
        return Outcome(present, absent, [], [])
    return Outcome(
        present, absent, *(_alone(filled, some, got) for some, got in ((of.absent, absent), (of.present, present)))
    )


def _alone(filled: Library, asked: Sequence[Asked], answers: Sequence[Answer]) -> list[bool]:
    """Tell for each question whether the model declines by itself, also where it was not asked."""
    declined = []
    for one, answer in zip(asked, answers, strict=True):
        written: Answer | ModelError = answer
        if answer.model is None:
            written = filled.write(one.text, answer.hits, readers=("grounded",))["grounded"]
        if isinstance(written, ModelError):
            raise written
        declined.append(written.abstained or declines(written.text))
    return declined


def _report(system: System, got: Outcome, of: Task) -> None:
    both = [(asked, answer) for asked, answer in zip(of.present, got.present, strict=True) if not answer.abstained]
    rows: dict[str, list[float]] = {
        "answer F1": [_f1(asked, answer) for asked, answer in zip(of.present, got.present, strict=True)],
        "answer said": [_said(asked, answer) for asked, answer in zip(of.present, got.present, strict=True)],
        "citation precision, gold": [against_gold(b, a.context, a.answers)[0] for a, b in both],
        "citation recall, gold": [against_gold(b, a.context, a.answers)[1] for a, b in both],
        "citation precision, checker": [by_checker(b)[0] for _, b in both],
        "citation recall, checker": [by_checker(b)[1] for _, b in both],
        "unsupported sentences": [unsupported(b) for _, b in both],
        "abstains, absent": [answer.abstained for answer in got.absent],
        "abstains, present": [answer.abstained for answer in got.present],
    }
    if got.alone:
        rows |= {"abstains by itself, absent": list(map(float, got.alone))}
        rows |= {"abstains by itself, present": list(map(float, got.alone_present))}
    if system.manner.is_strict:
        rows |= {"documents' own words stand in": [float(answer.stands_in) for answer in got.present]}
    print(head(system.name, "mean", "n"))
    for name, values in rows.items():
        print(line(name, percent(interval(np.array(values, float))) if values else "none", str(len(values))))
    if system.model is not None and system.model.first_s and not system.manner.is_strict:
        rates: Callable[[Sequence[float]], float] = statistics.median
        print(line("seconds to the first token, median", f"{rates(system.model.first_s):.2f}", ""))
        print(line("tokens a second after it, median", f"{rates(system.model.rates):.1f}", ""))
    print(flush=True)


def _f1(asked: Asked, answer: Answer) -> float:
    return 0.0 if answer.abstained else f1(answer.short_answer or _words(answer), asked.answers)


def _said(asked: Asked, answer: Answer) -> float:
    return float(not answer.abstained and any(holds(_words(answer), text) for text in asked.answers))


def _words(answer: Answer) -> str:
    return " ".join(claim.text for claim in answer.claims)


if __name__ == "__main__":
    main()
