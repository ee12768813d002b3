"""A server of our own with documents and an answer in it, for tests that drive a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rag.library import Library
from rag.records import answer_to_json
from rag.spans import page_boxes
from rag.types import Answer, Citation, Claim, PageSpan
from tests.ui.patience import WAIT_S

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SERVE = "import sys; from ui.app import serve; serve(port=int(sys.argv[1]), library='default', open_browser=False)"


@contextmanager
def serving(home: Path, *, script: str = SERVE, **environment: str) -> Iterator[str]:
    """Serve the library `default` of a home folder, with these settings; give the address.

    Args:
        script: what the server's process runs; its argument is the port.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    everything = {**os.environ, "FOOTNOTE_HOME": str(home), **environment}
    with (
        (home / "server.log").open("w") as log,
        subprocess.Popen([sys.executable, "-c", script, str(port)], env=everything, stdout=log, stderr=log) as server,
    ):
        try:
            end = time.monotonic() + WAIT_S
            while not _answers(port):
                assert server.poll() is None, (home / "server.log").read_text()
                assert time.monotonic() < end, (home / "server.log").read_text()
                time.sleep(0.1)
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            try:
                server.wait(WAIT_S)
            finally:
                server.kill()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install '.[dev]' brings playwright")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def answer_chat(library: Library, question: str, quotes: Sequence[tuple[str, int, str]]) -> str:
    """Write a chat whose answer quotes these: (document, page, words as they stand there); return the chat's id."""
    claims = []
    for n, (name, number, quote) in enumerate(quotes, 1):
        document, page = library.document(name), library.page(name, number)
        start = page.text.index(quote)
        span = PageSpan(number, start, start + len(quote))
        boxes = page_boxes(page, span.start, span.end)
        citation = Citation(n, document.id, document.name, number, page.label, quote, (span,), boxes)
        claims.append(Claim(quote, (citation,), "verbatim"))
    answer = Answer(question, "extractive", " ".join(c.text for c in claims), tuple(claims), (), abstained=False)
    chat = library.chats.create(question)
    library.chats.append(chat.id, "user", question)
    library.chats.append(chat.id, "assistant", answer.text, {"answer": answer_to_json(answer)})
    return chat.id


def make_book(path: Path, title: str, *, labelled: bool = True) -> Path:
    """Typeset ten pages: two with roman numbers, eight numbered from 1, an outline of two levels; or plain ones."""
    from reportlab.lib.pagesizes import A5
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=A5, invariant=1)
    canvas.setTitle(title)
    for n in range(1, 11):
        canvas.setFont("Helvetica", 9)
        for i, line in enumerate(book_lines(n, labelled=labelled)):
            canvas.drawString(40, 500 - 15 * i, line)
        if labelled:
            if n % 2 == 1:
                canvas.bookmarkPage(f"part{n}")
                canvas.addOutlineEntry(f"Part {(n + 1) // 2}", f"part{n}", level=0)
            canvas.bookmarkPage(f"section{n}")
            canvas.addOutlineEntry(f"Section {n}", f"section{n}", level=1)
            if n in {1, 3}:
                canvas.addPageLabel(n - 1, style="ROMAN_LOWER" if n == 1 else "ARABIC", start=1)
        canvas.showPage()
    canvas.save()
    return path


_NAMES = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper"]


def book_lines(n: int, *, labelled: bool = True) -> list[str]:
    """The lines of page `n`."""
    name = _NAMES[n - 1]
    if not labelled:
        return [
            f"{name} was built for the salt trade, and sails to this day.",
            f"She is {n + 40} years old. The river carries her in spring, when the {name} is light.",
        ]
    return [
        f"{name} Bay is wide and calm, and was drawn by the first surveyors of that coast.",
        "The river begins in the hills as a thin stream between two stones, and the quiet",
        f"café beside the bridge of {name} is kept by a family that came down with the tim-",
        "ber rafts. Nobody knows how deep the harbour is, for the line has never reached",
        f"the ground. The station of {name} counted {n * 111} barges in the year.",
    ]
