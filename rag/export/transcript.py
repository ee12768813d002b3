"""What is exported: questions with their answers, and notes, under a title and a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what was answered: in the documents' words, in a model's, without documents. Or why nothing was.

    `error` may stand beside answers: the one that is missing failed for this reason.
    """

    question: str
    answers: tuple[Answer, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """The user's own words, with the answer that they are about, if any."""

    text: str
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is exported to one file."""

    title: str
    date: datetime  # local time
    items: tuple[Exchange | Note, ...]
