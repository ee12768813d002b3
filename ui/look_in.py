"""Where a chat looks, chosen in the sidebar: documents, tags, days; and how relevant a passage must be."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from rag.errors import InputError
from rag.explain import is_near
from rag.index.chats import Message, exchanges
from rag.records import answer_from_json
from rag.types import Document, Hit
from ui import bound, scope, shelf
from ui.words import count_words, shortened

_STATE = st.session_state
_WIDTH = 300  # pixels


@dataclass(frozen=True, slots=True)
class Chosen:
    """Where to look."""

    slot: Any  # of the sidebar, for what belongs to it
    names: list[str] | None = None  # of documents, now; None: all
    scope: Sequence[str] = ()  # how they were chosen, as a chat keeps it


def look_in(place: shelf.Place, chat_id: str | None, documents: Sequence[Document]) -> Chosen:
    """Let the user choose where to look; nothing is shown where there is no choice."""
    readable = [document for document in documents if document.state in {"searchable", "ready"}]
    if len(readable) < 2:
        return Chosen(st.sidebar.container())
    tagged: dict[str, set[int]] = {}
    for key, tags in place.library.tags.by_document().items():
        for tag in tags:
            tagged.setdefault(tag, set()).add(key)
    options = [*(d.name for d in readable), *(scope.TAG + tag for tag in sorted(tagged, key=str.casefold))]
    stored = place.library.chats.scope(chat_id) if chat_id else _STATE.get("scope")
    known = {*options}
    since, until = scope.day_of(stored or (), scope.SINCE), scope.day_of(stored or (), scope.UNTIL)
    chosen = scope.with_days([choice for choice in stored or () if choice in known], since, until)
    keys = _Keys(place, chat_id)
    with st.sidebar:
        _STATE[keys.choices] = scope.without_days(chosen)
        st.multiselect(
            "Look in",
            options,
            key=keys.choices,
            placeholder=f"all {len(readable)} documents",
            format_func=_words,
            on_change=keys.keep,
        )
        slot = st.container(gap=None)
        _days(slot, keys, since, until)
        names = scope.names_of(chosen, readable, tagged)
        if names == []:
            st.warning("None of these documents was added then. Choose other days.")
    return Chosen(slot, names, chosen)


@dataclass(frozen=True, slots=True)
class _Keys:
    """The widgets of a chat's scope, and what they hold."""

    place: shelf.Place
    chat_id: str | None

    @property
    def choices(self) -> str:
        return f"scope-{self.place.slug}-{self.chat_id}"

    @property
    def since(self) -> str:
        return f"since-{self.place.slug}-{self.chat_id}"

    @property
    def until(self) -> str:
        return f"until-{self.place.slug}-{self.chat_id}"

    def keep(self) -> None:
        """Keep what is chosen with the chat; of a new one, until it begins."""
        days: tuple[date | None, date | None] = (_STATE.get(self.since), _STATE.get(self.until))
        chosen = scope.with_days(_STATE[self.choices], *days) or None
        if self.chat_id is None:
            _STATE["scope"] = chosen
        else:
            with contextlib.suppress(InputError):  # the chat was deleted meanwhile, which the next run says
                self.place.library.chats.set_scope(self.chat_id, chosen)

    def forget_days(self) -> None:
        """Look at documents of any day again."""
        _STATE[self.since] = _STATE[self.until] = None
        self.keep()


def _days(slot: Any, keys: _Keys, since: date | None, until: date | None) -> None:
    _STATE[keys.since], _STATE[keys.until] = since, until
    said = scope.days_words(since, until)
    with slot, st.popover(said, icon=":material/event:", type="tertiary", key=f"days-{keys.since}"):
        st.date_input("Added on this day or later", key=keys.since, format="YYYY-MM-DD", on_change=keys.keep)
        st.date_input("Added on this day or earlier", key=keys.until, format="YYYY-MM-DD", on_change=keys.keep)
        if since or until:
            st.button("Any time", key=f"any-{keys.since}", on_click=keys.forget_days)


def threshold(slot: Any, messages: Sequence[Message]) -> None:
    """Show how relevant a passage must be to be read, and how many of those found for the newest answer are.

    Args:
        slot: where in the sidebar.
    """
    least, hits = shelf.current().settings().threshold, _newest(messages)
    n_near = sum(is_near(hit, least) for hit in hits)
    counted = f" · {n_near} of {len(hits)}" if hits else ""
    bound.news()
    said = f"Relevant from {least:.2f}{counted}"
    with (
        slot,
        st.popover(said, icon=":material/target:", type="tertiary", key="threshold"),
        st.container(width=_WIDTH),
    ):
        bound.slider("threshold", "How relevant a passage must be", 0.05)
        if hits:
            are = "is" if n_near == 1 else "are"
            st.caption(
                f"Of the {count_words(len(hits), 'passage')} found for the newest answer, {n_near} {are} at least so "
                "relevant. Ask it again to answer from these alone."
            )
        st.caption(
            "Relevance is how probably a passage answers, or its similarity where that is not known. At 0, whatever is "
            "found is read. It counts for all questions from now on."
        )


def _newest(messages: Sequence[Message]) -> tuple[Hit, ...]:
    """Return the hits of the newest answer."""
    said = exchanges(messages)
    reply = said[-1].reply if said else None
    answer = None if reply is None else reply.payload.get("answer")
    return () if answer is None else answer_from_json(answer).hits


def _words(choice: str) -> str:
    tagged = choice.removeprefix(scope.TAG)
    return shortened(choice, 40) if tagged == choice else f"all tagged {shortened(tagged, 30)}"
