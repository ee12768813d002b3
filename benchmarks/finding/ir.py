"""Whole collections with judged documents: nDCG@10 of scifact, cranfield and cisi, as they are asked by everyone.

python -m benchmarks.finding.ir [--signals] [--config FILE]

A document of a collection is a document of one page, its title the heading, its text cut into passages as that of a
PDF; a document ranks by its best passage. `--signals` also prints what each signal finds alone, and what is lost
without it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.data import data_folder
from rag import asking
from rag.asking import MAX_QUESTION
from rag.evaluate import datasets
from rag.evaluate.datasets import Place, Question
from rag.evaluate.intervals import interval
from rag.evaluate.measuring import Wanted, opened
from rag.evaluate.metrics import ndcg_at
from rag.evaluate.overriding import Configuration, overridden
from rag.evaluate.runner import Asking, ask_all
from rag.library import Library
from rag.retrieve.weights import Weight, Weights, shipped
from rag.settings import load_settings
from rag.understanding import understand

TARGETS = {"scifact": 0.745, "cranfield": 0.41, "cisi": 0.45}
FIGURE = "nDCG@10"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", nargs="+", default=list(TARGETS), choices=list(TARGETS))
    parser.add_argument("--signals", action="store_true", help="each alone, and all without each")
    parser.add_argument("--config", type=Path, help="other settings or weights")
    arguments, _ = parser.parse_known_args()
    configuration = overridden(load_settings(), arguments.config)
    print(f"{FIGURE}; 95 % intervals in brackets")
    for name in arguments.sets:
        measure(name, configuration, with_signals=arguments.signals)


def measure(name: str, configuration: Configuration, *, with_signals: bool = False) -> None:
    """Print the figure of a set, and those of the signals."""
    dataset = datasets.load(data_folder() / "ir" / name)
    wanted = Wanted(dataset.folder, configuration, Asking(whole=True, with_answers=False))
    with opened(wanted, dataset, on_step=_tell) as (library, _):
        weights = configuration.weights or shipped()
        value = interval(_figures(library, dataset.questions))
        reached = "reached" if value.mean >= TARGETS[name] else "missed"
        print(
            f"{name:<10} {len(dataset.questions):>4} questions  {value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"
            f"  wanted {TARGETS[name]:.3f}: {reached}",
            flush=True,
        )
        for signal, (alone, without) in _by_signal(library, dataset.questions, weights).items() if with_signals else ():
            print(f"    {signal:<24} alone {_told(alone)}   without it {_told(without)}", flush=True)


def _by_signal(
    library: Library, questions: Sequence[Question], weights: Weights
) -> dict[str, tuple[float | None, float | None]]:
    """Return for each signal the figure with it alone, and with all others; None where nothing is found.

    What is found is ranked as it is, before passages are merged for the eye.
    """
    names = [name for name, weight in weights.items() if weight.always or weight.table or weight.long]
    variants: dict[str, Weights] = {f"alone {name}": {name: Weight(1.0)} for name in names}
    variants |= {f"without {name}": {n: w for n, w in weights.items() if n != name} for name in names}
    values: dict[str, list[float]] = {variant: [] for variant in variants}
    documents = {document.key: document.name for document in library.documents()}
    for question in questions:
        asked = understand(library.parts, question.text[:MAX_QUESTION], None)
        for variant, chosen in variants.items():
            found = asking.retrieve(library.parts, asked, chosen)
            ranking = _documents(library, [candidate.id for candidate in found], documents)
            values[variant].append(ndcg_at(ranking, question.relevant, 10))
    means = {variant: interval(found).mean if any(found) else None for variant, found in values.items()}
    return {name: (means[f"alone {name}"], means[f"without {name}"]) for name in names}


def _documents(library: Library, ids: Sequence[int], names: Mapping[int, str]) -> list[Place]:
    """Return the distinct documents of passages, in their order, each as its one page."""
    key_of = {int(row[0]): int(row[1]) for row in library.catalog.passage_places(list(ids))}
    return list(dict.fromkeys((names[key_of[id_]], 1) for id_ in ids if id_ in key_of))


def _figures(library: Library, questions: Sequence[Question]) -> list[float]:
    rows = ask_all(library, questions, Asking(whole=True, with_answers=False))
    return [row.figures[FIGURE] for row in rows]


def _told(value: float | None) -> str:
    return "   –  " if value is None else f"{value:.3f}"


def _tell(what: str, done: int, total: int) -> None:
    if done % 256 == 0:
        sys.stderr.write(f"{done} of {total} {what}\n")


if __name__ == "__main__":
    main()
