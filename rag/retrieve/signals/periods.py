"""Periods that a question names: a document of that fiscal year, a passage that speaks of it.

Source: Berberich et al., A Language Modeling Approach for Temporal Information Needs, 2010 (times in a query as a part
of their own, matched as intervals).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rag.retrieve.candidates import Asked, Candidates, Scores
from rag.retrieve.hints.labels import Label, labels_of
from rag.retrieve.signals.texts import Texts
from rag.types import Document

_LATER = (1.0, 0.6, 0.4)  # a report of the year that is asked for, of the next, of the one after: they tell it too
_ANOTHER_QUARTER = 0.5
_NO_YEAR = 0.4  # of a passage that names none: its table or page may
_YEAR = re.compile(r"(?:1[5-9]\d\d|20\d\d)(?<![\d.,$]....)(?![\d%]|[.,]\d)")  # looks back last: that is slow
_QUARTER = re.compile(r"\bQ([1-4])\b|\b([1-4])Q\b|\b(first|second|third|fourth)\s+quarter", re.I)
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4"}


class Library(Protocol):
    """Where the names of documents are looked up."""

    def documents(self, keys: Sequence[int] | None = None) -> Sequence[Document]:
        """Return the documents of these catalog keys; None: all."""
        ...


def _periods(asked: Asked) -> list[str]:
    return [value for hint in asked.understood.hints if hint.kind == "period" for value in hint.values]


@dataclass(frozen=True, slots=True)
class DocumentPeriods:
    """1 for a document whose name or title has the latest year that is asked for; later reports tell of it too."""

    library: Library

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return how well the year of each candidate's document fits, 0 to 1; NaN for a document without a year."""
        periods = _periods(asked)
        if not periods:
            return np.zeros(len(candidates))
        by_key = labels_of(self.library.documents()).by_key
        keys, of_each = np.unique(candidates.documents, return_inverse=True)
        fits = [fit(by_key[key], periods) if key in by_key else np.nan for key in keys.tolist()]
        return np.array(fits)[of_each]


def fit(label: Label, periods: Sequence[str]) -> float:
    """Return how well the year and the quarter of a document fit the periods; NaN when it has no year."""
    if not label.years:
        return np.nan
    last = max(int(period[:4]) for period in periods)
    years = {int(year) for year in label.years}
    best = max((_LATER[year - last] if 0 <= year - last < len(_LATER) else 0.0) for year in years)
    if not best and any(str(year) in {period[:4] for period in periods} for year in years):
        best = _LATER[1]
    quarters = {period[-1] for period in periods if period[4:5] == "Q"}
    if quarters and label.quarters and quarters.isdisjoint(label.quarters):
        best *= _ANOTHER_QUARTER
    if not quarters and label.quarters and not {"4"} & label.quarters:
        best *= _ANOTHER_QUARTER
    return best


@dataclass(frozen=True, slots=True)
class PassagePeriods:
    """The share of the years and quarters asked for that a passage names, its headings and its columns included."""

    texts: Texts

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the share for each candidate, 0 to 1; 0.4 for one that names no year."""
        periods = set(_periods(asked))
        if not periods:
            return np.zeros(len(candidates))
        texts = self.texts.plain(candidates)
        return np.array([np.nan if text is None else _named(text, periods) for text in texts])


def _named(text: str, periods: set[str]) -> float:
    years = set(_YEAR.findall(text))
    if not years:
        return _NO_YEAR
    quarters: set[str] = set()
    if any(len(period) > 4 for period in periods):
        quarters = {_ORDINALS.get(said.lower(), said) for match in _QUARTER.findall(text) for said in match if said}
    named = 0.0
    for period in periods:
        if period[:4] in years:
            named += 1.0 if period[4:5] != "Q" or period[-1] in quarters else _ANOTHER_QUARTER
    return named / len(periods)
