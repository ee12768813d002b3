"""Would a network rank better than the sum? Learnt from sets whose licenses allow it, measured on all the others.

python -m benchmarks.finding.matrices --out FOLDER
python -m benchmarks.finding.learnt --from FOLDER [--lessons FOLDER]

A network sees the standardised signals of a passage and the gates of its question; a page is its best passage; the loss
is the softmax over the pages of a question. Hints keep their shipped weights: no lesson names a page, part or document.
An eighth of the articles, books and reports says when to stop. "sum + share" adds a share of the network's score, as
wide as the sum's, to the sum; the share is chosen on four folds of the measuring documents, measured on the fifth.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from benchmarks.finding.fit import fold_of
from benchmarks.finding.lessons import fill, lessons
from benchmarks.finding.libraries import COLLECTIONS
from benchmarks.finding.matrices import SCOPES, Matrix, Wanted, all_signals, compute, load, save
from benchmarks.finding.pages import DEPTH, DISCOUNT
from rag.library import Library
from rag.networks.training import Recipe, train
from rag.retrieve.retriever import PLAIN
from rag.retrieve.weights import shipped

Floats = NDArray[np.float32]
Scorer = Callable[[Matrix], Floats]  # a score of each candidate

HIDDEN = 32
KEPT = 100  # candidates of a question that are learnt from, the best by the sum, beside those on right pages
LEFT_OUT = 8  # one document in so many says when to stop
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
FOLDS = 5
NETWORKS = ("linear", "mlp", "monotone mlp", "sum + mlp")  # the last begins as the sum, and learns what to add
RECIPE = Recipe(epochs=60, batch=32, learning_rate=3e-3, weight_decay=0.01, patience=8)


def make(folder: Path) -> None:
    """Store the signals of all lessons' candidates: each asked of its own document, and of all lessons together."""
    filled = Library(folder / "library", n_threads=1)
    there = {document.name for document in filled.documents() if document.state == "ready"}
    sets = lessons()
    for lesson in (lesson for of_set in sets.values() for lesson in of_set):
        if lesson.name not in there:
            fill(filled, lesson)
    filled.rebuild()
    weights = all_signals(filled)
    for name, of_set in sets.items():
        asked = [
            Wanted(text, lesson.name, {(lesson.name, page): 1}) for lesson in of_set for text, page in lesson.questions
        ]
        for scope in SCOPES:
            save(folder / f"{name}-{scope}.npz", list(weights), compute(filled, asked, scope, weights))
            print(f"{name}, {scope}: {len(asked)} questions of {len(of_set)} documents", flush=True)
    filled.close()


class Sum:
    """The shipped sum, as the one function it is of signals and gates; and what of it is no hint."""

    def __init__(self, names: Sequence[str]) -> None:
        weights = shipped()
        parts = [(w.always, w.table, w.long) if (w := weights.get(name)) else (0.0, 0.0, 0.0) for name in names]
        self._parts = np.array(parts, np.float32)  # (s, 3)
        self._is_hint = np.array([name in PLAIN for name in names])

    def of(self, matrix: Matrix) -> Floats:
        """Return the score of each candidate."""
        return self.hints(matrix) + self.signals(matrix)

    def hints(self, matrix: Matrix) -> Floats:
        """Return what hints add to it."""
        return self._some(matrix, self._is_hint)

    def signals(self, matrix: Matrix) -> Floats:
        """Return what all else adds."""
        return self._some(matrix, ~self._is_hint)

    def _some(self, matrix: Matrix, chosen: NDArray[np.bool_]) -> Floats:
        weights = self._parts @ np.array([1.0, *matrix.gates], np.float32)
        total: Floats = matrix.signals[:, chosen] @ weights[chosen]
        return total


def inputs(matrix: Matrix, columns: Sequence[int], total: Sum) -> Floats:
    """Return what a network sees of the candidates: their signals, and last the sum of these."""
    return np.column_stack([matrix.signals[:, columns], total.signals(matrix)])


@dataclass(frozen=True, slots=True, eq=False)
class Padded:
    """Questions below each other, q of them, each with as many candidates: what is not there has page -1."""

    signals: torch.Tensor  # (q, n, s + 1), see `inputs`
    gates: torch.Tensor  # (q, 2)
    pages: torch.Tensor  # (q, n), from 0 within the question
    right: torch.Tensor  # (q, p)

    @classmethod
    def of(cls, matrices: Sequence[Matrix], columns: Sequence[int], total: Sum) -> Padded:
        """Return those questions of which a right page was proposed."""
        rows = []
        for matrix in matrices:
            is_right = np.isin(matrix.pages, matrix.right)
            kept = np.union1d(np.argsort(-total.of(matrix))[:KEPT], np.flatnonzero(is_right))
            found, number = np.unique(matrix.pages[kept], return_inverse=True)
            if is_right.any():
                rows.append((inputs(matrix, columns, total)[kept], matrix.gates, number, np.isin(found, matrix.right)))
        n, p = max(len(row[2]) for row in rows), max(len(row[3]) for row in rows)
        signals = np.zeros((len(rows), n, len(columns) + 1), np.float32)
        pages, right = np.full((len(rows), n), -1), np.zeros((len(rows), p), bool)
        for i, (values, _, number, is_right) in enumerate(rows):
            signals[i, : len(number)], pages[i, : len(number)], right[i, : len(is_right)] = values, number, is_right
        gates = np.stack([row[1] for row in rows]).astype(np.float32)
        return cls(*(torch.from_numpy(array) for array in (signals, gates, pages, right)))


def network(kind: str, n_signals: int) -> nn.Module:
    """Return an untrained network of signals (..., s), the sum after them, and gates (..., 2)."""

    class Linear(nn.Module):
        """Weights that depend on the gates: always + table * gate + long * gate."""

        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.Parameter(torch.zeros(3, n_signals))
            with torch.no_grad():
                self.parts[0] = 0.1

        def forward(self, signals: torch.Tensor, gates: torch.Tensor) -> torch.Tensor:
            one = torch.ones_like(gates[..., :1])
            return (signals[..., :-1] * (torch.cat([one, gates], -1) @ self.parts)).sum(-1)

    class Mlp(nn.Module):
        """One hidden layer; monotone: no signal that rises lowers the score, whatever the gates."""

        def __init__(self) -> None:
            super().__init__()
            self.of_signals = nn.Parameter(torch.randn(n_signals, HIDDEN) * 0.2)
            self.of_gates = nn.Linear(2, HIDDEN)
            self.out = nn.Linear(2, HIDDEN)  # weights of the hidden units by the gates
            self.of_sum = nn.Parameter(torch.ones(()), requires_grad=kind == "sum + mlp")
            if kind == "sum + mlp":
                nn.init.zeros_(self.out.weight)
                nn.init.zeros_(self.out.bias)

        def forward(self, signals: torch.Tensor, gates: torch.Tensor) -> torch.Tensor:
            into: torch.Tensor = self.of_signals
            out: torch.Tensor = self.out(gates)
            if kind == "monotone mlp":
                into, out = functional.softplus(into - 3), functional.softplus(out - 2)
            learnt = torch.sum(torch.tanh(signals[..., :-1] @ into + self.of_gates(gates)) * out, -1)
            return learnt + self.of_sum * signals[..., -1] if kind == "sum + mlp" else learnt

    return Linear() if kind == "linear" else Mlp()


def taught(kind: str, given: Padded, learnt: torch.Tensor, left_out: torch.Tensor, seed: int) -> nn.Module:
    """Return a trained network."""
    torch.manual_seed(seed)
    made = network(kind, given.signals.shape[-1] - 1)

    def loss(module: nn.Module, batch: torch.Tensor) -> torch.Tensor:
        pages, right = given.pages[batch], given.right[batch]
        signals = given.signals[batch]
        gates = given.gates[batch][:, None, :].expand(-1, signals.shape[1], -1)
        scores = module(signals, gates).masked_fill(pages < 0, -1e9)
        empty = torch.full(right.shape, -1e9)
        of_pages = empty.scatter_reduce(1, pages.clamp(min=0), scores, "amax", include_self=True)
        told = torch.log_softmax(of_pages, 1).masked_fill(~right, -1e9)
        return -torch.logsumexp(told, 1).mean()

    last = train(made, loss, learnt, left_out, replace(RECIPE, seed=seed))
    print(f"{kind}: epoch {last.best} of {last.number}, loss left out {last.best_loss:.4f}", flush=True)
    return made


def scorer(module: nn.Module, columns: Sequence[int], total: Sum) -> Scorer:
    """Return the network as a function of a question's candidates."""

    def score(matrix: Matrix) -> Floats:
        with torch.no_grad():
            gates = torch.from_numpy(matrix.gates).expand(len(matrix.pages), -1)
            found: Floats = module(torch.from_numpy(inputs(matrix, columns, total)), gates).numpy()
        return found

    return score


def figures(matrix: Matrix, scores: Floats) -> tuple[float, ...]:
    """Return page hit at 1, 5 and 10, reciprocal rank, nDCG@10 of a question; a page scores as its best passage."""
    order = np.lexsort((matrix.pages, -scores))
    pages, first = np.unique(matrix.pages[order], return_index=True)
    ranked = pages[np.argsort(first)]
    worth = dict(zip(matrix.right.tolist(), matrix.grades.tolist(), strict=True))
    gains = np.array([worth.get(page, 0.0) for page in ranked[:DEPTH].tolist()])
    ideal = np.sort(matrix.grades)[::-1][:DEPTH]
    ndcg = (gains / DISCOUNT[: len(gains)]).sum() / max(1e-9, (ideal / DISCOUNT[: len(ideal)]).sum())
    hits = np.flatnonzero(np.isin(ranked, matrix.right))
    rank = float(hits[0] + 1) if len(hits) else np.inf
    return (*(float(rank <= k) for k in (1, 5, 10)), 1 / rank, float(ndcg))


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A set: what each question's candidates get from the sum, and from a network; the figures of each share of it."""

    name: str
    folds: NDArray[np.int64]  # (q,)
    by_share: NDArray[np.float64]  # (shares, q, figures)
    alone: NDArray[np.float64]  # (q, figures): the network and hints, without the sum

    @classmethod
    def of(cls, name: str, matrices: Sequence[Matrix], total: Sum, score: Scorer) -> Measured:
        """Return the figures of a set."""
        by_share, alone = [], []
        for matrix in matrices:
            plain, learnt = total.signals(matrix), score(matrix)
            as_wide = (learnt - learnt.mean()) / max(float(learnt.std()), 1e-6) * plain.std()
            summed = total.of(matrix)
            by_share.append([figures(matrix, summed + share * as_wide) for share in SHARES])
            alone.append(figures(matrix, as_wide + total.hints(matrix)))
        folds = np.array([fold_of(matrix.document) for matrix in matrices])
        return cls(name, folds, np.array(by_share).swapaxes(0, 1), np.array(alone))

    def counts(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what counts: nDCG@10 of a collection, else the mean of hit at 1, hit at 5 and 1 / rank."""
        return values[..., 4] if self.name.partition("-")[0] in COLLECTIONS else values[..., [0, 1, 3]].mean(axis=-1)


def chosen(sets: Sequence[Measured]) -> list[int]:
    """Return for each fold the share that is best on the other folds, over all sets; they count by their root."""
    best = []
    for fold in range(FOLDS):
        kept = [(of_set, of_set.folds != fold) for of_set in sets if (of_set.folds != fold).any()]
        means = [of_set.counts(of_set.by_share)[:, where].mean(axis=1) for of_set, where in kept]
        best.append(int(np.argmax(np.average(means, axis=0, weights=[where.sum() ** 0.5 for _, where in kept]))))
    return best


def compare(sets: Sequence[Measured]) -> None:
    """Print the sum, the network alone, and the sum with a share of it; the last against the first, paired."""
    shares = chosen(sets)
    print(f"    shares of five folds: {', '.join(str(SHARES[i]) for i in shares)}")
    print(f"    {'set':16s} {'n':>5s}   sum @1 @5 @10 nDCG          alone                      sum + share, left out")
    gains = {"alone": list[NDArray[np.float64]](), "sum + share": list[NDArray[np.float64]]()}
    for of_set in sets:
        before = of_set.by_share[0]
        left_out = of_set.by_share[np.array(shares)[of_set.folds], np.arange(len(of_set.folds))]
        told = "    ".join(_told(values) for values in (before, of_set.alone, left_out))
        print(f"    {of_set.name:16s} {len(before):5d}   {told}")
        gains["alone"].append(of_set.counts(of_set.alone) - of_set.counts(before))
        gains["sum + share"].append(of_set.counts(left_out) - of_set.counts(before))
    for told, of_sets in gains.items():
        weights = np.array([len(values) ** 0.5 for values in of_sets])
        weights /= weights.sum()
        mean = sum(w * values.mean() for w, values in zip(weights, of_sets, strict=True))
        error = sum(w**2 * values.var() / len(values) for w, values in zip(weights, of_sets, strict=True)) ** 0.5
        print(f"    {told} against the sum, over all sets: {mean:+.4f} ± {1.96 * error:.4f}", flush=True)


def _told(values: NDArray[np.float64]) -> str:
    return " ".join(f"{value:.3f}" for value in values.mean(axis=0)[[0, 1, 2, 4]])


def _read(folder: Path) -> tuple[list[str], dict[str, list[Matrix]]]:
    """Return the names of the signals, and the questions of every set and scope."""
    found = {file.stem: load(file) for file in sorted(folder.glob("*.npz"))}
    if not found:
        raise SystemExit(f"no matrices in {folder}: python -m benchmarks.finding.matrices --out {folder}")
    return next(iter(found.values()))[0], {name: matrices for name, (_, matrices) in found.items()}


def _same(names: Sequence[str], others: Sequence[str], sets: Mapping[str, list[Matrix]]) -> dict[str, list[Matrix]]:
    """Return the sets, if they have the signals of the lessons, and those that are shipped."""
    missing = (set(names) ^ set(others)) | (set(shipped()) - set(names))
    if missing or list(names) != list(others):
        raise SystemExit(f"made before the signals changed ({', '.join(sorted(missing))}): make lessons and sets again")
    return dict(sets)


def main() -> None:
    """Train each network, and print what it is worth."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", type=Path, required=True, dest="folder")
    parser.add_argument("--lessons", type=Path, help="where what is learnt from is kept, or made")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder: Path = arguments.lessons or arguments.folder / "lessons"
    if not any(folder.glob("*.npz")):
        make(folder)
    names, taken = _read(folder)
    sets = _same(names, *_read(arguments.folder))
    total, columns = Sum(names), [i for i, name in enumerate(names) if name not in PLAIN]
    every = [matrix for matrices in taken.values() for matrix in matrices if np.isin(matrix.right, matrix.pages).any()]
    given = Padded.of(every, columns, total)
    aside = torch.tensor([is_left_out(matrix) for matrix in every])
    left_out = {f"{name}, left out": [m for m in matrices if is_left_out(m)] for name, matrices in taken.items()}
    for kind in NETWORKS:
        module = taught(kind, given, torch.where(~aside)[0], torch.where(aside)[0], arguments.seed)
        score = scorer(module, columns, total)
        for of_sets in (left_out, sets):
            compare([Measured.of(name, matrices, total, score) for name, matrices in of_sets.items()])


def is_left_out(matrix: Matrix) -> bool:
    """Tell whether the document of a question is kept aside: it says when to stop."""
    return zlib.crc32(matrix.document.encode()) % LEFT_OUT == 0


if __name__ == "__main__":
    main()
