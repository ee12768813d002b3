"""From a click on a citation to its lit sentence, in a 500-page PDF, beside streamlit-pdf-viewer.

python -m benchmarks.clicks [--pdf FILE] [--no-peers]

Fifty citations spread over the document, clicked in a shuffled order in headless Chromium. A click ends when the image
of the page is painted and the mark lies in the window; the browser's own clock is read for both viewers. Ours: the
answer stands in a chat, no model and no search is involved. The peer at its best: one button a citation, only a few
pages drawn around it, a new key each time (with the same key it neither scrolls nor redraws), no smooth scrolling.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag import models
from rag.library import Library
from rag.records import answer_to_json
from rag.spans import page_boxes
from rag.text import sentence_spans
from rag.types import Answer, Citation, Claim, PageSpan

N_PAGES = 500
N_CLICKS = 50
N_PEER_CLICKS = 20
TIMEOUT_MS = 20_000
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
SERVE = "import sys; from ui.app import serve; serve(port=int(sys.argv[1]), library='default', open_browser=False)"

OURS = """([n, limit]) => new Promise(resolve => {
  const root = [...document.querySelectorAll('*')].map(e => e.shadowRoot).find(r => r && r.querySelector('.view'));
  const chip = document.querySelectorAll('.fn-answer .fn-chip')[n], view = root.querySelector('.view');
  const began = performance.now();
  chip.click();
  const look = () => {
    const mark = root.querySelector('.page mark'), image = mark?.parentElement.querySelector('img');
    const seen = mark && chip.getAttribute('aria-current') && image?.complete && image.naturalWidth;
    const box = seen && mark.getBoundingClientRect(), window_ = view.getBoundingClientRect();
    if (seen && box.top >= window_.top && box.bottom <= window_.bottom) {
      const done = () => resolve([performance.now() - began, +mark.parentElement.dataset.n]);
      image.decode().then(() => requestAnimationFrame(done));
    } else if (performance.now() - began > limit) resolve(null);
    else requestAnimationFrame(look);
  };
  look();
})"""
PEERS = """([n, limit]) => new Promise(resolve => {
  const began = performance.now();
  document.querySelector(`.st-key-cite${n} button`).click();
  const look = () => {
    for (const frame of document.querySelectorAll('iframe')) {
      const mark = frame.contentDocument?.getElementById(`annotation-cite${n}`), box = mark?.getBoundingClientRect();
      if (box && box.top >= 0 && box.bottom <= frame.contentWindow.innerHeight) {
        const canvas = mark.parentElement.querySelector('canvas');
        requestAnimationFrame(() => resolve([performance.now() - began, +canvas.id.split('_').at(-1)]));
        return;
      }
    }
    if (performance.now() - began > limit) resolve(null); else requestAnimationFrame(look);
  };
  look();
})"""
PEER_APP = """
import json, sys
from pathlib import Path
import streamlit as st
from streamlit_pdf_viewer import pdf_viewer
st.set_page_config(layout="wide")
pdf, around = sys.argv[1], int(sys.argv[2])
cites = json.loads(Path(__file__).with_name("cites.json").read_text())
left, right = st.columns([5, 6])
with left, st.container(height=800):
    for n, cite in enumerate(cites):
        if st.button(f"{n + 1}, p. {cite['page']}", key=f"cite{n}"):
            st.session_state.n = n
n = st.session_state.get("n", 0)
page, last = cites[n]["page"], cites[n]["last"]
with right:
    pdf_viewer(
        pdf, width="100%", height=800, key=f"cite-{n}", scroll_to_annotation=1, scroll_behavior="instant",
        annotations=[{"id": f"cite{n}", "page": page, "color": "red", **cites[n]["box"]}],
        pages_to_render=list(range(max(1, page - around), min(last, page + around) + 1)),
    )
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pdf", type=Path, help="a PDF to cite instead of the one that is made")
    parser.add_argument("--no-peers", action="store_true")
    arguments, _ = parser.parse_known_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("skipped: no Chromium is installed (apt install chromium)")
        return
    from playwright.sync_api import sync_playwright

    with home() as folder, sync_playwright() as driver:
        pdf = arguments.pdf or make_pdf(folder / "book.pdf")
        chat, citations = cite_all_over(folder, pdf)
        pages = [citation.page for citation in citations]
        order = random.Random(0).sample(range(len(citations)), len(citations))
        print(f"{pdf.name}, {N_PAGES if arguments.pdf is None else max(pages)} pages, {len(pages)} citations\n")
        print(f"{'':34} clicks  median ms   p95 ms   slowest  not shown", flush=True)
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        serve = [sys.executable, "-c", SERVE]
        with serving(serve, {"FOOTNOTE_HOME": str(folder)}) as address:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}/?chat={chat}")
            page.wait_for_selector(".view .page img", state="attached", timeout=60_000)
            page.wait_for_selector(".fn-answer .fn-chip")
            tell("Footnote, each for the first time", clicks(page, OURS, order, pages))
            tell("Footnote, each once more", clicks(page, OURS, order, pages))
            page.close()
        if not arguments.no_peers:
            write_peer(folder, citations)
            for around in (2, 0):
                name = f"streamlit-pdf-viewer, {2 * around + 1} page{'s' if around else ''} drawn"
                tell(name, peer_clicks(browser, folder, pdf, around, order, pages))
        browser.close()


@contextmanager
def home() -> Iterator[Path]:
    """A home folder for this run; only the models are shared."""
    models_folder = models.path_of(models.MINILM).parent
    with tempfile.TemporaryDirectory(prefix="footnote-clicks-") as name:
        (Path(name) / "models").symlink_to(models_folder)
        yield Path(name)


def make_pdf(path: Path) -> Path:
    """Typeset 500 pages of 28 lines of made-up sentences."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    choose = random.Random(1)
    nouns = "river harbour ledger valley engine council orchard bridge market signal copper glacier".split()
    verbs = "carries opens measures follows answers crosses records divides lifts repeats".split()
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    for number in range(1, N_PAGES + 1):
        canvas.setFont("Times-Roman", 12)
        for line in range(28):
            a, b, c = choose.sample(nouns, 3)
            said = f"The {a} of section {number}.{line + 1} {choose.choice(verbs)} the {b}, and then the {c} no more."
            canvas.drawString(72, 760 - 24 * line, said)
        canvas.showPage()
    canvas.save()
    return path


def cite_all_over(folder: Path, pdf: Path) -> tuple[str, list[Citation]]:
    """Add the PDF and write a chat whose one answer cites fifty pages of it; return the chat's id and the citations."""
    library = Library(folder / "libraries" / "default")
    document = library.document(library.add(pdf).document)
    citations: list[Citation] = []
    choose = random.Random(2)
    numbers = [n for n, text in library.catalog.page_texts(document.key) if len(sentence_spans(text)) > 3]
    for i in range(N_CLICKS):
        page = library.page(document.id, numbers[i * len(numbers) // N_CLICKS])
        start, end = choose.choice(sentence_spans(page.text))
        span, boxes = PageSpan(page.number, start, end), page_boxes(page, start, end)
        quote = page.text[start:end]
        citations.append(Citation(i + 1, document.id, document.name, page.number, page.label, quote, (span,), boxes))
    claims = tuple(Claim(citation.quote, (citation,), "verbatim") for citation in citations)
    answer = Answer("All over", "extractive", "All over the document.", claims, (), abstained=False)
    chat = library.chats.create("All over")
    library.chats.append(chat.id, "user", "All over")
    library.chats.append(chat.id, "assistant", answer.text, {"answer": answer_to_json(answer)})
    library.close()
    return chat.id, citations


@contextmanager
def serving(command: Sequence[str], environment: dict[str, str]) -> Iterator[str]:
    """Run a server, whose command takes its port last, until the end; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        [*command, str(port)], env={**os.environ, **environment}, stdout=quiet, stderr=quiet
    ) as server:
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://localhost:{port}"
        finally:
            server.terminate()


def clicks(page: Any, script: str, order: Sequence[int], pages: Sequence[int]) -> list[float | None]:
    """Return the milliseconds of each click, in that order; None where nothing was to be seen in time."""
    times: list[float | None] = []
    for n in order:
        seen = page.evaluate(script, [n, TIMEOUT_MS])
        if seen is not None and seen[1] != pages[n]:
            raise AssertionError(f"citation {n + 1} stands on page {pages[n]}, and page {seen[1]} was shown")
        times.append(None if seen is None else seen[0])
        page.wait_for_timeout(200)  # as if it were read
    return times


def write_peer(folder: Path, citations: Sequence[Citation]) -> None:
    """Write the page of the peer, and what it cites, in points."""
    library = Library(folder / "libraries" / "default")
    cites = []
    for citation in citations:
        page, box = library.page(citation.document_id, citation.page), citation.boxes[0]
        x, y, width, height = box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0
        sides = {"x": x * page.width, "y": y * page.height, "width": width * page.width, "height": height * page.height}
        last = library.document(citation.document_id).n_pages
        cites.append({"page": citation.page, "last": last, "box": sides})
    library.close()
    (folder / "cites.json").write_text(json.dumps(cites))
    (folder / "peer.py").write_text(PEER_APP)


def peer_clicks(
    browser: Any, folder: Path, pdf: Path, around: int, order: Sequence[int], pages: Sequence[int]
) -> list[float | None]:
    """Return the milliseconds of the peer's clicks, drawing so many pages on either side."""
    runner = (
        "import sys; from streamlit.web import cli; "
        f"sys.argv = ['streamlit', 'run', {str(folder / 'peer.py')!r}, '--server.headless', 'true', "
        "'--server.address', '127.0.0.1', '--browser.gatherUsageStats', 'false', '--server.fileWatcherType', 'none', "
        f"'--server.port', sys.argv[1], '--', {str(pdf)!r}, '{around}']; cli.main()"
    )
    with serving([sys.executable, "-c", runner], {}) as address:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector("iframe", timeout=60_000)
        page.frame_locator("iframe").locator("canvas").first.wait_for(timeout=60_000)
        times = clicks(page, PEERS, order[:N_PEER_CLICKS], pages)
        page.close()
    return times


def tell(name: str, times: Sequence[float | None]) -> None:
    """Print a row."""
    shown = sorted(ms for ms in times if ms is not None)
    missed = len(times) - len(shown)
    figures = (
        f"{statistics.median(shown):9.0f}  {shown[int(0.95 * (len(shown) - 1))]:8.0f}  {shown[-1]:8.0f}"
        if shown
        else f"{'-':>9}  {'-':>8}  {'-':>8}"
    )
    print(f"{name:34} {len(times):6}  {figures}  {missed:9}", flush=True)


if __name__ == "__main__":
    main()
