"""How much should the network that reads passages count? Chooses its weights, and measures what they bring.

    python -m benchmarks.readings [--articles 24] [--per-article 8] [--per-table 3] [--checkpoint FILE]

On documents that it was not trained on: articles of SQuAD's training set that were kept aside, and tables of TAT-QA.
Three tables: the right page first by the weight of the relevance (rag/retrieve/readings.py); the right sentence first
with the gains that are shipped and with those fitted here (rag/answer/extractive.py); answers given and held back with
and without it (rag/answer/abstain.py), every question asked thrice: of its own article, of another one, and of its own
without the passages that hold the answer.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks import aside
from benchmarks.aside import Asked
from benchmarks.data import share
from benchmarks.networks.common import named, reader_of, reader_options
from rag import asking
from rag.answer.abstain import Evidence, probability_of_answer
from rag.answer.extractive import TOLD_WEIGHTS, Sentence
from rag.asking import Found
from rag.evaluate.metrics import exact_match, f1
from rag.library import Library
from rag.retrieve.ranking import Ranking
from rag.retrieve.readings import N_READ, read_best
from rag.text import fold
from rag.types import Passage, Reading
from rag.understanding import understand

Array = NDArray[np.float64]
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
KINDS = ("present", "elsewhere", "taken away")
PENALTY = 1e-2
_LEAST = 0.01


@dataclass(frozen=True, slots=True)
class Recorded:
    """A network that says again what it said once."""

    by_text: dict[str, Reading]

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return what was read of these texts before."""
        return [self.by_text[text] for text in texts]


@dataclass(frozen=True, slots=True)
class Seen:
    """A question with what was found for it before it was read, and what was read."""

    asked: Asked
    candidates: Ranking
    passages: list[Passage]
    read: Recorded

    def is_right_first(self, weight: float) -> bool:
        """Tell whether the right page comes first when the relevance counts so much."""
        order, _, _ = read_best(self.read, "", self.candidates, self.passages, weight=weight, budget_s=1e9)
        by_id = {passage.id: passage for passage in self.passages}
        return bool(order) and order[0].id in by_id and self.asked.page in by_id[order[0].id].pages


def main() -> None:
    """Print all three tables."""
    parser = reader_options(__doc__)
    parser.add_argument("--articles", type=int, default=24)
    parser.add_argument("--per-article", type=int, default=8)
    parser.add_argument("--per-table", type=int, default=3)
    arguments = parser.parse_args()
    net, library = reader_of(arguments.checkpoint, arguments.threads), aside.library(arguments.articles)
    asked = aside.questions(arguments.articles, arguments.per_article, arguments.per_table)
    print(f"{named(net)}; {len(asked)} questions", flush=True)
    seen = [_seen(library, question, net) for question in asked]
    prose, tables = ([one for one in seen if one.asked.is_table is is_table] for is_table in (False, True))
    for kind, part in (("prose", prose), ("tables", tables)):
        if part:
            _report_ranking(kind, part)
            _report_sentences(kind, library, part)
    _report_abstention(library, prose, net)
    library.close()


def _seen(library: Library, question: Asked, net: object) -> Seen:
    parts = library.parts
    understood = understand(parts, question.text, [library.document(question.document).key])
    candidates = asking.retrieve(parts, understood)
    passages = parts.catalog.passages([candidate.id for candidate in candidates[:N_READ]])
    texts = [passage.index_text for passage in passages]
    readings = net.read(understood.query, texts)  # type: ignore[attr-defined]
    return Seen(question, candidates, passages, Recorded(dict(zip(texts, readings, strict=True))))


def _report_ranking(kind: str, seen: Sequence[Seen]) -> None:
    print(f"\n{kind}: the right page first, by the weight of the relevance; {len(seen)} questions")
    for weight in WEIGHTS:
        print(f"  {weight:.1f}  {share([one.is_right_first(weight) for one in seen])}", flush=True)


def _found(library: Library, one: Seen) -> Found:
    library.parts.given_reader = one.read
    return library.find(one.asked.text, documents=[one.asked.document])


def _report_sentences(kind: str, library: Library, seen: Sequence[Seen]) -> None:
    """Print how often the right sentence comes first, and how good the marked part of the answer is."""
    print(f"\n{kind}: right sentence first, EM and F1 of the marked part")
    keys = {document.name: document.key for document in library.documents()}
    ranked: list[tuple[Asked, list[Sentence]]] = []
    before: list[tuple[float, float]] = []
    after: list[tuple[float, float]] = []
    for one in seen:
        found = _found(library, one)
        reader = replace(library.extractive_reader([keys[one.asked.document]], found=found), threshold=0.0)
        sentences = reader.rank(one.asked.text, found.hits)
        ranked.append((one.asked, sentences))
        plain = replace(reader, told=())
        for made, by in ((before, plain), (after, reader)):
            short = by.read(one.asked.text, found.hits).short_answer or ""
            made.append((exact_match(short, one.asked.answers), f1(short, one.asked.answers)))
    for name, scores in (("by rules", before), ("by the network", after)):
        em, overlap = np.mean(scores, axis=0)
        print(f"  {name:<16} EM {100 * em:.1f}  F1 {100 * overlap:.1f}")
    rows = [_gains(question, sentences) for question, sentences in ranked if sentences]
    fitted = _fit([row for row in rows if row[2].any()])
    for name, weights in (
        ("by rules", np.zeros(4)),
        ("shipped", np.array([*TOLD_WEIGHTS.values()])),
        ("fitted", fitted),
    ):
        first = [bool(right[int(np.argmax(base + gains @ weights))]) for base, gains, right in rows]
        told = ", ".join(f"{key} {value:.2f}" for key, value in zip(TOLD_WEIGHTS, weights, strict=True))
        print(f"  {name:<16} {share(first)}   {told}", flush=True)


def _gains(question: Asked, sentences: Sequence[Sentence]) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return of each sentence the score by rules, what the network says (n, 4), and whether it is right."""
    told = [
        (1.0, s.told.told.share, s.told.told.reading.answered, s.told.told.reading.probability)
        if s.told
        else (0.0,) * 4
        for s in sentences
    ]
    answers = [fold(answer) for answer in question.answers]
    right = [
        s.hit.page == question.page and any(answer in fold(s.text) for answer in answers if answer) for s in sentences
    ]
    return np.array([s.by_rules for s in sentences]), np.array(told), np.array(right)


def _fit(rows: Sequence[tuple[Array, Array, NDArray[np.bool_]]]) -> Array:
    """Return the gains under which right sentences get most of a softmax over those of their question."""
    from scipy.optimize import minimize

    def loss(weights: Array) -> float:
        total = PENALTY * float(weights @ weights)
        for base, gains, right in rows:
            scores = base + gains @ weights
            scores = scores - scores.max()
            total -= float(np.log(np.exp(scores)[right].sum() / np.exp(scores).sum() + 1e-12)) / len(rows)
        return total

    return np.asarray(minimize(loss, np.ones(4), method="L-BFGS-B").x, np.float64)


def _report_abstention(library: Library, seen: Sequence[Seen], net: object) -> None:
    keys = {document.name: document.key for document in library.documents()}
    rng = random.Random(2)
    names = sorted({one.asked.document for one in seen})
    found: dict[str, list[Evidence]] = {kind: [] for kind in KINDS}
    for one in seen:
        there = _found(library, one)
        library.parts.given_reader = net  # type: ignore[assignment]
        other = rng.choice([name for name in names if name != one.asked.document])
        elsewhere = library.find(one.asked.text, documents=[other])
        cases = (one.asked.document, there), (other, elsewhere), (one.asked.document, _taken_away(library, there, one))
        for kind, (name, of_kind) in zip(KINDS, cases, strict=True):
            reader = library.extractive_reader([keys[name]], found=of_kind)
            ranked = reader.rank(one.asked.text, of_kind.hits)
            if ranked:
                found[kind].append(reader.evidence(one.asked.text, ranked, of_kind.hits))
    print("\nis it answered? prose of SQuAD that was kept aside")
    plain = {kind: [replace(e, answered=None) for e in held] for kind, held in found.items()}
    _report_held("by rules", plain)
    _report_held("shipped", found)
    print("  fitted beside the score by rules:", _fit_abstention(plain, found))


def _taken_away(library: Library, found: Found, one: Seen) -> Found:
    """Return what was found without the passages that hold an answer."""
    answers = [fold(answer) for answer in one.asked.answers]

    def holds(passage: Passage) -> bool:
        return any(answer in fold(passage.text) for answer in answers)

    read = library.catalog.passages(list(found.readings))
    readings = {passage.id: found.readings[passage.id] for passage in read if not holds(passage)}
    return replace(found, hits=[hit for hit in found.hits if not holds(hit.passage)], readings=readings)


def _report_held(name: str, found: dict[str, list[Evidence]]) -> None:
    scores = {kind: np.array([probability_of_answer(e) for e in found[kind]]) for kind in KINDS}
    refused = ", ".join(f"{kind} {100 * float((scores[kind] < 0.5).mean()):.1f} %" for kind in KINDS)
    areas = ", ".join(f"{kind} {_auroc(scores['present'], scores[kind]):.3f}" for kind in KINDS[1:])
    print(f"  {name:<12} held back: {refused}; AUROC: {areas}", flush=True)


def _fit_abstention(plain: dict[str, list[Evidence]], found: dict[str, list[Evidence]]) -> dict[str, float]:
    """Return what the network's logit counts beside the score by rules; as many are wrongly held back as before."""
    from sklearn.linear_model import LogisticRegression

    def row(without: Evidence, told: Evidence) -> list[float]:
        return [_logit(probability_of_answer(without)), _logit(told.answered or 0.5)]

    rows = {kind: [row(a, b) for a, b in zip(plain[kind], found[kind], strict=True)] for kind in KINDS}
    x = np.array([row for kind in KINDS for row in rows[kind]])
    y = np.array([kind == "present" for kind in KINDS for _ in rows[kind]])
    by_rules, by_network = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000).fit(x, y).coef_[0]
    counts = float(by_network / by_rules)
    scores = np.sort([a + counts * b for a, b in rows["present"]])
    refused = int(sum(a < 0 for a, _ in rows["present"]))
    return {"answered": round(counts, 2), "bias": round(float(-scores[min(refused, len(scores) - 1)]) + 1e-3, 2)}


def _logit(probability: float) -> float:
    kept = min(max(probability, _LEAST), 1 - _LEAST)
    return float(np.log(kept / (1 - kept)))


def _auroc(positive: Array, negative: Array) -> float:
    return float((positive[:, None] > negative[None, :]).mean() + 0.5 * (positive[:, None] == negative[None, :]).mean())


if __name__ == "__main__":
    main()
