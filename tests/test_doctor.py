"""What the doctor says of OCR and of pages that wait for it. The whole report is run by test_cli."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rag.doctor import _checker, _ocr, _reader
from rag.index.catalog import Catalog
from rag.index.schema import VERSION
from rag.types import ParsedDocument
from rag.waiting import NEEDED, READ_AGAIN
from tests.index.made import made_page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library with one page that waits for OCR, and one that OCR has tried."""
    catalog = Catalog(tmp_path)
    for number, (name, reason) in enumerate(
        [
            ("scan.pdf", f"a picture without text; {NEEDED}, but there was none"),
            ("blank.pdf", "OCR found no text in it"),
        ]
    ):
        page = made_page(1, "", source="image", reason=reason)
        catalog.store_parsed(catalog.begin(f"{number:064x}", name, 1), ParsedDocument(name, None, (page,), (), (), 0))
    catalog.close()
    return tmp_path


def version(folder: Path, new: int | None = None) -> int:
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as connection:
        if new is not None:
            connection.execute(f"PRAGMA user_version = {new}")
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_documents_with_pages_that_wait_for_ocr_are_named(folder: Path) -> None:
    finding = list(_ocr(folder, "none"))[-1]
    assert finding.text == "pages that wait for OCR in: scan.pdf"


def test_a_library_of_an_older_version_is_left_as_it_is(folder: Path) -> None:
    version(folder, VERSION - 1)
    assert not any("wait" in finding.text for finding in _ocr(folder, "none"))
    assert version(folder) == VERSION - 1


def test_where_no_library_is_none_is_made(tmp_path: Path) -> None:
    assert len(list(_ocr(tmp_path / "none # such?", "none"))) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a script on the PATH")
def test_what_is_no_language_is_said_to_be_missing_and_pages_are_read_again_by_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = folder / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nprint('eng\\nosd')\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    lacks = next(_ocr(folder, "osd"))
    assert (lacks.text, lacks.remedy) == (
        "tesseract (OCR) lacks osd: scanned pages are not read",
        "footnote config ocr eng",
    )
    assert [finding.remedy for finding in _ocr(folder, "eng")] == ["", READ_AGAIN]


def test_who_judges_claims_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    off = _checker("cpu", checks=False)
    assert (off.text, off.remedy) == ("judging claims: by rules alone, as it is set", "footnote config --unset checker")
    monkeypatch.setattr("rag.doctor.is_shipped", lambda _name: False)
    lacking = _checker("cpu", checks=True)
    assert not lacking.is_there
    assert not lacking.is_problem
    assert lacking.text.endswith("weights are not shipped")


def test_who_tells_what_answers_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    off = _reader("cpu", reads=False)
    assert off.text.endswith("by rules alone, as it is set")
    assert off.remedy == "footnote config --unset reader"
    monkeypatch.setattr("rag.doctor.is_shipped", lambda _name: False)
    lacking = _reader("cpu", reads=True)
    assert not lacking.is_there
    assert not lacking.is_problem
    assert lacking.text.endswith("weights are not shipped")
