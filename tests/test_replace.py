"""A document is replaced by a newer version, or renamed: what was asked stays askable, and nothing is ever lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import Cancelled, InputError, Stopped, UnknownDocument
from rag.library import Library
from rag.types import Progress
from tests.conftest import WordEncoder

MakePdf = Callable[..., Path]
ROOT = Path(__file__).parent.parent


@pytest.fixture
def first(make_pdf: MakePdf) -> Path:
    return make_pdf([["The Danube is 2,800 kilometres long, says this first edition."]], "first.pdf")


@pytest.fixture
def second(make_pdf: MakePdf) -> Path:
    return make_pdf([["The Danube is 2,850 kilometres long, says this second edition."]], "second.pdf")


@pytest.fixture
def filled(library: Library, first: Path, make_pdf: MakePdf) -> Library:
    library.add(first, name="rivers.pdf")
    library.tags.add(library.document("rivers.pdf"), ["geography"])
    library.add(make_pdf([["Mont Blanc is 4,806 metres high."]], "mountains.pdf"))
    return library


def quote(library: Library) -> str:
    return library.ask("How long is the Danube?").claims[0].citations[0].quote


def test_the_newer_version_answers_under_the_old_name(filled: Library, second: Path) -> None:
    older = filled.document("rivers.pdf")
    added = filled.replace("rivers.pdf", second)
    assert (added.document, added.status, added.pages) == ("rivers.pdf", "added", 1)
    assert "2,850" in quote(filled)
    newer = filled.document("rivers.pdf")
    assert newer.state == "ready"
    assert filled.tags.of(newer) == ("geography",)
    assert filled.is_older_version(older.id) == newer
    assert filled.older_versions() == {older.id: "rivers.pdf"}
    assert filled.verify() == []
    assert not any("first edition" in hit.passage.text for hit in filled.search("edition"))
    assert not filled.file(older).exists()


def test_read_again_it_is_still_the_newer_version(filled: Library, second: Path) -> None:
    older = filled.document("rivers.pdf")
    filled.replace("rivers.pdf", second)
    key = filled.document("rivers.pdf").key
    filled.retry("rivers.pdf")
    newer = filled.document("rivers.pdf")
    assert newer.key != key, "it was read again"
    assert filled.is_older_version(older.id) == newer
    assert filled.older_versions() == {older.id: "rivers.pdf"}


def test_identical_bytes_are_known(filled: Library, first: Path) -> None:
    before = filled.documents()
    assert filled.replace("rivers.pdf", first).status == "known"
    assert filled.documents() == before


def test_a_file_that_is_another_document_is_refused(filled: Library, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"in the library already, as mountains\.pdf"):
        filled.replace("rivers.pdf", tmp_path / "mountains.pdf")
    assert [document.name for document in filled.documents()] == ["rivers.pdf", "mountains.pdf"]


def test_a_newer_version_that_cannot_be_read_leaves_the_older_one(filled: Library, tmp_path: Path) -> None:
    before, bad = filled.documents(), tmp_path / "bad.pdf"
    bad.write_text("no PDF")
    added = filled.replace("rivers.pdf", bad)
    assert added.status == "failed"
    assert added.reason
    assert filled.documents() == before
    assert "2,800" in quote(filled)
    assert filled.verify() == []


def test_a_locked_newer_version_takes_over_when_it_is_unlocked(filled: Library, second: Path, tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(second))
    writer.encrypt("opensesame", algorithm="AES-256")
    locked = tmp_path / "locked.pdf"
    writer.write(locked)
    added = filled.replace("rivers.pdf", locked)
    assert (added.document, added.status) == ("rivers (new version).pdf", "failed")
    assert "2,800" in quote(filled)
    filled.retry(added.document, password="opensesame")
    assert [document.name for document in filled.documents()] == ["mountains.pdf", "rivers.pdf"]
    assert "2,850" in quote(filled)
    assert filled.verify() == []


def test_a_failed_document_is_replaced_by_one_that_can_be_read(library: Library, second: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_text("no PDF")
    library.add(bad, name="rivers.pdf")
    assert library.replace("rivers.pdf", second).status == "added"
    assert [(document.name, document.state) for document in library.documents()] == [("rivers.pdf", "ready")]


@pytest.mark.parametrize("stage", ["copy", "read"])
def test_cancelled_before_it_can_be_searched_the_older_one_stays(filled: Library, second: Path, stage: str) -> None:
    before, is_wished = filled.documents(), []

    def note(progress: Progress) -> None:
        if progress.stage == stage:
            is_wished.append(True)

    with pytest.raises(Cancelled):
        filled.replace("rivers.pdf", second, on_progress=note, is_cancelled=lambda: bool(is_wished))
    assert filled.documents() == before
    assert "2,800" in quote(filled)
    assert filled.verify() == []


def test_cancelled_while_its_vectors_are_made_the_newer_one_stays(filled: Library, second: Path) -> None:
    is_wished: list[bool] = []

    def note(progress: Progress) -> None:
        if progress.stage == "index" and progress.done:
            is_wished.append(True)

    with pytest.raises(Cancelled):
        filled.replace("rivers.pdf", second, on_progress=note, is_cancelled=lambda: bool(is_wished))
    assert filled.document("rivers.pdf").state == "searchable"
    assert len(filled.documents()) == 2
    filled.resume()
    assert "2,850" in quote(filled)
    assert filled.verify() == []


def test_when_the_program_ends_while_it_is_read_the_next_start_goes_on(
    filled: Library, second: Path, encoder: WordEncoder
) -> None:
    with pytest.raises(Stopped):
        filled.replace("rivers.pdf", second, on_progress=lambda p: filled.stop() if p.stage == "read" else None)
    assert {document.name for document in filled.documents()} >= {"rivers.pdf", "rivers (new version).pdf"}
    again = Library(filled.folder, encoder=encoder, n_threads=1)
    again.resume()
    assert sorted(document.name for document in again.documents()) == ["mountains.pdf", "rivers.pdf"]
    assert "2,850" in quote(again)
    assert again.verify() == []
    again.close()


def test_a_document_that_is_not_there_cannot_be_replaced(library: Library, first: Path) -> None:
    with pytest.raises(UnknownDocument, match=r"nonesuch\.pdf"):
        library.replace("nonesuch.pdf", first)
    assert library.documents() == []


@pytest.mark.slow
def test_killed_at_any_instant_one_of_the_two_versions_is_whole(
    library: Library, first: Path, second: Path, encoder: WordEncoder
) -> None:
    library.add(first, name="report.pdf")
    library.close()
    rng = random.Random(5)
    for i in range(6):
        command = [sys.executable, "-m", "tests.replace_child", str(library.folder), str(second), str(first)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "go\n"
            if i % 2:  # after a first replacement has gone through, however slow the machine is
                assert child.stdout.readline() == "done\n"
            time.sleep(rng.uniform(0.02, 1.5))
            child.kill()
        assert child.returncode == -signal.SIGKILL  # it was at work until then
        opened = Library(library.folder, encoder=encoder, n_threads=1)
        assert "kilometres long" in quote(opened)
        opened.resume()
        assert [(document.name, document.state) for document in opened.documents()] == [("report.pdf", "ready")]
        assert opened.verify() == []
        opened.close()


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        ("Atlas", "Atlas.pdf"),
        ("Atlas.PDF", "Atlas.pdf"),
        (" ../secret/Atlas v1.2 ", "Atlas v1.2.pdf"),
        ("mountains.pdf", "mountains (2).pdf"),
        ("rivers.pdf", "rivers.pdf"),
        ("x" * 300, "x" * 190 + ".pdf"),
    ],
)
def test_a_document_is_renamed_by_the_rules_of_adding(filled: Library, wish: str, name: str) -> None:
    older = filled.document("rivers.pdf")
    assert filled.rename("rivers.pdf", wish).name == name
    assert filled.document(name).id == older.id
    assert filled.ask("How long is the Danube?").claims[0].citations[0].document == name
    assert filled.verify() == []


@pytest.mark.parametrize("wish", ["", "  ", ".pdf", "../..", "\n"])
def test_a_name_of_nothing_is_refused(filled: Library, wish: str) -> None:
    with pytest.raises(InputError, match="cannot name a document"):
        filled.rename("rivers.pdf", wish)
    assert filled.document("rivers.pdf")
