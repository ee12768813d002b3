"""Libraries are made, renamed and deleted by name, and no name reaches outside their folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import InputError, LibraryBusy, StorageError
from rag.libraries import create_library, delete_library, rename_library, sweep_deleted
from rag.library import Library
from rag.places import available_libraries, libraries_folder
from tests.conftest import WordEncoder

HOLD_THE_LOCK = """
import sys
from pathlib import Path
from rag.index.lock import WriterLock
with WriterLock(Path(sys.argv[1])).acquire("testing", 0):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, minilm: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "models").symlink_to(minilm.parent)
    monkeypatch.setenv("FOOTNOTE_HOME", str(folder))
    return folder


def test_a_library_is_made_filled_renamed_and_deleted(make_pdf: Callable[..., Path], encoder: WordEncoder) -> None:
    create_library("Tax 2023")
    assert available_libraries() == ["Tax 2023"]
    library = Library("Tax 2023", encoder=encoder, n_threads=1)
    library.add(make_pdf([["The tax is due in May."]]))
    library.close()
    rename_library("Tax 2023", "Taxes")
    assert available_libraries() == ["Taxes"]
    library = Library("Taxes", encoder=encoder, n_threads=1)
    assert "May" in library.ask("When is the tax due?").text
    assert library.verify() == []
    library.close()
    delete_library("Taxes")
    assert available_libraries() == []
    assert list(libraries_folder().iterdir()) == []


@pytest.mark.parametrize("name", ["../evil", "a/b", "", " ", ".hidden", "x" * 65, "a.", "con\0", "sample", "Sample"])
def test_what_cannot_name_a_library_is_refused(name: str, home: Path) -> None:
    create_library("real")
    for work in (lambda: create_library(name), lambda: rename_library("real", name)):
        with pytest.raises(InputError):
            work()
    assert available_libraries() == ["real"]
    assert [path.name for path in home.parent.iterdir()] == ["home"]


def test_names_that_differ_in_case_only_are_one() -> None:
    create_library("Tax")
    create_library("Health")
    with pytest.raises(InputError, match="There is a library 'Tax' already"):
        create_library("tax")
    with pytest.raises(InputError, match="already"):
        rename_library("Health", "TAX")
    rename_library("Tax", "TAX")
    assert available_libraries() == ["Health", "TAX"]


def test_the_sample_is_not_renamed() -> None:
    Library("sample").close()
    with pytest.raises(InputError, match="sample cannot be renamed"):
        rename_library("sample", "mine")


@pytest.mark.parametrize("name", ["nonesuch", "..", "", ".deleted-0"])
def test_what_is_no_library_is_not_deleted(name: str, home: Path) -> None:
    create_library("real")
    (libraries_folder() / ".deleted-0").mkdir()
    with pytest.raises(InputError, match="There is no library"):
        delete_library(name)
    assert available_libraries() == ["real"]


def test_a_library_that_another_program_writes_to_is_left_alone() -> None:
    folder = create_library("busy")
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        for work in (lambda: delete_library("busy"), lambda: rename_library("busy", "idle")):
            with pytest.raises(LibraryBusy, match=str(other.pid)):
                work()
        other.stdin.close()
    assert available_libraries() == ["busy"]


def test_a_half_deleted_library_is_not_listed_and_goes_with_the_next_one() -> None:
    create_library("one")
    libraries_folder().joinpath("one").rename(libraries_folder() / ".deleted-1")  # the program ended here
    assert available_libraries() == []
    create_library("two")
    delete_library("two")
    assert list(libraries_folder().iterdir()) == []


@pytest.mark.parametrize("work", [sweep_deleted, lambda: create_library("two")])
def test_what_was_left_of_a_deleted_library_goes_at_the_start_and_before_one_is_made(work: Callable[[], None]) -> None:
    create_library("one")
    libraries_folder().joinpath("one").rename(libraries_folder() / ".deleted-1")  # the program ended here
    work()
    assert [path.name for path in libraries_folder().glob(".*")] == []


def test_nothing_is_swept_where_there_are_no_libraries() -> None:
    sweep_deleted()
    assert not libraries_folder().exists()


def test_what_cannot_be_deleted_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    (create_library("one") / "files" / "a.pdf").write_bytes(b"%PDF")
    unlink = os.unlink

    def held(path: str, **more: int) -> None:
        if Path(path).name == "a.pdf":
            raise PermissionError(13, "another program holds it")
        unlink(path, **more)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", held)
        with pytest.raises(StorageError, match=r"'one' is deleted, but .*\.deleted-\w+/files/a\.pdf") as caught:
            delete_library("one")
        assert "by hand" in str(caught.value)
        assert available_libraries() == []
        sweep_deleted()  # nobody asked for it: what stays is logged
    sweep_deleted()
    assert list(libraries_folder().iterdir()) == []


@pytest.mark.parametrize("new", ["../evil", "two", "sample", ""])
def test_a_library_is_not_closed_for_a_name_that_cannot_be_used(new: str) -> None:
    create_library("one")
    create_library("two")
    with pytest.raises(InputError):
        rename_library("one", new, release=lambda: pytest.fail("it was closed"))
