"""Watches a question on its way to its answers: what is being done, what has been written so far, and Stop."""

from __future__ import annotations

import streamlit as st

from rag.index.chats import Exchange
from rag.types import ReaderName
from ui import answers, sidebar
from ui.asking import Question
from ui.markdown import plain
from ui.talk import Talk
from ui.words import count_words, shortened

ALONE = "In a model’s words, from your documents"
SIDES: dict[ReaderName, str] = {
    "extractive": "The documents’ own words",
    "grounded": "With your documents",
    "ungrounded": "Without them",
    "other": "Another model, with your documents",
}


def still_running(talk: Talk) -> Question | None:
    """Return the question of this chat that is being answered; None when there is none, or all is in the chat now."""
    running = talk.place.questions.get(talk.chat_id or "")
    if running is not None and running.is_over:
        talk.place.questions.pop(talk.chat_id or "", None)
        _light_first(running)
        if running.problem:
            st.toast(plain(f"The answer could not be kept: {running.problem}"), duration="long")
        return None
    return running


def watch(running: Question, exchange: Exchange) -> None:
    """Watch a question until its answers are in the chat; light up its first footnote as soon as there is one."""
    has_reply = exchange.reply is not None and running.message_id is not None
    step = running.step
    if has_reply:
        _light_first(running)

    @st.fragment(run_every=0.15)
    def look() -> None:
        has_come = not has_reply and running.step in {"queued", "writing"}
        if running.is_over or has_come or (step == "waiting" and running.step != "waiting"):
            st.rerun()  # what is in the chat now is shown by the page
        with st.container():  # in the place that the answer takes when it is done, so that no line moves then
            if running.drafts:
                _drafts(running)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if running.step != "looking":
                st.button(
                    "Stop",
                    icon=":material/stop_circle:",
                    key="stop",
                    on_click=running.stop,
                    disabled=running.is_stopped(),
                )
            _status(running)

    look()


def _status(running: Question) -> None:
    upload = running.waits_for()
    if running.step == "waiting" and running.previous is not None:
        said = "Waiting for the question before"
    elif upload is not None:
        said = f"Waiting until {plain(shortened(upload.name, 50))} can be searched"
    elif running.step == "queued":
        said = (
            f"Waiting: {count_words(running.n_before, 'answer')} before this one"
            if running.n_before
            else "The model is reading the passages"
        )
    elif running.step == "writing":
        said = "Writing"
    else:
        said = "Looking through the pages"
    st.status(f":shimmer[{said}]", type="compact")


def _drafts(running: Question) -> None:
    """Show what has been written so far, both sides of a comparison beside each other."""
    pair = running.plan.pair
    if pair is None:
        for name in running.drafts:
            st.html(answers.label_html(ALONE))
            st.html(answers.draft_html(running.drafts[name].text))
        return
    for column, name in zip(st.columns(2, gap="small", border=True), pair, strict=True):
        with column:
            st.html(answers.label_html(SIDES[name]))
            draft = running.drafts.get(name)
            if name in running.plan.readers:
                st.html(answers.draft_html(draft.text if draft else ""))
            else:
                st.html(answers.error_html("It stands above already."))


def _light_first(running: Question) -> None:
    """Light up the first footnote of an answer when it comes, once; none when it has none."""
    if running.message_id is not None and not running.is_lit:
        running.is_lit = True
        sidebar.want(cite=f"{running.message_id}-1" if running.has_footnotes else None)
