from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.layout.furniture import EdgeRow, PageEdges, find_furniture
from rag.ingest.layout.labels import from_roman, printed_labels, to_roman


def page(number: int, *feet: str) -> PageEdges:
    """A page with these rows at its foot, the lowest first, and one row of text above."""
    rows = [EdgeRow((i,), (text,), 780.0 - 30 * i, 10.0) for i, text in enumerate(feet)]
    rows.append(EdgeRow((len(feet),), (f"text of page {number} here",), 400.0, 10.0))
    return PageEdges(number, 800.0, (), tuple(rows))


@given(st.integers(-5, 40), st.integers(4, 30))
def test_running_numbers_are_found_at_any_offset(offset: int, n_pages: int) -> None:
    first = max(1, 1 - offset)
    labels, lines = printed_labels([page(n, f"- {n + offset} -") for n in range(first, first + n_pages)])
    assert labels == {n: str(n + offset) for n in range(first, first + n_pages)}
    assert all(found == {0} for found in lines.values())


def test_numbers_that_do_not_run_are_no_labels() -> None:
    labels, _ = printed_labels([page(n, str(value)) for n, value in enumerate((31, 7, 112, 54, 9, 300), 1)])
    assert labels == {}


def test_years_are_no_page_numbers() -> None:
    labels, _ = printed_labels([page(n, str(2000 + n)) for n in range(1, 9)])
    assert labels == {}


def test_roman_front_matter_prefixed_exhibits_and_page_x_of_y_are_read_as_printed() -> None:
    feet = ["i", "ii", "iii", "iv", "Page 1 of 4", "Page 2 of 4", "Page 3 of 4", "Page 4 of 4", "F-1", "F-2", "F-3"]
    labels, _ = printed_labels([page(n, foot) for n, foot in enumerate(feet, 1)])
    assert [labels[n] for n in range(1, 12)] == ["i", "ii", "iii", "iv", "1", "2", "3", "4", "F-1", "F-2", "F-3"]


def test_a_page_without_number_stays_without_label() -> None:
    labels, _ = printed_labels([page(n, *([] if n == 4 else [str(n)])) for n in range(1, 9)])
    assert 4 not in labels
    assert labels[5] == "5"


@given(st.integers(1, 89))
def test_roman_numbers_go_there_and_back(value: int) -> None:
    assert from_roman(to_roman(value)) == value


def test_what_only_looks_roman_is_none() -> None:
    assert [from_roman(text) for text in ("iiii", "vx", "ill", "lix")] == [None, None, None, 59]


def test_a_foot_that_recurs_is_furniture_and_a_last_line_of_text_is_not() -> None:
    edges = [page(n, f"Cape Mornay Annual Report {n}") for n in range(1, 11)]
    assert find_furniture(edges, 10.0) == {n: frozenset({0}) for n in range(1, 11)}
    assert (
        find_furniture([page(n, f"The keeper of light {'abcdefghij'[n - 1]} left.") for n in range(1, 3)], 10.0) == {}
    )
