"""What made lines are taken for: prose, heading or row."""

from collections.abc import Callable
from pathlib import Path

import pytest
from ingest_pdfs import HEIGHT, SENTENCES, lines, make, read, titles
from reportlab.pdfgen.canvas import Canvas

from rag.text import sentence_spans
from rag.types import ParsedDocument


def sentences(parsed: ParsedDocument) -> list[str]:
    return [passage.text[start:end] for passage in parsed.passages for start, end in sentence_spans(passage.text)]


def figures(canvas: Canvas, *, y: float, n_rows: int) -> None:
    """Rows of small print with four columns of numbers."""
    canvas.setFont("Helvetica", 6)
    for i in range(n_rows):
        canvas.drawString(72, y - 9 * i, f"Repairs of tower {i}")
        for column in range(4):
            canvas.drawRightString(240 + 70 * column, y - 9 * i, f"{1234 + 7 * i * column:,}")


def test_small_tables_do_not_make_prose_headings(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 14)
        canvas.drawString(72, 780, "The tower")
        canvas.setFont("Helvetica", 10)
        lines(
            canvas,
            ["The keeper of the light at Cape Mornay went up at dusk and put the", "new lamp in its place."],
            y=750,
        )
        figures(canvas, y=700, n_rows=60)

    parsed = read(make(tmp_path / "a.pdf", page))
    assert titles(parsed) == ["The tower"]
    assert "The keeper of the light at Cape Mornay went up at dusk and put the new lamp in its place." in sentences(
        parsed
    )


def test_a_document_of_tables_alone_is_measured_by_them(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 9)
        canvas.drawString(72, 780, "Costs of the tower")
        figures(canvas, y=700, n_rows=40)

    assert titles(read(make(tmp_path / "a.pdf", page))) == ["Costs of the tower"]


BOLD_SENTENCE = [
    "The light failed for nine days in the winter storm of the year and the harbour had to pay the ships for every",
    "one of those days, although the keeper and his two sons had mended the window of the tower with their own",
    "hands before the week was over.",
]


@pytest.mark.parametrize(("font", "size"), [("Helvetica-Bold", 10), ("Helvetica", 12)])
def test_the_short_last_line_of_a_bold_or_larger_paragraph_is_no_heading(tmp_path: Path, font: str, size: int) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=760)
        canvas.setFont(font, size)
        for i, text in enumerate(BOLD_SENTENCE):
            canvas.drawString(14, 640 - 14 * i, text)
        canvas.setFont("Helvetica", 10)
        lines(canvas, SENTENCES, y=540)

    parsed = read(make(tmp_path / "a.pdf", page))
    assert titles(parsed) == []
    assert " ".join(BOLD_SENTENCE) in sentences(parsed)


def test_a_bold_abstract_in_a_narrow_column_is_text(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=760)
        canvas.setFont("Helvetica-Bold", 10)
        words = " ".join(SENTENCES).split()
        lines(canvas, [" ".join(words[i : i + 9]) for i in range(0, len(words), 9)], y=640)

    parsed = read(make(tmp_path / "a.pdf", page))
    assert titles(parsed) == []
    assert [sentences(parsed).count(sentence) for sentence in SENTENCES] == [2] * len(SENTENCES)


def test_a_long_heading_over_two_lines_stays_one_heading(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 14)
        lines(canvas, ["Item 5. Lights, Ships,", "Related Keepers and Their Towers"], y=780, pitch=17)
        canvas.setFont("Helvetica", 10)
        lines(canvas, SENTENCES)

    assert titles(read(make(tmp_path / "a.pdf", page))) == ["Item 5. Lights, Ships, Related Keepers and Their Towers"]


def test_a_numbered_heading_in_capitals_closely_under_a_paragraph_stays_a_heading(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, [*SENTENCES, "and so it stood", "2. THE STORM", *SENTENCES])

    assert titles(read(make(tmp_path / "a.pdf", page))) == ["2. THE STORM"]


def test_a_line_that_only_begins_bold_is_no_heading(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=760)
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawString(72, 640, "Lamps.")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(110, 640, "The first burned rape oil and the")
        canvas.drawString(72, 627, "second burned paraffin.")

    parsed = read(make(tmp_path / "a.pdf", page))
    assert titles(parsed) == []
    assert "The first burned rape oil and the second burned paraffin." in sentences(parsed)


def test_a_bold_point_of_a_list_is_no_heading(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=760)
        canvas.setFont("Helvetica-Bold", 10)
        lines(canvas, ["\u2022 The lamp was lit every day", "\u2022 Nine ships gave thanks for it"], y=640, pitch=24)

    assert titles(read(make(tmp_path / "a.pdf", page))) == []


def bold_total(canvas: Canvas) -> None:
    """Prose, and a table whose total is bold and carries its currency signs apart."""
    lines(canvas, SENTENCES, y=790)
    canvas.setFont("Helvetica-Bold", 9)
    for column, year in enumerate(("1991", "1990", "1989")):
        canvas.drawRightString(390 + 80 * column, 600, year)
    canvas.setFont("Helvetica", 9)
    rows = [("Oil for the lamp", "171", "163", "149"), ("Repairs of the tower", "38", "\u2014", "33")]
    for i, (label, *values) in enumerate(rows):
        canvas.drawString(40, 588 - 12 * i, label)
        for column, value in enumerate(values):
            canvas.drawRightString(390 + 80 * column, 588 - 12 * i, value)
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawString(40, 564, "NET COST OF THE LIGHT TO BE BORNE BY THE HARBOUR")
    for column, value in enumerate(("5,007", "4,002", "3,659")):
        canvas.drawString(340 + 80 * column, 564, "$")
        canvas.drawRightString(390 + 80 * column, 564, value)


def test_a_bold_total_is_a_row_under_the_headings_of_its_columns(tmp_path: Path) -> None:
    parsed = read(make(tmp_path / "a.pdf", bold_total))
    assert titles(parsed) == []
    (table,) = [passage for passage in parsed.passages if passage.kind == "table"]
    total = "NET COST OF THE LIGHT TO BE BORNE BY THE HARBOUR | 1991: $5,007 | 1990: $4,002 | 1989: $3,659"
    assert total in table.index_text
    assert "HARBOUR  $  5,007  $  4,002  $  3,659" in table.text


def test_a_table_of_contents_is_cited_and_searched_entry_by_entry(tmp_path: Path) -> None:
    entries = ["1 The lamp", "1.1 Rape oil", "1.2 Paraffin", "2 The storm", "2.1 The window", "2.2 Repairs"]

    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 10)
        lines(canvas, [f"{entry}{'.' * 60} {7 + i}" for i, entry in enumerate(entries)])

    parsed = read(make(tmp_path / "a.pdf", page, lambda canvas: lines(canvas, SENTENCES)))
    assert titles(parsed) == []
    assert sentences(parsed)[: len(entries)] == [f"{entry}{'.' * 60} {7 + i}" for i, entry in enumerate(entries)]
    assert ".." not in parsed.passages[0].index_text
    assert "2.1 The window 11" in parsed.passages[0].index_text


def book(heads: list[str | None]) -> list[Callable[[Canvas], None]]:
    """Pages with a running head each where there is one; only a short gap is between head and body."""

    def page(head: str | None, number: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            if head:
                canvas.setFont("Helvetica", 8)
                canvas.drawString(72, HEIGHT - 60, head)
            canvas.setFont("Helvetica", 10)
            told = [f"Book {chr(64 + number)}: {sentence}" for sentence in SENTENCES * 3]
            lines(canvas, told, y=HEIGHT - (76 if head else 150))

        return draw

    return [page(head, number) for number, head in enumerate(heads, 1)]


def test_the_running_head_of_a_short_chapter_goes_with_those_of_long_ones(tmp_path: Path) -> None:
    heads = [None, *["The lamp and its oil"] * 5, None, "A storm", None, *["The last keeper"] * 5]
    parsed = read(make(tmp_path / "a.pdf", *book(heads)))
    text = "".join(page.text for page in parsed.pages)
    assert "A storm\n" not in text
    assert "The last keeper\n" not in text
    assert all(text.count(f"Book {letter}: {sentence}") == 3 for letter in "ABHM" for sentence in SENTENCES)


def test_the_first_line_of_a_body_stays_although_it_stands_where_others_have_their_head(tmp_path: Path) -> None:
    def full(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 8)
        lines(canvas, [f"Line {i} of the harbour book." for i in range(40)], y=HEIGHT - 60, pitch=11)

    parsed = read(make(tmp_path / "a.pdf", *book(["The lamp and its oil"] * 6), full))
    assert "The lamp" not in parsed.pages[0].text
    assert parsed.pages[6].text.startswith("Line 0 of the harbour book.")
