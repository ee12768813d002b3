"""The Library page: find, tag, rename, replace, download and remove documents; make, rename and delete libraries."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui
from rag.backup import back_up
from rag.errors import LibraryBusy
from rag.places import available_libraries
from rag.types import Document
from tests.ui.test_ui_jobs import HOLD_THE_LOCK
from ui import shelf
from ui.chores import Chore
from ui.jobs import Upload
from ui.library_list import ORDERS, Wish, chosen

MAIN = Path(ui.__file__).parent / "main.py"
MakePdf = Callable[..., Path]


def opened(library: str = "default") -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=180)
    app.query_params["library"] = library
    app.switch_page("views/library.py")
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html") if "<style>" not in element.proto.body)


def said(app: AppTest) -> str:
    return "\n".join(
        element.value for kind in ("markdown", "caption", "error", "toast", "warning") for element in app.get(kind)
    )


def titles(app: AppTest) -> list[str]:
    return [body.split("<b>")[1].split("</b>")[0] for body in html(app).splitlines() if "<b>" in body]


def until(condition: Callable[[], bool], timeout_s: float = 180) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def do(app: AppTest, action: str, document: Document) -> AppTest:
    """Choose what to do in the menu of a document's row."""
    app.menu_button(key=f"more-{document.id}").click(action).run()
    return checked(app)


def whole(app: AppTest, action: str) -> AppTest:
    """Choose what to do in the menu of the library."""
    app.menu_button(key="library-menu").click(action).run()
    return checked(app)


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    return checked(app)


def field(app: AppTest, label: str) -> object:
    return next(field for field in app.text_input if field.label.startswith(label))


@pytest.fixture
def place(bench: shelf.Shelf, facts: Path) -> shelf.Place:
    place = bench.place("default")
    place.library.add(facts)
    return place


@pytest.fixture
def report(place: shelf.Place) -> Document:
    return place.library.document("facts.pdf")


# --------------------------------------------------------------------------------------------- which, in which order


def made(key: int, name: str, **more: object) -> Document:
    known = {"title": "", "state": "ready", "n_pages": 1, "n_passages": 1, "added": float(key), "n_bytes": 10} | more
    return Document(id=f"{key:064x}", name=name, key=key, **known)  # type: ignore[arg-type]


DOCUMENTS = [
    made(1, "report 10.pdf", title="Zebra", n_pages=5, n_bytes=10),
    made(2, "Report 9.pdf", title="apple", n_pages=50, n_bytes=30, author="Jane Roe"),
    made(3, "annex.pdf", title="", n_pages=0, n_bytes=20, state="failed"),
]
TAGS = {1: ("tax",), 2: ("2023", "tax")}


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        ("Newest first", [3, 2, 1]),
        ("Name", [3, 2, 1]),
        ("Title", [3, 2, 1]),
        ("Most pages", [2, 1, 3]),
        ("Largest file", [2, 3, 1]),
        ("State", [3, 2, 1]),
    ],
)
def test_every_order_means_what_it_says(order: str, keys: list[int]) -> None:
    assert [document.key for document in chosen(DOCUMENTS, TAGS, Wish(order))] == keys
    assert order in ORDERS


@pytest.mark.parametrize(
    ("words", "tags", "keys"),
    [
        ("REPORT", (), [2, 1]),
        ("apple 9", (), [2]),
        ("roe", (), [2]),
        ("#2023", (), [2]),
        ("", ("tax",), [2, 1]),
        ("", ("tax", "2023"), [2]),
        ("zebra", ("2023",), []),
        ("  ", (), [3, 2, 1]),
    ],
)
def test_all_words_and_all_tags_must_be_there(words: str, tags: tuple[str, ...], keys: list[int]) -> None:
    assert [document.key for document in chosen(DOCUMENTS, TAGS, Wish(words=words, tags=tags))] == keys


def test_a_long_list_is_sorted_filtered_and_shown_in_pages(bench: shelf.Shelf) -> None:
    library = bench.place("default").library
    for i in range(45):
        library.catalog.fail(library.catalog.begin(f"{i:064x}", f"report {i}.pdf", 1000), "damaged")
    library.tags.add(library.document("report 7.pdf"), ["tax"])
    app = opened()
    assert titles(app)[:2] == ["report 44.pdf", "report 43.pdf"]
    assert len(titles(app)) == 40
    app.selectbox(key="library-order").select("Name").run()
    assert titles(checked(app))[:3] == ["report 0.pdf", "report 1.pdf", "report 2.pdf"]
    app.text_input(key="library-words").set_value("4").run()
    assert "14 of 45 documents" not in said(app), "9 of them and 14, 24, 34 and 40 to 44"
    assert titles(checked(app)) == [f"report {i}.pdf" for i in (4, 14, 24, 34, 40, 41, 42, 43, 44)]
    app.text_input(key="library-words").set_value("").run()
    app.get("button_group")[0].set_value(["tax"]).run()
    assert titles(checked(app)) == ["report 7.pdf"]
    assert '<ul class="fn-tags"><li>tax</li></ul>' in html(app)


# ------------------------------------------------------------------------------------------------- one document


def test_a_document_is_renamed(place: shelf.Place, report: Document) -> None:
    app = do(opened(), "Rename", report)
    app.text_input(key=f"name-{report.id}").set_value("  ")
    press(app, "Rename")
    assert "cannot name a document" in said(app), "the dialog stays and says why"
    app.text_input(key=f"name-{report.id}").set_value("Earth <b>& sky</b>")
    press(app, "Rename")
    assert place.library.documents()[0].name == "Earth <b>& sky</b>.pdf".rpartition("/")[2]
    assert "<b>& sky" not in html(app)


def test_tags_are_given_and_taken_away(place: shelf.Place, report: Document) -> None:
    place.library.tags.add(report, ["old"])
    app = do(opened(), "Tags", report)
    app.multiselect(key=f"tags-{report.id}").set_value(["<i>new</i>"])
    press(app, "Save")
    assert place.library.tags.of(report) == ("<i>new</i>",)
    assert "<li>&lt;i&gt;new&lt;/i&gt;</li>" in html(app)


def test_a_document_is_replaced_and_its_tags_stay(place: shelf.Place, report: Document, make_pdf: MakePdf) -> None:
    place.library.tags.add(report, ["earth"])
    newer = make_pdf([["# Rivers", "The Danube rises in Baden-Württemberg."]], "n.pdf", title="Newer facts")
    app = do(opened(), "Replace", report)
    assert next(b for b in app.button if b.key == "replace-confirmed").disabled
    uploader = next(u for u in app.file_uploader if u.label == "The new version")
    uploader.set_value([("other name.pdf", newer.read_bytes(), "application/pdf")]).run()
    press(app, "Replace")
    (upload,) = place.uploads.uploads()
    until(lambda: upload.is_over)
    assert (upload.state, upload.name) == ("added", "facts.pdf")
    assert upload.folder is not None
    assert not upload.folder.exists()
    (document,) = place.library.documents()
    assert (document.name, document.title, document.state) == ("facts.pdf", "Newer facts", "ready")
    assert place.library.tags.of(document) == ("earth",)
    assert place.library.is_older_version(report.id) == document


def test_a_newer_version_that_cannot_be_read_is_told_and_the_older_one_stays(
    place: shelf.Place, report: Document
) -> None:
    app = do(opened(), "Replace", report)
    uploader = next(u for u in app.file_uploader if u.label == "The new version")
    uploader.set_value([("bad.pdf", b"no PDF", "application/pdf")]).run()
    press(app, "Replace")
    (upload,) = place.uploads.uploads()
    until(lambda: upload.is_over)
    assert upload.state == "failed"
    checked(app.run())
    assert "version that was here before stays" in said(app)
    assert place.library.documents() == [report]


def test_our_copy_is_handed_out(place: shelf.Place, report: Document) -> None:
    app = do(opened(), "Download our copy", report)
    (button,) = app.get("download_button")
    assert "Download (" in button.proto.label
    place.library.file(report).unlink()
    app = do(opened(), "Download our copy", report)
    assert "Our copy of facts.pdf is missing" in said(app).replace("\\", "")


def test_what_is_being_read_can_only_be_looked_at_and_removed(place: shelf.Place) -> None:
    catalog = place.library.catalog
    reading = catalog.begin("b" * 64, "being read.pdf", 100)
    app = opened()
    assert [o.split(" ", 1)[1] for o in app.menu_button(key=f"more-{reading.id}").options] == [
        "How it was read",
        "Remove",
    ]


# ------------------------------------------------------------------------------------------------- libraries


def test_a_library_is_made_from_the_sidebar_and_the_visit_goes_there(place: shelf.Place) -> None:
    app = opened()
    app.button(key="new-library").click().run()
    field(checked(app), "Name").set_value("../evil")  # type: ignore[attr-defined]
    press(app, "Create")
    assert "cannot name a library" in said(app).replace("\\", "")
    field(app, "Name").set_value("Tax 2023")  # type: ignore[attr-defined]
    press(app, "Create")
    assert available_libraries() == ["Tax 2023", "default"]
    assert app.query_params["library"] in ("Tax 2023", ["Tax 2023"])
    assert "No documents yet" in said(app)


def test_a_library_is_renamed_with_all_that_is_in_it(place: shelf.Place) -> None:
    app = whole(opened(), "Rename")
    field(app, "Name").set_value("Earth")  # type: ignore[attr-defined]
    press(app, "Rename")
    assert available_libraries() == ["Earth"]
    assert app.query_params["library"] in ("Earth", ["Earth"])
    assert titles(app) == ["Facts of the Earth"]


def test_a_library_is_deleted_once_its_name_is_typed(bench: shelf.Shelf, place: shelf.Place, facts: Path) -> None:
    bench.create("Scrap")
    bench.place("Scrap").library.add(facts)
    app = whole(opened("Scrap"), "Delete")
    assert "1 document and all its chats" in said(app)
    field(app, "Type").set_value("scrap")  # type: ignore[attr-defined]
    press(app, "Delete")
    assert available_libraries() == ["Scrap", "default"]
    field(app, "Type").set_value("Scrap")  # type: ignore[attr-defined]
    press(app, "Delete")
    assert available_libraries() == ["default"]
    assert "There is no library" in opened("Scrap").warning[0].value


def test_a_library_at_work_is_neither_renamed_nor_deleted(bench: shelf.Shelf, place: shelf.Place) -> None:
    import threading

    go_on = threading.Event()

    def work(_: Upload) -> None:
        go_on.wait(180)

    place.uploads._submit(Upload("slow.pdf", work))
    app = whole(opened(), "Rename")
    field(app, "Name").set_value("Earth")  # type: ignore[attr-defined]
    press(app, "Rename")
    assert "is at work" in said(checked(app.run())), "said until something else is tried"
    go_on.set()
    until(lambda: not place.uploads.is_active())
    checked(app.run())  # the dialog stays open while the page shows what was added
    press(app, "Rename")
    assert available_libraries() == ["Earth"]


@pytest.mark.parametrize("name", ["../evil", "Other", "sample"])
def test_a_name_that_cannot_be_used_leaves_the_library_open(bench: shelf.Shelf, place: shelf.Place, name: str) -> None:
    bench.create("Other")
    app = whole(opened(), "Rename")
    field(app, "Name").set_value(name)  # type: ignore[attr-defined]
    press(app, "Rename")
    assert titles(app) == ["Facts of the Earth"]
    assert bench.place("default") is place
    assert [document.name for document in place.library.documents()] == ["facts.pdf"]


def test_a_library_that_another_program_writes_to_stays_open(bench: shelf.Shelf, place: shelf.Place) -> None:
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(place.library.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        for work in (lambda: bench.rename("default", "Earth"), lambda: bench.delete("default")):
            with pytest.raises(LibraryBusy):
                work()
        other.stdin.close()
    assert len(place.library.documents()) == 1
    assert bench.place("default") is place


def test_what_is_left_of_a_deleted_library_is_told_and_the_visit_goes_on_elsewhere(
    bench: shelf.Shelf, place: shelf.Place, facts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.create("Scrap")
    bench.place("Scrap").library.add(facts)
    app = whole(opened("Scrap"), "Delete")
    field(app, "Type").set_value("Scrap")  # type: ignore[attr-defined]
    unlink = os.unlink

    def held(path: str, **more: int) -> None:
        if str(path).endswith(".pdf"):
            raise PermissionError(13, "another program holds it")
        unlink(path, **more)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", held)
        press(app, "Delete")
    assert "is deleted, but" in said(app).replace("\\", "")
    assert app.query_params["library"] in ("default", ["default"])
    (left,) = bench.place("default").library.folder.parent.glob(".deleted-*")
    shelf.Shelf().names()
    assert not left.exists()


def test_a_library_that_is_a_folder_of_the_users_is_not_renamed(bench: shelf.Shelf, tmp_path: Path) -> None:
    from rag.errors import InputError

    with pytest.raises(InputError, match="a folder of yours"):
        bench.rename(str(tmp_path / "mine"), "yours")


def test_the_sample_can_be_rebuilt_but_not_renamed(bench: shelf.Shelf, make_pdf: MakePdf) -> None:
    bench.place("sample").library.add(make_pdf([["A sample about layers."]], "primer.pdf"))
    app = opened("sample")
    options = [option.split(" ", 1)[1] for option in app.menu_button(key="library-menu").options]
    assert "Rebuild the sample" in options
    assert not {"Rename", "Delete"} & set(options)
    assert "Rebuild the sample" not in [o.split(" ", 1)[1] for o in opened().menu_button(key="library-menu").options]


def test_a_library_is_backed_up_and_restored_beside_itself(
    bench: shelf.Shelf, place: shelf.Place, tmp_path: Path
) -> None:
    app = whole(opened(), "Back up")
    field(app, "File").set_value("relative.zip")  # type: ignore[attr-defined]
    press(app, "Back up")
    assert "give the whole path" in said(app)
    field(app, "File").set_value(str(tmp_path / "all.zip"))  # type: ignore[attr-defined]
    press(app, "Back up")
    assert bench.chores[0].wait(180)
    assert "Backed up to" in said(checked(app.run()))
    app = whole(app, "Restore a backup")
    field(app, "Or its path").set_value(str(tmp_path / "all.zip"))  # type: ignore[attr-defined]
    press(app, "Restore")
    assert "There is a library 'default' already" in said(app).replace("\\", "")
    field(app, "Name").set_value("Again")  # type: ignore[attr-defined]
    press(app, "Restore")
    assert bench.chores[1].wait(180)
    assert titles(opened("Again")) == ["Facts of the Earth"]
    assert bench.place("Again").library.verify() == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("{tmp}/elsewhere", "cannot name a library"),
        ("../evil", "cannot name a library"),
        ("Sample", "is kept for the sample"),
        ("DEFAULT", "There is a library 'default' already"),
    ],
)
def test_a_backup_is_restored_under_a_name_that_can_be_used_and_nowhere_else(
    bench: shelf.Shelf, place: shelf.Place, tmp_path: Path, name: str, why: str
) -> None:
    back_up(place.library, tmp_path / "all.zip")
    app = whole(opened(), "Restore a backup")
    field(app, "Or its path").set_value(str(tmp_path / "all.zip"))  # type: ignore[attr-defined]
    field(app, "Name").set_value(name.format(tmp=tmp_path))  # type: ignore[attr-defined]
    press(app, "Restore")
    assert why in said(app).replace("\\", "")
    assert bench.chores == []
    assert available_libraries() == ["default"]


def test_an_uploaded_file_that_is_no_backup_is_refused_in_the_dialog(
    bench: shelf.Shelf, place: shelf.Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import tempfile

    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    app = whole(opened(), "Restore a backup")
    uploader = next(u for u in app.file_uploader if u.label == "Backup")
    uploader.set_value([("letter.zip", b"Dear reader", "application/zip")]).run()
    press(app, "Restore")
    assert "is no backup of Footnote" in said(app)
    assert bench.chores == []
    assert not list((tmp_path / "temporary").glob("footnote-*"))


def test_an_uploaded_backup_is_restored_and_its_copy_deleted(
    bench: shelf.Shelf, place: shelf.Place, tmp_path: Path
) -> None:
    made = back_up(place.library, tmp_path / "all.zip")
    app = whole(opened(), "Restore a backup")
    uploader = next(u for u in app.file_uploader if u.label == "Backup")
    uploader.set_value([("all.zip", made.path.read_bytes(), "application/zip")]).run()
    field(app, "Name").set_value("Again")  # type: ignore[attr-defined]
    press(app, "Restore")
    assert bench.chores[0].wait(180)
    assert bench.chores[0].state == "done"
    assert "Again" in available_libraries()


def test_a_cancelled_chore_says_so_and_is_dismissed(bench: shelf.Shelf, place: shelf.Place) -> None:
    from rag.errors import Cancelled

    def work(chore: Chore) -> str:
        while not chore.is_cancelled():
            time.sleep(0.01)
        raise Cancelled("The backup was cancelled; nothing of it is left.")

    bench.chores.append(Chore("Backing up", "default", work))
    app = opened()
    press(app, "Cancel")
    assert bench.chores[0].wait(180)
    assert "nothing of it is left" in said(checked(app.run()))
    app.button(key=f"dismiss-chore-{bench.chores[0].number}").click().run()
    assert bench.chores == []


# ------------------------------------------------------------------------------------------------- a watched folder


def test_a_watched_folder_fills_the_library_and_its_failures_are_shown(
    bench: shelf.Shelf, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "earth.pdf").write_bytes(facts.read_bytes())
    (folder / "letter.pdf").write_bytes(b"Dear reader %%EOF")
    monkeypatch.setenv("FOOTNOTE_WATCH", str(folder))
    bench.watch()
    place = bench.place("default")
    until(lambda: {document.state for document in place.library.documents()} == {"ready", "failed"})
    app = opened()
    assert f"{folder} is watched" in said(app).replace("\\", "")
    assert "fn-bad" in html(app)
    assert (folder / "earth.pdf").exists(), "the user's file stays"
    from rag.errors import InputError

    with pytest.raises(InputError, match="is watched for this library"):
        bench.delete("default")


def test_a_folder_that_cannot_be_watched_is_told_on_the_page(
    bench: shelf.Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_WATCH", str(tmp_path / "nowhere"))
    bench.watch()
    assert "There is no folder" in said(opened())
