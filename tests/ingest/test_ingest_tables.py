"""Tables: rows under the headings of their columns, numbers with their place."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_pdfs import SENTENCES, Draw, lines, make, read
from reportlab.pdfgen.canvas import Canvas

from rag.types import ParsedDocument

PITCH = 14


def row(
    canvas: Canvas, y: float, label: str, *numbers: str, x: float = 72, first: float = 330, apart: float = 80
) -> None:
    """Write a row: its label at `x`, its numbers set to the right of columns."""
    canvas.drawString(x, y, label)
    for i, number in enumerate(numbers):
        canvas.drawRightString(first + apart * i, y, number)


def table(*rows: Sequence[str], title: str = "", y: float = 690) -> Draw:
    """Return a page with prose and a table, the first row over its columns."""

    def draw(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        if title:
            canvas.drawString(72, y + 16, title)
        for i, (label, *numbers) in enumerate(rows):
            row(canvas, y - PITCH * i, label, *numbers)

    return draw


def searched(parsed: ParsedDocument) -> str:
    return "\n".join(passage.index_text for passage in parsed.passages if passage.kind == "table")


def cells(parsed: ParsedDocument) -> list[tuple[str, str]]:
    """Heading and number of every cell, as they stand on their pages."""
    return [
        (cell.heading, parsed.pages[cell.span.page - 1].text[cell.span.start : cell.span.end])
        for passage in parsed.passages
        for cell in passage.cells
    ]


def test_every_number_keeps_its_place_and_the_heading_of_its_column(tmp_path: Path) -> None:
    parsed = read(
        make(tmp_path / "a.pdf", table(("", "2018", "2017"), ("Oil", "1,577", "(1,373)"), ("Glass", "—", "31.5%")))
    )
    assert cells(parsed) == [("2018", "1,577"), ("2017", "(1,373)"), ("2018", "—"), ("2017", "31.5%")]
    assert "Oil | 2018: 1,577 | 2017: (1,373)" in searched(parsed)


def test_a_heading_over_several_columns_goes_to_each_of_them(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        canvas.drawCentredString(350, 706, "Three Months Ended June 30,")
        canvas.drawCentredString(510, 706, "Six Months Ended June 30,")
        row(canvas, 692, "", "2023", "2022", "2023", "2022")
        for i, (label, *numbers) in enumerate((("Oil", "1", "2", "3", "4"), ("Glass", "51", "62", "73", "84"))):
            row(canvas, 678 - PITCH * i, label, *numbers)

    told = (
        "Glass | Three Months Ended June 30, 2023: 51 | Three Months Ended June 30, 2022: 62"
        " | Six Months Ended June 30, 2023: 73 | Six Months Ended June 30, 2022: 84"
    )
    assert told in searched(read(make(tmp_path / "a.pdf", page)))


def test_headings_that_are_stacked_and_drawn_column_by_column_are_put_together(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        for i, (month, year) in enumerate((("December 2,", "2022"), ("December 3,", "2021"))):
            canvas.drawRightString(330 + 80 * i, 703, month)
            canvas.drawRightString(330 + 80 * i, 692, year)
        row(canvas, 676, "Net income", "4,756", "4,822")
        row(canvas, 662, "Amortization", "856", "788")

    found = cells(read(make(tmp_path / "a.pdf", page)))
    assert found[:2] == [("December 2, 2022", "4,756"), ("December 3, 2021", "4,822")]


def test_headings_without_years_and_words_in_columns_are_kept(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        for x, text in ((72, "Name"), (200, "Post"), (380, "Age")):
            canvas.drawString(x, 700, text)
        for i, (name, post, age) in enumerate((("Ann Lee", "Keeper", "45"), ("Bo Day", "Master of oil", "38"))):
            canvas.drawString(72, 686 - PITCH * i, name)
            canvas.drawString(200, 686 - PITCH * i, post)
            canvas.drawString(384, 686 - PITCH * i, age)

    assert "Bo Day | Post: Master of oil | Age: 38" in searched(read(make(tmp_path / "a.pdf", page)))


def test_a_label_over_two_lines_is_one_row_on_one_line(tmp_path: Path) -> None:
    rows = (
        ("", "2018", "2017"),
        ("Oil", "15", "13"),
        ("Net cash used in the keeping of",),
        ("the lighthouse", "7", "8"),
    )
    parsed = read(make(tmp_path / "a.pdf", table(*rows, ("Glass", "5", "6"))))
    assert "Net cash used in the keeping of the lighthouse | 2018: 7 | 2017: 8" in searched(parsed)
    assert "Net cash used in the keeping of the lighthouse  7  8\n" in parsed.pages[0].text


def test_a_short_label_is_searched_with_the_one_over_it(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        row(canvas, 700, "", "2018", "2017")
        row(canvas, 686, "Oil", "15", "13")
        canvas.drawString(72, 672, "Earnings per share:")
        row(canvas, 658, "Basic", "1.15", "1.13", x=84)
        row(canvas, 644, "Diluted", "1.14", "1.12", x=84)
        row(canvas, 630, "Dividends paid to the owners of it", "0.5", "0.4")

    told = searched(read(make(tmp_path / "a.pdf", page)))
    assert "Earnings per share > Diluted | 2018: 1.14 | 2017: 1.12" in told
    assert "\nDividends paid" in told


def test_signs_that_stand_apart_belong_to_their_numbers_even_when_drawn_later(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        row(canvas, 700, "", "2018", "2017")
        for i, numbers in enumerate((("25,530", "24,020"), ("5,144", "4,814"))):
            canvas.drawString(72, 686 - PITCH * i, "Sales of oil")
            for column, number in enumerate(numbers):  # the number first, then the sign to its left
                canvas.drawRightString(330 + 80 * column, 686 - PITCH * i, number)
                canvas.drawString(285 + 80 * column, 686 - PITCH * i, "$")

    parsed = read(make(tmp_path / "a.pdf", page))
    assert "Sales of oil | 2018: $25,530 | 2017: $24,020" in searched(parsed)
    assert [heading for heading, _ in cells(parsed)] == ["2018", "2017"] * 2


def test_the_mark_of_a_footnote_is_no_number(tmp_path: Path) -> None:
    rows = (("", "2018", "2017"), ("Oil for the lamp (1)", "15", "13"), ("Stock due 2024", "7", "8"))
    parsed = read(make(tmp_path / "a.pdf", table(*rows)))
    assert cells(parsed) == [("2018", "15"), ("2017", "13"), ("2018", "7"), ("2017", "8")]


def test_a_table_that_goes_on_overleaf_keeps_headings_and_title(tmp_path: Path) -> None:
    def overleaf(canvas: Canvas) -> None:
        for i in range(6):
            row(canvas, 780 - PITCH * i, f"Repair of window {chr(65 + i)}", f"{41 + i}", f"{51 + i}")

    rows = [("Lamp " + chr(65 + i), f"1,0{10 + i}", f"2,0{10 + i}") for i in range(30)]
    first = table(("(in pounds)", "2018", "2017"), *rows, title="Costs of the light")
    parsed = read(make(tmp_path / "a.pdf", first, overleaf))
    assert "Repair of window F | 2018: 46 | 2017: 56" in searched(parsed)
    tables = [passage for passage in parsed.passages if passage.kind == "table"]
    assert len(tables) > 1
    assert {passage.title for passage in tables} == {"Costs of the light (in pounds)"}
    assert all("Costs of the light (in pounds)" in passage.index_text for passage in tables)


def test_a_table_with_a_title_of_its_own_overleaf_takes_no_headings_from_the_one_before(tmp_path: Path) -> None:
    def overleaf(canvas: Canvas) -> None:
        canvas.drawString(72, 800, "Boats of the station by their kind")
        for i in range(6):
            row(canvas, 780 - PITCH * i, f"Boat {chr(65 + i)}", f"{41 + i}", f"{51 + i}")

    rows = [("Lamp " + chr(65 + i), f"1,0{10 + i}", f"2,0{10 + i}") for i in range(30)]
    parsed = read(make(tmp_path / "a.pdf", table(("", "2018", "2017"), *rows, title="Costs of the light"), overleaf))
    assert "Lamp A | 2018: 1,010 | 2017: 2,010" in searched(parsed)
    assert {heading for heading, number in cells(parsed) if int(number.replace(",", "")) < 100} == {""}


def test_what_a_change_is_between_is_a_heading_and_no_number(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        for i, (upper, lower) in enumerate((("Fiscal", "2015"), ("Fiscal", "2014"), ("% Change", "2015-2014"))):
            canvas.drawRightString(330 + 80 * i, 704, upper)  # column by column, as wrapped cells are drawn
            canvas.drawRightString(330 + 80 * i, 694, lower)
        for i, label in enumerate(("Oil", "Glass", "Wicks")):
            row(canvas, 676 - PITCH * i, label, f"1,{i}77", f"1,{i}73", f"{i}%")

    told = searched(read(make(tmp_path / "a.pdf", page)))
    assert "Glass | Fiscal 2015: 1,177 | Fiscal 2014: 1,173 | % Change 2015-2014: 1%" in told


def test_a_number_above_a_table_is_no_heading(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        canvas.drawRightString(330, 700, "$97.4")  # of a chart, say
        canvas.drawRightString(410, 700, "59")
        for i, label in enumerate(("Oil", "Glass", "Wicks", "Rope")):
            row(canvas, 680 - PITCH * i, label, f"1,{i}77", f"1,{i}73")

    assert {heading for heading, _ in cells(read(make(tmp_path / "a.pdf", page)))} == {""}


NUMBERS = st.sampled_from(("1,577", "(204)", "—", "3.5%", "0.12", "12", "(7.1)%", "1,234,567"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=25))
def test_cells_are_the_numbers_as_printed_and_lie_in_their_passage(
    tmp_path: Path, rows: list[tuple[str, str, str]]
) -> None:
    drawn = [(f"Keeper {chr(97 + i)}", *numbers) for i, numbers in enumerate(rows)]
    parsed = read(make(tmp_path / "a.pdf", table(("", "2018", "2017", "2016"), *drawn)))
    wanted = [pair for numbers in rows for pair in zip(("2018", "2017", "2016"), numbers, strict=True)]
    assert cells(parsed) == wanted
    for passage in parsed.passages:
        for cell in passage.cells:
            assert any(
                s.page == cell.span.page and s.start <= cell.span.start < cell.span.end <= s.end for s in passage.spans
            )


@pytest.mark.parametrize("apart", [50, 80])
def test_rows_of_a_table_are_never_split_between_passages(tmp_path: Path, apart: float) -> None:
    def page(canvas: Canvas) -> None:
        row(canvas, 800, "", "2018", "2017", apart=apart)
        for i in range(50):
            row(
                canvas,
                786 - PITCH * i,
                f"Oil for the lamp in room {chr(97 + i % 26)}",
                f"{i},577",
                f"{i},373",
                apart=apart,
            )

    parsed = read(make(tmp_path / "a.pdf", page))
    told = [line for passage in parsed.passages for line in passage.text.split("\n") if "Oil" in line]
    assert [line.split("  ")[1:] for line in told] == [[f"{i},577", f"{i},373"] for i in range(50)]
