"""axe-core looks at strict answers, comparisons and the controls of both; nothing is wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.library import Library
from rag.records import answer_to_json
from rag.types import Answer, Claim
from tests.conftest import WordEncoder
from tests.ui.conftest import FACTS
from tests.ui.patience import new_page, settle, wait_for_answer
from tests.ui.served import chromium, serving
from tests.ui.slow import SERVE
from tests.ui.test_ui_axe import LOOKS, violations

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]

QUESTION = "How high is Mont Blanc?"
INVENTED = Claim("Mont Blanc is 9,999 metres high and was built by Napoleon.", (), "unsupported", lacks=("9,999",))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, minilm: Path) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "models").symlink_to(minilm.parent)
    return folder


@pytest.fixture(scope="module")
def chat(home: Path) -> str:
    """A chat with an answer that the documents stand in for, and a comparison of two models."""
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

    style = getSampleStyleSheet()["BodyText"]
    story = [piece for page in FACTS for piece in (*(Paragraph(text, style) for text in page), PageBreak())]
    SimpleDocTemplate(str(home / "facts.pdf")).build(story)
    library = Library(home / "libraries" / "default", encoder=WordEncoder(), n_threads=1)
    library.add(home / "facts.pdf")
    found = library.ask(QUESTION)
    chat = library.chats.create(QUESTION)
    written = replace(found, reader="grounded", model="small", left_out=(INVENTED,), hits=())
    other: Answer = replace(written, model="large", left_out=())
    for payload in (
        {"grounded": answer_to_json(replace(written, stands_in=True))},
        {"grounded": answer_to_json(written), "other": answer_to_json(other), "pair": ["grounded", "other"]},
    ):
        library.chats.append(chat.id, "user", QUESTION)
        library.chats.append(chat.id, "assistant", found.text, {"answer": answer_to_json(found), **payload})
    library.close()
    return chat.id


@pytest.fixture(scope="module")
def address(home: Path, chat: str) -> Iterator[str]:
    assert chat
    with serving(home, script=SERVE) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=LOOKS, ids=str)
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    look = request.param
    page = new_page(
        browser,
        viewport={"width": look.width, "height": 900},
        color_scheme=look.scheme,
        reduced_motion="reduce",
        base_url=address,
        has_touch=look.width < 500,
    )
    yield page
    page.context.close()


def seen(page: Any) -> list[str]:
    """What is wrong when the page stands still."""
    for _ in range(6):
        page.wait_for_timeout(400)
        settle(page)
        found = violations(page)
        if not found:
            break
    return found


def test_a_struck_answer_and_a_comparison_of_two_models_can_be_read_by_everybody(page: Any, chat: str) -> None:
    page.goto(f"/?chat={chat}")
    wait_for_answer(page, 2)
    page.locator(".fn-left summary").first.click()
    assert page.locator(".fn-left del").first.is_visible()
    assert page.inner_text(".fn-verdict").startswith("Of the 2 sentences by small")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not (found := seen(page)), "\n".join(found)


def test_how_answers_are_written_can_be_set_by_everybody(page: Any, chat: str) -> None:
    page.goto(f"/?chat={chat}")
    wait_for_answer(page, 2)
    if page.viewport_size["width"] < 768:
        page.click("[data-testid=stExpandSidebarButton]")
    page.click(".st-key-manner button:visible")
    page.wait_for_selector(".st-key-setting-style input:visible")
    box = page.locator(".st-key-setting-compare_right").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]
    assert not (found := seen(page)), "\n".join(found)
