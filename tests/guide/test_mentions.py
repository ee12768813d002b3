"""Every place where a phrase stands is found, and no other."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from rag.guide.mentions import Phrase, around

WORDS = st.sampled_from("river rivers Danube the of water, flows.".split())


def found(phrase: str, text: str) -> list[str]:
    return [text[start:end] for start, end in Phrase(phrase).spans(text)]


def test_case_endings_and_hyphens_do_not_matter() -> None:
    text = "Filter-then-rerank works. FILTER then rerank! Filters-then-reranks, too."
    assert found("filter-then-rerank", text) == ["Filter-then-rerank", "FILTER then rerank", "Filters-then-reranks"]


def test_an_acronym_in_capitals_is_not_the_small_word() -> None:
    assert found("IT", "IT is what it is: its IT.") == ["IT", "IT"]
    assert found("LLM", "LLMs and an LLM, not an llm.") == ["LLMs", "LLM"]


def test_words_of_two_paragraphs_are_no_phrase() -> None:
    assert found("black sea", "It is black\nSea water is salt.") == []
    assert found("black sea", "into the Black Sea") == ["Black Sea"]


@given(st.lists(WORDS, max_size=30))
def test_spans_agree_with_a_plain_search(words: list[str]) -> None:
    text = " ".join(words)
    naive = re.findall(r"\brivers?\b", text)
    assert found("river", text) == naive


def test_a_sentence_is_listed_once_with_the_number_of_its_mentions() -> None:
    texts = {3: "No word of it. The Danube meets the Danube canal. It flows on.", 5: "The Danube rises."}
    mentions = list(Phrase("danube").mentions(texts))
    assert [(m.page, m.n, texts[m.page][m.start : m.end]) for m in mentions] == [
        (3, 2, "The Danube meets the Danube canal."),
        (5, 1, "The Danube rises."),
    ]
    start, end = mentions[0].first
    assert texts[3][mentions[0].start :][start:end] == "Danube"


@given(st.integers(0, 900), st.integers(1, 40))
def test_the_part_that_is_shown_holds_the_phrase(at: int, length: int) -> None:
    text = ("word " * 200)[:990]
    start, end = around(text, 0, len(text), (at, at + length))
    assert start <= at
    assert end >= at + length
    assert end - start <= 320 + length
