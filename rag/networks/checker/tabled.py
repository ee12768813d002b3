"""Pairs built from tables: a question, the value of a cell as its answer, and the rows that hold it or do not.

The rows are written as ingest writes them, since that is what a claim about a table is judged by.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.networks.checker import corrupt
from rag.networks.checker.claims import beside, declarative
from rag.networks.checker.pairs import Label, Pair
from rag.networks.checker.verbs import Verbs
from rag.networks.reader.tables import Asked, read_tables

_SETS = frozenset({"TAT-QA", "cells of tables"})  # a question of WikiTableQuestions is of the table, never of a row
_DRAWN: tuple[tuple[Label, float], ...] = (("supported", 0.42), ("contradicted", 0.33), ("unsupported", 0.25))
_AS_SENTENCE = 0.75
_CELL = re.compile(r" \| (?:[^|\n]*?: )?([^|\n]+)")


@dataclass(frozen=True, slots=True)
class _Rows:
    """A passage of rows, and the row with the answer."""

    lines: Sequence[str]
    at: int
    others: Sequence[str]  # the other values of that row, and of its neighbours

    def some(self, rng: random.Random) -> str:
        """Return the row, with or without what stands around it."""
        first = max(0, self.at - rng.choice((0, 0, 1)))
        return "\n".join(self.lines[first : self.at + 1 + rng.choice((0, 0, 0, 1))])


def build_tabled(data: Path, verbs: Verbs, *, seed: int, n: int) -> list[Pair]:
    """Return at most `n` pairs from the tables under `data`; the same seed builds the same.

    Raises:
        InputError: the tables are missing, or unreadable.
    """
    rng = random.Random(seed)
    asked = [one for one in read_tables(data, rng, made_each=6) if len(one.answers) == 1 and one.source in _SETS]
    rng.shuffle(asked)
    pairs: list[Pair] = []
    for one in asked:
        if len(pairs) == n:
            break
        if (pair := _pair(one, verbs, rng)) is not None:
            pairs.append(pair)
    return pairs


def _pair(asked: Asked, verbs: Verbs, rng: random.Random) -> Pair | None:
    rows = _rows(asked)
    if rows is None:
        return None
    label = rng.choices([label for label, _ in _DRAWN], [weight for _, weight in _DRAWN])[0]
    answer, evidence = asked.answers[0], rows.some(rng)
    if label == "contradicted":
        wrong = [other for other in rows.others if other.lower() != answer.lower()]
        near = corrupt.other_number(answer, rng, known=evidence)
        answer = rng.choice(wrong) if wrong and rng.random() < 0.6 else near or ""
    elif label == "unsupported":
        kept = [line for line in rows.lines if answer not in line and line.count(" | ") > 0]
        evidence = "\n".join(rng.sample(kept, min(len(kept), rng.choice((1, 1, 2)))))
    if not answer or not evidence:
        return None
    source = "wikitables" if asked.group.endswith(".csv") else "tatqa"
    return Pair(_claim(asked.text, answer, verbs, rng), evidence, label, source, asked.group, f"table: {label}")


def _claim(question: str, answer: str, verbs: Verbs, rng: random.Random) -> str:
    whole = declarative(question, answer, verbs) if rng.random() < _AS_SENTENCE else None
    return whole or beside(question, answer)


def _rows(asked: Asked) -> _Rows | None:
    """Return the rows around the answer's first place; None where it stands in prose."""
    for passage, places in zip(asked.passages, asked.places, strict=True):
        if not places:
            continue
        lines = passage.split("\n")
        at = passage.count("\n", 0, places[0][0])
        if " | " not in lines[at]:
            return None
        near = [lines[i] for i in (at - 1, at, at + 1) if 0 <= i < len(lines)]
        return _Rows(lines, at, [value.strip() for line in near for value in _CELL.findall(line)])
    return None
