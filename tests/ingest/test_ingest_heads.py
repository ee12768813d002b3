"""What stands over the columns of a table, and what only looks as if it did."""

from pathlib import Path

import pytest
from ingest_pdfs import SENTENCES, lines, make, read
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from rag.types import ParsedDocument

ROWS = (("Oil", "4.1", "5.2", "6.3"), ("Glass", "7.4", "8.5", "9.6"), ("Rope", "1.7", "2.8", "3.9"))
FIRST, APART = 300.0, 60.0  # middle of the first column and distance to the next, in points


def searched(parsed: ParsedDocument) -> str:
    return "\n".join(passage.index_text for passage in parsed.passages if passage.kind == "table")


def over(canvas: Canvas, y: float, *heads: str) -> None:
    for i, head in enumerate(heads):
        canvas.drawCentredString(FIRST + APART * i, y, head)


def body(canvas: Canvas, y: float, rows: tuple[tuple[str, ...], ...] = ROWS) -> None:
    for i, (label, *numbers) in enumerate(rows):
        canvas.drawString(72, y - 14 * i, label)
        over(canvas, y - 14 * i, *numbers)


def test_a_phrase_over_several_columns_is_not_cut_at_its_spaces(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawCentredString(FIRST + APART, 704, "Dry Summer Stores of Harbours")
        over(canvas, 690, "North", "West", "South")
        body(canvas, 676)

    told = searched(read(make(tmp_path / "a.pdf", page)))
    assert "Glass | Dry Summer Stores of Harbours North: 7.4 | Dry Summer Stores of Harbours West: 8.5" in told


def test_years_drawn_after_the_rows_stand_over_their_columns(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        over(canvas, 690, "Amount", "Share", "Amount", "Share")
        body(canvas, 676, tuple((*row, "7.7") for row in ROWS))
        lines(canvas, SENTENCES, y=600)
        canvas.drawCentredString(FIRST + APART / 2, 704, "2023")
        canvas.drawCentredString(FIRST + APART * 2.5, 704, "2022")

    told = searched(read(make(tmp_path / "a.pdf", page)))
    assert "Glass | 2023 Amount: 7.4 | 2023 Share: 8.5 | 2022 Amount: 9.6 | 2022 Share: 7.7" in told


@pytest.mark.parametrize(
    "above", ["4.2 Stores of the harbours", "B.1 Stores of the harbours", "Figure 3: Stores of all harbours by year"]
)
def test_nothing_above_a_numbered_heading_or_a_caption_is_the_heading_of_a_column(tmp_path: Path, above: str) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        over(canvas, 716, "Lamp", "Mast", "Keel")
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawString(240, 703, above)
        canvas.setFont("Helvetica", 10)
        over(canvas, 690, "North", "West", "South")
        body(canvas, 676)

    assert "Glass | North: 7.4 | West: 8.5 | South: 9.6" in searched(read(make(tmp_path / "a.pdf", page)))


def test_numbers_among_words_over_the_columns_are_headings(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        canvas.drawCentredString(FIRST + APART / 2, 704, "By round")
        over(canvas, 690, "1", "2", "Most", "All")
        body(canvas, 676, tuple((*row, "7.7") for row in (*ROWS, ("Wick", "3.3", "4.4", "5.5"))))

    told = searched(read(make(tmp_path / "a.pdf", page)))
    assert "Glass | By round 1: 7.4 | By round 2: 8.5 | Most: 9.6 | All: 7.7" in told


def test_a_number_that_ends_a_label_is_no_cell(tmp_path: Path) -> None:
    rows = (("Long lamp of Mornay", "4.1", "5.2"), ("Old lamp", "1.7", "2.8"))

    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        over(canvas, 690, "North", "West")
        body(canvas, 676, rows)
        canvas.drawString(72, 648, "Lamp")
        canvas.drawString(72 + stringWidth("Lamp", "Helvetica", 10) + 6, 648, "(0.1)")
        over(canvas, 648, "7.4", "8.5")

    assert "Lamp (0.1) | North: 7.4 | West: 8.5" in searched(read(make(tmp_path / "a.pdf", page)))


def test_the_spread_of_a_number_stays_with_it_across_a_space(tmp_path: Path) -> None:
    rows = (("Oil", "4.1(0.2)", "5.2(0.3)"), ("Glass", "7.4 (1.2)", "8.5(1.1)"), ("Rope", "1.7(0.1)", "2.8(0.3)"))

    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        over(canvas, 690, "North", "West")
        body(canvas, 676, rows)

    assert "Glass | North: 7.4(1.2) | West: 8.5(1.1)" in searched(read(make(tmp_path / "a.pdf", page)))


def test_labels_between_the_headings_of_columns_and_the_first_row_are_rows(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        canvas.setFont("Helvetica-Bold", 10)
        for i, year in enumerate(("2021", "2020", "2019")):
            canvas.drawCentredString(FIRST + APART * i, 704, f"May {i + 1},")
            canvas.drawCentredString(FIRST + APART * i, 693, year)
        canvas.drawString(62, 680, "LASTING STORES")
        canvas.setFont("Helvetica", 10)
        body(canvas, 667)

    parsed = read(make(tmp_path / "a.pdf", page))
    assert "LASTING STORES > Rope | May 1, 2021: 1.7 | May 2, 2020: 2.8" in searched(parsed)
    assert not parsed.outline


def test_widely_spaced_lines_of_a_paragraph_are_no_rows(tmp_path: Path) -> None:
    texts = (
        "The keeper of the tower  shall give the whole  of his time",
        "to the lamp  and shall not leave it  for another gain at all",
        "nor shall he let  another man stand  in his place by night",
    )

    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=810)
        canvas.setFont("Courier", 10)
        for i, text in enumerate(texts):
            x = 72.0
            for part in text.split("  "):
                canvas.drawString(x, 700 - 12 * i, part)
                x += stringWidth(part, "Courier", 10) + 18

    parsed = read(make(tmp_path / "a.pdf", page))
    assert not searched(parsed)
    assert any("keeper of the tower" in passage.text for passage in parsed.passages)
