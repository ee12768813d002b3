"""Which documents the Library page lists, in which order. The first half is pure; the second asks the user."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rag.types import Document
from ui.markdown import plain
from ui.words import count_words

PER_PAGE = 40  # documents
FEW = 6  # that many need no bar
MAX_PILLS = 16  # tags; more are chosen from a list
_STATE = st.session_state
_DIGITS = re.compile(r"(\d+)")
_URGENCY = {"failed": 0, "reading": 1, "searchable": 2, "ready": 3}

Tags = Mapping[int, Sequence[str]]  # by the document's key


def natural(text: str) -> list[tuple[int, str]]:
    """Return what sorts "report 9" before "report 10", and capitals among small letters."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(text.casefold())]


ORDERS: dict[str, Callable[[Document], Any]] = {
    "Newest first": lambda d: (-d.added, -d.key),
    "Name": lambda d: natural(d.name),
    "Title": lambda d: (natural(d.title or d.name), natural(d.name)),
    "Most pages": lambda d: (-d.n_pages, natural(d.name)),
    "Largest file": lambda d: (-d.n_bytes, natural(d.name)),
    "State": lambda d: (_URGENCY[d.state], natural(d.name)),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants to see."""

    order: str = "Newest first"
    words: str = ""  # all must occur in name, title, author or tags
    tags: tuple[str, ...] = ()  # all must be there


def chosen(documents: Sequence[Document], tags: Tags, wish: Wish) -> list[Document]:
    """Return the documents to list, in order."""
    wanted = wish.words.casefold().split()
    found = [
        document
        for document in documents
        if set(wish.tags) <= set(tags.get(document.key, ()))
        and all(word in _searched(document, tags) for word in wanted)
    ]
    return sorted(found, key=ORDERS[wish.order])


def _searched(document: Document, tags: Tags) -> str:
    parts = (document.name, document.title, document.author or "", *(f"#{tag}" for tag in tags.get(document.key, ())))
    return " ".join(parts).casefold()


def page_of_list(found: Sequence[Document]) -> Sequence[Document]:
    """Show which page of a long list is seen; return what is on it."""
    n_pages = -(-len(found) // PER_PAGE)
    if n_pages < 2:
        return found
    number = st.pagination(n_pages, key="library-page")
    return found[(number - 1) * PER_PAGE : number * PER_PAGE]


def ask_wish(n_documents: int, counts: Mapping[str, int]) -> Wish:
    """Let the user filter and sort; nothing is asked where there is little to choose from."""
    if n_documents <= FEW and not counts:
        return Wish()
    with st.container(key="library-bar", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            words = st.text_input(
                "Filter", placeholder="Filter by name, title or tag", label_visibility="collapsed", key="library-words"
            )
            order = st.selectbox("Sort by", list(ORDERS), key="library-order", label_visibility="collapsed", width=170)
        return Wish(order or "Newest first", words, _ask_tags(counts))


def _ask_tags(counts: Mapping[str, int]) -> tuple[str, ...]:
    if not counts:
        return ()

    def shown(tag: str) -> str:
        return f"{tag} ({counts.get(tag, 0)})"

    if len(counts) > MAX_PILLS:
        many = st.multiselect(
            "Tags",
            list(counts),
            format_func=shown,
            key="library-many-tags",
            placeholder="Filter by tags",
            label_visibility="collapsed",
        )
        return tuple(many)
    few = st.pills(
        "Tags",
        list(counts),
        selection_mode="multi",
        format_func=lambda tag: plain(shown(tag)),
        key="library-tags",
        label_visibility="collapsed",
    )
    return tuple(few)


def found_words(n_found: int, n_all: int) -> str:
    """Return how many of the documents are listed."""
    return f"{n_found:,} of {count_words(n_all, 'document')}"
