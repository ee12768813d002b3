"""Keeping: pin, copy, export, and the Notes page, run by Streamlit itself without a browser."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ui
from rag.errors import StorageError
from rag.export import one_answer, one_answer_html
from rag.index.notes import Notes
from rag.library import Library
from rag.records import answer_from_json, answer_to_json
from rag.types import Answer
from tests.answers_made import extractive, grounded
from ui import keeping, shelf

NOTES = Path(ui.__file__).parent / "views" / "notes.py"
HOSTILE = "<img src=x onerror=alert(1)> ![a](http://b) $x$"


@pytest.fixture
def place(bench: shelf.Shelf) -> shelf.Place:
    return bench.place("default")


@pytest.fixture
def asked(place: shelf.Place, facts: Path) -> Answer:
    """An answer about a document of the library."""
    place.library.add(facts)
    return place.library.ask("Where does the Danube rise?")


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def opened() -> AppTest:
    app = AppTest.from_file(str(NOTES), default_timeout=180)
    app.query_params["library"] = "default"
    return checked(app.run())


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def button(app: AppTest, label: str) -> Any:
    return next(b for b in app.button if b.label == label)


def pin(place: shelf.Place, answer: Answer) -> None:
    place.library.notes.add("", answer_to_json(answer))


# --------------------------------------------------------------------------------------------------------- page


def test_an_empty_page_says_how_to_pin(place: shelf.Place) -> None:
    app = opened()
    assert "Under every answer in Chat there is a pin" in html(app)
    assert button(app, "Write a note")


def test_a_pinned_answer_is_shown_with_footnotes_that_no_chat_has(place: shelf.Place, asked: Answer) -> None:
    pin(place, asked)
    app = opened()
    assert "Where does the Danube rise?" in html(app)
    (note,) = place.library.notes.list()
    assert f'href="#cite-n{note.id}-1"' in html(app)
    assert "fn-chip gone" not in html(app)


def test_a_note_stays_when_its_document_is_removed_and_says_so(place: shelf.Place, asked: Answer) -> None:
    pin(place, asked)
    place.library.remove("facts.pdf")
    app = opened()
    assert "Black Forest" in html(app)
    assert "fn-chip gone" in html(app)
    assert "<span>removed</span>" in html(app)


def test_a_note_says_that_an_older_version_said_so(
    place: shelf.Place, asked: Answer, make_pdf: Callable[..., Path]
) -> None:
    pin(place, asked)
    place.library.replace("facts.pdf", make_pdf([["The Danube is blue."]], "newer.pdf"))
    assert "<span>older version</span>" in html(opened())


def test_a_note_says_whose_words_it_holds(place: shelf.Place) -> None:
    pin(place, grounded())
    assert "In SmolLM2&#x27;s words" in html(opened()).replace("'", "&#x27;")


def test_own_words_are_saved_and_never_taken_for_markup(place: shelf.Place, asked: Answer) -> None:
    pin(place, asked)
    app = opened()
    app.text_area[0].set_value(HOSTILE).run()
    assert [note.text for note in place.library.notes.list()] == [HOSTILE]
    assert HOSTILE not in html(checked(app))
    assert opened().text_area[0].value == HOSTILE


def test_words_changed_in_another_window_are_shown(place: shelf.Place) -> None:
    note = place.library.notes.add("Mine.")
    app = opened()
    place.library.notes.update(note.id, "Changed there.")
    assert checked(app.run()).text_area[0].value == "Changed there."


def test_words_typed_into_a_note_that_is_gone_become_a_new_one(place: shelf.Place) -> None:
    note = place.library.notes.add("Mine.")
    app = opened()
    place.library.notes.delete(note.id)
    app.text_area[0].set_value("Typed meanwhile.").run()
    assert [note.text for note in place.library.notes.list()] == ["Typed meanwhile."]
    assert "deleted in another window" in checked(app).toast[0].value


def test_words_that_cannot_be_saved_stay_in_the_field(place: shelf.Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StorageError("The disk is full.")

    place.library.notes.add("Mine.")
    app = opened()
    monkeypatch.setattr(place.library.notes, "update", full)
    app.text_area[0].set_value("Typed.").run()
    assert checked(app).text_area[0].value == "Typed."
    assert "Not saved: The disk is full." in html(app)
    monkeypatch.undo()
    app.text_area[0].set_value("Typed again.").run()
    assert "Not saved" not in html(checked(app))
    assert [note.text for note in place.library.notes.list()] == ["Typed again."]


def test_a_note_can_be_written_without_an_answer(place: shelf.Place) -> None:
    app = opened()
    button(app, "Write a note").click().run()
    checked(app).text_area[0].set_value("Call Ann.").run()
    (note,) = place.library.notes.list()
    assert (note.text, note.answer) == ("Call Ann.", None)


def test_delete_asks_once_and_deletes(place: shelf.Place, asked: Answer) -> None:
    pin(place, asked)
    app = opened()
    (note,) = place.library.notes.list()
    app.button(key=f"delete-{note.id}").click().run()
    assert place.library.notes.list() == [note]
    assert "Where does the Danube rise" in app.markdown[0].value
    checked(app).button(key="delete-confirmed").click().run()
    assert place.library.notes.list() == []
    assert "Nothing is pinned yet" in html(checked(app))
    assert app.toast[0].value == "The note was deleted\\."


def test_many_notes_stand_on_several_pages(place: shelf.Place) -> None:
    for i in range(25):
        place.library.notes.add(f"note {i}")
    app = opened()
    assert [area.value for area in app.text_area] == [f"note {i}" for i in range(24, 4, -1)]


# ---------------------------------------------------------------------------------------------------------- pin


def pinning() -> None:
    """A page with one answer and its pin."""
    import streamlit as st

    from ui import keeping

    keeping.pin_button(st.session_state.place, st.session_state.answer, key="pin-7", question="How, <b>then</b>?")


def with_pin(place: shelf.Place, answer: Answer) -> AppTest:
    app = AppTest.from_function(pinning, default_timeout=180)
    app.session_state["place"], app.session_state["answer"] = place, answer
    return checked(app.run())


def test_a_pin_keeps_the_answer_under_the_users_own_question(place: shelf.Place, asked: Answer) -> None:
    app = with_pin(place, asked)
    button(app, "Pin").click().run()
    assert button(checked(app), "Pinned")
    (note,) = place.library.notes.list()
    kept = answer_from_json(note.answer or {})
    assert (kept.question, kept.claims) == ("How, <b>then</b>?", asked.claims)
    assert kept.hits == ()  # passages that were not quoted are not kept
    assert "How, &lt;b&gt;then&lt;/b&gt;?" in html(opened())


def test_a_second_click_takes_the_pin_off_but_never_own_words(place: shelf.Place) -> None:
    app = with_pin(place, extractive())
    button(app, "Pin").click().run()
    (note,) = place.library.notes.list()
    place.library.notes.update(note.id, "Mine.")
    button(checked(app), "Pinned").click().run()
    assert [note.text for note in place.library.notes.list()] == ["Mine."]
    assert "words of your own" in app.toast[0].value
    place.library.notes.update(note.id, " ")
    button(checked(app), "Pinned").click().run()
    assert place.library.notes.list() == []
    assert button(checked(app), "Pin")


def test_an_answer_that_was_written_anew_can_be_pinned_anew(place: shelf.Place) -> None:
    button(with_pin(place, extractive()), "Pin").click().run()
    app = with_pin(place, extractive("It rises in the Black Forest."))
    button(app, "Pin").click().run()
    assert len(place.library.notes.list()) == 2


# --------------------------------------------------------------------------------------------------------- copy


class Copied(HTMLParser):
    """The text of the plain form, and the tags of all."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.plain = ""
        self._is_plain = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._is_plain = dict(attrs).get("class") == "fn-plain"

    def handle_data(self, data: str) -> None:
        self.plain += data if self._is_plain else ""


def test_what_is_copied_stands_beside_the_button_escaped() -> None:
    answer = extractive(HOSTILE)
    seen = Copied(keeping.copy_html(answer))
    assert seen.plain == one_answer(answer)
    assert set(seen.tags) <= {"div", "a", "span", "p", "sup"}
    assert one_answer_html(answer) in keeping.copy_html(answer)


# ------------------------------------------------------------------------------------------------------- export


def exporting() -> None:
    """A page with the export menu of a chat."""
    import streamlit as st

    from ui import keeping

    keeping.export_menu(st.session_state.place, st.session_state.chat_id)


def downloads(library: Library, notes_or_chat: str) -> list[Callable[[], bytes]]:
    """What the menu's buttons would send."""
    from functools import partial

    if notes_or_chat == "notes":
        make = partial(keeping._notes_transcript, library)
    else:
        make = partial(keeping._chat_transcript, library, library.chats.list()[0])
    return [partial(keeping._file, make, format_) for format_ in keeping.FORMATS]


def test_the_export_menu_offers_three_formats_named_after_the_chat(place: shelf.Place) -> None:
    chat = place.library.chats.create("Rivers: where?")
    app = AppTest.from_function(exporting, default_timeout=180)
    app.session_state["place"], app.session_state["chat_id"] = place, chat.id
    labels = [element.proto.label for element in checked(app.run()).get("download_button")]
    assert labels == ["Markdown (.md)", "Web page (.html)", "Word (.docx)"]
    app.session_state["chat_id"] = "nonesuch"
    assert not checked(app.run()).get("download_button")


def test_a_file_is_made_from_what_is_stored_when_it_is_asked_for(place: shelf.Place) -> None:
    chats = place.library.chats
    chat = chats.create("Rivers")
    markdown, page, word = downloads(place.library, "chat")
    chats.append(chat.id, "user", "Where does it rise?")
    chats.append(chat.id, "assistant", "Here.", {"answer": answer_to_json(extractive())})
    assert "## Where does it rise?\n\nThe Danube rises here.[^1]" in markdown().decode()
    assert "The Danube rises here." in page().decode()
    assert word().startswith(b"PK")


def test_all_notes_are_exported(place: shelf.Place) -> None:
    notes: Notes = place.library.notes
    notes.add("Mine.", answer_to_json(extractive()))
    notes.add("Call Ann.")
    written = downloads(place.library, "notes")[0]().decode()
    assert written.index("## Call Ann.") < written.index("## Where does the Danube rise?") < written.index("> Mine.")
    assert len(opened().get("download_button")) == 3
