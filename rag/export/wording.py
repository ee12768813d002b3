"""The words that an export says itself, beside those of documents, users and models. Pure; plain text."""

from __future__ import annotations

from datetime import datetime

from rag.types import Answer, Claim
from rag.wording import OTHERWISE, unsupported_words

UNTITLED = "Untitled"
NEAREST = "Nearest passages"
UNANSWERED = "There is no answer yet."
_MONTHS = (
    "January February March April May June July August September October November December".split()
)  # strftime would ask the system's language


def date_words(date: datetime) -> str:
    """Return a day in words: 3 May 2026."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def whose_words(answer: Answer, *, is_alone: bool) -> str | None:
    """Return who speaks in an answer; None where that goes without saying.

    Args:
        is_alone: whether it is the only answer to its question.
    """
    model = answer.model or "the language model"
    if answer.stands_in:
        return f"In the documents' words, for {model}'s"
    if answer.reader == "grounded":
        return f"In {model}'s words"
    if answer.reader == "ungrounded":
        return f"Without the documents, in {model}'s words"
    return None if is_alone else "In the documents' words"


def doubt(claim: Claim) -> str | None:
    """Return what a reader must know of a sentence beside its footnotes; None when they say enough."""
    if claim.verdict == "unsupported":
        return f"({unsupported_words(claim)})"
    if claim.verdict == "contradicted":
        return f"({OTHERWISE})"
    return "(not checked)" if claim.verdict == "unchecked" and not claim.citations else None
