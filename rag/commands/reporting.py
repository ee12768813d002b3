"""`footnote report`: how a document was read, a character a page; or what was read of one page."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from itertools import groupby

from rag.commands.common import open_library, put_json, wants_json
from rag.index.reports import Reports
from rag.index.rows import storable
from rag.records import page_report_to_json, report_to_json
from rag.report import NOT_RECORDED, PageReport, PageState, ReadBlock, Report, manner, ranges_words
from rag.settings import Settings
from rag.terminal import printable
from rag.types import Document
from rag.wording import page_name

_WIDTH = 100
_PER_ROW = 80  # pages
_PLAIN = "\x1b[0m"

# A page as one character: what is solid was read, what is a letter or a sign was not.
_MARK: dict[PageState, str] = {
    "text": "█",
    "table": "▓",
    "ocr": "▒",
    "empty": "·",
    "image": "I",
    "garbled": "?",
    "failed": "X",
}
_COLOUR: dict[PageState, str] = {
    "text": "\x1b[36m",
    "table": "\x1b[34m",
    "ocr": "\x1b[33m",
    "empty": "\x1b[2m",
    "image": "\x1b[1;35m",
    "garbled": "\x1b[1;31m",
    "failed": "\x1b[1;31m",
}
_LEGEND: dict[PageState, str] = {
    "text": "text",
    "table": "text with a table",
    "ocr": "OCR",
    "empty": "nothing to read",
    "image": "picture, not read",
    "garbled": "garbled, not read",
    "failed": "damaged, not read",
}


def report(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print how a document, or a page of it, was read."""
    library = open_library(arguments, settings)
    document = library.document(storable(arguments.document))
    if arguments.page is not None:
        page = Reports(library.catalog).page(document, arguments.page)
        if wants_json(arguments):
            put_json(page_report_to_json(document, page))
        else:
            _put(page_text(document, page, width=_width()))
    else:
        found = library.report(document.id)
        if wants_json(arguments):
            put_json(report_to_json(found))
        else:
            _put(report_text(found, width=_width(), is_coloured=_is_coloured()))
    library.close()
    return 0


def _put(text: str) -> None:
    """Print lines whose parts were made printable already: colours would be taken out by `put`."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _width() -> int:
    return min(_WIDTH, shutil.get_terminal_size().columns)


def _is_coloured() -> bool:
    """Tell whether colours are wanted: on a terminal that has them, unless NO_COLOR is set (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def report_text(report: Report, *, width: int = _WIDTH, is_coloured: bool = False) -> str:
    """Return a report card for a terminal."""
    parts = (
        _head(report, width),
        _strip(report, width, is_coloured=is_coloured),
        _unread(report, width),
        _warnings(report, width),
        _attachments(report, width),
    )
    return "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines)


def _head(report: Report, width: int) -> Iterator[str]:
    document = report.document
    yield printable(document.name)
    if document.state == "failed":
        yield from _filled(f"It could not be read: {document.reason or 'the reason is not known'}", width)
    elif not report.cells:
        yield "It is being read; its pages show here when that is done."
    else:
        yield from _filled(_covered(report), width)
        yield from _filled(_found(report), width)
        yield from _filled(f"Language: {report.language} · reading time: {_took(document)}", width)


def _covered(report: Report) -> str:
    if report.percent is None:
        return f"None of its {_n(len(report.cells), 'page')} holds anything to read."
    n_empty = len(report.cells) - report.n_holding
    empty = f"; {_n(n_empty, 'page is empty', 'pages are empty')}" if n_empty else ""
    sure = f"; OCR is {report.confidence:.0%} sure of its words".replace("%", " %") if report.confidence else ""
    holding = _n(report.n_holding, "page that holds something", "pages that hold something")
    return f"{report.percent} % read: {report.n_read:,} of {holding}{empty}{sure}"


def _found(report: Report) -> str:
    counts = (
        (len(report.cells), "page", "pages"),
        (report.n_words, "word", "words"),
        (report.document.n_passages, "passage", "passages"),
        (report.n_headings, "heading", "headings"),
        (report.n_tables, "table", "tables"),
        (report.n_figures, "figure with a caption", "figures with captions"),
    )
    return " · ".join(_n(*count) for count in counts)


def _took(document: Document) -> str:
    if not document.seconds:
        return NOT_RECORDED
    return f"{document.seconds:.1f} s" if document.seconds < 60 else f"{document.seconds / 60:.1f} min"


def _strip(report: Report, width: int, *, is_coloured: bool) -> Iterator[str]:
    """Yield rows of at most 80 pages, each with the number of its first page, and the legend."""
    if not report.cells:
        return
    n_digits = len(str(len(report.cells)))
    per_row = max(10, min(_PER_ROW, width - n_digits - 2) // 10 * 10)
    for first in range(0, len(report.cells), per_row):
        row = report.cells[first : first + per_row]
        runs = [(state, len(list(same))) for state, same in groupby(cell.state for cell in row)]
        marks = "".join(_painted(state, _MARK[state] * n, is_coloured=is_coloured) for state, n in runs)
        yield f"{row[0].number:>{n_digits}}  {marks}"
    yield ""
    legend = (f"{_MARK[state]} {_LEGEND[state]} {n:,}" for state, n in report.counts.items())
    for line in textwrap.wrap("   ".join(entry.replace(" ", "\u00a0") for entry in legend), width):
        yield _legend_painted(line, report, is_coloured=is_coloured)


def _legend_painted(line: str, report: Report, *, is_coloured: bool) -> str:
    for state in report.counts:
        entry = f"{_MARK[state]}\u00a0{_LEGEND[state]}".replace(" ", "\u00a0")
        line = line.replace(entry, _painted(state, _MARK[state], is_coloured=is_coloured) + entry[1:])
    return line.replace("\u00a0", " ")


def _painted(state: PageState, marks: str, *, is_coloured: bool) -> str:
    return f"{_COLOUR[state]}{marks}{_PLAIN}" if is_coloured else marks


def _unread(report: Report, width: int) -> Iterator[str]:
    groups = report.unread
    if groups:
        yield "Not read:"
    for group in groups:
        pages = f"{'page' if len(group.pages) == 1 else 'pages'} {ranges_words(group.pages)}"
        yield from _filled(f"{pages}: {group.reason}", width, indent="  ")
        if group.remedy:
            yield from _filled(f"→ {group.remedy}", width, indent="    ")


def _warnings(report: Report, width: int) -> Iterator[str]:
    if report.warnings:
        yield "Warnings:"
    for warning in report.warnings:
        yield from _filled(warning, width, indent="  ")


def _attachments(report: Report, width: int) -> Iterator[str]:
    if report.attachments:
        yield "Attachments, listed but not read:"
    for attachment in report.attachments:
        yield from _filled(f"{attachment.name} ({attachment.n_bytes:,} bytes)", width, indent="  ")


def _filled(text: str, width: int, *, indent: str = "") -> list[str]:
    return textwrap.wrap(printable(text), width, initial_indent=indent, subsequent_indent=indent + "  ") or [indent]


def _n(n: int, one: str, many: str | None = None) -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


# -------------------------------------------------------------------------------------------------- one page


def page_text(document: Document, report: PageReport, *, width: int = _WIDTH) -> str:
    """Return what was read of a page, its blocks one below the other; headings begin with #, rows stay a line."""
    cell = report.cell
    head = f"{document.name}, {page_name(cell.number, cell.label)}: {manner(cell)}, {_n(cell.n_words, 'word')}"
    blocks = [line for block in report.blocks for line in _block_lines(block, width)]
    return "\n".join([*_filled(head, width), *blocks])


def _block_lines(block: ReadBlock, width: int) -> list[str]:
    match block.kind:
        case "heading":
            return ["", *_filled(f"{'#' * block.level} {block.text}", width)]
        case "row":
            return [f"  | {printable(block.text)}"]
        case "caption":
            return ["", *_filled(f"[{block.text}]", width)]
    return ["", *_filled(block.text, width)]
