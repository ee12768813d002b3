"""The report card in the browser: strips in the Library, the page with the cells, pages beside what was read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

import ui
from rag.index.catalog import Catalog
from rag.library import Library
from rag.report import LETTER, SAID, PageCell, PageState, Report
from rag.types import Document
from tests.test_report import ROW, SCAN, TEXT, stored
from tests.ui.patience import becomes, hover, new_page, settle
from tests.ui.served import chromium, make_book, serving
from tests.ui.test_ui_library import checked, do, html, opened, said
from ui import shelf
from ui.report import grid_data
from ui.routes import routes
from ui.strips import coverage_words, strip_html

MAIN = Path(ui.__file__).parent / "main.py"


@pytest.fixture
def document(bench: shelf.Shelf) -> Document:
    """A document with a page in every manner."""
    return ready(bench.place("default").library.catalog)


def ready(catalog: Catalog) -> Document:
    document = stored(catalog)
    with catalog.database.writing() as connection:
        connection.execute("UPDATE document SET state = 'ready' WHERE key = ?", (document.key,))
    return catalog.document(document.id)


def shown(**address: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=180)
    app.query_params.update({"library": "default", **address})
    app.switch_page("views/report.py")
    return checked(app.run())


def links(app: AppTest) -> list[str]:
    return [element.proto.label.replace("\\", "") for element in app.get("page_link")]


# ------------------------------------------------------------------------------------------------- the Library


def test_a_row_shows_how_its_pages_were_read(document: Document) -> None:
    app = opened()
    assert 'class="fn-strip" role="img"' in html(app)
    assert "2 pages: a picture, not read" in html(app)
    assert any("50 % read" in label for label in links(app))
    assert document.n_pages == 7


def test_a_row_of_a_document_that_failed_has_no_strip(bench: shelf.Shelf, document: Document) -> None:
    bench.place("default").library.catalog.fail(document, "made.pdf is damaged.")
    app = opened()
    assert "made.pdf is damaged." in html(app)
    assert "fn-strip" not in html(app)


def test_the_menu_of_a_row_leads_to_the_card(document: Document) -> None:
    app = do(opened(), "How it was read", document)
    assert app.title[0].value == "Made up"
    assert document.id in app.query_params["doc"]


def test_strips_are_made_once(bench: shelf.Shelf, document: Document) -> None:
    place = bench.place("default")
    opened()
    first = place.strips[document.key]
    opened()
    assert place.strips[document.key] is first


def test_a_strip_says_in_words_what_it_shows_in_colours() -> None:
    states: list[PageState] = ["text", "text", "garbled"]
    assert "2 pages: its text was read; 1 page: garbled letters, not read" in strip_html(states)
    assert [int(n) for n in re.findall(r"flex:(\d+)", strip_html(states))] == [2, 1]
    assert coverage_words(states) == "66 % read · 1 page not read"
    assert coverage_words(["empty"]) == "nothing to read"
    assert coverage_words(["ocr", "empty"]) == "100 % read"


# ------------------------------------------------------------------------------------------------ the card


def test_the_card_names_its_facts(document: Document) -> None:
    app = shown(doc=document.id)
    facts = re.sub(r"<[^>]+>", "|", html(app))
    for fact in ("50 % read", "3 of 6 pages that hold something; 1 page is empty", "English", "2.50 s", "93 %"):
        assert fact in facts
    assert "A page counts whole" in facts, "what coverage means is said"
    assert "invoice.xml (1 KB)" in facts
    assert "Something to know." in said(app).replace("\\", "")


def test_the_card_of_a_failed_document_says_why(bench: shelf.Shelf, document: Document) -> None:
    bench.place("default").library.catalog.fail(document, "made.pdf is damaged.")
    app = shown(doc=document.name)
    assert app.error[0].value.replace("\\", "") == "made.pdf is damaged."
    assert "fn-facts" not in html(app)


def test_the_card_of_a_document_that_is_being_read_says_so(bench: shelf.Shelf) -> None:
    document = bench.place("default").library.catalog.begin("a" * 64, "coming.pdf", 9)
    assert "being read" in shown(doc=document.id).info[0].value


def test_an_address_that_names_no_document_leads_back_to_the_library(bench: shelf.Shelf) -> None:
    assert bench
    app = shown(doc="lost.pdf")
    assert "no document of this library" in app.info[0].value
    assert links(app) and "Library" in links(app)[-1]


def test_the_grid_is_told_every_page_in_few_words(document: Document, bench: shelf.Shelf) -> None:
    report = bench.place("default").library.report(document.id)
    told = grid_data(report, "/paper", 5)
    assert told["states"] == "#TO·II×"
    assert told["reasons"][told["why"][5]] == SCAN
    assert told["sure"] == {3: 0.934}
    assert told["page"] == 5
    assert told["key"] == document.key
    assert told["unread"][0]["pages"] == [(5, 6)]
    assert grid_data(report, "/paper", 8)["page"] is None


def test_thousands_of_pages_are_told_in_few_characters() -> None:
    cells = tuple(PageCell(n, None, "image", 0, "the same reason for all of them") for n in range(1, 3001))
    document = Document("0" * 64, "long.pdf", "Long", "ready", 3000, 0, 0.0)
    assert len(repr(grid_data(Report(document, cells), "/paper"))) < 100_000


def test_every_state_has_its_colour_in_the_style_sheets() -> None:
    folder = Path(ui.__file__).parent / "report"
    around, inside = ((folder / name).read_text(encoding="utf-8") for name in ("around.css", "report.css"))
    for state in SAID:
        assert f"--fn-s-{state}:" in around
        assert f".{state}:is(button, .swatch)" in inside
    assert len(LETTER) == len(SAID)


# ------------------------------------------------------------------------------------------------ a page of it


@pytest.fixture
def client(bench: shelf.Shelf) -> Iterator[TestClient]:
    assert bench
    with TestClient(Starlette(routes=routes()), base_url="http://localhost") as client:
        yield client


def test_what_was_read_of_a_page_comes_with_the_places_of_its_words(
    client: TestClient, bench: shelf.Shelf, document: Document
) -> None:
    paper = bench.paper(bench.place("default"), document.id)
    told = client.get(f"{paper}/read/1").json()
    assert [block["kind"] for block in told["blocks"]] == ["heading", "text", "row", "row", "caption"]
    row = told["blocks"][2]
    assert row["text"] == ROW
    assert [ROW[start:end] for start, end, _ in row["cells"]] == ["1,577", "(1,373)"]
    assert [heading for _, _, heading in row["cells"]] == ["2018", "2017"]
    assert len(row["words"]) == 3
    assert sum(len(block["words"]) for block in told["blocks"]) == len(TEXT.split())
    assert told["figures"] == [[0.1, 0.5, 0.9, 0.8]]
    assert told["remedy"] == ""


def test_a_page_that_was_not_read_says_why_and_what_to_do(
    client: TestClient, bench: shelf.Shelf, document: Document
) -> None:
    paper = bench.paper(bench.place("default"), document.id)
    told = client.get(f"{paper}/read/5").json()
    assert told["why"] == f"not read: {SCAN}"
    assert "tesseract" in told["remedy"]
    assert told["blocks"] == []
    assert client.get(f"{paper}/read/8").status_code == 404
    assert client.get(f"{paper[:-1]}x/read/1").status_code == 403


# ---------------------------------------------------------------------------------------------- a real browser

ROOT = "[...document.querySelectorAll('*')].map(e => e.shadowRoot).find(r => r && r.querySelector('.grid'))"
FOCUSED = f"{ROOT}.activeElement?.dataset.page ?? {ROOT}.activeElement?.id"
NOTE_FOCUS_AT_CLOSE = f"() => {ROOT}.addEventListener('close', () => {{ window.atClose = {FOCUSED}; }}, true)"


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, minilm: Path) -> Iterator[tuple[Path, str]]:
    """A home with an atlas of ten pages, two of which were made to be a scan and an OCRed page; and the atlas's id."""
    pytest.importorskip("reportlab", reason="reportlab makes the test PDFs: pip install '.[dev]'")
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(minilm.parent)
    library = Library(home / "libraries" / "default", n_threads=1)
    library.add(make_book(home / "atlas.pdf", "An atlas of waters"))
    document = library.document("atlas.pdf")
    with library.catalog.database.writing() as connection:
        sql = "UPDATE page SET source = ?, confidence = ?, reason = ?, text = iif(?, '', text) WHERE document = ? AND number = ?"
        connection.execute(sql, ("ocr", 0.93, None, False, document.key, 4))
        connection.execute(sql, ("image", None, SCAN, True, document.key, 6))
    ready(library.catalog)  # has no file, so no picture can be drawn of it
    library.close()
    yield home, document.id


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(books: tuple[Path, str]) -> Iterator[str]:
    with serving(books[0], FOOTNOTE_MODEL="none") as address:
        yield address


@pytest.fixture
def card(browser: Any, address: str, books: tuple[Path, str]) -> Iterator[Any]:
    """The card of the atlas; a script that fails, fails the test."""
    page, wrong = new_page(browser, viewport={"width": 1440, "height": 900}, base_url=address), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"/report?library=default&doc={books[1]}")
    page.wait_for_selector(".grid button >> nth=9")
    settle(page)
    yield page
    page.context.close()
    assert not wrong, wrong


browsed = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]


def marked(test: Any) -> Any:
    for mark in browsed:
        test = mark(test)
    return test


@marked
def test_a_cell_says_what_it_is_and_opens_its_page_beside_what_was_read(card: Any) -> None:
    assert card.locator(".grid button").all_inner_texts() == list("TTTOTITTTT")
    assert card.get_attribute('.grid button[data-page="4"]', "aria-label") == "p. 2 (PDF 4): read by OCR, 93 % sure"
    hover(card, '.grid button[data-page="4"]')
    becomes(lambda: card.inner_text(".tip"), "p. 2 (PDF 4): read by OCR, 93 % sure")
    card.click('.grid button[data-page="3"]')
    card.wait_for_selector(".sheet .block")
    assert "Cedar Bay is wide and calm" in card.inner_text(".read")
    assert "timber rafts" in card.inner_text(".read"), "words that were broken are whole"
    n_words = card.evaluate(
        f"[...{ROOT}.querySelectorAll('.picture path')].flatMap(p => p.getAttribute('d').match(/M/g)).length"
    )
    assert n_words >= len(card.inner_text(".read").split())
    assert "page=3" in card.evaluate("location.search")


@marked
def test_words_and_their_places_light_together(card: Any) -> None:
    card.click('.grid button[data-page="3"]')
    hover(card, ".read .block >> nth=0")
    lit = f"[...{ROOT}.querySelectorAll('path.lit')].map(p => p.dataset.block)"
    becomes(lambda: card.evaluate(lit), ["0"])
    ink = card.evaluate(
        f"""() => {{ const paper = {ROOT}.querySelector('.page').getBoundingClientRect();
        const box = {ROOT}.querySelector('path[data-block="0"]').getBoundingClientRect();
        return [(box.left - paper.left) / paper.width, (box.top - paper.top) / paper.height]; }}"""
    )
    assert ink[0] == pytest.approx(40 / 420, abs=0.02), "where the first line begins on the page"
    assert ink[1] == pytest.approx(1 - 508 / 595, abs=0.03)


@marked
def test_the_keyboard_reaches_every_page(card: Any) -> None:
    card.focus('.grid button[data-page="1"]')
    card.keyboard.press("ArrowRight")
    card.keyboard.press("ArrowRight")
    assert card.evaluate(FOCUSED) == "3"
    card.keyboard.press("End")
    assert card.evaluate(FOCUSED) == "10"
    assert card.evaluate(f"[...{ROOT}.querySelectorAll('.grid button')].filter(b => b.tabIndex === 0).length") == 1
    card.keyboard.press("Home")
    card.keyboard.press("Enter")
    card.wait_for_selector(".sheet[open] .block")
    card.keyboard.press("ArrowRight")
    card.keyboard.press("ArrowRight")
    assert card.inner_text("#sheet-name") == "p. 1 (PDF 3)"
    card.evaluate(NOTE_FOCUS_AT_CLOSE)
    card.keyboard.press("Escape")
    card.wait_for_function("'atClose' in window")
    assert card.evaluate("window.atClose") == "3", "the page that was looked at last, from the first instant on"
    assert card.evaluate(FOCUSED) == "3", "and nothing takes the focus away"
    assert "page=" not in card.evaluate("location.search")
    card.keyboard.press("ArrowRight")
    assert card.evaluate(FOCUSED) == "4"


@marked
@pytest.mark.parametrize("way", ["[data-do=shut]", "beside"])
def test_a_sheet_that_is_closed_by_the_pointer_leaves_the_focus_on_its_page(card: Any, way: str) -> None:
    card.click('.grid button[data-page="3"]')
    card.wait_for_selector(".sheet .block")
    if way == "beside":
        card.mouse.click(3, 3)
    else:
        card.click(f".sheet {way}")
    card.wait_for_selector(".sheet", state="hidden")
    becomes(lambda: card.evaluate(FOCUSED), "3")
    becomes(lambda: card.evaluate("location.search.includes('page=')"), False)
    card.click('.grid button[data-page="5"]')  # and it opens again
    card.wait_for_selector(".sheet[open] .block")
    assert card.inner_text("#sheet-name") == "p. 3 (PDF 5)"


@marked
def test_a_table_is_shown_with_the_headings_of_its_columns(card: Any) -> None:
    card.goto("/report?library=default&doc=made.pdf&page=1")
    card.wait_for_selector(".read table")
    settle(card)
    assert card.locator(".read th").all_inner_texts() == ["2018", "2017"]
    rows = [line.locator("td").all_inner_texts() for line in card.locator(".read tbody tr").all()]
    assert rows == [["Sales", "1,577", "(1,373)"], ["Costs", "900", "800"]]
    assert card.inner_text(".read .title") == "Sales (in millions)"


@marked
def test_a_row_is_cut_between_its_cells_where_a_letter_takes_two_units(browser: Any) -> None:
    text = "𝑥 value  12  340"  # Python counts 𝑥 as one, JavaScript as two
    cells = [[text.index("12"), text.index("12") + 2, "2018"], [text.index("340"), len(text), "2017"]]
    script = (Path(ui.__file__).parent / "report" / "blocks.js").read_text(encoding="utf-8")
    page = browser.new_page()
    page.add_script_tag(content=script)
    assert page.evaluate("row => rowParts(row, [])", {"text": text, "cells": cells}) == ["𝑥 value", "12", "340"]
    page.close()


@marked
def test_a_page_that_was_read_again_is_fetched_again(browser: Any) -> None:
    folder = Path(ui.__file__).parent / "report"
    page = browser.new_page()
    page.set_content(f"<div>{(folder / 'report.html').read_text(encoding='utf-8')}</div>")
    for name in ("blocks", "sheet"):
        page.add_script_tag(content=(folder / f"{name}.js").read_text(encoding="utf-8"))
    kept = """keys => {
      const sheet = new Sheet(document.body, {shut() {}});
      return keys.map(key => { sheet.use({at: '/paper', n: 3, key}); const n = sheet.pages.size; sheet.pages.set(1, 0); return n; });
    }"""
    assert page.evaluate(kept, [7, 7, 8]) == [0, 1, 0]
    page.close()


@marked
def test_the_viewer_asks_anew_about_a_document_that_was_read_again(browser: Any) -> None:
    page = browser.new_page()
    page.add_script_tag(content=(Path(ui.__file__).parent / "viewer" / "papers.js").read_text(encoding="utf-8"))
    kept = """keys => {
      const papers = new Papers();
      return keys.map(key => { papers.update([{id: 'a', key}]); const has = papers.infos.has('a'); papers.infos.set('a', 0); return has; });
    }"""
    assert page.evaluate(kept, [7, 7, 8]) == [False, True, False]
    page.close()


@marked
def test_a_page_that_was_not_read_is_listed_and_says_what_to_do(card: Any) -> None:
    assert SCAN in card.inner_text(".unread")
    card.click(".unread [data-page='6']")
    card.wait_for_selector(".sheet .note")
    assert "tesseract" in card.inner_text(".sheet .note")


@marked
def test_the_address_opens_a_page_and_the_way_back_is_the_library(card: Any, books: tuple[Path, str]) -> None:
    card.goto(f"/report?library=default&doc={books[1]}&page=4")
    card.wait_for_selector(".sheet[open] .block")
    assert card.inner_text("#sheet-name") == "p. 2 (PDF 4)"
    card.keyboard.press("Escape")
    card.click(".st-key-report a:has-text('Library')")
    card.wait_for_selector(".fn-strip")
    card.click("[class*=st-key-about-] a:has-text('90 % read')")
    card.wait_for_selector(".grid button >> nth=9")


@marked
def test_on_a_phone_the_picture_stands_above_the_text(browser: Any, address: str, books: tuple[Path, str]) -> None:
    page = new_page(browser, viewport={"width": 390, "height": 844}, base_url=address)
    page.goto(f"/report?library=default&doc={books[1]}&page=3")
    page.wait_for_selector(".sheet[open] .block")
    settle(page)
    page.wait_for_function(f"() => !{ROOT}.querySelector('.sheet').getAnimations().length")
    picture, text = (page.locator(selector).bounding_box() for selector in (".picture", ".read"))
    assert picture["y"] + picture["height"] <= text["y"] + 1
    assert text["width"] == pytest.approx(390, abs=2)
    page.keyboard.press("Escape")
    page.wait_for_selector(".sheet", state="hidden")
    becomes(lambda: page.evaluate("document.querySelector('.stMain').scrollWidth <= 390"), True)
    page.context.close()
