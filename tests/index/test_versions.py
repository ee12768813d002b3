"""A newer version takes the place of the older one in one step, and old ids lead to it, over any number of steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.index.catalog import Catalog
from rag.index.chats import Chats
from rag.index.tags import Tags
from rag.index.versions import Versions
from rag.types import Document

from .made import put


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path)


def replaced(catalog: Catalog, older: Document, seed: int) -> Document:
    newer = put(catalog, seed, ["newer text"], name="some name.pdf")
    Versions(catalog).plan(newer, older)
    assert Versions(catalog).take_over(newer) == older
    return catalog.document(newer.id)


def test_the_newer_one_has_the_name_and_the_tags_and_the_older_one_is_gone(catalog: Catalog) -> None:
    older = put(catalog, 1, ["old text"], name="report.pdf")
    Tags(catalog).add(older, ["tax"])
    newer = replaced(catalog, older, 2)
    assert [document.name for document in catalog.documents()] == ["report.pdf"]
    assert Tags(catalog).of(newer) == ("tax",)
    assert [passage.text for passage in catalog.passages_of(newer.key)] == ["newer text"]
    assert catalog.problems() == []


def test_old_ids_lead_to_the_newest_version(catalog: Catalog) -> None:
    first = put(catalog, 1, ["a"], name="report.pdf")
    second = replaced(catalog, first, 2)
    third = replaced(catalog, second, 3)
    versions = Versions(catalog)
    assert versions.current(first.id) == versions.current(second.id) == third
    assert versions.all() == {first.id: "report.pdf", second.id: "report.pdf"}
    assert versions.current(third.id) is None, "it is here"
    catalog.remove(third)
    assert versions.current(first.id) is None, "all versions are gone"
    assert versions.all() == {}


def test_going_back_to_an_older_version_makes_the_newer_one_the_older(catalog: Catalog) -> None:
    first = put(catalog, 1, ["a"], name="report.pdf")
    second = replaced(catalog, first, 2)
    back = replaced(catalog, second, 1)
    versions = Versions(catalog)
    assert back.id == first.id
    assert versions.current(first.id) is None
    assert versions.current(second.id) == back


def test_an_older_version_that_was_added_again_is_no_older_version(catalog: Catalog) -> None:
    first = put(catalog, 1, ["a"], name="report.pdf")
    replaced(catalog, first, 2)
    put(catalog, 1, ["a"], name="old report.pdf")
    assert Versions(catalog).current(first.id) is None
    assert Versions(catalog).all() == {}


def test_a_plan_whose_older_document_was_removed_gives_the_name(catalog: Catalog) -> None:
    older, newer = put(catalog, 1, ["a"], name="report.pdf"), put(catalog, 2, ["b"], name="new.pdf")
    Versions(catalog).plan(newer, older)
    catalog.remove(older)
    assert Versions(catalog).take_over(newer) is None
    assert catalog.document("report.pdf").id == newer.id
    assert Versions(catalog).planned(newer) is None


def test_a_removed_document_takes_its_plan_with_it(catalog: Catalog) -> None:
    older, newer = put(catalog, 1, ["a"], name="report.pdf"), put(catalog, 2, ["b"], name="new.pdf")
    Versions(catalog).plan(newer, older)
    catalog.remove(newer)
    again = put(catalog, 2, ["b"], name="new.pdf")
    assert Versions(catalog).take_over(again) is None
    assert {document.name for document in catalog.documents()} == {"report.pdf", "new.pdf"}


def test_when_two_wait_to_replace_one_the_second_replaces_the_first(catalog: Catalog) -> None:
    older = put(catalog, 1, ["a"], name="report.pdf")
    one, two = put(catalog, 2, ["b"], name="one.pdf"), put(catalog, 3, ["c"], name="two.pdf")
    for newer in (one, two):
        Versions(catalog).plan(newer, older)
    for newer in (one, two):
        Versions(catalog).take_over(newer)
    assert [(document.id, document.name) for document in catalog.documents()] == [(two.id, "report.pdf")]
    assert Versions(catalog).all() == {older.id: "report.pdf", one.id: "report.pdf"}


def test_a_renamed_document_stays_in_the_scope_of_chats(catalog: Catalog) -> None:
    one, two = put(catalog, 1, ["a"], name="one.pdf"), put(catalog, 2, ["b"], name="two.pdf")
    chats = Chats(catalog)
    few, all_ = chats.create("few"), chats.create("all")
    chats.set_scope(few.id, ["one.pdf", "two.pdf"])
    assert catalog.rename(one, "first.pdf").name == "first.pdf"
    assert chats.scope(few.id) == ("first.pdf", "two.pdf")
    assert chats.scope(all_.id) is None
    assert catalog.rename(two, "first.pdf").name == "first (2).pdf"
    assert catalog.rename(two, "first (2).pdf").name == "first (2).pdf", "its own name is free"
