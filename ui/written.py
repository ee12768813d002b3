"""What a language model wrote to a question: from the documents, and, in a comparison, another answer beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rag.answer.contrast import sides_line, unsupported_parts, verdict_line
from rag.index.chats import Exchange
from rag.records import answer_from_json
from rag.types import Answer, ReaderName
from rag.writing import STOPPED
from ui import answers, keeping, shelf
from ui.asking import pair_of
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


_KEYS: dict[ReaderName, str] = {"extractive": "x", "grounded": "w", "ungrounded": "u", "other": "o"}


def show_written(exchange: Exchange, found: Answer, now: Now) -> dict[str, Cite]:
    """Show the answers in a model's words; return their footnotes.

    Args:
        found: the answer in the documents' own words.
    """
    reply = exchange.reply
    if reply is None:
        return {}
    pair = pair_of(reply.payload)
    if pair is not None:
        return _compared(pair, found, exchange, now)
    return (
        _alone(answer_from_json(reply.payload["grounded"]), found, exchange, now) if "grounded" in reply.payload else {}
    )


def _compared(pair: tuple[ReaderName, ReaderName], found: Answer, exchange: Exchange, now: Now) -> dict[str, Cite]:
    """Show the two sides of a comparison, what sets them apart, and the claims of the model alone, each held against
    the documents.
    """
    assert exchange.reply is not None
    payload = exchange.reply.payload
    said = {name: found if name == "extractive" else _said(payload, name) for name in pair}
    cites: dict[str, Cite] = {}
    for column, name in zip(st.columns(2, gap="small", border=True), pair, strict=True):
        with column:
            cites |= _side(name, said[name], found, exchange, now)
    sides = [said[name] for name in pair]
    alone = said.get("ungrounded")
    beside = next((said[name] for name in pair if name != "ungrounded"), None) or (found if found.abstained else None)
    if not any(side is not None and STOPPED in (side.note or "") for side in sides):
        if alone is not None and beside is not None:
            st.html(answers.verdict_html(verdict_line(beside, alone, found.hits)))
        elif alone is None and all(side is not None for side in sides):
            st.html(answers.verdict_html(sides_line(*(side for side in sides if side is not None))))
    if alone is None:
        return cites
    key = _key(exchange, "ungrounded")
    table, of_table = answers.claim_table(alone, key, documents=now.there, older=now.older)
    if table:
        st.html(table)
    return cites | of_table


def _said(payload: Mapping[str, Any], name: ReaderName) -> Answer | None:
    return answer_from_json(payload[name]) if name in payload else None


def _key(exchange: Exchange, name: ReaderName) -> str:
    """Return what sets the footnotes of an answer apart from all others on the page."""
    return f"{exchange.reply.id if exchange.reply else 0}{_KEYS[name]}"


def _side(name: ReaderName, said: Answer | None, found: Answer, exchange: Exchange, now: Now) -> dict[str, Cite]:
    """Show one side of a comparison."""
    if name == "ungrounded":
        if said is None:
            st.html(answers.label_html("Without your documents"))
            st.html(answers.error_html("For the reason below, nothing was written without them."))
        else:
            _without(said, found, exchange, now)
        return {}
    if name == "extractive":
        st.html(answers.label_html("In the documents’ own words"))
        notes = answers.footnotes(
            found, _key(exchange, name), documents=now.there, older=now.older, paper_at=now.paper_at
        )
        st.html(notes.answer)
        return notes.cites
    return _grounded(said, found, exchange, now, name)


def _without(said: Answer, found: Answer, exchange: Exchange, now: Now) -> None:
    st.html(answers.label_html(f"{said.model} alone, as its authors made it, without your documents"))
    unknown = unsupported_parts(said.text, found.hits, question=found.question)
    st.html(answers.ungrounded_html(said, unknown))
    _keep(said, exchange, now, _key(exchange, "ungrounded"))


def _alone(written: Answer, found: Answer, exchange: Exchange, now: Now) -> dict[str, Cite]:
    """Show an answer below the documents' own words; folded away when nothing of it is supported.

    One that was stopped stays where the reader saw it grow; of one that the documents' own words stand in for, which
    are right above, only that is said.
    """
    if written.stands_in:
        _stood_in_for(written)
        return {}
    if any(claim.citations for claim in written.claims) or written.abstained or STOPPED in (written.note or ""):
        return _grounded(written, found, exchange, now)
    label = f"What {plain(written.model or 'the model')} wrote is supported by no passage"
    with st.expander(label, type="compact"):
        return _grounded(written, found, exchange, now)


def _stood_in_for(written: Answer) -> None:
    """Say that nothing of what a model wrote is supported, so that the answer above stands alone."""
    st.html(answers.label_html(f"In the words of {written.model}, from your documents"))
    st.html(answers.unsupported_html(written))


def _grounded(
    written: Answer | None, found: Answer, exchange: Exchange, now: Now, name: ReaderName = "grounded"
) -> dict[str, Cite]:
    if written is None:
        st.html(answers.label_html("With your documents"))
        why = "The documents do not say, so that" if found.abstained else "For the reason below,"
        st.html(answers.error_html(f"{why} nothing was written from them."))
        return {}
    key = _key(exchange, name)
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
