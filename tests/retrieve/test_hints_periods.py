"""Years, quarters and half years are read however they are written; amounts and model numbers are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.hints.periods import periods_in
from tests.retrieve.hints_made import told


@pytest.mark.parametrize(
    ("question", "periods"),
    [
        ("What is the FY2018 revenue?", ["2018"]),
        ("What was revenue in fiscal 2019?", ["2019"]),
        ("What was revenue in fiscal year 2019?", ["2019"]),
        ("What did it earn in FY'18 and FY 19?", ["2018", "2019"]),
        ("What was capex in F2019?", ["2019"]),
        ("How did sales develop in Q2 2023?", ["2023Q2"]),
        ("How did sales develop in the second quarter of 2023?", ["2023Q2"]),
        ("How did sales develop in the third quarter of fiscal 2021?", ["2021Q3"]),
        ("What changed in Q2 of FY2024?", ["2024Q2"]),
        ("What did 4Q23 bring?", ["2023Q4"]),
        ("What did 2023Q1 bring?", ["2023Q1"]),
        ("How was H1 2022?", ["2022H1"]),
        ("How was the first half of 2022?", ["2022H1"]),
        ("How did it grow between 2016 and 2018?", ["2016", "2017", "2018"]),
        ("How did it grow from 2016 to 2018?", ["2016", "2017", "2018"]),
        ("What is the FY2015 - FY2017 average?", ["2015", "2016", "2017"]),
        ("Who led the 2019/20 season?", ["2019", "2020"]),
        ("What is the ratio for the fiscal year ending January 28, 2023?", ["2023"]),
        ("For the year ended March 31,2003, what was paid?", ["2003"]),
        ("What happened by April 2021?", ["2021"]),
        ("Which acquisitions were made in FY2023, FY2022 and FY2021?", ["2023", "2022", "2021"]),
        ("Who ruled in 1815?", ["1815"]),
    ],
)
def test_a_period_is_read_in_many_wordings(question: str, periods: list[str]) -> None:
    assert periods_in(question) == periods


@pytest.mark.parametrize(
    "question",
    [
        "What was sold last year?",
        "What changed since this quarter?",
        "Who wrote songs in the 1990s?",
        "Does it have over 2000 employees?",
        "Which plant makes 2016 units a day?",
        "Who paid $2018 for it?",
        "Is the ratio 2018.5 or 1,577?",
        "How far is 2000 km?",
        "Is it certified by ISO 2000?",
        "Where is room 2012?",
        "How long is the A2019 motorway?",
        "Name the years in a list like ['2006', '2007']",
        "What does the P2010-B part do?",
        "What is half of it?",
        "Who won the first quarter?",
    ],
)
def test_no_period_is_read_where_none_is_named(question: str) -> None:
    assert told(question, "period") == []


def test_what_is_shown_says_whether_the_year_is_fiscal() -> None:
    question = "Compare FY2018 with 2019, Q2 of fiscal 2020 and FY2021 to FY2023"
    assert told(question, "period") == ["FY2018", "2019", "Q2 FY2020", "FY2021 to FY2023"]


@given(st.integers(1950, 2049))
def test_a_year_means_the_same_with_two_digits_as_with_four(year: int) -> None:
    assert (
        periods_in(f"What was paid in FY{year}?") == periods_in(f"What was paid in FY'{year % 100:02d}?") == [str(year)]
    )


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    assert all(len(period) in {4, 6} for period in periods_in(text))
