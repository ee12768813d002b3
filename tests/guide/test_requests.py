"""Requests for the whole document are told from questions."""

from __future__ import annotations

import pytest

from rag.guide.requests import Request, recognise


@pytest.mark.parametrize(
    "question",
    [
        "Summarise this document",
        "summarize",
        "Can you give me a brief summary of this report?",
        "tl;dr",
        "What is this document about?",
        "What are the key takeaways of this paper?",
        "Please sum up the PDF.",
        "Give me an overview",
        "What's it about?",
    ],
)
def test_a_wish_for_a_summary_is_recognised(question: str) -> None:
    assert recognise(question) == Request("summary")


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("Summarise section 3", "section 3"),
        ("What are the main points of section 3.2?", "section 3.2"),
        ("What are the main points of chapter two?", "chapter two"),
        ("Summarize the section on risk factors", "risk factors"),
        ("Sum up the introduction", "introduction"),
        ("What is the discussion section about?", "discussion"),
    ],
)
def test_a_part_can_be_named_by_number_or_words(question: str, section: str) -> None:
    assert recognise(question) == Request("summary", section=section)


@pytest.mark.parametrize("question", ["Show me the outline", "table of contents", "How is this document structured?"])
def test_a_wish_for_the_outline_is_recognised(question: str) -> None:
    assert recognise(question) == Request("outline")


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("On which pages is dropout mentioned?", "dropout"),
        ("Where is the registered manager mentioned?", "registered manager"),
        ("Find every mention of “climate change”.", "climate change"),
        ("Which pages mention Netflix?", "Netflix"),
        ("How often is RAG mentioned?", "RAG"),
        ('Find all occurrences of "who is it"', "who is it"),
    ],
)
def test_what_is_looked_for_is_taken_out_of_its_question(question: str, what: str) -> None:
    assert recognise(question) == Request("mentions", what=what)


def test_lists_and_page_counts_are_recognised() -> None:
    assert recognise("List all the acquisitions mentioned in this report") == Request("list", what="acquisitions")
    assert recognise("Which companies are mentioned?") == Request("list", what="companies")
    assert recognise("How many pages does this document have?") == Request("pages")


@pytest.mark.parametrize(
    "question",
    [
        "Where does extension occur?",
        "What is RAG about?",
        "Where is Netflix headquartered?",
        "Who listed all of them?",
        "What was the revenue of 3M in 2018?",
        "Summarize the growth of revenue in 2018",
        "List the segments of 3M",
        "",
        "Which company was mentioned as the largest supplier in 2019?",
        "How many pages did Luther write?",
        "Why?",
        "What is the main point of Luther's Small Catechism?",
        "What does the report say about prices?",
    ],
)
def test_an_ordinary_question_is_left_alone(question: str) -> None:
    assert recognise(question) is None
