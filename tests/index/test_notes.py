from __future__ import annotations

import pytest

from rag.errors import InputError
from rag.index.catalog import Catalog
from rag.index.notes import Notes

ANSWER = {"question": "Why?", "claims": [1, {"é": None}]}


@pytest.fixture
def notes(catalog: Catalog) -> Notes:
    return Notes(catalog)


def test_notes_come_back_with_their_answer_the_newest_first(notes: Notes) -> None:
    first = notes.add("Mine.")
    second = notes.add("", ANSWER)
    assert notes.list() == [second, first]
    assert (first.answer, second.answer) == (None, ANSWER)


def test_own_words_can_be_changed_and_the_answer_stays(notes: Notes) -> None:
    note = notes.add("", ANSWER, source="12")
    notes.update(note.id, "Now \ud800 I know.")
    (changed,) = notes.list()
    assert (changed.text, changed.answer, changed.created) == ("Now \ufffd I know.", ANSWER, note.created)
    assert changed.updated >= note.updated
    assert notes.sources() == {"12": note.id}


def test_where_an_answer_was_pinned_is_known_until_its_note_is_deleted(notes: Notes) -> None:
    notes.add("Mine.")
    pinned = notes.add("", ANSWER, source="answer 12")
    assert notes.sources() == {"answer 12": pinned.id}
    notes.delete(pinned.id)
    assert notes.sources() == {}


def test_a_deleted_note_is_wiped_from_the_file(notes: Notes, catalog: Catalog) -> None:
    kept, gone = notes.add("kept"), notes.add("secret", {"quote": "classified"})
    notes.delete(gone.id)
    notes.delete(gone.id)
    assert notes.list() == [kept]
    stored = b"".join(path.read_bytes() for path in catalog.file.parent.glob("catalog.sqlite*"))
    assert b"secret" not in stored
    assert b"classified" not in stored
    with pytest.raises(InputError, match="no note"):
        notes.update(gone.id, "x")


def test_a_note_stays_when_its_document_is_removed(notes: Notes, catalog: Catalog) -> None:
    document = catalog.begin("a" * 64, "a.pdf", 10)
    note = notes.add("Mine.", {"claims": [{"citations": [{"document_id": document.id}]}]})
    catalog.remove(document)
    assert notes.list() == [note]


def test_notes_do_not_count_as_a_change_of_the_library(notes: Notes, catalog: Catalog) -> None:
    generation = catalog.generation()
    notes.update(notes.add("Hello").id, "Hello again")
    assert catalog.generation() == generation
