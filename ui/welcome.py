"""What a chat shows before its first question: what the library is, a guide to a document, questions to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from rag.places import SAMPLE
from rag.sample import sample_questions
from rag.types import Document
from ui.cites import Cite
from ui.drop import drop_zone
from ui.guide import guide_html
from ui.markdown import plain
from ui.model_section import privacy_words
from ui.talk import Talk, ask
from ui.words import count_words, shortened, welcome_words

MAX_CHOICES = 60  # documents whose guide can be chosen here; the Library reaches all
_STATE = st.session_state


def welcome(talk: Talk) -> dict[str, Cite]:
    """Show what to begin with; return the footnotes of the guide."""
    readable = [document for document in talk.documents if document.state in {"searchable", "ready"}]
    with st.container(key="welcome"):
        if not talk.documents:
            _empty(talk)
            return {}
        if talk.place.key == SAMPLE:
            title = "Ask a book, and see where it says so."
            text = (
                f"This sample is {readable[0].title or 'a primer'}, {count_words(readable[0].n_pages, 'page')}. "
                if readable
                else ""
            ) + "Every sentence of an answer has a footnote; click one, and the page opens at the very line."
        else:
            title, text = "What would you like to know?", welcome_words(talk.documents)
        st.html(f'<div class="fn-welcome"><h1>{escape(title)}</h1><p>{escape(text)}</p></div>')
        if talk.place.key == SAMPLE:
            _suggest(talk, [question.question for question in sample_questions() if question.suggested])
        return _guide(talk, readable)


def _guide(talk: Talk, readable: Sequence[Document]) -> dict[str, Cite]:
    """Show the guide to the newest of the documents looked in, or to the one that is chosen."""
    scope = [d for d in readable if d.state == "ready" and (not talk.names or d.name in talk.names)][::-1]
    if not scope:
        return {}
    document = _chosen(scope[:MAX_CHOICES])
    guide = talk.place.library.guide(document.id)
    talk.place.guides.wake(document.id)
    if guide is None:
        if talk.place.guides.is_coming(document):
            _wait_for_guide(talk, document)
        return {}
    if guide.questions and talk.place.key != SAMPLE:
        _suggest(talk, [question.text for question in guide.questions], documents=[document.name])
    shown, cites = guide_html(guide, document)
    with st.container(key="guide"):
        st.html(shown)
    return cites


def _chosen(scope: Sequence[Document]) -> Document:
    if len(scope) == 1:
        return scope[0]
    names = {document.id: document.name for document in scope}
    if _STATE.get("guided") not in names:
        _STATE["guided"] = scope[0].id
    wanted = st.selectbox(
        "A guide to", list(names), key="guided", format_func=lambda id_: shortened(names[id_], 60), width=420
    )
    return next(document for document in scope if document.id == wanted)


def _wait_for_guide(talk: Talk, document: Document) -> None:
    @st.fragment(run_every=1.0)
    def watch() -> None:
        if not talk.place.guides.is_coming(document):
            st.rerun()
        st.status(f":shimmer[Making a guide to {plain(shortened(document.name, 50))}]", type="compact")

    watch()


def _suggest(talk: Talk, questions: Sequence[str], *, documents: Sequence[str] | None = None) -> None:
    """Offer questions that the documents answer."""
    chosen = st.pills("Try one of these", questions, format_func=plain, key="suggested", label_visibility="collapsed")
    if chosen:
        names = talk.names or documents if len(talk.documents) > 1 else talk.names
        ask(Talk(talk.place, None, talk.documents, names, talk.settings), chosen)
        st.rerun()


def _privacy(talk: Talk) -> str:
    server = talk.settings.server
    return privacy_words(server) if server else "Nothing leaves this computer."


def _empty(talk: Talk) -> None:
    st.html(
        '<div class="fn-welcome"><h1>Drop in a PDF. Ask it anything.</h1>'
        "<p>Every sentence of an answer carries a footnote to the exact line of the page. "
        f"{escape(_privacy(talk))}</p></div>"
    )
    drop_zone(talk.place)
