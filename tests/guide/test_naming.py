"""Requests that name their document by words of its name or title."""

from __future__ import annotations

import pytest

from rag.guide.naming import named_documents
from rag.guide.requests import recognise
from rag.types import Document


def document(name: str, title: str) -> Document:
    return Document(name, name, title, "ready", 10, 10, 0.0)


DOCUMENTS = [
    document("NETFLIX_2017_10K.pdf", "Netflix, Inc.: annual report (Form 10-K)"),
    document("COSTCO_2021_10K.pdf", "Costco Wholesale Corporation: annual report (Form 10-K)"),
    document("primer.pdf", "Learning in Layers: A Primer on Deep Learning"),
]


@pytest.mark.parametrize(
    ("request_", "name", "kind"),
    [
        ("Summarise the Netflix report", "NETFLIX_2017_10K.pdf", "summary"),
        ("summarize COSTCO_2021_10K.pdf", "COSTCO_2021_10K.pdf", "summary"),
        ("Give me a summary of the Costco annual report.", "COSTCO_2021_10K.pdf", "summary"),
        ("What is Learning in Layers about?", "primer.pdf", "summary"),
        ("Show the outline of the primer", "primer.pdf", "outline"),
        ("On which pages is goodwill mentioned in the Netflix 10-K?", "NETFLIX_2017_10K.pdf", "mentions"),
    ],
)
def test_a_named_document_is_found_and_the_request_recognised(request_: str, name: str, kind: str) -> None:
    found = [(recognise(said), named) for said, named in named_documents(request_, DOCUMENTS)]
    recognised, named = next((request, named) for request, named in found if request is not None)
    assert recognised is not None
    assert recognised.kind == kind
    assert [document.name for document in named] == [name]


@pytest.mark.parametrize(
    "question",
    [
        "Summarise the annual report",
        "Summarise the Boeing report",
        "Summarise section 3",
        "Summarise this document",
    ],
)
def test_what_names_no_document_is_left_alone(question: str) -> None:
    assert list(named_documents(question, DOCUMENTS)) == []


@pytest.mark.parametrize(
    "question", ["What was revenue of Netflix in 2017?", "Who is the auditor of Costco?", "What is deep learning?"]
)
def test_questions_about_a_named_company_stay_questions(question: str) -> None:
    assert all(recognise(said) is None for said, _ in named_documents(question, DOCUMENTS))
