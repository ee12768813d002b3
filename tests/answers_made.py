"""Answers of every kind, for the tests of what is done with them."""

from __future__ import annotations

from datetime import datetime

from rag.export import Exchange, Note, Transcript
from rag.types import Answer, Box, Citation, Claim, Hit, PageSpan, Passage, Verdict

SHA, OTHER = "a" * 64, "b" * 64
DATE = datetime(2026, 5, 3, 14, 5)


def citation(
    quote: str, *, marker: int = 1, page: int = 12, label: str | None = "9", document: str = "rivers.pdf"
) -> Citation:
    sha = SHA if document == "rivers.pdf" else OTHER
    span = (PageSpan(page, 0, len(quote)),)
    return Citation(marker, sha, document, page, label, quote, span, (Box(page, 0.1, 0.2, 0.5, 0.22),))


def claim(
    text: str, *citations: Citation, verdict: Verdict = "verbatim", telling: tuple[int, int] | None = None
) -> Claim:
    return Claim(text, citations, verdict, telling=telling)


def extractive(text: str = "The Danube rises here.", quote: str | None = None) -> Answer:
    said = claim(text, citation(text if quote is None else quote))
    return Answer("Where does the Danube rise?", "extractive", f"{text} [1]", (said,), (), False)


def grounded() -> Answer:
    claims = (
        claim("It rises there.", citation("rises here"), citation("Black Forest", marker=2), verdict="supported"),
        claim("It is blue.", verdict="unsupported"),
        claim("It is short.", citation("2,850 km", marker=3), verdict="contradicted"),
        claim("It is calm.", citation("calm", marker=4), verdict="unchecked"),
    )
    note = "Stopped before it was finished."
    return Answer("Where?", "grounded", "It rises there. ...", claims, (), False, model="SmolLM2", note=note)


def ungrounded() -> Answer:
    return Answer("Where?", "ungrounded", "It rises in Ulm.\n\nIt is blue.", (), (), False, model="SmolLM2")


def abstained() -> Answer:
    passage = Passage(0, "The Rhine flows north.", "", (PageSpan(3, 0, 22),), document_id=SHA)
    return Answer(
        "Why?", "extractive", "The documents do not say.", (), (Hit(1, 1.0, passage, "r.pdf", 3, "iii"),), True
    )


def listed() -> Answer:
    claims = (
        claim("1 May", citation("1 May 2020", page=1, label=None)),
        claim("2 May", citation("2 May 2020", page=1, label=None)),
        claim("3 May", citation("3 May 2020", page=2, label="ii")),
        claim("4 May", citation("4 May 2020", page=2, label=None, document="other.pdf")),
    )
    return Answer("List all dates", "extractive", "Four dates on three pages.", claims, (), False, kind="list")


def transcript(*items: Exchange | Note, title: str = "Rivers") -> Transcript:
    return Transcript(title, DATE, items)


def exchange(*answers: Answer) -> Transcript:
    return transcript(Exchange("Where does the Danube rise?", answers))
