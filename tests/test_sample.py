"""One run end to end with the real encoder: the primer is added, and every question of its list is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.library import Library
from rag.places import asset
from rag.sample import SampleQuestion, sample_questions
from rag.text import fold
from rag.types import join_slices

pytestmark = [pytest.mark.models, pytest.mark.slow]


@pytest.fixture(scope="module")
def primer(tmp_path_factory: pytest.TempPathFactory, minilm: Path) -> Iterator[Library]:
    library = Library(tmp_path_factory.mktemp("sample"), n_threads=1)
    added = library.add(asset("primer.pdf"))
    assert added.status == "added", added.reason
    yield library
    library.close()


def loose(text: str) -> str:
    return fold(text).replace("-", "").replace(" ", "")


@pytest.mark.parametrize("asked", sample_questions(), ids=lambda asked: asked.question)
def test_the_primer_answers_its_questions_on_the_right_page(primer: Library, asked: SampleQuestion) -> None:
    answer = primer.ask(asked.question)
    assert not answer.abstained
    assert loose(asked.answer) in loose(" ".join(claim.text for claim in answer.claims))
    cited = [{span.page for span in citation.spans} for claim in answer.claims for citation in claim.citations]
    assert any(asked.page in pages for pages in (cited[:1] if asked.suggested else cited))


def test_every_quote_stands_on_the_page_it_names(primer: Library) -> None:
    for asked in sample_questions():
        for claim in primer.ask(asked.question).claims:
            for citation in claim.citations:
                texts = [primer.page("primer.pdf", s.page).text[s.start : s.end] for s in citation.spans]
                assert join_slices(texts)[0] == citation.quote
                assert citation.page == citation.spans[0].page == citation.boxes[0].page


def test_labels_are_those_that_are_printed_and_differ_from_the_pdf_page(primer: Library) -> None:
    labels = primer.labels("primer.pdf")
    assert labels[1] == "i"
    assert "1" in labels.values()
    assert labels[len(labels)] != str(len(labels))


@pytest.mark.parametrize(
    "question",
    ["What is the capital of Mongolia?", "Who won the football world cup in 2014?", "How do I bake sourdough bread?"],
)
def test_what_the_primer_does_not_say_is_not_answered(primer: Library, question: str) -> None:
    answer = primer.ask(question)
    assert answer.abstained
    assert answer.hits


def test_the_library_agrees_with_itself(primer: Library) -> None:
    assert primer.verify() == []
