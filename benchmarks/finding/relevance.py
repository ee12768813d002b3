"""Is a hit's relevance the probability that it says? Fits and measures rag/retrieve/relevance.json.

    python -m benchmarks.finding.relevance [--fit]

Fitted on articles of SQuAD's training set and on tables of TAT-QA that the network for questions was not trained on,
each asked of its own document, of all, and, for one question in seven, of all but its own: there nothing answers.
Measured on half of those documents, left out of the fit, and on sets that nothing was fitted on. The expected
calibration error (Guo et al., On Calibration of Modern Neural Networks, 2017) is the mean distance, over ten equal
parts of the hits, of the mean relevance from the share that holds the answer. Run it again when the weights of the
signals change.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.articles import fill, squad_articles
from benchmarks.data import Question, data_folder
from benchmarks.finding import libraries
from rag import asking
from rag.library import Library
from rag.networks.examples import SQUAD, TATQA, part
from rag.retrieve import relevance
from rag.retrieve.relevance import FEATURES, Calibration
from rag.types import Page, PageSpan, ParsedDocument, Passage
from rag.types import Words as PageWords
from rag.understanding import understand

Array = NDArray[np.float64]
FILE = Path(relevance.__file__).with_name("relevance.json")
N_ARTICLES = 24
PER_ARTICLE = 12  # questions
PER_REPORT = 14  # tables of TAT-QA that make one document, a page each
PER_TABLE = 4  # questions
N_HITS = 10  # of a question, that are learnt from and measured
N_MEASURED = 200  # questions of a large set
PENALTY = 1e-5
PARTS = 10


@dataclass(slots=True)
class Judged:
    """Hits with their features, one row each, and whether their page holds the answer."""

    rows: list[Array] = field(default_factory=list)  # in the order of FEATURES
    ranks: list[int] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)  # document that the question belongs to

    def ask(self, library: Library, question: Question, keys: Sequence[int] | None) -> None:
        """Take the hits of a question asked of these documents."""
        names = {document.key: document.name for document in library.documents()}
        asked = understand(library.parts, question.text, keys)
        candidates = asking.retrieve(library.parts, asked)
        best = {passage.id: passage for passage in library.catalog.passages([c.id for c in candidates[:N_HITS]])}
        places = library.catalog.passage_places(list(best))
        document_of = {int(place[0]): names[int(place[1])] for place in places}
        rows = relevance.features_of(candidates, asked.understood, library.catalog)
        for rank, (candidate, row) in enumerate(zip(candidates[:N_HITS], rows, strict=False), start=1):
            on_page = bool(set(best[candidate.id].pages) & set(question.pages))
            self.rows.append(row)
            self.ranks.append(rank)
            self.right.append(on_page and document_of[candidate.id] == question.document)
            self.groups.append(question.document)

    def only(self, documents: set[str]) -> Judged:
        """Return the hits of questions that belong to these documents."""
        kept = [i for i, group in enumerate(self.groups) if group in documents]
        columns = ([column[i] for i in kept] for column in (self.rows, self.ranks, self.right, self.groups))
        return Judged(*columns)


def main() -> None:
    """Print how reliable the relevance is, after fitting it if that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fit", action="store_true")
    arguments = parser.parse_args()
    kept_aside = _kept_aside()
    documents = sorted(set(kept_aside.groups))
    random.Random(1).shuffle(documents)
    half = set(documents[: len(documents) // 2])
    calibration = fit(kept_aside.only(half)) if arguments.fit else relevance.shipped()
    measured = {"documents left out of the fit": kept_aside.only(set(documents) - half)}
    for name in libraries.SETS:
        for scope in ("own", "whole"):
            measured[f"{name}, {scope}"] = _of_set(name, scope)
    figures = {name: _report(name, judged, calibration) for name, judged in measured.items()}
    if arguments.fit:
        _write(calibration, figures)


def _of_set(name: str, scope: str) -> Judged:
    library, judged = libraries.library(name), Judged()
    keys = {document.name: document.key for document in library.documents()}
    questions = libraries.asked(name)
    for question in random.Random(2).sample(questions, min(N_MEASURED, len(questions))):
        judged.ask(library, question, [keys[question.document]] if scope == "own" else None)
    library.close()
    return judged


def _kept_aside() -> Judged:
    """Return the hits of documents that the network for questions was not trained on."""
    judged, rng = Judged(), random.Random(3)
    library = Library(libraries.folder("kept-aside"), n_threads=libraries.N_THREADS)
    questions = [*_squad(library), *_tatqa(library)]
    keys = {document.name: document.key for document in library.documents()}
    for question in questions:
        own = keys[question.document]
        judged.ask(library, question, [own])
        judged.ask(library, question, None)
        if rng.random() < 1 / 7:
            judged.ask(library, question, [key for key in keys.values() if key != own])
    library.close()
    return judged


def _squad(library: Library) -> Iterator[Question]:
    aside = [a for a in squad_articles(Path(SQUAD).name, 442, seed=4) if part(a.name) == 0][:N_ARTICLES]
    there = {document.name for document in library.documents() if document.state == "ready"}
    fill(library, [article for article in aside if article.name not in there])
    rng = random.Random(5)
    for article in aside:
        for text, answers, paragraph in rng.sample(article.questions, min(PER_ARTICLE, len(article.questions))):
            yield Question(text, article.name, (paragraph + 1,), answers)


def _tatqa(library: Library) -> Iterator[Question]:
    """Fill in tables with their paragraphs, a page each, as documents; yield their questions."""
    contexts = json.loads(gzip.decompress((data_folder() / TATQA).read_bytes()))
    aside = [context for context in contexts if part(context["table"]["uid"]) in {0, 1}]
    for first in range(0, len(aside), PER_REPORT):
        name, pages = f"Report {first // PER_REPORT + 1}", aside[first : first + PER_REPORT]
        if name not in {document.name for document in library.documents() if document.state == "ready"}:
            _store(library, name, pages)
        for number, context in enumerate(pages, start=1):
            for asked in context["questions"][:PER_TABLE]:
                yield Question(asked["question"], name, (number,))


def _store(library: Library, name: str, contexts: Sequence[dict[str, object]]) -> None:
    pages: list[Page] = []
    passages: list[Passage] = []
    for number, context in enumerate(contexts, start=1):
        text = ""
        for piece, kind in _pieces(context):
            start = len(text) + bool(text)
            text = f"{text}\n{piece}" if text else piece
            span = PageSpan(number, start, start + len(piece))
            passages.append(Passage(len(passages), piece, piece, (span,), kind="table" if kind == "table" else "text"))
        pages.append(Page(number, None, text, 595, 842, PageWords.none()))
    parsed = ParsedDocument(name, None, tuple(pages), tuple(passages), ())
    document = library.catalog.begin(hashlib.sha256(name.encode()).hexdigest(), name, 0)
    document = library.catalog.store_parsed(document, parsed)
    vectors = library.encoder.encode([passage.index_text for passage in passages])
    library.catalog.store_vectors(document, library.encoder.id, vectors)


def _pieces(context: dict[str, object]) -> Iterator[tuple[str, str]]:
    table, paragraphs = context["table"], context["paragraphs"]
    assert isinstance(table, dict) and isinstance(paragraphs, list)
    for paragraph in paragraphs:
        if text := " ".join(paragraph["text"].split()):
            yield text, "text"
    rows = [" ".join(" ".join(cell.split()) for cell in row if cell.strip()) for row in table["table"]]
    yield "\n".join(row for row in rows if row), "table"


def fit(judged: Judged) -> Calibration:
    """Return the logistic regressions, with vectors and without."""
    x, y = np.array(judged.rows), np.array(judged.right, np.float64)
    return Calibration(_fitted(x, y, FEATURES), _fitted(x, y, FEATURES[1:]))


def _fitted(x: Array, y: Array, names: Sequence[str]) -> dict[str, float]:
    from scipy.optimize import minimize

    x = np.nan_to_num(x[:, [FEATURES.index(name) for name in names]])

    def loss(weights: Array) -> tuple[float, Array]:
        z = x @ weights
        p = 1 / (1 + np.exp(-z))
        value = float(np.mean(np.logaddexp(0, z) - y * z)) + PENALTY * float(weights @ weights)
        return value, x.T @ (p - y) / len(y) + 2 * PENALTY * weights

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    return {name: round(float(weight), 3) for name, weight in zip(names, found, strict=True)}


def _report(name: str, judged: Judged, calibration: Calibration) -> dict[str, float]:
    told = calibration.probabilities(np.array(judged.rows))
    right, first = np.array(judged.right, np.float64), np.array(judged.ranks) == 1
    figures = {
        "questions": int(first.sum()),
        "first hit": round(float(right[first].mean()), 3),
        "told of it": round(float(told[first].mean()), 3),
        "error, first hit": round(expected_calibration_error(told[first], right[first]), 3),
        "error, ten hits": round(expected_calibration_error(told, right), 3),
        "Brier, first hit": round(float(((told - right)[first] ** 2).mean()), 3),
    }
    print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()), flush=True)
    return figures


def expected_calibration_error(told: Array, right: Array) -> float:
    """Return the mean distance of probability and share, over ten parts of equal size."""
    order = np.argsort(told, kind="stable")
    parts = [p for p in np.array_split(order, PARTS) if len(p)]
    return float(sum(len(p) * abs(told[p].mean() - right[p].mean()) for p in parts) / len(told))


def _write(calibration: Calibration, figures: dict[str, dict[str, float]]) -> None:
    file = {
        "what": "weights of a logistic regression: the probability that a hit's page holds the answer",
        "made by": "python -m benchmarks.finding.relevance --fit",
        "with vectors": dict(calibration.with_vectors),
        "words only": dict(calibration.words_only),
        "figures": figures,
    }
    temporary = FILE.with_suffix(".part")
    temporary.write_text(json.dumps(file, indent=2) + "\n", encoding="utf-8")
    temporary.replace(FILE)
    print(f"{FILE} is written")


if __name__ == "__main__":
    main()
