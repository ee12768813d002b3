"""Shows a conversation: questions, answers in the documents' words and in a model's, and what can be done with each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from rag.answer.contrast import unsupported_parts, verdict_line
from rag.index.chats import Message
from rag.records import answer_from_json
from rag.types import Answer
from ui import answers, keeping
from ui.asking import Question
from ui.markdown import plain
from ui.talk import Exchange, Talk, again, ask, compare, exchanges
from ui.watching import still_running, watch
from ui.words import count_words, shortened

SHOWN = 12  # exchanges, from the newest, that are shown at once
SHOWN_HITS = 6  # of them, those whose unused passages can be opened
_STATE = st.session_state


def conversation(talk: Talk, messages: Sequence[Message]) -> dict[str, answers.Cite]:
    """Show a chat; return all its footnotes."""
    running = still_running(talk)
    said = exchanges(messages)
    shown = _latest(said)
    cites: dict[str, answers.Cite] = {}
    there, older = {document.id for document in talk.documents}, talk.place.library.older_versions()
    for i, exchange in enumerate(shown):
        is_last = i == len(shown) - 1
        is_running = running is not None and _is_about(running, exchange, is_last=is_last)
        _question(talk, exchange, is_idle=running is None)
        if exchange.reply is not None:
            shelf_now = _Now(there, older, shows_hits=len(shown) - i <= SHOWN_HITS, is_running=is_running)
            cites |= _reply(exchange, shelf_now)
        if running is not None and is_running:
            watch(running, exchange)
        elif exchange.reply is not None and "answer" in exchange.payload:
            _tools(talk, exchange, is_idle=running is None)
    return cites


def _latest(said: Sequence[Exchange]) -> Sequence[Exchange]:
    """Return the exchanges to show: the newest, and more when they were asked for."""
    n_more = len(said) - _STATE.setdefault("exchanges", SHOWN)
    if n_more <= 0:
        return said
    label = f"Show {count_words(n_more, 'earlier question')}"
    if st.button(label, type="tertiary", icon=":material/expand_less:", key="earlier"):
        _STATE["exchanges"] = len(said)
        st.rerun()
    return said[n_more:]


def _is_about(running: Question, exchange: Exchange, *, is_last: bool) -> bool:
    if exchange.reply is None or running.message_id is None:  # the answer comes in between two looks
        return is_last
    return running.message_id == exchange.reply.id


# -------------------------------------------------------------------------------------------------- one exchange


def _question(talk: Talk, exchange: Exchange, *, is_idle: bool) -> None:
    """Show a question, what was looked for where that differs, and the way to ask it differently."""
    message = exchange.question
    with st.container(horizontal=True, wrap=False, gap="small", key=f"question-{message.id}", vertical_alignment="top"):
        st.html(answers.question_html(message.text, query=exchange.payload.get("query")))
        if exchange.reply is not None and is_idle:
            with st.popover(
                "", icon=":material/edit:", type="tertiary", key=f"edit-{message.id}", help="Ask it again, changed"
            ):
                _edit(talk, exchange)


def _edit(talk: Talk, exchange: Exchange) -> None:
    with st.form(f"edit-form-{exchange.question.id}", border=False):
        text = st.text_area("What to look for", exchange.query, key=f"edited-{exchange.question.id}", height=90)
        st.caption("The conversation so far is copied to a new chat, and goes on there with this question.")
        if st.form_submit_button("Ask", type="primary") and text.strip() and talk.chat_id is not None:
            chats = talk.place.library.chats
            branch = chats.branch(talk.chat_id, exchange.question.id)
            chats.rename(branch.id, shortened(text, 80))
            ask(Talk(talk.place, branch.id, talk.documents, talk.names, talk.settings), text, query=text)
            st.rerun()


@dataclass(frozen=True, slots=True)
class _Now:
    """What an answer's footnotes meet now: ids of the documents there are, those that gave way to newer versions."""

    there: set[str]
    older: Mapping[str, str]
    shows_hits: bool  # whether passages that were not used can be opened
    is_running: bool  # whether a model writes at this very answer


def _reply(exchange: Exchange, now: _Now) -> dict[str, answers.Cite]:
    """Show the answers to a question; return their footnotes."""
    reply, payload = exchange.reply, exchange.payload
    assert reply is not None
    if "answer" not in payload:
        st.html(answers.error_html(reply.text))
        return {}
    answer = answer_from_json(payload["answer"])
    notes = answers.footnotes(answer, reply.id, documents=now.there, older=now.older)
    st.html(notes.answer)
    cites = {name: cite for name, cite in notes.cites.items() if cite["n"] or answer.abstained or now.shows_hits}
    if notes.n_unused and now.shows_hits:
        with st.expander(f"{plain(answers.summary(answer))} · {notes.n_unused} not used", type="compact"):
            st.html(notes.unused)
    else:
        st.caption(plain(answers.summary(answer)))
    if now.is_running:
        return cites
    cites |= _written(exchange, answer, now)
    if "model_error" in payload:
        st.html(answers.error_html(f"No answer in a model's words: {payload['model_error']}"))
    return cites


def _written(exchange: Exchange, found: Answer, now: _Now) -> dict[str, answers.Cite]:
    """Show what a model wrote: from the documents, and, in a comparison, without them beside it."""
    payload, reply = exchange.payload, exchange.reply
    assert reply is not None
    grounded = answer_from_json(payload["grounded"]) if "grounded" in payload else None
    if "ungrounded" not in payload:
        return {} if grounded is None else _grounded(grounded, reply.id, now, is_compared=False)
    ungrounded = answer_from_json(payload["ungrounded"])
    left, right = st.columns(2, gap="small", border=True)
    with left:
        cites = _grounded(grounded, reply.id, now, is_compared=True)
    with right:
        _ungrounded(ungrounded, found)
    st.html(answers.verdict_html(verdict_line(grounded or found, ungrounded, found.hits)))
    return cites


def _grounded(written: Answer | None, reply_id: int, now: _Now, *, is_compared: bool) -> dict[str, answers.Cite]:
    if written is None:
        st.html(answers.label_html("With your documents"))
        st.html(answers.error_html("The documents do not say, so that nothing was written from them."))
        return {}
    notes = answers.footnotes(written, f"{reply_id}w", documents=now.there, older=now.older)
    if not notes.cites and not is_compared and not written.abstained:
        with st.expander(
            f"What {plain(written.model or 'the model')} wrote is supported by no passage", type="compact"
        ):
            st.html(notes.answer)
        return {}
    st.html(answers.label_html(f"In the words of {written.model}, from your documents"))
    st.html(notes.answer)
    return notes.cites


def _ungrounded(written: Answer, found: Answer) -> None:
    st.html(answers.label_html(f"{written.model} alone, without your documents"))
    st.html(answers.ungrounded_html(written, unsupported_parts(written.text, found.hits, question=found.question)))


def _tools(talk: Talk, exchange: Exchange, *, is_idle: bool) -> None:
    """Show what can be done with an answer."""
    reply = exchange.reply
    assert reply is not None
    payload = exchange.payload
    with st.container(horizontal=True, gap="small", key=f"tools-{reply.id}"):
        answer = answer_from_json(payload["answer"])
        keeping.copy_button(answer, key=f"copy-{reply.id}")
        keeping.pin_button(talk.place, answer, key=f"pin-{reply.id}", question=exchange.question.text)
        if not is_idle:
            return
        if talk.has_model and talk.settings.compare and "ungrounded" not in payload:
            st.button(
                "Compare",
                icon=":material/compare:",
                type="tertiary",
                key=f"compare-{reply.id}",
                help="What the same model says without your documents",
                on_click=compare,
                args=(talk, exchange),
            )
        st.button(
            "Again",
            icon=":material/refresh:",
            type="tertiary",
            key=f"again-{reply.id}",
            help="Look and write again, with the documents and settings of now",
            on_click=again,
            args=(talk, exchange),
        )
