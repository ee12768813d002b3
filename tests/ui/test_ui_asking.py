"""Questions are answered in a thread: in the documents' words first, then in a model's; the chat keeps it all."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from rag.answer.language import ModelChoice, SharedModel
from rag.index.chats import Exchange, exchanges
from rag.library import Library
from rag.records import answer_from_json
from rag.types import Answer, IsCancelled, ReaderName, Turn
from rag.writing import STOPPED
from tests.conftest import Parrot
from ui import shelf
from ui.asking import Plan, Question


class Held(Parrot):
    """A parrot that says one word, then waits until it is cancelled or may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        for piece in super().stream(turns, max_tokens=max_tokens, is_cancelled=is_cancelled):
            yield piece
            while not (self.may_go_on.is_set() or is_cancelled()):
                time.sleep(0.01)


BOTH: tuple[ReaderName, ...] = ("grounded", "ungrounded")


@pytest.fixture
def library(bench: shelf.Shelf, facts: Path) -> Library:
    library: Library = bench.place("default").library
    library.add(facts)
    return library


def asked(library: Library, text: str, plan: Plan, chat_id: str | None = None) -> tuple[Question, dict[str, object]]:
    """Ask, wait for all of it, and return the payload of the answer in the chat."""
    chat_id = chat_id or library.chats.create("x").id
    question = Question(library, chat_id, said(library, chat_id, text), plan=plan)
    assert question.wait(180)
    return question, library.chats.messages(chat_id)[-1].payload


def said(library: Library, chat_id: str, text: str) -> Exchange:
    """Write a question into a chat."""
    return Exchange(library.chats.append(chat_id, "user", text), None)


def answer_in(payload: dict[str, object], name: str) -> Answer:
    return answer_from_json(payload[name])  # type: ignore[arg-type]


def until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_question_writes_its_answer_into_the_chat(library: Library) -> None:
    _, payload = asked(library, "Where does the Danube rise?", Plan())
    assert answer_in(payload, "answer").claims[0].citations[0].page == 1
    assert "grounded" not in payload


def test_a_model_writes_after_the_documents_own_words_and_its_sentence_is_cited(library: Library) -> None:
    question, payload = asked(library, "How high is Mont Blanc?", Plan(readers=("grounded",)))
    assert question.has_footnotes
    written = answer_in(payload, "grounded")
    assert (written.reader, written.model) == ("grounded", "parrot")
    (claim,) = written.claims
    (citation,) = claim.citations
    assert claim.verdict == "verbatim"
    assert claim.text in " ".join(library.page("facts.pdf", citation.page).text.split())
    assert answer_in(payload, "answer").reader == "extractive"


def test_a_comparison_keeps_both_sides(library: Library) -> None:
    question, payload = asked(library, "Where does the Danube rise?", Plan(readers=BOTH))
    assert answer_in(payload, "ungrounded").text == Parrot.KNOWS
    assert answer_in(payload, "grounded").claims[0].citations
    assert set(question.drafts) == set(BOTH)


def test_where_the_documents_do_not_say_the_model_is_not_asked_to_write_from_them(library: Library) -> None:
    _, payload = asked(library, "zyzzyva quux plumbago?", Plan(readers=("grounded",)))
    assert answer_in(payload, "answer").abstained
    assert "grounded" not in payload
    _, payload = asked(library, "zyzzyva quux plumbago?", Plan(readers=BOTH))
    assert "grounded" not in payload
    assert answer_in(payload, "ungrounded").text == Parrot.KNOWS


def test_a_stopped_answer_keeps_what_was_written_and_says_so(library: Library) -> None:
    library.model = SharedModel("slow", Held)
    chat = library.chats.create("x")
    asks = said(library, chat.id, "Where does the Danube rise?")
    question = Question(library, chat.id, asks, plan=Plan(readers=("ungrounded",)))
    until(lambda: bool(question.drafts))
    question.stop()
    assert question.wait(180)
    written = answer_in(library.chats.messages(chat.id)[-1].payload, "ungrounded")
    assert written.note == STOPPED
    assert Parrot.KNOWS.startswith(written.text.rstrip("…"))


def test_a_second_question_waits_for_the_first_and_is_told_so(library: Library) -> None:
    model = Held()
    library.model = SharedModel("slow", lambda: model)
    chats = [library.chats.create("x") for _ in range(2)]
    questions = []
    for chat in chats:
        asks = said(library, chat.id, "Where does the Danube rise?")
        questions.append(Question(library, chat.id, asks, plan=Plan(readers=("ungrounded",))))
    until(lambda: any(question.step == "queued" and question.n_before == 1 for question in questions))
    model.may_go_on.set()
    assert all(question.wait(180) for question in questions)
    assert all("ungrounded" in library.chats.messages(chat.id)[-1].payload for chat in chats)


def test_a_model_that_cannot_be_loaded_leaves_the_documents_own_words_and_says_why(
    library: Library, tmp_path: Path
) -> None:
    library.model = ModelChoice(model=str(tmp_path / "no-such-model"))
    _, payload = asked(library, "Where does the Danube rise?", Plan(readers=("grounded",)))
    assert answer_in(payload, "answer").claims
    assert "no-such-model" in str(payload["model_error"])


def test_a_follow_up_is_completed_from_the_conversation(library: Library) -> None:
    chat = library.chats.create("x")
    asked(library, "How high is Mont Blanc?", Plan(), chat.id)
    _, payload = asked(library, "When was it first climbed?", Plan(), chat.id)
    assert payload["query"] == "When was Mont Blanc first climbed?"
    assert "1786" in answer_in(payload, "answer").text


def test_an_edited_question_is_looked_for_as_it_stands(library: Library) -> None:
    chat = library.chats.create("x")
    asked(library, "How high is Mont Blanc?", Plan(), chat.id)
    _, payload = asked(library, "Is it dry?", Plan(query="How dry is the Atacama?"), chat.id)
    assert answer_in(payload, "answer").question == "How dry is the Atacama?"


def test_an_answer_that_is_asked_for_again_takes_the_place_of_the_old_one(library: Library) -> None:
    chat = library.chats.create("x")
    asked(library, "How high is Mont Blanc?", Plan(), chat.id)
    (old,) = exchanges(library.chats.messages(chat.id))
    plan = Plan(readers=("grounded",), query="How high is Mont Blanc?")
    assert Question(library, chat.id, old, plan=plan).wait(180)
    (new,) = exchanges(library.chats.messages(chat.id))
    assert new.reply is not None
    assert old.reply is not None
    assert new.reply.id == old.reply.id
    assert "grounded" in new.reply.payload


def test_asking_again_in_vain_keeps_the_answer_and_says_why(library: Library) -> None:
    chat = library.chats.create("x")
    _, before = asked(library, "How high is Mont Blanc?", Plan(readers=("grounded",)), chat.id)
    library.remove("facts.pdf")
    (old,) = exchanges(library.chats.messages(chat.id))
    assert Question(library, chat.id, old, plan=Plan(readers=("grounded",), query="How high is Mont Blanc?")).wait(180)
    after = library.chats.messages(chat.id)[-1].payload
    assert after["answer"] == before["answer"]
    assert after["grounded"] == before["grounded"]
    assert "Add a PDF" in after["model_error"]


def test_asking_again_in_vain_of_the_model_keeps_what_it_wrote_before(library: Library, tmp_path: Path) -> None:
    chat = library.chats.create("x")
    _, before = asked(library, "How high is Mont Blanc?", Plan(readers=BOTH), chat.id)
    library.model = ModelChoice(model=str(tmp_path / "no-such-model"))
    (old,) = exchanges(library.chats.messages(chat.id))
    assert Question(library, chat.id, old, plan=Plan(readers=BOTH, query="How high is Mont Blanc?")).wait(180)
    after = library.chats.messages(chat.id)[-1].payload
    assert {name: after[name] for name in BOTH} == {name: before[name] for name in BOTH}
    assert "no-such-model" in after["model_error"]


def test_two_questions_in_one_chat_keep_their_own_answers(library: Library) -> None:
    library.model = SharedModel("slow", lambda: Parrot(pause_s=0.05))
    chat = library.chats.create("x")
    first = said(library, chat.id, "How high is Mont Blanc?")
    running = Question(library, chat.id, first, plan=Plan(readers=("ungrounded",)))
    second = said(library, chat.id, "How dry is the Atacama?")
    assert Question(library, chat.id, second, plan=Plan(), previous=running).wait(180)
    assert running.is_over
    said_to = {e.question.text: e.reply for e in exchanges(library.chats.messages(chat.id))}
    for question, reply in said_to.items():
        assert reply is not None
        assert answer_in(reply.payload, "answer").question == question


def test_a_request_without_passages_is_left_to_the_documents(library: Library) -> None:
    _, payload = asked(library, "How many pages does this document have?", Plan(readers=BOTH))
    assert answer_in(payload, "answer").text
    assert not payload.keys() & set(BOTH)


def test_a_question_to_an_empty_library_is_answered_with_what_to_do(bench: shelf.Shelf) -> None:
    _, payload = asked(bench.place("default").library, "Where?", Plan())
    assert "Add a PDF" in str(payload["error"])


def test_a_question_waits_for_the_files_that_were_dropped_with_it(
    bench: shelf.Shelf, facts: Path, tmp_path: Path
) -> None:
    place = bench.place("default")
    chat = place.library.chats.create("x")
    folder = tmp_path / "dropped"
    folder.mkdir()
    shutil.copy(facts, folder / "upload.pdf")
    upload = place.uploads.add(folder / "upload.pdf", "facts.pdf")
    asks = said(place.library, chat.id, "How high is Mont Blanc?")
    question = Question(place.library, chat.id, asks, after=[upload])
    assert question.wait(180)
    assert "4,806" in place.library.chats.messages(chat.id)[-1].text


def test_an_answer_to_a_deleted_chat_is_dropped(library: Library) -> None:
    chat = library.chats.create("x")
    asks = said(library, chat.id, "Where?")
    library.chats.delete(chat.id)
    question = Question(library, chat.id, asks)
    assert question.wait(180)
    assert question.problem is None
    assert library.chats.messages(chat.id) == []
