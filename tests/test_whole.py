"""Requests that need the whole document, asked of a library: summaries, outlines, every mention."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.library import Library

MakePdf = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("minilm")

RIVERS = [
    [
        "# 4 Rivers",
        "The Danube rises in the Black Forest and flows through ten countries to the sea. The Danube is slow.",
        "The Amazon carries more water than any other river that was ever measured. "
        + "It never runs dry at all. " * 25,
    ],
    [
        "# 7 Floods",
        "In the spring the Danube floods the fields that lie along its lower course. Danubes are no plural.",
    ],
    [
        "# 9 Ships",
        "Ships bring grain and coal from the mouth of the river up to the city, which is named Ulm. "
        + "Grain and coal go from the mouth to the city. " * 16,
    ],
]
HILLS = [["# Hills", "The hills above the Danube are covered by vines that were planted by the Romans."]]


@pytest.fixture
def filled(library: Library, make_pdf: MakePdf) -> Library:
    library.add(make_pdf(RIVERS, "rivers.pdf", title="Rivers"))
    library.add(make_pdf(HILLS, "hills.pdf", title="Hills"))
    return library


def test_every_mention_is_listed_in_the_order_of_the_pages(filled: Library) -> None:
    answer = filled.ask("On which pages is the Danube mentioned?", documents=["rivers.pdf"])
    assert answer.kind == "list"
    assert answer.text == "“Danube” is mentioned 4 times on 2 pages."
    assert [claim.citations[0].page for claim in answer.claims] == [1, 1, 2, 2]
    assert [claim.text[slice(*claim.telling)] for claim in answer.claims if claim.telling] == [
        "Danube",
        "Danube",
        "Danube",
        "Danubes",
    ]
    assert [claim.citations[0].marker for claim in answer.claims] == [1, 2, 3, 4]


def test_mentions_are_quoted_verbatim_with_their_boxes(filled: Library) -> None:
    for claim in filled.ask("Find every mention of the Danube").claims:
        (citation,) = claim.citations
        (span,) = citation.spans
        page = filled.page(citation.document_id, span.page)
        assert page.text[span.start : span.end] == claim.text
        assert citation.boxes


def test_mentions_of_all_documents_come_document_by_document(filled: Library) -> None:
    answer = filled.ask("Where is the Danube mentioned?")
    assert answer.text == "“Danube” is mentioned 5 times on 3 pages of 2 documents."
    assert [claim.citations[0].document for claim in answer.claims] == ["rivers.pdf"] * 4 + ["hills.pdf"]


def test_what_is_never_mentioned_is_not_invented(filled: Library) -> None:
    answer = filled.ask("On which pages is the Mississippi mentioned?")
    assert answer.abstained
    assert answer.claims == ()
    assert answer.hits
    assert answer.note == "“Mississippi” is not mentioned in what was searched."


def test_a_list_takes_in_what_comes_near_and_says_how_much(filled: Library) -> None:
    answer = filled.ask("List all grain, coal, mouth, river, city", documents=["rivers.pdf"])
    assert answer.kind == "list"
    assert (
        answer.text == "“grain, coal, mouth, river, city” itself is not mentioned; 2 sentences come near it in meaning."
    )
    assert [claim.citations[0].page for claim in answer.claims] == [3, 3]


def test_a_summary_is_made_of_the_documents_own_sentences(filled: Library) -> None:
    answer = filled.ask("Summarise this document", documents=["rivers.pdf"])
    assert answer.kind == "summary"
    assert {claim.citations[0].page for claim in answer.claims} == {1, 2, 3}
    assert all(claim.verdict == "verbatim" and claim.text == claim.citations[0].quote for claim in answer.claims)


def test_a_summary_of_several_documents_cites_each(filled: Library) -> None:
    answer = filled.ask("What are these documents about?")
    assert {claim.citations[0].document for claim in answer.claims} == {"rivers.pdf", "hills.pdf"}


def test_one_part_can_be_summed_up(filled: Library) -> None:
    answer = filled.ask("Summarise section 7", documents=["rivers.pdf"])
    assert answer.kind == "summary"
    assert {claim.citations[0].page for claim in answer.claims} == {2}
    assert answer.note == "Of the part “7 Floods”."


def test_a_part_that_is_not_there_leaves_an_ordinary_question(filled: Library) -> None:
    answer = filled.ask("Summarise section 19", documents=["rivers.pdf"])
    assert answer.kind == "answer"


def test_the_outline_cites_every_heading(filled: Library) -> None:
    answer = filled.ask("Show me the outline", documents=["rivers.pdf"])
    assert answer.kind == "outline"
    assert [claim.text for claim in answer.claims] == ["4 Rivers", "7 Floods", "9 Ships"]
    assert [claim.citations[0].page for claim in answer.claims] == [1, 2, 3]


def test_pages_are_counted(filled: Library) -> None:
    answer = filled.ask("How many pages are there?", documents=["rivers.pdf"])
    assert answer.claims[0].text == "rivers.pdf has 3 pages."


def test_an_ordinary_question_is_answered_as_before(filled: Library) -> None:
    answer = filled.ask("Which countries does the Danube flow through?", documents=["rivers.pdf"])
    assert answer.kind == "answer"
    assert answer.claims[0].citations[0].page == 1
