"""What a question was taken to mean, why passages were found, where is looked: on the page, without a browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rag.answer.language import SharedModel
from rag.index.chats import exchanges
from rag.library import Library
from rag.records import answer_to_json
from rag.retrieve.ignoring import is_ignored, keeps_word
from rag.types import Answer, Document, Encoder, Expansion, Hint, Twin, Understood
from tests.ui.test_ui_answers import SHA, Seen, answer
from tests.ui.test_ui_pages import checked, html, opened, until
from ui import scope, shelf
from ui.answers import footnotes

PAGE = Hint("page", "on page 2", "page 2", ("2",))
PERIOD = Hint("period", "in 1786", "1786", ("1786",))
QUESTION = "When was Mont Blank first climbed, on page 2, in 1786?"


class Understanding(Library):
    """A library that takes every question to mean the same."""

    def ask(self, question: str, *arguments: Any, ignored: Collection[str] = (), **named: Any) -> Answer:
        found = super().ask(question, *arguments, ignored=ignored, **named)
        understood = Understood(
            question,
            query=question if keeps_word("Blank", ignored) else question.replace("Blank", "Blanc"),
            hints=tuple(hint for hint in (PAGE, PERIOD) if not is_ignored(hint, ignored)),
            repaired=() if keeps_word("Blank", ignored) else (("Blank", "Blanc"),),
            expansions=(Expansion("climbed", ("ascended",), "meaning"),),
            answer_type="date",
            evidence=(("prose", 0.9), ("table", 0.1)),
        )
        return replace(found, understood=understood)


@pytest.fixture
def bench(home: Path, encoder: Encoder, parrot: SharedModel) -> Iterator[shelf.Shelf]:
    """The shelf of this process, with libraries that understand."""
    bench = shelf.Shelf(open_library=lambda name: Understanding(name, encoder=encoder, n_threads=1, model=parrot))
    shelf.use(bench)
    yield bench
    bench.close()


@pytest.fixture
def filled(bench: shelf.Shelf, facts: Path) -> shelf.Place:
    place = bench.place("default")
    place.library.add(facts)
    return place


def asked(app: AppTest, question: str = QUESTION) -> AppTest:
    app.chat_input[0].set_value(question).run()
    return settled(app)


def settled(app: AppTest) -> AppTest:
    """Wait until all is answered."""
    place = shelf.current().place("default")
    return until(checked(app), lambda app: not place.questions and 'fn-answer">' in html(app))


def payload(place: shelf.Place) -> dict[str, Any]:
    reply = exchanges(place.library.chats.messages(place.library.chats.list()[0].id))[-1].reply
    assert reply is not None
    return reply.payload


def press(app: AppTest, key: str) -> AppTest:
    button = next(b for b in app.button if b.key and key in b.key)
    return settled(button.click().run())


def chips(app: AppTest, kind: str) -> list[str]:
    return [b.label for b in app.button if b.key and b.key.startswith(f"{kind}-")]


# ------------------------------------------------------------------------------------------------------ chips


def test_what_was_understood_stands_below_the_question_and_each_can_be_taken_away(filled: shelf.Place) -> None:
    app = asked(opened())
    assert [label.replace("\\", "") for label in chips(app, "hint")] == ["*Without* page 2", "*Without* period: 1786"]
    press(app, "hint-1-page")
    assert len(chips(app, "hint")) == 1
    assert chips(app, "left") == ["*Put back* page 2"]
    assert payload(filled)["ignored"] == [PAGE.key]
    assert payload(filled)["answer"]["understood"]["hints"][0]["means"] == "1786"


def test_what_was_taken_away_stays_away_at_a_reload_and_when_the_question_is_asked_again(filled: shelf.Place) -> None:
    press(asked(opened()), "hint-1-page")
    chat = filled.library.chats.list()[0].id
    app = opened(chat=chat)
    assert chips(app, "left") == ["*Put back* page 2"]
    press(app, "again-")
    assert payload(filled)["ignored"] == [PAGE.key]
    press(app, "left-1-page")
    assert "ignored" not in payload(filled)
    assert len(chips(app, "hint")) == 2


def test_a_word_that_was_repaired_can_be_searched_for_as_it_was_typed(filled: shelf.Place) -> None:
    app = asked(opened())
    assert any("**Blanc** instead of Blank" in text.value for text in app.markdown)
    press(app, "word-1-")
    assert payload(filled)["ignored"] == ["word: Blank"]
    assert not any("instead of" in text.value for text in app.markdown)
    press(app, "word-1-")
    assert "ignored" not in payload(filled)
    assert any("instead of" in text.value for text in app.markdown)


def test_other_words_that_were_looked_for_are_named(filled: shelf.Place) -> None:
    app = asked(opened())
    assert any("ascended (climbed, close in meaning)" in caption.value for caption in app.caption)


def test_a_question_that_means_no_more_than_it_says_has_no_chips(bench: shelf.Shelf, facts: Path) -> None:
    place = bench.place("default")
    place.library.add(facts)
    chat = place.library.chats.create("x")
    found = Library.ask(place.library, "How high is Mont Blanc?")
    place.library.chats.append(chat.id, "user", found.question)
    stored = answer_to_json(replace(found, understood=Understood(found.question, found.question)))
    place.library.chats.append(chat.id, "assistant", found.text, {"answer": stored})
    app = opened(chat=chat.id)
    assert 'fn-answer">' in html(app)
    assert chips(app, "hint") == []
    assert not any("Understood" in caption.value for caption in app.caption)


# ------------------------------------------------------------------------------------------------------ the panel


def explained() -> Answer:
    given = answer()
    first, second = given.hits
    return replace(
        given,
        hits=(
            replace(first, score=1.0, signals=(("words", 1.5), ("meaning", -0.5)), matched=((4, 10),), relevance=0.87),
            replace(second, score=0.6, signals=(("words", 0.2), ("meaning", 0.4)), also=(Twin("a.pdf", 40, None),)),
        ),
        understood=Understood("Where?", "Where?", answer_type="place", evidence=(("prose", 0.9),)),
    )


def test_the_panel_says_what_spoke_for_a_passage_and_why_it_stands_above_the_next() -> None:
    seen = Seen(footnotes(explained(), 7, documents=(SHA,)).why)
    assert "Looked for a place, probably in prose." in seen.text
    assert "87\u202f% relevant" in seen.text
    assert "words+1.5" in seen.text
    assert "meaning−0.5" in seen.text
    assert "Above 2 because its words agree more (+1.3) although its meaning is farther (−0.9)." in seen.text
    assert "Also on p. 40." in seen.text


def test_bars_are_as_long_as_their_shares() -> None:
    seen = Seen(footnotes(explained(), 7, documents=(SHA,)).why)
    widths = [a["style"] for tag, a in zip(seen.tags, seen.attributes, strict=True) if tag == "i"]
    assert widths == ["width:100%", "width:33%", "width:27%", "width:13%"]
    styles = [a["class"] for tag, a in zip(seen.tags, seen.attributes, strict=True) if tag == "dd"]
    assert styles == ["more", "less", "more", "more"]


def test_matched_words_are_marked_and_nothing_a_document_says_becomes_a_tag() -> None:
    given = explained()
    text = "The <b>Danube</b> rises."
    passage = replace(given.hits[0].passage, text=text)
    hostile = replace(given, hits=(replace(given.hits[0], passage=passage, matched=((7, 13),)), given.hits[1]))
    shown = footnotes(hostile, 7, documents=(SHA,)).why
    assert '&lt;b&gt;<mark class="own">Danube</mark>&lt;/b&gt; rises.' in shown
    assert text in Seen(shown).text


def test_an_answer_without_signals_has_no_bars_and_still_tells_used_from_unused() -> None:
    seen = Seen(footnotes(answer(), 7, documents=(SHA,)).why)
    assert "dl" not in seen.tags
    assert "Cited · 1" in seen.text
    assert "Retrieved, not used · 1" in seen.text


def test_when_nothing_answers_no_passage_is_said_to_be_cited() -> None:
    abstained = replace(explained(), text="The documents do not say.", claims=(), abstained=True)
    seen = Seen(footnotes(abstained, 7, documents=(SHA,)).why)
    assert "Cited" not in seen.text
    assert "Retrieved, not used · 2" in seen.text


# --------------------------------------------------------------------------------------------------------- scope


def document(name: str, key: int, days_ago: float) -> Document:
    return Document(name, name, name, "ready", 1, 1, time.time() - days_ago * 86_400, key=key)


def test_names_and_tags_choose_together_and_days_leave_out() -> None:
    old, new, other = document("old.pdf", 1, 30), document("new.pdf", 2, 0), document("other.pdf", 3, 30)
    everything, tagged = [old, new, other], {"tax": {1, 2}}
    week = f"since/{date.today() - timedelta(days=7)}"
    before = f"until/{date.today() - timedelta(days=7)}"
    assert scope.names_of([], everything, tagged) is None
    assert scope.names_of(["other.pdf", "tag/tax"], everything, tagged) == ["old.pdf", "new.pdf", "other.pdf"]
    assert scope.names_of(["tag/tax", week], everything, tagged) == ["new.pdf"]
    assert scope.names_of([before], everything, tagged) == ["old.pdf", "other.pdf"]
    assert scope.names_of([f"until/{date.today()}"], everything, tagged) == ["old.pdf", "new.pdf", "other.pdf"]
    assert scope.names_of(["tag/gone"], everything, tagged) == []


def test_days_are_kept_and_read_again() -> None:
    day = date(2026, 3, 1)
    kept = scope.with_days(["a.pdf", "since/2020-01-01"], day, None)
    assert kept == ["a.pdf", "since/2026-03-01"]
    assert (scope.day_of(kept, scope.SINCE), scope.day_of(kept, scope.UNTIL)) == (day, None)
    assert scope.without_days(kept) == ["a.pdf"]
    assert scope.days_words(day, None) == "Added since 1 Mar 2026"


def test_a_chat_looks_in_the_documents_that_have_the_tag_now(
    filled: shelf.Place, make_pdf: Callable[..., Path]
) -> None:
    filled.library.add(make_pdf([["The Danube is blue in a waltz by Strauss."]], "waltz.pdf"))
    filled.library.tags.put(filled.library.document("waltz.pdf"), ["music"])
    app = opened()
    app.multiselect[0].set_value(["tag/music"]).run()
    asked(app, "What is the Danube?")
    assert "facts.pdf" not in html(app)
    chat = filled.library.chats.list()[0].id
    assert filled.library.chats.scope(chat) == ("tag/music",)
    filled.library.tags.put(filled.library.document("facts.pdf"), ["music"])
    app = asked(opened(chat=chat), "Where does the Danube rise?")
    assert {hit["document"] for hit in payload(filled)["answer"]["hits"]} >= {"facts.pdf"}


def test_days_choose_documents_and_can_be_any_again(filled: shelf.Place, make_pdf: Callable[..., Path]) -> None:
    filled.library.add(make_pdf([["The Danube is blue in a waltz by Strauss."]], "waltz.pdf"))
    app = opened()
    app.date_input[0].set_value(date.today() + timedelta(days=1)).run()
    assert any("None of these documents" in warning.value for warning in checked(app).warning)
    app.date_input[0].set_value(date.today()).run()
    assert not checked(app).warning
    asked(app, "What is the Danube?")
    assert filled.library.chats.scope(filled.library.chats.list()[0].id) == (f"since/{date.today()}",)
    next(b for b in app.button if b.label == "Any time").click().run()
    assert filled.library.chats.scope(filled.library.chats.list()[0].id) is None


def test_how_relevant_a_passage_must_be_is_set_beside_how_many_of_the_newest_answer_are(filled: shelf.Place) -> None:
    app = asked(opened())
    n = len(payload(filled)["answer"]["hits"])
    assert any(f"{n} {'is' if n == 1 else 'are'} at least so relevant" in caption.value for caption in app.caption)
    app.slider[0].set_value(0.95).run()
    assert any("0 are at least so relevant" in caption.value for caption in checked(app).caption)
    assert shelf.current().settings().threshold == 0.95
