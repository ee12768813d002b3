"""Where a question looks is exact: documents, tags and dates, by meaning, by words and by both."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import asking
from rag.errors import EmptyLibrary, InputError, UnknownDocument
from rag.library import Library
from rag.retrieve.scope import in_scope
from rag.retrieve.weights import Weight
from rag.types import Document, Scope
from rag.understanding import understand
from tests.conftest import WordEncoder

QUESTION = "Where does the river Danube rise?"
N_LOUD = 40  # passages that are about nothing else than the question
BY_MEANING = {"meaning": Weight(1.0)}
BY_WORDS = {"words": Weight(1.0)}
BY_BOTH = {"meaning": Weight(0.5), "words": Weight(0.5), "page words": Weight(0.2)}


def document(key: int, name: str, added: float = 0.0) -> Document:
    return Document(f"{key:064x}", name, name, "ready", 1, 1, added, key=key)


DOCUMENTS = [document(1, "a.pdf", 100.0), document(2, "b.pdf", 200.0), document(3, "c.pdf", 300.0)]
TAGS = {1: ("Reports", "2018"), 3: ("reports",)}


def names(scope: Scope) -> list[str]:
    def named(name: str) -> Document:
        found = next((d for d in DOCUMENTS if name in {d.name, d.id}), None)
        if found is None:
            raise UnknownDocument(f"There is no document {name!r}")
        return found

    return [found.name for found in in_scope(scope, DOCUMENTS, tags=TAGS, named=named)]


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        (Scope(), ["a.pdf", "b.pdf", "c.pdf"]),
        (Scope(documents=("c.pdf", "a.pdf")), ["a.pdf", "c.pdf"]),
        (Scope(documents=(DOCUMENTS[1].id,)), ["b.pdf"]),
        (Scope(tags=("REPORTS",)), ["a.pdf", "c.pdf"]),
        (Scope(tags=("#2018",)), ["a.pdf"]),
        (Scope(tags=("2018", "reports")), ["a.pdf", "c.pdf"]),
        (Scope(since=200.0), ["b.pdf", "c.pdf"]),
        (Scope(until=200.0), ["a.pdf", "b.pdf"]),
        (Scope(since=150.0, until=250.0), ["b.pdf"]),
        (Scope(documents=("a.pdf", "b.pdf"), tags=("reports",), until=150.0), ["a.pdf"]),
    ],
)
def test_a_scope_is_all_of_its_parts_at_once(scope: Scope, wanted: list[str]) -> None:
    assert names(scope) == wanted


def test_a_tag_that_nothing_has_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"'taxes'. Those there are: 2018, reports\."):
        names(Scope(tags=("taxes",)))


def test_where_nothing_is_left_the_parts_are_said() -> None:
    with pytest.raises(EmptyLibrary, match=r"No document has the tag '2018' and was added since 1970-01-01"):
        names(Scope(tags=("2018",), since=50_000.0))
    with pytest.raises(EmptyLibrary, match="No document was chosen"):
        names(Scope(documents=()))
    with pytest.raises(UnknownDocument):
        names(Scope(documents=("z.pdf",)))


# --------------------------------------------------------------------------------------------- in a library


def around(sentence: str, seed: int) -> str:
    """Return a passage's worth of text that no other page has, with a sentence in its middle."""
    letters = random.Random(seed)
    rest = ["".join(letters.choices("bcdfgaeiou", k=7)) for _ in range(60)]
    return f"Page {' '.join(rest[:30])}. {sentence} Then {' '.join(rest[30:])}."


@pytest.fixture
def crowded(tmp_path: Path, make_pdf: Callable[..., Path]) -> Iterator[Library]:
    """A loud document that says the question over and over, a quiet one that hardly does, one of a single passage."""
    library = Library(tmp_path / "library", encoder=WordEncoder(), n_threads=1)
    loud = "Where does the river Danube rise? The river Danube does rise here. Where does the river Danube rise?"
    books = {
        "loud.pdf": [[around(loud, i)] for i in range(N_LOUD)],
        "quiet.pdf": [[around("A river is mentioned once.", 1000 + i)] for i in range(6)],
        "single.pdf": [[around("Bread is baked from flour, and not from a river.", 2000)]],
    }
    for name, pages in books.items():
        assert library.add(make_pdf(pages, name)).status == "added"
    yield library
    library.close()


@pytest.mark.parametrize("weights", [BY_MEANING, BY_WORDS, BY_BOTH], ids=["meaning", "words", "both"])
def test_passages_far_below_others_are_found_when_only_they_are_asked_for(
    crowded: Library, weights: dict[str, Weight]
) -> None:
    crowded.parts.weights = weights
    best = crowded.search(QUESTION, 10)
    assert {hit.document for hit in best} == {"loud.pdf"}
    inside = crowded.search(QUESTION, 6, scope=Scope(documents=("quiet.pdf",)))
    assert [hit.document for hit in inside] == ["quiet.pdf"] * 6
    assert len({hit.passage.id for hit in inside}) == 6
    (only,) = crowded.search(QUESTION, 6, scope=Scope(documents=("single.pdf",)))
    assert only.document == "single.pdf"


@pytest.mark.parametrize("weights", [BY_MEANING, BY_WORDS, BY_BOTH], ids=["meaning", "words", "both"])
def test_the_order_within_a_scope_is_that_of_a_library_that_holds_nothing_else(
    crowded: Library, weights: dict[str, Weight], tmp_path: Path
) -> None:
    alone = Library(tmp_path / "alone", encoder=WordEncoder(), n_threads=1)
    alone.add(crowded.file(crowded.document("quiet.pdf")), name="quiet.pdf")
    wanted = asking.retrieve(alone.parts, understand(alone.parts, QUESTION, None), weights)
    keys = [crowded.document("quiet.pdf").key]
    found = asking.retrieve(crowded.parts, understand(crowded.parts, QUESTION, keys), weights)
    numbers = [
        [p.number for p in lib.catalog.passages([c.id for c in got])]
        for lib, got in ((alone, wanted), (crowded, found))
    ]
    assert numbers[0] == numbers[1]
    assert [c.score for c in found] == pytest.approx([c.score for c in wanted])
    alone.close()


def test_tags_and_dates_narrow_what_is_asked(crowded: Library) -> None:
    quiet, single = crowded.document("quiet.pdf"), crowded.document("single.pdf")
    crowded.tags.put(quiet, ["Rivers"])
    crowded.tags.put(single, ["rivers"])
    tagged = crowded.search(QUESTION, 50, scope=Scope(tags=("rivers",)))
    assert {hit.document for hit in tagged} == {"quiet.pdf", "single.pdf"}
    later = crowded.search(QUESTION, 50, scope=Scope(since=single.added))
    assert {hit.document for hit in later} == {"single.pdf"}
    earlier = crowded.find(QUESTION, 200, scope=Scope(until=quiet.added)).hits
    assert {hit.document for hit in earlier} == {"loud.pdf", "quiet.pdf"}


def test_a_scope_and_named_documents_hold_together(crowded: Library) -> None:
    crowded.tags.put(crowded.document("quiet.pdf"), ["rivers"])
    found = crowded.search(QUESTION, 5, documents=["quiet.pdf", "loud.pdf"], scope=Scope(tags=("rivers",)))
    assert {hit.document for hit in found} == {"quiet.pdf"}
    with pytest.raises(EmptyLibrary, match="has the tag 'rivers'"):
        crowded.search(QUESTION, 5, documents=["loud.pdf"], scope=Scope(tags=("rivers",)))


def test_an_answer_rests_on_the_scope_alone(crowded: Library) -> None:
    answer = crowded.ask(QUESTION, scope=Scope(documents=("single.pdf",)))
    assert {hit.document for hit in answer.hits} == {"single.pdf"}


def test_an_empty_scope_asks_everything(crowded: Library) -> None:
    assert crowded.search(QUESTION, 3, scope=Scope()) == crowded.search(QUESTION, 3)
