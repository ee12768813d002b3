"""A transcript as a Word document with Word's own footnotes.

python-docx 1.2 has no call for footnotes (python-openxml/python-docx#1, an open issue): the part is made here,
with the separators, settings and styles that Word itself writes.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from typing import Any

from rag.export.layout import Block, Footnote, Kind, Piece, blocks, footnotes
from rag.export.transcript import Transcript

FIRST_ID = 2  # of a footnote in the file: 0 and 1 are the two separators
_SEPARATORS = ((0, "separator"), (1, "continuationSeparator"))
_STYLES: dict[Kind, str] = {
    "title": "Title",
    "date": "Date line",
    "question": "Heading 1",
    "label": "Heading 2",
    "document": "Heading 3",
    "page": "Heading 4",
    "own": "Quote",
    "paragraph": "Normal",
    "item": "List Bullet",
    "remark": "Remark",
}
_HEADINGS = ("Title", "Heading 1", "Heading 2", "Heading 3", "Heading 4")
_INK, _FAINT = (0x1D, 0x5C, 0x63), (0x6B, 0x66, 0x5C)
_AFTER_FOOTNOTES = ("w:endnotePr", "w:compat", "w:docVars", "w:rsids", "m:mathPr")  # that follow it in the settings


def to_docx(transcript: Transcript) -> bytes:
    """Return a transcript as a .docx file."""
    import docx  # noqa: PLC0415  (a tenth of a second, only for those who export to Word)

    laid = blocks(transcript)
    document = docx.Document()
    _describe(document, transcript, laid[0])
    _add_styles(document)
    notes = footnotes(laid)
    if notes:
        _add_footnotes(document, notes)
    for block in laid:
        paragraph = document.add_paragraph(style=_STYLES[block.kind])
        _fill(paragraph, block.pieces)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _describe(document: Any, transcript: Transcript, title: Block) -> None:
    """Replace what python-docx's template says of itself: author, dates, a picture of an empty page, Word 2010."""
    from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415  (as above)
    from docx.oxml.ns import qn  # noqa: PLC0415

    about = document.core_properties
    about.title = "".join(piece.text for piece in title.pieces if not isinstance(piece, Footnote))[:255]
    about.author, about.last_modified_by, about.comments = "Footnote", "Footnote", ""
    about.created = about.modified = transcript.date
    links = document.part.package.rels
    for id_ in [id_ for id_, link in links.items() if link.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del links[id_]
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")


# ------------------------------------------------------------------------------------------------------ styles


def _add_styles(document: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE  # noqa: PLC0415  (as above)
    from docx.shared import Pt, RGBColor  # noqa: PLC0415

    styles = document.styles
    for name in _HEADINGS:
        styles[name].font.color.rgb = RGBColor(*_INK)
    for name in ("Date line", "Remark"):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        style.font.color.rgb = RGBColor(*_FAINT)
        style.font.italic = name == "Remark"
    # Word knows these two by their names, and shows and edits footnotes with them.
    text = styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    text.base_style = styles["Normal"]
    text.font.size = Pt(10)
    text.paragraph_format.space_after, text.paragraph_format.line_spacing = Pt(2), 1.0
    _rename(text, "FootnoteText")
    mark = styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True)
    mark.base_style = styles["Default Paragraph Font"]
    mark.font.superscript = True
    _rename(mark, "FootnoteReference")


def _rename(style: Any, id_: str) -> None:
    """Give a style the id that Word itself uses."""
    style.element.styleId = id_


# --------------------------------------------------------------------------------------------------- footnotes


def _add_footnotes(document: Any, notes: Sequence[Footnote]) -> None:
    """Add the part with the footnotes, what leads to it, and the settings that name its separators."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE  # noqa: PLC0415  (as above)
    from docx.opc.packuri import PackURI  # noqa: PLC0415
    from docx.opc.part import XmlPart  # noqa: PLC0415

    root = _element("w:footnotes")
    for id_, kind in _SEPARATORS:
        separator = _footnote(root, id_)
        separator.set(_name("w:type"), kind)
        run = _child(_child(separator, "w:p"), "w:r")
        _child(run, f"w:{kind}")
    for note in notes:
        _add_footnote(root, note)
    part = XmlPart(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, root, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    properties = _element("w:footnotePr")
    for id_, _ in _SEPARATORS:
        _child(properties, "w:footnote").set(_name("w:id"), str(id_))
    document.settings.element.insert_element_before(properties, *_AFTER_FOOTNOTES)


def _add_footnote(root: Any, note: Footnote) -> None:
    from docx.text.paragraph import Paragraph  # noqa: PLC0415  (as above)

    paragraph = Paragraph(_child(_footnote(root, note.number - 1 + FIRST_ID), "w:p"), None)
    style = _child(paragraph._p.get_or_add_pPr(), "w:pStyle")
    style.set(_name("w:val"), "FootnoteText")
    _child(_reference_run(paragraph), "w:footnoteRef")
    paragraph.add_run(" ")
    paragraph.add_run(note.document).bold = True
    paragraph.add_run(f", {note.where}")
    if note.quote:
        paragraph.add_run(": “")
        _add_text(paragraph, note.quote)
        paragraph.add_run("”")
    paragraph.add_run(" ")
    paragraph.add_run(f"({note.says})").italic = True


def _footnote(root: Any, id_: int) -> Any:
    footnote = _child(root, "w:footnote")
    footnote.set(_name("w:id"), str(id_))
    return footnote


# ---------------------------------------------------------------------------------------------------- the text


def _fill(paragraph: Any, pieces: Sequence[Piece]) -> None:
    """Write pieces into a paragraph; one that begins in Arabic or Hebrew runs from the right."""
    if _is_from_right("".join(piece.text for piece in pieces if not isinstance(piece, Footnote))):
        properties = paragraph._p.get_or_add_pPr()
        _child(properties, "w:bidi")
    is_after_mark = False
    for piece in pieces:
        if isinstance(piece, Footnote):
            if is_after_mark:
                _reference_run(paragraph, ", ")  # or 1 and 2 would read as 12
            reference = _child(_reference_run(paragraph), "w:footnoteReference")
            reference.set(_name("w:id"), str(piece.number - 1 + FIRST_ID))
        else:
            run = _add_text(paragraph, piece.text)
            if piece.style == "strong":
                run.bold = run.font.cs_bold = True
            elif piece.style == "aside":
                run.italic = True
        is_after_mark = isinstance(piece, Footnote)


def _add_text(paragraph: Any, text: str) -> Any:
    run = paragraph.add_run(text)
    if _is_from_right(text):
        run.font.rtl = True
    return run


def _reference_run(paragraph: Any, text: str = "") -> Any:
    """Return a run in the style of marks; a mark can be put into it."""
    run = paragraph.add_run(text)._r
    _child(run.get_or_add_rPr(), "w:rStyle").set(_name("w:val"), "FootnoteReference")
    return run


def _is_from_right(text: str) -> bool:
    """Tell whether the first letter that has a direction runs from the right."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


def _element(tag: str) -> Any:
    from docx.oxml import OxmlElement  # noqa: PLC0415  (as above)

    return OxmlElement(tag)


def _child(parent: Any, tag: str) -> Any:
    child = _element(tag)
    parent.append(child)
    return child


def _name(tag: str) -> str:
    from docx.oxml.ns import qn  # noqa: PLC0415  (as above)

    name: str = qn(tag)
    return name
