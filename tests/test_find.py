"""Words are found where they stand: whatever their case and accents, over lines and pages, and nowhere else."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InputError
from rag.find import MAX_PLACES, Places, find_words
from rag.types import Page, Words


def page(number: int, text: str) -> Page:
    """A page whose words stand one below the other, a word a line."""
    starts = [i for i, c in enumerate(text) if not c.isspace() and (i == 0 or text[i - 1].isspace())]
    ends = [next((i for i in range(start, len(text)) if text[i].isspace()), len(text)) for start in starts]
    lines = np.arange(len(starts), dtype=np.int32)
    boxes = np.array([[0.1, i / 1000, 0.9, (i + 1) / 1000] for i in range(len(starts))], np.float32).reshape(-1, 4)
    return Page(number, None, text, 600, 800, Words(np.array(starts, np.int32), np.array(ends, np.int32), boxes, lines))


def find(wanted: str, *texts: str) -> Places:
    pages = {number: page(number, text) for number, text in enumerate(texts, 1)}
    return find_words(wanted, [(number, text) for number, text in enumerate(texts, 1)], pages.__getitem__)


def found(wanted: str, *texts: str) -> list[str]:
    """The texts of the spans that are found, those of one place joined by a bar."""
    return ["|".join(texts[s.page - 1][s.start : s.end] for s in place.spans) for place in find(wanted, *texts).places]


@pytest.mark.parametrize(
    ("wanted", "text", "stands"),
    [
        ("NET sales", "Our net sales rose.", "net sales"),
        ("naive cafe", "A naïve café.", "naïve café"),
        ("naïve", "A naive one.", "naive"),
        ("cafe", "The cafe\u0301 is open.", "cafe\u0301"),  # the accent is a character of its own
        ("efficient", "An eﬃcient way.", "eﬃcient"),  # a ligature
        ("cooperate", "They co\u00adoperate.", "co\u00adoperate"),
        ("don't", "We don’t know.", "don’t"),
        ("2010-2012", "From 2010–2012 on.", "2010–2012"),
        ("strasse", "Lange Straße 5", "Straße"),
        ("a b", "x a \n\u00a0 b y", "a \n\u00a0 b"),
        ("c++ (new)", "In C++ (new) it is.", "C++ (new)"),
    ],
)
def test_the_form_of_letters_makes_no_difference(wanted: str, text: str, stands: str) -> None:
    assert found(wanted, text) == [stands]


@pytest.mark.parametrize(
    ("wanted", "text"), [("net  sales", "netsales"), ("か", "が"), (".*", "any"), ("sales net", "net sales")]
)
def test_other_words_are_not_found(wanted: str, text: str) -> None:
    assert find(wanted, text).n_places == 0


def test_a_phrase_goes_on_over_the_end_of_a_page_and_lights_both() -> None:
    places = find("deep blue sea", "It lies in the deep", "blue sea, they say.").places
    assert [(span.page, span.start, span.end) for span in places[0].spans] == [(1, 15, 19), (2, 0, 8)]
    assert {box.page for box in places[0].boxes} == {1, 2}
    assert places[0].words == "deep blue sea"


def test_a_word_broken_at_the_foot_of_a_page_is_whole() -> None:
    assert found("big computer room", "A big com\u00ad", "puter room.") == ["big com\u00ad|puter room"]
    assert find("computer", "A big com\u00ad", "puter room.").places[0].words == "computer"


def test_a_phrase_may_run_over_a_whole_page() -> None:
    assert found("a b c", "a", "b", "c") == ["a|b|c"]


def test_the_boxes_are_those_of_the_words_found() -> None:
    place = find("wide sea", "The wide sea is wide.").places[0]
    assert [round(box.y0 * 1000) for box in place.boxes] == [1, 2]


def test_what_stands_around_reads_as_the_page_does() -> None:
    text = (
        "It was said of old that far behind the hills there lies a wide sea, and nobody who went there ever came back."
    )
    place = find("wide sea", text).places[0]
    assert place.before + place.words + place.after in text
    assert not place.before.startswith("t far")  # whole words
    assert len(place.before) <= 48


def test_all_are_counted_even_if_not_all_are_told() -> None:
    places = find("x", *["x " * 300] * 3)
    assert (len(places.places), places.n_places, places.n_pages) == (MAX_PLACES, 900, 3)


@pytest.mark.parametrize("wanted", ["", "  \n", "\u00ad", "x" * 301])
def test_nothing_and_too_much_are_refused(wanted: str) -> None:
    with pytest.raises(InputError):
        find(wanted, "x")


LETTERS = st.text(st.sampled_from("abcAB éÉßﬁ’-\u00ad\n\u0301"), max_size=40)


@given(st.lists(LETTERS, min_size=1, max_size=4), st.data())
def test_every_piece_of_a_page_is_found_where_it_stands(texts: list[str], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(texts) - 1))
    words = texts[number].split()
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    wanted = " ".join(words[first : first + 3])
    if not "".join(c for c in unicodedata.normalize("NFKD", wanted) if not unicodedata.combining(c)).strip(" \u00ad"):
        return
    places = find(wanted, *texts)
    assert places.n_places >= 1
    for place in places.places:
        for span in place.spans:
            assert 0 <= span.start <= span.end <= len(texts[span.page - 1])


@given(st.text(st.sampled_from("ab \n"), max_size=60), st.text(st.sampled_from("ab"), min_size=1, max_size=3))
def test_plain_words_are_found_as_often_as_python_counts_them(text: str, wanted: str) -> None:
    assert find(wanted, text).n_places == text.count(wanted)
