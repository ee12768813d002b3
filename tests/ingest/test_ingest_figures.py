"""Captions belong to their figures: pictures, charts drawn as paths, tables; on turned and cropped pages too."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from ingest_pdfs import HEIGHT, SENTENCES, WIDTH, Draw, lines, make, read, rewritten
from PIL import Image
from pypdf.generic import RectangleObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from rag.ingest.reading import read_page
from rag.types import Box, ParsedDocument, Passage

CAPTION = "Figure 1: Days on which the lamp of the tower was lit, by year."
Points = tuple[float, float, float, float]  # left, bottom, right, top


def caption_of(parsed: ParsedDocument, begins: str) -> Passage:
    return next(passage for passage in parsed.passages if passage.text.startswith(begins))


def figure_of(parsed: ParsedDocument, begins: str = "Figure 1") -> Box:
    passage = caption_of(parsed, begins)
    assert passage.kind == "caption"
    assert passage.figure is not None
    return passage.figure


def assert_around(box: Box, points: Points, *, by: float = 12.0) -> None:
    """See that a box holds a rectangle of an upright A4 page and is hardly larger; `by` in points."""
    left, bottom, right, top = points
    found = (box.x0 * WIDTH, (1 - box.y1) * HEIGHT, box.x1 * WIDTH, (1 - box.y0) * HEIGHT)
    assert found[0] <= left + 1, found
    assert found[1] <= bottom + 1, found
    assert found[2] >= right - 1, found
    assert found[3] >= top - 1, found
    assert max(left - found[0], bottom - found[1], found[2] - right, found[3] - top) <= by, found


def chart(canvas: Canvas, *, x: float = 100, y: float = 480, width: float = 240) -> Points:
    """Draw a bar chart with axes and labels; return where it stands, its labels included."""
    canvas.line(x, y, x + width, y)
    canvas.line(x, y, x, y + 120)
    canvas.setFont("Helvetica", 7)
    for i in range(5):
        canvas.rect(x + 20 + i * width / 5.5, y, 20, 30 + 18 * i, fill=1)
        canvas.drawString(x + 20 + i * width / 5.5, y - 10, str(1870 + i))
        canvas.drawRightString(x - 4, y + 24 * i, str(20 * i))
    canvas.setFont("Helvetica", 10)
    return x - 12, y - 10, x + width, y + 120


def picture(width: int = 40, height: int = 30) -> ImageReader:
    data = BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(data, "PNG")
    return ImageReader(BytesIO(data.getvalue()))


def paper(canvas: Canvas) -> None:
    """Prose, a chart, its caption, prose."""
    lines(canvas, SENTENCES, y=760)
    chart(canvas)
    canvas.drawString(100, 445, CAPTION)
    lines(canvas, SENTENCES, y=410)


CHART: Points = (88, 470, 340, 600)


def test_a_chart_of_paths_is_the_figure_of_the_caption_below_it(tmp_path: Path) -> None:
    box = figure_of(read(make(tmp_path / "a.pdf", paper)))
    assert_around(box, CHART)
    assert box.page == 1


def test_the_box_holds_neither_the_caption_nor_running_text(tmp_path: Path) -> None:
    parsed = read(make(tmp_path / "a.pdf", paper))
    box, page = figure_of(parsed), parsed.pages[0]
    middles = (page.words.boxes[:, :2] + page.words.boxes[:, 2:]) / 2
    inside = [
        page.text[start:end]
        for start, end, (x, y) in zip(page.words.starts, page.words.ends, middles, strict=True)
        if box.x0 < x < box.x1 and box.y0 < y < box.y1
    ]
    assert inside
    assert all(word.isdigit() for word in inside), inside


def test_the_caption_is_a_passage_of_its_own_and_the_prose_around_it_stays_together(tmp_path: Path) -> None:
    parsed = read(make(tmp_path / "a.pdf", paper))
    assert caption_of(parsed, "Figure 1").text == CAPTION
    assert [passage.figure is not None for passage in parsed.passages].count(True) == 1


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_on_a_rotated_page_the_box_is_where_the_figure_is_seen(tmp_path: Path, degrees: int) -> None:
    path = make(tmp_path / "a.pdf", paper)
    upright = figure_of(read(path))
    turned = rewritten(path, tmp_path / "t.pdf", lambda writer: writer.pages[0].rotate(degrees))
    box = figure_of(read(turned))
    x0, y0, x1, y1 = upright.x0, upright.y0, upright.x1, upright.y1
    expected = {90: (1 - y1, x0, 1 - y0, x1), 180: (1 - x1, 1 - y1, 1 - x0, 1 - y0), 270: (y0, 1 - x1, y1, 1 - x0)}
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx(expected[degrees], abs=0.004)


def test_on_a_cropped_page_the_box_is_where_the_figure_is_seen(tmp_path: Path) -> None:
    def crop(writer: pypdf.PdfWriter) -> None:
        writer.pages[0].cropbox = RectangleObject((50, 100, 550, 800))

    box = figure_of(read(rewritten(make(tmp_path / "a.pdf", paper), tmp_path / "c.pdf", crop)))
    found = (50 + box.x0 * 500, 800 - box.y1 * 700, 50 + box.x1 * 500, 800 - box.y0 * 700)
    assert found == pytest.approx(CHART, abs=12)


def test_captions_above_their_pictures_take_the_picture_below(tmp_path: Path) -> None:
    def report(canvas: Canvas) -> None:
        for i, y in enumerate((560, 300)):
            canvas.drawString(72, y + 150, f"Figure {i + 1}: The tower from the {('sea', 'land')[i]}.")
            canvas.drawImage(picture(), 72, y, 200, 140)
            lines(canvas, SENTENCES[:3], y=y - 30)

    parsed = read(make(tmp_path / "a.pdf", report))
    assert_around(figure_of(parsed, "Figure 1"), (72, 560, 272, 700))
    assert_around(figure_of(parsed, "Figure 2"), (72, 300, 272, 440))


def test_of_two_figures_side_by_side_each_caption_takes_its_own(tmp_path: Path) -> None:
    def columns(canvas: Canvas) -> None:
        for i, x in enumerate((72, 320)):
            canvas.drawImage(picture(), x, 500, 200, 120)
            canvas.drawString(x, 484, f"Figure {i + 1}: Side {'AB'[i]}.")
        lines(canvas, SENTENCES, y=430)

    parsed = read(make(tmp_path / "a.pdf", columns))
    assert_around(figure_of(parsed, "Figure 1"), (72, 500, 272, 620))
    assert_around(figure_of(parsed, "Figure 2"), (320, 500, 520, 620))


def test_a_picture_in_strips_within_a_moved_form_is_one_figure(tmp_path: Path) -> None:
    def tiled(canvas: Canvas) -> None:
        canvas.beginForm("strips")
        for i in range(4):
            canvas.drawImage(picture(), 0, 40 * i, 200, 40)
        canvas.endForm()
        canvas.saveState()
        canvas.translate(120, 420)
        canvas.doForm("strips")
        canvas.restoreState()
        canvas.drawString(120, 402, "Fig. 1. The tower in four strips.")
        lines(canvas, SENTENCES, y=360)

    assert_around(figure_of(read(make(tmp_path / "a.pdf", tiled)), "Fig. 1"), (120, 420, 320, 580))


def test_the_caption_below_a_table_takes_its_rows(tmp_path: Path) -> None:
    def table(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=760)
        for y in (640, 622, 560):
            canvas.line(100, y, 400, y)
        for i, name in enumerate(("Keeper", "Oil", "Silver", "Storms")):
            canvas.drawString(104, 626 - 16 * i, name)
            for j in range(3):
                canvas.drawString(220 + 60 * j, 626 - 16 * i, str(1870 + 10 * j) if i == 0 else str(37 * (i + j)))
        canvas.drawString(100, 540, "Table 1: What the tower needed.")
        lines(canvas, SENTENCES, y=500)

    assert_around(figure_of(read(make(tmp_path / "a.pdf", table)), "Table 1"), (100, 560, 400, 640))


def plain(canvas: Canvas) -> None:
    """What is drawn belongs to the text: a ground, a rule under a heading, a box around a paragraph."""
    canvas.setFillColorRGB(0.96, 0.95, 0.9)
    canvas.rect(0, 0, WIDTH, HEIGHT, stroke=0, fill=1)
    canvas.rect(66, 500, 420, 90, stroke=1, fill=0)
    canvas.setFillColorRGB(0, 0, 0)
    lines(canvas, SENTENCES, y=575)
    canvas.line(72, 470, 500, 470)
    lines(canvas, SENTENCES, y=452)
    canvas.drawString(72, 360, "Figure 1: What is told here is not drawn.")
    lines(canvas, SENTENCES, y=330)


def test_rules_grounds_and_boxes_around_text_that_stand_apart_are_no_figures(tmp_path: Path) -> None:
    parsed = read(make(tmp_path / "a.pdf", plain))
    assert "Figure 1" in parsed.pages[0].text
    assert all(passage.figure is None for passage in parsed.passages)


def prose_and_chart(canvas: Canvas) -> None:
    lines(canvas, SENTENCES, y=760)
    chart(canvas)


@pytest.mark.parametrize(("draw", "is_looked_at"), [(paper, True), (prose_and_chart, False)])
def test_only_pages_with_a_caption_are_searched_for_pictures(tmp_path: Path, draw: Draw, is_looked_at: bool) -> None:
    document = pypdfium2.PdfDocument(make(tmp_path / "a.pdf", draw))
    assert (read_page(document, 1).graphics is not None) == is_looked_at
    document.close()
