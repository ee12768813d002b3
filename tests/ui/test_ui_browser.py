"""A real Chromium: upload, ask, click a footnote, and look whether the right words are lit."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.library import Library
from rag.places import asset
from tests.ui.patience import (
    ANSWER_CHIP,
    VIEWER,
    WAIT_S,
    becomes,
    hover,
    new_page,
    settle,
    wait_for_answer,
    wait_for_viewer,
)
from tests.ui.served import chromium, serving

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]

QUESTION = "What is the vanishing gradient problem?"

LIT = f"""() => {{
  const root = {VIEWER};
  return root && [...root.querySelectorAll('.page mark')].map(mark => {{
    const page = mark.parentElement.getBoundingClientRect(), box = mark.getBoundingClientRect();
    return [+mark.parentElement.dataset.n, (box.left - page.left) / page.width, (box.top - page.top) / page.height,
            (box.right - page.left) / page.width, (box.bottom - page.top) / page.height];
  }});
}}"""
# Whether the last line that is lit lies in a window of this size, on a page that is wide enough to be read.
LIT_IN_WINDOW = f"""([width, height]) => {{
  const mark = [...{VIEWER}.querySelectorAll('.page mark')].at(-1), box = mark?.getBoundingClientRect();
  return box && 0 <= box.left && box.left < box.right && 0 < box.top && box.top < height
    && mark.parentElement.offsetWidth > 1.5 * width;
}}"""
# From the click until the page's image is there and a mark lies in the window, in milliseconds.
CLICK = f"""selector => new Promise(resolve => {{
  const root = {VIEWER};
  const began = performance.now();
  document.querySelector(selector).click();
  const look = () => {{
    const mark = root.querySelector('.page mark'), image = mark?.parentElement.querySelector('img');
    const seen = mark && image?.complete && image.naturalWidth, view = root.querySelector('.view').getBoundingClientRect();
    const box = seen && mark.getBoundingClientRect();
    if (seen && box.top >= view.top && box.bottom <= view.bottom) resolve(performance.now() - began);
    else requestAnimationFrame(look);
  }};
  look();
}})"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, minilm: Path) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "models").symlink_to(minilm.parent)
    return folder


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """The address of a server of our own, without a language model."""
    with serving(home, FOOTNOTE_MODEL="none") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that fails the test when a script of it fails, or when it asks another host for anything."""
    page = new_page(browser, viewport={"width": 1440, "height": 900})
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("request", lambda r: None if _is_ours(r.url) else failures.append(r.url))
    yield page
    page.context.close()
    assert not failures


def _is_ours(url: str) -> bool:
    return url.startswith(("http://localhost", "ws://localhost", "data:", "blob:"))


@pytest.fixture(scope="module")
def stored(home: Path, address: str) -> Iterator[Library]:
    """The library that the server serves, seen from this process."""
    library = Library(home / "libraries" / "default", n_threads=1)
    yield library
    library.close()


@pytest.fixture
def answered(page: Any, address: str, stored: Library) -> Any:
    """The chat with one question answered about the uploaded primer."""
    if not stored.documents():
        page.goto(f"{address}/library")
        page.set_input_files("input[type=file]", str(asset("primer.pdf")))
        page.wait_for_function("document.querySelector('.fn-row')?.innerText.match(/28 pages/)")
        deadline = time.monotonic() + 3 * WAIT_S
        while stored.documents()[0].state != "ready":
            assert time.monotonic() < deadline
            time.sleep(0.1)
    page.goto(address)
    page.fill("[data-testid=stChatInputTextArea]", QUESTION)
    page.press("[data-testid=stChatInputTextArea]", "Enter")
    page.wait_for_selector(f"{ANSWER_CHIP}[aria-current=true]")  # the first footnote of an answer lights itself
    wait_for_answer(page)
    page.wait_for_selector(".view .page mark", state="attached")
    return page


def leave(page: Any) -> None:
    """Nothing lit, the first page shown, the focus nowhere."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    page.fill("input.num", "1")
    page.press("input.num", "Enter")
    page.evaluate("document.activeElement.blur()")
    page.evaluate(f"() => {VIEWER}.activeElement?.blur()")
    becomes(lambda: page.evaluate(LIT), [])


def covered_words(library: Library, boxes: list[list[float]]) -> str:
    """The words whose middle lies under the boxes, in reading order."""
    found = []
    for number in sorted({int(box[0]) for box in boxes}):
        page = library.page("primer.pdf", number)
        middles = (page.words.boxes[:, :2] + page.words.boxes[:, 2:]) / 2
        for start, end, (x, y) in zip(page.words.starts, page.words.ends, middles, strict=True):
            if any(b[0] == number and b[1] <= x <= b[3] and b[2] <= y <= b[4] for b in boxes):
                found.append(page.text[start:end])
    return " ".join(found)


def test_a_click_lights_up_exactly_the_sentence_on_its_page(
    answered: Any, stored: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    answered.reload()
    answered.wait_for_selector(f"{ANSWER_CHIP}[aria-current=true]")
    wait_for_viewer(answered)
    times = []
    for _ in range(3):
        leave(answered)
        times.append(answered.evaluate(CLICK, ANSWER_CHIP))
    boxes = answered.evaluate(LIT)
    sentence = answered.evaluate("document.querySelector('.fn-claim').innerText")
    assert "".join(covered_words(stored, boxes).split()) == "".join(sentence.split())
    assert {int(box[0]) for box in boxes} == {17}
    with capsys.disabled():
        print(f"\nclick to lit, from the first page: {', '.join(f'{ms:.0f}' for ms in times)} ms")


def test_brackets_walk_the_footnotes_and_escape_clears(answered: Any) -> None:
    def current() -> list[str]:
        return answered.evaluate("[...document.querySelectorAll('.fn-chip[aria-current]')].map(a => a.hash)")

    leave(answered)
    chips = answered.evaluate("[...document.querySelectorAll('.fn-answer .fn-chip')].map(a => a.hash)")
    assert chips
    walked = []
    for _ in range(len(chips) + 1):
        answered.keyboard.press("]")
        walked += current()
    assert walked == [*chips, chips[0]]
    answered.keyboard.press("[")
    assert current() == [chips[-1]]
    answered.keyboard.press("Escape")
    assert current() == []
    assert answered.evaluate(LIT) == []


def test_a_footnote_works_by_keyboard_and_says_what_it_shows(answered: Any) -> None:
    leave(answered)
    answered.focus(".fn-chip")
    answered.keyboard.press("Enter")
    assert answered.evaluate(LIT)
    assert "vanishing gradient" in answered.inner_text("[role=status].sr")


def test_hovering_shows_the_lines_themselves(answered: Any) -> None:
    hover(answered, ".fn-chip")
    answered.wait_for_selector(".card .strip img")
    answered.wait_for_function(f"{VIEWER}.querySelector('.card img').naturalWidth > 0")
    assert "page 17, printed 13" in answered.inner_text(".card")
    answered.mouse.move(5, 400)
    answered.wait_for_selector(".card", state="detached")


def test_a_click_reruns_nothing(answered: Any) -> None:
    answered.reload()
    answered.wait_for_selector(f"{ANSWER_CHIP}[aria-current=true]")
    wait_for_viewer(answered)
    answered.evaluate(
        """() => { window.sent = 0; const send = WebSocket.prototype.send;
           WebSocket.prototype.send = function (data) { window.sent += 1; return send.call(this, data); }; }"""
    )
    sent_by_itself = -1
    while sent_by_itself != answered.evaluate("window.sent"):  # what a fresh page still has to say
        sent_by_itself = answered.evaluate("window.sent")
        answered.wait_for_timeout(1500)
    leave(answered)
    answered.click(".fn-chip")
    becomes(lambda: bool(answered.evaluate(LIT)), True)
    answered.wait_for_timeout(500)  # for what might still be sent
    assert answered.evaluate("window.sent") == sent_by_itself
    answered.click("text=New chat")  # a rerun would have been counted
    answered.wait_for_selector(".fn-welcome")
    assert answered.evaluate("window.sent") > sent_by_itself


def test_what_was_lit_last_is_lit_after_a_reload_and_gone_in_a_new_chat(answered: Any) -> None:
    answered.click(".fn-chip")
    assert answered.evaluate(LIT)
    answered.reload()
    answered.wait_for_selector(".fn-chip[aria-current=true]")
    becomes(lambda: bool(answered.evaluate(LIT)), True)
    answered.click("text=New chat")
    answered.wait_for_selector(".fn-welcome")
    becomes(lambda: answered.evaluate(LIT), [])


def test_an_abstention_leaves_nothing_lit(answered: Any) -> None:
    answered.click(".fn-chip")
    assert answered.evaluate(LIT)
    answered.fill("[data-testid=stChatInputTextArea]", "zyzzyva quux plumbago?")
    answered.press("[data-testid=stChatInputTextArea]", "Enter")
    answered.wait_for_selector(".fn-abstained")
    wait_for_answer(answered, 2)
    becomes(lambda: answered.evaluate(LIT), [])


def test_selected_words_of_the_page_go_into_the_question(answered: Any, stored: Library) -> None:
    answered.click(".fn-chip")
    answered.wait_for_function(f"""() => {VIEWER}.querySelector('.page[data-n="17"] .text')""")
    answered.evaluate(
        f"""() => {{ const line = {VIEWER}.querySelector('.page mark').parentElement.querySelectorAll('.text text')[4];
        getSelection().selectAllChildren(line); }}"""
    )
    answered.wait_for_selector("button.ask")
    answered.dispatch_event("button.ask", "pointerdown")
    value = answered.input_value("[data-testid=stChatInputTextArea]")
    assert value.startswith("“")
    said = value.strip().strip("“”")
    assert len(said) > 3
    assert "".join(said.split()) in "".join(stored.page("primer.pdf", 17).text.split())


@pytest.mark.parametrize(("host", "status"), [("localhost", 200), ("127.0.0.1", 200), ("evil.example", 400)])
def test_the_server_answers_only_to_its_own_name(address: str, host: str, status: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(address.rsplit(":", 1)[1]), timeout=20)
    for path in ("/", "/_stcore/health", "/paper/x/y/z/info"):
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == (403 if path.startswith("/paper") and status == 200 else status)
    connection.close()


def test_hostile_text_in_labels_is_shown_as_it_is(page: Any, address: str, stored: Library) -> None:
    titles = [
        "![x](http://localhost:9/leak) <b>b</b>",
        "[a](http://b.example) www.a.example a@b.example",
        ":material/home: :smile: :red[red] :streamlit:",
        "$x^2$ ~~gone~~ ~5~ *i* _i_ `c` # h",
        "a -> b <- c <-> d -- e >= f <= g ~= h",
        "\\ | & &amp; 1. 2) > q",
        "# a heading",
    ]
    chats = [stored.chats.create(title) for title in titles]
    try:
        page.goto(address)
        for chat in chats:
            page.wait_for_function("id => document.querySelector(`.st-key-open-${id} button`)?.innerText", arg=chat.id)
            shown = page.inner_text(f".st-key-open-{chat.id} button").replace("\u2060", "")
            assert shown.rstrip("…") and chat.title.startswith(shown.rstrip("…"))
    finally:
        for chat in chats:
            stored.chats.delete(chat.id)


def test_on_a_phone_the_document_is_a_drawer(browser: Any, answered: Any) -> None:
    phone = new_page(browser, viewport={"width": 390, "height": 844})
    phone.goto(answered.url)
    phone.wait_for_selector(ANSWER_CHIP)
    wait_for_viewer(phone)
    becomes(lambda: phone.evaluate("document.documentElement.scrollWidth <= 390"), True)
    assert not phone.is_visible(".wrap .view")
    phone.click(".fn-chip")
    phone.wait_for_selector(".wrap.open .view", state="visible")
    phone.wait_for_function(LIT_IN_WINDOW, arg=[390, 844])
    assert phone.is_visible(".prev")
    assert phone.is_visible(".next")
    phone.click(".shut")
    phone.wait_for_function(f"() => getComputedStyle({VIEWER}.querySelector('.wrap')).visibility === 'hidden'")
    phone.context.close()


def test_zz_remove_asks_once_and_the_old_chat_says_removed(answered: Any, address: str, stored: Library) -> None:
    chat = answered.url
    answered.goto(f"{address}/library")
    answered.click("[class*=st-key-more-] button:visible")
    answered.click("[role=menuitem]:has-text('Remove')")
    answered.click(".st-key-remove-confirmed button")
    answered.wait_for_selector("text=No documents yet")
    becomes(stored.documents, [])
    answered.goto(chat)
    answered.wait_for_selector(".fn-chip.gone")
    answered.wait_for_selector(".wrap .note")  # the viewer is there and listens
    settle(answered)
    hover(answered, ".fn-chip.gone")
    answered.wait_for_selector("text=was removed from the library")
    assert not np.any(answered.evaluate(LIT))
