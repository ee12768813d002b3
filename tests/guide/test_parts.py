"""The sentences that say most, the key terms, the outline and the suggested questions of a made document."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from rag.guide.contents import outline_of
from rag.guide.reading import Reading
from rag.guide.sections import section_of
from rag.guide.suggest import Interest, suggestions
from rag.guide.telling import shape_of, telling_sentences
from rag.guide.terms import key_terms
from rag.types import Answer, Citation, Claim, Floats, Heading
from tests.conftest import WordEncoder
from tests.guide.made import made_reading

PAGES = [
    "On Dropout\nDropout is a way of training that makes a neural network ignore units at random. "
    "A neural network with dropout learns features that are useful alone.",
    "Every neural network in our tests was trained with dropout for ten days. "
    "Without dropout the neural network remembered its training examples.\nCall us at (408) 540-3700 for more details now.",
    "Dropout was introduced in 2014 by a group at the University of Toronto. "
    "The neural network with dropout has half of its units at work at a time.",
    "All rights reserved. The forward-looking statements in this text are subject to risks of dropout.",
]


@pytest.fixture
def reading() -> Reading:
    return made_reading(PAGES, title="On Dropout")


def test_the_telling_sentences_are_whole_in_order_and_no_boilerplate(reading: Reading) -> None:
    chosen = telling_sentences(reading, WordEncoder().encode, most=4)
    assert [s.number for s in chosen] == sorted(s.number for s in chosen)
    assert len(chosen) == 4
    assert all(s.text.endswith(".") for s in chosen)
    assert not any("rights" in s.text or "Call us" in s.text or "forward" in s.text for s in chosen)


def test_without_vectors_words_alone_choose(reading: Reading) -> None:
    bare = made_reading(PAGES)
    object.__setattr__(bare, "vectors", None)
    assert telling_sentences(bare, None, most=3)


@pytest.mark.parametrize(
    "text",
    [
        "Net sales  12,345  11,234",
        "Contents of this report and its parts",
        "It is so.",
        "1 2 3 4 5 6 7 8 9 is 10 11 12 13 14.",
    ],
)
def test_rows_titles_and_scraps_are_no_sentences_to_show(text: str) -> None:
    assert shape_of(text, in_english=True) == 0


def test_a_sentence_that_points_back_looks_worse_than_one_that_stands_alone() -> None:
    alone = "The network learns features that are useful alone in every test that was made."
    back = "This means that it learns features that are useful alone in every test made."
    assert shape_of(alone, in_english=True) > shape_of(back, in_english=True)


def test_key_terms_are_what_the_document_speaks_of_and_lead_to_their_definition(reading: Reading) -> None:
    terms = {term.text: term for term in key_terms(reading)}
    assert {"dropout", "neural network"} <= terms.keys()
    assert terms["dropout"].is_defined
    assert terms["dropout"].citation.quote.startswith("Dropout is a way of training")
    assert terms["dropout"].citation.page == 1
    assert not terms["neural network"].is_defined


def test_the_outline_drops_what_recurs_and_its_deepest_level_when_it_is_long() -> None:
    headings = [Heading(1, f"Part {n}", 1) for n in range(4)]
    deep = [Heading(2, f"Detail {n}", 1) for n in range(60)]
    noise = [Heading(1, "Operational", 1)] * 5 + [Heading(1, "P o l i c y", 1), Heading(1, "Contents", 1)]
    outline = outline_of(made_reading(["Part 0\nText of part nought."], outline=[*headings, *deep, *noise]))
    assert [entry.title for entry in outline] == ["Part 0", "Part 1", "Part 2", "Part 3"]
    assert outline[0].citation.quote == "Part 0"
    assert outline[0].citation.boxes
    assert outline[1].citation.quote == ""  # no such words on its page: the page alone is cited


def test_the_outline_leaves_the_contents_page_out_and_skips_no_level() -> None:
    listed = [Heading(1, f"Item {n}", 1) for n in range(4)]
    real = [Heading(3, "Cover", 1), *(Heading(n % 2 + 2, f"Item {n}", n + 2) for n in range(4))]
    outline = outline_of(made_reading([f"Page {n}." for n in range(6)], outline=[*listed, *real]))
    assert [(entry.title, entry.citation.page) for entry in outline] == [
        ("Cover", 1),
        ("Item 0", 2),
        ("Item 1", 3),
        ("Item 2", 4),
        ("Item 3", 5),
    ]
    assert outline[0].level == 1
    assert all(after.level <= before.level + 1 for before, after in pairwise(outline))


def test_a_part_is_found_by_its_number_or_by_its_words() -> None:
    paths = {1: ("3 Methods",), 2: ("3 Methods", "3.1 Data Sources"), 3: ("7 Conclusion and Future Work",)}
    reading = made_reading(["One.", "Two.", "Three."], headings=paths)
    assert section_of(reading, "section 3") == ("3 Methods", [0, 1])
    assert section_of(reading, "section three") == ("3 Methods", [0, 1])
    assert section_of(reading, "section 3.1") == ("3.1 Data Sources", [1])
    assert section_of(reading, "data sources") == ("3.1 Data Sources", [1])
    assert section_of(reading, "conclusion") == ("7 Conclusion and Future Work", [2])
    assert section_of(reading, "chapter 9") is None
    assert section_of(reading, "growth of revenue") is None


def answering(reading: Reading, cited: Callable[[str], Citation | None]) -> Callable[[str, Floats], Answer]:
    def ask(question: str, _vector: Floats) -> Answer:
        citation = cited(question)
        claims = () if citation is None else (Claim(citation.quote, (citation,), "verbatim"),)
        return Answer(question, "extractive", "", claims, (), abstained=citation is None)

    return ask


def test_a_question_is_shown_only_if_its_answer_cites_the_sentence_it_came_from(reading: Reading) -> None:
    source = next(s for s in reading.sentences if s.text.startswith("Dropout is a way"))
    wrong = next(s for s in reading.sentences if s.text.startswith("Every neural"))
    interest = Interest(key_terms(reading), [], None)
    encode = WordEncoder().encode
    right = suggestions(reading, interest, encode, answering(reading, lambda q: reading.cite(source)))
    assert [line.text for line in right] == ["What is dropout?"]
    assert right[0].citation == reading.cite(source)
    assert suggestions(reading, interest, encode, answering(reading, lambda q: reading.cite(wrong))) == []
    assert suggestions(reading, interest, encode, answering(reading, lambda q: None)) == []


def test_a_document_in_another_language_gets_no_questions(reading: Reading) -> None:
    object.__setattr__(reading, "language", "de")
    source = reading.sentences[1]
    interest = Interest([], [], None)
    asks = answering(reading, lambda q: reading.cite(source))
    assert suggestions(reading, interest, WordEncoder().encode, asks) == []
