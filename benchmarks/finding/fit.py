"""Chooses the weights of the signals: coordinate ascent on a grid, over all sets together, documents left out.

python -m benchmarks.finding.matrices --out FOLDER
python -m benchmarks.finding.fit --from FOLDER [--write]

Five folds of documents (never of questions): fitted on four, measured on the fifth; the table prints that beside what
is fitted and measured on the same. Weights are never negative. `--write` stores those fitted on all in
rag/retrieve/weights.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import rag.retrieve
from benchmarks.finding.libraries import COLLECTIONS
from benchmarks.finding.matrices import SCOPES, load
from benchmarks.finding.pages import Parts, Stack, hit
from rag.retrieve.retriever import PLAIN
from rag.retrieve.weights import shipped

FOLDS = 5
STEPS = (-0.2, -0.1, -0.05, 0.05, 0.1, 0.2)
ROUNDS = 6
LEAST_GAIN = 5e-4  # of the mean over sets: less is noise
SIMPLER = 4e-4  # a weight costs this much: none is kept that brings less
MAX_WEIGHTS = 12  # signals, beside those of hints
NOTHING = (0.0, 0.0, 0.0)
BY_LENGTH = ("words", "page words", "page, other passages", "side by side")  # may depend on the question's length
ANCHOR = "meaning"  # its weight stays: only ratios count

Weights = dict[str, Parts]
Stacks = Mapping[str, Stack]  # by set and scope


def quality(stacks: Stacks, names: Sequence[str], weights: Weights, chosen: Mapping[str, NDArray[np.bool_]]) -> float:
    """Return the mean over sets and scopes of what is measured there, less what each weight costs.

    Sets count by the root of their questions, as sure as their figures are.
    """
    values, sizes = [], []
    for name, stack in stacks.items():
        kept = chosen[name]
        if kept.any():
            values.append(figure(name, stack, names, weights, kept))
            sizes.append(np.sqrt(kept.sum()))
    n_weights = sum(bool(value) for pair in weights.values() for value in pair)
    return float(np.average(values, weights=sizes)) - SIMPLER * n_weights


def figure(name: str, stack: Stack, names: Sequence[str], weights: Weights, kept: NDArray[np.bool_]) -> float:
    """Return nDCG@10 of a collection; of documents the mean of reciprocal rank and page hit at 1 and 5."""
    if name.partition("-")[0] in COLLECTIONS:
        return float(stack.ndcg(names, weights)[kept].mean())
    ranks = stack.ranks(names, weights)[kept]
    return (float((1 / ranks).mean()) + hit(ranks, 1) + hit(ranks, 5)) / 3


def fit(stacks: Stacks, names: Sequence[str], start: Weights, chosen: Mapping[str, NDArray[np.bool_]]) -> Weights:
    """Return weights that no single step on the grid betters."""
    weights = {name: start.get(name, NOTHING) for name in names}
    best = quality(stacks, names, weights, chosen)
    for _ in range(ROUNDS):
        before = best
        for name in names:
            if name in PLAIN:  # few questions say such things: chosen by hand, and kept
                continue
            for part in (0, 1, 2) if name in BY_LENGTH else (0, 1):
                if name == ANCHOR and part == 0:
                    continue
                for new in _moves(weights, name, part):
                    found = quality(stacks, names, new, chosen)
                    if found > best + 1e-9:
                        best, weights = found, new
        if best < before + LEAST_GAIN:
            break
    return weights


def _moves(weights: Weights, name: str, part: int) -> list[Weights]:
    """Return the weights with one of them changed by each step, or taken away; never below nothing for any question."""
    found = []
    for step in (*STEPS, -weights[name][part]):
        parts = list(weights[name])
        parts[part] = round(parts[part] + step, 3)
        changed = {**weights, name: (parts[0], parts[1], parts[2])}
        n_signals = sum(any(values) for other, values in changed.items() if other not in PLAIN)
        least = parts[0] + min(0, parts[1]) + min(0, parts[2])  # over all questions
        if step and least >= -1e-9 and n_signals <= MAX_WEIGHTS:
            found.append(changed)
    return found


def fold_of(document: str) -> int:
    """Return the fold of a document: always the same."""
    return int.from_bytes(hashlib.sha256(document.encode()).digest()[:4]) % FOLDS


def main() -> None:
    """Fit, print both figures, and store the weights."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", type=Path, required=True, dest="folder")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    names, stacks = load_stacks(arguments.folder)
    start: Weights = {name: (weight.always, weight.table, weight.long) for name, weight in shipped().items()}
    folds = {name: np.array([fold_of(d) for d in stack.documents]) for name, stack in stacks.items()}
    everything = {name: np.ones(len(fold), bool) for name, fold in folds.items()}
    fitted = fit(stacks, names, start, everything)
    of_folds = [fit(stacks, names, start, {name: fold != i for name, fold in folds.items()}) for i in range(FOLDS)]
    print(f"{'set':16s} {'n':>5s}   before @1 @5 @10     documents left out    fitted on itself")
    for name, stack in stacks.items():
        found = [_each(name, stack, names, weights) for weights in of_folds]
        left_out = [np.choose(folds[name], values) for values in zip(*found, strict=True)]
        rows = (_each(name, stack, names, start), left_out, _each(name, stack, names, fitted))
        told = "    ".join(" ".join(f"{values.mean():.3f}" for values in row) for row in rows)
        print(f"{name:16s} {len(stack.documents):5d}   {told}")
    kept = {name: pair for name, pair in fitted.items() if any(pair)}
    for name, (always, table, long) in kept.items():
        print(f"  {name:24s} {always:5.2f} {table:+5.2f} * table {long:+5.2f} * length")
    if arguments.write:
        _write(kept)


def _each(name: str, stack: Stack, names: Sequence[str], weights: Weights) -> list[NDArray[np.float64]]:
    """Return what is printed of each question: page hit at 1, 5 and 10; of a collection nDCG@10."""
    if name.partition("-")[0] in COLLECTIONS:
        return [stack.ndcg(names, weights)]
    ranks = stack.ranks(names, weights)
    return [(ranks <= k).astype(np.float64) for k in (1, 5, 10)]


def load_stacks(folder: Path) -> tuple[list[str], dict[str, Stack]]:
    """Return the names of the signals, and the stacked questions of every set and scope in a folder."""
    stacks, names = {}, list[str]()
    for file in sorted(folder.glob("*.npz")):
        names, matrices = load(file)
        guess = np.array([max(0.1, _guess(name)) for name in names], np.float32)
        stacks[file.stem] = Stack.of(matrices, guess)
    if not stacks:
        raise SystemExit(f"no {SCOPES} matrices in {folder}: python -m benchmarks.finding.matrices --out {folder}")
    return names, stacks


def _guess(name: str) -> float:
    weight = shipped().get(name)
    return 0.0 if weight is None else weight.always + weight.table / 2


def _write(weights: Weights) -> None:
    file = Path(rag.retrieve.__path__[0]) / "weights.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["made by"] = "python -m benchmarks.finding.fit --write"
    content["signals"] = {
        name: {"always": always, "table": table, "long": long} for name, (always, table, long) in weights.items()
    }
    lines = [f"    {json.dumps(name)}: {json.dumps(weight)}" for name, weight in content.pop("signals").items()]
    head = json.dumps(content, indent=2, ensure_ascii=False).removesuffix("\n}")
    file.write_text(f'{head},\n  "signals": {{\n' + ",\n".join(lines) + "\n  }\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
