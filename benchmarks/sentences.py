"""Which sentence answers? Fits and measures the weights of `rag/answer/extractive.py`.

    python -m benchmarks.sentences [--fit] [--rules]

Fitted on articles of SQuAD's training set, measured on articles of its dev set, each question asked of its own
article. A sentence is right if it stands in the question's paragraph and holds one of its answers. `--rules` leaves out
what the network for questions tells of the kind of answer.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.articles import fill, squad_articles
from rag.answer.extractive import MARGIN, MIN_WORDS, WEIGHTS
from rag.library import Library
from rag.networks.questions import QuestionKinds

Array = NDArray[np.float64]
N_QUESTIONS = 20  # an article
PENALTY = 1e-3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's sentences: features (n, 8), words (n,), whether each is right, whether it holds an answer."""

    features: Array
    n_words: NDArray[np.int64]
    is_right: NDArray[np.bool_]
    holds_answer: NDArray[np.bool_]


def main() -> None:
    """Print how often the right sentence comes first, and how often the answer is within what is shown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--articles", type=int, default=24)
    parser.add_argument("--rules", action="store_true")
    arguments, _ = parser.parse_known_args()
    dev = _ask("dev-v1.1.json.gz", arguments.articles, seed=2, by_rules=arguments.rules)
    shipped = np.array(list(WEIGHTS.values()))
    _report("shipped weights, dev articles", dev, shipped)
    for name in ("meaning", "words"):
        alone = np.array([float(feature == name) for feature in WEIGHTS])
        _report(f"{name} alone", dev, alone)
    if arguments.fit:
        fitted = _fit(_ask("train-v1.1.json.gz", arguments.articles, seed=1, by_rules=arguments.rules))
        print({name: round(float(weight), 2) for name, weight in zip(WEIGHTS, fitted, strict=True)})
        _report("fitted weights, dev articles", dev, fitted)
    for margin in (0.0, 1.0, 2.0, MARGIN, 5.0, 99.0):
        held, n = _shown(dev, shipped, margin)
        print(f"  margin {margin:4.1f}: answer within what is shown {100 * held:.1f} %, {n:.2f} sentences")


def _ask(file: str, n_articles: int, seed: int, *, by_rules: bool) -> list[Asked]:
    articles = squad_articles(file, n_articles, seed)
    rng = random.Random(seed)
    asked = []
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), n_threads=2)
        fill(library, articles)
        for article in articles:
            reader = library.extractive_reader([library.document(article.name).key])
            for question, answers, paragraph in rng.sample(article.questions, min(N_QUESTIONS, len(article.questions))):
                found = library.find(question, 10, documents=[article.name])
                expected = None if by_rules else QuestionKinds.load().predict(question, found.vector)[0]
                ranked = replace(reader, expected=expected).rank(question, found.hits)
                if ranked:
                    holds = np.array([any(a.lower() in s.text.lower() for a in answers) for s in ranked])
                    in_place = np.array([s.hit.passage.number == paragraph for s in ranked])
                    n_words = np.array([len(s.text.split()) for s in ranked])
                    asked.append(Asked(np.array([s.features for s in ranked]), n_words, holds & in_place, holds))
        library.close()
    return asked


def _fit(train: Sequence[Asked]) -> Array:
    """Return the weights under which the right sentences of a question get most of a softmax over its sentences."""
    from scipy.optimize import minimize

    learnable = [a for a in train if a.is_right.any()]

    def loss(weights: Array) -> tuple[float, Array]:
        total, gradient = PENALTY * float(weights @ weights), 2 * PENALTY * weights
        for a in learnable:
            scores = a.features @ weights
            p = np.exp(scores - scores.max())
            p /= p.sum()
            right = np.where(a.is_right, p, 0.0)
            total -= float(np.log(right.sum() + 1e-12)) / len(learnable)
            gradient = gradient + (p - right / (right.sum() + 1e-12)) @ a.features / len(learnable)
        return total, gradient

    return np.asarray(minimize(loss, np.zeros(len(WEIGHTS)), jac=True, method="L-BFGS-B").x, np.float64)


def _report(title: str, asked: Sequence[Asked], weights: Array) -> None:
    first = np.mean([a.is_right[int(np.argmax(a.features @ weights))] for a in asked])
    held, _ = _shown(asked, weights, 99.0)
    print(f"{title}, {len(asked)} questions: right first {100 * first:.1f} %, in three {100 * held:.1f} %", flush=True)


def _shown(asked: Sequence[Asked], weights: Array, margin: float) -> tuple[float, float]:
    """Return how often an answer is within the sentences that are shown, and how many those are on average."""
    held, total = 0, 0
    for a in asked:
        scores = a.features @ weights
        shown: list[int] = []
        n_words = 0
        for i in np.argsort(-scores, kind="stable"):
            if scores[i] < scores.max() - margin or len(shown) == 3:
                break
            if not shown or (a.n_words[i] >= MIN_WORDS and n_words + a.n_words[i] <= 60):
                shown.append(int(i))
                n_words += int(a.n_words[i])
        held += bool(a.holds_answer[shown].any())
        total += len(shown)
    return held / len(asked), total / len(asked)


if __name__ == "__main__":
    main()
