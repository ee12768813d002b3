"""The figures of a run, from its rows: means with intervals, by kind of evidence, abstention, seconds, comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.errors import InputError
from rag.evaluate.abstention import RiskCoverage, auroc, risk_coverage
from rag.evaluate.intervals import Difference, Interval, difference, interval
from rag.evaluate.rows import Row, is_right
from rag.evaluate.runs import Run

# In the order of tables: what each says, for a reader who does not know it.
FIGURES: dict[str, str] = {
    "hit@1": "the first page found holds evidence",
    "hit@3": "one of the first 3 pages does",
    "hit@5": "one of the first 5 pages does",
    "hit@10": "one of the first 10 pages does",
    "MRR": "1 / rank of the first page with evidence",
    "nDCG@10": "how near the order of the first 10 pages is to the best there could be",
    "recall@5": "share of the pages with evidence among the first 5",
    "recall@10": "share of them among the first 10",
    "all pages@10": "all of them are among the first 10",
    "EM": "the marked part of the answer equals a known answer",
    "F1": "words that it shares with the nearest known answer",
    "answer within": "a known answer stands within what was said",
    "first citation": "the first citation is on a page with evidence",
    "citation precision": "share of the cited pages that hold evidence",
    "citation recall": "share of the pages with evidence that are cited",
    "abstained": "did not answer, though there is an answer",
    "abstained, rightly": "did not answer, and there is none",
}
SMALLER_IS_BETTER = {"abstained"}
_HEADLINE = ("hit@1", "hit@5", "MRR", "nDCG@10", "F1", "answer within")


@dataclass(frozen=True, slots=True)
class Abstention:
    """What the confidence of answers is worth."""

    auroc: float | None  # questions with an answer against those without
    curve: RiskCoverage
    n: int


def means(rows: Sequence[Row]) -> dict[str, Interval]:
    """Return every figure that some row has, with its interval, in the order of FIGURES."""
    return {
        name: interval([row.figures[name] for row in rows if name in row.figures])
        for name in FIGURES
        if any(name in row.figures for row in rows)
    }


def by_kind(rows: Sequence[Row]) -> dict[str, dict[str, Interval]]:
    """Return the chief figures for each kind of evidence, the commonest first; a row may be of several kinds."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        for kind in row.kinds:
            kinds.setdefault(kind, []).append(row)
    chief = {}
    for kind, members in sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0])):
        found = {name: value for name, value in means(members).items() if name in _HEADLINE}
        if found:
            chief[kind] = found
    return chief


def abstention(rows: Sequence[Row]) -> Abstention | None:
    """Return what confidence is worth; None where no row has one, or whether it was right is not known."""
    judged = [(row, is_right(row)) for row in rows]
    known = [(row.said.confidence, row.answerable, right) for row, right in judged if row.said and right is not None]
    if not known:
        return None
    confidence, answerable, right = (np.array(column, float) for column in zip(*known, strict=True))
    return Abstention(auroc(confidence, answerable), risk_coverage(confidence, right), len(known))


def seconds(run: Run) -> dict[str, tuple[float, float]]:
    """Return median and 95th percentile of what a question took, in seconds, by what was done."""
    columns = {
        "encoding the question": list(run.seconds_to_encode),
        "search": [row.seconds["search"] for row in run.rows if "search" in row.seconds],
        "search and answer": [row.seconds["answer"] for row in run.rows if "answer" in row.seconds],
    }
    return {
        name: (float(np.percentile(values, 50)), float(np.percentile(values, 95)))
        for name, values in columns.items()
        if values
    }


def compare(new: Run, old: Run) -> dict[str, Difference]:
    """Return how the figures differ, over the questions that both runs asked.

    Raises:
        InputError: the runs are of different datasets, or share no question.
    """
    if new.questions != old.questions:
        raise InputError(
            f"The runs cannot be compared: one is of {new.dataset}, the other of {old.dataset} or of other questions. "
            "Compare runs of the same dataset."
        )
    before: Mapping[str, Row] = {row.id: row for row in old.rows}
    pairs = [(row, before[row.id]) for row in new.rows if row.id in before]
    if not pairs:
        raise InputError("The runs share no question. Run both with the same --n.")
    found = {}
    for name in FIGURES:
        both = [(a.figures[name], b.figures[name]) for a, b in pairs if name in a.figures and name in b.figures]
        if both:
            found[name] = difference(*zip(*both, strict=True))
    return found


def misses(rows: Sequence[Row], n: int = 20) -> list[Row]:
    """Return the questions whose evidence was found latest, those never found first; ties in the order of the rows."""
    asked = [row for row in rows if row.expected and row.figures.get("hit@1") == 0.0]
    return sorted(asked, key=lambda row: row.figures["MRR"])[:n]
