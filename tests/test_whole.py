"""Requests that need the whole document, asked of a library: summaries, outlines, every mention."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.answer.language import SharedModel
from rag.guide import whole
from rag.library import Library
from rag.types import Manner

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
    assert answer.text == "“Danube” is mentioned 4 times on 2 pages (PDF p. 1–2)."
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


def test_a_phrase_that_is_also_a_documents_name_is_what_is_looked_for(filled: Library) -> None:
    for question in ("List all mentions of rivers", "Which pages talk about rivers?"):
        answer = filled.ask(question)
        assert answer.text.startswith("“rivers” is mentioned"), question
        assert {claim.citations[0].document for claim in answer.claims} == {"rivers.pdf"}


def test_mentions_in_a_named_document_are_looked_for_in_that_alone(filled: Library) -> None:
    answer = filled.ask("List all mentions of the Danube in hills.pdf")
    assert answer.text == "“Danube” is mentioned once on 1 page."
    assert [claim.citations[0].document for claim in answer.claims] == ["hills.pdf"]


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


def test_a_number_of_pages_quotes_nothing_and_is_not_called_supported(filled: Library) -> None:
    (claim,) = filled.ask("How many pages are there?", documents=["rivers.pdf"]).claims
    assert (claim.citations[0].quote, claim.verdict) == ("", "unchecked")


@pytest.mark.parametrize(
    ("question", "kind", "note"),
    [
        (
            "Summarise these documents",
            "summary",
            "Only the first 2 documents are summed up, the other 3 are not. Choose fewer to see them.",
        ),
        (
            "Summarise the introduction",
            "summary",
            "Of the part “Introduction”. "
            "Of those with such a part, only the first 2 documents are summed up, the other 3 are not. "
            "Choose fewer to see them.",
        ),
        (
            "Show me the outline",
            "outline",
            "Only the first 2 documents are outlined, the other 3 are not. Choose fewer to see them.",
        ),
    ],
)
def test_documents_that_are_too_many_are_not_read_and_the_note_says_how_many(
    library: Library,
    make_pdf: MakePdf,
    monkeypatch: pytest.MonkeyPatch,
    question: str,
    kind: str,
    note: str,
) -> None:
    monkeypatch.setattr(whole, "MOST_DOCUMENTS", 2)
    for n in range(5):
        said = f"River number {n} rises in the high mountains and flows slowly through {n} countries to the sea."
        library.add(make_pdf([["# Introduction", said]], f"{n}.pdf", title=f"River {n}"))
    read: list[str] = []
    page_texts = library.catalog.page_texts

    def noted(key: int) -> list[tuple[int, str]]:
        read.append(next(document.name for document in library.documents() if document.key == key))
        return page_texts(key)

    monkeypatch.setattr(library.catalog, "page_texts", noted)
    answer = library.ask(question)
    assert (answer.kind, answer.note) == (kind, note)
    assert {claim.citations[0].document for claim in answer.claims} == {"0.pdf", "1.pdf"}
    assert read == ["0.pdf", "1.pdf"]


@pytest.mark.parametrize("question", ["What does the section on tides say?", "Summarise section 12"])
def test_a_part_is_found_in_the_one_document_of_many_that_has_it(
    library: Library, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    monkeypatch.setattr(whole, "MOST_DOCUMENTS", 2)
    for n in range(5):
        heading = "# 12 Tides" if n == 4 else "# 3 Introduction"
        said = f"The water of bay number {n} rises twice a day because the moon pulls at it from afar."
        library.add(make_pdf([[heading, said]], f"{n}.pdf", title=f"Bay {n}"))
    answer = library.ask(question)
    assert (answer.kind, answer.note) == ("summary", "Of the part “12 Tides”.")
    assert {claim.citations[0].document for claim in answer.claims} == {"4.pdf"}


def test_a_part_that_no_outline_names_is_looked_for_above_the_passages(
    library: Library, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "MOST_DOCUMENTS", 1)
    for n, heading in enumerate(("# Rocks", "# Tides")):
        library.add(make_pdf([[heading, "The water rises twice a day because the moon pulls at it."]], f"{n}.pdf"))
    monkeypatch.setattr(library.catalog, "outline", lambda key: [])
    answer = library.ask("Summarise the section on tides")
    assert {claim.citations[0].document for claim in answer.claims} == {"1.pdf"}


def test_a_part_that_none_of_many_documents_has_makes_an_ordinary_question(
    library: Library, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "MOST_DOCUMENTS", 1)
    for n in range(2):
        library.add(make_pdf([["# Rocks", f"The water of bay {n} rises twice a day."]], f"{n}.pdf"))
    assert library.ask("What does the section on tides say?").kind == "answer"


def test_numbers_of_pages_beyond_what_is_listed_are_told(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "MOST_LISTED", 1)
    answer = filled.ask("How many pages are there?")
    assert [claim.text for claim in answer.claims] == ["rivers.pdf has 3 pages."]
    assert answer.note == "Only the first document is listed, the other one is not. Choose fewer to see them."


def test_the_length_that_is_wanted_decides_how_many_sentences_a_summary_has(
    library: Library, make_pdf: MakePdf
) -> None:
    facts = [
        "Trout hide beneath the flat stones of mountain brooks during the hottest weeks of summer.",
        "A grown salmon leaps over waterfalls that are higher than any person could climb.",
        "Herring gather every autumn in shoals that whales follow across the northern ocean.",
        "Mackerel taste best when they are smoked above beech wood for half a day.",
        "The oldest sturgeon of the museum weighed more than two horses and a cart.",
        "Catfish find their prey at night with long whiskers that feel each movement.",
        "Children learn to catch perch with a simple rod and a piece of bread.",
        "Pike wait motionless between reeds until something small swims past their teeth.",
        "Monks kept carp in ponds behind the abbey so that Fridays brought a meal.",
        "Tench turn golden when the mud they dig through holds enough iron.",
        "Barbel need clean gravel, which is why dredging harmed them most of all.",
        "Bream were sold alive in wooden tubs on markets until the war ended.",
        "Roach lay their eggs on sunken branches as soon as April warms the bays.",
        "Chub steal cherries that fall from overhanging trees, as anglers know very well.",
    ]
    pages = [[f"# Chapter {n}", fact] for n, fact in enumerate(facts, 1)]
    library.add(make_pdf(pages, "fish.pdf", title="Fish"))
    library.make_guide("fish.pdf")
    for length, n_sentences in (("succinct", 4), ("normal", 8), ("detailed", 12)):
        answer = library.ask("Summarise this document", manner=Manner(length))  # type: ignore[arg-type]
        assert len(answer.claims) == n_sentences, length
        pages_cited = [claim.citations[0].page for claim in answer.claims]
        assert pages_cited == sorted(pages_cited)
        assert pages_cited[-1] > len(facts) / 2, "not its beginning alone"


def test_the_threshold_bounds_what_a_list_takes_in_by_meaning(filled: Library) -> None:
    question = "List all grain, coal, mouth, river, city"
    near = filled.ask(question, documents=["rivers.pdf"])
    assert near.claims
    nearer = filled.ask(question, documents=["rivers.pdf"], manner=Manner(threshold=0.99))
    assert nearer.claims == ()
    assert nearer.abstained
    exact = filled.ask("List all Danube", documents=["rivers.pdf"], manner=Manner(threshold=0.99))
    assert [claim.citations[0].page for claim in exact.claims] == [1, 1, 2, 2]


def test_a_model_is_not_asked_to_write_what_needs_the_whole_document(filled: Library, parrot: SharedModel) -> None:
    filled.model = parrot
    answer = filled.ask("Where is the Danube mentioned?", reader="grounded")
    assert (answer.kind, answer.reader, answer.model) == ("list", "extractive", None)
    alone = filled.ask("Where is the Danube mentioned?", reader="ungrounded")
    assert (alone.kind, alone.reader) == ("answer", "ungrounded")


def test_a_summary_after_a_rename_has_the_name_of_now(filled: Library) -> None:
    filled.make_guide("rivers.pdf")
    filled.rename("rivers.pdf", "waters.pdf")
    answer = filled.ask("Summarise this document", documents=["waters.pdf"])
    assert {claim.citations[0].document for claim in answer.claims} == {"waters.pdf"}


def test_an_ordinary_question_is_answered_as_before(filled: Library) -> None:
    answer = filled.ask("Which countries does the Danube flow through?", documents=["rivers.pdf"])
    assert answer.kind == "answer"
    assert answer.claims[0].citations[0].page == 1
