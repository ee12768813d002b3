"""axe-core looks at every page, light and dark, wide and on a phone, with what opens on them open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ui.furnished import furnish
from tests.ui.patience import new_page, settle, wait_for_viewer
from tests.ui.served import chromium, serving

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]

TELLING = {"serious", "critical"}
LOOKS_AGAIN = 6  # a page that is drawn anew while it is looked at fades for a moment; what is wrong stays wrong
FADED_IN = """document.getAnimations().every(
  a => a.playState !== 'running' || a.effect.getComputedTiming().endTime === Infinity)"""
# What is Streamlit's own and out of our reach would stand here: (rule, part of the element's HTML), and why. Nothing is.
EXEMPT: dict[tuple[str, str], str] = {}


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at the page."""

    scheme: str
    width: int

    def __str__(self) -> str:
        return f"{self.scheme}-{self.width}"


LOOKS = [Look(scheme, width) for scheme in ("light", "dark") for width in (1440, 390)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, minilm: Path) -> Path:
    pytest.importorskip("reportlab", reason="reportlab makes the test PDFs: pip install '.[dev]'")
    folder = tmp_path_factory.mktemp("home")
    (folder / "models").symlink_to(minilm.parent)
    return folder


@pytest.fixture(scope="module")
def chat(home: Path) -> str:
    return furnish(home)


@pytest.fixture(scope="module")
def address(home: Path, chat: str) -> Iterator[str]:
    assert chat
    with serving(home, FOOTNOTE_MODEL="none") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=LOOKS, ids=str)
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page that looks so."""
    look = request.param
    page = new_page(
        browser,
        viewport={"width": look.width, "height": 900},
        color_scheme=look.scheme,
        reduced_motion="reduce",  # colours are judged once they are there
        base_url=address,
        has_touch=look.width < 500,
    )
    yield page
    page.context.close()


def violations(page: Any) -> list[str]:
    """Return what axe-core finds that is serious and not exempt, a line an element."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install '.[dev]' brings axe-core")
    found = axe.Axe().run(page).response["violations"]
    lines = []
    for violation in found:
        for node in violation["nodes"]:
            selector = " ".join(" ".join(part) if isinstance(part, list) else part for part in node["target"])
            if violation["impact"] in TELLING and not _is_exempt(violation["id"], node["html"]):
                lines.append(
                    f"{violation['id']} ({violation['impact']}) {selector}\n  {node['html'][:200]}\n  "
                    f"{node['failureSummary'][:400]}"
                )
    return lines


def _is_exempt(rule: str, html: str) -> bool:
    return any(rule == exempt and part in html for exempt, part in EXEMPT)


# ----------------------------------------------------------------------------------------------------- what is open


def _new_chat(page: Any, chat: str) -> None:
    del chat
    page.goto("/")
    page.wait_for_selector(".st-key-guide .fn-chip")
    page.wait_for_selector(".view .page img", state="attached")
    page.click(".fn-contents summary")


def _chat(page: Any, chat: str) -> None:
    page.goto(f"/?chat={chat}")
    page.wait_for_selector(".fn-verdict")
    page.wait_for_selector(".view .page img", state="attached")
    wait_for_viewer(page)


def _chat_lit(page: Any, chat: str) -> None:
    _chat(page, chat)
    page.click(".fn-answer .fn-chip >> nth=-1")
    page.wait_for_selector(".page mark")


def _editing(page: Any, chat: str) -> None:
    _chat(page, chat)
    page.click("[class*=st-key-edit-] button:visible >> nth=-1")
    page.wait_for_selector("[class*=st-key-edited-] textarea")


def _unused(page: Any, chat: str) -> None:
    _chat(page, chat)
    page.click(".st-key-talk summary:has-text('not used') >> nth=-1")
    page.wait_for_selector(".fn-hits .fn-chip:visible")


def _understood(page: Any, chat: str) -> None:
    _chat(page, chat)
    page.wait_for_selector("[class*=st-key-hint-] button:visible")
    page.wait_for_selector("[class*=st-key-left-] button:visible")
    page.locator("[class*=st-key-understood-]").first.scroll_into_view_if_needed()


def _where(page: Any, chat: str) -> None:
    _chat(page, chat)
    _sidebar(page)
    page.click("[class*=st-key-days-] button:visible")
    page.wait_for_selector("[data-testid=stDateInput]:visible")


def _threshold(page: Any, chat: str) -> None:
    _chat(page, chat)
    _sidebar(page)
    page.click(".st-key-threshold button:visible")
    page.wait_for_selector("[data-testid=stSlider]:visible")


def _sidebar(page: Any) -> None:
    """Open the sidebar where it is shut."""
    page.wait_for_selector("[data-testid=stSidebar]", state="attached")
    if page.viewport_size["width"] < 768:
        page.click("[data-testid=stExpandSidebarButton]")
    page.wait_for_selector(".st-key-library_switch:visible")


def _exporting(page: Any, chat: str) -> None:
    _chat(page, chat)
    _sidebar(page)
    page.click("[class*=st-key-export-] button:visible >> nth=0")
    page.wait_for_selector("[data-testid=stDownloadButton]:visible")


def _deleting_chat(page: Any, chat: str) -> None:
    _chat(page, chat)
    _sidebar(page)
    page.click("[class*=st-key-delete-] button:visible >> nth=0")
    page.wait_for_selector("[role=dialog]")


def _outline(page: Any, chat: str) -> None:
    _chat_lit(page, chat)
    page.click("[data-do=outline]")
    page.wait_for_selector(".tree [role=treeitem]")


def _find(page: Any, chat: str) -> None:
    _chat_lit(page, chat)
    page.click("[data-do=find]")
    page.fill(".find .words", "barges")
    page.wait_for_selector(".hits button")


def _viewer_menu(page: Any, chat: str) -> None:
    _chat_lit(page, chat)
    page.click("[data-do=menu]")
    page.wait_for_selector(".menu [data-do=dark]")


def _keys(page: Any, chat: str) -> None:
    _viewer_menu(page, chat)
    page.click(".menu [data-do=keys]")
    page.wait_for_selector("dialog.keys")


def _library(page: Any, chat: str) -> None:
    del chat
    page.goto("/library")
    page.wait_for_selector("[class*=st-key-document-] >> nth=1")


def _row_menu(page: Any, chat: str) -> None:
    _library(page, chat)
    page.click("[class*=st-key-more-] button:visible >> nth=0")
    page.wait_for_selector("[role=menuitem]")


def _library_menu(page: Any, chat: str) -> None:
    _library(page, chat)
    page.click(".st-key-library-menu button")
    page.wait_for_selector("[role=menuitem]")


def _tags(page: Any, chat: str) -> None:
    _row_menu(page, chat)
    page.click("[role=menuitem]:has-text('Tags')")
    page.wait_for_selector("[role=dialog]")


def _removing(page: Any, chat: str) -> None:
    _row_menu(page, chat)
    page.click("[role=menuitem]:has-text('Remove')")
    page.wait_for_selector(".st-key-remove-confirmed")


def _report(page: Any, chat: str) -> None:
    _library(page, chat)
    page.click("[class*=st-key-about-] a:has-text('% read') >> nth=0")
    page.wait_for_selector(".grid button >> nth=9")


def _page_read(page: Any, chat: str) -> None:
    _report(page, chat)
    page.click(".grid button >> nth=2")
    page.wait_for_selector(".sheet .block")


def _notes(page: Any, chat: str) -> None:
    del chat
    page.goto("/notes")
    page.wait_for_selector("[class*=st-key-words-] textarea >> nth=1")
    page.wait_for_selector(".view .page img", state="attached")


def _settings(page: Any, chat: str) -> None:
    del chat
    page.goto("/settings")
    page.wait_for_selector("h2:has-text('This computer')")
    page.click(".st-key-storage-box summary, summary:has-text('What is stored')")
    page.wait_for_selector(".fn-stored")


def _exam(page: Any, chat: str) -> None:
    del chat
    page.goto("/exam")
    page.wait_for_selector(".fn-exam-misses .fn-chip")
    page.wait_for_selector(".view .page img", state="attached")


def _exam_lit(page: Any, chat: str) -> None:
    _exam(page, chat)
    page.click(".fn-exam-misses .fn-chip >> nth=0")
    page.wait_for_selector(".page mark")


STATES: dict[str, Callable[[Any, str], None]] = {
    "new chat": _new_chat,
    "chat": _chat,
    "a lit footnote": _chat_lit,
    "why these passages": _unused,
    "what was understood": _understood,
    "days": _where,
    "threshold": _threshold,
    "edit": _editing,
    "export": _exporting,
    "delete a chat": _deleting_chat,
    "outline": _outline,
    "find": _find,
    "the viewer's menu": _viewer_menu,
    "keys": _keys,
    "library": _library,
    "a row's menu": _row_menu,
    "the library's menu": _library_menu,
    "tags": _tags,
    "remove": _removing,
    "report card": _report,
    "a page beside what was read": _page_read,
    "notes": _notes,
    "exam": _exam,
    "a lit miss": _exam_lit,
    "settings": _settings,
}


def test_axe_sees_what_is_wrong_on_the_page_and_in_the_viewer(browser: Any, address: str, chat: str) -> None:
    page = new_page(browser, viewport={"width": 1440, "height": 900}, base_url=address)
    _chat(page, chat)
    page.evaluate(
        """() => {
          const viewer = [...document.querySelectorAll('*')].map(e => e.shadowRoot).find(r => r?.querySelector('.view'));
          for (const name of ['aria-label', 'title']) viewer.querySelector('[data-do=find]').removeAttribute(name);
          document.querySelector('.fn-verdict').style.color = '#aaa';
        }"""
    )
    found = violations(page)
    page.context.close()
    assert any(line.startswith("color-contrast") for line in found), found
    assert any(line.startswith("button-name") for line in found), found


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_serious(page: Any, chat: str, state: str) -> None:
    STATES[state](page, chat)
    page.mouse.move(3, 3)  # off the button, whose tooltip fades in
    for _ in range(LOOKS_AGAIN):
        page.wait_for_timeout(400)
        settle(page)
        page.wait_for_function(FADED_IN)
        found = violations(page)
        if not found:
            break
    assert not found, "\n".join(found)
