"""A person's path, from the first visit to the removal of the document, in a real Chromium with the real models."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from rag import models
from rag.errors import ModelMissing
from tests.ui.patience import TOOLS, becomes, new_page
from tests.ui.served import chromium, serving

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]

WRITING_S = 600  # what the real model may take for an answer
REPORT = [
    [
        "# Annual report of the Harbour Seal Station 2021",
        "The Harbour Seal Station is a research institute on the island of Norderney. It was founded in 1974 by Karin "
        "Ebeling, who led it until 1998.",
        "The purpose of the station is to count seals and to nurse pups that have lost their mothers. In 2021 the "
        "station nursed 142 pups, and 131 of them were released into the sea.",
    ],
    [
        "# The count of 2021",
        "A haul-out is a place where seals leave the water to rest. The largest haul-out of the coast is the Kachelot "
        "sandbank, where 2,310 seals were counted in August 2021.",
        "Counting is done from a small aeroplane at low tide. Each flight takes four hours and is repeated three times "
        "between June and August, so that a day of bad weather does not spoil the result.",
    ],
    [
        "# Money",
        "The station is paid for by the state of Lower Saxony and by visitors. Tickets brought in 418,000 euros in "
        "2021, and the state gave 650,000 euros. The largest expense was fish: 96 tonnes of herring were bought.",
        "A new pool was built for 220,000 euros. It was opened in May 2021 and holds 300 cubic metres of sea water.",
    ],
]


@pytest.fixture(scope="module")
def smollm() -> Path:
    """The folder of the built-in language model."""
    try:
        return models.path_of(models.SMOLLM2)
    except ModelMissing as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, minilm: Path, smollm: Path) -> Iterator[Any]:
    """A visit to a home of its own, where only the models were there before."""
    assert smollm.parent == minilm.parent
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(minilm.parent)
    with serving(home, FOOTNOTE_THREADS="1") as address, chromium() as browser:
        page = new_page(browser, viewport={"width": 1440, "height": 900}, base_url=address, accept_downloads=True)
        page.set_default_timeout(1000 * WRITING_S)
        yield page
        page.context.close()


@pytest.mark.timeout(3600)
def test_from_the_first_drop_to_the_removal(page: Any, make_pdf: Callable[..., Path]) -> None:
    page.goto("/")
    page.wait_for_selector("text=Drop in a PDF. Ask it anything.")
    page.set_input_files(
        "[data-testid=stFileUploader] input[type=file]", str(make_pdf(REPORT, "seals.pdf", title="Seals"))
    )

    # the guide, and one of the questions that it suggests
    page.wait_for_selector(".st-key-guide .fn-chip")
    guide = page.inner_text(".st-key-guide")
    assert "haul-out" in guide.casefold()
    assert "3 pages" in guide
    page.click(".st-key-suggested button >> nth=0")

    # the documents' own words come first, lit up; a chip opens its page
    page.click(".fn-answer:not(.fn-guide) .fn-chip >> nth=0")  # not one of the guide's, which go at this moment
    page.wait_for_selector(".page mark")
    wait_for_answers(page, 1)
    assert "in the words of smollm2" in page.inner_text(".st-key-talk").casefold()

    # with the documents and without them, side by side
    page.click("text=Compare")
    page.wait_for_selector(".fn-verdict")
    assert "without your documents" in page.inner_text(".st-key-talk").casefold()

    # a follow-up leans on what was said before
    ask(page, "How many pups did the station nurse in 2021?")
    page.wait_for_selector("text=142 pups >> visible=true")  # a chip's card holds the words too, hidden
    wait_for_answers(page, 2)
    ask(page, "And how many were released?")
    wait_for_answers(page, 3)
    assert "131" in page.inner_text(".fn-answer >> nth=-1") or "131" in page.inner_text(".st-key-talk")

    # the chat as a Word file with footnotes
    page.click("text=Export")
    with page.expect_download() as download:
        page.click("button:has-text('Word (.docx)')")
    document = Document(io.BytesIO(Path(download.value.path()).read_bytes()))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "How many pups did the station nurse in 2021?" in text
    notes = next(part for part in document.part.package.iter_parts() if str(part.partname) == "/word/footnotes.xml")
    assert "142 pups" in notes.blob.decode()
    page.keyboard.press("Escape")

    # removed: its footnotes in the chat say so
    chat = page.url
    page.goto("/library")
    remove(page)
    page.wait_for_selector("text=No documents yet")
    page.goto(chat)
    page.wait_for_selector(".fn-chip.gone")
    becomes(page.locator(".fn-answer .fn-chip:not(.gone)").count, 0)
    assert "removed" in page.inner_text(".fn-chip.gone >> nth=0")


def ask(page: Any, question: str) -> None:
    """Type a question and send it."""
    page.fill("[data-testid=stChatInputTextArea]", question)
    page.press("[data-testid=stChatInputTextArea]", "Enter")


def wait_for_answers(page: Any, n: int) -> None:
    """Wait until n questions are answered and nothing is being written any more."""
    page.wait_for_selector(f"{TOOLS} >> nth={n - 1}")


def remove(page: Any) -> None:
    """Remove the only document."""
    page.click("[class*=st-key-more-] button:visible")
    page.click("[role=menuitem]:has-text('Remove')")
    page.click(".st-key-remove-confirmed button")
