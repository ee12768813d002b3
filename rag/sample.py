"""The sample library: the primer, which the first start opens, and questions that it answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from rag import models, places
from rag.index.lock import WriterLock
from rag.library import Library
from rag.types import Added, Document, OnProgress


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """A question, words of its answer as they stand in the primer, and the PDF page where."""

    question: str
    answer: str
    page: int
    suggested: bool = False


def ensure_sample(
    *,
    encoder_name: str = "",
    device: str = "auto",
    n_threads: int | None = None,
    on_progress: OnProgress | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> Added:
    """Build the sample library when it is not there yet, or when its vectors are another encoder's; bring a newer
    primer in when the package has one. `on_wait` is told when another process is at it.
    """
    library = Library(places.SAMPLE, encoder_name=encoder_name, device=device, n_threads=n_threads)
    try:
        with WriterLock(library.folder).acquire("making the sample", None, on_wait=on_wait):
            if _is_of_another_encoder(library, encoder_name):
                for document in _primers(library):
                    library.remove(document.name)
            added = library.add(places.asset("primer.pdf"), on_progress=on_progress)
            for document in _primers(library):
                if document.name != added.document:
                    library.remove(document.name)
            return added
    finally:
        library.close()


def _primers(library: Library) -> list[Document]:
    return [document for document in library.documents() if document.name.startswith("primer")]


def _is_of_another_encoder(library: Library, encoder_name: str) -> bool:
    """Compare names first: the built-in encoder need not be loaded for that, which takes seconds."""
    held = library.catalog.encoder_id()
    if held is None:
        return False
    if not encoder_name:
        return not held.startswith(f"{models.MINILM.name}@{models.MINILM.weights.sha256[:12]}/")
    return held != library.encoder.id


def sample_questions() -> list[SampleQuestion]:
    """Return the questions that the primer answers."""
    rows = json.loads(places.asset("primer_questions.json").read_text(encoding="utf-8"))
    return [
        SampleQuestion(row["question"], row["answer"], row["page"], bool(row.get("suggested", False))) for row in rows
    ]
