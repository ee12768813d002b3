"""A language model writes slowly: nothing jumps, Stop stops, a reload finds the text again, a second tab queues.

What has to be done while it writes is done while its pen is held: it goes on when the browser has come along.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.records import answer_to_json
from tests.ui.patience import TOOLS, becomes, new_page, settle, wait_for_viewer
from tests.ui.served import chromium, serving
from tests.ui.slow import SERVE, Slow, held, open_library

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
GENEROUS_S = 20.0  # from the click to the text that is kept, on whatever machine
QUESTIONS = ["Where does the Danube rise?", "How high is Mont Blanc?", "Which desert is the driest?"]
N_HELD = Slow.HELD_AFTER - 1  # the number of the passage is not shown
DRAFT = ".fn-answer:has(.fn-caret)"
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

# Where the page stood when it was scrolled up in the frame in which a line was added, and when more lines were.
SCROLL_UP_WHEN_A_LINE_IS_ADDED = """() => { window.scrolled = new Promise(done => {
  const main = document.querySelector('.stMain'), height = main.scrollHeight;
  const look = () => {
    if (main.scrollHeight <= height) { setTimeout(look, 1); return; }
    document.elementFromPoint(500, 400).dispatchEvent(new WheelEvent('wheel', {deltaY: -700, bubbles: true}));
    main.scrollTop -= 700;
    const then = main.scrollTop, line = main.scrollHeight - height;
    const later = () => {
      if (main.scrollHeight <= height + line && document.querySelector('.fn-caret')) { setTimeout(later, 100); return; }
      setTimeout(() => done([then, main.scrollTop]), 1000);
    };
    later();
  };
  look();
}); }"""
# Whether the page has stood still for some frames.
STANDS_STILL = """() => new Promise(done => {
  const main = document.querySelector('.stMain');
  let last = main.scrollTop, frames = 0;
  const look = () => {
    frames = main.scrollTop === last ? frames + 1 : 0;
    last = main.scrollTop;
    if (frames > 20) done(last); else requestAnimationFrame(look);
  };
  look();
})"""
N_WORDS = "s => (document.querySelector(s)?.innerText.match(/[^ \\n▍]+/g) ?? []).length"


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
        first = new_page(browser, viewport={"width": 1440, "height": 900}, base_url=address)
        first.context.add_init_script(WATCH_SHIFTS)
        yield first.context
        first.context.close()


def ask(page: Any, question: str) -> None:
    page.fill("[data-testid=stChatInputTextArea]", question)
    page.press("[data-testid=stChatInputTextArea]", "Enter")


def open_chat(visit: Any, chat: str) -> Any:
    page = visit.new_page()
    page.goto(f"/?chat={chat}")
    page.wait_for_selector(f"{TOOLS} >> nth=5")
    page.wait_for_selector(".view .page img", state="attached")
    wait_for_viewer(page)
    page.evaluate(STANDS_STILL)
    return page


def open_new_chat(visit: Any) -> Any:
    page = visit.new_page()
    page.goto("/")
    page.wait_for_selector(".fn-welcome")
    wait_for_viewer(page)
    return page


def wait_until_held(page: Any) -> None:
    """Wait until all is there that a held model writes from the documents."""
    page.wait_for_function(f"([draft, n]) => ({N_WORDS})(draft) >= n", arg=[DRAFT, N_HELD])


def wait_until_written(page: Any) -> None:
    page.wait_for_selector(DRAFT, state="detached")
    page.wait_for_selector(".fn-label:has-text('In the words of slow') >> nth=-1")
    settle(page)
    page.evaluate(STANDS_STILL)


def shifts_since(page: Any, began: float) -> list[dict[str, Any]]:
    """Return what shifted later than a point of time of the page."""
    return [shift for shift in page.evaluate("window.shifts") if shift["at"] > began]


def stands_since(page: Any) -> float:
    """Wait until all is drawn but what the model still writes; return that time of the page."""
    page.evaluate(STANDS_STILL)
    return float(page.evaluate("performance.now()"))


def total(shifts: list[dict[str, Any]]) -> float:
    return sum(float(shift["value"]) for shift in shifts)


def test_nothing_jumps_while_an_answer_is_written_nor_when_it_is_done(visit: Any, home: Path, chat: str) -> None:
    page = open_chat(visit, chat)
    with held(home):
        ask(page, "How long is the Danube?")
        wait_until_held(page)
        began = stands_since(page)
    wait_until_written(page)
    shifts = shifts_since(page, began)
    assert total(shifts) < GOOD, shifts


def test_the_text_stays_on_its_lines_when_it_is_done(visit: Any, home: Path, chat: str) -> None:
    assert chat
    page = open_new_chat(visit)
    top = "[...document.querySelectorAll('.fn-answer')].at(-1).getBoundingClientRect().top"
    with held(home):
        ask(page, "How high is Mont Blanc?")
        wait_until_held(page)
        stands_since(page)
        while_written = page.evaluate(top)
    wait_until_written(page)
    assert page.evaluate("document.querySelector('.stMain').scrollTop") == 0
    assert abs(page.evaluate(top) - while_written) <= 2


def test_nothing_jumps_while_a_comparison_is_written(visit: Any, home: Path, chat: str) -> None:
    page = open_chat(visit, chat)
    with held(home):
        page.click("button:has-text('Compare'):visible >> nth=-1")
        page.wait_for_selector(f"{DRAFT} >> nth=1")
        wait_until_held(page)
        began = stands_since(page)
    page.wait_for_selector(".fn-verdict")
    settle(page)
    page.evaluate(STANDS_STILL)
    shifts = shifts_since(page, began)
    assert total(shifts) < GOOD, shifts


def test_a_reader_who_scrolled_up_stays_where_he_is(visit: Any, home: Path, chat: str) -> None:
    page = open_chat(visit, chat)
    where = "document.querySelectorAll('.fn-question')[3].getBoundingClientRect().top"
    with held(home):
        ask(page, "How long is the Danube?")
        wait_until_held(page)
        stands_since(page)
        end = page.evaluate(where)
        page.mouse.move(500, 400)
        page.mouse.wheel(0, -700)
        becomes(lambda: page.evaluate(where) > end + 100, True)
        page.evaluate(STANDS_STILL)
        seen = {round(page.evaluate(where))}
    while page.locator(DRAFT).count():
        seen.add(round(page.evaluate(where)))
        page.wait_for_timeout(100)
    wait_until_written(page)
    seen.add(round(page.evaluate(where)))
    assert max(seen) - min(seen) <= 2, sorted(seen)


def test_a_reader_who_scrolls_up_just_when_a_line_is_added_leaves_the_end(visit: Any, home: Path, chat: str) -> None:
    page = open_chat(visit, chat)
    with held(home):
        ask(page, "How long is the Danube?")
        wait_until_held(page)
        stands_since(page)
        page.evaluate(SCROLL_UP_WHEN_A_LINE_IS_ADDED)
    then, later = page.evaluate("window.scrolled")
    assert later == then


def test_stop_ends_the_writing_at_the_next_word_and_keeps_the_text(visit: Any, home: Path, chat: str) -> None:
    page = open_chat(visit, chat)
    with held(home):  # nothing but Stop ends it
        ask(page, "How long is the Danube?")
        wait_until_held(page)
        written = page.inner_text(DRAFT).replace("▍", "").split()
        assert len(written) == N_HELD
        began = time.monotonic()
        page.click(".st-key-stop button")
        page.wait_for_selector("text=Stopped before it was finished.")
        assert time.monotonic() - began < GENEROUS_S
        page.wait_for_selector(DRAFT, state="detached")
        page.wait_for_selector(f"{TOOLS} >> nth=6")  # one can go on with it
    kept = page.inner_text(".fn-answer >> nth=-1")
    assert " ".join(written[:6]) in kept


def test_a_reload_in_the_middle_finds_the_text_again(visit: Any, home: Path, chat: str) -> None:
    page = open_chat(visit, chat)
    with held(home):
        ask(page, "How long is the Danube?")
        wait_until_held(page)
        before = page.inner_text(DRAFT).replace("▍", "").split()
        page.reload()
        wait_until_held(page)
        assert page.inner_text(DRAFT).replace("▍", "").split() == before
    wait_until_written(page)
    assert " ".join(before[:10]) in page.inner_text(".st-key-talk")


def test_a_second_tab_is_told_how_many_answers_come_before_it(visit: Any, home: Path, chat: str) -> None:
    first, second = open_chat(visit, chat), open_new_chat(visit)
    with held(home):
        ask(first, "How long is the Danube?")
        first.wait_for_selector(DRAFT)
        ask(second, "How high is Mont Blanc?")
        second.wait_for_selector("text=Waiting: 1 answer before this one")
        assert second.locator(DRAFT).count() == 0
        first.click(".st-key-stop button")
        second.wait_for_selector(DRAFT)
        becomes(second.locator("text=answer before this one").count, 0)
