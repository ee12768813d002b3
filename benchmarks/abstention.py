"""Does it abstain when the documents do not say? Fits and measures `rag/answer/abstain.py`.

    python -m benchmarks.abstention [--fit]

Fitted on articles of SQuAD's training set, a passage a paragraph; measured on articles of its dev set. Every question
is asked three times: of its own article (present), of another article (elsewhere), and of its own article without the
paragraphs that hold the answer (taken away; the hardest kind of absence).
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.articles import Article, fill, squad_articles
from benchmarks.data import share
from rag.answer.abstain import WEIGHTS, Evidence, probability_of_answer
from rag.library import Library

KINDS = ("present", "elsewhere", "taken away")
WRONGLY_ABSTAINS = 0.015  # share of the present that the threshold may cost


def main() -> None:
    """Print what the features tell apart, before and after fitting."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--articles", type=int, default=24)
    arguments, _ = parser.parse_known_args()
    measured = _evidence("dev-v1.1.json.gz", arguments.articles, seed=2)
    _report("as shipped, on dev articles", measured, probability_of_answer)
    if arguments.fit:
        train = _evidence("train-v1.1.json.gz", arguments.articles, seed=1)
        weights = _fit(train)
        print("weights:", {name: round(float(w), 2) for name, w in zip(WEIGHTS, weights, strict=True)})
        _report("fitted, on the training articles", train, lambda e: _probability(weights, e))
        _report("fitted, on dev articles", measured, lambda e: _probability(weights, e))


def _evidence(file: str, n_articles: int, seed: int) -> dict[str, list[Evidence]]:
    """Return the evidence of every question, by kind."""
    articles = squad_articles(file, n_articles, seed)
    found: dict[str, list[Evidence]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), n_threads=2)
        fill(library, articles)
        for kind, evidence in _ask_all(library, articles, random.Random(seed)):
            found[kind].append(evidence)
        library.close()
    return found


def _ask_all(library: Library, articles: list[Article], rng: random.Random) -> Iterator[tuple[str, Evidence]]:
    for article in articles:
        other = rng.choice([a for a in articles if a is not article])
        for question, answers, _ in rng.sample(article.questions, min(25, len(article.questions))):
            for kind, name in (("present", article.name), ("elsewhere", other.name), ("taken away", article.name)):
                hits = library.search(question, 20, documents=[name])
                if kind == "taken away":
                    hits = [hit for hit in hits if not any(a.lower() in hit.passage.text.lower() for a in answers)]
                reader = library.extractive_reader([library.document(name).key])
                ranked = reader.rank(question, hits[:10])
                if ranked:
                    yield kind, reader.evidence(question, ranked, hits[:10])


def _features(evidence: Evidence) -> list[float]:
    return [
        evidence.meaning or 0.0,
        evidence.passage_meaning or 0.0,
        evidence.words,
        evidence.passage_words,
        float(evidence.unknown),
        1.0,
    ]


def _probability(weights: NDArray[np.float64], evidence: Evidence) -> float:
    return float(1 / (1 + np.exp(-np.dot(weights, _features(evidence)))))


def _fit(train: dict[str, list[Evidence]]) -> NDArray[np.float64]:
    """Return the weights of a logistic regression, moved so that 0.5 is the threshold that was chosen."""
    from sklearn.linear_model import LogisticRegression

    absent = train["elsewhere"] + train["taken away"]
    x = np.array([_features(e) for e in train["present"] + absent])
    y = np.array([1] * len(train["present"]) + [0] * len(absent))
    model = LogisticRegression(C=10.0, fit_intercept=False, max_iter=1000).fit(x, y)
    weights = model.coef_[0].astype(np.float64)
    present = np.sort(x[y == 1] @ weights)
    weights[-1] -= present[int(WRONGLY_ABSTAINS * len(present))]
    return weights


def _report(title: str, found: dict[str, list[Evidence]], probability: object) -> None:
    assert callable(probability)
    print(title)
    scores = {kind: np.array([probability(e) for e in found[kind]]) for kind in KINDS}
    for kind in KINDS:
        print(f"  abstains, answer {kind:<11} {share([bool(p < 0.5) for p in scores[kind]])}")
    for kind in KINDS[1:]:
        print(f"  AUROC present against {kind:<11} {_auroc(scores['present'], scores[kind]):.3f}", flush=True)


def _auroc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    wins = (positive[:, None] > negative[None, :]).mean() + 0.5 * (positive[:, None] == negative[None, :]).mean()
    return float(wins)


if __name__ == "__main__":
    main()
