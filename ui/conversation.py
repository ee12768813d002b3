"""Shows a conversation: questions, answers in the documents' words and in a model's, and what can be done with each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from rag.index.chats import Exchange, Message, exchanges
from rag.records import answer_from_json
from rag.types import Answer
from ui import answers, keeping
from ui.asking import Question, can_compare
from ui.cites import Cite
from ui.hints import show_understood
from ui.markdown import plain
from ui.talk import Talk, again, branch, compare, query_of
from ui.watching import watch
from ui.words import count_words
from ui.written import Now, show_written

SHOWN = 12  # exchanges, from the newest, that are shown at once
SHOWN_HITS = 6  # of them, those whose unused passages can be opened
_STATE = st.session_state


def conversation(talk: Talk, messages: Sequence[Message], running: Question | None) -> dict[str, Cite]:
    """Show a chat; return all its footnotes.

    Args:
        messages: as they were after `running` was looked for, so that nothing is missing when it is None.
        running: the question that is being answered.
    """
    said = exchanges(messages)
    shown = _latest(said)
    cites: dict[str, Cite] = {}
    there, older = {document.id for document in talk.documents}, talk.place.library.older_versions()
    pinned = talk.place.library.notes.sources()
    for i, exchange in enumerate(shown):
        is_running = running is not None and running.asked.question.id == exchange.question.id
        answer = _answer_of(exchange)
        _question(talk, exchange, is_idle=running is None)
        if answer is not None:
            show_understood(talk, exchange, answer.understood, is_idle=running is None)
        shows_hits = len(shown) - i <= SHOWN_HITS
        now = Now(talk.place, there, older, shows_hits=shows_hits, is_running=is_running, pinned=pinned)
        if answer is not None:
            cites |= _reply(exchange, answer, now)
        elif exchange.reply is not None:
            st.html(answers.error_html(exchange.reply.text))
        if running is not None and is_running:
            watch(running, exchange)
        elif answer is not None:
            _tools(talk, exchange, answer, now, is_idle=running is None)
        elif running is None:
            _ask_again(talk, exchange)
        elif exchange.reply is None:
            st.status(":shimmer[Looking through the pages]", type="compact")
    return cites


def _answer_of(exchange: Exchange) -> Answer | None:
    """Return the answer in the documents' own words; None when there is none, or an error in its place."""
    if exchange.reply is None or "answer" not in exchange.reply.payload:
        return None
    return answer_from_json(exchange.reply.payload["answer"])


def _ask_again(talk: Talk, exchange: Exchange) -> None:
    """Offer to answer a question that has no answer: the program ended meanwhile, or there was an error."""
    if exchange.reply is None:
        st.html(answers.error_html("This question was not answered: the program ended meanwhile, or it was stopped."))
    key = f"again-{exchange.question.id}-unanswered"
    st.button("Ask again", icon=":material/refresh:", type="tertiary", key=key, on_click=again, args=(talk, exchange))


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


# -------------------------------------------------------------------------------------------------- one exchange


def _question(talk: Talk, exchange: Exchange, *, is_idle: bool) -> None:
    """Show a question, what was looked for where that differs, and the way to ask it differently."""
    message, payload = exchange.question, {} if exchange.reply is None else exchange.reply.payload
    with st.container(horizontal=True, wrap=False, gap="small", key=f"question-{message.id}", vertical_alignment="top"):
        st.html(answers.question_html(message.text, query=payload.get("query")))
        if exchange.reply is not None and is_idle:
            label = "Ask it again, changed"  # for screen readers: the eye sees the pencil
            with st.popover(label, icon=":material/edit:", type="tertiary", key=f"edit-{message.id}", help=label):
                _edit(talk, exchange)


def _edit(talk: Talk, exchange: Exchange) -> None:
    with st.form(f"edit-form-{exchange.question.id}", border=False):
        text = st.text_area("What to look for", query_of(exchange), key=f"edited-{exchange.question.id}", height=90)
        st.caption("The conversation so far is copied to a new chat, and goes on there with this question.")
        if st.form_submit_button("Ask", type="primary") and text.strip():
            branch(talk, exchange, text)
            st.rerun()


def _reply(exchange: Exchange, answer: Answer, now: Now) -> dict[str, Cite]:
    """Show the answers to a question, in the documents' own words and in a model's; return their footnotes."""
    reply = exchange.reply
    assert reply is not None
    payload = reply.payload
    notes = answers.footnotes(answer, reply.id, documents=now.there, older=now.older, paper_at=now.paper_at)
    st.html(notes.answer)
    cites = {name: cite for name, cite in notes.cites.items() if cite["n"] or answer.abstained or now.shows_hits}
    if notes.why and now.shows_hits:
        unused = f" · {notes.n_unused} not used" if notes.n_unused else ""
        with st.expander(f"Why these passages? {plain(answers.summary(answer))}{unused}", type="compact"):
            st.html(notes.why)
    else:
        st.caption(plain(answers.summary(answer)))
    if now.is_running:
        return cites
    cites |= show_written(exchange, answer, now)
    if "model_error" in payload:
        st.html(answers.error_html(f"No answer in a model's words: {payload['model_error']}"))
    return cites


def _tools(talk: Talk, exchange: Exchange, answer: Answer, now: Now, *, is_idle: bool) -> None:
    """Show what can be done with an answer."""
    reply = exchange.reply
    assert reply is not None

    def tool(label: str, icon: str, what: str, act: Callable[[Talk, Exchange], None]) -> None:
        key = f"{label.lower()}-{reply.id}"
        st.button(label, icon=icon, type="tertiary", key=key, help=what, on_click=act, args=(talk, exchange))

    with st.container(horizontal=True, gap="small", key=f"tools-{reply.id}"):
        keeping.copy_button(answer, key=f"copy-{reply.id}")
        asked = exchange.question.text
        keeping.pin_button(talk.place, answer, key=f"pin-{reply.id}", question=asked, pinned=now.pinned)
        keeping.pages_button(talk.place, answer, key=f"pages-{reply.id}", there=now.there, question=asked)
        if not is_idle:
            return
        can = talk.has_model and talk.settings.compare and can_compare(reply.payload["answer"])
        if can and "ungrounded" not in reply.payload:
            tool("Compare", ":material/compare:", "What the same model says without your documents", compare)
        tool("Again", ":material/refresh:", "Look and write again, with the documents and settings of now", again)
