"""The hints of a question over a real library: its catalog, its word indexes, its passages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.library import Library
from rag.retrieve.candidates import Asked, Candidates
from rag.retrieve.hints import LibraryShelf, read_hints
from rag.retrieve.signals.phrases import Phrases
from rag.retrieve.signals.places import PagePlaces, PartPlaces, SectionPlaces
from rag.types import Understood

MORE = " ".join(f"Nobody who came by on day {n} had anything to add to what had been told before." for n in range(10))
ANVILS = [
    ["# Introduction", "Anvils are sold by Brimstone since the beginning, and they are sold by weight alone.", MORE],
    ["# Consolidated Balance Sheets", "Assets of the works are anvils, hammers and land beside the river.", MORE],
    [
        "# Revenue recognition",
        "Revenue is taken when an anvil has been “carried away for good” by whoever bought it.",
        MORE,
    ],
]
HARBOR = [
    ["# Introduction", "The harbor of Pellworth is deep, and its piers are many.", MORE],
    ["# Tides", "The tide rises by four metres, says the keeper of the harbor.", MORE],
]


@pytest.fixture
def shelf(library: Library, make_pdf: Callable[..., Path]) -> LibraryShelf:
    library.add(make_pdf(ANVILS, "BRIMSTONE_2021_10K.pdf", title="Brimstone"))
    library.add(make_pdf(HARBOR, "pellworth.pdf", title="The harbor of Pellworth"))
    parts = library._parts  # the shelf is made of them
    parts.catch_up()
    return LibraryShelf(parts.catalog, parts.passage_words, parts.page_words, parts.documents_among)


def asked(shelf: LibraryShelf, question: str) -> Asked:
    return Asked(Understood(question, question, read_hints(question, shelf.documents(), shelf)))


def texts(shelf: LibraryShelf, ids: list[int]) -> str:
    return " ".join(passage.text for passage in shelf.catalog.passages(ids))


def test_a_document_is_named_by_words_typed_small_that_stand_in_it_alone(shelf: LibraryShelf) -> None:
    first, second = (document.key for document in shelf.documents())
    assert shelf.share("anvils", [first]) == 1.0
    assert shelf.share("introduction", [second]) < 1.0
    assert shelf.share("giraffe", [first]) == 0.0
    assert shelf.share("x" * 300, [first]) == 0.0  # longer than any word that is indexed
    hints = read_hints("what does brimstone sell?", shelf.documents(), shelf)
    assert [hint.means for hint in hints] == ["BRIMSTONE_2021_10K.pdf"]


def test_a_section_of_the_named_document_is_proposed_alone(shelf: LibraryShelf) -> None:
    found = SectionPlaces(shelf).propose(asked(shelf, "What is said in the introduction of Brimstone?"))
    assert "sold by weight" in texts(shelf, found)
    assert "piers" not in texts(shelf, found)


def test_the_section_on_something_is_found_by_its_heading(shelf: LibraryShelf) -> None:
    question = asked(shelf, "In the section on revenue recognition, when is it taken?")
    assert [hint.means for hint in question.understood.hints] == ["Revenue recognition"]
    assert "carried away" in texts(shelf, SectionPlaces(shelf).propose(question))


def test_the_page_of_a_statement_is_proposed(shelf: LibraryShelf) -> None:
    found = PartPlaces(shelf).propose(asked(shelf, "What stands in the balance sheet?"))
    assert "hammers and land" in texts(shelf, found)
    assert "weight" not in texts(shelf, found)


def test_a_page_is_proposed_and_scored(shelf: LibraryShelf) -> None:
    question = asked(shelf, "What stands on page 2 of pellworth.pdf?")
    found = PagePlaces(shelf).propose(question)
    assert "four metres" in texts(shelf, found)
    candidates = Candidates.of(shelf.catalog.passage_places(found))  # type: ignore[attr-defined]
    assert (PagePlaces(shelf)(question, candidates) > 0).all()


def test_a_phrase_is_proposed_wherever_it_stands(shelf: LibraryShelf) -> None:
    found = Phrases(shelf).propose(asked(shelf, 'Who is meant by "Carried away for good"?'))
    assert "anvil" in texts(shelf, found)


def test_pages_that_are_gone_have_no_top(shelf: LibraryShelf) -> None:
    key = shelf.documents()[0].key
    tops = shelf.catalog.page_tops([(key, 1), (key, 99), (77, 1)], 12)
    assert list(tops) == [(key, 1)]
    assert tops[key, 1].startswith("Introduction")
    assert len(tops[key, 1]) == 12
