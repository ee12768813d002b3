"""A library in which every kind of answer stands in a chat, with guides, tags and notes: for looking at whole pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.answer.language import SharedModel
from rag.exam.items import Item, Outcome, Result, result_to_json
from rag.index.exams import Exams
from rag.library import Library
from rag.records import answer_to_json
from rag.types import Answer, PageSpan, ReaderName
from tests.conftest import Parrot
from tests.ui.served import make_book

FOUND = "How many barges did the station of Gorse count?"
COMPARED = "How deep is the harbour, and who kept the café beside the bridge of Elm, and for how long?"
LISTED = "On which pages are barges mentioned?"
HINTED = "How many barges were counted at Cedar, on page 3, in 1893?"
ABSTAINED = "Who won the chess championship?"


def furnish(home: Path) -> str:
    """Fill the library `default` of a home; return the id of the chat that holds every kind of answer."""
    library = Library(home / "libraries" / "default", n_threads=1, model=SharedModel("parrot", Parrot))
    for name, title, labelled in (("ships.pdf", "A list of ships", False), ("atlas.pdf", "An atlas of waters", True)):
        added = library.add(make_book(home / name, title, labelled=labelled))
        library.make_guide(library.document(added.document).id)
    library.tags.put(library.document("atlas.pdf"), ["coasts", "maps"])
    chat = library.chats.create(COMPARED)
    _answered(library, chat.id, FOUND, ("grounded",))
    _answered(library, chat.id, ABSTAINED, ())
    _answered(library, chat.id, HINTED, (), ignored=("period: 1893",))
    listed = _answered(library, chat.id, LISTED, ())
    _answered(library, chat.id, COMPARED, ("grounded", "ungrounded"))
    library.notes.add("Look this up again in the second edition.", answer_to_json(listed))
    library.notes.add("Ask the harbour master.")
    _examined(library)
    library.close()
    return chat.id


def _examined(library: Library) -> None:
    """Keep an exam with a right answer, and a wrong one from another document."""
    atlas, ships = library.document("atlas.pdf"), library.document("ships.pdf")
    items = [
        Item("figure", FOUND, FOUND, f"{n * 111}", atlas.id, atlas.name, n, (PageSpan(n, 0, 40),), (n,)) for n in (4, 7)
    ]
    right = Outcome(1, True, True, False, "The station counted barges.", atlas.id, atlas.name, 4)
    wrong = Outcome(None, False, False, False, "She is 47 years old.", ships.id, ships.name, 3)
    results = [Result(items[0], right, right), Result(items[1], wrong, wrong)]
    facts = {"seed": 1, "wanted": 2, "document": None, "asked": 2, "right": 1, "seconds": 1.0}
    rows = [(2 * n, result.item.document_id, result_to_json(result)) for n, result in enumerate(results)]
    Exams(library.catalog).add(1.7e9, facts, rows, most=9)


def _answered(
    library: Library, chat: str, question: str, readers: Sequence[ReaderName], *, ignored: Sequence[str] = ()
) -> Answer:
    """Ask, let the model write, and keep what was said in a chat as the page does."""
    answer = library.ask(question, ignored=ignored)
    written = library.write(question, answer.hits, readers=readers) if readers else {}
    payload: dict[str, Any] = {"answer": answer_to_json(answer)} | ({"ignored": [*ignored]} if ignored else {})
    for name, side in written.items():
        assert isinstance(side, Answer)
        payload[name] = answer_to_json(side)
    library.chats.append(chat, "user", question)
    library.chats.append(chat, "assistant", answer.text, payload)
    return answer
