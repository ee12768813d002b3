"""A library in which every kind of answer stands in a chat, with guides, tags and notes: for looking at whole pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.answer.language import SharedModel
from rag.library import Library
from rag.records import answer_to_json
from rag.types import Answer, ReaderName
from tests.conftest import Parrot
from tests.ui.served import make_book

FOUND = "How many barges did the station of Gorse count?"
COMPARED = "How deep is the harbour, and who kept the café beside the bridge of Elm, and for how long?"
LISTED = "On which pages are barges mentioned?"
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
    listed = _answered(library, chat.id, LISTED, ())
    _answered(library, chat.id, COMPARED, ("grounded", "ungrounded"))
    library.notes.add("Look this up again in the second edition.", answer_to_json(listed))
    library.notes.add("Ask the harbour master.")
    library.close()
    return chat.id


def _answered(library: Library, chat: str, question: str, readers: Sequence[ReaderName]) -> Answer:
    """Ask, let the model write, and keep what was said in a chat as the page does."""
    answer = library.ask(question)
    written = library.write(question, answer.hits, readers=readers) if readers else {}
    payload = {"answer": answer_to_json(answer)}
    for name, side in written.items():
        assert isinstance(side, Answer)
        payload[name] = answer_to_json(side)
    library.chats.append(chat, "user", question)
    library.chats.append(chat, "assistant", answer.text, payload)
    return answer
