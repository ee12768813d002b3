from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.cite import Source, align, cite
from rag.text import sentence_spans
from rag.types import Hit, Page, PageSpan, Passage, Words, join_slices

TEXTS = {
    4: "The Neocognitron was proposed by Fukushima in 1980. It inspired later convolutional net\u00ad",
    5: "works. AlexNet won the ImageNet challenge in 2012 “by a wide margin” – with dropout.",
}


def page(number: int) -> Page:
    text = TEXTS[number]
    starts, ends, at = [], [], 0
    for word in text.split(" "):
        starts.append(at)
        ends.append(at + len(word))
        at += len(word) + 1
    n = len(starts)
    boxes = np.array([[i / n, 0.1, (i + 0.9) / n, 0.12] for i in range(n)], np.float32)
    words = Words(np.array(starts, np.int32), np.array(ends, np.int32), boxes, np.zeros(n, np.int32))
    return Page(number, {4: "ii", 5: "1"}[number], text, 595, 842, words)


def page_of(document_id: str, number: int) -> Page:
    assert document_id == "d" * 64
    return page(number)


def hit() -> Hit:
    spans = (PageSpan(4, 0, len(TEXTS[4])), PageSpan(5, 0, len(TEXTS[5])))
    text, _ = join_slices([TEXTS[4], TEXTS[5]])
    return Hit(1, 2.0, Passage(0, text, text, spans, document_id="d" * 64, id=7), "nets.pdf", 4, "ii")


def test_a_verbatim_sentence_is_found_where_it_stands() -> None:
    source = align("The Neocognitron was proposed by Fukushima in 1980.", [hit()])
    assert source is not None
    assert source.verbatim
    assert hit().passage.text[source.start : source.end] == "The Neocognitron was proposed by Fukushima in 1980."


def test_typography_case_and_spacing_do_not_matter() -> None:
    source = align('alexnet won the  ImageNet challenge in 2012 "by a wide margin" - with dropout.', [hit()])
    assert source is not None
    assert source.verbatim
    assert cite(1, source, page_of).quote.endswith("“by a wide margin” – with dropout.")


def test_a_reworded_sentence_leads_to_the_sentence_it_rests_on_and_is_not_called_verbatim() -> None:
    source = align("Fukushima proposed the Neocognitron in 1980", [hit()])
    assert source is not None
    assert not source.verbatim
    assert "Fukushima" in hit().passage.text[source.start : source.end]


@pytest.mark.parametrize("sentence", ["The moon is made of cheese.", "", "   ", "It is."])
def test_a_sentence_that_nothing_supports_has_no_source(sentence: str) -> None:
    assert align(sentence, [hit()]) is None


def test_a_citation_names_page_label_and_boxes_of_its_own_page() -> None:
    source = align("AlexNet won the ImageNet challenge in 2012", [hit()])
    assert source is not None
    citation = cite(2, source, page_of)
    assert (citation.marker, citation.page, citation.label, citation.document) == (2, 5, "1", "nets.pdf")
    assert {box.page for box in citation.boxes} == {5}


def test_a_sentence_over_two_pages_is_cited_from_both_and_begins_on_the_first() -> None:
    text = hit().passage.text
    start = text.index("It inspired")
    end = text.index("networks.") + len("networks.")
    citation = cite(1, Source(hit(), start, end, verbatim=True), page_of)
    assert citation.quote == "It inspired later convolutional networks."
    assert citation.page == 4
    assert [span.page for span in citation.spans] == [4, 5]
    assert {box.page for box in citation.boxes} == {4, 5}
    assert join_slices([TEXTS[s.page][s.start : s.end] for s in citation.spans])[0] == citation.quote


@given(st.integers(0, 400), st.integers(1, 400))
def test_every_range_of_a_passage_maps_to_exactly_its_characters(start: int, length: int) -> None:
    text = hit().passage.text
    start = min(start, len(text) - 1)
    end = min(len(text), start + length)
    if not text[start:end].strip():
        return
    citation = cite(1, Source(hit(), start, end, verbatim=True), page_of)
    said, _ = join_slices([TEXTS[s.page][s.start : s.end] for s in citation.spans])
    assert said.replace(" ", "") == text[start:end].replace(" ", "")


@given(st.data())
def test_every_sentence_of_a_passage_aligns_with_itself(data: st.DataObject) -> None:
    text = hit().passage.text
    start, end = data.draw(st.sampled_from(sentence_spans(text)))
    source = align(text[start:end], [hit()])
    assert source is not None
    assert (source.start, source.end, source.verbatim) == (start, end, True)
