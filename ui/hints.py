"""What a question was taken to mean, as chips below it. Each can be taken away, which answers anew, and put back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rag.explain import hint_words
from rag.index.chats import Exchange
from rag.retrieve.ignoring import WORD, is_ignored, key_of_word
from rag.types import Expansion, Understood
from ui.markdown import plain
from ui.talk import Talk, ignored_of, leave_out, put_back
from ui.words import shortened

MAX_CHIP = 48  # characters
MAX_ALSO = 4  # expansions that are named
_WHY = {"acronym": "as the documents explain it", "form": "another form of it", "meaning": "close in meaning"}


def show_understood(talk: Talk, exchange: Exchange, understood: Understood | None, *, is_idle: bool) -> None:
    """Show what a question was taken to mean, and what of it was taken away.

    Args:
        is_idle: whether it may be answered again now.
    """
    ignored = ignored_of(exchange)
    if understood is None or not (understood.hints or understood.repaired or understood.expansions or ignored):
        return
    n = exchange.question.id
    with st.container(key=f"understood-{n}", gap="xsmall"):
        hints = [hint for hint in understood.hints if not is_ignored(hint, ignored)]
        left_out = [key for key in ignored if not key.startswith(WORD)]
        if hints or left_out:
            with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"hints-{n}"):
                st.caption("Understood" if hints else "Left out", width="content")
                for hint in hints:
                    said = f"From \u201c{hint.said}\u201d: such passages come first. Take it away to answer without it."
                    _chip(talk, exchange, hint_words(hint), hint.key, said, leave_out, is_idle=is_idle)
                for key in left_out:
                    said = "Left out. Put it back to answer with it again."
                    _chip(talk, exchange, key.partition(": ")[2] or key, key, said, put_back, is_idle=is_idle)
        for typed, searched in understood.repaired:
            said = f"Searched for **{plain(searched)}** instead of {plain(typed)}."
            _offer(talk, exchange, said, f"Search for {plain(typed)}", key_of_word(typed), leave_out, is_idle=is_idle)
        for key in ignored:
            if key.startswith(WORD):
                typed = plain(key.removeprefix(WORD))
                said = f"Searched for **{typed}**, as typed."
                _offer(talk, exchange, said, "Let it be corrected", key, put_back, is_idle=is_idle)
        if understood.expansions:
            st.caption(f"Looked for besides: {'; '.join(map(_also, understood.expansions[:MAX_ALSO]))}.")


Act = Callable[[Talk, Exchange, str], None]


def _chip(talk: Talk, exchange: Exchange, text: str, key: str, said: str, act: Act, *, is_idle: bool) -> None:
    """Show a chip. What it does is said to those who hear it, and is a sign to those who see it."""
    takes_away = act is leave_out
    verb = "Without" if takes_away else "Put back"
    st.button(
        f"*{verb}* {plain(shortened(text, MAX_CHIP))}",
        key=f"{'hint' if takes_away else 'left'}-{exchange.question.id}-{key}",
        icon=":material/close:" if takes_away else ":material/undo:",
        icon_position="right",
        help=plain(said),
        on_click=act,
        args=(talk, exchange, key),
        disabled=not is_idle,
    )


def _offer(talk: Talk, exchange: Exchange, said: str, label: str, key: str, act: Act, *, is_idle: bool) -> None:
    """Show what was searched for, with the way to have it otherwise. `said` and `label` are markdown."""
    with st.container(
        horizontal=True, gap="small", vertical_alignment="center", key=f"offer-{exchange.question.id}-{key}"
    ):
        st.markdown(f":small[{said}]", width="content")
        st.button(
            f":small[{label}]",
            key=f"word-{exchange.question.id}-{key}",
            type="tertiary",
            on_click=act,
            args=(talk, exchange, key),
            disabled=not is_idle,
        )


def _also(expansion: Expansion) -> str:
    also = ", ".join(plain(shortened(text, MAX_CHIP)) for text in expansion.also)
    return f"{also} ({plain(expansion.said)}, {_WHY[expansion.why]})"
