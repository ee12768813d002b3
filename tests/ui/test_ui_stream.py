"""A language model writes slowly: nothing jumps, Stop stops, a reload finds the text again, a second tab queues."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.records import answer_to_json
from tests.ui.served import chromium, serving
from tests.ui.slow import SERVE, Slow, open_library

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]

RIVERS = [
    [
        "# Rivers",
        "The Danube rises in the Black Forest and flows through ten countries into the Black Sea. It is 2,850 "
        "kilometres long and was a border of the Roman empire. Barges carry grain and ore on the Danube all year.",
    ],
    [
        "# Mountains",
        "Mont Blanc is 4,806 metres high and was first climbed in 1786 by Jacques Balmat. The tunnel under Mont "
        "Blanc was opened in 1965 and is eleven kilometres long. Its glaciers have lost a third of their ice.",
    ],
    [
        "# Deserts",
        "The Atacama is the driest desert outside the poles. Rain has never been seen at some stations of the "
        "Atacama. Salt was mined there until the price of nitrate fell, and whole towns were left to the wind.",
    ],
]
QUESTIONS = ["Where does the Danube rise?", "How high is Mont Blanc?", "Which desert is the driest?"]
DRAFT = ".fn-answer:has(.fn-caret)"
TOOLS = "[class*=st-key-tools-]"
GOOD = 0.1  # cumulative layout shift up to which a page counts as steady (Chrome's Core Web Vitals, 2020)
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.shifts.push({value: entry.value, at: entry.startTime, sources:
    entry.sources.map(({node, previousRect: a, currentRect: b}) => `${node?.parentElement?.className ?? '?'} > ` +
      `${node?.className ?? node?.textContent?.slice(0, 40)} ${Math.round(a.y)} -> ${Math.round(b.y)}, ` +
      `${Math.round(a.height)} -> ${Math.round(b.height)}`)});
}).observe({type: 'layout-shift', buffered: true});
"""

SCROLL_UP_WHEN_A_LINE_IS_ADDED = """() => new Promise(done => {
  const main = document.querySelector('.stMain'), height = main.scrollHeight;
  const look = () => {
    if (main.scrollHeight <= height) { setTimeout(look, 1); return; }
    document.elementFromPoint(500, 400).dispatchEvent(new WheelEvent('wheel', {deltaY: -700, bubbles: true}));
    main.scrollTop -= 700;
    const then = main.scrollTop;
    setTimeout(() => done([then, main.scrollTop]), 3000);
  };
  look();
})"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, minilm: Path) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "models").symlink_to(minilm.parent)
    return folder


@pytest.fixture
def chat(home: Path, monkeypatch: pytest.MonkeyPatch, make_pdf: Callable[..., Path]) -> str:
    """A chat in which every question was answered twice."""
    monkeypatch.setenv("FOOTNOTE_HOME", str(home))
    library = open_library("default")
    library.add(make_pdf(RIVERS, "earth.pdf", title="Facts of the Earth"))
    chat = library.chats.create("Facts")
    for question in [*QUESTIONS, *QUESTIONS]:
        answer = library.ask(question)
        library.chats.append(chat.id, "user", question)
        library.chats.append(chat.id, "assistant", answer.text, {"answer": answer_to_json(answer)})
    library.close()
    return chat.id


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Any, home: Path, chat: str) -> Iterator[Any]:
    """A browser's context; its pages open the served library."""
    assert chat
    with serving(home, script=SERVE) as address:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
        context.set_default_timeout(60_000)
        context.add_init_script(WATCH_SHIFTS)
        yield context
        context.close()


def ask(page: Any, question: str) -> None:
    page.fill("[data-testid=stChatInputTextArea]", question)
    page.press("[data-testid=stChatInputTextArea]", "Enter")


def open_chat(visit: Any, chat: str) -> Any:
    page = visit.new_page()
    page.goto(f"/?chat={chat}")
    page.wait_for_selector(f"{TOOLS} >> nth=5")
    page.wait_for_selector(".view .page img", state="attached")
    page.wait_for_timeout(1000)
    return page


def wait_until_written(page: Any) -> None:
    page.wait_for_selector(DRAFT, state="detached")
    page.wait_for_selector(".fn-label:has-text('In the words of slow') >> nth=-1")
    page.wait_for_timeout(1000)


def shifts_since(page: Any, began: float) -> list[dict[str, Any]]:
    """Return what shifted later than a second after a point of time of the page."""
    return [shift for shift in page.evaluate("window.shifts") if shift["at"] > began + 1000]


def total(shifts: list[dict[str, Any]]) -> float:
    return sum(float(shift["value"]) for shift in shifts)


@pytest.mark.timeout(180)
def test_nothing_jumps_while_an_answer_is_written_nor_when_it_is_done(visit: Any, chat: str) -> None:
    page = open_chat(visit, chat)
    began = page.evaluate("performance.now()")
    ask(page, "How long is the Danube?")
    page.wait_for_selector(DRAFT)
    wait_until_written(page)
    shifts = shifts_since(page, began)
    assert total(shifts) < GOOD, shifts


@pytest.mark.timeout(180)
def test_the_text_stays_on_its_lines_when_it_is_done(visit: Any, chat: str) -> None:
    assert chat
    page = visit.new_page()
    page.goto("/")
    page.wait_for_selector(".fn-welcome")
    page.wait_for_timeout(500)
    ask(page, "How high is Mont Blanc?")
    page.wait_for_function("s => document.querySelector(s)?.innerText.split(' ').length > 8", arg=DRAFT)
    top = "[...document.querySelectorAll('.fn-answer')].at(-1).getBoundingClientRect().top"
    while_written = page.evaluate(top)
    wait_until_written(page)
    assert page.evaluate("document.querySelector('.stMain').scrollTop") == 0
    assert abs(page.evaluate(top) - while_written) <= 2


@pytest.mark.timeout(180)
def test_nothing_jumps_while_a_comparison_is_written(visit: Any, chat: str) -> None:
    page = open_chat(visit, chat)
    page.click("button:has-text('Compare'):visible >> nth=-1")
    page.wait_for_selector(f"{DRAFT} >> nth=1")
    began = page.evaluate("performance.now()")
    page.wait_for_selector(".fn-verdict")
    page.wait_for_timeout(1000)
    shifts = shifts_since(page, began)
    assert total(shifts) < GOOD, shifts


@pytest.mark.timeout(180)
def test_a_reader_who_scrolled_up_stays_where_he_is(visit: Any, chat: str) -> None:
    page = open_chat(visit, chat)
    ask(page, "How long is the Danube?")
    page.wait_for_selector(DRAFT)
    page.mouse.move(500, 400)
    page.mouse.wheel(0, -700)
    page.wait_for_timeout(700)
    where = "document.querySelectorAll('.fn-question')[3].getBoundingClientRect().top"
    before = page.evaluate(where)
    assert page.locator(DRAFT).count() == 1  # it is still being written
    seen = set()
    while page.locator(DRAFT).count():
        seen.add(round(page.evaluate(where)))
        page.wait_for_timeout(100)
    wait_until_written(page)
    seen.add(round(page.evaluate(where)))
    assert max(seen) - min(seen) <= 2, (before, sorted(seen))


@pytest.mark.timeout(180)
def test_a_reader_who_scrolls_up_just_when_a_line_is_added_leaves_the_end(visit: Any, chat: str) -> None:
    page = open_chat(visit, chat)
    ask(page, "How long is the Danube?")
    page.wait_for_selector(DRAFT)
    page.wait_for_timeout(1000)
    then, later = page.evaluate(SCROLL_UP_WHEN_A_LINE_IS_ADDED)
    assert later == then


@pytest.mark.timeout(180)
def test_stop_ends_the_writing_within_a_second_and_keeps_the_text(visit: Any, chat: str) -> None:
    page = open_chat(visit, chat)
    ask(page, "How long is the Danube?")
    page.wait_for_function("s => document.querySelector(s)?.innerText.split(' ').length > 8", arg=DRAFT)
    written = page.inner_text(DRAFT).split()
    began = time.monotonic()
    page.click(".st-key-stop button")
    page.wait_for_selector(DRAFT, state="detached")
    page.wait_for_selector("text=Stopped before it was finished.")
    assert time.monotonic() - began < 1 + 2 * Slow.PAUSE_S
    kept = page.inner_text(".fn-answer >> nth=-1")
    assert " ".join(written[:6]) in kept
    assert page.locator(f"{TOOLS} >> nth=6").count() == 1  # one can go on with it


@pytest.mark.timeout(180)
def test_a_reload_in_the_middle_finds_the_text_again(visit: Any, chat: str) -> None:
    page = open_chat(visit, chat)
    ask(page, "How long is the Danube?")
    page.wait_for_function("s => document.querySelector(s)?.innerText.split(' ').length > 5", arg=DRAFT)
    before = page.inner_text(DRAFT).replace("▍", "").split()
    page.reload()
    page.wait_for_selector(DRAFT)
    assert page.inner_text(DRAFT).split()[: len(before)] == before
    wait_until_written(page)
    assert " ".join(before) in page.inner_text(".st-key-talk")


@pytest.mark.timeout(180)
def test_a_second_tab_is_told_how_many_answers_come_before_it(visit: Any, chat: str) -> None:
    first = open_chat(visit, chat)
    second = visit.new_page()
    second.goto("/")
    second.wait_for_selector(".fn-welcome")
    second.wait_for_timeout(500)
    ask(first, "How long is the Danube?")
    first.wait_for_selector(DRAFT)
    ask(second, "How high is Mont Blanc?")
    second.wait_for_selector("text=Waiting: 1 answer before this one")
    assert second.locator(DRAFT).count() == 0
    first.click(".st-key-stop button")
    second.wait_for_selector(DRAFT)
    assert second.locator("text=answer before this one").count() == 0
