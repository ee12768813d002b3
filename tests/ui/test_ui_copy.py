"""Copying in a real Chromium: both forms reach the clipboard, by mouse and keyboard, with and without the new API."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ui
from rag.export import one_answer, one_answer_html
from tests.answers_made import grounded
from tests.ui.patience import new_page
from ui.keeping import copy_html

pytestmark = [pytest.mark.browser]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ADDRESS = "http://localhost/copy"  # answered by the test itself; browsers trust it with the clipboard
READ = """navigator.clipboard.read().then(async ([item]) => Object.fromEntries(
  await Promise.all(item.types.map(async type => [type, await (await item.getType(type)).text()]))))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install '.[dev]' brings playwright")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page with an answer that can be copied."""
    script = (Path(ui.__file__).parent / "viewer" / "copy.js").read_text(encoding="utf-8")
    body = f"<!doctype html>{copy_html(grounded())}<script>{script}; listenForCopies(new AbortController().signal)</script>"
    page = new_page(browser, permissions=["clipboard-read", "clipboard-write"])
    page.route(ADDRESS, lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
    page.goto(ADDRESS)
    yield page
    page.context.close()


def test_a_click_copies_plain_and_rich_text_and_says_so(page: Any) -> None:
    page.click(".fn-copy")
    page.wait_for_selector("text=Copied")
    copied = page.evaluate(READ)
    assert copied["text/plain"] == one_answer(grounded())
    assert one_answer_html(grounded()) in copied["text/html"]
    assert page.url == ADDRESS  # the link leads nowhere
    page.wait_for_selector(".fn-copy span:text-is('Copy')")


@pytest.mark.parametrize("key", ["Enter", " "])
def test_the_keyboard_copies_too(page: Any, key: str) -> None:
    page.focus(".fn-copy")
    page.keyboard.press(key)
    page.wait_for_selector("text=Copied")
    assert page.evaluate(READ)["text/plain"] == one_answer(grounded())


def test_without_the_new_api_the_older_way_copies_the_same(page: Any) -> None:
    page.evaluate("() => { navigator.clipboard.write = () => Promise.reject(new Error('forbidden')); }")
    page.click(".fn-copy")
    page.wait_for_selector("text=Copied")
    copied = page.evaluate(READ)
    assert copied["text/plain"] == one_answer(grounded())
    assert "<sup>[1]</sup>" in copied["text/html"]
