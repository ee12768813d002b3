"""The commands that keep documents and libraries in order: replace, rename, tag, backup, restore, watch."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.commands import documents, libraries, looking
from rag.errors import InputError, UnknownDocument
from rag.library import Library
from rag.settings import Settings

MakePdf = Callable[..., Path]
pytestmark = pytest.mark.models

SETTINGS = Settings(threads=1)
OPTIONS = {"library": None, "wait": False, "as_json": None, "password": None, "remove": False}


def given(**options: Any) -> Namespace:
    return Namespace(**(OPTIONS | options))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, minilm: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "models").symlink_to(minilm.parent)
    monkeypatch.setenv("FOOTNOTE_HOME", str(folder))
    return folder


@pytest.fixture
def default(make_pdf: MakePdf) -> Library:
    library = Library("default", n_threads=1)
    library.add(make_pdf([["The Danube is 2,800 kilometres long."]], "rivers.pdf"))
    return library


def test_replace_says_what_became_of_the_file(
    default: Library, make_pdf: MakePdf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = make_pdf([["The Danube is 2,850 kilometres long."]], "newer.pdf")
    assert documents.replace(given(document="rivers.pdf", path=newer), SETTINGS) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["document"], line["status"]) == ("rivers.pdf", "added")
    (tmp_path / "bad.pdf").write_text("no PDF")
    assert documents.replace(given(document="rivers.pdf", path=tmp_path / "bad.pdf", as_json=False), SETTINGS) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "rivers.pdf stays as it was" in said.err
    with pytest.raises(UnknownDocument):
        documents.replace(given(document="nonesuch.pdf", path=newer), SETTINGS)


def test_rename_and_tag_show_in_the_list(default: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert documents.rename(given(document="rivers.pdf", name="Atlas"), SETTINGS) == 0
    assert "rivers.pdf is called Atlas.pdf now" in capsys.readouterr().err
    assert documents.tag(given(document="Atlas.pdf", tags=["tax", "2023"]), SETTINGS) == 0
    assert json.loads(capsys.readouterr().out) == {"document": "Atlas.pdf", "tags": ["2023", "tax"]}
    assert looking.list_documents(given(), SETTINGS) == 0
    assert json.loads(capsys.readouterr().out)["tags"] == ["2023", "tax"]
    assert looking.list_documents(given(as_json=False), SETTINGS) == 0
    assert capsys.readouterr().out.rstrip().endswith("#2023  #tax")
    assert documents.tag(given(document="Atlas.pdf", tags=["TAX"], remove=True, as_json=False), SETTINGS) == 0
    assert capsys.readouterr().out == "Atlas.pdf: 2023\n"
    assert documents.tag(given(document="Atlas.pdf", tags=[], as_json=False), SETTINGS) == 0
    assert capsys.readouterr().out == "Atlas.pdf: 2023\n"
    with pytest.raises(InputError, match="Name the tags"):
        documents.tag(given(document="Atlas.pdf", tags=[], remove=True), SETTINGS)


def test_backup_and_restore_print_where(
    default: Library, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert libraries.backup(given(path=tmp_path / "all.zip"), SETTINGS) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'all.zip'}\n"
    with pytest.raises(InputError, match="There is a library 'default' already"):
        libraries.restore_library(given(path=tmp_path / "all.zip"), SETTINGS)
    assert libraries.restore_library(given(path=tmp_path / "all.zip", library="again"), SETTINGS) == 0
    assert capsys.readouterr().out == f"{home / 'libraries' / 'again'}\n"
    again = Library("again", n_threads=1)
    assert "2,800" in again.ask("How long is the Danube?").text
    assert again.verify() == []
    again.close()


def test_watch_adds_until_it_is_interrupted(
    make_pdf: MakePdf, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    shutil.copy(make_pdf([["The Danube is 2,800 kilometres long."]], "rivers.pdf"), folder)
    (folder / "bad.pdf").write_bytes(b"no PDF %%EOF")
    library = Library("watched", n_threads=1)
    put, n_told, both_told = libraries.put_json, [], threading.Event()

    def told(value: object) -> None:
        put(value)
        n_told.append(value)
        if len(n_told) == 2:
            both_told.set()

    monkeypatch.setattr(libraries, "put_json", told)

    def interrupt() -> None:
        both_told.wait(120)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    assert libraries.watch(given(path=folder, library="watched"), SETTINGS) == 0
    said = capsys.readouterr()
    assert {(line["document"], line["status"]) for line in map(json.loads, said.out.splitlines())} == {
        ("rivers.pdf", "added"),
        ("bad.pdf", "failed"),
    }
    assert "Stopped watching." in said.err
    assert "bad.pdf is plain text, not a PDF" in said.err
    library.close()
