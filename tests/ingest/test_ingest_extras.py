"""What stands on pages besides text, and the files that a PDF carries, read from PDFs made for it."""

from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from ingest_pdfs import HEIGHT, SENTENCES, lines, make, prose, rewritten
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from rag.errors import NoText
from rag.ingest.worker import parse_in_child
from rag.types import Attachment, Page, ParsedDocument

RECT = (100.0, 500.0, 300.0, 520.0)  # left, bottom, right, top


def annotation(kind: str, rect: tuple[float, ...] = RECT, **entries: object) -> DictionaryObject:
    made = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject(kind),
            NameObject("/Rect"): ArrayObject([FloatObject(side) for side in rect]),
        }
    )
    for key, value in entries.items():
        made[NameObject(f"/{key}")] = as_object(value)
    return made


def as_object(value: object) -> object:
    if isinstance(value, str):
        return NameObject(value) if value.startswith("/") else TextStringObject(value)
    if isinstance(value, int):
        return NumberObject(value)
    if isinstance(value, list):
        return ArrayObject([as_object(item) for item in value])
    return value


def with_annotations(path: Path, target: Path, *annotations: DictionaryObject, page: int = 0) -> Path:
    def change(writer: pypdf.PdfWriter) -> None:
        held = writer.pages[page].setdefault(NameObject("/Annots"), ArrayObject())
        for made in annotations:
            held.append(writer._add_object(made))

    return rewritten(path, target, change)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., ParsedDocument]:
    """Read a page of prose with these annotations."""

    def read(*annotations: DictionaryObject) -> ParsedDocument:
        plain = make(tmp_path / "plain.pdf", prose(), prose(y=650))
        path = with_annotations(plain, tmp_path / "noted.pdf", *annotations)
        return parse_in_child(path, name="noted.pdf")

    return read


def added_lines(page: Page) -> list[str]:
    """What a page has after its six sentences."""
    return page.text.removeprefix(" ".join(SENTENCES)).split("\n")[1:-1]


def box_of(page: Page, text: str) -> tuple[float, ...]:
    """The box around all words of a text, in points from the page's top left."""
    start = page.text.index(text)
    inside = (page.words.starts >= start) & (page.words.ends <= start + len(text))
    boxes = page.words.boxes[inside]
    assert len(boxes) == len(text.split())
    x0, y0 = boxes[:, 0].min() * page.width, boxes[:, 1].min() * page.height
    x1, y1 = boxes[:, 2].max() * page.width, boxes[:, 3].max() * page.height
    return tuple(round(float(side), 1) for side in (x0, y0, x1, y1))


@pytest.mark.parametrize("kind", ["/Text", "/FreeText", "/Highlight", "/Underline", "/Square", "/Stamp", "/Ink"])
def test_a_note_becomes_text_at_the_end_of_its_page_with_its_own_place(
    read: Callable[..., ParsedDocument], kind: str
) -> None:
    parsed = read(annotation(kind, Contents="Ask the harbour master for the bill."))
    page = parsed.pages[0]
    assert added_lines(page) == ["Ask the harbour master for the bill."]
    top = HEIGHT - RECT[3]
    assert box_of(page, "Ask the harbour master for the bill.") == pytest.approx((100, top, 300, top + 20), abs=0.3)
    assert any("harbour master" in passage.text for passage in parsed.passages)
    assert parsed.pages[1].text.startswith(SENTENCES[0])


def test_notes_come_in_the_order_of_the_file_each_a_block_of_its_own(read: Callable[..., ParsedDocument]) -> None:
    first, second = annotation("/Text", Contents="The first."), annotation("/Text", Contents="The second\rone.")
    assert added_lines(read(first, second).pages[0]) == ["The first.", "The second one."]


@pytest.mark.parametrize(
    ("kind", "entries"),
    [
        ("/Popup", {"Contents": "The first."}),
        ("/Link", {"Contents": "A way out"}),
        ("/Text", {"Contents": "Hidden", "F": 2}),
        ("/Text", {"Contents": "Only in print", "F": 32}),
        ("/Text", {"Contents": "Accepted set by Ann", "StateModel": "Review", "State": "Accepted"}),
        ("/Text", {"Contents": "  \r "}),
        ("/Text", {}),
        ("/Widget", {"FT": "/Tx", "V": "sesame", "Ff": 1 << 13}),
        ("/Widget", {"FT": "/Tx", "V": "", "TU": "Given name"}),
        ("/Widget", {"FT": "/Btn", "AS": "/Off", "TU": "I agree"}),
        ("/Widget", {"FT": "/Btn", "Ff": 1 << 16, "TU": "Send"}),
    ],
)
def test_what_nobody_has_written_or_may_see_is_left_out(
    read: Callable[..., ParsedDocument], kind: str, entries: dict[str, object]
) -> None:
    assert added_lines(read(annotation(kind, **entries)).pages[0]) == []


def test_the_same_note_twice_is_one(read: Callable[..., ParsedDocument]) -> None:
    note = {"Contents": "Twice."}
    assert added_lines(read(annotation("/Text", **note), annotation("/Text", **note)).pages[0]) == ["Twice."]


def test_a_highlight_that_repeats_the_marked_words_adds_nothing(read: Callable[..., ParsedDocument]) -> None:
    place = (70.0, 695.0, 400.0, 712.0)  # of the first sentence
    assert added_lines(read(annotation("/Highlight", place, Contents=SENTENCES[0])).pages[0]) == []
    assert added_lines(read(annotation("/Highlight", place, Contents="Really 1874?")).pages[0]) == ["Really 1874?"]


def test_rich_text_counts_where_there_is_no_plain_one(read: Callable[..., ParsedDocument]) -> None:
    rich = '<?xml version="1.0"?><body><p><b>Paid</b> &amp; done</p></body>'
    assert added_lines(read(annotation("/FreeText", RC=rich)).pages[0]) == ["Paid & done"]


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ({"FT": "/Tx", "V": "Anna Mørk", "TU": "Given name"}, "Given name Anna Mørk"),
        ({"FT": "/Tx", "V": "Anna", "T": "form1[0].#subform[0].f1_02[0]"}, "Anna"),
        ({"FT": "/Tx", "V": "Anna", "T": "Keeper"}, "Keeper Anna"),
        ({"FT": "/Ch", "V": "no", "Opt": [["no", "Norway"], ["se", "Sweden"]], "TU": "Country"}, "Country Norway"),
        ({"FT": "/Ch", "V": ["oil", "gas"], "TU": "Fuel"}, "Fuel oil, gas"),
        ({"FT": "/Btn", "AS": "/Yes", "TU": "I agree"}, "I agree Yes"),
        ({"FT": "/Btn", "AS": "/1", "TU": "I agree"}, "I agree"),
    ],
)
def test_a_filled_in_field_is_read_with_its_label(
    read: Callable[..., ParsedDocument], entries: dict[str, object], text: str
) -> None:
    page = read(annotation("/Widget", **entries)).pages[0]
    assert added_lines(page) == [text]
    assert box_of(page, text)[0] == pytest.approx(100, abs=0.3)


def test_a_part_of_a_field_has_what_its_parent_says(tmp_path: Path) -> None:
    plain = make(tmp_path / "plain.pdf", prose())

    def change(writer: pypdf.PdfWriter) -> None:
        parent = DictionaryObject()
        for key, value in {"/FT": "/Tx", "/V": "Paraffin", "/TU": "Fuel"}.items():
            parent[NameObject(key)] = as_object(value)
        widget = annotation("/Widget")
        widget[NameObject("/Parent")] = writer._add_object(parent)
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(widget)])

    parsed = parse_in_child(rewritten(plain, tmp_path / "form.pdf", change), name="form.pdf")
    assert added_lines(parsed.pages[0]) == ["Fuel Paraffin"]


def test_a_page_with_nothing_but_a_filled_in_form_is_a_page_with_text(tmp_path: Path) -> None:
    blank = make(tmp_path / "blank.pdf", lambda canvas: None)
    with pytest.raises(NoText):
        parse_in_child(blank, name="blank.pdf")
    form = with_annotations(blank, tmp_path / "form.pdf", annotation("/Widget", FT="/Tx", V="Anna", TU="Given name"))
    parsed = parse_in_child(form, name="form.pdf")
    assert (parsed.pages[0].source, parsed.pages[0].reason) == ("text", None)
    assert parsed.pages[0].text == "Given name Anna\n"
    assert parsed.body_pages == 1


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_note_on_a_rotated_page_stands_where_it_is_seen(tmp_path: Path, rotation: int) -> None:
    noted = with_annotations(
        make(tmp_path / "a.pdf", prose()), tmp_path / "b.pdf", annotation("/Text", Contents="Here")
    )
    turned = rewritten(noted, tmp_path / "c.pdf", lambda writer: writer.pages[0].rotate(rotation) and None)
    page = parse_in_child(turned, name="c.pdf").pages[0]
    x0, y0, x1, y1 = RECT
    width, height = 595.3, HEIGHT
    seen = {
        90: (y0, x0, y1, x1),
        180: (width - x1, y0, width - x0, y1),
        270: (height - y1, width - x1, height - y0, width - x0),
    }[rotation]
    assert box_of(page, "Here") == pytest.approx(seen, abs=0.6)


def test_a_note_on_text_that_runs_up_the_page_stands_where_it_is_seen(tmp_path: Path) -> None:
    def sideways(canvas: object) -> None:
        canvas.rotate(90)  # type: ignore[attr-defined]
        lines(canvas, list(SENTENCES), x=100, y=-200)  # type: ignore[arg-type]

    noted = with_annotations(
        make(tmp_path / "a.pdf", sideways), tmp_path / "b.pdf", annotation("/Text", Contents="Here")
    )
    page = parse_in_child(noted, name="b.pdf").pages[0]
    assert box_of(page, "Here") == pytest.approx((100, HEIGHT - 520, 300, HEIGHT - 500), abs=0.5)


def test_a_paragraph_goes_on_over_the_page_whose_note_stands_between(tmp_path: Path) -> None:
    long = [f"The keeper wrote in line {n} that the lamp was as bright as it had ever been in those" for n in range(8)]
    plain = make(
        tmp_path / "a.pdf", lambda canvas: lines(canvas, long), lambda canvas: lines(canvas, ["years of calm weather."])
    )
    noted = with_annotations(plain, tmp_path / "b.pdf", annotation("/Text", Contents="Check the log."))
    parsed = parse_in_child(noted, name="b.pdf")
    assert "in those years of calm weather." in parsed.passages[-2].text or "in those years" in parsed.passages[-1].text
    assert any("Check the log." in passage.text for passage in parsed.passages)


def test_broken_annotations_cost_themselves_alone(tmp_path: Path) -> None:
    bad = annotation("/Text", Contents="Lost")
    bad[NameObject("/Rect")] = ArrayObject([NameObject("/a"), NameObject("/b"), NameObject("/c"), NameObject("/d")])
    plain = make(tmp_path / "plain.pdf", prose(), prose())
    one = with_annotations(plain, tmp_path / "one.pdf", bad)
    two = with_annotations(one, tmp_path / "two.pdf", annotation("/Text", Contents="Kept"), page=1)
    parsed = parse_in_child(two, name="two.pdf")
    assert [page.text.count(SENTENCES[0]) for page in parsed.pages] == [1, 1]
    assert added_lines(parsed.pages[1]) == ["Kept"]
    assert len(parsed.warnings) == 1 and "not read on 1 page" in parsed.warnings[0]


# ----------------------------------------------------------------------------------------- attached files


def test_attached_files_are_listed_with_their_sizes(tmp_path: Path) -> None:
    plain = make(tmp_path / "plain.pdf", prose())
    path = rewritten(
        plain, tmp_path / "b.pdf", lambda writer: writer.add_attachment("ledger.csv", b"a,b\n1,2\n") and None
    )
    parsed = parse_in_child(path, name="b.pdf")
    assert parsed.attachments == (Attachment("ledger.csv", 8),)
    assert parsed.warnings == ()


def test_a_file_pinned_to_a_page_is_listed(tmp_path: Path) -> None:
    def change(writer: pypdf.PdfWriter) -> None:
        stream = DecodedStreamObject()
        stream.set_data(b"twelve bytes")
        held = DictionaryObject({NameObject("/F"): writer._add_object(stream)})
        pinned = annotation("/FileAttachment")
        pinned[NameObject("/FS")] = DictionaryObject(
            {NameObject("/F"): TextStringObject("C:\\bills\\May.pdf"), NameObject("/EF"): held}
        )
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(pinned)])

    path = rewritten(make(tmp_path / "plain.pdf", prose()), tmp_path / "b.pdf", change)
    assert parse_in_child(path, name="b.pdf").attachments == (Attachment("May.pdf", 12),)


def test_a_portfolio_says_that_its_files_are_not_read(tmp_path: Path) -> None:
    def change(writer: pypdf.PdfWriter) -> None:
        writer.add_attachment("one.pdf", b"%PDF-1")
        writer.add_attachment("two.pdf", b"%PDF-2")
        writer.root_object[NameObject("/Collection")] = DictionaryObject()

    parsed = parse_in_child(rewritten(make(tmp_path / "a.pdf", prose()), tmp_path / "b.pdf", change), name="b.pdf")
    assert [attached.name for attached in parsed.attachments] == ["one.pdf", "two.pdf"]
    assert len(parsed.warnings) == 1 and "portfolio: its 2 files are listed, not read" in parsed.warnings[0]
