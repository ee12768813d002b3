from __future__ import annotations

import pytest

from rag.ingest.passages.acronyms import find_acronyms
from rag.types import Acronym


def found(*texts: str) -> dict[str, str]:
    return {acronym.short: acronym.long for acronym in find_acronyms(texts)}


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("Purchases of property, plant and equipment (PP&E) rose.", "PP&E", "property, plant and equipment"),
        ("We spend on research and development (“R&D”) each year.", "R&D", "research and development"),
        ("The cost of goods sold (COGS) fell.", "COGS", "cost of goods sold"),
        ("Free Cash Flow (FCF) is not defined by GAAP.", "FCF", "Free Cash Flow"),
        ("We saw it with magnetic resonance imaging (MRI; see page 4).", "MRI", "magnetic resonance imaging"),
        ("A Long Short-Term Memory (LSTM) network reads it.", "LSTM", "Long Short-Term Memory"),
        ("Diluted earnings per share (the “EPS”) were 2.10.", "EPS", "earnings per share"),
        ("It stores energy as adenosine triphosphate (ATP).", "ATP", "adenosine triphosphate"),
        ("EBITDA (earnings before interest, taxes, depreciation and amortization) rose.", "EBITDA",
         "earnings before interest, taxes, depreciation and amortization"),
        ("selling, general and administrative expenses (SG&A) fell", "SG&A",
         "selling, general and administrative expenses"),
        ("our chief operating decision makers (CODMs) meet", "CODM", "chief operating decision makers"),
        ("property, plant and equipment, or PP&E, is stated at cost", "PP&E", "property, plant and equipment"),
        ("The Organization of the Petroleum Exporting Countries (OPEC) met.", "OPEC",
         "Organization of the Petroleum Exporting Countries"),
        ("ESPP: employee stock purchase plan", "ESPP", "employee stock purchase plan"),
        ("NOTES ON NET ASSET VALUE (NAV)", "NAV", "net asset value"),
    ],
)  # fmt: skip
def test_a_short_form_is_found_with_all_of_its_long_form(text: str, short: str, long: str) -> None:
    assert found(text) == {short: long}


@pytest.mark.parametrize(
    "text",
    [
        "as was shown (Smith et al., 2019) and again (Miller 2020)",
        "Revenue fell (12.5) and then rose (1,577)",
        "the agreement (the “Agreement”) and the company (the “Company”)",
        "one of the parts (II) of the plan, in the first case (a) or the second (b)",
        "the largest company in the world (IBM) agreed",
        "It may be so (NOT always, of course).",
        "The firm (FY2018) and the quarter (Q2)",
        "plans to reduce the emission. Cost (REC) of it",
    ],
)
def test_brackets_that_explain_nothing_give_nothing(text: str) -> None:
    assert found(text) == {}


def test_each_pair_is_told_once_in_the_form_that_is_commonest() -> None:
    pages = [
        "earnings per share (EPS)\nEarnings per Share (EPS)",
        "earnings per share (EPS) and Electric power steering (EPS)",
    ]
    assert find_acronyms(pages) == (
        Acronym("EPS", "Electric power steering"),
        Acronym("EPS", "earnings per share"),
    )


def test_a_long_form_does_not_reach_into_another_block() -> None:
    assert found("Table of net asset\nvalue (NAV)") == {}
