"""Typeset the primer: `python docs/primer/build.py [--out FOLDER]`.

In: text/*.md, questions.json, hyphens.txt and the figures of plots.py and diagrams.py. Out: primer.pdf and
primer_questions.json, which knows the page on which each answer stands; by default into rag/assets. The same sources
and the same versions of reportlab and matplotlib give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path

import diagrams
import matplotlib as mpl
import plots
import pypdfium2
from markup import Block, Chapter, Equation, Grid, Paragraph, Picture, Section, read_chapter, read_hyphens, to_rich_text
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.platypus import (
    Flowable,
    FrameBreak,
    HRFlowable,
    NextPageTemplate,
    PageBreak,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus import Paragraph as Text
from reportlab.platypus.tableofcontents import TableOfContents
from typeset import ACCENT, COLUMN, MEASURE, STYLES, Float, Heading, Primer, label_of, register_fonts
from vector import FigureBox, Formula

HERE = Path(__file__).resolve().parent
TITLE, SUBTITLE = "Learning in Layers", "A Primer on Deep Learning"
CONTENTS_PAGE = "two-open-525"
IMPRINT = (
    "*Learning in Layers: A Primer on Deep Learning*. First edition, 2026.",
    "Written for Footnote, as the document on which it opens. The text and the figures are published under the "
    "Apache Licence, Version 2.0, like the program itself; they may be copied, changed and passed on.",
    "Typeset with ReportLab in STIX General. The figures were drawn with matplotlib, and their curves computed with "
    "NumPy, by the scripts that stand beside the text.",
)


class Typesetter:
    """Turns chapters into flowables, and numbers figures and tables."""

    def __init__(self, hyphens: dict[str, str], chapters: Sequence[Chapter]) -> None:
        self._hyphens = hyphens
        names = [block.name for chapter in chapters for block in chapter.blocks if isinstance(block, Picture)]
        self._figures = {name: number for number, name in enumerate(names, 1)}
        self._n_tables = self._n_chapters = 0

    def rich(self, text: str) -> str:
        """Return inline markup as reportlab reads it; `@name` becomes the number of that figure."""
        text = re.sub(r" ?@(\w+)", lambda name: f"\u00a0{self._figures[name[1]]}", text)
        return to_rich_text(text, self._hyphens)

    def chapter(self, chapter: Chapter) -> list[Flowable]:
        """Return a chapter with its opening, on a page of its own."""
        templates = templates_of(chapter)
        kicker = ""
        if chapter.is_numbered:
            self._n_chapters += 1
            kicker = f"Chapter {self._n_chapters}"
        story: list[Flowable] = [
            NextPageTemplate([templates[0]]),
            PageBreak(),
            NextPageTemplate([templates[1]]),
            Spacer(1, 10),
            Text(kicker, STYLES["kicker"]) if kicker else Spacer(1, 16),
            Heading(self.rich(chapter.title), STYLES["chapter"], level=0, entry=chapter.title),
            Spacer(1, 6),
            HRFlowable(width="100%", thickness=0.6, color=ACCENT, spaceBefore=0, spaceAfter=0),
            FrameBreak(),
        ]
        follows_break = True
        for block in chapter.blocks:
            story += self._block(block, chapter, follows_break)
            follows_break = not isinstance(block, Paragraph)
        return story

    def _block(self, block: Block, chapter: Chapter, follows_break: bool) -> list[Flowable]:
        narrow = chapter.n_columns == 2
        if isinstance(block, Section):
            return [Heading(self.rich(block.title), STYLES["section"], level=1, entry=block.title)]
        if isinstance(block, Equation):
            return [Formula(block.mathtext, 9.8 if narrow else 10.8)]
        if isinstance(block, Picture):
            return [self._figure(block)]
        if isinstance(block, Grid):
            return [self._table(block, COLUMN if narrow else MEASURE)]
        if chapter.options.get("entries"):
            return [Text(self.rich(block.text), STYLES["entry"])]
        name = ("narrow-first" if follows_break else "narrow") if narrow else ("first" if follows_break else "body")
        return [Text(self.rich(block.text), STYLES[name])]

    def _figure(self, picture: Picture) -> Flowable:
        draw = getattr(plots, picture.name, None) or getattr(diagrams, picture.name)
        caption = Text(f"<b>Figure {self._figures[picture.name]}.</b> {self.rich(picture.caption)}", STYLES["caption"])
        box = FigureBox(draw())
        box.spaceAfter = 5
        return Float([box, caption])

    def _table(self, grid: Grid, room: float) -> Flowable:
        self._n_tables += 1
        caption = Text(f"<b>Table {self._n_tables}.</b> {self.rich(grid.caption)}", STYLES["caption"])
        caption.spaceAfter = 4
        head = [Text(f"<b>{self.rich(cell)}</b>", STYLES["cell"]) for cell in grid.rows[0]]
        body = [[Text(self.rich(cell), STYLES["cell"]) for cell in row] for row in grid.rows[1:]]
        rule = HexColor("#1a1a1a")
        style = [
            ("LINEABOVE", (0, 0), (-1, 0), 0.9, rule),
            ("LINEBELOW", (0, 0), (-1, 0), 0.5, rule),
            ("LINEBELOW", (0, -1), (-1, -1), 0.9, rule),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 1.6),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4),
        ]
        widths = [width * room / sum(grid.widths) for width in grid.widths]
        table = Table([head, *body], colWidths=widths, style=style)
        return Float([caption, table], gap=12)


def templates_of(chapter: Chapter) -> tuple[str, str]:
    """Return the templates of a chapter's first page and of those after it.

    The option `height` is that of the columns of the last page, in points.
    """
    style = "two" if chapter.n_columns == 2 else "one"
    height = chapter.options.get("height", "")
    if "entries" in chapter.options:
        return f"{style}-open-{height}", style
    return f"{style}-open", f"{style}-{height}" if height else style


def front_matter(typesetter: Typesetter) -> list[Flowable]:
    """Return the title page, the imprint and the contents."""
    contents = TableOfContents(dotsMinLevel=1, levelStyles=[STYLES["toc-chapter"], STYLES["toc-section"]])
    contents.formatter = label_of
    sides = ("TOP", "BOTTOM", "LEFT", "RIGHT")
    contents.tableStyle = TableStyle([(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in sides])
    title = [
        Spacer(1, 60),
        FigureBox(diagrams.cover()),
        Spacer(1, 46),
        Text(TITLE, STYLES["title"]),
        Spacer(1, 14),
        HRFlowable(width=90, thickness=0.8, color=ACCENT),
        Spacer(1, 12),
        Text(SUBTITLE, STYLES["subtitle"]),
    ]
    imprint: list[Flowable] = [NextPageTemplate(["bare"]), PageBreak(), Spacer(1, 440)]
    for line in IMPRINT:
        imprint += [Text(typesetter.rich(line), STYLES["imprint"]), Spacer(1, 8)]
    opening = [
        NextPageTemplate([CONTENTS_PAGE]),
        PageBreak(),
        Spacer(1, 26),
        Text("Contents", STYLES["chapter"]),
        FrameBreak(),
    ]
    return [*title, *imprint, *opening, contents]


def typeset(path: Path) -> None:
    """Write the PDF."""
    register_fonts()
    rl_config.useA85 = 0
    chapters = [read_chapter(source) for source in sorted((HERE / "text").glob("*.md"))]
    typesetter = Typesetter(read_hyphens(HERE / "hyphens.txt"), chapters)
    with mpl.rc_context(plots.RC):
        story = front_matter(typesetter)
        for chapter in chapters:
            story += typesetter.chapter(chapter)
        templates = {"bare", CONTENTS_PAGE}.union(*(templates_of(chapter) for chapter in chapters))
        Primer(path, title=f"{TITLE}: {SUBTITLE}", subject=SUBTITLE, templates=templates).multiBuild(story)


def normalise(text: str) -> str:
    """Return text on one line, with words that were broken at a line's end put together."""
    text = re.sub(r"(?:\ufffe|\u00ad|\u0002)\s*", "", text)
    text = re.sub(r"(?<=[a-z])-\r?\n(?=[a-z])", "", text)
    return " ".join(text.split())


def place_questions(pdf: Path, questions: list[dict[str, object]]) -> list[dict[str, object]]:
    """Look up the page of each question's `evidence` and return the questions as the application reads them."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [normalise(page.get_textpage().get_text_bounded()) for page in document]
    placed = []
    for question in questions:
        evidence = str(question.pop("evidence"))
        found = [number for number, text in enumerate(pages, 1) if evidence in text]
        if len(found) != 1 or str(question["answer"]) not in evidence:
            raise SystemExit(f"{question['question']!r}: the evidence stands on pages {found}, it must be exactly one")
        placed.append({**question, "page": found[0]})
    return placed


def main() -> None:
    parser = argparse.ArgumentParser(description="Typeset the primer.")
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "rag" / "assets", help="folder to write to")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    pdf = folder / "primer.pdf"
    typeset(pdf)
    questions = place_questions(pdf, json.loads((HERE / "questions.json").read_text(encoding="utf-8")))
    text = json.dumps(questions, ensure_ascii=False, indent=2) + "\n"
    (folder / "primer_questions.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
