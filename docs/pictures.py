"""Take the pictures of the README: start the page on the sample library and photograph it with Chromium.

    python docs/pictures.py

Writes chat-light.png, chat-dark.png, compare.png, guide.png, library.png, report.png and phone.png to docs/pictures.
Needs Chromium and the `dev` extra.
"""

from __future__ import annotations

import io
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from rag import Library, models, places
from rag.sample import ensure_sample

log = logging.getLogger("pictures")

FOLDER = Path(__file__).parent / "pictures"
QUESTIONS = ("Who introduced PReLU, and when?", "Why does dropout work?")
COMPARED = ("How many layers does AlexNet have?",)
TOOLS = "document.querySelectorAll('[class*=st-key-tools-]').length === {n}"
SERVE = "import sys; from ui.app import serve; serve(port=int(sys.argv[1]), library='sample', open_browser=False)"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> int:
    """Take all pictures; return the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        log.error("No Chromium is installed: apt install chromium.")
        return 1
    FOLDER.mkdir(exist_ok=True)
    with _home(), _server() as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        chat = _ask(browser, address, QUESTIONS)
        _shoot(browser, chat, "chat-light.png", width=1360, height=850)
        _shoot(browser, chat, "chat-dark.png", width=1360, height=850, scheme="dark")
        _shoot(browser, chat, "phone.png", width=390, height=780)
        compared = _ask(browser, address, COMPARED, compare=True)
        _shoot(browser, compared, "compare.png", width=1360, height=850)
        _shoot(browser, address, "guide.png", width=1360, height=1100, waits_for=".st-key-guide .fn-chip")
        _shoot(browser, f"{address}/library", "library.png", width=1360, height=620, waits_for=".fn-row")
        report = f"{address}/report?library={places.SAMPLE}&doc={_sample_id()}&page=12"
        _shoot(browser, report, "report.png", width=1360, height=850, waits_for="dialog.sheet[open] .picture img")
        browser.close()
    return 0


@contextmanager
def _home() -> Iterator[None]:
    """A home folder for this run, so that no library or chat of the user's is shown; the models are shared."""
    models_folder = models.path_of(models.MINILM).parent
    with tempfile.TemporaryDirectory(prefix="footnote-pictures-") as name:
        (Path(name) / "models").symlink_to(models_folder)
        os.environ["FOOTNOTE_HOME"] = name
        ensure_sample()
        yield


@contextmanager
def _server() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([sys.executable, "-c", SERVE, str(port)], stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://localhost:{port}"
        finally:
            server.terminate()


def _ask(browser: Any, address: str, questions: Sequence[str], *, compare: bool = False) -> str:
    """Ask the questions in a new chat; return its address. A first chat warms everything up and is deleted."""
    library = Library(places.SAMPLE)
    for _ in range(2):
        for chat in library.chats.list():
            library.chats.delete(chat.id)
        page = browser.new_page()
        page.goto(address)
        for n, question in enumerate(questions, 1):
            page.fill("[data-testid=stChatInputTextArea]", question)
            page.press("[data-testid=stChatInputTextArea]", "Enter")
            page.wait_for_function(TOOLS.format(n=n), timeout=120_000)
        if compare:
            page.click("text=Compare")
            page.wait_for_selector(".fn-verdict", timeout=120_000)
        url = str(page.url)
        page.close()
    library.close()
    return url


def _sample_id() -> str:
    library = Library(places.SAMPLE)
    document = library.documents()[0]
    library.close()
    return document.id


def _shoot(
    browser: Any,
    url: str,
    name: str,
    *,
    width: int,
    height: int,
    scheme: str = "light",
    waits_for: str = ".fn-answer .fn-chip",
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(waits_for, timeout=60_000)
    page.wait_for_timeout(2000)
    if waits_for.startswith(".fn-answer"):
        page.locator(".fn-answer .fn-chip").first.click()
        page.evaluate("document.querySelector('.stMain').scrollTo(0, 0)")
        page.wait_for_timeout(1500)  # the mark's glow fades
        page.mouse.move(5, height - 5)
        page.wait_for_timeout(300)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(colors=192, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        FOLDER / name, optimize=True
    )
    context.close()
    log.info("%s: %d KB", name, (FOLDER / name).stat().st_size // 1000)


if __name__ == "__main__":
    sys.exit(main())
