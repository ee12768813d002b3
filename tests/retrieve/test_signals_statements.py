"""A figure of accounting is looked for on the page of the statement that presents it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from rag.retrieve.candidates import Asked, Candidates
from rag.retrieve.hints import parts
from rag.retrieve.signals.statements import StatementPages, statements_asked
from rag.types import Understood


class MadeTops:
    TOPS: Mapping[int, str] = {
        1: "Index\nConsolidated balance sheets 4\nConsolidated statements of cash flows 5",
        2: "ACME CORPORATION\nCONSOLIDATED STATEMENTS OF OPERATIONS\n(in millions)\nRevenue  5",
        3: "Consolidated Statements of Comprehensive Income\nNet income  5",
        4: "Acme Corporation and Subsidiaries Consolidated Balance Shee t At December 31\nAssets",
        5: "Consolidated Statements of Cash Flows\nYears ended June 30\nDepreciation  5",
        6: "The board discussed, among other matters, the balance sheet and how strong it is beside those of all of its"
        " many competitors in the business of anvils.",
        7: "Revenue grew, assets too.",
    }

    def page_tops(self, pages: Sequence[tuple[int, int]], n_characters: int) -> dict[tuple[int, int], str]:
        return {(key, page): self.TOPS[page][:n_characters] for key, page in pages if page in self.TOPS}


CANDIDATES = Candidates.of(np.array([(page, 1, page, page) for page in range(1, 9)], np.int64))


def scores(question: str) -> dict[int, float]:
    found = StatementPages(MadeTops())(Asked(Understood(question, question)), CANDIDATES)
    return dict(zip(CANDIDATES.ids.tolist(), found.tolist(), strict=True))


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("What is the gross margin of Acme?", 2),
        ("How much revenue did Acme have?", 2),
        ("What is the effective tax rate?", 2),
        ("How much inventory is there at the end of the year?", 4),
        ("What is the quick ratio?", 4),
        ("What is net PP&E?", 4),
        ("How much capex was there?", 5),
        ("How much did Acme pay out in cash dividends?", 5),
        ("What is the free cash flow?", 5),
    ],
)
def test_a_figure_is_looked_for_on_its_statement(question: str, page: int) -> None:
    found = scores(question)
    assert [id_ for id_, score in found.items() if score == 1.0] == [page]
    assert found[7] == found[8] == 0.0


def test_a_list_of_statements_and_a_mention_count_less_than_the_statement() -> None:
    found = scores("What are total assets?")
    assert found[4] == 1.0 > found[1] == found[6] > 0.0


def test_what_takes_two_statements_is_looked_for_on_both() -> None:
    found = scores("What is the inventory turnover ratio?")
    assert found[4] == 1.0
    assert 0 < found[2] < 1
    assert scores("Is it a capital-intensive business?")[5] == 1.0


@pytest.mark.parametrize(
    "question",
    [
        "Who is the chairman?",
        "How heavy is an anvil?",
        "What is overfitting?",
        "Where does the cash machine stand?",
        "",
    ],
)
def test_all_are_level_where_no_figure_of_accounting_is_asked_for(question: str) -> None:
    assert statements_asked(question) == {}
    assert not any(scores(question).values())


def test_every_name_of_a_statement_passes_the_quick_look() -> None:
    for name, titles in {
        "balance sheet": ("Balance Sheets", "Statement of financial position", "STATEMENTS OF FINANCIAL CONDITION"),
        "income statement": (
            "Income statement",
            "Statement of Profit or Loss",
            "Profit and loss account",
            "Statements of Earnings",
            "Statements of Income (Loss)",
        ),
        "cash flow statement": ("Cash flow statement", "Consolidated Statements of Cash Flows"),
        "comprehensive income statement": ("Statements of Comprehensive Income (Loss)",),
        "statement of equity": ("Statements of Changes in Shareholders’ Equity", "Statement of Stockholders' Equity"),
    }.items():
        for title in titles:
            assert parts.tops(name, f"{title}\n(in millions)\n5  6") == 1.0, title
