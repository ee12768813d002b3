"""Every page, run by Streamlit itself without a browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui
from ui import shelf

MAIN = Path(ui.__file__).parent / "main.py"


def opened(library: str = "default", **query: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=180)
    app.query_params["library"] = library
    for name, value in query.items():
        app.query_params[name] = value
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html") if "<style>" not in element.proto.body)


def until(app: AppTest, condition: Callable[[AppTest], bool], timeout_s: float = 180) -> AppTest:
    end = time.monotonic() + timeout_s
    while not condition(app):
        assert time.monotonic() < end, html(app)
        time.sleep(0.1)
        checked(app.run())
    return app


def attention(app: AppTest) -> str:
    return " ".join(link.proto.label for link in app.get("page_link") if "attention" in link.proto.label)


def button(app: AppTest, label: str) -> object:
    return next(b for b in app.button if b.label == label)


@pytest.fixture
def filled(bench: shelf.Shelf, facts: Path) -> shelf.Place:
    place = bench.place("default")
    place.library.add(facts)
    return place


def test_an_empty_library_asks_for_a_pdf(bench: shelf.Shelf) -> None:
    app = opened()
    assert "Drop in a PDF" in html(app)
    assert len(app.file_uploader) == 1


def test_a_question_gets_an_answer_with_a_footnote_and_an_address(filled: shelf.Place) -> None:
    app = opened()
    app.chat_input[0].set_value("Where does the Danube rise?").run()
    until(checked(app), lambda app: 'fn-answer">' in html(app))
    assert "Black Forest" in html(app)
    assert 'href="#cite-2-1"' in html(app)
    assert "p. 1" in html(app)
    chat = filled.library.chats.list()[0]
    assert app.query_params["chat"] in (chat.id, [chat.id])
    assert chat.title == "Where does the Danube rise?"


def test_a_chat_comes_back_by_its_address(filled: shelf.Place) -> None:
    first = opened()
    first.chat_input[0].set_value("How high is Mont Blanc?").run()
    until(first, lambda app: 'fn-answer">' in html(app))
    again = opened(chat=filled.library.chats.list()[0].id)
    assert "4,806" in html(again)


def test_an_unknown_chat_becomes_a_new_one(filled: shelf.Place) -> None:
    app = opened(chat="nonesuch")
    assert "does not exist" in app.toast[0].value
    assert "chat" not in app.query_params


def test_a_chat_is_deleted_after_one_question(filled: shelf.Place) -> None:
    app = opened()
    app.chat_input[0].set_value("How high is Mont Blanc?").run()
    until(app, lambda app: 'fn-answer">' in html(app))
    chat = filled.library.chats.list()[0]
    app.button(key=f"delete-{chat.id}").click().run()
    assert filled.library.chats.list() == [chat]
    button(checked(app), "Delete").click().run()  # type: ignore[attr-defined]
    assert filled.library.chats.list() == []
    assert "What would you like to know?" in html(checked(app))


def test_new_chat_leaves_the_old_one(filled: shelf.Place) -> None:
    app = opened()
    app.chat_input[0].set_value("How high is Mont Blanc?").run()
    until(app, lambda app: 'fn-answer">' in html(app))
    button(app, "New chat").click().run()  # type: ignore[attr-defined]
    assert 'fn-answer">' not in html(checked(app))
    assert len(filled.library.chats.list()) == 1


def test_a_question_about_nothing_here_abstains_or_cites_but_never_breaks(filled: shelf.Place) -> None:
    app = opened()
    app.chat_input[0].set_value("zyzzyva quux?").run()
    until(checked(app), lambda app: 'fn-answer">' in html(app))
    assert "fn-abstained" in html(app)
    assert "Nearest passages" in html(app)


@pytest.mark.parametrize(("question", "said"), [("???", "empty"), ("why " * 5_000, "long")])
def test_a_question_that_cannot_be_asked_says_why(filled: shelf.Place, question: str, said: str) -> None:
    app = opened()
    app.chat_input[0].set_value(question).run()
    until(checked(app), lambda app: "fn-error" in html(app))
    assert said in html(app)


def test_hostile_questions_are_shown_as_they_are(filled: shelf.Place) -> None:
    app = opened()
    app.chat_input[0].set_value("<img src=x onerror=alert(1)> ![a](http://b) $x$").run()
    until(checked(app), lambda app: 'fn-answer">' in html(app))
    assert "<img src=x" not in html(app)
    assert "&lt;img src=x onerror=alert(1)&gt; ![a](http://b) $x$" in html(app)


def test_a_question_looks_only_in_the_chosen_documents(filled: shelf.Place, make_pdf: Callable[..., Path]) -> None:
    filled.library.add(make_pdf([["The Danube is blue in a waltz by Strauss."]], "waltz.pdf"))
    app = opened()
    app.multiselect[0].set_value(["waltz.pdf"]).run()
    app.chat_input[0].set_value("What is the Danube?").run()
    until(checked(app), lambda app: 'fn-answer">' in html(app))
    assert "facts.pdf" not in html(app)
    assert filled.library.chats.scope(filled.library.chats.list()[0].id) == ("waltz.pdf",)


def test_a_removed_document_is_marked_in_old_chats(filled: shelf.Place, make_pdf: Callable[..., Path]) -> None:
    app = opened()
    app.chat_input[0].set_value("How high is Mont Blanc?").run()
    until(app, lambda app: 'fn-answer">' in html(app))
    filled.library.remove("facts.pdf")
    checked(app.run())
    assert "fn-chip gone" in html(app)
    assert "<span>removed</span>" in html(app)


def test_a_file_dropped_in_the_chat_is_added_and_its_question_answered(bench: shelf.Shelf, facts: Path) -> None:
    app = opened()
    app.file_uploader[0].set_value([("facts.pdf", facts.read_bytes(), "application/pdf")]).run()
    library = bench.place("default").library
    until(checked(app), lambda app: [d.state for d in library.documents()] == ["ready"])
    app.chat_input[0].set_value("Where does the Danube rise?").run()
    until(checked(app), lambda app: 'fn-answer">' in html(app))


def test_the_library_lists_documents_with_their_state(filled: shelf.Place) -> None:
    app = checked(opened().switch_page("views/library.py").run())
    assert "Facts of the Earth" in html(app)
    assert "3 pages" in html(app)
    assert f"/paper/{filled.slug}/" in html(app)


def test_a_file_dropped_in_the_library_is_added_without_leaving_a_copy(bench: shelf.Shelf, facts: Path) -> None:
    app = checked(opened().switch_page("views/library.py").run())
    app.file_uploader[0].set_value([("facts.pdf", facts.read_bytes(), "application/pdf")]).run()
    until(checked(app), lambda app: "3 pages" in html(app))
    (upload,) = bench.place("default").uploads.uploads()
    until(app, lambda _: upload.is_over)
    assert upload.folder is not None
    assert not upload.folder.exists()


def test_a_file_that_is_no_pdf_is_listed_with_the_reason(bench: shelf.Shelf) -> None:
    app = checked(opened().switch_page("views/library.py").run())
    app.file_uploader[0].set_value([("letter.pdf", b"Dear reader", "application/pdf")]).run()
    until(checked(app), lambda app: not bench.place("default").uploads.is_active())
    checked(app.run())
    assert "fn-bad" in html(app)
    assert "letter.pdf" in html(app)


def test_a_locked_file_asks_for_its_password_and_opens_with_it(bench: shelf.Shelf, facts: Path, tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(facts))
    writer.encrypt("opensesame", algorithm="AES-256")
    locked = tmp_path / "locked.pdf"
    writer.write(locked)
    library = bench.place("default").library
    assert library.add(locked).status == "failed"
    app = checked(opened().switch_page("views/library.py").run())
    assert "locked.pdf is locked. Type its password below." in html(app)
    assert "footnote add" not in html(app)
    assert "could not be read" not in html(app)
    app.text_input[0].set_value("wrong")
    button(app, "Unlock").click().run()  # type: ignore[attr-defined]
    until(checked(app), lambda app: not bench.place("default").uploads.is_active())
    assert library.documents()[0].state == "failed"
    checked(app.run())
    assert "does not open it. Type its password below." in html(app)
    assert "1 file needs attention" in attention(opened())
    app.text_input[0].set_value("opensesame")
    button(app, "Unlock").click().run()  # type: ignore[attr-defined]
    until(checked(app), lambda app: library.documents()[0].state == "ready")
    assert attention(opened()) == ""
    kept = b"".join(path.read_bytes() for path in library.folder.rglob("*") if path.is_file())
    assert b"opensesame" not in kept


def test_a_large_library_is_filtered_and_shown_in_pages(bench: shelf.Shelf) -> None:
    catalog = bench.place("default").library.catalog
    for i in range(45):
        catalog.fail(catalog.begin(f"{i:064x}", f"report {i}.pdf", 1000), "damaged")
    app = checked(opened().switch_page("views/library.py").run())
    assert html(app).count("fn-row") == 40
    app.text_input[0].set_value("REPORT 44").run()
    assert html(checked(app)).count("fn-row") == 1


def test_remove_asks_once_and_removes(filled: shelf.Place) -> None:
    app = checked(opened().switch_page("views/library.py").run())
    app.menu_button(key=f"more-{filled.library.documents()[0].id}").click("Remove").run()
    assert filled.library.documents()
    checked(app).button(key="remove-confirmed").click().run()
    assert filled.library.documents() == []
    assert "Facts of the Earth" not in html(checked(app))


def test_open_leads_to_the_chat_with_the_document(filled: shelf.Place) -> None:
    app = opened(doc="facts.pdf", page="2")
    assert app.session_state["wanted"]["page"] == 2
    assert app.session_state["wanted"]["doc"] == filled.library.documents()[0].id
    assert "doc" not in app.query_params


def test_what_is_dropped_on_the_sample_goes_to_the_users_own_library(
    bench: shelf.Shelf, facts: Path, make_pdf: Callable[..., Path]
) -> None:
    bench.place("sample").library.add(make_pdf([["A sample about layers."]], "sample.pdf"))
    app = checked(opened("sample").switch_page("views/library.py").run())
    app.file_uploader[0].set_value([("facts.pdf", facts.read_bytes(), "application/pdf")]).run()
    until(checked(app), lambda app: "Facts of the Earth" in html(app))
    assert [document.name for document in bench.place("sample").library.documents()] == ["sample.pdf"]
    assert [document.name for document in bench.place("default").library.documents()] == ["facts.pdf"]


def test_the_sample_suggests_questions(bench: shelf.Shelf, make_pdf: Callable[..., Path]) -> None:
    bench.place("sample").library.add(make_pdf([["Dropout works because units cannot rely on others."]], "primer.pdf"))
    app = opened("sample")
    options = app.get("button_group")[0].proto.options
    assert len(options) >= 3


def test_an_address_cannot_make_a_library(bench: shelf.Shelf, home: Path) -> None:
    app = opened("../../evil")
    assert "There is no library" in app.warning[0].value
    assert not (home / "evil").exists()
