import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.spans import page_boxes, passage_slice
from rag.types import Page, PageSpan, Passage, Words, join_slices

pages_of_words = st.lists(
    st.lists(st.text("abcdeé", min_size=1, max_size=6), min_size=1, max_size=6), min_size=1, max_size=4
)


def _passage(words: list[list[str]], broken: list[bool]) -> tuple[Passage, dict[int, str]]:
    texts = {
        n: " ".join(page) + ("\u00ad" if b else "") for n, (page, b) in enumerate(zip(words, broken, strict=True), 1)
    }
    spans = tuple(PageSpan(n, 0, len(text)) for n, text in texts.items())
    return Passage(0, join_slices(list(texts.values()))[0], "", spans), texts


@given(pages_of_words, st.data())
def test_a_slice_of_a_passage_reads_the_same_on_its_pages(words: list[list[str]], data: st.DataObject) -> None:
    broken = [*data.draw(st.lists(st.booleans(), min_size=len(words) - 1, max_size=len(words) - 1)), False]
    passage, texts = _passage(words, broken)
    start = data.draw(st.integers(0, len(passage.text)))
    end = data.draw(st.integers(start, len(passage.text)))
    while start < end and passage.text[start] == " ":  # a space at the edge may be one between two pages
        start += 1
    while start < end and passage.text[end - 1] == " ":
        end -= 1
    spans = passage_slice(passage, texts, start, end)
    slices = [texts[span.page][span.start : span.end] for span in spans]
    assert join_slices(slices)[0].rstrip("\u00ad") == passage.text[start:end]


@given(pages_of_words)
def test_a_whole_passage_is_its_own_spans(words: list[list[str]]) -> None:
    passage, texts = _passage(words, [True] * (len(words) - 1) + [False])
    assert passage_slice(passage, texts, 0, len(passage.text)) == passage.spans


def test_a_word_broken_over_two_pages_stands_on_both() -> None:
    passage, texts = _passage([["a", "light"], ["house", "stood"]], [True, False])
    assert passage.text == "a lighthouse stood"
    assert passage_slice(passage, texts, 2, 12) == (PageSpan(1, 2, 8), PageSpan(2, 0, 5))
    assert passage_slice(passage, texts, 2, 6) == (PageSpan(1, 2, 6),)
    assert passage_slice(passage, texts, 7, 9) == (PageSpan(2, 0, 2),)


def test_the_space_between_two_pages_belongs_to_neither() -> None:
    passage, texts = _passage([["one"], ["two"]], [False, False])
    assert passage_slice(passage, texts, 3, 4) == ()


def _page(text: str, line_of: list[int]) -> Page:
    starts = [i for i, c in enumerate(text) if c != " " and (i == 0 or text[i - 1] == " ")]
    ends = [i + 1 for i, c in enumerate(text) if c != " " and (i + 1 == len(text) or text[i + 1] == " ")]
    boxes = []
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        column = start - starts[line_of.index(line_of[i])]
        boxes.append([column / 100, line_of[i] / 10, (column + end - start) / 100, line_of[i] / 10 + 0.08])
    words = Words(
        np.array(starts, np.int32), np.array(ends, np.int32), np.array(boxes, np.float32), np.array(line_of, np.int32)
    )
    return Page(7, None, text, 100, 100, words)


def test_words_of_one_line_share_a_rectangle_and_each_line_has_its_own() -> None:
    page = _page("ab cd ef gh", [0, 0, 1, 1])
    first, second = page_boxes(page, 0, 11)
    assert (first.page, second.page) == (7, 7)
    np.testing.assert_allclose([first.x0, first.y0, first.x1, first.y1], [0, 0, 0.05, 0.08], atol=1e-6)
    np.testing.assert_allclose([second.x0, second.y0, second.x1, second.y1], [0, 0.1, 0.05, 0.18], atol=1e-6)


def test_a_word_covered_by_half_gives_half_its_width() -> None:
    (box,) = page_boxes(_page("abcd", [0]), 1, 3)
    np.testing.assert_allclose([box.x0, box.x1], [0.01, 0.03], atol=1e-6)


def test_an_empty_range_and_a_page_without_words_have_no_boxes() -> None:
    assert page_boxes(_page("ab cd", [0, 0]), 2, 2) == ()
    assert page_boxes(_page("ab cd", [0, 0]), 2, 3) == ()
    assert page_boxes(Page(1, None, "", 10, 10, Words.none()), 0, 5) == ()


@given(st.integers(1, 8), st.data())
def test_boxes_grow_with_the_range_and_stay_on_the_page(n_words: int, data: st.DataObject) -> None:
    page = _page(
        " ".join(["abc"] * n_words), sorted(data.draw(st.lists(st.integers(0, 3), min_size=n_words, max_size=n_words)))
    )
    end = data.draw(st.integers(1, len(page.text)))
    start = data.draw(st.integers(0, end - 1))

    def width(first: int, last: int) -> float:
        return sum(box.x1 - box.x0 for box in page_boxes(page, first, last))

    assert width(start, end) <= width(0, len(page.text)) + 1e-6
    assert all(0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1 for box in page_boxes(page, start, end))
