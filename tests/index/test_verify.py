from __future__ import annotations

from pathlib import Path

import pytest

from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex
from rag.index.lexical import TantivyIndex
from rag.index.verify import verify
from rag.types import Document

from .made import N_DIMS, put

Parts = tuple[FaissIndex, tuple[TantivyIndex, TantivyIndex]]


@pytest.fixture
def documents(catalog: Catalog, folder: Path) -> list[Document]:
    (folder / "files").mkdir()
    made = [put(catalog, 1, ["alpha", "beta"], name="a.pdf"), put(catalog, 2, ["gamma"], name="b.pdf", vectors=False)]
    for document in made:
        (folder / "files" / f"{document.id}.pdf").touch()
    failed = catalog.fail(catalog.begin("f" * 64, "locked.pdf", 1), "locked")
    (folder / "files" / f"{failed.id}.locked").touch()
    return made


@pytest.fixture
def parts(catalog: Catalog, folder: Path, documents: list[Document]) -> Parts:
    dense, words = FaissIndex(folder, N_DIMS), (TantivyIndex(folder, "passages"), TantivyIndex(folder, "pages"))
    dense.reconcile(catalog)
    for index in words:
        index.reconcile(catalog)
    return dense, words


def test_a_whole_library_has_no_problems(catalog: Catalog, folder: Path, parts: Parts) -> None:
    assert verify(catalog, folder, *parts) == []
    assert verify(catalog, folder, None, parts[1]) == []


def test_what_a_removal_left_behind_is_named(
    catalog: Catalog, folder: Path, parts: Parts, documents: list[Document]
) -> None:
    catalog.remove(documents[0])
    (folder / "cache" / documents[0].id).mkdir(parents=True)
    assert verify(catalog, folder, *parts) == [
        f"files/{documents[0].id}.pdf belongs to no document",
        f"cache/{documents[0].id} belongs to no document",
        "dense.faiss still holds 2 passages that were removed",
        "lexical/passages still holds 2 passages of removed documents",
        "lexical/pages still holds 2 pages of removed documents",
    ]


def test_pages_that_a_stopped_reading_laid_aside_are_named(
    catalog: Catalog, folder: Path, parts: Parts, documents: list[Document]
) -> None:
    reading = catalog.begin("e" * 64, "long.pdf", 1)
    for id_ in (reading.id, documents[0].id, "d" * 64):
        (folder / "files" / f"{id_}.reading").touch()
    assert verify(catalog, folder, *parts) == [
        f"files/{documents[0].id}.reading was left by a stopped reading",
        f"files/{'d' * 64}.reading belongs to no document",
    ]


def test_what_is_missing_is_named(catalog: Catalog, folder: Path, parts: Parts, documents: list[Document]) -> None:
    (folder / "files" / f"{documents[0].id}.pdf").unlink()
    new = put(catalog, 5, ["delta"], name="c.pdf")
    (folder / "files" / f"{new.id}.pdf").touch()
    assert verify(catalog, folder, *parts) == [
        f"files/{documents[0].id}.pdf, the copy of a.pdf, is missing",
        "dense.faiss lacks 1 passages",
        "lexical/passages holds 0 of the 1 passages of c.pdf",
        "lexical/pages holds 0 of the 1 pages of c.pdf",
    ]


def test_a_document_that_is_not_whole_for_its_state_is_named(catalog: Catalog, folder: Path, parts: Parts) -> None:
    catalog.database.query("DELETE FROM vector WHERE passage = (SELECT min(passage) FROM vector)")
    assert verify(catalog, folder, *parts) == ["a.pdf is ready and has 1 vectors instead of 2"]
    catalog.database.query("DELETE FROM page WHERE document = 2")
    assert "b.pdf is searchable and has 0 pages instead of 1" in verify(catalog, folder, *parts)


def test_rows_without_a_parent_are_named(catalog: Catalog, folder: Path, parts: Parts) -> None:
    catalog.database.query("PRAGMA foreign_keys = OFF")
    catalog.database.query("DELETE FROM passage WHERE document = 1")
    problems = verify(catalog, folder, *parts)
    assert "catalog: vector points to a missing passage" in problems
    assert "a.pdf is ready and has 0 passages instead of 2" in problems
