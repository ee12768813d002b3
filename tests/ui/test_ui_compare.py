"""Strict answers, comparisons of any two, and how answers are written: on the page, without a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.answer.contrast import sides_line
from rag.answer.language import SharedModel
from rag.index.chats import Exchange, exchanges
from rag.library import Library
from rag.records import answer_from_json
from rag.settings import OPTIONS, Settings, other_choice
from rag.types import Answer, IsCancelled, Manner, ReaderName, Turn
from rag.writing import STOPPED
from tests.answers_made import citation, claim, extractive, grounded
from tests.conftest import Parrot
from tests.ui.test_ui_pages import button, checked, html, opened, until
from ui import shelf
from ui.answers import footnotes, left_out_html, unsupported_html
from ui.asking import Plan, Question, pair_of
from ui.talk import Talk

QUESTION = "How high is Mont Blanc?"
STRICT = Manner(is_strict=True)


class Liar(Parrot):
    """A model that invents, whatever it reads."""

    name = "liar"

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        yield "Mont Blanc is 9,999 metres high and was built by Napoleon. [1]"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in OPTIONS:
        monkeypatch.delenv(f"FOOTNOTE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def place(bench: shelf.Shelf, facts: Path) -> shelf.Place:
    place = bench.place("default")
    place.library.add(facts)
    return place


def answered(library: Library, plan: Plan, text: str = QUESTION) -> dict[str, Any]:
    chat = library.chats.create(text)
    asked = Exchange(library.chats.append(chat.id, "user", text), None)
    assert Question(library, chat.id, asked, plan=plan).wait(300)
    return library.chats.messages(chat.id)[-1].payload


# ------------------------------------------------------------------------------------------------- strict answers


def test_what_was_left_out_is_struck_folded_and_says_why() -> None:
    wrong = claim("It is <b>short</b>.", verdict="unsupported")
    against = claim("It is calm.", citation("wild"), verdict="contradicted")
    shown = left_out_html(replace(grounded(), left_out=(wrong, against)))
    assert shown.startswith('<details class="fn-left"><summary>2 sentences left out')
    assert "<del>It is &lt;b&gt;short&lt;/b&gt;.</del>" in shown
    assert "the passage says otherwise" in shown
    assert left_out_html(grounded()) == ""
    assert "<details" in footnotes(replace(grounded(), left_out=(wrong,)), 1, documents=()).answer


def test_where_the_documents_stand_in_that_is_said_and_what_was_stopped_is_open() -> None:
    wrong = claim("It is short.", verdict="unsupported")
    stood_in = replace(grounded(), left_out=(wrong,), stands_in=True, note=None)
    assert "The sentence of SmolLM2 was not supported; the documents&#x27; own answer is above." in unsupported_html(
        stood_in
    )
    stopped = unsupported_html(replace(stood_in, note=f"{STOPPED} The model's …"))
    assert STOPPED in stopped
    assert '<details class="fn-left" open>' in stopped
    declined = unsupported_html(replace(stood_in, left_out=()))
    assert "found no answer in the passages" in declined
    assert "<details" not in declined


@pytest.mark.timeout(600)
def test_strictly_an_invention_is_shown_struck_below_the_documents_own_answer(place: shelf.Place) -> None:
    place.library.model = SharedModel("liar", Liar)
    payload = answered(place.library, Plan(readers=("grounded",), manner=STRICT))
    written = answer_from_json(payload["grounded"])
    assert written.stands_in
    assert "4,806" in written.text
    (chat,) = place.library.chats.list()
    page = html(opened(chat=chat.id))
    assert "<del>Mont Blanc is 9,999 metres high and was built by Napoleon.</del>" in page
    assert page.count("4,806 metres high") >= 1


# --------------------------------------------------------------------------------------------------- comparisons


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("pair", "kept"),
    [
        (("extractive", "grounded"), {"grounded"}),
        (("extractive", "ungrounded"), {"ungrounded"}),
        (("grounded", "other"), {"grounded", "other"}),
        (("other", "ungrounded"), {"other", "ungrounded"}),
    ],
)
def test_any_two_can_be_compared(place: shelf.Place, pair: tuple[ReaderName, ReaderName], kept: set[str]) -> None:
    place.library.other = SharedModel("liar", Liar)
    payload = answered(place.library, Plan.comparing(pair))
    assert payload["pair"] == [*pair]
    assert {"grounded", "ungrounded", "other"} & set(payload) == kept
    (chat,) = place.library.chats.list()
    page = html(opened(chat=chat.id))
    assert page.count("fn-verdict") == 1
    for name, said in {"other": "9,999", "ungrounded": "2,850", "extractive": "4,806", "grounded": "4,806"}.items():
        assert (said in page) or name not in pair
    assert ("In the documents" in page) is ("extractive" in pair)


def test_a_pair_that_needs_another_model_says_so_where_none_is_set(place: shelf.Place) -> None:
    payload = answered(place.library, Plan.comparing(("grounded", "other")))
    assert "No other language model is set" in payload["model_error"]


def test_where_the_documents_do_not_say_a_comparison_of_two_that_read_them_says_so(place: shelf.Place) -> None:
    library = place.library
    chat = library.chats.create("x")
    asked = Exchange(library.chats.append(chat.id, "user", "zyzzyva quux plumbago?"), None)
    assert Question(library, chat.id, asked, plan=Plan()).wait(300)
    (found,) = exchanges(library.chats.messages(chat.id))
    assert Question(library, chat.id, found, plan=Plan.comparing(("extractive", "grounded"))).wait(300)
    assert library.chats.messages(chat.id)[-1].payload["pair"] == ["extractive", "grounded"]
    assert "The documents do not say, so that nothing was written from them." in html(opened(chat=chat.id))


def test_an_older_comparison_is_one_of_the_model_with_and_without() -> None:
    assert pair_of({"answer": {}, "grounded": {}, "ungrounded": {}}) == ("grounded", "ungrounded")
    assert pair_of({"answer": {}, "grounded": {}}) is None
    assert pair_of({"pair": ["other", "extractive"]}) == ("other", "extractive")


def test_a_pair_of_twins_becomes_the_model_with_and_without(place: shelf.Place) -> None:
    def pair(left: ReaderName, right: ReaderName) -> tuple[ReaderName, ReaderName]:
        return Talk(place, None, [], None, Settings(compare_left=left, compare_right=right)).pair

    assert pair("grounded", "ungrounded") == ("grounded", "ungrounded")
    assert pair("ungrounded", "ungrounded") == ("ungrounded", "grounded")
    assert pair("other", "other") == ("other", "ungrounded")


@pytest.mark.parametrize(
    ("settings", "kind", "named"),
    [
        (Settings(other_model="built-in", server="http://localhost:1/v1"), "built-in", ""),
        (Settings(other_model="someone/model"), "local", "someone/model"),
        (Settings(other_model="qwen3:8b", server="http://localhost:1/v1", server_key="k"), "server", "qwen3:8b"),
    ],
)
def test_another_model_is_found_by_its_name(settings: Settings, kind: str, named: str) -> None:
    choice = other_choice(settings)
    assert choice is not None
    assert choice.kind == kind
    assert named in {choice.model, choice.server_model}
    assert other_choice(Settings()) is None


def test_two_answers_from_the_passages_are_compared_in_one_plain_line() -> None:
    other = replace(grounded(), model="Large", claims=grounded().claims[:1])
    assert sides_line(grounded(), other) == (
        "Of the 4 sentences by SmolLM2 the documents support 1 and contradict 1. "
        "The documents support the sentence by Large."
    )
    said = sides_line(extractive(), replace(other, abstained=True, claims=()))
    assert said == "The documents' own words are verbatim. Large finds no answer in them."
    left_out: Answer = replace(other, claims=(), left_out=other.claims, stands_in=True)
    assert "support nothing that Large says" in sides_line(extractive(), left_out)


# --------------------------------------------------------------------------------------- how answers are written


def test_style_strictness_and_sides_are_set_in_settings_and_in_the_chat(place: shelf.Place) -> None:
    app = opened()
    app.text_input(key="setting-style").set_value("as a pirate").run()
    checked(app)
    assert shelf.current().settings().style == "as a pirate"
    app.button_group(key="setting-strict").set_value("off").run()
    app.selectbox(key="setting-compare_right").set_value("other").run()
    checked(app)
    app.text_input(key="setting-other_model").set_value("built-in").run()
    checked(app)
    settings = shelf.current().settings()
    assert (settings.strict, settings.compare_right, settings.other_model) == ("off", "other", "built-in")
    assert place.library.other == other_choice(settings)
    assert isinstance(place.library.model, SharedModel), "the model that writes is not touched"
    app.switch_page("views/settings.py").run()
    assert app.text_input(key="setting-style").value == "as a pirate"
    app.button_group(key="setting-length").set_value("close").run()
    assert shelf.current().settings().length == "close"


def test_comparing_is_offered_below_an_answer(place: shelf.Place) -> None:
    answered(place.library, Plan())
    (chat,) = place.library.chats.list()
    app = opened(chat=chat.id)
    button(app, "Compare").click().run()  # type: ignore[attr-defined]
    app = until(app, lambda app: "fn-verdict" in html(app))
    assert "as its authors made it" in html(app)
