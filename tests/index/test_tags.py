"""Tags are found by, counted and taken away; case does not make two of one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InputError, UnknownDocument
from rag.index.catalog import Catalog
from rag.index.tags import MAX_LENGTH, Tags, clean_tag

from .made import made_document, put


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path)


def test_tags_are_given_found_by_and_taken_away(catalog: Catalog) -> None:
    tags, one, two = Tags(catalog), put(catalog, 1, ["a"], name="one.pdf"), put(catalog, 2, ["b"], name="two.pdf")
    assert tags.add(one, ["tax", "2023"]) == ("2023", "tax")
    tags.add(two, ["tax"])
    assert tags.counts() == {"2023": 1, "tax": 2}
    assert tags.by_document() == {one.key: ("2023", "tax"), two.key: ("tax",)}
    assert [document.name for document in tags.documents(["tax"])] == ["one.pdf", "two.pdf"]
    assert [document.name for document in tags.documents(["2023"])] == ["one.pdf"]
    assert tags.remove(one, ["TAX"]) == ("2023",)
    assert [document.name for document in tags.documents(["tax"])] == ["two.pdf"]


def test_the_spelling_that_was_there_first_stays(catalog: Catalog) -> None:
    tags, one, two = Tags(catalog), put(catalog, 1, ["a"], name="one.pdf"), put(catalog, 2, ["b"], name="two.pdf")
    tags.add(one, ["Straße"])
    assert tags.add(two, ["STRASSE", "strasse"]) == ("Straße",)
    assert tags.counts() == {"Straße": 2}


def test_a_tag_that_is_not_there_cannot_be_taken_away(catalog: Catalog) -> None:
    tags, document = Tags(catalog), put(catalog, 1, ["a"])
    with pytest.raises(InputError, match=r"has no tag 'tax'\. It has none\."):
        tags.remove(document, ["tax"])
    tags.add(document, ["2023"])
    with pytest.raises(InputError, match="Its tags: 2023"):
        tags.remove(document, ["2023", "tax"])
    assert tags.of(document) == ("2023",), "all or nothing"


def test_a_removed_document_leaves_no_tag(catalog: Catalog) -> None:
    tags, document = Tags(catalog), put(catalog, 1, ["a"])
    tags.add(document, ["secret"])
    catalog.remove(document)
    assert tags.counts() == {}
    with pytest.raises(UnknownDocument, match="removed meanwhile"):
        tags.add(document, ["secret"])
    assert tags.counts() == {}


def test_a_document_that_is_read_again_keeps_its_tags(catalog: Catalog) -> None:
    document = catalog.fail(catalog.begin("a" * 64, "locked.pdf", 10), "locked")
    Tags(catalog).add(document, ["tax"])
    again = catalog.begin(document.id, document.name, 10)
    assert again.key != document.key
    assert Tags(catalog).of(again) == ("tax",)
    anew = catalog.store_anew(again, made_document(["read"]))
    assert anew.key != again.key
    assert Tags(catalog).of(anew) == ("tax",)


@pytest.mark.parametrize("text", ["", "  ", "#", ",", "\n\t", "x" * (MAX_LENGTH + 1)])
def test_what_is_no_tag_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        clean_tag(text)


@given(st.text(max_size=60))
def test_a_clean_tag_stays_as_it_is(text: str) -> None:
    try:
        tag = clean_tag(text)
    except InputError:
        return
    assert clean_tag(tag) == tag
    assert 0 < len(tag) <= MAX_LENGTH
    assert tag.isprintable()
    assert "," not in tag
