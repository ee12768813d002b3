"""How quick the page is with many long chats: first paint, opening a chat of forty questions, asking one more.

python -m benchmarks.chats

Fifty chats of forty answered questions about the primer, in headless Chromium. First paint: from the address typed to
the chat's own text on the page, server warm. The answers are real ones, asked once and copied; no language model. The
guide to the primer is there, as it is after a minute; the last row is printed beside the same question asked of the
library itself, without a page.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.clicks import ARGUMENTS, SERVE, home, serving
from rag import Library
from rag.places import asset
from rag.records import answer_to_json
from rag.sample import sample_questions

N_CHATS, N_QUESTIONS, N_RUNS = 50, 40, 7
N_SHOWN = 12  # questions of a long chat that the page shows at once
QUESTIONS = (f"What is a convolution, number {n}?" for n in itertools.count(1))  # no two are the same


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser().parse_known_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("skipped: no Chromium is installed (apt install chromium)")
        return
    from playwright.sync_api import sync_playwright

    with home() as folder, sync_playwright() as driver:
        chats = fill(folder / "libraries" / "default")
        environment = {"FOOTNOTE_HOME": str(folder), "FOOTNOTE_MODEL": "none"}
        with serving([sys.executable, "-c", SERVE], environment) as address:
            browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(60_000)
            open_new(page, address)  # warms the server up
            ask(page)
            print(f"{N_CHATS} chats of {N_QUESTIONS} questions; seconds, median of {N_RUNS} (slowest)\n")
            tell("first paint of a new chat", [timed(lambda: open_new(page, address)) for _ in range(N_RUNS)])
            some = chats[:: len(chats) // N_RUNS][:N_RUNS]
            tell("first paint of a long chat", [timed(lambda c=c: open_chat(page, address, c)) for c in some])
            tell("switch to another long chat", [timed(lambda n=n: switch(page, n)) for n in range(1, N_RUNS + 1)])
            tell("one more question in a long chat, answered", [timed(lambda: ask(page)) for _ in range(N_RUNS)])
            browser.close()
        tell("such a question, asked without a page", ask_library(folder / "libraries" / "default"))


def fill(folder: Path) -> list[str]:
    """Make the library and its chats; return their ids."""
    library = Library(folder)
    library.make_guide(library.add(asset("primer.pdf")).document)
    asked = [question.question for question in sample_questions()][:N_QUESTIONS]
    answers = [library.ask(question) for question in asked]
    ids = []
    for n in range(N_CHATS):
        chat = library.chats.create(f"Chat {n + 1}: {asked[n % len(asked)]}")
        for i in range(N_QUESTIONS):
            answer = answers[(i + n) % len(answers)]
            library.chats.append(chat.id, "user", answer.question)
            library.chats.append(chat.id, "assistant", answer.text, {"answer": answer_to_json(answer)})
        ids.append(chat.id)
    library.close()
    return ids


def open_new(page: Any, address: str) -> None:
    """Open the page with no chat."""
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".fn-welcome h1")


def open_chat(page: Any, address: str, chat: str) -> None:
    """Open the page with a chat, as a bookmark does."""
    page.goto("about:blank")
    page.goto(f"{address}/?chat={chat}")
    page.wait_for_selector(f".fn-question >> nth={N_SHOWN - 1}")
    page.wait_for_selector("[class*=st-key-tools-] >> nth=-1")


def switch(page: Any, n: int) -> None:
    """Choose another chat of the list, and wait for its last question."""
    before = page.inner_text(".fn-question >> nth=-1")
    page.click(f"[class*=st-key-open-] button >> nth={n}")
    page.wait_for_function(
        "before => [...document.querySelectorAll('.fn-question')].at(-1)?.innerText !== before", arg=before
    )


def ask(page: Any) -> None:
    """Ask one more question, and wait for its answer."""
    said = next(QUESTIONS)
    page.fill("[data-testid=stChatInputTextArea]", said)
    page.press("[data-testid=stChatInputTextArea]", "Enter")
    page.wait_for_function(
        """said => { const asked = [...document.querySelectorAll('.fn-question')].at(-1);
        return asked?.innerText === said && document.querySelectorAll('[class*=st-key-tools-]').length > 0 &&
          (asked.compareDocumentPosition([...document.querySelectorAll('[class*=st-key-tools-]')].at(-1)) & 4); }""",
        arg=said,
    )


def ask_library(folder: Path) -> list[float]:
    """Return how many seconds questions take of which no page shows the answer."""
    library = Library(folder)
    library.warm_up()
    seconds = [timed(lambda: library.ask(next(QUESTIONS))) for _ in range(N_RUNS)]
    library.close()
    return seconds


def timed(work: Callable[[], None]) -> float:
    """Return how many seconds some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def tell(name: str, seconds: list[float]) -> None:
    """Print a row."""
    print(f"{name:46} {statistics.median(seconds):6.2f} ({max(seconds):.2f})", flush=True)


if __name__ == "__main__":
    main()
