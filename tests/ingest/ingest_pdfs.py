"""PDFs made for the tests."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypdf
import pypdfium2
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from rag.ingest.reading import read_document
from rag.types import ParsedDocument

WIDTH, HEIGHT = A4
Draw = Callable[[Canvas], None]

SENTENCES = (
    "The lighthouse at Cape Mornay was lit for the first time in 1874.",
    "Its lamp burned rape oil until the keeper changed to paraffin in 1889.",
    "Ships gave thanks for the light with three long whistles at dawn.",
    "A storm broke the western window and the light failed for nine days.",
    "Repairs cost four hundred pounds, which the harbour paid in silver.",
    "The last keeper left the tower when the lamp was made automatic.",
)


def make(path: Path, *pages: Draw, **options: object) -> Path:
    """Write a PDF with one page for each function."""
    canvas = Canvas(str(path), pagesize=A4, **options)
    for draw in pages:
        canvas.setFont("Helvetica", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return path


def lines(
    canvas: Canvas, texts: tuple[str, ...] | list[str], *, x: float = 72, y: float = 700, pitch: float = 13
) -> None:
    """Write lines one under the other, from `y` points above the foot."""
    for i, text in enumerate(texts):
        canvas.drawString(x, y - i * pitch, text)


def prose(*, x: float = 72, y: float = 700) -> Draw:
    """Return a page with the six sentences, one a line."""
    return lambda canvas: lines(canvas, SENTENCES, x=x, y=y)


def rewritten(path: Path, target: Path, change: Callable[[pypdf.PdfWriter], None]) -> Path:
    """Write a copy of a PDF after a change by pypdf."""
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(BytesIO(path.read_bytes())))
    change(writer)
    writer.write(target)
    return target


def read(path: Path) -> ParsedDocument:
    """Read a PDF in this process."""
    document = pypdfium2.PdfDocument(path)
    try:
        return read_document(document, name=path.name)
    finally:
        document.close()


def titles(parsed: ParsedDocument) -> list[str]:
    """Return the titles of the outline that was found."""
    return [heading.title for heading in parsed.outline]
