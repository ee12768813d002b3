"""What a language model wrote to a question: from the documents, and, in a comparison, without them beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from rag.answer.contrast import unsupported_parts, verdict_line
from rag.index.chats import Exchange
from rag.records import answer_from_json
from rag.types import Answer
from rag.writing import STOPPED
from ui import answers, keeping, shelf
from ui.cites import Cite
from ui.markdown import plain


@dataclass(frozen=True, slots=True)
class Now:
    """What an answer meets now: ids of the documents there are, and of those that gave way to newer versions."""

    place: shelf.Place
    there: set[str]
    older: Mapping[str, str]
    shows_hits: bool  # whether passages that were not used can be opened
    is_running: bool  # whether a model writes at this very answer
    pinned: Mapping[str, int]  # what `Notes.sources` says

    def paper_at(self, document_id: str) -> str:
        """Return the address that the pages of a document are served under."""
        return shelf.current().paper(self.place, document_id)


def show_written(exchange: Exchange, found: Answer, now: Now) -> dict[str, Cite]:
    """Show the answers in a model's words; return their footnotes.

    Args:
        found: the answer in the documents' own words.
    """
    reply = exchange.reply
    if reply is None:
        return {}
    grounded = answer_from_json(reply.payload["grounded"]) if "grounded" in reply.payload else None
    if "ungrounded" not in reply.payload:
        return {} if grounded is None else _alone(grounded, found, exchange, now)
    ungrounded = answer_from_json(reply.payload["ungrounded"])
    left, right = st.columns(2, gap="small", border=True)
    with left:
        cites = _grounded(grounded, found, exchange, now)
    with right:
        st.html(answers.label_html(f"{ungrounded.model} alone, without your documents"))
        unknown = unsupported_parts(ungrounded.text, found.hits, question=found.question)
        st.html(answers.ungrounded_html(ungrounded, unknown))
        _keep(ungrounded, exchange, now, f"{reply.id}u")
    both = grounded or (found if found.abstained else None)
    if both is not None and STOPPED not in {both.note, ungrounded.note}:
        st.html(answers.verdict_html(verdict_line(both, ungrounded, found.hits)))
    table, of_table = answers.claim_table(ungrounded, f"{reply.id}u", documents=now.there, older=now.older)
    if table:
        st.html(table)
    return cites | of_table


def _alone(written: Answer, found: Answer, exchange: Exchange, now: Now) -> dict[str, Cite]:
    """Show an answer below the documents' own words; folded away when nothing of it is supported.

    One that was stopped stays where the reader saw it grow.
    """
    if any(claim.citations for claim in written.claims) or written.abstained or STOPPED in (written.note or ""):
        return _grounded(written, found, exchange, now)
    label = f"What {plain(written.model or 'the model')} wrote is supported by no passage"
    with st.expander(label, type="compact"):
        return _grounded(written, found, exchange, now)


def _grounded(written: Answer | None, found: Answer, exchange: Exchange, now: Now) -> dict[str, Cite]:
    if written is None:
        st.html(answers.label_html("With your documents"))
        why = "The documents do not say, so that" if found.abstained else "For the reason below,"
        st.html(answers.error_html(f"{why} nothing was written from them."))
        return {}
    key = f"{exchange.reply.id if exchange.reply else 0}w"
    st.html(answers.label_html(f"In the words of {written.model}, from your documents"))
    if written.abstained and not found.abstained:  # it has found nothing where the documents' own words answer
        st.html(answers.error_html(f"{written.model} found no answer in the passages that it read."))
        return {}
    notes = answers.footnotes(written, key, documents=now.there, older=now.older, paper_at=now.paper_at)
    st.html(notes.answer)
    _keep(written, exchange, now, key)
    return notes.cites


def _keep(written: Answer, exchange: Exchange, now: Now, key: str) -> None:
    """Offer to copy one of the answers, to pin it, and the pages that it cites."""
    with st.container(horizontal=True, gap="small", key=f"keep-{key}"):
        keeping.copy_button(written, key=f"copy-{key}")
        asked = exchange.question.text
        keeping.pin_button(now.place, written, key=f"pin-{key}", question=asked, pinned=now.pinned)
        keeping.pages_button(now.place, written, key=f"pages-{key}", there=now.there, question=asked)
