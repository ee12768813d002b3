"""A library goes into one file and comes back equal; what is damaged, foreign or hostile is refused and leaves nothing."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.backup import MANIFEST, back_up
from rag.errors import Cancelled, InputError, LibraryDamaged
from rag.index.rows import Row
from rag.library import Library
from rag.places import libraries_folder
from rag.records import answer_to_json
from rag.restore import read_backup, restore
from tests.conftest import WordEncoder
from tests.index.made import put

MakePdf = Callable[..., Path]
QUESTION = "Where does the Danube rise?"
TABLES = (
    "document",
    "page",
    "heading",
    "passage",
    "vector",
    "chat",
    "message",
    "tag",
    "guide",
    "note",
    "older_version",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, minilm: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "models").symlink_to(minilm.parent)
    monkeypatch.setenv("FOOTNOTE_HOME", str(folder))
    return folder


@pytest.fixture
def filled(library: Library, make_pdf: MakePdf) -> Library:
    """A library with something of everything."""
    library.add(make_pdf([["The Danube rises in the hills, says the first edition."]], "rivers.pdf"))
    library.replace("rivers.pdf", make_pdf([["The Danube rises in the Black Forest."]], "new.pdf"))
    library.add(make_pdf([["# Mountains", "Mont Blanc is 4,806 metres high."]], "mountains.pdf"))
    rivers = library.document("rivers.pdf")
    library.tags.add(rivers, ["geography", "Größe"])
    chat = library.chats.create("Rivers")
    library.chats.set_scope(chat.id, ["rivers.pdf"])
    library.chats.append(chat.id, "user", QUESTION)
    answer = library.ask(QUESTION)
    library.chats.append(chat.id, "assistant", answer.text, {"answer": answer_to_json(answer)})
    with library.catalog.database.writing(counts_up=False) as connection:
        connection.execute("INSERT INTO guide VALUES (?, 1.5, '{\"about\": []}')", (rivers.key,))
        connection.execute("INSERT INTO note (text, payload, created, updated) VALUES ('Look!', '{}', 1.0, 2.0)")
    return library


def rows(library: Library) -> dict[str, list[Row]]:
    return {table: library.catalog.database.query(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


def said(library: Library) -> dict[str, Any]:
    line = answer_to_json(library.ask(QUESTION))
    return {name: value for name, value in line.items() if name != "timings"}


def test_a_restored_library_is_equal_and_answers_the_same(
    filled: Library, tmp_path: Path, encoder: WordEncoder
) -> None:
    backup = back_up(filled, tmp_path / "all.zip")
    assert (backup.library, backup.n_documents, backup.missing) == ("library", 2, ())
    folder = restore(tmp_path / "all.zip", "again")
    assert folder == libraries_folder() / "again"
    again = Library("again", encoder=encoder, n_threads=1)
    assert again.verify() == []
    assert rows(again) == rows(filled)
    assert all(rows(again).values()), "there was something of everything"
    assert said(again) == said(filled)
    for document in filled.documents():
        assert again.file(document).read_bytes() == filled.file(document).read_bytes()
    assert [path.name for path in libraries_folder().iterdir()] == ["again"], "nothing else is left"
    again.close()


def test_a_backup_holds_no_index_and_nothing_is_left_beside_it(filled: Library, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    backup = back_up(filled, folder)
    assert [path.name for path in folder.iterdir()] == [backup.path.name]
    assert backup.path.name.startswith("library 2")
    with zipfile.ZipFile(backup.path) as archive:
        names = set(archive.namelist())
    assert names == {MANIFEST, "catalog.sqlite"} | {f"files/{document.id}.pdf" for document in filled.documents()}
    assert read_backup(backup.path).members == backup.members


def test_the_snapshot_is_whole_while_documents_come_and_go(
    filled: Library, tmp_path: Path, make_pdf: MakePdf, encoder: WordEncoder
) -> None:
    extra = make_pdf([["The Rhine rises in the Alps."]], "rhine.pdf")
    begun, is_over = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        other = Library(filled.folder, encoder=encoder, n_threads=1)
        try:
            while not is_over.is_set():
                other.add(extra)
                begun.set()
                other.remove("rhine.pdf")
        except BaseException as exc:  # noqa: BLE001  (shown by the test)
            failures.append(exc)
        finally:
            other.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        begun.wait(60)
        for i in range(5):
            back_up(filled, tmp_path / f"{i}.zip")
            again = Library(restore(tmp_path / f"{i}.zip", f"again {i}"), encoder=encoder, n_threads=1)
            again.resume()
            assert again.verify() == []
            assert {document.name for document in again.documents()} >= {"rivers.pdf", "mountains.pdf"}
            again.close()
    finally:
        is_over.set()
        writer.join()
    assert not failures


def test_a_document_removed_while_its_file_is_to_be_copied_is_left_out(
    filled: Library, tmp_path: Path, encoder: WordEncoder
) -> None:
    def remove_once(done: int, _: int) -> None:
        if done and len(filled.documents()) == 2:
            filled.remove("mountains.pdf")

    backup = back_up(filled, tmp_path / "all.zip", on_progress=remove_once)
    assert backup.n_documents == 1
    assert b"Mont Blanc" not in (tmp_path / "all.zip").read_bytes()
    again = Library(restore(tmp_path / "all.zip", "again"), encoder=encoder, n_threads=1)
    assert [document.name for document in again.documents()] == ["rivers.pdf"]
    assert again.verify() == []
    again.close()


def test_a_document_whose_copy_was_lost_is_told(filled: Library, tmp_path: Path) -> None:
    filled.file(filled.document("mountains.pdf")).unlink()
    backup = back_up(filled, tmp_path / "all.zip")
    assert backup.missing == ("mountains.pdf",)
    assert backup.n_documents == 2
    assert read_backup(tmp_path / "all.zip").missing == ("mountains.pdf",)


def test_a_backup_that_declares_a_lost_copy_is_restored_with_the_text_of_that_document(
    filled: Library, tmp_path: Path, encoder: WordEncoder
) -> None:
    filled.file(filled.document("mountains.pdf")).unlink()
    back_up(filled, tmp_path / "all.zip")
    again = Library(restore(tmp_path / "all.zip", "again"), encoder=encoder, n_threads=1)
    assert "4,806" in again.ask("How high is Mont Blanc?").text
    assert not again.file(again.document("mountains.pdf")).exists()
    again.close()


def test_a_cancelled_backup_or_restore_leaves_nothing(filled: Library, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(Cancelled):
        back_up(filled, folder / "all.zip", is_cancelled=lambda: True)
    assert list(folder.iterdir()) == []
    back_up(filled, folder / "all.zip")
    with pytest.raises(Cancelled):
        restore(folder / "all.zip", "again", is_cancelled=lambda: True)
    assert list(libraries_folder().iterdir()) == []


def test_progress_rises_to_the_end(filled: Library, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    back_up(filled, tmp_path / "all.zip", on_progress=lambda *step: told.append(step))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]
    told.clear()
    restore(tmp_path / "all.zip", "again", on_progress=lambda *step: told.append(step))
    assert told[-1][0] == told[-1][1]


def test_nothing_is_written_over(filled: Library, tmp_path: Path, home: Path) -> None:
    back_up(filled, tmp_path / "all.zip")
    with pytest.raises(InputError, match="exists already"):
        back_up(filled, tmp_path / "all.zip")
    with pytest.raises(InputError, match="There is no folder"):
        back_up(filled, tmp_path / "nowhere" / "all.zip")
    restore(tmp_path / "all.zip", "again")
    with pytest.raises(InputError, match="There is a library 'again' already"):
        restore(tmp_path / "all.zip", "again")


# --------------------------------------------------------------------------------- damaged, foreign, hostile


def rewritten(path: Path, target: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """Write a backup anew after `change` has been at its members and its manifest."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop(MANIFEST))
    change(members, manifest)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr(MANIFEST, json.dumps(manifest))
    return target


def listed(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    """Make the manifest agree with the members."""
    manifest["members"] = {name: [hashlib.sha256(data).hexdigest(), len(data)] for name, data in members.items()}


def refused(path: Path, home: Path, match: str, name: str | None = "again") -> None:
    with pytest.raises(InputError, match=match) as caught:
        restore(path, name)
    assert path.name in str(caught.value), "it names the file"
    folder = home / "libraries"
    assert not folder.exists() or list(folder.iterdir()) == []
    assert {path.name for path in home.parent.iterdir() if path.is_dir()} <= {"home", "library"}


@pytest.fixture
def whole(library: Library, tmp_path: Path) -> Path:
    """The backup of a library of made documents."""
    rng = random.Random(1)
    for seed in (1, 2):
        document = put(library.catalog, seed, ["A text about rivers.", "And one about hills."], name=f"{seed}.pdf")
        library.file(document).write_bytes(b"%PDF-1.7 " + rng.randbytes(9000))
    return back_up(library, tmp_path / "whole.zip").path


def test_foreign_files_are_refused(tmp_path: Path, home: Path) -> None:
    text, other = tmp_path / "letter.zip", tmp_path / "other.zip"
    text.write_text("Dear reader")
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("letter.txt", "Dear reader")
    refused(text, home, "is no backup of Footnote")
    refused(other, home, "it has no manifest")
    refused(tmp_path / "nonesuch.zip", home, "does not exist")


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_cut_off_file_is_refused(whole: Path, tmp_path: Path, home: Path, share: float) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    refused(cut, home, "no backup of Footnote, or")


@pytest.mark.parametrize("where", [0.1, 0.3, 0.5, 0.7, 0.85])
def test_a_flipped_bit_in_any_member_is_noticed(whole: Path, tmp_path: Path, home: Path, where: float) -> None:
    data = bytearray(whole.read_bytes())
    with zipfile.ZipFile(whole) as archive:
        members = [(m.header_offset + 30 + len(m.filename), m.compress_size) for m in archive.infolist()]
    places = [at for first, n_bytes in members for at in range(first, first + n_bytes)]  # dates may change unseen
    data[places[int(len(places) * where)]] ^= 4
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(data)
    refused(damaged, home, "damaged")


def test_a_changed_member_is_refused_by_its_digest(whole: Path, tmp_path: Path, home: Path) -> None:
    def change(members: dict[str, bytes], _: dict[str, Any]) -> None:
        name = next(name for name in members if name.startswith("files/"))
        members[name] = members[name][:-1] + b"?"

    refused(rewritten(whole, tmp_path / "changed.zip", change), home, "is not what was backed up")


@pytest.mark.parametrize(
    "name",
    [
        "../evil.pdf",
        "/tmp/evil.pdf",
        "files/../../evil.pdf",
        "files/evil.pdf",
        "files\\..\\evil",
        "lock",
        f"files/{'A' * 64}.pdf",
    ],
)
def test_a_member_that_would_be_written_elsewhere_is_refused(
    whole: Path, tmp_path: Path, home: Path, name: str
) -> None:
    def change(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
        members[name] = b"evil"
        listed(members, manifest)

    refused(rewritten(whole, tmp_path / "hostile.zip", change), home, "does not belong into one")
    assert not list(tmp_path.rglob("evil*"))


def test_the_name_in_a_backup_cannot_be_a_path(whole: Path, tmp_path: Path, home: Path) -> None:
    hostile = rewritten(
        whole, tmp_path / "hostile.zip", lambda _, manifest: manifest.update(library=str(tmp_path / "evil"))
    )
    refused(hostile, home, "without a usable name", name=None)
    assert not (tmp_path / "evil").exists()


def test_a_member_that_is_longer_than_it_says_is_refused(whole: Path, tmp_path: Path, home: Path) -> None:
    def change(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
        members["catalog.sqlite"] = bytes(50_000_000)

    refused(rewritten(whole, tmp_path / "bomb.zip", change), home, "not of the sizes")


def test_more_than_the_disk_holds_is_refused_before_anything_is_written(
    whole: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=1000))
    refused(whole, home, "has 1,000 left")


def told(members: dict[str, bytes], tmp_path: Path, sql: str, *values: str) -> None:
    """Change the catalog among the members by a statement."""
    file = tmp_path / "hostile.sqlite"
    file.write_bytes(members["catalog.sqlite"])
    connection = sqlite3.connect(file)
    connection.execute(sql, values)
    connection.commit()
    connection.close()
    members["catalog.sqlite"] = file.read_bytes()


def test_a_catalog_with_triggers_is_refused(whole: Path, tmp_path: Path, home: Path) -> None:
    def change(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
        told(members, tmp_path, "CREATE TRIGGER evil AFTER INSERT ON chat BEGIN DELETE FROM document; END")
        listed(members, manifest)

    refused(rewritten(whole, tmp_path / "hostile.zip", change), home, "is no catalog of Footnote")


@pytest.mark.parametrize("state", ["ready", "failed", "reading"])
@pytest.mark.parametrize("id_", ["{outside}", "../../../outside", "A" * 64, "0" * 63, ""])
def test_a_document_whose_id_is_a_path_is_refused(
    whole: Path, tmp_path: Path, home: Path, id_: str, state: str
) -> None:
    def change(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
        told(
            members,
            tmp_path,
            "UPDATE document SET sha256 = ?, state = ? WHERE name = '1.pdf'",
            id_.format(outside=tmp_path / "outside"),
            state,
        )
        members.pop(f"files/{1:064x}.pdf")
        listed(members, manifest)
        manifest["missing"] = ["1.pdf"]

    refused(rewritten(whole, tmp_path / "hostile.zip", change), home, "is no sha256")


def test_a_document_whose_file_is_not_in_the_backup_is_refused(whole: Path, tmp_path: Path, home: Path) -> None:
    def change(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
        members.pop(f"files/{1:064x}.pdf")
        listed(members, manifest)

    refused(rewritten(whole, tmp_path / "less.zip", change), home, r"the copy of 1\.pdf is not in it")


def test_an_id_that_is_a_path_reaches_no_file_of_an_open_library(library: Library, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "letter.txt").write_text("Dear reader")
    put(library.catalog, 1, ["A text about rivers."], name="1.pdf")
    with library.catalog.database.writing() as connection:
        connection.execute("UPDATE document SET sha256 = ?", (str(victim),))
    for work in (lambda: library.file(library.document("1.pdf")), lambda: library.remove("1.pdf")):
        with pytest.raises(LibraryDamaged, match="is no sha256"):
            work()
    assert (victim / "letter.txt").exists()


def test_what_stands_in_a_catalogs_own_tables_runs_no_function_that_reaches_outside(library: Library) -> None:
    assert library.catalog.database.query("PRAGMA trusted_schema") == [(0,)]


def test_a_broken_catalog_is_refused(whole: Path, tmp_path: Path, home: Path) -> None:
    def change(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
        data = bytearray(members["catalog.sqlite"])
        data[8192:16384] = b"x" * 8192
        members["catalog.sqlite"] = bytes(data)
        listed(members, manifest)

    refused(rewritten(whole, tmp_path / "broken.zip", change), home, "cannot be restored")


def test_a_backup_of_a_newer_version_says_so(whole: Path, tmp_path: Path, home: Path) -> None:
    newer = rewritten(whole, tmp_path / "newer.zip", lambda _, manifest: manifest.update(footnote=99))
    refused(newer, home, "newer version of Footnote")


@pytest.mark.parametrize("value", [None, [], {"members": 3}, {"footnote": "x", "members": {}}])
def test_a_manifest_of_nonsense_is_refused(whole: Path, tmp_path: Path, home: Path, value: object) -> None:
    target = tmp_path / "nonsense.zip"
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(MANIFEST, json.dumps(value))
    refused(target, home, "is no backup of Footnote, or damaged")
