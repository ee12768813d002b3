import pytest

from rag.answer.rows import PlacedNumber, numbers_of, telling_number
from rag.types import Cell, PageSpan, Passage

YEARS = ("2021", "2020", "2019")
QUARTERS = (
    "Three Months Ended June 30, 2023",
    "Three Months Ended June 30, 2022",
    "Six Months Ended June 30, 2023",
    "Six Months Ended June 30, 2022",
)
NUMBERED = ("Q1 2023", "Q2 2023", "Full year 2023")
SEGMENTS = ("Lamps", "Lenses", "Total")
CHANGE = ("2022", "2021", "% Change")


@pytest.mark.parametrize(
    ("question", "headings", "telling"),
    [
        ("What was net income in 2021?", YEARS, "2021"),
        ("What was net income in FY20?", YEARS, "2020"),
        ("What was net income in fiscal 2019?", YEARS, "2019"),
        ("What was net income?", YEARS, None),
        ("What was net income in 2015?", YEARS, None),
        ("How many stores are there?", ("",), ""),
        ("What were sales in Q2 2023?", QUARTERS, QUARTERS[0]),
        ("What were sales in the second quarter of 2022?", QUARTERS, QUARTERS[1]),
        ("What were sales in the six months ended June 30, 2023?", QUARTERS, QUARTERS[2]),
        ("What were sales in 2Q23?", NUMBERED, "Q2 2023"),
        ("What were sales in 2023?", NUMBERED, "Full year 2023"),
        ("What did lenses cost in 2023?", SEGMENTS, "Lenses"),
        ("By how much did sales change?", CHANGE, "% Change"),
        ("What were sales in 2022?", CHANGE, "2022"),
    ],
)
def test_the_telling_number_of_a_row_stands_under_the_heading_that_is_asked_for(
    question: str, headings: tuple[str, ...], telling: str | None
) -> None:
    numbers = [PlacedNumber(10 * i, 10 * i + 5, heading) for i, heading in enumerate(headings)]
    span = telling_number(question, numbers)
    assert (None if span is None else headings[span[0] // 10]) == telling


def test_a_row_without_numbers_tells_nothing() -> None:
    assert telling_number("What was net income in 2021?", []) is None


def test_the_numbers_of_a_row_are_placed_in_it() -> None:
    text = "Oil  171  163\nWages  38  33"
    cells = tuple(
        Cell(PageSpan(3, text.index(number), text.index(number) + len(number)), year)
        for number, year in (("171", "1991"), ("163", "1990"), ("38", "1991"), ("33", "1990"))
    )
    passage = Passage(0, text, "", (PageSpan(3, 0, len(text)),), kind="table", cells=cells)
    found = numbers_of(passage, {3: text}, text.index("Wages"), len(text))
    assert [("Wages  38  33"[n.start : n.end], n.heading) for n in found] == [("38", "1991"), ("33", "1990")]
