"""The viewer in a real Chromium: find, outline, pages by both numbers, sizes, two documents, keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.library import Library
from rag.records import answer_from_json, answer_to_json
from rag.spans import page_boxes
from rag.types import Box
from tests.ui.patience import VIEWER as ROOT
from tests.ui.patience import becomes, hover, new_page, settle, wait_for_viewer
from tests.ui.served import answer_chat, chromium, make_book, serving

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]

HARBOUR = "Nobody knows how deep the harbour is, for the line has never reached the ground."
MARKS = f"""selector => [...{ROOT}.querySelectorAll(selector)].map(mark => {{
  const page = mark.parentElement.getBoundingClientRect(), box = mark.getBoundingClientRect();
  return [+mark.parentElement.dataset.n, (box.left - page.left) / page.width, (box.top - page.top) / page.height,
          (box.right - page.left) / page.width, (box.bottom - page.top) / page.height];
}})"""
IN_WINDOW = f"""selector => {{
  const root = {ROOT}, mark = root.querySelector(selector);
  if (!mark) return false;
  const box = mark.getBoundingClientRect(), view = mark.closest('.view').getBoundingClientRect();
  return box.top >= view.top && box.bottom <= view.bottom && box.left >= view.left && box.right <= view.right;
}}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, minilm: Path) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "models").symlink_to(minilm.parent)
    return folder


@pytest.fixture(scope="module")
def stored(home: Path) -> Iterator[Library]:
    """The library that is served: an atlas with printed numbers and an outline, a list without."""
    pytest.importorskip("reportlab", reason="reportlab makes the test PDFs: pip install '.[dev]'")
    library = Library(home / "libraries" / "default", n_threads=1)
    library.add(make_book(home / "atlas.pdf", "An atlas of waters"))
    library.add(make_book(home / "ships.pdf", "A list of ships", labelled=False))
    library.add(make_book(home / "lost.pdf", "Lost", labelled=False))
    yield library
    library.close()


@pytest.fixture(scope="module")
def chat(stored: Library) -> str:
    """A chat with one answer that cites both documents, and one that was removed since."""
    quotes = [
        ("atlas.pdf", 5, HARBOUR),
        ("ships.pdf", 8, "She is 48 years old."),
        ("atlas.pdf", 9, HARBOUR),
        ("lost.pdf", 2, "She is 42 years old."),
    ]
    chat = answer_chat(stored, "How deep is the harbour?", quotes)
    stored.remove("lost.pdf")
    return chat


@pytest.fixture(scope="module")
def address(home: Path, chat: str) -> Iterator[str]:
    with serving(home) as address:
        yield f"{address}/?chat={chat}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The chat, with its first footnote lit; a script that fails, fails the test."""
    page = new_page(browser, viewport={"width": 1440, "height": 900})
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(address)
    wait_for_viewer(page)
    page.click(".fn-answer .fn-chip >> nth=0")
    page.wait_for_function(IN_WINDOW, arg=".page mark")
    page.mouse.move(5, 5)
    yield page
    page.context.close()
    assert not failures


def covered(library: Library, name: str, boxes: list[list[float]]) -> list[str]:
    """The words under each box: those whose middle lies in it, put together."""
    found = []
    for number, x0, y0, x1, y1 in boxes:
        page = library.page(name, int(number))
        middles = (page.words.boxes[:, :2] + page.words.boxes[:, 2:]) / 2
        found.append(
            " ".join(
                page.text[start:end]
                for start, end, (x, y) in zip(page.words.starts, page.words.ends, middles, strict=True)
                if x0 <= x <= x1 and y0 <= y <= y1
            )
        )
    return found


def wait_for_text(page: Any, selector: str, text: str) -> None:
    page.wait_for_function(
        f"([selector, text]) => {ROOT}.querySelector(selector)?.textContent.includes(text)", arg=[selector, text]
    )


def shown_page(page: Any) -> tuple[str, str]:
    return page.input_value("input.num"), page.inner_text(".tot")


def go(page: Any, typed: str) -> None:
    page.fill("input.num", typed)
    page.press("input.num", "Enter")


def search(page: Any, words: str) -> None:
    page.keyboard.press("/")
    page.fill(".find .words", words)


def is_focused(page: Any, selector: str) -> bool:
    return page.evaluate(f"selector => {ROOT}.activeElement?.matches(selector) ?? false", selector)


# ------------------------------------------------------------------------------------------------------ find


def test_what_is_found_is_listed_counted_and_marked_under_the_very_words(page: Any, stored: Library) -> None:
    search(page, "CAFE beside the bridge of elm")
    wait_for_text(page, ".count", "1 hit on 1 page.")
    assert page.inner_text(".hits b") == "p. 3 · PDF 5"
    assert page.inner_text(".hits mark") == "café beside the bridge of Elm"
    page.wait_for_function(IN_WINDOW, arg=".found.now")
    assert covered(stored, "atlas.pdf", page.evaluate(MARKS, ".found")) == ["café beside the bridge of Elm"]


def test_a_phrase_is_found_over_the_end_of_a_line_and_through_a_broken_word(page: Any, stored: Library) -> None:
    search(page, "the timber rafts")
    wait_for_text(page, ".count", "10 hits on 10 pages.")
    page.wait_for_function(IN_WINDOW, arg=".found.now")
    pieces = covered(stored, "atlas.pdf", page.evaluate(MARKS, ".found.now"))
    assert len(pieces) == 2  # on two lines
    assert " ".join(pieces).split()[0] == "the"
    assert pieces[-1].endswith("rafts.")


def test_enter_and_f3_walk_the_hits_round_from_the_page_that_is_shown(page: Any) -> None:
    search(page, "barges")
    wait_for_text(page, ".count", "10 hits on 10 pages.")

    def current() -> str:
        return page.inner_text(".hits [aria-current] b")

    assert current() == "p. 3 · PDF 5"
    walked = []
    for key in ("Enter", "F3", "Shift+Enter", "Shift+F3", "Shift+Enter", "Shift+Enter", "Shift+Enter"):
        page.keyboard.press(key)
        page.wait_for_function(IN_WINDOW, arg=".found.now")
        walked.append(current())
    assert walked == [
        "p. 4 · PDF 6",
        "p. 5 · PDF 7",
        "p. 4 · PDF 6",
        "p. 3 · PDF 5",
        "p. 2 · PDF 4",
        "p. 1 · PDF 3",
        "p. ii · PDF 2",
    ]
    assert "Hit 2 of 10" in page.inner_text("[role=status].sr")


def test_a_click_on_a_hit_goes_there(page: Any) -> None:
    search(page, "barges")
    wait_for_text(page, ".count", "10 hits")
    page.click(".hits button >> nth=9")
    page.wait_for_function(IN_WINDOW, arg='.page[data-n="10"] .found.now')
    assert shown_page(page) == ("8", "· PDF 10 of 10")


def test_nothing_found_is_said_and_escape_leaves_the_footnote_lit(page: Any) -> None:
    search(page, "zeppelin")
    wait_for_text(page, ".count", "Nothing found.")
    page.keyboard.press("Escape")
    assert not page.is_visible(".find")
    assert page.evaluate(MARKS, ".found") == []
    assert page.evaluate(MARKS, ".page mark:not(.found)")
    page.keyboard.press("Escape")
    assert page.evaluate(MARKS, ".page mark") == []


def test_control_f_is_ours_over_the_pages_and_the_browsers_when_pressed_again(page: Any) -> None:
    page.evaluate(
        """() => { window.taken = []; addEventListener('keydown', e => {
             if (e.key === 'f' && e.ctrlKey) setTimeout(() => window.taken.push(e.defaultPrevented)); }, true); }"""
    )
    page.keyboard.press("Control+f")  # the pointer is elsewhere, the focus in the chat
    assert not page.is_visible(".find")
    page.hover(".view")
    page.keyboard.press("Control+f")
    assert is_focused(page, ".words")
    page.keyboard.press("Control+f")
    page.wait_for_function("window.taken.length === 3")
    assert page.evaluate("window.taken") == [False, True, False]


def test_letters_typed_into_the_search_are_no_keys_of_the_app(page: Any) -> None:
    page.evaluate(
        """() => { window.heard = []; document.addEventListener('keydown', e => window.heard.push(e.key));
           window.sent = 0; const send = WebSocket.prototype.send;
           WebSocket.prototype.send = function (data) { window.sent += 1; return send.call(this, data); }; }"""
    )
    page.keyboard.press("/")
    page.keyboard.type("core [s]")
    wait_for_text(page, ".count", "Nothing found.")
    assert page.input_value(".find .words") == "core [s]"
    assert page.evaluate("window.heard") == []
    assert page.evaluate("window.sent") == 0


# --------------------------------------------------------------------------------------------------- outline


def test_the_outline_marks_where_one_is_and_a_click_goes_there(page: Any) -> None:
    page.keyboard.press("o")
    page.wait_for_selector(".tree [aria-current]")
    assert page.get_attribute(".tree [aria-current]", "aria-label") == "Section 5, page 3"
    assert page.inner_text(".tree [aria-level='1'] >> nth=2").split("\n")[-1] == "3"
    page.click(".tree >> text=Section 8")
    wait_for_text(page, ".tot", "PDF 8 of 10")
    assert shown_page(page) == ("6", "· PDF 8 of 10")
    wait_for_text(page, ".tree [aria-current]", "Section 8")


def test_parts_of_the_outline_fold_by_pointer_and_by_key(page: Any) -> None:
    page.keyboard.press("o")
    page.wait_for_selector(".tree [aria-current]")
    page.click(".tree [role=treeitem] >> nth=0 >> .twist")
    assert not page.is_visible(".tree >> text=Section 2")
    page.focus(".tree [role=treeitem] >> nth=0")
    page.keyboard.press("ArrowRight")
    assert page.is_visible(".tree >> text=Section 2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for_text(page, ".tot", "PDF 2 of 10")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert not page.is_visible(".tree >> text=Section 2")
    page.keyboard.press("Escape")
    assert not page.is_visible(".outline")
    assert is_focused(page, ".view")


def test_a_document_without_an_outline_says_so(page: Any) -> None:
    page.click(".fn-answer .fn-chip >> nth=1")
    page.wait_for_function(IN_WINDOW, arg='.page[data-n="8"] mark')
    page.keyboard.press("o")
    wait_for_text(page, ".none", "This document has no outline.")


def test_a_footnote_to_a_removed_document_says_so_and_moves_nothing(page: Any) -> None:
    page.focus(".fn-answer .fn-chip >> nth=3")
    page.keyboard.press("Enter")
    said = page.inner_text("[role=status].sr")
    assert "removed" in said
    assert "She is 42 years old." in said
    assert shown_page(page) == ("3", "· PDF 5 of 10")


# ----------------------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize(
    ("typed", "shown", "said"),
    [
        ("6", ("6", "· PDF 8 of 10"), None),
        ("#6", ("4", "· PDF 6 of 10"), None),
        ("PDF 6", ("4", "· PDF 6 of 10"), None),
        ("p. ii", ("ii", "· PDF 2 of 10"), None),
        ("II", ("ii", "· PDF 2 of 10"), None),
        ("9", ("7", "· PDF 9 of 10"), None),  # nothing is numbered 9: it can only mean the PDF's own
        ("11", ("3", "· PDF 5 of 10"), "There is no PDF page 11: the document has 10 pages."),
        ("xiv", ("3", "· PDF 5 of 10"), "There is no page “xiv”."),
    ],
)
def test_the_page_field_takes_printed_and_pdf_numbers(
    page: Any, typed: str, shown: tuple[str, str], said: str | None
) -> None:
    assert shown_page(page) == ("3", "· PDF 5 of 10")
    assert "PDF page 5 of 10" in page.get_attribute("input.num", "title")
    go(page, typed)
    assert shown_page(page) == shown
    assert page.is_visible(".hint") == (said is not None)
    if said:
        assert said in page.inner_text(".hint")


def test_a_document_without_printed_numbers_is_counted_plainly(page: Any) -> None:
    page.click(".fn-answer .fn-chip >> nth=1")
    page.wait_for_function(IN_WINDOW, arg='.page[data-n="8"] mark')
    assert shown_page(page) == ("8", "of 10")
    go(page, "10")
    assert shown_page(page) == ("10", "of 10")
    page.click(".prev")
    assert shown_page(page) == ("9", "of 10")


# ----------------------------------------------------------------------------------------------------- sizes


def widths(page: Any) -> tuple[float, float, float, float]:
    """Width and height of the lit page, inner width and height of the window onto it."""
    return page.evaluate(
        f"""() => {{ const node = {ROOT}.querySelector('.page mark').parentElement, view = node.parentElement;
            return [node.offsetWidth, node.offsetHeight, view.clientWidth, view.clientHeight]; }}"""
    )


def test_fit_width_and_fit_page_do_what_they_say_and_the_size_is_kept(page: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 560})
    page.wait_for_function("innerHeight === 560")
    settle(page)

    def is_wide() -> bool:
        width, height, window_width, window_height = widths(page)
        return window_width - 48 <= width <= window_width and height > window_height

    def is_whole() -> bool:
        _, height, _, window_height = widths(page)
        return window_height - 48 <= height <= window_height

    page.keyboard.press("0")
    becomes(is_wide, True)
    page.keyboard.press("f")
    becomes(is_whole, True)
    level = page.inner_text(".level b")
    assert 20 < int(level.removesuffix(" %")) < 100
    page.reload()
    page.wait_for_selector(".view.whole .page img", state="attached")
    page.wait_for_function(IN_WINDOW, arg=".page mark")
    becomes(lambda: page.inner_text(".level b"), level)
    page.keyboard.press("0")
    assert page.inner_text(".level b") == "100 %"


def test_keys_make_it_larger_and_smaller_and_the_lit_line_stays(page: Any) -> None:
    before, *_ = widths(page)
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert page.inner_text(".level b") == "125 %"
    assert widths(page)[0] == pytest.approx(1.25 * before, rel=0.01)
    for _ in range(4):
        page.keyboard.press("-")
    assert page.inner_text(".level b") == "80 %"
    page.wait_for_function(IN_WINDOW, arg=".page mark")


def test_the_wheel_with_control_zooms_around_the_pointer(page: Any) -> None:
    where = f"""() => {{ const box = {ROOT}.querySelector('.page mark').getBoundingClientRect();
                          return [box.left, box.top + box.height / 2, box.width]; }}"""
    x, y, width = page.evaluate(where)
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -60)
    page.keyboard.up("Control")
    page.wait_for_function(
        f"width => {ROOT}.querySelector('.page mark').getBoundingClientRect().width > 1.2 * width", arg=width
    )
    after = page.evaluate(where)
    assert after[0] == pytest.approx(x, abs=4)
    assert after[1] == pytest.approx(y, abs=4)
    assert page.evaluate("visualViewport.scale") == 1


def test_two_fingers_zoom_around_the_point_between_them(browser: Any, address: str) -> None:
    phone = new_page(browser, viewport={"width": 390, "height": 844}, has_touch=True)
    phone.goto(address)
    wait_for_viewer(phone)
    phone.tap(".fn-answer .fn-chip >> nth=0")
    phone.wait_for_function(IN_WINDOW, arg=".page mark:nth-of-type(2)")
    phone.wait_for_function(f"() => !{ROOT}.querySelector('.wrap').getAnimations().length")
    where = f"() => {ROOT}.querySelector('.page mark:nth-of-type(2)').getBoundingClientRect().toJSON()"
    before = phone.evaluate(where)
    x, y = before["left"], before["top"]
    session = phone.context.new_cdp_session(phone)
    for kind, apart in (("touchStart", 60), ("touchMove", 75), ("touchMove", 90), ("touchEnd", None)):
        points = [] if apart is None else [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    becomes(lambda: phone.evaluate(where)["width"], pytest.approx(1.5 * before["width"], rel=0.03))
    after = phone.evaluate(where)
    assert (after["left"], after["top"]) == (pytest.approx(x, abs=4), pytest.approx(y, abs=4))
    assert phone.evaluate("visualViewport.scale") == 1
    phone.context.close()


def test_larger_pages_get_sharper_images(page: Any) -> None:
    image = f"() => {ROOT}.querySelector('.page mark').parentElement.querySelector('img').naturalWidth"
    page.wait_for_function(f"() => ({image})() > 0")
    before = page.evaluate(image)
    for _ in range(5):
        page.keyboard.press("+")
    page.wait_for_function(f"before => ({image})() > 1.4 * before", arg=before)


# ---------------------------------------------------------------------------------------------- side by side


def panes(page: Any) -> list[tuple[str, str, str]]:
    """Name, words on the page and lit words of each pane."""
    return [
        tuple(pane)
        for pane in page.evaluate(
            f"""() => [...{ROOT}.querySelectorAll('.pane')].map(pane => [pane.querySelector('.head b').textContent,
                 pane.querySelector('.head span').textContent,
                 [...pane.querySelectorAll('.page mark')].map(m => m.parentElement.dataset.n).join(' ')])"""
        )
    ]


def test_an_answer_that_cites_two_documents_shows_both_side_by_side(page: Any) -> None:
    page.keyboard.press("s")
    page.wait_for_function(IN_WINDOW, arg='.pane:nth-child(2) .page[data-n="8"] mark')
    page.wait_for_function(IN_WINDOW, arg='.pane:nth-child(1) .page[data-n="5"] mark')
    becomes(lambda: panes(page), [("An atlas of waters", "p. 3 · PDF 5", "5 5"), ("A list of ships", "p. 8", "8")])
    page.click(".fn-answer .fn-chip >> nth=2")  # another page of the first document
    page.wait_for_function(IN_WINDOW, arg='.pane:nth-child(1) .page[data-n="9"] mark')
    becomes(lambda: panes(page), [("An atlas of waters", "p. 7 · PDF 9", "9 9"), ("A list of ships", "p. 8", "8")])
    page.keyboard.press("s")
    assert [name for name, _, _ in panes(page)] == ["An atlas of waters"]
    assert page.evaluate(MARKS, ".page mark")


def test_the_bar_and_the_search_mean_the_view_that_was_touched_last(page: Any) -> None:
    page.keyboard.press("s")
    page.wait_for_function(IN_WINDOW, arg='.pane:nth-child(2) .page[data-n="8"] mark')
    assert shown_page(page) == ("3", "· PDF 5 of 10")
    page.focus(".pane:nth-child(2) .view")
    assert shown_page(page) == ("8", "of 10")
    search(page, "salt trade")
    wait_for_text(page, ".count", "10 hits on 10 pages.")
    assert page.evaluate(MARKS, ".pane:nth-child(1) .found") == []
    page.click(".pane:nth-child(1) .head button")
    page.wait_for_function(f"() => {ROOT}.querySelectorAll('.pane').length === 1")
    assert [name for name, _, _ in panes(page)] == ["A list of ships"]


@pytest.mark.parametrize(("width", "are_beside"), [(1440, False), (2200, True)])
def test_two_documents_stand_beside_each_other_only_where_it_is_wide(page: Any, width: int, are_beside: bool) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.click("[data-do=both]")
    page.wait_for_selector(".pane:nth-child(2) .page img", state="attached")

    def is_right_and_below() -> tuple[bool, bool]:
        first, second = (page.locator(f".pane:nth-child({n})").bounding_box() for n in (1, 2))
        return second["x"] > first["x"] + 100, second["y"] > first["y"] + 100

    becomes(is_right_and_below, (are_beside, not are_beside))


# ------------------------------------------------------------------------------------------------ keys, bars


def test_the_keys_are_listed_and_can_be_switched_off(page: Any) -> None:
    page.keyboard.press("?")
    assert page.is_visible("dialog.keys")
    page.uncheck(".single")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.keys", state="hidden")
    page.keyboard.press("o")
    assert not page.is_visible(".outline")
    page.click("[data-do=outline]")
    assert page.is_visible(".outline")


def test_the_pages_scroll_by_keys_when_they_have_the_focus(page: Any) -> None:
    top = f"() => {ROOT}.querySelector('.view').scrollTop"
    page.focus(".view")
    page.keyboard.press("Home")
    page.wait_for_function(f"() => ({top})() === 0")
    page.keyboard.press("PageDown")
    page.wait_for_function(f"() => ({top})() > 200")
    page.keyboard.press("End")
    wait_for_text(page, ".tot", "PDF 10 of 10")


def test_every_control_has_a_name_and_can_be_reached_by_tab(page: Any) -> None:
    page.focus("[data-do=outline]")
    names = []
    for _ in range(12):
        names.append(
            page.evaluate(
                f"""() => {{ const node = {ROOT}.activeElement;
                    return node && (node.getAttribute('aria-label') || node.textContent.trim()); }}"""
            )
        )
        if names[-1] and names[-1].startswith("Pages of"):
            break
        page.keyboard.press("Tab")
    assert names == [
        "Outline",
        "Document",
        "Previous page",
        "Page: the printed number, or # and the PDF’s own",
        "Next page",
        "Size 100 %, and more",
        "Side by side",
        "Find in the document",
        "Pages of An atlas of waters",
    ]


@pytest.mark.parametrize("width", [1440, 1160, 1024, 900])
def test_the_title_is_never_cut_to_nothing(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_function("width => innerWidth === width", arg=width)
    outside = f"""() => {{ const root = {ROOT}, wrap = root.querySelector('.wrap').getBoundingClientRect();
        return [...root.querySelectorAll('.bar > :is(button, select, span:not(.gap, .rule))')]
          .map(control => [control.className || control.dataset.do, control.getBoundingClientRect()])
          .filter(([, {{left, right, width}}]) => width && (left < wrap.left - 1 || right > wrap.right + 1))
          .map(([name]) => name); }}"""
    becomes(lambda: page.locator("select.doc").bounding_box()["width"] > 90, True)
    becomes(lambda: page.evaluate(outside), [])
    wrap = page.locator(".wrap").bounding_box()
    assert wrap["y"] + wrap["height"] <= 800


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("opened", ["", "/", "o", "s", "?"])
def test_no_rule_of_accessibility_is_broken(page: Any, scheme: str, opened: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install '.[dev]' brings axe")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    if opened:
        page.keyboard.press(opened)
    if opened == "/":
        page.keyboard.type("river")
        wait_for_text(page, ".count", "10 hits")

    def ours() -> list[tuple[str, str]]:
        broken = axe.Axe().run(page).response["violations"]
        nodes = [(rule["id"], node) for rule in broken for node in rule["nodes"]]
        return [(rule, node["html"]) for rule, node in nodes if isinstance(node["target"][0], list)]

    becomes(ours, [])  # what is drawn anew while it is looked at fades for a moment; what is wrong stays wrong


# --------------------------------------------------------------------------- what answers, figures, scanned pages

FIGURE = Box(6, 0.1, 0.5, 0.6, 0.8)


@pytest.fixture(scope="module")
def shown(stored: Library, chat: str, address: str) -> str:
    """The address of a chat that cites a number within a sentence, then the caption of a figure on a scanned page."""
    quote = "The station of Elm counted 555 barges in the year."
    made = answer_chat(stored, "How many barges?", [("atlas.pdf", 5, quote), ("atlas.pdf", 6, HARBOUR)])
    with stored.catalog.database.writing() as database:
        database.execute("UPDATE page SET source = 'ocr' WHERE number = 6")
    message = stored.chats.messages(made)[-1]
    answer = answer_from_json(message.payload["answer"])
    number, caption = (claim.citations[0] for claim in answer.claims)
    page = stored.page("atlas.pdf", 5)
    start = page.text.index("555")
    number = replace(number, focus=page_boxes(page, start, start + 3))
    caption = replace(caption, figure=FIGURE, source="ocr")
    claims = [replace(c, citations=(one,)) for c, one in zip(answer.claims, (number, caption), strict=True)]
    made = stored.chats.create("How many barges?").id
    stored.chats.append(made, "user", "How many barges?")
    payload = {"answer": answer_to_json(replace(answer, claims=tuple(claims)))}
    stored.chats.append(made, "assistant", answer.text, payload)
    return f"{address.split('?', maxsplit=1)[0]}?chat={made}"


def test_the_part_that_answers_is_lit_within_its_line(page: Any, shown: str, stored: Library) -> None:
    page.goto(shown)
    wait_for_viewer(page)
    page.click(".fn-answer .fn-chip >> nth=0")
    page.wait_for_function(IN_WINDOW, arg=".page .focus")
    focus, lines = page.evaluate(MARKS, ".page .focus"), page.evaluate(MARKS, ".page mark")
    assert covered(stored, "atlas.pdf", focus) == ["555"]
    assert any(line[1] < focus[0][1] and line[3] > focus[0][3] for line in lines)
    page.mouse.move(5, 5)
    hover(page, ".fn-answer .fn-chip >> nth=0")
    page.wait_for_selector(".card .focus")


def test_a_cited_caption_shows_its_figure_in_the_answer_the_card_and_on_the_page(page: Any, shown: str) -> None:
    page.goto(shown)
    wait_for_viewer(page)
    page.click(".fn-answer .fn-figure")
    page.wait_for_function(IN_WINDOW, arg=".page .figure")
    (frame,) = page.evaluate(MARKS, ".page .figure")
    assert frame == pytest.approx([6, 0.1, 0.5, 0.6, 0.8], abs=0.01)
    page.mouse.move(5, 5)
    hover(page, ".fn-answer .fn-chip >> nth=1")
    page.wait_for_function(f"() => {ROOT}.querySelector('.card .strip img')?.complete")
    assert page.get_attribute(".card .strip img", "alt") == HARBOUR
    assert "page 6, printed 4, read by OCR" in page.inner_text(".card")


def test_the_picture_of_a_figure_is_no_footnote_more_to_walk(page: Any, shown: str) -> None:
    page.goto(shown)
    wait_for_viewer(page)
    page.click(".fn-answer .fn-chip >> nth=1")
    page.wait_for_function(IN_WINDOW, arg=".page .figure")
    page.keyboard.press("]")
    page.wait_for_function(IN_WINDOW, arg=".page .focus")
    page.wait_for_function(f"() => !{ROOT}.querySelector('.page .figure')")


def test_the_bar_says_of_a_page_that_it_was_read_by_ocr(page: Any, shown: str) -> None:
    page.goto(shown)
    wait_for_viewer(page)
    page.click(".fn-answer .fn-chip >> nth=1")
    page.wait_for_function(f"() => !{ROOT}.querySelector('.ocr').hidden")
    assert page.text_content(".ocr") == "read by OCR"
    page.click(".fn-answer .fn-chip >> nth=0")
    page.wait_for_function(f"() => {ROOT}.querySelector('.ocr').hidden")
