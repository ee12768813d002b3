"""Tables of filings: rows whose label and numbers stay on one line, and numbers that carry the heading of their column.

python -m benchmarks.reading.tables [--sheet SEED] [--missing]

A row of the evidence counts when its label and all its numbers stand in order on one line of the page's text. Numbers
are the cells of all tables on the pages that hold evidence; `--sheet` draws 20 of them to be checked by eye.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from benchmarks.reading.common import data, lexicon, read
from rag.types import Cell, ParsedDocument, Passage

_NUMBER = re.compile(r"[($€£—–-]*\d[\d,.]*[)%]*")
_SIGNS = re.compile(r"[$€£()%\s—–-]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_APART = re.compile(r"[^\w.,]|_")  # signs that the evidence has lost in places: dashes, quotes
_LETTERS = re.compile(r"[^\W\d_]{2}")
_DATE = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)\s*\d*,?", re.I
)
_PERIOD = re.compile(
    r"(?:19|20)\d\d|\bFY\s?'?\d\d|\b[1-4]Q|\bQ[1-4]\b|\b(?:month|week|quarter|year|fiscal|half)s?\b|\b(?:jan|feb|mar|apr"
    r"|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s*\d",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Truth:
    """A row as the evidence has it."""

    label: str
    numbers: tuple[str, ...]


def main() -> None:
    """Print shares of rows and cells; with `--sheet`, the cells drawn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sheet", type=int, metavar="SEED", help="draw 20 cells")
    parser.add_argument("--missing", action="store_true", help="print the rows not found and the cells without period")
    arguments, _ = parser.parse_known_args()
    folder = data("filings")
    if folder is None:
        return
    evidence = evidence_pages(folder)
    words = lexicon()
    rows = {"whole": 0, "cells": 0, "all": 0}
    drawn: list[tuple[str, ParsedDocument, Passage, Cell]] = []
    for name, pages in sorted(evidence.items()):
        parsed = read(folder / "pdfs" / name, words)
        document = pypdfium2.PdfDocument(folder / "pdfs" / name)
        for number, text in pages.items():
            printed = _bare(document[number - 1].get_textpage().get_text_range())
            missed = _count_rows(parsed, number, text, printed, rows)
            if arguments.missing:
                print(
                    *(f"{name} {number}: {row.label} {row.numbers}" for row in missed),
                    sep="\n",
                    end="\n" * bool(missed),
                )
        document.close()
        drawn += [(name, parsed, passage, cell) for passage, cell in cells_on(parsed, set(pages))]
    print(f"evidence: {sum(map(len, evidence.values()))} pages of {len(evidence)} filings")
    print(f"rows on one line                      {rows['whole'] / rows['all']:.4f} of {rows['all']}")
    print(f"rows whose numbers are all cells      {rows['cells'] / rows['all']:.4f}")
    with_period = [bool(_PERIOD.search(cell.heading)) for *_, cell in drawn]
    print(f"cells with a year or period           {sum(with_period) / max(1, len(drawn)):.4f} of {len(drawn)}")
    n_headed = sum(bool(cell.heading) for *_, cell in drawn)
    print(f"cells with a heading                  {n_headed / max(1, len(drawn)):.4f}")
    if arguments.missing:
        for (name, parsed, _passage, cell), has_period in zip(drawn, with_period, strict=True):
            if not has_period:
                print(
                    f"{name} {cell.span.page}: {row_of(parsed, cell)[:60]!r} {value_of(parsed, cell)} <{cell.heading}>"
                )
    if arguments.sheet is not None:
        print_sheet(drawn, arguments.sheet)


def evidence_pages(folder: Path) -> dict[str, dict[int, str]]:
    """Return by file and page number what its evidence says."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        for page, text in zip(question["pages"], question["evidence"], strict=False):
            if len(text) > len(found[question["doc"]].get(page, "")):
                found[question["doc"]][page] = text
    return dict(found)


def truth_rows(evidence: str) -> Iterator[Truth]:
    """Yield the rows of an evidence text, which has each cell on a line of its own."""
    label, numbers = "", []
    for piece in [*(" ".join(line.split()) for line in evidence.split("\n")), "end"]:
        tokens = [token for token in piece.split() if not _SIGNS.fullmatch(token)]
        if piece and tokens and all(_NUMBER.fullmatch(token) for token in tokens) and not _DATE.fullmatch(label):
            numbers.extend(token.strip("()$€£%—–-") for token in tokens)
        elif _LETTERS.search(piece):
            is_row = label and numbers and not all(_YEAR.fullmatch(number) for number in numbers)
            is_note = label.endswith(".") and len(numbers) == 1  # a sentence, and a page number or a mark
            if is_row and not is_note and len(label) < 120:
                yield Truth(label, tuple(numbers))
            label, numbers = piece, []


def _count_rows(parsed: ParsedDocument, number: int, text: str, printed: str, counts: dict[str, int]) -> list[Truth]:
    """Count the rows of one page, whose characters are `printed`; return those that are not on one line."""
    page = parsed.pages[number - 1]
    lines = [_bare(line) for line in page.text.split("\n")]
    held = defaultdict(list)
    for _, cell in cells_on(parsed, {number}, with_dashes=True):
        held[page.text.count("\n", 0, cell.span.start)].append(_bare(value_of(parsed, cell)))
    missed = []
    for row in truth_rows(text):
        if row.numbers == (page.label,) or not all(_bare(number) in printed for number in row.numbers):
            continue  # the page's number, taken for a row with the line above it; evidence of another page
        found = [i for i, line in enumerate(lines) if _in_order([row.label, *row.numbers], line)]
        counts["all"] += 1
        counts["whole"] += bool(found)
        counts["cells"] += any(all(any(_bare(n) in cell for cell in held[i]) for n in row.numbers) for i in found)
        if not found:
            missed.append(row)
    return missed


def _in_order(parts: list[str], line: str) -> bool:
    at = 0
    for part in parts:
        at = line.find(_bare(part), at)
        if at < 0:
            return False
        at += len(_bare(part))
    return True


def _bare(text: str) -> str:
    """Return the letters and figures of a text."""
    return _APART.sub("", unicodedata.normalize("NFKC", text))


def cells_on(parsed: ParsedDocument, pages: set[int], *, with_dashes: bool = False) -> Iterator[tuple[Passage, Cell]]:
    """Yield the cells on some pages that hold a figure."""
    for passage in parsed.passages:
        for cell in passage.cells:
            is_figure = with_dashes or any(character.isdigit() for character in value_of(parsed, cell))
            if cell.span.page in pages and is_figure:
                yield passage, cell


def value_of(parsed: ParsedDocument, cell: Cell) -> str:
    """Return the number as printed."""
    return parsed.pages[cell.span.page - 1].text[cell.span.start : cell.span.end]


def row_of(parsed: ParsedDocument, cell: Cell) -> str:
    """Return the line that a cell stands on."""
    text = parsed.pages[cell.span.page - 1].text
    return text[text.rfind("\n", 0, cell.span.start) + 1 : (text + "\n").find("\n", cell.span.end)]


def print_sheet(drawn: list[tuple[str, ParsedDocument, Passage, Cell]], seed: int) -> None:
    """Print 20 cells with what they are said to be."""
    print("\n| file, page | row | heading | value | title |\n|---|---|---|---|---|")
    for name, parsed, passage, cell in random.Random(seed).sample(drawn, 20):
        row = " ".join(row_of(parsed, cell).split())[:90]
        value, title = value_of(parsed, cell), " ".join(passage.title.split())
        print(f"| {name} p. {cell.span.page} | {row} | {cell.heading} | {value} | {title} |")


if __name__ == "__main__":
    main()
