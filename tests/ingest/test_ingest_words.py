"""Words as a person sees them: which way they run, what letters they have, and where their ink is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdf
import pypdfium2
import pytest
from ingest_pdfs import HEIGHT, SENTENCES, WIDTH, lines, make, prose, read, rewritten
from pypdf.generic import FloatObject, NameObject, NumberObject, RectangleObject
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from rag.ingest.characters.scripts import accented, plain
from rag.ingest.characters.words import Frame, Word, page_words
from rag.spans import page_boxes
from rag.types import Page

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
needs_dejavu = pytest.mark.skipif(not DEJAVU.is_file(), reason="needs the DejaVu fonts")


def words_of(path: Path, number: int = 1) -> list[Word]:
    document = pypdfium2.PdfDocument(path)
    try:
        page = document[number - 1]
        return page_words(page.get_textpage(), Frame.of(page))
    finally:
        document.close()


# ---------------------------------------------------------------------------------------------------- letters


@needs_dejavu
def test_an_accent_drawn_over_its_letter_becomes_part_of_it(tmp_path: Path) -> None:
    pdfmetrics.registerFont(TTFont("DejaVu", str(DEJAVU)))

    def page(canvas: Canvas) -> None:
        canvas.setFont("DejaVu", 12)
        canvas.drawString(72, 700, "cafe\u0301 nai\u0308ve")
        x = 72 + pdfmetrics.stringWidth("caf", "DejaVu", 12)
        canvas.drawString(72, 680, "caf")
        canvas.drawString(x, 680, "e")
        canvas.drawString(x, 680, "´")

    assert [word.text for word in words_of(make(tmp_path / "a.pdf", page))] == ["café", "naïve", "café"]


@pytest.mark.parametrize(
    ("token", "edges", "expected"),
    [
        (
            "Schr¨odinger",
            [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (4, 5), *((i, i + 1) for i in range(5, 11))],
            "Schrödinger",
        ),
        ("garc¸on", [(0, 1), (1, 2), (2, 3), (3, 4), (3, 4), (4, 5), (5, 6)], "garçon"),
        ("x´y", [(0, 1), (1, 1.4), (1.5, 2)], "x´y"),
        ("ı´", [(0, 1), (0, 1)], "í"),
    ],
)
def test_an_accent_goes_to_the_letter_that_it_stands_over(
    token: str, edges: list[tuple[float, float]], expected: str
) -> None:
    assert accented(token, edges) == expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("ﻣﺮﺣﺒﺎ", "مرحبا"),
        ("ﻻ", "لا"),
        ("e\u0301t\u00e9", "été"),
        ("\uf054\uf068\uf065", "The"),
        ("\uf02b", "+"),
        ("15)ב()4(", "15(ב)(4)"),
        ("(ב)", "(ב)"),
    ],
)
def test_letters_are_those_that_are_typed(token: str, expected: str) -> None:
    assert plain(token) == expected


def test_a_large_initial_is_joined_to_the_rest_of_its_word(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 36)
        canvas.drawString(72, 600, "O")
        canvas.setFont("Helvetica", 12)
        lines(canvas, ["nce upon a time there was", "a king of the land who"], x=102, y=615, pitch=14)
        canvas.drawString(72, 587, "lived in a castle far away by the sea.")

    (page_,) = read(make(tmp_path / "a.pdf", page)).pages
    assert page_.text == ("Once upon a time there was a king of the land who lived in a castle far away by the sea.\n")
    (box,) = page_boxes(page_, 0, len("Once"))
    assert box.x0 == pytest.approx(72 / WIDTH, abs=0.01)


def test_an_article_in_large_letters_stays_a_word(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 30)
        canvas.drawString(72, 600, "A")
        canvas.setFont("Helvetica", 12)
        canvas.drawString(104, 612, "lighthouse stands on the cape.")

    texts = [word.text for word in words_of(make(tmp_path / "a.pdf", page)) if not word.glued]
    assert texts[:2] == ["A", "lighthouse"]


def test_a_raised_mark_stays_apart_where_a_gap_is_seen(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        text = canvas.beginText(72, 700)
        text.textOut("The keeper ")
        text.setRise(4)
        text.setFont("Helvetica", 6)
        text.textOut("12")
        text.setRise(0)
        text.setFont("Helvetica", 10)
        text.textOut(" went down.")
        canvas.drawText(text)

    assert read(make(tmp_path / "a.pdf", page)).pages[0].text == "The keeper 12 went down.\n"


# ------------------------------------------------------------------------------------------------- directions


def set_at(canvas: Canvas, x: float, y: float, degrees: float, text: str, size: float = 10) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(degrees)
    canvas.setFont("Helvetica", size)
    canvas.drawString(0, 0, text)
    canvas.restoreState()


def compass(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Upright it is, I say, and no more.")
    set_at(canvas, 50, 300, 90, "Upwards it is")
    set_at(canvas, 550, 600, -90, "Downwards it is")
    set_at(canvas, 300, 500, 180, "Overhead it is")
    set_at(canvas, 100, 300, 30, "Aslant it is")


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_every_word_knows_which_way_it_runs_on_the_displayed_page(tmp_path: Path, rotation: int) -> None:
    path = rewritten(
        make(tmp_path / "plain.pdf", compass), tmp_path / "a.pdf", lambda w: w.pages[0].rotate(rotation) and None
    )
    turns = {0: [0, 1, -1, 2], 90: [-1, 0, 2, 1], 180: [2, -1, 1, 0], 270: [1, 2, 0, -1]}[rotation]
    found: dict[str, set[int]] = {}
    for word in words_of(path):
        found.setdefault(word.text, set()).add(word.turn)
    named = {"Upright": turns[0], "Upwards": turns[1], "Downwards": turns[2], "Overhead": turns[3], "Aslant": 3}
    assert {text: found[text] for text in named} == {text: {turn} for text, turn in named.items()}
    assert found["I"] == {turns[0]}


def test_a_slanted_font_is_no_slanted_line(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        text = canvas.beginText()
        text.setTextTransform(1, 0, 0.33, 1, 72, 700)
        text.textOut("So it is in italics of a sort.")
        canvas.drawText(text)

    assert {word.turn for word in words_of(make(tmp_path / "a.pdf", page))} == {0}


def test_what_runs_another_way_stands_at_the_end_and_in_no_sentence(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        set_at(canvas, 150, 250, 45, "DRAFT COPY", 80)
        prose()(canvas)
        compass(canvas)

    (page_,) = read(make(tmp_path / "a.pdf", page)).pages
    text = page_.text
    assert " ".join(text.split()).startswith(" ".join(SENTENCES[:1]))
    for sentence in SENTENCES:
        assert sentence in text
    tail = text[text.index("no more.") :].split("\n")[1:-1]
    assert sorted(tail) == ["Aslant it is", "DRAFT COPY", "Downwards it is", "Overhead it is", "Upwards it is"]
    ((up, *_), (down, *_)) = (boxes(page_, words) for words in ("Upwards it is", "Downwards it is"))
    assert up.x0 == pytest.approx(42 / WIDTH, abs=0.01)
    assert down.x1 == pytest.approx(560 / WIDTH, abs=0.01)
    assert up.y1 - up.y0 > 2 * (up.x1 - up.x0)


def boxes(page: Page, text: str):  # type: ignore[no-untyped-def]
    start = page.text.index(text)
    return page_boxes(page, start, start + len(text))


def test_a_table_set_sideways_on_an_upright_page_keeps_its_rows(tmp_path: Path) -> None:
    rows = [("", "2018", "2017"), ("Lamp oil", "1,577", "1,373"), ("Wages", "204", "198"), ("Glass", "31", "29")]

    def page(canvas: Canvas) -> None:
        prose()(canvas)
        canvas.translate(400, 100)
        canvas.rotate(90)
        for i, (label, new, old) in enumerate(rows):
            canvas.drawString(0, -13 * i, label)
            canvas.drawRightString(200, -13 * i, new)
            canvas.drawRightString(260, -13 * i, old)

    parsed = read(make(tmp_path / "a.pdf", page))
    text = parsed.pages[0].text
    assert text.index("Lamp oil  1,577  1,373\nWages  204  198\nGlass  31  29") > text.index(SENTENCES[-1])
    assert any("Lamp oil | 2018: 1,577 | 2017: 1,373" in passage.index_text for passage in parsed.passages)


def test_a_stamp_in_the_margin_of_every_page_is_left_out(tmp_path: Path) -> None:
    def page(n: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            set_at(canvas, 30, 200, 90, f"Downloaded by a reader, page {n}")
            if n == 2:
                set_at(canvas, 60, 200, 90, "Height of the tide")
            lines(canvas, [f"On page {n} the story goes on. {sentence}" for sentence in SENTENCES])

        return draw

    text = "".join(page.text for page in read(make(tmp_path / "a.pdf", *map(page, range(1, 7)))).pages)
    assert "Downloaded" not in text
    assert "Height of the tide" in text


def test_an_upright_running_head_over_a_table_set_sideways_is_left_out(tmp_path: Path) -> None:
    def upright(n: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            canvas.drawString(72, HEIGHT - 40, "A History of Cape Mornay")
            lines(canvas, [f"On page {n} the story goes on. {sentence}" for sentence in SENTENCES])

        return draw

    def sideways(canvas: Canvas) -> None:
        canvas.drawString(72, HEIGHT - 40, "A History of Cape Mornay")
        canvas.translate(WIDTH, 0)
        canvas.rotate(90)
        lines(canvas, SENTENCES, x=150, y=400)

    pages = read(make(tmp_path / "a.pdf", *map(upright, range(1, 6)), sideways)).pages
    assert not any("A History" in page.text for page in pages)
    assert SENTENCES[0] in pages[-1].text


# -------------------------------------------------------------------------------------------------------- ink


def rotate(degrees: int) -> Callable[[pypdf.PdfWriter], None]:
    def change(writer: pypdf.PdfWriter) -> None:
        writer.pages[0][NameObject("/Rotate")] = NumberObject(degrees)

    return change


def inherited(writer: pypdf.PdfWriter) -> None:
    page = writer.pages[0]
    page["/Parent"].get_object()[NameObject("/Rotate")] = NumberObject(90)  # type: ignore[index]
    page.pop("/Rotate", None)


def cropped(writer: pypdf.PdfWriter) -> None:
    writer.pages[0].cropbox = RectangleObject((50, 400, 500, 800))
    writer.pages[0][NameObject("/Rotate")] = NumberObject(270)


def shifted(writer: pypdf.PdfWriter) -> None:
    writer.pages[0].mediabox = RectangleObject((-100, -50, WIDTH, HEIGHT))
    writer.pages[0].cropbox = RectangleObject((20, 300, WIDTH - 10, HEIGHT + 200))  # larger than the media box


def scaled(writer: pypdf.PdfWriter) -> None:
    writer.pages[0][NameObject("/UserUnit")] = FloatObject(2)
    writer.pages[0][NameObject("/Rotate")] = NumberObject(-90)


@pytest.mark.parametrize(
    "change",
    [rotate(0), rotate(90), rotate(180), rotate(270), rotate(-90), rotate(450), inherited, cropped, shifted, scaled],
    ids=["plain", "90", "180", "270", "-90", "450", "inherited", "cropped", "shifted", "user units"],
)
def test_the_ink_of_a_page_lies_within_the_boxes_of_its_words(
    tmp_path: Path, change: Callable[[pypdf.PdfWriter], None]
) -> None:
    def page(canvas: Canvas) -> None:
        prose()(canvas)
        set_at(canvas, 300, 500, 90, "Height of tide")
        set_at(canvas, 400, 520, 180, "Overhead it is")

    path = rewritten(make(tmp_path / "plain.pdf", page), tmp_path / "a.pdf", change)
    (page_,) = read(path).pages
    ink = _ink(path)
    high, wide = ink.shape
    inside = np.zeros_like(ink)
    for x0, y0, x1, y1 in page_.words.boxes.tolist():
        part = slice(int(y0 * high), int(np.ceil(y1 * high))), slice(int(x0 * wide), int(np.ceil(x1 * wide)))
        assert ink[part].any(), "a word's box without ink"
        inside[part] = True
    assert (ink & inside).sum() > 0.995 * ink.sum()
    assert inside.mean() < 0.12


def _ink(path: Path) -> np.ndarray:
    document = pypdfium2.PdfDocument(path)
    try:
        return np.asarray(document[0].render(scale=2).to_pil().convert("L")) < 128
    finally:
        document.close()
