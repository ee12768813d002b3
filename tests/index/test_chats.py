from __future__ import annotations

import re

import pytest

from rag.errors import InputError
from rag.index.catalog import Catalog
from rag.index.chats import Chats, exchanges


@pytest.fixture
def chats(catalog: Catalog) -> Chats:
    return Chats(catalog)


def test_a_chat_has_twelve_characters_that_may_stand_in_an_address(chats: Chats) -> None:
    ids = {chats.create("Hello").id for _ in range(50)}
    assert len(ids) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{12}", id_) for id_ in ids)


def test_messages_come_back_in_order_with_their_payload(chats: Chats) -> None:
    chat = chats.create("Hello")
    asked = chats.append(chat.id, "user", "Why?")
    told = chats.append(chat.id, "assistant", "Because…", {"claims": [1, {"é": None}]})
    assert chats.messages(chat.id) == [asked, told]
    assert (asked.role, asked.payload, told.payload) == ("user", {}, {"claims": [1, {"é": None}]})
    chats.update(told.id, "Well, because.", {"done": True})
    last = chats.messages(chat.id)[-1]
    assert (last.id, last.text, last.payload) == (told.id, "Well, because.", {"done": True})


def test_the_chat_that_was_used_last_comes_first(chats: Chats) -> None:
    first, second = chats.create("first"), chats.create("second")
    assert [chat.title for chat in chats.list()] == ["second", "first"]
    chats.append(first.id, "user", "again")
    assert [chat.id for chat in chats.list()] == [first.id, second.id]
    chats.rename(second.id, "renamed")
    assert [chat.title for chat in chats.list()] == ["first", "renamed"]


def test_a_deleted_chat_takes_its_messages_along(chats: Chats, catalog: Catalog) -> None:
    chat, kept = chats.create("gone"), chats.create("kept")
    message = chats.append(chat.id, "user", "secret")
    chats.delete(chat.id)
    chats.delete(chat.id)
    assert [c.id for c in chats.list()] == [kept.id]
    assert chats.messages(chat.id) == []
    assert b"secret" not in catalog.file.read_bytes()
    for change in (lambda: chats.append(chat.id, "user", "x"), lambda: chats.rename(chat.id, "x")):
        with pytest.raises(InputError, match="no chat"):
            change()
    with pytest.raises(InputError, match="no message"):
        chats.update(message.id, "x", {})


def test_a_scope_is_kept_and_no_scope_is_not_an_empty_one(chats: Chats) -> None:
    chat = chats.create("Hello")
    assert chats.scope(chat.id) is None
    chats.set_scope(chat.id, ["a.pdf", "ü (2).pdf"])
    assert chats.scope(chat.id) == ("a.pdf", "ü (2).pdf")
    chats.set_scope(chat.id, [])
    assert chats.scope(chat.id) == ()
    chats.set_scope(chat.id, None)
    assert chats.scope(chat.id) is None


def test_chats_do_not_count_as_a_change_of_the_library(chats: Chats, catalog: Catalog) -> None:
    generation = catalog.generation()
    chats.append(chats.create("Hello").id, "user", "Why?")
    assert catalog.generation() == generation


def conversation(chats: Chats) -> tuple[str, list[int]]:
    """A chat about one document with two questions and their answers; its id and those of its messages."""
    chat = chats.create("Revenue")
    chats.set_scope(chat.id, ["a.pdf"])
    ids = []
    for question, answer in (("How much in 2018?", "$5"), ("And in 2019?", "$6")):
        ids.append(chats.append(chat.id, "user", question).id)
        ids.append(chats.append(chat.id, "assistant", answer, {"answer": answer}).id)
    return chat.id, ids


def test_a_branch_copies_what_was_said_before_a_message_and_leaves_the_old_chat_as_it_is(chats: Chats) -> None:
    old, ids = conversation(chats)
    before = chats.messages(old)
    branch = chats.branch(old, ids[2])
    copies = chats.messages(branch.id)
    assert [exchange.reply for exchange in exchanges(copies)] == [copies[1]]
    assert [(m.role, m.text, {k: v for k, v in m.payload.items() if k != "to"}, m.created) for m in copies] == [
        (m.role, m.text, m.payload, m.created) for m in before[:2]
    ]
    assert not {m.id for m in copies} & set(ids)
    assert (branch.title, chats.scope(branch.id)) == ("Revenue", ("a.pdf",))
    assert chats.list()[0] == branch
    assert chats.messages(old) == before
    chats.update(copies[1].id, "changed", {})
    chats.append(branch.id, "user", "And in 2020?")
    chats.delete(branch.id)
    assert chats.messages(old) == before


def test_a_branch_before_the_first_message_is_an_empty_chat(chats: Chats) -> None:
    old, ids = conversation(chats)
    assert chats.messages(chats.branch(old, ids[0]).id) == []


def test_a_branch_of_what_is_not_there_is_refused_and_makes_no_chat(chats: Chats) -> None:
    old, _ = conversation(chats)
    foreign = chats.append(chats.create("Other").id, "user", "Hello")
    n_chats = len(chats.list())
    with pytest.raises(InputError, match="no chat"):
        chats.branch("gone", foreign.id)
    with pytest.raises(InputError, match=f"no message {foreign.id}"):
        chats.branch(old, foreign.id)
    assert len(chats.list()) == n_chats


def test_a_chat_knows_how_many_messages_it_has(chats: Chats) -> None:
    old, _ = conversation(chats)
    assert (chats.count(old), chats.count(chats.create("Empty").id), chats.count("gone")) == (4, 0, 0)


def test_replies_are_paired_with_the_question_that_they_name_whatever_their_order(chats: Chats) -> None:
    chat = chats.create("x")
    first, second, third = (chats.append(chat.id, "user", text) for text in ("one?", "two?", "three?"))
    late = chats.append(chat.id, "assistant", "2", {"to": second.id})
    early = chats.append(chat.id, "assistant", "1", {"to": first.id})
    paired = [(exchange.question.text, exchange.reply) for exchange in exchanges(chats.messages(chat.id))]
    assert paired == [("one?", early), ("two?", late), ("three?", None)]
    branch = chats.branch(chat.id, third.id)
    copied = [(e.question.text, e.reply and e.reply.text) for e in exchanges(chats.messages(branch.id))]
    assert copied == [("one?", "1"), ("two?", "2")]
