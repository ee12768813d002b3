"""The report card: what is counted, what is said of pages that were not read, and the command that prints it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cli import main
from rag.commands.reporting import report_text
from rag.errors import InputError
from rag.index.catalog import Catalog
from rag.index.reports import Reports
from rag.ingest.ocr.tesseract import Readiness
from rag.library import Library
from rag.records import page_report_to_json, report_to_json
from rag.report import (
    LETTER,
    SAID,
    PageCell,
    PageState,
    Report,
    count_tables,
    manner,
    percent,
    ranges,
    ranges_words,
    read_blocks,
    strip,
)
from rag.types import (
    Attachment,
    Box,
    Cell,
    Document,
    Heading,
    Page,
    PageSource,
    PageSpan,
    ParsedDocument,
    Passage,
    Words,
)
from rag.waiting import NEEDED, READ_AGAIN

DAMAGED = "this page is damaged (Data format error)"
SCAN = f"a picture without text; {NEEDED}"
ROW = "Sales  1,577  (1,373)"
TEXT = f"Results\nIt was a good year. More follows.\n{ROW}\nCosts  900  800\nFigure 1: A barge\n"


def page(number: int, source: PageSource = "text", text: str = "two words\n", **more: object) -> Page:
    starts = [i for i, c in enumerate(text) if c.strip() and (i == 0 or not text[i - 1].strip())]
    ends = [next(j for j in range(i, len(text) + 1) if j == len(text) or not text[j].strip()) for i in starts]
    n = len(starts)
    boxes = np.array([[0.1, (i + 1) / 50, 0.4, (i + 1.5) / 50] for i in range(n)], np.float32).reshape(n, 4)
    words = Words(np.array(starts, np.int32), np.array(ends, np.int32), boxes, np.arange(n, dtype=np.int32))
    return Page(number, None, text, 612, 792, words, source, **more)  # type: ignore[arg-type]


def unread(number: int, source: PageSource, reason: str) -> Page:
    return Page(number, None, "", 612, 792, Words.none(), source, reason)


def passage(number: int, text: str, start: int, kind: str = "text", **more: object) -> Passage:
    span = PageSpan(1, start, start + len(text))
    return Passage(number, text, text, (span,), ("Results",), kind, **more)  # type: ignore[arg-type]


def table_passages() -> tuple[Passage, ...]:
    row, costs = TEXT.index(ROW), TEXT.index("Costs")
    numbers = [("1,577", "2018"), ("(1,373)", "2017")]
    cells = tuple(Cell(PageSpan(1, TEXT.index(n), TEXT.index(n) + len(n)), heading) for n, heading in numbers)
    caption = TEXT.index("Figure 1")
    return (
        passage(0, TEXT[: row - 1], 0),
        passage(1, ROW, row, "table", title="Sales (in millions)", cells=cells),
        passage(2, "Costs  900  800", costs, "table", title="Sales (in millions)"),
        passage(3, "Figure 1: A barge", caption, "caption", figure=Box(1, 0.1, 0.5, 0.9, 0.8)),
    )


PAGES = (
    page(1, text=TEXT),
    page(2),
    page(3, "ocr", "read by a machine\n", confidence=0.934),
    unread(4, "empty", "no text on this page"),
    unread(5, "image", SCAN),
    unread(6, "image", SCAN),
    unread(7, "failed", DAMAGED),
)
PARSED = ParsedDocument(
    "Made up", None, PAGES, table_passages(), (Heading(1, "Results", 1),), 3, "en",
    ("Something to know.",), (Attachment("invoice.xml", 1234),), 2.5,
)  # fmt: skip


def stored(catalog: Catalog, parsed: ParsedDocument = PARSED, name: str = "made.pdf") -> Document:
    return catalog.store_parsed(catalog.begin(f"{len(catalog.documents()):064x}", name, 9), parsed)


@pytest.fixture
def document(library: Library) -> Document:
    return stored(library.catalog)


# -------------------------------------------------------------------------------------------------- the card


def test_every_page_has_a_cell_with_its_state(library: Library, document: Document) -> None:
    report = library.report(document.name)
    assert [cell.state for cell in report.cells] == ["table", "text", "ocr", "empty", "image", "image", "failed"]
    assert report.counts == {"text": 1, "table": 1, "ocr": 1, "empty": 1, "image": 2, "failed": 1}
    assert report.cells[2].confidence == pytest.approx(0.934)
    assert report.cells[4].n_words == 0
    assert report.cells[1].n_words == 2


def test_coverage_leaves_empty_pages_out_and_counts_pages_that_were_not_read(
    library: Library, document: Document
) -> None:
    report = library.report(document.id)
    assert (report.n_read, report.n_holding, report.percent) == (3, 6, 50)


@pytest.mark.parametrize(("n_read", "n_holding", "expected"), [(999, 1000, 99), (2, 2, 100), (0, 3, 0), (0, 0, None)])
def test_coverage_is_a_hundred_only_when_nothing_is_missing(n_read: int, n_holding: int, expected: int | None) -> None:
    assert percent(n_read, n_holding) == expected


def test_the_card_tells_what_else_was_found(library: Library, document: Document) -> None:
    report = library.report(document.name)
    assert (report.n_headings, report.n_tables, report.n_figures) == (1, 1, 1)
    assert report.language == "English"
    assert report.attachments == (Attachment("invoice.xml", 1234),)
    assert report.warnings == ("Something to know.",)
    assert report.confidence == pytest.approx(0.934)


def test_what_was_not_read_is_grouped_by_its_reason_with_the_next_step(library: Library, document: Document) -> None:
    scans, damaged = library.report(document.name).unread
    assert (scans.state, scans.pages, scans.reason) == ("image", (5, 6), SCAN)
    assert "tesseract" in scans.remedy
    assert READ_AGAIN in scans.remedy
    assert damaged.pages == (7,)
    assert "print it to a new PDF" in damaged.remedy


def test_pages_of_which_ocr_is_more_or_less_sure_are_of_one_group() -> None:
    cells = tuple(PageCell(n, None, "image", reason=f"only marks that may be letters ({n}% sure)") for n in (7, 30))
    assert [group.pages for group in Report(made("ready"), cells).unread] == [(7, 30)]


@pytest.mark.parametrize(
    "reason",
    [
        f"a picture without text; {Readiness(None, f'there is none (type this, then {READ_AGAIN})').reason}",
        f"a picture without text; {Readiness(None, 'the time was over', was_tried=True).reason}",
        "OCR (eng) found no text in it",
    ],
)
def test_no_next_step_is_said_twice_and_none_where_there_is_none(reason: str) -> None:
    cells = (PageCell(1, None, "image", reason=reason),)
    assert Report(made("ready"), cells).unread[0].remedy == ""


def made(state: str, **more: object) -> Document:
    return Document("0" * 64, "made.pdf", "Made up", state, 1, 1, 0.0, **more)  # type: ignore[arg-type]


def test_an_older_document_says_that_language_and_time_were_not_recorded(library: Library) -> None:
    older = stored(library.catalog, ParsedDocument("Old", None, PAGES[1:2], (), (), 1))
    report = library.report(older.name)
    assert report.language == "not recorded"
    assert "reading time: not recorded" in report_text(report)
    assert report_to_json(report)["seconds"] is None
    newer = Report(made("ready", seconds=1.0))
    assert newer.language == "too little text to tell"


def test_a_failed_document_has_a_card_with_its_reason(library: Library, document: Document) -> None:
    library.catalog.fail(document, "made.pdf is damaged.")
    report = library.report(document.name)
    assert report.cells == ()
    assert "made.pdf is damaged." in report_text(report)


def test_a_document_that_is_being_read_says_so(library: Library) -> None:
    library.catalog.begin("a" * 64, "coming.pdf", 9)
    assert "being read" in report_text(library.report("coming.pdf"))


def test_parts_of_a_table_are_one_table() -> None:
    rows = [(3, "Sales", "[]"), (4, "Sales", "[]"), (5, "Costs", "[]"), (7, "Costs", "[]"), (8, "Costs", '["Part"]')]
    assert count_tables(rows) == 4
    assert count_tables([]) == 0


def test_the_states_of_many_documents_come_at_once(library: Library, document: Document) -> None:
    other = stored(library.catalog, ParsedDocument("Other", None, PAGES[1:3], (), (), 2), "other.pdf")
    states = Reports(library.catalog).states([document, other])
    assert states[other.key] == ("text", "ocr")
    assert states[document.key] == tuple(cell.state for cell in library.report(document.name).cells)


# ------------------------------------------------------------------------------------------------ small parts

STATES: Sequence[PageState] = list(SAID)


@given(st.lists(st.sampled_from(STATES), max_size=400), st.integers(1, 60))
def test_a_strip_accounts_for_every_page_and_hides_none_that_was_not_read(states: list[PageState], most: int) -> None:
    runs = strip(states, most)
    assert sum(n for _, n in runs) == len(states)
    assert len(runs) <= most
    at = 0
    for state, n in runs:
        if not {"image", "garbled", "failed"}.isdisjoint(states[at : at + n]):
            assert state in {"image", "garbled", "failed"}
        at += n


def test_a_short_strip_shows_every_page_as_it_is() -> None:
    states: list[PageState] = ["text", "text", "ocr", "failed", "text"]
    assert strip(states, 100) == [("text", 2), ("ocr", 1), ("failed", 1), ("text", 1)]


def test_a_slot_of_a_long_strip_shows_what_most_of_its_pages_are() -> None:
    states: list[PageState] = [*["text"] * 9, "ocr"]  # type: ignore[list-item]
    assert strip(states, 1) == [("text", 10)]


@given(st.sets(st.integers(1, 80)))
def test_ranges_name_the_pages_and_no_others(numbers: set[int]) -> None:
    runs = ranges(sorted(numbers))
    assert [n for first, last in runs for n in range(first, last + 1)] == sorted(numbers)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(runs))


def test_long_lists_of_pages_end_with_how_many_follow() -> None:
    assert ranges_words([1, 2, 3, 7]) == "1–3, 7"
    assert ranges_words(range(1, 41, 2), most=3) == "1, 3, 5, and 17 more"


def test_a_page_says_how_sure_ocr_is_and_why_it_was_not_read() -> None:
    assert manner(PageCell(1, None, "ocr", confidence=0.926)) == "read by OCR, 93 % sure"
    assert manner(PageCell(1, None, "ocr")) == "read by OCR"
    assert manner(PageCell(1, None, "failed", reason=DAMAGED)) == f"not read: {DAMAGED}"
    assert manner(PageCell(1, None, "failed")) == "damaged, not read"
    assert manner(PageCell(1, None, "empty", reason="no text on this page")) == "holds nothing to read"


def test_every_state_has_a_letter_of_its_own() -> None:
    assert len(set(LETTER.values())) == len(LETTER) == len(SAID)


# -------------------------------------------------------------------------------------------------- one page


def test_the_blocks_of_a_page_are_told_for_what_they_are() -> None:
    blocks = read_blocks(PAGES[0], table_passages(), PARSED.outline)
    assert [block.kind for block in blocks] == ["heading", "text", "row", "row", "caption"]
    assert [TEXT[block.span.start : block.span.end] for block in blocks] == [block.text for block in blocks]
    assert blocks[0].level == 1
    assert [cell.heading for cell in blocks[2].cells] == ["2018", "2017"]
    assert blocks[3].cells == ()
    assert blocks[3].title == "Sales (in millions)"
    assert blocks[4].figure == Box(1, 0.1, 0.5, 0.9, 0.8)


def test_a_block_over_two_passages_is_shown_once() -> None:
    halves = (passage(0, TEXT[:20], 0), passage(1, TEXT[20:42], 20))
    texts = [block.text for block in read_blocks(PAGES[0], halves, ())]
    assert texts == TEXT.strip().split("\n")


def test_what_stands_on_a_garbled_page_is_not_taken_for_words(library: Library) -> None:
    garbled = page(1, "garbled", "@@ ##  ##\n", reason="its fonts do not tell which letters they show")
    rows = (Passage(0, "@@ ##  ##", "@@", (PageSpan(1, 0, 9),), (), "table"),)
    document = stored(library.catalog, ParsedDocument("G", None, (garbled,), rows, (), 0))
    report = Reports(library.catalog).page(document, 1)
    assert [block.kind for block in report.blocks] == ["text"]
    assert report.cell.n_words == library.report(document.name).n_words == 0


def test_the_page_of_a_card_is_the_page_that_was_stored(library: Library, document: Document) -> None:
    told = page_report_to_json(document, Reports(library.catalog).page(document, 1))
    assert told["text"] == TEXT
    assert told["state"] == "table"
    assert [block["kind"] for block in told["blocks"]] == ["heading", "text", "row", "row", "caption"]
    with pytest.raises(InputError, match="no page 8"):
        Reports(library.catalog).page(document, 8)


# ------------------------------------------------------------------------------------------------ the command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library's folder that holds the document of this file."""
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    folder = tmp_path / "libraries" / "default"
    catalog = Catalog(folder)
    stored(catalog)
    catalog.close()
    return folder


def test_the_command_prints_a_character_a_page_and_what_was_not_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert folder.is_dir()
    assert main(["report", "made.pdf", "--text"]) == 0
    said = capsys.readouterr().out
    assert "\n1  ▓█▒·IIX\n" in said
    assert "50 % read: 3 of 6 pages that hold something; 1 page is empty; OCR is 93 % sure of its words" in said
    assert f"pages 5–6: {SCAN}" in said
    assert "invoice.xml (1,234 bytes)" in said
    assert "Something to know." in said
    assert "English · reading time: 2.5 s" in said
    assert "\x1b" not in said, "colours are for terminals"


def test_the_command_prints_json_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    assert main(["report", "made.pdf", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["coverage"], told["language"], told["seconds"], told["tables"]) == (50, "en", 2.5, 1)
    assert told["attachments"] == [{"name": "invoice.xml", "bytes": 1234}]
    assert told["cells"][6] == {
        "page": 7, "label": None, "state": "failed", "words": 0, "reason": DAMAGED, "confidence": None,
    }  # fmt: skip
    assert told["unread"][0]["pages"] == [5, 6]


def test_the_command_prints_what_was_read_of_a_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    assert main(["report", "made.pdf", "--page", "1", "--text"]) == 0
    said = capsys.readouterr().out
    assert "p. 1: its text was read, with a table" in said
    assert "\n# Results\n" in said
    assert f"| {ROW}" in said
    assert "[Figure 1: A barge]" in said
    assert main(["report", "made.pdf", "--page", "8"]) == 1
    assert "There is no page 8" in capsys.readouterr().err
    assert main(["report", "lost.pdf"]) == 1
    assert "footnote list" in capsys.readouterr().err


def test_rows_of_a_long_document_say_their_first_page() -> None:
    cells = tuple(PageCell(n, None, "text", 1) for n in range(1, 206))
    said = report_text(Report(made("ready"), cells), width=100)
    rows = [line for line in said.splitlines() if "█" in line and "text" not in line]
    assert [line.split()[0] for line in rows] == ["1", "81", "161"]
    assert [line.count("█") for line in rows] == [80, 80, 45]
    narrow = report_text(Report(made("ready"), cells), width=40)
    assert max(map(len, narrow.splitlines())) <= 40


def test_colours_change_nothing_but_colours() -> None:
    report = Report(made("ready"), tuple(PageCell(n, None, state, 1) for n, state in enumerate(STATES, 1)))
    plain, coloured = (report_text(report, is_coloured=is_coloured) for is_coloured in (False, True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    attached = (Attachment("\x1b[2Jwipe.exe", 1),)
    said = report_text(Report(made("ready"), (PageCell(1, None, "text", 1),), attachments=attached), is_coloured=True)
    assert "\x1b[2J" not in said
    assert "[2Jwipe.exe" in said
