"""Financial statements: a figure of accounting stands in the statement that accounting puts it in.

A question for a margin, a ratio or a capital expenditure seldom says "income statement", and the statement seldom says
"margin": it has the lines from which one is computed. Which those are is no matter of wording but of accounting.

Source: International Accounting Standards Board, IAS 1 Presentation of Financial Statements and IAS 7 Statement of Cash
Flows: what each statement presents; the usual definitions of financial ratios.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rag.retrieve.candidates import Asked, Candidates, Scores
from rag.retrieve.hints import parts
from rag.types import PAGES_A_DOCUMENT

_INCOME, _BALANCE, _CASH = "income statement", "balance sheet", "cash flow statement"
# What each statement presents, or what is computed from it.
_PRESENTS = (
    (
        (_INCOME,),
        r"revenues?|(?:net )?sales|cost of (?:goods sold|sales|revenues?)|cogs|gross (?:profit|margins?)|profitability"
        r"|(?:operating|net|pre-?tax|profit) (?:profit|income|margins?|loss|earnings)|earnings per share|eps"
        r"|(?:effective )?tax rate|income tax(?:es)?|interest (?:expense|coverage)|sg&a|selling,? general|ebitda?"
        r"|r&d|research and development",
    ),
    (
        (_BALANCE,),
        r"(?:total |current |fixed |net |intangible |non-?current )*(?:assets|liabilities)|goodwill|inventor(?:y|ies)"
        r"|receivables?|payables?|pp&e|ppne|property,? plant,? (?:and|&) equipment|(?:stock|share)holders['’]? equity"
        r"|(?:long-term |short-term |total |net )?debt|liquidity|(?:quick|current|cash|debt[\w -]*) ratio"
        r"|working capital|retained earnings|cash (?:and|&) cash equivalents|capitali[sz]ation ratio|deferred revenue"
        r"|capital employed",
    ),
    (
        (_CASH,),
        r"cap(?:ital )?\s?(?:ex|expenditures?)|cash\s?flows?|pa(?:y|id)(?: out)?(?: in)?(?: cash)? dividends"
        r"|dividends? paid|cash dividends|depreciation|amorti[sz]ation|d&a|ebitda|buybacks?"
        r"|(?:share|stock)s? repurchased?|repurchased? \w*\s?(?:shares|stock)"
        r"|(?:operating|investing|financing) activities",
    ),
    (
        (_INCOME, _BALANCE),
        r"(?:asset|inventory|receivables?|payables?) turnover|turnover ratio|conversion cycle|days (?:\w+ )?outstanding"
        r"|dpo|dso|dio|return on|roa|roe|roce",
    ),
    ((_INCOME, _BALANCE, _CASH), r"capital[- ]intensive|capital intensity"),
)
_ASKED = tuple((statements, re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.I)) for statements, names in _PRESENTS)
_TOP = 250  # characters of a page


class Tops(Protocol):
    """How pages begin."""

    def page_tops(self, pages: Sequence[tuple[int, int]], n_characters: int) -> Mapping[tuple[int, int], str]:
        """Return the first characters of these (document key, page)."""
        ...


def statements_asked(question: str) -> dict[str, float]:
    """Return the statements that present what a question asks for, with their share; none when it asks for none."""
    counts: dict[str, float] = {}
    for statements, names in _ASKED:
        if names.search(question):
            for statement in statements:
                counts[statement] = counts.get(statement, 0.0) + 1 / len(statements)
    most = max(counts.values(), default=1.0)
    return {statement: count / most for statement, count in counts.items()}


@dataclass(frozen=True, slots=True)
class StatementPages:
    """1 on the page of a financial statement that presents what is asked for; 0 where nothing of the kind is."""

    tops: Tops

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return how well each candidate's page fits, 0 to 1."""
        wanted = statements_asked(asked.query)
        if not wanted:
            return np.zeros(len(candidates))
        pages = candidates.pages().tolist()
        tops = self.tops.page_tops([divmod(page, PAGES_A_DOCUMENT) for page in dict.fromkeys(pages)], _TOP)
        fits = {
            key * PAGES_A_DOCUMENT + page: max(sure * parts.tops(name, top) for name, sure in wanted.items())
            for (key, page), top in tops.items()
        }
        return np.array([fits.get(page, 0.0) for page in pages])
