"""Requests that name their document by words of its name or title."""

from __future__ import annotations

import pytest

from rag.guide.naming import named_request
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
        ("How long is primer.pdf?", "primer.pdf", "pages"),
        ("How long is the Netflix report?", "NETFLIX_2017_10K.pdf", "pages"),
        ("On which pages is goodwill mentioned in the Netflix 10-K?", "NETFLIX_2017_10K.pdf", "mentions"),
    ],
)
def test_a_named_document_is_found_and_the_request_recognised(request_: str, name: str, kind: str) -> None:
    found = named_request(request_, DOCUMENTS)
    assert found is not None
    assert found[0].kind == kind
    assert [document.name for document in found[1]] == [name]


@pytest.mark.parametrize(
    ("request_", "what", "name"),
    [
        ("list all mentions of dropout in primer.pdf", "dropout", "primer.pdf"),
        ("List all risks from the Costco report", "risks", "COSTCO_2021_10K.pdf"),
        ("Find every mention of deep learning in the Netflix report.", "deep learning", "NETFLIX_2017_10K.pdf"),
    ],
)
def test_what_is_looked_for_in_a_named_document_is_told_apart_from_its_name(
    request_: str, what: str, name: str
) -> None:
    found = named_request(request_, DOCUMENTS)
    assert found is not None
    assert (found[0].what, [document.name for document in found[1]]) == (what, [name])


def test_a_part_of_a_named_document_is_told_apart_from_its_name() -> None:
    found = named_request("Summarise the chapter on dropout in primer.pdf", DOCUMENTS)
    assert found is not None
    assert (found[0].section, found[1][0].name) == ("dropout", "primer.pdf")


@pytest.mark.parametrize(
    "request_",
    [
        "List all mentions of Netflix",
        "Which pages talk about Netflix?",
        "Which pages mention deep learning?",
        "On which pages is Costco mentioned?",
        "list all advantages of deep learning",
        "Where is the Netflix report mentioned?",
        "What is the section on deep learning about?",
    ],
)
def test_a_request_that_is_whole_as_it_stands_is_not_bent_to_a_name_in_it(request_: str) -> None:
    assert recognise(request_) is not None
    assert named_request(request_, DOCUMENTS) is None


@pytest.mark.parametrize(
    "question",
    [
        "Summarise the annual report",
        "Summarise the Boeing report",
        "Summarise section 3",
        "Summarise this document",
        "List all mentions of the Netflix annual report form 10-K paper document text guide filing",
    ],
)
def test_what_names_no_document_is_left_alone(question: str) -> None:
    assert named_request(question, DOCUMENTS) is None


@pytest.mark.parametrize(
    "question",
    [
        "What was revenue of Netflix in 2017?",
        "Who is the auditor of Costco?",
        "What is deep learning?",
        "How long is the primer?",
    ],
)
def test_questions_about_a_named_company_stay_questions(question: str) -> None:
    assert named_request(question, DOCUMENTS) is None
