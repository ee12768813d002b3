"""How made pages are read: columns, title blocks, first words in bold, tables' heads, labels of charts, lists."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from ingest_pdfs import HEIGHT, SENTENCES, lines, make, read, titles
from reportlab.pdfgen.canvas import Canvas

from rag.ingest.characters.words import Word
from rag.ingest.layout.lines import Line, Segment
from rag.ingest.layout.paragraphs import Composer
from rag.types import ParsedDocument

Draw = Callable[[Canvas], None]


def blocks(parsed: ParsedDocument, page: int = 1) -> list[str]:
    return parsed.pages[page - 1].text.splitlines()


# ------------------------------------------------------------------------------------------------- columns


def test_columns_whose_lines_stand_at_different_heights_are_found_when_drawn_row_by_row(tmp_path: Path) -> None:
    left = [f"left line {chr(97 + i)} tells of the harbour and its ships" for i in range(22)]
    right = [f"right line {chr(97 + i)} tells of storms and the keeper" for i in range(22)]

    def page(canvas: Canvas) -> None:
        for i in range(22):
            canvas.drawString(60, 700 - 13 * i, left[i])
            canvas.drawString(320, 693.5 - 13 * i, right[i])

    (found,) = read(make(tmp_path / "a.pdf", page)).pages
    assert " ".join(found.text.split()) == " ".join([*left, *right])


def test_a_heading_beside_prose_in_the_other_column_is_found_when_drawn_row_by_row(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        for i in range(24):
            if i == 12:
                canvas.setFont("Helvetica-Bold", 12)
                for x, word in ((60, "2"), (84, "The"), (130, "lamp")):
                    canvas.drawString(x, 700 - 13 * i, word)
                canvas.setFont("Helvetica", 10)
            elif i not in {11, 13}:
                canvas.drawString(60, 700 - 13 * i, f"left line {chr(97 + i)} tells of the harbour and its ships")
            canvas.drawString(320, 700 - 13 * i, f"right line {chr(97 + i)} tells of storms and the keeper")

    assert titles(read(make(tmp_path / "a.pdf", page))) == ["2 The lamp"]


# ------------------------------------------------------------------------------------------------- headings


def test_authors_places_and_dates_below_a_title_are_no_headings(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        for y, size, text in (
            (780, 20, "On the Lamps of Cape Mornay"),
            (750, 12, "A. Keeper and B. Harbour"),
            (734, 12, "Cape Mornay Observatory"),
            (718, 12, "keeper@mornay.example"),
            (700, 12, "November 3, 1891"),
        ):
            canvas.setFont("Helvetica", size)
            canvas.drawCentredString(300, y, text)
        canvas.setFont("Helvetica-Bold", 12)
        canvas.drawString(72, 660, "Abstract")
        canvas.setFont("Helvetica", 10)
        lines(canvas, SENTENCES, y=640)

    parsed = read(make(tmp_path / "a.pdf", page))
    assert titles(parsed) == ["On the Lamps of Cape Mornay", "Abstract"]
    assert "November 3, 1891" in parsed.pages[0].text


@pytest.mark.parametrize("more", [[], ["and of the window"]])
def test_bold_words_that_begin_a_paragraph_are_no_heading(tmp_path: Path, more: list[str]) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=760)
        canvas.setFont("Helvetica-Bold", 10)
        lines(canvas, ["Nearly all of them tell of the storm of", *more, "that year."], y=640)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(125, 640 - 13 * (1 + len(more)), "The light failed for nine days, and the keeper")
        canvas.drawString(72, 640 - 13 * (2 + len(more)), "mended the window with his own hands.")

    parsed = read(make(tmp_path / "a.pdf", page))
    assert titles(parsed) == []
    assert "that year. The light failed for nine days, and the keeper mended" in parsed.pages[0].text


def test_a_numbered_heading_in_the_type_of_running_text_is_found(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=760)
        canvas.setFont("Helvetica-Oblique", 10)
        canvas.drawString(72, 662, "B. Of oil and wicks")
        canvas.setFont("Helvetica", 10)
        lines(canvas, SENTENCES, y=643)

    assert titles(read(make(tmp_path / "a.pdf", page))) == ["B. Of oil and wicks"]


def test_a_bold_sentence_over_a_whole_line_above_a_paragraph_is_its_heading(tmp_path: Path) -> None:
    said = "The failure of the light for more than nine days could harm the harbour and the trade of all its ships"

    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=760)
        canvas.setFont("Helvetica-Bold", 9.5)
        canvas.drawString(72, 655, said)
        canvas.setFont("Helvetica", 10)
        lines(canvas, SENTENCES, y=630)

    assert titles(read(make(tmp_path / "a.pdf", page))) == [said]


def test_a_heading_in_capitals_and_the_one_below_it_are_two(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 11)
        lines(canvas, ["ITEM 1. BUSINESS OF THE LIGHT", "General"], y=780)
        canvas.setFont("Helvetica", 10)
        lines(canvas, SENTENCES, y=740)

    assert titles(read(make(tmp_path / "a.pdf", page))) == ["ITEM 1. BUSINESS OF THE LIGHT", "General"]


def test_a_widely_set_paragraph_in_larger_type_is_text(tmp_path: Path) -> None:
    said = [
        "By means of the light and of a strong horn",
        "of the new tower the harbour keeps all of",
        "its ships off the rocks in every wind and",
        "fog. None was lost.",
    ]

    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=790)
        canvas.setFont("Helvetica", 14)
        lines(canvas, said, y=690, pitch=26)
        canvas.setFont("Helvetica", 10)
        lines(canvas, SENTENCES, y=540)

    parsed = read(make(tmp_path / "a.pdf", page))
    assert titles(parsed) == []
    assert " ".join(said) in blocks(parsed)


def test_pages_of_an_appendix_in_another_size_are_running_text_too(tmp_path: Path) -> None:
    names = ["Arches", "Boats", "Coal", "Dogs", "Eels", "Flags"]

    def page(name: str, size: float, times: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.setFont("Helvetica-Bold", size)
            canvas.drawString(60, 790, name)
            canvas.setFont("Helvetica", size)
            lines(canvas, [f"{a} {b}" for a, b in pairwise(SENTENCES)] * times, x=60, y=760)

        return draw

    parsed = read(make(tmp_path / "a.pdf", *(page(name, 10.5 if name < "E" else 7, 6) for name in names)))
    assert titles(parsed) == names


# ------------------------------------------------------------------------------------------------- tables


def test_bold_headings_stacked_over_the_columns_of_a_table_are_rows(tmp_path: Path) -> None:
    heads = (("52 Weeks", "Ended", "August 29,", "1891"), ("53 Weeks", "Ended", "August 31,", "1890"))

    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=790)
        canvas.setFont("Helvetica-Bold", 12)
        canvas.drawString(72, 700, "Costs of the light")
        canvas.setFont("Helvetica-Bold", 9)
        for column, stack in enumerate(heads):
            for i, text in enumerate(stack):
                canvas.drawRightString(380 + 90 * column, 670 - 11 * i, text)
        canvas.setFont("Helvetica", 9)
        for i, label in enumerate(("Oil for the lamp", "Wages of the keeper", "Repairs")):
            canvas.drawString(72, 622 - 12 * i, label)
            canvas.drawRightString(380, 622 - 12 * i, f"{171 + i}")
            canvas.drawRightString(470, 622 - 12 * i, f"{163 + i}")

    parsed = read(make(tmp_path / "a.pdf", page))
    assert titles(parsed) == ["Costs of the light"]
    (table,) = [passage for passage in parsed.passages if passage.kind == "table"]
    assert "August 29," in table.text


def test_a_title_over_the_middle_of_a_table_stays_a_heading(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=790)
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawCentredString(271, 690, "STATEMENT OF COSTS")
        canvas.setFont("Helvetica", 9)
        for i, label in enumerate(("Oil for the lamp", "Wages of the keeper", "Repairs")):
            canvas.drawString(72, 670 - 12 * i, label)
            for column in range(3):
                canvas.drawRightString(290 + 90 * column, 670 - 12 * i, f"{171 + i * column}")

    assert titles(read(make(tmp_path / "a.pdf", page))) == ["STATEMENT OF COSTS"]


# ------------------------------------------------------------------------------------------------- charts


def chart(canvas: Canvas) -> None:
    """A paragraph that a chart and its caption interrupt."""
    lines(
        canvas, ["The oil that the lamp burned in a night was measured from the first", "year on, and the keeper wrote"]
    )
    for i, height in enumerate((60, 90, 40, 75)):
        canvas.rect(110 + 60 * i, 500, 40, height, fill=1)
    canvas.setFont("Helvetica-Bold", 12)
    canvas.drawString(230, 625, "Oil by night")
    canvas.setFont("Helvetica", 10)
    for i, word in enumerate(("spring", "summer", "autumn", "winter")):
        canvas.drawString(112 + 60 * i, 530, word)
        canvas.drawString(116 + 60 * i, 515, str(40 + i))
    canvas.rect(90, 495, 300, 150)
    canvas.drawString(72, 470, "Figure 1: Oil burned by season, in pints.")
    lines(canvas, ["every pint of it down in the book of the light. None of it was lost."], y=445)


def test_the_labels_of_a_chart_are_read_apart_from_the_paragraphs_around_it(tmp_path: Path) -> None:
    parsed = read(make(tmp_path / "a.pdf", chart, lambda canvas: lines(canvas, list(SENTENCES) * 5)))
    whole = "year on, and the keeper wrote every pint of it down in the book of the light. None of it was lost."
    assert any(whole in passage.text for passage in parsed.passages)
    assert titles(parsed) == []
    for label in ("spring", "winter", "Oil by night"):
        assert any(block.startswith(label) for block in blocks(parsed))
        assert any(label in passage.index_text for passage in parsed.passages)


def test_scattered_words_without_a_caption_do_not_go_on_with_a_paragraph(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(
            canvas,
            ["The oil that the lamp burned in a night was measured, and", "the keeper wrote all of it down, to the"],
        )
        for i, word in enumerate(("spring", "Summer", "autumn", "Winter")):
            canvas.drawString(90 + 90 * i, 560 - 17 * i, word)
        lines(canvas, ["last pint of every year. None of it was lost."], y=450)

    parsed = read(make(tmp_path / "a.pdf", page))
    assert any("down, to the last pint of every year." in passage.text for passage in parsed.passages)
    assert {"spring", "Summer", "autumn", "Winter"} <= set(blocks(parsed))


# ---------------------------------------------------------------------------------------- lists, paragraphs


def test_titles_that_stand_apart_are_not_one(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Software of the Lighthouse and its Costs"], y=700)
        lines(canvas, ["Internal Use of the Lamp in the Winter"], y=580)
        lines(canvas, list(SENTENCES) * 3, y=540)

    found = blocks(read(make(tmp_path / "a.pdf", page)))
    assert found[:2] == ["Software of the Lighthouse and its Costs", "Internal Use of the Lamp in the Winter"]


def test_a_paragraph_is_not_gone_on_with_elsewhere_while_its_next_line_is_still_to_come() -> None:
    begun = [line("the keeper wrote all of it down in the book that he", y=100), line("had by the lamp, every", y=113)]
    aside = line("nights were long in the winter of that year here", y=100, x=320)
    (first, *_) = Composer().compose([*begun, aside, line("single night of the year.", y=126)], 10)
    assert [one.text for one in first.lines] == [one.text for one in begun]
    (first, *_) = Composer().compose([*begun, aside], 10)
    assert aside in first.lines


def line(text: str, *, y: float, x: float = 60) -> Line:
    """A line of running text with its lower edge at `y` points."""
    word = Word(text, x, y - 10, x + 4.5 * len(text), y, 0, False, False)
    segment = Segment((word,), word.x0, word.y0, word.x1, word.y1, 10)
    return Line((segment,), word.x0, word.y0, word.x1, word.y1, 10, False, text, 1)


def test_an_entry_further_down_does_not_go_on_with_the_open_one_above(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(
            canvas,
            [
                "Multi-information display with the average speed, the distance to go,",
                "fuel economy, trip distance with its timer, system information, and",
            ],
        )
        lines(canvas, ["Multi-information display, larger, with the state of charge and the", "outside air"], y=500)

    assert blocks(read(make(tmp_path / "a.pdf", page))) == [
        "Multi-information display with the average speed, the distance to go, fuel economy, trip distance with its timer, "
        "system information, and",
        "Multi-information display, larger, with the state of charge and the outside air",
    ]


def test_items_of_a_list_stay_apart_and_keep_their_second_lines(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["The keeper had to see to four things, every day of the year:"], y=700)
        items = [
            (72, "\u2022 the oil, which came by boat from the harbour and had to be"),
            (80, "carried up the tower by hand;"),
            (72, "\u2022 the wick;"),
            (90, "\u2013 cut at noon"),
            (90, "\u2013 and again at dusk"),
            (72, "\u2022 the window, against which birds flew at night, and"),
            (72, "\u2022 the book of the light."),
        ]
        for i, (x, text) in enumerate(items):
            canvas.drawString(x, 687 - 13 * i, text)
        lines(canvas, ["When all was done the keeper slept. The light burned on above"], y=687 - 13 * 7)
        lines(canvas, ["him until dawn."], y=687 - 13 * 8)

    assert blocks(read(make(tmp_path / "a.pdf", page))) == [
        "The keeper had to see to four things, every day of the year:",
        "\u2022 the oil, which came by boat from the harbour and had to be carried up the tower by hand;",
        "\u2022 the wick;",
        "\u2013 cut at noon",
        "\u2013 and again at dusk",
        "\u2022 the window, against which birds flew at night, and",
        "\u2022 the book of the light.",
        "When all was done the keeper slept. The light burned on above him until dawn.",
    ]


def test_a_line_that_had_room_for_the_next_word_ends_its_paragraph(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(
            canvas, ["General", "The Harbour of Cape Mornay keeps the light, the boats and the book of the", "light."]
        )

    assert blocks(read(make(tmp_path / "a.pdf", page))) == [
        "General",
        "The Harbour of Cape Mornay keeps the light, the boats and the book of the light.",
    ]


def test_a_paragraph_goes_on_over_columns_and_a_footnote(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, [f"column one line {chr(97 + i)} tells of the harbour" for i in range(10)], x=60, y=HEIGHT - 100)
        canvas.setFont("Helvetica", 7)
        canvas.drawString(60, 200, "1 The harbour book of 1891 tells it otherwise.")
        canvas.setFont("Helvetica", 10)
        lines(canvas, ["and goes on in column two, where it ends."], x=320, y=HEIGHT - 100)

    found = blocks(read(make(tmp_path / "a.pdf", page)))
    assert any("line j tells of the harbour and goes on in column two, where it ends." in block for block in found)
