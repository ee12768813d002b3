"""End to end: a question to a library, asked with the networks and without, and what is right of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.data import Question
from benchmarks.networks.figures import Array, by_name
from rag.answer.abstain import probability_of_answer
from rag.evaluate.metrics import exact_match, f1
from rag.library import Library
from rag.types import Answer, ReaderNet

RIGHT = 0.5  # F1 from which an answer counts as right
FIGURES = ("page at 1", "F1", "EM", "both right", "abstained")


@dataclass(frozen=True, slots=True)
class Networks:
    """Which networks a library answers with; none: as it did before there were any."""

    reader: ReaderNet | None

    def put_into(self, library: Library) -> None:
        """Let the library answer with these from now on."""
        library.parts.reads = self.reader is not None
        library.parts.given_reader = self.reader


NONE = Networks(None)


def figures_of(answer: Answer, question: Question) -> dict[str, float]:
    """Return what is right of an answer: each figure 0 or 1, F1 between. Of an abstention nothing is."""
    said = "" if answer.abstained else prediction(answer)
    cited = next((c for claim in answer.claims for c in claim.citations), None)
    on_page = cited is not None and cited.document == question.document and cited.page in question.pages
    overlap = f1(said, question.answers)
    values = (on_page, overlap, exact_match(said, question.answers), on_page and overlap >= RIGHT, answer.abstained)
    return {name: float(value) for name, value in zip(FIGURES, values, strict=True)}


def prediction(answer: Answer) -> str:
    """Return what is compared with known answers: the part that is marked, else the whole."""
    return answer.short_answer or " ".join(claim.text for claim in answer.claims)


def asked_of(library: Library, questions: Sequence[Question], networks: Networks, *, is_own: bool) -> dict[str, Array]:
    """Return the figures of all questions, in their order, each asked of its own document or of all."""
    networks.put_into(library)
    return by_name(
        [
            figures_of(library.ask(question.text, documents=[question.document] if is_own else None), question)
            for question in questions
        ]
    )


def confidence(library: Library, question: str, document: str, networks: Networks) -> float:
    """Return how probably the document answers: the number by which an answer is given or held back."""
    networks.put_into(library)
    found = library.find(question, documents=[document])
    reader, query = library.extractive_reader([library.document(document).key], found=found), found.understood.query
    ranked = reader.rank(query or question, found.hits)
    return probability_of_answer(reader.evidence(query or question, ranked, found.hits)) if ranked else 0.0
