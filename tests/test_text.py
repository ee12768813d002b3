from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import content_words, fold, sentence_spans, stem, stems, without_leaders, words


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith met Mr. J. K. Jones. They spoke.", ["Dr. Smith met Mr. J. K. Jones.", "They spoke."]),
        ("It rose to 3.5 million. See Fig. 3 and p. 12.", ["It rose to 3.5 million.", "See Fig. 3 and p. 12."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("The U.S. Army left at 5 p.m. The sun set.", ["The U.S. Army left at 5 p.m.", "The sun set."]),
        ("Revenue | 2018: 5\nCost | 2018: 3", ["Revenue | 2018: 5", "Cost | 2018: 3"]),
        ("It was shown.[12] Later work differs.", ["It was shown.[12]", "Later work differs."]),
        ("as in e.g. cats and dogs. Next", ["as in e.g. cats and dogs.", "Next"]),
        ("born (b. 1901) in Rome. He", ["born (b. 1901) in Rome.", "He"]),
        (
            "3.5 Alarms........ 22 3.6 Activity reminder....… 23 Index . . . . . 93",
            ["3.5 Alarms........ 22", "3.6 Activity reminder....… 23", "Index . . . . . 93"],
        ),
        ("Business ..... 5 Risk Factors .... F-12", ["Business ..... 5", "Risk Factors .... F-12"]),
        (
            "Net sales ........ 1,577 1,373\nCost . . . . 12 15",
            ["Net sales ........ 1,577 1,373", "Cost . . . . 12 15"],
        ),
        (
            "He waited .... and slept. She left .... Then it rained.",
            ["He waited .... and slept.", "She left ....", "Then it rained."],
        ),
        ("", []),
        ("  \n ", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(alphabet=st.sampled_from("ab AB.!?\n\"')(12 é。…"), max_size=80))
def test_every_visible_character_lies_in_exactly_one_sentence(text: str) -> None:
    covered: list[int] = []
    for start, end in sentence_spans(text):
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        covered += range(start, end)
    assert covered == sorted(set(covered))
    assert {i for i, character in enumerate(text) if not character.isspace()} <= set(covered)


def test_numbers_stay_whole() -> None:
    assert words("It cost $1,577.5 million in FY2018.") == ["it", "cost", "1,577.5", "million", "in", "fy2018"]


def test_content_words_fall_back_to_all_words() -> None:
    assert content_words("What is the loss?") == ["loss"]
    assert content_words("Who is it?") == ["who", "is", "it"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("running", "runs"),
        ("company", "companies"),
        ("operates", "operating"),
        ("batches", "batch"),
        ("stopped", "stop"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_different_words_keep_different_stems() -> None:
    assert len({stem(word) for word in ("neuron", "neural", "network", "loss", "loses", "2018", "2019")}) == 7


def test_stems_leave_out_stop_words() -> None:
    assert stems("the losses of the companies") == ["loss", "company"]


def test_fold_makes_typographic_variants_equal() -> None:
    assert fold("“Café”  –\nﬁne") == fold('"café" - fine')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.6 Activity reminder....… 23", "3.6 Activity reminder 23"),
        ("Index . . . . . . 93\nNotes.......94", "Index 93\nNotes 94"),
        ("It ended... Then. i.e. 3.5 U.S. it began", "It ended... Then. i.e. 3.5 U.S. it began"),
    ],
)
def test_dot_leaders_are_not_searched_and_other_dots_stay(text: str, expected: str) -> None:
    assert without_leaders(text) == expected


@given(st.text(alphabet=st.sampled_from("aB1 .…\n"), max_size=80))
def test_taking_out_leaders_takes_nothing_else(text: str) -> None:
    def kept(text: str) -> str:
        return "".join(c for c in text if c not in ".… ")

    assert kept(without_leaders(text)) == kept(text)
