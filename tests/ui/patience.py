"""Waiting in a browser for what is promised, however slow the machine is; a wait that succeeds costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

WAIT_S = 180.0
VIEWER = "[...document.querySelectorAll('*')].map(e => e.shadowRoot).find(r => r && r.querySelector('.view'))"
ANSWER_CHIP = (
    ".fn-answer:not(.fn-guide) .fn-chip"  # a new chat shows a guide, whose footnotes go with the first question
)
TOOLS = "[class*=st-key-tools-]"  # stand below an answer when all of it is there
# Streamlit fades what a run has not drawn yet.
SETTLED = """document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'
  && !document.querySelector('[data-stale=true]')"""
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


def new_page(browser: Any, **options: Any) -> Any:
    """Open a page in a context of its own, whose waits are long; close it with `page.context.close()`."""
    context = browser.new_context(**options)
    context.set_default_timeout(1000 * WAIT_S)
    return context.new_page()


def settle(page: Any) -> None:
    """Wait until Streamlit has drawn all that it was told."""
    page.wait_for_function(SETTLED)


def wait_for_viewer(page: Any) -> None:
    """Wait until the viewer shows a document, and so hears clicks and keys, and the page stands still."""
    page.wait_for_selector(".view .page", state="attached")
    settle(page)


def wait_for_answer(page: Any, n: int = 1) -> None:
    """Wait until `n` answers of the chat are whole."""
    page.wait_for_selector(f"{TOOLS} >> nth={n - 1}")
    settle(page)


def hover(page: Any, selector: str) -> None:
    """Move the pointer onto something after whatever had to be scrolled for it has stopped: that hides cards and tips."""
    page.locator(selector).first.scroll_into_view_if_needed()
    page.evaluate(TWO_FRAMES)
    page.hover(selector)


def becomes(look: Callable[[], object], expected: object, *, timeout_s: float = WAIT_S / 2) -> None:
    """See that what is looked at becomes equal to what is expected."""
    end = time.monotonic() + timeout_s
    while (seen := look()) != expected and time.monotonic() < end:
        time.sleep(0.05)
    assert seen == expected
