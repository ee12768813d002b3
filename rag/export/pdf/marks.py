"""Highlights and notes as annotations of a PDF page, each with its own looks, so that every viewer shows them alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from rag.export.layout import clean
from rag.export.pdf.plan import Mark
from rag.export.pdf.sheet import Rectangle, Sheet, around
from rag.types import Box

AUTHOR = "Footnote"
# Light, for they are multiplied with the page: black text stays black. One a claim, then from the first again.
COLOURS = (
    (1.0, 0.92, 0.45),  # yellow
    (0.72, 0.93, 0.62),  # green
    (0.66, 0.87, 1.0),  # blue
    (1.0, 0.77, 0.86),  # pink
    (1.0, 0.82, 0.55),  # orange
    (0.85, 0.79, 1.0),  # violet
)
_LINE = 0.07  # of a line's height: the stroke under it, which is seen on a dark page as well
_ICON, _MARGIN = 18.0, 6.0  # points
_PRINTED = 4  # bit of /F
_BUBBLE = (
    b"0.99 0.80 0.30 rg 0.45 0.33 0.05 RG 1 w "
    b"1 5 m 1 17 l 17 17 l 17 5 l 8 5 l 4 1 l 4 5 l h B "
    b"4 13.5 m 14 13.5 l 4 11 m 14 11 l 4 8.5 m 11 8.5 l S"
)
_TURNS = ((1, 0, 0, 1, 0, 0), (0, 1, -1, 0, 0, 0), (-1, 0, 0, -1, 0, 0), (0, -1, 1, 0, 0, 0))


def highlight(writer: PdfWriter, sheet: Sheet, mark: Mark, name: str) -> DictionaryObject:
    """Return the highlight of a place that has boxes; the part that answers is deeper.

    Args:
        name: unique within the file.
    """
    colour = COLOURS[mark.colour % len(COLOURS)]
    boxes, focus = _rectangles(sheet, mark.boxes), _rectangles(sheet, mark.focus)
    place = around([*boxes, *focus])
    lines = _rectangles(sheet, [_foot(sheet, box) for box in mark.boxes])
    drawn = b"/M gs " + _filled(colour, boxes) + _filled(tuple(part**2 for part in colour), focus)
    drawn += b"/N gs " + _filled(tuple(part**4 for part in colour), lines)
    states = {"M": ("/Multiply", 1.0), "N": ("/Normal", 0.9)}
    annotation = _annotation("/Highlight", place, "\n".join(mark.says), name, colour)
    corners = [side for box in mark.boxes for side in sheet.corners(box.x0, box.y0, box.x1, box.y1)]
    annotation[NameObject("/QuadPoints")] = _floats(corners)
    annotation[NameObject("/F")] = NumberObject(_PRINTED)
    annotation[NameObject("/AP")] = _looks(writer, drawn, place, states=states)
    return annotation


def frame(writer: PdfWriter, sheet: Sheet, mark: Mark, figure: Box, name: str) -> DictionaryObject:
    """Return the frame around a figure whose caption is cited."""
    colour = tuple(part**4 for part in COLOURS[mark.colour % len(COLOURS)])
    (place,) = _rectangles(sheet, [figure])
    x0, y0, x1, y1 = place
    stroke = 2 / sheet.unit
    inset = f"{x0 + stroke / 2:.3f} {y0 + stroke / 2:.3f} {x1 - x0 - stroke:.3f} {y1 - y0 - stroke:.3f} re S"
    drawn = " ".join(f"{part:.3f}" for part in colour) + f" RG {stroke:.3f} w {inset}"
    annotation = _annotation("/Square", place, "\n".join(mark.says), name, colour)
    annotation[NameObject("/F")] = NumberObject(_PRINTED)
    annotation[NameObject("/AP")] = _looks(writer, drawn.encode(), place)
    return annotation


def note(writer: PdfWriter, sheet: Sheet, text: str, number: int, name: str) -> DictionaryObject:
    """Return a note in the top right corner of a page, upright as displayed.

    Args:
        number: of the note on its page, from 0: they stand side by side.
        name: unique within the file.
    """
    side, margin = _ICON / sheet.unit, _MARGIN / sheet.unit
    right = max(side, sheet.width - margin - number * (side + margin))
    x1, y0 = min(1.0, right / sheet.width), min(1.0, margin / sheet.height)
    place = sheet.rectangle(max(0.0, x1 - side / sheet.width), y0, x1, min(1.0, y0 + side / sheet.height))
    annotation = _annotation("/Text", place, text, name, COLOURS[0])
    annotation[NameObject("/Name")] = NameObject("/Comment")
    annotation[NameObject("/Open")] = BooleanObject(False)
    annotation[NameObject("/F")] = NumberObject(_PRINTED)
    annotation[NameObject("/AP")] = _looks(writer, _BUBBLE, (0, 0, _ICON, _ICON), matrix=_TURNS[sheet.turns])
    return annotation


def _annotation(kind: str, place: Rectangle, text: str, name: str, colour: Sequence[float]) -> DictionaryObject:
    now = TextStringObject(datetime.now(UTC).strftime("D:%Y%m%d%H%M%S+00'00'"))
    entries: dict[str, PdfObject] = {
        "/Type": NameObject("/Annot"),
        "/Subtype": NameObject(kind),
        "/Rect": _floats(place),
        "/Contents": TextStringObject(clean(text)),
        "/T": TextStringObject(AUTHOR),
        "/NM": TextStringObject(name),
        "/M": now,
        "/CreationDate": now,
        "/C": _floats(colour),
    }
    return DictionaryObject({NameObject(key): value for key, value in entries.items()})


def _looks(
    writer: PdfWriter,
    drawn: bytes,
    place: Rectangle,
    *,
    states: dict[str, tuple[str, float]] | None = None,
    matrix: Sequence[float] = _TURNS[0],
) -> DictionaryObject:
    """Return the appearance of an annotation: what is drawn, in a place; `states` are blend mode and opacity."""
    form = StreamObject()
    form.set_data(drawn)
    resources = DictionaryObject()
    for name, (mode, opacity) in (states or {}).items():
        state = {"/Type": NameObject("/ExtGState"), "/BM": NameObject(mode), "/ca": FloatObject(opacity)}
        resources[NameObject(f"/{name}")] = DictionaryObject({NameObject(k): v for k, v in state.items()})
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): _floats(place),
            NameObject("/Matrix"): _floats(matrix),
            NameObject("/Resources"): DictionaryObject({NameObject("/ExtGState"): resources}),
        }
    )
    return DictionaryObject({NameObject("/N"): writer._add_object(form)})


def _rectangles(sheet: Sheet, boxes: Iterable[Box]) -> list[Rectangle]:
    return [sheet.rectangle(box.x0, box.y0, box.x1, box.y1) for box in boxes]


def _foot(sheet: Sheet, box: Box) -> Box:
    """Return the line under a box; beside it where the words run up or down the page."""
    if (box.y1 - box.y0) * sheet.height > 2 * (box.x1 - box.x0) * sheet.width:
        return Box(box.page, box.x0, box.y0, box.x0 + _LINE * (box.x1 - box.x0), box.y1)
    return Box(box.page, box.x0, box.y1 - _LINE * (box.y1 - box.y0), box.x1, box.y1)


def _filled(colour: Sequence[float], rectangles: Iterable[Rectangle]) -> bytes:
    parts = [" ".join(f"{part:.3f}" for part in colour) + " rg"]
    parts += [f"{x0:.3f} {y0:.3f} {x1 - x0:.3f} {y1 - y0:.3f} re f" for x0, y0, x1, y1 in rectangles]
    return (" ".join(parts) + " ").encode()


def _floats(values: Iterable[float]) -> ArrayObject:
    return ArrayObject(FloatObject(round(value, 3)) for value in values)
