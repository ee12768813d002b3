"""The notes, comments and filled-in form fields of a page, read with pypdf.

Texts are kept as they are in the file; nothing is put before or after them but the label that a field has there.
Whatever a file does wrong comes out as an error of pypdf (`pypdf_errors`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from rag.ingest.files.pdf import one_line

_MOST_A_PAGE = 2000  # annotations
_MARKUP_NAMES = frozenset(
    "/Text /FreeText /Stamp /Caret /Highlight /Underline /Squiggly /StrikeOut /Ink /Line /Square /Circle /Polygon "
    "/PolyLine".split()
)
_LONGEST = 20_000  # characters of one note
_DEEPEST = 32  # fields within fields
_HIDDEN, _NO_VIEW = 1 << 1, 1 << 5  # /F
_PASSWORD, _PUSH_BUTTON = 1 << 13, 1 << 16  # /Ff
_TAG = re.compile(r"<[^>]*>")
_MACHINE_NAME = re.compile(r"[\[\]#_<>{}\\/]|\d{3}|^\W*\w{0,2}\W*$|\d$")  # of a field; no reader was meant to see it
_CHECKED = "\ufdd0"  # a box is checked, and there is no word for it


class Note(NamedTuple):
    """A text, and where it stands: left, bottom, right, top in points of the page's own space."""

    text: str
    box: tuple[float, float, float, float]
    label: str = ""  # of a field


def annotations_of(page: Any) -> list[Any]:
    """Return the annotations of a pypdf page, those that are dictionaries as they must be."""
    entries = resolved(page.get("/Annots"))
    found = [resolved(entry) for entry in entries[:_MOST_A_PAGE]] if isinstance(entries, list) else []
    return [annotation for annotation in found if hasattr(annotation, "get")]


def notes_of(page: Any) -> Iterator[Note]:
    """Yield the texts of a pypdf page's annotations and form fields, in the order of the file."""
    for annotation in annotations_of(page):
        if _number(annotation, "/F") & (_HIDDEN | _NO_VIEW):
            continue
        box = _box(annotation)
        if box is None:
            continue
        kind = resolved(annotation.get("/Subtype"))
        label = ""
        if kind == "/Widget":
            text = _field_text(annotation)
            label = one_line(_label(annotation)) if text else ""
        elif kind in _MARKUP_NAMES and "/StateModel" not in annotation:  # not "accepted by", "marked by"
            text = _comment(annotation)
        else:
            continue
        text = one_line(text[:_LONGEST].replace(_CHECKED, ""))
        if any(character.isalnum() for character in label + text):
            yield Note(text, box, label)


def _comment(annotation: Any) -> str:
    plain = text_of(annotation.get("/Contents"))
    return plain or _without_tags(text_of(annotation.get("/RC")))


def _without_tags(rich: str) -> str:
    return html.unescape(_TAG.sub(" ", rich))


def _field_text(widget: Any) -> str:
    """Return the value of a filled-in field; "" when it is empty, a button, or a password."""
    kind, flags = resolved(_inherited(widget, "/FT")), _number(widget, "/Ff", inherited=True)
    if kind == "/Tx" and not flags & _PASSWORD:
        return text_of(_inherited(widget, "/V")).strip()
    if kind == "/Ch":
        return ", ".join(_chosen(widget)).strip()
    if kind == "/Btn" and not flags & _PUSH_BUTTON:
        state = resolved(widget.get("/AS")) or resolved(_inherited(widget, "/V"))
        if state in {None, "/Off"}:
            return ""
        name = str(state).removeprefix("/")
        return _CHECKED if _MACHINE_NAME.search(name) else name
    return ""


def _chosen(widget: Any) -> list[str]:
    """Return what is chosen in a list, as it is shown there."""
    value = resolved(_inherited(widget, "/V"))
    values = [text_of(item) for item in value] if isinstance(value, list) else [text_of(value)]
    shown = {}
    for option in resolved(_inherited(widget, "/Opt")) or ():
        pair = resolved(option)
        if isinstance(pair, list) and len(pair) == 2:
            shown[text_of(pair[0])] = text_of(pair[1])
    return [shown.get(item, item) for item in values if item]


def _label(widget: Any) -> str:
    """Return what a field is called for its user: its tooltip, else its name if that is one for people."""
    tooltip = text_of(_inherited(widget, "/TU")).strip()
    if tooltip:
        return tooltip
    name = text_of(_inherited(widget, "/T")).strip()
    return "" if _MACHINE_NAME.search(name) else name


def _inherited(widget: Any, key: str) -> Any:
    """Return an entry of a field, or of the field that it is a part of."""
    part = widget
    for _ in range(_DEEPEST):
        if not hasattr(part, "get"):
            return None
        if key in part:
            return part.get(key)
        part = resolved(part.get("/Parent"))
    return None


def _number(annotation: Any, key: str, *, inherited: bool = False) -> int:
    value = resolved(_inherited(annotation, key) if inherited else annotation.get(key))
    return int(value) if isinstance(value, int | float) else 0


def _box(annotation: Any) -> tuple[float, float, float, float] | None:
    sides = resolved(annotation.get("/Rect"))
    if not isinstance(sides, list) or len(sides) != 4:
        return None
    x0, y0, x1, y1 = (float(resolved(side)) for side in sides)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def text_of(value: Any) -> str:
    """Return a text string, or a text stream, of a file."""
    value = resolved(value)
    if value is None:
        return ""
    if hasattr(value, "get_data"):
        value = value.get_data()
    if isinstance(value, bytes):
        is_utf16 = value[:2] in {b"\xfe\xff", b"\xff\xfe"}
        return value.decode("utf-16" if is_utf16 else "utf-8-sig", "replace")
    return str(value)


def resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value
