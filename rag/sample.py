"""The sample library: the primer, which the first start opens, and questions that it answers."""

from __future__ import annotations

import json
from dataclasses import dataclass

from rag import places
from rag.library import Library
from rag.types import Added, OnProgress


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """A question, words of its answer as they stand in the primer, and the PDF page where."""

    question: str
    answer: str
    page: int
    suggested: bool = False


def ensure_sample(*, on_progress: OnProgress | None = None) -> Added:
    """Build the sample library when it is not there yet; bring a newer primer in when the package has one."""
    library = Library(places.SAMPLE)
    primer = places.asset("primer.pdf")
    try:
        added = library.add(primer, on_progress=on_progress, wait_s=None)
        for document in library.documents():
            if document.name != added.document and document.name.startswith("primer"):
                library.remove(document.name, wait_s=None)
        return added
    finally:
        library.close()


def sample_questions() -> list[SampleQuestion]:
    """Return the questions that the primer answers."""
    rows = json.loads(places.asset("primer_questions.json").read_text(encoding="utf-8"))
    return [
        SampleQuestion(row["question"], row["answer"], row["page"], bool(row.get("suggested", False))) for row in rows
    ]
