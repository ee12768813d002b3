"""The primer's typography: fonts, styles, page templates, floats, outline and page labels.

The page is 190 x 260 mm, 539 x 737 points. Text is set in STIX General, which ships with matplotlib under the SIL Open
Font Licence and is embedded as a subset.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, FrameBreak, PageTemplate, Paragraph
from vector import Formula

WIDTH, HEIGHT = 539.0, 737.0
INNER, OUTER, TOP, BOTTOM = 62.0, 54.0, 58.0, 54.0
MEASURE = WIDTH - INNER - OUTER  # width of the text block
GUTTER = 17.0
COLUMN = (MEASURE - GUTTER) / 2
OPENING = 80.0  # height of a chapter's opening
INK, ACCENT, GREY = HexColor("#1a1a1a"), HexColor("#1f4e79"), HexColor("#6b6b6b")
HEADING_ROOM = 62.0  # a section's heading and two lines
ROMAN_PAGES = 4


def register_fonts() -> None:
    """Make STIX General and its italics and bolds known to reportlab."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    files = {"Stix": "", "Stix-I": "Italic", "Stix-B": "Bol", "Stix-BI": "BolIta"}
    for name, ending in files.items():
        pdfmetrics.registerFont(TTFont(name, folder / f"STIXGeneral{ending}.ttf"))
    pdfmetrics.registerFontFamily("Stix", normal="Stix", italic="Stix-I", bold="Stix-B", boldItalic="Stix-BI")


def _style(name: str, size: float, leading: float, **options: Any) -> ParagraphStyle:
    base = {"fontName": "Stix", "textColor": INK, "allowWidows": 0, "allowOrphans": 0}
    return ParagraphStyle(name, fontSize=size, leading=leading, **(base | options))


STYLES = {
    style.name: style
    for style in (
        _style("body", 10.1, 13.1, alignment=TA_JUSTIFY, firstLineIndent=13),
        _style("first", 10.1, 13.1, alignment=TA_JUSTIFY),
        _style("narrow", 9.5, 12.1, alignment=TA_JUSTIFY, firstLineIndent=11),
        _style("narrow-first", 9.5, 12.1, alignment=TA_JUSTIFY),
        _style("entry", 9.3, 11.8, leftIndent=10, firstLineIndent=-10, spaceAfter=2.6),
        _style("chapter", 25, 29, fontName="Stix", textColor=ACCENT),
        _style("kicker", 10.5, 14, fontName="Stix-I", textColor=GREY, spaceAfter=2),
        _style("section", 12.6, 16, fontName="Stix-B", textColor=ACCENT, spaceBefore=11, spaceAfter=4),
        _style("caption", 8.7, 10.9, textColor=INK, alignment=TA_JUSTIFY),
        _style("cell", 8.7, 10.6),
        _style("title", 38, 42, alignment=TA_CENTER, textColor=ACCENT),
        _style("subtitle", 16, 21, fontName="Stix-I", alignment=TA_CENTER),
        _style("imprint", 9.3, 12.4),
        _style("toc-chapter", 10, 13.2, fontName="Stix-B", spaceBefore=8),
        _style("toc-section", 9.6, 13, leftIndent=14),
    )
}


def label_of(page: int) -> str:
    """Return what is printed on a PDF page, counted from 1."""
    return ("i", "ii", "iii", "iv")[page - 1] if page <= ROMAN_PAGES else str(page - ROMAN_PAGES)


class Heading(Paragraph):  # type: ignore[misc]
    """A title that the outline and the contents list; level 0 is a chapter."""

    def __init__(self, text: str, style: ParagraphStyle, *, level: int, entry: str) -> None:
        super().__init__(text, style)
        self.level, self.entry = level, entry


class Float(Flowable):  # type: ignore[misc]
    """Flowables that stay together, and let text pass when the column has no room left for them."""

    def __init__(self, parts: list[Flowable], *, gap: float = 9) -> None:
        super().__init__()
        self._parts = parts
        self.spaceBefore = self.spaceAfter = gap

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        self._sizes = [part.wrap(width, height) for part in self._parts]
        self.height = sum(size[1] for size in self._sizes) + sum(part.getSpaceAfter() for part in self._parts[:-1])
        return width, self.height

    def draw(self) -> None:
        top = self.height
        for part, (width, height) in zip(self._parts, self._sizes, strict=True):
            top -= height
            part.drawOn(self.canv, (self.width - width) / 2, top)
            top -= part.getSpaceAfter()


class Primer(BaseDocTemplate):  # type: ignore[misc]
    """The document: templates for right and left pages, running heads, outline, contents and labels."""

    def __init__(self, path: Path, *, title: str, subject: str, templates: set[str]) -> None:
        super().__init__(
            str(path), pagesize=(WIDTH, HEIGHT), title=title, subject=subject, author="The Footnote authors",
            creator="docs/primer/build.py", lang="en-GB", invariant=1, pageCompression=1,
        )  # fmt: skip
        self.chapter = ""
        self.addPageTemplates([self._template(name) for name in sorted(templates)])

    def _template(self, name: str) -> PageTemplate:
        """Return a page: `bare`, `one` or `two` columns, `-open` with room for the chapter's title.

        A number at the end is the height of its columns, for a page whose two columns shall end alike.
        """
        style, *options = name.split("-")
        opening = OPENING if "open" in options else 0
        body = HEIGHT - TOP - BOTTOM - opening
        height = float(options[-1]) if options and options[-1].isdigit() else body
        frames = [_frame(0, body, MEASURE, OPENING)] if opening else []
        if style == "two":
            frames += [_frame(x, body - height, COLUMN, height) for x in (0, COLUMN + GUTTER)]
        else:
            frames += [_frame(0, 0, MEASURE, body)]
        return PageTemplate(id=name, frames=frames, onPage=self._begin_page, onPageEnd=self._end_page)

    @property
    def left_margin(self) -> float:
        return INNER if self.page % 2 else OUTER

    def _begin_page(self, canvas: Any, _: BaseDocTemplate) -> None:
        """Shift the frames to the outer or inner side, as a right or left page needs it; print the running head."""
        left, right = self.left_margin, self.left_margin + MEASURE
        for frame in self.pageTemplate.frames:
            frame._x1 = left + frame.offset
            frame._geom()
        if self._has_foot:
            return
        head = HEIGHT - TOP + 17
        canvas.saveState()
        canvas.setFillColor(GREY)
        canvas.setFont("Stix-I", 9.5)
        if self.page % 2:
            canvas.drawRightString(right - 22, head, self.chapter)
            canvas.setFont("Stix", 9.5)
            canvas.drawRightString(right, head, label_of(self.page))
        else:
            canvas.drawString(left + 22, head, self.chapter)
            canvas.setFont("Stix", 9.5)
            canvas.drawString(left, head, label_of(self.page))
        canvas.setStrokeColor(GREY)
        canvas.setLineWidth(0.4)
        canvas.line(left, head - 6, right, head - 6)
        canvas.restoreState()

    def _end_page(self, canvas: Any, _: BaseDocTemplate) -> None:
        """Print the label at the foot of a page without a running head."""
        if self._has_foot and self.page > 1:
            canvas.setFillColor(GREY)
            canvas.setFont("Stix", 9.5)
            canvas.drawCentredString(self.left_margin + MEASURE / 2, BOTTOM - 26, label_of(self.page))

    @property
    def _has_foot(self) -> bool:
        return self.pageTemplate.id == "bare" or "-open" in self.pageTemplate.id

    def afterFlowable(self, flowable: Flowable) -> None:
        if not isinstance(flowable, Heading):
            return
        key = f"page-{self.page}-{flowable.entry.lower().replace(' ', '-')}"
        self.canv.bookmarkHorizontal(key, 0, self.frame._y + flowable.height + 4)
        self.canv.addOutlineEntry(flowable.entry, key, flowable.level, closed=0)
        if flowable.level == 0:
            self.chapter = flowable.entry
        self.notify("TOCEntry", (flowable.level, flowable.entry, self.page, key))

    @property
    def _room(self) -> float:
        """Return the height that is left in the column."""
        return float(self.frame._y - self.frame._y1p)

    def handle_flowable(self, flowables: list[Flowable]) -> None:
        """Keep a heading with two lines of its section, and let text pass a float that has no room in the column."""
        first = flowables[0]
        if isinstance(first, Heading) and first.level and self._room < HEADING_ROOM:
            flowables.insert(0, FrameBreak())
        elif isinstance(first, Float) and len(flowables) > 1 and not self.frame._atTop:
            height = first.wrap(self.frame._aW, HEIGHT)[1] + first.getSpaceBefore()
            if height > self._room and isinstance(flowables[1], Paragraph | Formula):
                flowables[0], flowables[1] = flowables[1], flowables[0]
        super().handle_flowable(flowables)

    def beforeDocument(self) -> None:
        self.canv.addPageLabel(0, style="ROMAN_LOWER", start=1)
        self.canv.addPageLabel(ROMAN_PAGES, style="ARABIC", start=1)
        self.canv.showOutline()


def _frame(x: float, y: float, width: float, height: float) -> Frame:
    frame = Frame(INNER + x, BOTTOM + y, width, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    frame.offset = x
    return frame
