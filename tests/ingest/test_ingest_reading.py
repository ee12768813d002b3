"""Made pages, whose right reading is known."""

from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

import pypdf
import pypdfium2
import pytest
from ingest_pdfs import HEIGHT, SENTENCES, WIDTH, lines, make, prose, read, rewritten
from pypdf.constants import PageLabelStyle
from pypdf.generic import RectangleObject
from reportlab.pdfgen.canvas import Canvas

from rag.errors import NoText
from rag.spans import page_boxes, passage_slice
from rag.text import sentence_spans
from rag.types import Page, ParsedDocument, join_slices


def squeezed(text: str) -> str:
    return "".join(normalize("NFKC", text).split())


# ----------------------------------------------------------------------------------------------- golden pages


def test_lines_of_a_paragraph_are_joined_by_spaces_and_blocks_by_newlines(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(72, 760, "The light")
        canvas.setFont("Helvetica", 10)
        lines(canvas, ["The lighthouse at Cape Mornay was lit for the first", "time in 1874, by hand."], y=730)
        lines(canvas, ["Its lamp burned rape oil until the keeper changed", "to paraffin."], y=690)

    parsed = read(make(tmp_path / "a.pdf", page))
    assert parsed.pages[0].text == (
        "The light\n"
        "The lighthouse at Cape Mornay was lit for the first time in 1874, by hand.\n"
        "Its lamp burned rape oil until the keeper changed to paraffin.\n"
    )
    assert parsed.title == "The light"
    assert [(h.level, h.title, h.page) for h in parsed.outline] == [(1, "The light", 1)]
    (passage,) = parsed.passages
    assert passage.headings == ("The light",)
    assert passage.text == passage.index_text == parsed.pages[0].text.rstrip("\n")


def test_two_columns_are_read_one_after_the_other_even_when_drawn_row_by_row(tmp_path: Path) -> None:
    left = [f"left line {i} tells of the harbour and ships" for i in range(20)]
    right = [f"right line {i} tells of storms and the keeper" for i in range(20)]

    def by_column(canvas: Canvas) -> None:
        lines(canvas, left, x=60)
        lines(canvas, right, x=320)

    def by_row(canvas: Canvas) -> None:
        for i in range(20):
            canvas.drawString(60, 700 - 13 * i, left[i])
            canvas.drawString(320, 700 - 13 * i, right[i])

    wanted = " ".join([*left, *right])
    for n, draw in enumerate((by_column, by_row)):
        text = read(make(tmp_path / f"{n}.pdf", draw)).pages[0].text
        assert " ".join(text.split()) == wanted


def test_a_word_broken_at_a_lines_end_is_put_together_and_keeps_both_boxes(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["The keeper of the light-", "house had a well-", "known dog. A lighthouse is well-known."])

    page_ = read(make(tmp_path / "a.pdf", page)).pages[0]
    assert page_.text == "The keeper of the lighthouse had a well-known dog. A lighthouse is well-known.\n"
    start = page_.text.index("lighthouse")
    first, second = page_boxes(page_, start, start + len("lighthouse"))
    assert first.y1 < second.y1
    assert second.x0 < first.x0


def test_a_word_broken_over_two_pages_is_whole_in_its_passage(tmp_path: Path) -> None:
    def first(canvas: Canvas) -> None:
        lines(canvas, ["Every evening at the hour of dusk the keeper went up into his light-"], y=60)

    def second(canvas: Canvas) -> None:
        lines(canvas, ["house and lit the lamp of the lighthouse, which took him an hour."], y=760)

    parsed = read(make(tmp_path / "a.pdf", first, second))
    assert parsed.pages[0].text.endswith("his light\u00ad")
    (passage,) = parsed.passages
    assert passage.pages == (1, 2)
    assert "into his lighthouse and lit" in passage.text


def test_running_heads_and_page_numbers_are_left_out_and_become_labels(tmp_path: Path) -> None:
    def page(n: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            canvas.drawString(72, HEIGHT - 40, "A History of Cape Mornay")
            canvas.drawString(WIDTH / 2, 30, str(n + 16))
            lines(canvas, [f"On page {n} the story goes on. {sentence}" for sentence in SENTENCES])

        return draw

    parsed = read(make(tmp_path / "a.pdf", *map(page, range(1, 9))))
    assert [page.label for page in parsed.pages] == [str(n) for n in range(17, 25)]
    text = "".join(page.text for page in parsed.pages)
    assert "A History" not in text
    assert "\n24\n" not in text
    assert text.count("The lighthouse at Cape Mornay") == 8


def test_the_pdfs_own_labels_and_outline_come_first(tmp_path: Path) -> None:
    def change(writer: pypdf.PdfWriter) -> None:
        writer.set_page_label(0, 1, style=PageLabelStyle.LOWERCASE_ROMAN)
        writer.set_page_label(2, 3, style=PageLabelStyle.DECIMAL)
        parent = writer.add_outline_item(title="Part one", page_number=0)
        writer.add_outline_item(title="The storm", page_number=2, parent=parent)
        writer.add_metadata({"/Title": "Cape Mornay", "/Author": "E. Keeper"})

    plain = make(tmp_path / "plain.pdf", prose(), prose(), prose(), prose())
    parsed = read(rewritten(plain, tmp_path / "a.pdf", change))
    assert [page.label for page in parsed.pages] == ["i", "ii", "1", "2"]
    assert [(h.level, h.title, h.page) for h in parsed.outline] == [(1, "Part one", 1), (2, "The storm", 3)]
    assert (parsed.title, parsed.author) == ("Cape Mornay", "E. Keeper")


def test_a_footnote_does_not_stand_between_the_parts_of_a_sentence(tmp_path: Path) -> None:
    def first(canvas: Canvas) -> None:
        lines(canvas, [*SENTENCES, "When at last the wind had fallen the keeper went down to"], y=200)
        canvas.setFont("Helvetica", 7)
        canvas.drawString(72, 60, "1 The harbour book of 1891 tells it otherwise.")

    def second(canvas: Canvas) -> None:
        lines(canvas, ["the boats, and counted every one of them twice. None was missing."], y=760)

    parsed = read(make(tmp_path / "a.pdf", first, second))
    whole = "When at last the wind had fallen the keeper went down to the boats, and counted every one of them twice."
    assert any(whole in passage.text for passage in parsed.passages)
    assert parsed.passages[-1].text == "1 The harbour book of 1891 tells it otherwise."


def table(canvas: Canvas) -> None:
    rows = [("", "2018", "2017"), ("Lamp oil", "1,577", "1,373"), ("Wages", "(204)", "198"), ("Glass", "$ 31", "$ 29")]
    lines(canvas, [SENTENCES[0]], y=730)
    canvas.drawString(72, 705, "Costs of the light (in pounds)")
    for i, (label, new, old) in enumerate(rows):
        canvas.drawString(72, 690 - 13 * i, label)
        canvas.drawRightString(300, 690 - 13 * i, new)
        canvas.drawRightString(380, 690 - 13 * i, old)


def test_rows_keep_their_numbers_and_are_searched_with_the_headings_of_their_columns(tmp_path: Path) -> None:
    parsed = read(make(tmp_path / "a.pdf", table))
    (passage,) = [passage for passage in parsed.passages if passage.kind == "table"]
    assert "Lamp oil  1,577  1,373\nWages  (204)  198" in passage.text
    assert "Lamp oil | 2018: 1,577 | 2017: 1,373\nWages | 2018: (204) | 2017: 198" in passage.index_text
    assert "Glass | 2018: $31 | 2017: $29" in passage.index_text
    assert "Costs of the light (in pounds)" in passage.index_text


def test_pages_without_text_say_why_and_the_others_are_kept(tmp_path: Path) -> None:
    def picture(canvas: Canvas) -> None:
        canvas.drawInlineImage(_grey(), 20, 20, WIDTH - 40, HEIGHT - 40)

    parsed = read(make(tmp_path / "a.pdf", prose(), picture, lambda canvas: None))
    assert [page.source for page in parsed.pages] == ["text", "image", "empty"]
    assert "OCR" in (parsed.pages[1].reason or "")
    assert parsed.body_pages == 1
    with pytest.raises(NoText, match=r"scan\.pdf has no text.*2 pictures.*1 empty.*OCR"):
        read(make(tmp_path / "scan.pdf", picture, picture, lambda canvas: None))


def _grey() -> object:
    from PIL import Image

    return Image.new("L", (40, 60), 128)


# ------------------------------------------------------------------------------------------- words and boxes


def text_within(path: Path, page: Page, start: int, end: int, *, upright: bool) -> str:
    """What pdfium finds in the rectangles of a range: boxes of the displayed page, back to the page's own space."""
    document = pypdfium2.PdfDocument(path)
    sheet = document[page.number - 1]
    textpage = sheet.get_textpage()
    found = []
    for box in page_boxes(page, start, end):
        across = (box.x1 - box.x0) * page.width > (
            box.y1 - box.y0
        ) * page.height  # else upright: lines lie side by side
        in_x, in_y = (0, (box.y1 - box.y0) * 0.25) if across else ((box.x1 - box.x0) * 0.25, 0)
        corners = [own_point(sheet, box.x0 + in_x, box.y0 + in_y), own_point(sheet, box.x1 - in_x, box.y1 - in_y)]
        (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*corners, strict=True))
        found.append(textpage.get_text_bounded(x0 - 0.2, y0 - 0.2, x1 + 0.2, y1 + 0.2))
    document.close()
    return squeezed("".join(found))


def own_point(sheet: object, x: float, y: float) -> tuple[float, float]:
    import ctypes

    import pypdfium2.raw as pdfium

    own_x, own_y = ctypes.c_double(), ctypes.c_double()
    grid = 1 << 20
    pdfium.FPDF_DeviceToPage(
        sheet.raw, 0, 0, grid, grid, 0, round(x * grid), round(y * grid), ctypes.byref(own_x), ctypes.byref(own_y)
    )
    return own_x.value, own_y.value


def rotate(degrees: int) -> Callable[[pypdf.PdfWriter], None]:
    return lambda writer: writer.pages[0].rotate(degrees) and None


def crop(writer: pypdf.PdfWriter) -> None:
    writer.pages[0].cropbox = RectangleObject((50, 400, 500, 800))


def crop_and_rotate(writer: pypdf.PdfWriter) -> None:
    crop(writer)
    writer.pages[0].rotate(90)


def sideways(canvas: Canvas) -> None:
    """Text that reads upright once the page is turned by 90 degrees."""
    canvas.translate(WIDTH, 0)
    canvas.rotate(90)
    lines(canvas, SENTENCES, x=410, y=400)


@pytest.mark.parametrize(
    ("draw", "change", "upright"),
    [
        (prose(), lambda writer: None, False),
        (prose(), crop, False),
        (sideways, rotate(90), False),
        (sideways, rotate(450), False),
        (sideways, lambda writer: None, True),
        (sideways, rotate(180), True),
        (sideways, crop, True),
    ],
    ids=["plain", "cropped", "rotated", "rotated twice", "upwards", "downwards", "upwards, cropped"],
)
def test_the_boxes_of_a_sentence_hold_exactly_that_sentence(
    tmp_path: Path, draw: Callable[[Canvas], None], change: Callable[[pypdf.PdfWriter], None], upright: bool
) -> None:
    path = rewritten(make(tmp_path / "plain.pdf", draw), tmp_path / "a.pdf", change)
    (page,) = read(path).pages
    for sentence in SENTENCES:
        start = page.text.index(sentence)
        assert text_within(path, page, start, start + len(sentence), upright=upright) == squeezed(sentence)


def test_the_boxes_of_a_page_turned_upside_down_are_turned_with_it(tmp_path: Path) -> None:
    plain = make(tmp_path / "plain.pdf", prose())
    turned = rewritten(plain, tmp_path / "a.pdf", rotate(180))
    upright, upset = (sorted(_boxes_by_word(read(path).pages[0])) for path in (plain, turned))
    mirrored = sorted((word, 1 - x1, 1 - y1, 1 - x0, 1 - y0) for word, x0, y0, x1, y1 in upset)
    assert [word for word, *_ in upright] == [word for word, *_ in mirrored]
    for (_, *box), (_, *other) in zip(upright, mirrored, strict=True):
        assert box == pytest.approx(other, abs=1e-4)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_lines_in_pieces_are_read_alike_however_the_page_is_rotated(tmp_path: Path, degrees: int) -> None:
    def in_pieces(canvas: Canvas) -> None:
        for i, sentence in enumerate(SENTENCES):
            x = 72.0
            for word in sentence.split():  # two text objects a word, as programs that kern write them
                for piece in (word[:2], word[2:] + " "):
                    canvas.drawString(x, 700 - 14 * i, piece)
                    x += canvas.stringWidth(piece)

    plain = make(tmp_path / "plain.pdf", in_pieces)
    turned = rewritten(plain, tmp_path / "a.pdf", rotate(degrees))
    assert read(plain).pages[0].text.startswith(SENTENCES[0])
    assert read(turned).pages[0].text == read(plain).pages[0].text


def test_words_that_are_cropped_away_are_not_read(tmp_path: Path) -> None:
    def cut_the_first_lines_off(writer: pypdf.PdfWriter) -> None:
        writer.pages[0].cropbox = RectangleObject((50, 400, 500, 680))

    plain = make(tmp_path / "plain.pdf", prose())
    (page,) = read(rewritten(plain, tmp_path / "a.pdf", cut_the_first_lines_off)).pages
    assert SENTENCES[0] not in page.text
    assert SENTENCES[-1] in page.text


def _boxes_by_word(page: Page) -> list[tuple[str, float, float, float, float]]:
    words = page.words
    return [
        (page.text[start:end], *(round(float(side), 5) for side in box))
        for start, end, box in zip(words.starts, words.ends, words.boxes, strict=True)
    ]


def test_the_boxes_of_a_cropped_page_are_fractions_of_what_is_shown(tmp_path: Path) -> None:
    (page,) = read(rewritten(make(tmp_path / "plain.pdf", prose(x=72)), tmp_path / "a.pdf", crop)).pages
    assert (page.width, page.height) == (450, 400)
    box = page_boxes(page, 0, 3)[0]
    assert box.x0 == pytest.approx((72 - 50) / 450, abs=0.005)
    assert box.y0 < (800 - 700) / 400 < box.y1 + 0.01


# --------------------------------------------------------------------------------------------- what always holds


def holds(parsed: ParsedDocument) -> None:
    texts = {page.number: page.text for page in parsed.pages}
    for number, passage in enumerate(parsed.passages):
        assert passage.number == number
        assert passage.text.strip() == passage.text != ""
        assert join_slices([texts[s.page][s.start : s.end] for s in passage.spans])[0] == passage.text
        for start, end in sentence_spans(passage.text):
            spans = passage_slice(passage, texts, start, end)
            slices = [texts[s.page][s.start : s.end] for s in spans]
            assert join_slices(slices)[0] == passage.text[start:end]
            assert any(page_boxes(parsed.pages[s.page - 1], s.start, s.end) for s in spans)
    for page in parsed.pages:
        words = page.words
        assert (words.starts < words.ends).all()
        assert (words.ends[:-1] <= words.starts[1:]).all()
        assert ((words.boxes >= 0) & (words.boxes <= 1)).all()
        in_words = "".join(page.text[a:b] for a, b in zip(words.starts, words.ends, strict=True))
        assert in_words == "".join(page.text.replace("\u00ad", "").split())


def every_word_is_in_a_passage(parsed: ParsedDocument) -> None:
    for page in parsed.pages:
        covered = bytearray(len(page.text))
        for passage in parsed.passages:
            for span in passage.spans:
                if span.page == page.number:
                    assert not any(covered[span.start : span.end]), "a character stands in two passages"
                    covered[span.start : span.end] = b"\1" * (span.end - span.start)
        assert not "".join(c for c, known in zip(page.text, covered, strict=True) if not known).strip()


def test_passages_of_made_pages_are_exact_and_complete(tmp_path: Path) -> None:
    many = ["".join(f"{s} " for s in SENTENCES[:2]) + f"Year {i}." for i in range(30)]
    parsed = read(make(tmp_path / "a.pdf", lambda c: lines(c, many), table, prose(), lambda c: lines(c, many)))
    holds(parsed)
    every_word_is_in_a_passage(parsed)
    assert all(len(passage.text) <= 900 for passage in parsed.passages)


DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize("name", ["typeset/ieee", "typeset/scr_art2", "filings/pdfs/AMCOR_2023Q4_EARNINGS"])
def test_passages_of_real_documents_are_exact_and_complete(name: str) -> None:
    parsed = read(DATA / f"{name}.pdf")
    holds(parsed)
    every_word_is_in_a_passage(parsed)


# ------------------------------------------------------------------------------------- what is no running head


def _slide(title: str, body: list[str]) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 24)
        canvas.drawString(72, 770, title)
        canvas.setFont("Helvetica", 12)
        lines(canvas, body, y=690)

    return draw


def test_the_titles_of_slides_are_text_although_they_stand_at_one_height(tmp_path: Path) -> None:
    titles = ["Why rivers bend", "How deltas grow", "Where salt goes", "What the tide does", "When ice breaks"]
    parsed = read(make(tmp_path / "a.pdf", *(_slide(t, ["One point is made here.", "Then another."]) for t in titles)))
    assert [page.text.split("\n")[0] for page in parsed.pages] == titles


def test_the_only_line_of_a_page_is_text(tmp_path: Path) -> None:
    said = ["The Danube rises in the Black Forest.", "The Rhine rises in the Alps.", "The Oder rises in Moravia."]
    parsed = read(make(tmp_path / "a.pdf", *(lambda canvas, s=s: lines(canvas, [s], y=770) for s in said)))
    assert [page.text.strip() for page in parsed.pages] == said
