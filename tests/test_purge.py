"""A removal through the library: gone at once, purged from the files in a moment or in the background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.index import purging
from rag.index.dense import FaissIndex
from rag.library import Library

MakePdf = Callable[..., Path]


@pytest.fixture
def two(library: Library, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library of two documents that counts as a large one."""
    monkeypatch.setattr("rag.parts._PURGED_AT_ONCE", 0)
    monkeypatch.setattr("rag.index.lexical.index._PURGED_AT_ONCE", 0)
    monkeypatch.setattr("rag.index.dense.index._SMALL", 0)
    library.add(make_pdf([["The lighthouse of the harbour was built of grey granite."]], "a.pdf"))
    library.add(make_pdf([["The quetzalcoatlus flies over the river every morning."]], "b.pdf"))
    library.rebuild()
    return library


def test_a_removal_is_gone_from_answers_at_once_and_from_the_files_when_the_purge_is_done(two: Library) -> None:
    assert two.search("Where does the quetzalcoatlus fly?")[0].document == "b.pdf"
    two.remove("b.pdf")
    assert {hit.document for hit in two.search("Where does the quetzalcoatlus fly?")} == {"a.pdf"}
    assert two.wait_purged() is not None
    assert purging.noted(two.catalog.database) is None
    assert two.verify() == []
    assert two.parts.passage_words.known(["quetzalcoatlus"]) == set()
    assert two.search("Of what is the lighthouse built?")[0].document == "a.pdf"


def test_a_purge_that_was_killed_is_finished_at_the_next_start(
    two: Library, encoder: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.parts.Parts.purge_soon", lambda self: None)  # as if killed before it began
    two.remove("b.pdf")
    assert any("still holds" in problem for problem in two.verify())
    monkeypatch.undo()
    folder = two.folder
    two.close()
    again = Library(folder, encoder=encoder)  # type: ignore[arg-type]
    again.resume()
    assert again.wait_purged() is not None
    assert again.verify() == []
    again.close()


def test_a_purge_that_cannot_be_finished_says_so_and_the_next_one_goes_on(
    two: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two.catalog, "forget_log", lambda: False)  # others read the catalog all the while
    two.remove("b.pdf")
    assert two.wait_purged() is None
    monkeypatch.undo()
    two.purge()
    assert two.wait_purged() is not None
    assert two.verify() == []


def test_a_large_library_is_added_to_without_writing_its_vectors_anew(
    two: Library, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.dense.index.FaissIndex.is_behind", lambda self: False)  # a few may wait
    monkeypatch.setattr(FaissIndex, "save", lambda self: pytest.fail("written"))
    two.add(make_pdf([["Marble comes from the quarry behind the hill."]], "c.pdf"))
    assert two.search("Where does marble come from?")[0].document == "c.pdf"
