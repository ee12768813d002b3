"""A real Chromium: the cited pages of an answer, of a chat and of the notes come down as a PDF that opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest

from rag.export import from_chat
from rag.export.pdf.plan import answers_of
from rag.library import Library
from rag.records import answer_to_json
from tests.ui.patience import new_page, settle
from tests.ui.served import answer_chat, chromium, make_book, serving

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]

QUESTION = "How many barges did the station count?"
ELM = "The station of Elm counted 555 barges in the year."
FIR = "The station of Fir counted 666 barges in the year."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, minilm: Path) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "models").symlink_to(minilm.parent)
    return folder


@pytest.fixture(scope="module")
def chat(home: Path) -> str:
    """The id of a chat with one answer, which is pinned too."""
    library = Library(home / "libraries" / "default", n_threads=1)
    library.add(make_book(home / "atlas.pdf", "An atlas"))
    id_ = answer_chat(library, QUESTION, [("atlas.pdf", 6, FIR), ("atlas.pdf", 5, ELM)])
    begun = next(chat for chat in library.chats.list() if chat.id == id_)
    (answer,) = answers_of(from_chat(begun, library.chats.messages(id_)).items)
    library.notes.add("", answer_to_json(answer))
    library.close()
    return id_


@pytest.fixture(scope="module")
def page(home: Path, chat: str) -> Iterator[Any]:
    with serving(home, FOOTNOTE_MODEL="none") as address, chromium() as browser:
        page = new_page(browser, viewport={"width": 1440, "height": 900}, base_url=address, accept_downloads=True)
        yield page
        page.context.close()


def downloaded(page: Any, selector: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.click(selector)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def check(data: bytes, path: Path) -> None:
    """See that both pages are there, in the order of citation, with their highlights."""
    path.write_bytes(data)
    document = pypdfium2.PdfDocument(path)
    texts = [document[n].get_textpage().get_text_bounded() for n in range(len(document))]
    document.close()
    assert ["Fir Bay" in texts[0], "Elm Bay" in texts[1], len(texts)] == [True, True, 2]
    opened = pypdf.PdfReader(path)
    assert [entry.title for entry in opened.outline] == ["atlas.pdf, p. 4 (PDF 6)", "atlas.pdf, p. 3 (PDF 5)"]
    said = [a.get_object()["/Contents"] for a in opened.pages[0]["/Annots"]]
    assert f"[1] {FIR}" in said
    assert any(text.startswith(QUESTION) for text in said)


def test_the_cited_pages_of_an_answer_come_down_as_a_pdf(page: Any, chat: str, tmp_path: Path) -> None:
    page.goto(f"/?library=default&chat={chat}")
    name, data = downloaded(page, "[class*=st-key-pages-] button")
    assert name == "How many barges did the station count.pdf"
    check(data, tmp_path / name)


def test_the_export_of_a_chat_and_of_the_notes_offers_them_too(page: Any, chat: str, tmp_path: Path) -> None:
    for address in (f"/?library=default&chat={chat}", "/notes?library=default"):
        page.goto(address)
        page.click("text=Export")
        _, data = downloaded(page, "button:has-text('Cited pages (.pdf)')")
        check(data, tmp_path / "chat.pdf")
        page.keyboard.press("Escape")
    _, data = downloaded(page, "[class*=st-key-pages-] button")
    check(data, tmp_path / "note.pdf")


def test_a_chat_that_cites_nothing_does_not_offer_them(page: Any, home: Path, chat: str) -> None:
    library = Library(home / "libraries" / "default", n_threads=1)
    empty = library.chats.create("Nothing")
    library.chats.append(empty.id, "user", "Why?")
    library.close()
    page.goto(f"/?library=default&chat={empty.id}")
    page.click("text=Export")
    page.wait_for_selector("button:has-text('Word (.docx)')")
    settle(page)
    assert page.locator("button:has-text('Cited pages (.pdf)')").count() == 0
