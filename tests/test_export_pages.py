"""Cited pages as a PDF: opened with pdfium and pypdf, and looked at."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from pypdf.annotations import Text
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from rag.errors import InputError
from rag.export.pdf import binding
from rag.export.pdf.cited import CitedPages, cited_pages
from rag.export.pdf.plan import answers_of, leaves
from rag.export.transcript import Exchange, Note
from rag.ingest.files import alike
from rag.ingest.files.pdf import PDFIUM_LOCK
from rag.ingest.files.render import PageRenderer
from rag.types import Answer, Box, Citation, Claim, Document

canvas = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab makes the test PDFs: pip install '.[dev]'")

SENTENCES = ["The lamp was lit in 1874.", "It burned rape oil.", "Ships whistled three times at dawn."]
WIDTH, HEIGHT = 400, 600
Change = Callable[[pypdf.PdfWriter], None]


class Shelf:
    """Files in the place of a library; a document's id is its name without the ending."""

    def __init__(self, *paths: Path, older: dict[str, str] | None = None) -> None:
        self.paths = {path.stem: path for path in paths}
        self.renderer = PageRenderer()
        self.older = older or {}

    def documents(self) -> list[Document]:
        return [Document(id_, path.name, "", "ready", 9, 1, 0.0) for id_, path in self.paths.items()]

    def file(self, document: Document) -> Path:
        return self.paths[document.id]

    def labels(self, name_or_id: str) -> dict[int, str | None]:
        return {page: str(page - 2) if page > 2 else None for page in range(1, 10)}

    def sizes(self, name_or_id: str) -> list[tuple[float, float]]:
        with_pages = pypdfium2.PdfDocument(self.paths[name_or_id])
        try:
            sizes = []
            for i in range(len(with_pages)):
                try:
                    sizes.append(with_pages.get_page_size(i))
                except pypdfium2.PdfiumError:
                    sizes.append((1.0, 1.0))
            return sizes
        finally:
            with_pages.close()

    def page_image(self, name_or_id: str, page: int, width: int) -> bytes:
        return self.renderer.jpeg(self.paths[name_or_id], page, width)

    def older_versions(self) -> dict[str, str]:
        return self.older


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a PDF with three sentences a page, and changes it."""

    def make(name: str = "report.pdf", n_pages: int = 1, change: Change | None = None) -> Path:
        path = tmp_path / name
        drawn = canvas.Canvas(str(path), pagesize=(WIDTH, HEIGHT), invariant=1)
        for n in range(1, n_pages + 1):
            drawn.setFont("Helvetica", 12)
            for i, sentence in enumerate(SENTENCES):
                drawn.drawString(60, 400 - 40 * i, f"Page {n}. {sentence}")
            drawn.showPage()
        drawn.save()
        if change is not None:
            writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(path.read_bytes())))
            change(writer)
            writer.write(path)
        return path

    return make


def found_on(path: Path | bytes, number: int, text: str) -> tuple[Box, ...]:
    """Where pdfium finds a text on a page, as fractions of what is displayed."""
    document = pypdfium2.PdfDocument(path)
    page = document[number - 1]
    textpage = page.get_textpage()
    at, length = textpage.search(text).get_next()
    boxes = []
    for i in range(textpage.count_rects(at, length)):
        left, bottom, right, top = textpage.get_rect(i)
        corners = [_displayed(page, x, y) for x, y in ((left, top), (right, bottom))]
        xs, ys = zip(*corners, strict=True)
        boxes.append(Box(number, min(xs), min(ys), max(xs), max(ys)))
    document.close()
    return tuple(boxes)


def _displayed(page: Any, x: float, y: float) -> tuple[float, float]:
    n, across, down = 1 << 20, ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, n, n, 0, x, y, across, down)
    return across.value / n, down.value / n


def cited(path: Path, page: int, quote: str, marker: int = 1, **more: Any) -> Citation:
    boxes = found_on(path, page, quote)
    return Citation(marker, path.stem, path.name, page, None, quote, (), boxes, **more)


def answered(*citations: Citation, question: str = "When was it lit?") -> Answer:
    claims = tuple(Claim(f"Claim of {c.quote}", (c,), "verbatim") for c in citations)
    return Answer(question, "extractive", "", claims, (), abstained=False)


def exported(shelf: Shelf, *answers: Answer, title: str = "When was it lit?") -> CitedPages:
    return cited_pages(shelf, title, answers)


def reader(made: CitedPages) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made.data))


def annotations(page: Any, kind: str) -> list[Any]:
    return [a.get_object() for a in page.get("/Annots", ()) if a.get_object()["/Subtype"] == kind]


def picture(data: bytes, number: int = 1, scale: float = 2.0) -> Any:
    """A page as displayed, height x width x red, green, blue."""
    document = pypdfium2.PdfDocument(data)
    image = document[number - 1].render(scale=scale).to_pil().convert("RGB")
    document.close()
    return np.asarray(image).astype(int)


def part(image: Any, box: Box) -> Any:
    height, width = image.shape[:2]
    return image[int(box.y0 * height) : int(box.y1 * height) + 1, int(box.x0 * width) : int(box.x1 * width) + 1]


def tint(pixels: Any) -> float:
    """How much of it is coloured: shares of pixels whose red and blue differ."""
    return float((np.abs(pixels[..., 0] - pixels[..., 2]) > 40).mean())


# ------------------------------------------------------------------------------------------------------ highlights


def cropped(writer: pypdf.PdfWriter) -> None:
    writer.pages[0].cropbox = pypdf.generic.RectangleObject((40, 250, 350, 500))


def offset(writer: pypdf.PdfWriter) -> None:
    """The same page, all of it moved: its media box does not begin at 0, 0."""
    page = writer.pages[0]
    page.add_transformation(pypdf.Transformation().translate(1000, -700))
    page[NameObject("/MediaBox")] = ArrayObject(map(FloatObject, (1000, -700, 1000 + WIDTH, -700 + HEIGHT)))
    page.pop("/CropBox", None)


def both(writer: pypdf.PdfWriter) -> None:
    offset(writer)
    writer.pages[0][NameObject("/CropBox")] = ArrayObject(map(FloatObject, (1350, -200, 1040, -9000)))  # any order


def large(writer: pypdf.PdfWriter) -> None:
    writer.pages[0][NameObject("/UserUnit")] = FloatObject(2.5)


@pytest.mark.parametrize("turn", [0, 90, 180, 270, -90])
@pytest.mark.parametrize("change", [None, cropped, offset, both, large])
def test_the_highlight_lies_on_the_sentence_however_the_page_is_turned_and_cut(
    made: Callable[..., Path], turn: int, change: Change | None
) -> None:
    def changed(writer: pypdf.PdfWriter) -> None:
        if change is not None:
            change(writer)
        writer.pages[0][NameObject("/Rotate")] = NumberObject(turn)

    path = made(change=changed)
    citation = cited(path, 1, SENTENCES[1])
    export = exported(Shelf(path), answered(citation))
    assert export.remarks == ()
    page = reader(export).pages[0]
    (highlight,) = annotations(page, "/Highlight")

    # the corners of the annotation, in the page's own coordinates, hold the quote and nothing else
    corners = np.array([float(n) for n in highlight["/QuadPoints"]]).reshape(-1, 2)
    document = pypdfium2.PdfDocument(export.data)
    (left, bottom), (right, top) = corners.min(0), corners.max(0)
    assert document[0].get_textpage().get_text_bounded(left, bottom, right, top).strip() == SENTENCES[1]
    displayed = [_displayed(document[0], x, y) for x, y in corners]
    document.close()
    (top_left, top_right, bottom_left, bottom_right) = displayed
    assert top_left[0] < top_right[0] and bottom_left[0] < bottom_right[0]
    assert top_left[1] < bottom_left[1] and top_right[1] < bottom_right[1]

    # it is seen there, and nowhere else but for the note in the top right corner
    image, (box,) = picture(export.data), citation.boxes
    assert tint(part(image, box)) > 0.6
    assert part(image, box).min() < 90, "the words can still be read"
    here = part(image, box).copy()
    part(image, box)[:] = 255
    assert here.size
    corner = image[: image.shape[0] // 4, image.shape[1] * 3 // 4 :]
    assert tint(corner) > 0
    corner[:] = 255
    rows = np.abs(image[..., 0] - image[..., 2]).max()
    assert rows < 60, "no colour beside the sentence"


def test_a_highlight_says_its_claim_and_whose_it_is(made: Callable[..., Path]) -> None:
    path = made()
    export = exported(Shelf(path), answered(cited(path, 1, SENTENCES[0]), cited(path, 1, SENTENCES[2], 2)))
    first, second = annotations(reader(export).pages[0], "/Highlight")
    assert first["/Contents"] == f"[1] Claim of {SENTENCES[0]}"
    assert second["/Contents"] == f"[2] Claim of {SENTENCES[2]}"
    assert first["/T"] == second["/T"] == "Footnote"
    assert first["/C"] != second["/C"], "each claim has its colour"
    assert first["/NM"] != second["/NM"]
    assert first.raw_get("/P").idnum == reader(export).pages[0].indirect_reference.idnum


def test_a_place_that_two_claims_rest_on_is_painted_once(made: Callable[..., Path]) -> None:
    path = made()
    export = exported(Shelf(path), answered(cited(path, 1, SENTENCES[0]), cited(path, 1, SENTENCES[0], 2)))
    (highlight,) = annotations(reader(export).pages[0], "/Highlight")
    assert highlight["/Contents"] == f"[1] Claim of {SENTENCES[0]}\n[2] Claim of {SENTENCES[0]}"


def test_a_footnote_that_does_not_support_its_claim_says_so(made: Callable[..., Path]) -> None:
    path = made()
    claim = Claim("It was lit in 1900.", (cited(path, 1, SENTENCES[0]),), "contradicted")
    answer = Answer("When?", "grounded", "", (claim,), (), abstained=False)
    (highlight,) = annotations(reader(exported(Shelf(path), answer)).pages[0], "/Highlight")
    assert highlight["/Contents"] == "[1] It was lit in 1900. (this passage says otherwise)"


def test_the_part_that_answers_is_deeper(made: Callable[..., Path]) -> None:
    path = made()
    focus = found_on(path, 1, "1874")
    export = exported(Shelf(path), answered(cited(path, 1, SENTENCES[0], focus=focus)))
    image, (box,) = picture(export.data, scale=4), focus
    at = found_on(path, 1, "The lamp")[0]
    assert np.median(part(image, box)[..., 2]) < np.median(part(image, at)[..., 2]) - 30
    (highlight,) = annotations(reader(export).pages[0], "/Highlight")
    assert len(highlight["/QuadPoints"]) == 8


def test_the_figure_of_a_cited_caption_is_framed(made: Callable[..., Path]) -> None:
    path = made(n_pages=2)
    figure = Box(1, 0.2, 0.5, 0.8, 0.9)
    export = exported(Shelf(path), answered(cited(path, 2, SENTENCES[0], figure=figure)))
    first, second = reader(export).pages
    assert (len(annotations(first, "/Highlight")), len(annotations(first, "/Square"))) == (1, 0)
    (square,) = annotations(second, "/Square")
    assert [round(float(n)) for n in square["/Rect"]] == [80, 60, 320, 300]
    assert square["/Contents"] == f"[1] Claim of {SENTENCES[0]}"
    image = picture(export.data, 2)
    assert tint(image[1000:1060, 158:166]) > 0.2
    assert tint(image[1000:1060, 200:600]) == 0


def test_a_highlight_on_a_dark_page_is_seen_too(made: Callable[..., Path]) -> None:
    def darkened(writer: pypdf.PdfWriter) -> None:
        content = writer.pages[0].get_contents()
        dark = DecodedStreamObject()
        dark.set_data(b"0 g 0 0 400 600 re f 1 g " + content.get_data())
        writer.pages[0][NameObject("/Contents")] = writer._add_object(dark)

    path = made(change=darkened)
    citation = cited(path, 1, SENTENCES[0])
    export = exported(Shelf(path), answered(citation))
    assert tint(part(picture(export.data, scale=4), citation.boxes[0])) > 0.05


def test_a_quote_that_goes_on_overleaf_is_marked_on_both_pages(made: Callable[..., Path]) -> None:
    path = made(n_pages=3)
    boxes = (*found_on(path, 2, SENTENCES[2]), *found_on(path, 3, SENTENCES[0]))
    citation = replace(cited(path, 2, SENTENCES[2]), boxes=boxes)
    pages = reader(exported(Shelf(path), answered(citation))).pages
    assert [len(annotations(page, "/Highlight")) for page in pages] == [1, 1]
    assert [len(annotations(page, "/Text")) for page in pages] == [1, 0]


# ----------------------------------------------------------------------------------------- notes, pages, what is said


def test_question_and_answer_are_a_note_in_the_top_corner(made: Callable[..., Path]) -> None:
    path = made()
    export = exported(Shelf(path), answered(cited(path, 1, SENTENCES[0]), question="When was\nit lit?"))
    (note,) = annotations(reader(export).pages[0], "/Text")
    said = str(note["/Contents"]).replace("\r", "\n")
    assert said == f"When was it lit?\n\nClaim of {SENTENCES[0]} [1]\n\n[1] report.pdf, p. 1"
    assert note["/T"] == "Footnote"
    left, bottom, right, top = map(float, note["/Rect"])
    assert WIDTH - 40 < left < right < WIDTH and HEIGHT - 40 < bottom < top < HEIGHT
    corner = picture(export.data)[:60, -60:]
    assert tint(corner) > 0.1


def test_pages_stand_in_the_order_of_citation_and_each_once(made: Callable[..., Path]) -> None:
    report, annex = made("report.pdf", 5), made("annex.pdf", 3)
    answer = answered(
        cited(report, 4, SENTENCES[0], 1),
        cited(annex, 2, SENTENCES[0], 2),
        cited(report, 2, SENTENCES[0], 3),
        cited(report, 4, SENTENCES[1], 4),
    )
    export = exported(Shelf(report, annex), answer)
    assert (export.n_pages, export.n_documents, export.remarks) == (3, 2, ())
    opened = reader(export)
    texts = [page.extract_text()[:7] for page in opened.pages]
    assert texts == ["Page 4.", "Page 2.", "Page 2."]
    names = ["report.pdf, p. 2 (PDF 4)", "report.pdf, p. 2", "annex.pdf, p. 2"]
    assert opened.page_labels == names
    assert [entry.title for entry in opened.outline] == names
    assert [opened.get_destination_page_number(entry) for entry in opened.outline] == [0, 1, 2]
    assert [len(annotations(page, "/Text")) for page in opened.pages] == [1, 0, 1], "a note for each document"
    document = pypdfium2.PdfDocument(export.data)
    assert [document.get_page_label(i) for i in range(3)] == names
    document.close()


def test_the_file_says_the_question_and_nothing_of_the_originals(made: Callable[..., Path]) -> None:
    def revealing(writer: pypdf.PdfWriter) -> None:
        writer.add_metadata({"/Author": "Ann Secret", "/Title": "Draft Secret", "/Keywords": "Secret"})
        writer.add_attachment("secret.txt", b"Secret")
        writer.root_object[NameObject("/OpenAction")] = action("JavaScript", JS=TextStringObject("app.alert('Secret')"))
        hidden = DecodedStreamObject()
        hidden.set_data(b"<x>Secret</x>")
        writer.root_object[NameObject("/Metadata")] = writer._add_object(hidden)
        private = DictionaryObject({NameObject("/Author"): TextStringObject("Secret")})
        writer.pages[0][NameObject("/PieceInfo")] = private
        writer.pages[0][NameObject("/Metadata")] = writer._add_object(hidden)

    path = made(change=revealing)
    assert b"Secret" in path.read_bytes()
    export = exported(Shelf(path), answered(cited(path, 1, SENTENCES[0])), title="Ist «é» da?")
    assert b"Secret" not in export.data
    info = reader(export).metadata
    assert info is not None
    assert (info.title, info.producer, info.creator, info.author) == ("Ist «é» da?", "Footnote", "Footnote", None)
    root = reader(export).trailer["/Root"]
    assert not {"/Names", "/OpenAction", "/AcroForm", "/AA", "/Metadata", "/StructTreeRoot"} & set(root)


# ---------------------------------------------------------------------------------------------- what comes along


def link(writer: pypdf.PdfWriter, page: int, x: float, **entries: Any) -> None:
    annotation = DictionaryObject(
        {NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Link")}
    )
    annotation[NameObject("/Rect")] = ArrayObject(map(FloatObject, (x, 20, x + 20, 40)))
    annotation.update({NameObject(f"/{name}"): value for name, value in entries.items()})
    writer.pages[page].setdefault(NameObject("/Annots"), ArrayObject()).append(writer._add_object(annotation))


def action(kind: str, **entries: Any) -> DictionaryObject:
    made = DictionaryObject({NameObject("/S"): NameObject(f"/{kind}")})
    made.update({NameObject(f"/{name}"): value for name, value in entries.items()})
    return made


def test_links_stay_where_they_lead_to_the_web_or_into_the_export(made: Callable[..., Path]) -> None:
    def linked(writer: pypdf.PdfWriter) -> None:
        def place(n: int) -> ArrayObject:
            return ArrayObject([writer.pages[n].indirect_reference, NameObject("/XYZ"), FloatObject(0), FloatObject(9)])

        writer.add_named_destination_array(TextStringObject("third"), place(2))
        writer.root_object[NameObject("/Dests")] = DictionaryObject({NameObject("/second"): place(1)})
        link(writer, 0, 10, Dest=place(1))  # not in the export
        link(writer, 0, 40, Dest=place(2))
        link(writer, 0, 70, A=action("GoTo", D=TextStringObject("third")))
        link(writer, 0, 100, A=action("GoTo", D=NameObject("/second")))  # not in the export
        link(writer, 0, 130, A=action("URI", URI=TextStringObject("https://example.org")))
        link(writer, 0, 160, A=action("JavaScript", JS=TextStringObject("app.alert(1)")))
        link(writer, 0, 190, A=action("Launch", F=TextStringObject("calc.exe")))
        for i, address in enumerate(("javascript:run(1)", "file:///calc.txt", " JavaScript:run(2)", "calc.txt")):
            link(writer, 0, 220 + 20 * i, A=action("URI", URI=TextStringObject(address)))
        link(writer, 0, 320, A=action("URI", URI=TextStringObject("MailTo:keeper@example.org")))

    path = made(n_pages=3, change=linked)
    export = exported(Shelf(path), answered(cited(path, 1, SENTENCES[0]), cited(path, 3, SENTENCES[0], 2)))
    opened = reader(export)
    kept = annotations(opened.pages[0], "/Link")
    assert [float(a["/Rect"][0]) for a in kept] == [40, 70, 130, 320]
    for a in kept[:2]:
        assert a["/Dest"][0].get_object() == opened.pages[1]
    assert kept[2]["/A"]["/URI"] == "https://example.org"
    for gone in (b"app.alert", b"calc.exe", b"run(", b"calc.txt"):
        assert gone not in export.data


def test_a_page_keeps_its_own_notes_and_the_looks_of_its_form_but_not_the_form(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    drawn = canvas.Canvas(str(path), pagesize=(WIDTH, HEIGHT), invariant=1)
    drawn.drawString(60, 400, SENTENCES[0])
    drawn.acroForm.textfield(name="who", x=60, y=200, width=100, height=30, value="Humboldt", fillColor=None)
    drawn.showPage()
    drawn.save()
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(path.read_bytes())))
    note = Text(text="Mine", rect=(10, 10, 30, 30))
    writer.add_annotation(0, note)
    writer.write(path)
    export = exported(Shelf(path), answered(cited(path, 1, SENTENCES[0])))
    page = reader(export).pages[0]
    assert annotations(page, "/Widget") == []
    assert "/AcroForm" not in reader(export).trailer["/Root"]
    assert next(a["/Contents"] for a in annotations(page, "/Text")) == "Mine"
    assert len(annotations(page, "/Stamp")) == 1
    field = part(picture(export.data), Box(1, 60 / WIDTH, 1 - 230 / HEIGHT, 160 / WIDTH, 1 - 200 / HEIGHT))
    assert field.min() < 100, "the name in the field is still seen"


def test_a_page_of_a_file_with_much_in_it_is_small(made: Callable[..., Path]) -> None:
    """All pages share one dictionary of pictures, and an outline and links tie them together."""

    def heavy(writer: pypdf.PdfWriter) -> None:
        shared = DictionaryObject()
        noise = np.random.default_rng(1)
        for n in range(30):
            stream = DecodedStreamObject()
            stream.set_data(noise.integers(0, 256, 20_000, np.uint8).tobytes())
            stream.update(
                {
                    NameObject("/Type"): NameObject("/XObject"),
                    NameObject("/Subtype"): NameObject("/Image"),
                    NameObject("/Width"): NumberObject(200),
                    NameObject("/Height"): NumberObject(100),
                    NameObject("/ColorSpace"): NameObject("/DeviceGray"),
                    NameObject("/BitsPerComponent"): NumberObject(8),
                }
            )
            shared[NameObject(f"/Im{n}")] = writer._add_object(stream)
        for n, page in enumerate(writer.pages):
            page["/Resources"][NameObject("/XObject")] = shared
            content = DecodedStreamObject()
            content.set_data(page.get_contents().get_data() + f" q 100 0 0 50 60 100 cm /Im{n} Do Q".encode())
            page[NameObject("/Contents")] = writer._add_object(content)
            for other in writer.pages:
                link(writer, n, 10, Dest=ArrayObject([other.indirect_reference, NameObject("/Fit")]))
            writer.add_outline_item(title=f"Part {n}", page_number=n)

    path = made(n_pages=30, change=heavy)
    assert path.stat().st_size > 600_000
    export = exported(Shelf(path), answered(cited(path, 7, SENTENCES[0]), cited(path, 9, SENTENCES[0], 2)))
    assert export.remarks == ()
    assert 40_000 < len(export.data) < 55_000, "two pictures, and little besides"
    names = [list(page["/Resources"]["/XObject"]) for page in reader(export).pages]
    assert names == [["/Im6"], ["/Im8"]]


def test_what_several_pages_share_is_there_once(made: Callable[..., Path]) -> None:
    path = made(n_pages=6)
    one = exported(Shelf(path), answered(cited(path, 1, SENTENCES[0])))
    six = exported(Shelf(path), answered(*(cited(path, n, SENTENCES[0], n) for n in range(1, 7))))
    fonts = {page["/Resources"]["/Font"].raw_get("/F1").idnum for page in reader(six).pages}
    assert len(fonts) == 1
    assert len(six.data) < 5 * len(one.data)


def test_a_layer_that_is_off_stays_off(made: Callable[..., Path]) -> None:
    def layered(writer: pypdf.PdfWriter) -> None:
        groups = [
            writer._add_object(
                DictionaryObject(
                    {NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject(f"Layer {n}")}
                )
            )
            for n in range(2)
        ]
        page = writer.pages[0]
        page["/Resources"][NameObject("/Properties")] = DictionaryObject(
            {NameObject(f"/L{n}"): group for n, group in enumerate(groups)}
        )
        content = DecodedStreamObject()
        shapes = b" /OC /L0 BDC 1 0 0 rg 60 100 100 50 re f EMC /OC /L1 BDC 0 0 1 rg 200 100 100 50 re f EMC"
        content.set_data(page.get_contents().get_data() + shapes)
        page[NameObject("/Contents")] = writer._add_object(content)
        default = DictionaryObject({NameObject("/OFF"): ArrayObject([groups[1]])})
        writer.root_object[NameObject("/OCProperties")] = DictionaryObject(
            {NameObject("/OCGs"): ArrayObject(groups), NameObject("/D"): default}
        )

    path = made(change=layered)
    export = exported(Shelf(path), answered(cited(path, 1, SENTENCES[0])))
    assert export.remarks == ()
    image = picture(export.data, scale=1)
    assert image[HEIGHT - 125, 110].tolist() == [255, 0, 0]
    assert image[HEIGHT - 125, 250].tolist() == [255, 255, 255]


def test_pages_are_compared_one_at_a_time_so_that_others_can_be_drawn_meanwhile(
    made: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen, free = made(n_pages=3), alike._seen, []

    def spied(document: Any, number: int) -> Any:
        free.append(lock.n_held)
        return seen(document, number)

    class Counting:
        n_held = n_taken = 0
        inner = PDFIUM_LOCK

        def __enter__(self) -> None:
            self.inner.acquire()
            self.n_held, self.n_taken = self.n_held + 1, self.n_taken + 1

        def __exit__(self, *_: object) -> None:
            self.n_held -= 1
            self.inner.release()

    lock = Counting()
    monkeypatch.setattr(alike, "_seen", spied)
    monkeypatch.setattr(alike, "PDFIUM_LOCK", lock)
    assert alike.alike(path, [1, 2, 3], path.read_bytes(), [1, 2, 3]) == [True] * 3
    assert set(free) == {1}, "each page is looked at under the lock"
    assert lock.n_taken == 5, "to open, for each page, to close"


# ------------------------------------------------------------------------------------------- damaged, gone, nothing


def test_a_file_that_pypdf_cannot_open_gives_pictures_with_highlights(made: Callable[..., Path]) -> None:
    path = made(n_pages=2)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"startxref")])  # pdfium finds the objects anew
    citation = cited(path, 2, SENTENCES[1])
    export = exported(Shelf(path), answered(citation))
    assert export.remarks == (
        "report.pdf, p. 2 is shown as a picture: the page is damaged in the file, so that it cannot be copied.",
    )
    page = reader(export).pages[0]
    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (WIDTH, HEIGHT)
    assert tint(part(picture(export.data), citation.boxes[0])) > 0.6
    assert part(picture(export.data), citation.boxes[0]).min() < 90
    assert [str(a["/Contents"])[:9] for a in annotations(page, "/Text")] == ["When was ", "report.pd"]


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_a_page_that_is_too_much_for_pypdf_is_shown_as_a_picture(
    made: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def too_much(*_: object) -> None:
        raise error

    path = made(n_pages=2)
    monkeypatch.setattr(binding, "fill_page", too_much)
    (remark,) = exported(Shelf(path), answered(cited(path, 2, SENTENCES[1]))).remarks
    assert "is shown as a picture" in remark


def test_a_copy_that_shows_another_page_is_noticed(made: Callable[..., Path]) -> None:
    """pypdf passes over what is no page, pdfium counts it: their numbers differ."""

    def broken(writer: pypdf.PdfWriter) -> None:
        writer.root_object["/Pages"]["/Kids"][0] = NumberObject(7)

    path = made(n_pages=3, change=broken)
    citation = cited(path, 2, f"Page 2. {SENTENCES[0]}")
    export = exported(Shelf(path), answered(citation))
    assert len(export.remarks) == 1
    assert "is shown as a picture" in export.remarks[0]
    before, after = picture(path.read_bytes(), 2, scale=1), picture(export.data, 1, scale=1)
    dark = (before.max(2) < 100, after.max(2) < 100)
    assert (dark[0] & dark[1]).sum() > 0.5 * dark[0].sum(), "it is the page that was cited"


def test_a_page_that_cannot_even_be_drawn_is_left_out(made: Callable[..., Path]) -> None:
    whole = made("whole.pdf")
    broken = made("broken.pdf", 3)
    citation = cited(broken, 2, SENTENCES[0])
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(broken.read_bytes())))
    writer.root_object["/Pages"]["/Kids"][1] = NumberObject(7)
    writer.write(broken)
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(broken.read_bytes())))
    export = exported(Shelf(whole, broken), answered(citation, cited(whole, 1, SENTENCES[0], 2)))
    assert len(export.remarks) == 1
    assert export.remarks[0].startswith("broken.pdf, p. 2 is left out: ")
    assert [page.extract_text()[:7] for page in reader(export).pages] == ["Page 1."]
    assert "broken.pdf, p. 2 is left out" in annotations(reader(export).pages[0], "/Text")[0]["/Contents"]


def test_a_document_that_is_gone_is_left_out_and_the_note_says_so(made: Callable[..., Path]) -> None:
    here, gone, old = made("here.pdf"), made("gone.pdf"), made("old.pdf")
    answer = answered(cited(gone, 1, SENTENCES[0]), cited(here, 1, SENTENCES[0], 2), cited(old, 1, SENTENCES[0], 3))
    export = exported(Shelf(here, older={"old": "new.pdf"}), answer)
    assert export.n_pages == 1
    assert export.remarks == (
        "gone.pdf is left out: it was removed from the library.",
        "old.pdf is left out: the library holds a newer version of it now.",
    )
    (note,) = annotations(reader(export).pages[0], "/Text")
    assert "gone.pdf is left out" in note["/Contents"]
    with pytest.raises(InputError, match=r"^No cited page can be exported\. here\.pdf is left out"):
        exported(Shelf(gone), answered(cited(here, 1, SENTENCES[0])))


def test_nothing_cited_is_an_error(made: Callable[..., Path]) -> None:
    abstained = Answer("Why?", "extractive", "The documents do not say.", (), (), abstained=True)
    with pytest.raises(InputError, match="nothing is cited"):
        exported(Shelf(made()), abstained)


def test_a_page_without_words_has_the_claim_as_a_note(made: Callable[..., Path]) -> None:
    path = made()
    citation = replace(cited(path, 1, SENTENCES[0]), boxes=())
    page = reader(exported(Shelf(path), answered(citation))).pages[0]
    assert annotations(page, "/Highlight") == []
    first, second = annotations(page, "/Text")
    assert first["/Rect"] != second["/Rect"]
    assert str(second["/Contents"]).startswith("[1] Claim of")


def test_answers_of_a_chat_have_the_question_as_it_was_asked(made: Callable[..., Path]) -> None:
    answer = answered(cited(made(), 1, SENTENCES[0]), question="When was the lamp lit?")
    items = [Exchange("And when?", (answer,)), Note("Mine"), Note("Mine", answer), Exchange("Unanswered")]
    asked, noted = answers_of(items)
    assert asked.question == "And when?"
    assert noted == answer
    (leaf,) = leaves([asked, noted])
    assert len(leaf.notes) == 2
    assert len(leaf.marks) == 1
