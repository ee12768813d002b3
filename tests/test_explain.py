"""Why a passage was found, in plain words: what is said agrees with the numbers that it is said of."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.explain import (
    LEAST,
    Piece,
    above_next,
    also_words,
    cited,
    expected,
    hint_words,
    is_near,
    largest,
    pieces,
    shares,
    signed,
    telling_part,
)
from rag.retrieve.ignoring import is_ignored, keeps_word, key_of_word
from rag.types import Answer, Citation, Claim, Expansion, Hint, Hit, PageSpan, Passage, Twin, Understood

SHA = "a" * 64
Signals = dict[str, float]


def hit(rank: int = 1, text: str = "Words.", matched: tuple[tuple[int, int], ...] = (), **signals: float) -> Hit:
    named = tuple((name.replace("_", " "), value) for name, value in signals.items())
    passage = Passage(rank, text, text, (PageSpan(rank, 0, len(text)),), document_id=SHA, id=rank)
    return Hit(rank, sum(signals.values()), passage, "a.pdf", rank, None, signals=named, matched=matched)


# ----------------------------------------------------------------------------------------------------- shares


def test_shares_are_told_largest_first_in_plain_names() -> None:
    told = shares(hit(page_digits=-0.5, meaning=0.25, words=1.5, page_words=0.001))
    assert [(share.name, share.value) for share in told] == [
        ("words", 1.5), ("meaning", 0.25), ("figures on the page", -0.5),
    ]  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["meaning", "words", "headings", "new one"]), st.floats(-5, 5)), st.integers(1, 5)
)
def test_shares_add_up_to_the_score_however_few_are_told(signals: Signals, most: int) -> None:
    found = hit(**signals)
    told = shares(found, most=most)
    assert len(told) <= most
    assert sum(share.value for share in told) == pytest.approx(found.score, abs=LEAST * 4)


def test_bars_are_drawn_to_the_largest_share_of_all_hits_by_size() -> None:
    assert largest([hit(words=1.0), hit(2, words=0.5, meaning=-2.0)]) == 2.0
    assert largest([]) == largest([hit()]) == 1.0


# ------------------------------------------------------------------------------------------------ above the next


def test_what_sets_two_hits_apart_is_a_sentence_of_the_largest_differences() -> None:
    first = hit(1, words=1.0, meaning=0.2, headings=0.1, page_words=0.3)
    third = replace(hit(3, words=0.2, meaning=0.4, headings=0.1, page_words=0.29), rank=3)
    above, last = above_next([first, third])
    assert above is not None
    assert above.text == "above 3 because its words agree more (+0.8) although its meaning is farther (−0.2)"
    assert (above.rank, above.by) == (3, pytest.approx(0.61))
    assert [name for name, _ in above.signals] == ["words", "meaning", "page words"]
    assert last is None


def test_a_difference_too_small_to_tell_is_left_out_of_the_sentence() -> None:
    (above, _) = above_next([hit(1, words=2.0, meaning=0.3), hit(2, words=0.1, meaning=0.2)])
    assert above is not None
    assert above.text == "above 2 because its words agree more (+1.9)"


def test_a_narrow_lead_is_said_to_be_narrow() -> None:
    (above, _) = above_next([hit(1, words=1.0, meaning=0.26), hit(2, words=0.2, meaning=1.0)])
    assert above is not None
    assert above.text == (
        "just above 2 (+0.06) because its words agree more (+0.8) although its meaning is farther (−0.7)"
    )


def test_equal_scores_are_said_to_be_equal() -> None:
    (above, _) = above_next([hit(1, words=1.0, meaning=0.0), hit(2, words=0.0, meaning=1.0)])
    assert above is not None
    assert above.text == "as good as 2: their scores are equal"


def test_a_place_that_the_signals_do_not_explain_is_not_explained_by_them() -> None:
    (above, _) = above_next([hit(1, words=0.5), hit(2, words=1.5)])
    assert above is not None
    assert "because" not in above.text
    assert "−1.0" in above.text


def test_hits_without_signals_are_not_explained() -> None:
    assert above_next([hit(1), hit(2)]) == [None, None]
    assert above_next([]) == []


def test_a_signal_without_words_of_its_own_is_called_by_its_name() -> None:
    (above, _) = above_next([hit(1, something_new=1.0), hit(2, something_new=0.0)])
    assert above is not None
    assert "“something new”" in above.text


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["meaning", "words", "page words", "headings"]), st.floats(-3, 3), min_size=1),
        min_size=2,
        max_size=6,
    )
)
def test_differences_add_up_to_the_difference_of_scores_and_the_sentence_takes_its_side(rows: list[Signals]) -> None:
    hits = sorted((hit(i, **row) for i, row in enumerate(rows, 1)), key=lambda h: -h.score)
    for above in above_next(hits)[:-1]:
        assert above is not None
        assert sum(value for _, value in above.signals) == pytest.approx(above.by, abs=LEAST * 5)
        if above.by >= LEAST * 5:
            assert "+" in above.text.partition(" although ")[0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.24, "+1.2"),
        (-0.8, "−0.8"),
        (0.04, "+0.04"),
        (-0.04, "−0.04"),
        (0.1, "+0.1"),
        (0.06, "+0.06"),
        (12.0, "+12.0"),
    ],
)
def test_numbers_have_a_sign_and_are_short(value: float, said: str) -> None:
    assert signed(value) == said


# ------------------------------------------------------------------------------------------------------ matched


@given(st.text(max_size=120), st.lists(st.tuples(st.integers(0, 130), st.integers(1, 9)), max_size=8))
def test_pieces_together_are_the_text(text: str, raw: list[tuple[int, int]]) -> None:
    matched, at = [], 0
    for start, length in sorted(raw):
        if start >= at and start + length <= len(text):
            matched.append((start, start + length))
            at = start + length
    found = hit(text=text or " ", matched=tuple(matched))
    assert "".join(piece.text for piece in pieces(found)) == found.passage.text


def test_neighbouring_words_are_one_piece_and_words_apart_are_two() -> None:
    found = hit(text="net sales rose, sales", matched=((0, 3), (4, 9), (16, 21)))
    assert pieces(found) == [Piece("net sales", "own"), Piece(" rose, "), Piece("sales", "own")]


def test_the_questions_own_words_are_told_from_other_words_for_them() -> None:
    understood = Understood(
        "What are PP&E costs?",
        "What are PP&E costs?",
        expansions=(Expansion("PP&E", ("plant and equipment",), "acronym"),),
    )
    found = hit(text="The cost of plant.", matched=((4, 8), (12, 17)))
    assert [piece for piece in pieces(found, understood) if piece.of] == [Piece("cost", "own"), Piece("plant", "other")]
    named = replace(understood, question="Boeings losses?", query="Boeings losses?")
    (boeing, *_) = pieces(hit(text="Boeing lost.", matched=((0, 6),)), named)
    assert boeing == Piece("Boeing", "own")


def test_the_part_that_is_shown_holds_the_most_different_matched_words_and_begins_with_a_whole_one() -> None:
    text = "sales sales sales " + "nothing of that kind " * 30 + "net revenue of the year " + "and more of this " * 30
    at = text.index("net")
    found = hit(text=text, matched=((0, 5), (6, 11), (12, 17), (at, at + 3), (at + 4, at + 11), (at + 19, at + 23)))
    start, end = telling_part(found, 200)
    assert start <= at < at + 23 <= end <= start + 200
    assert text[start - 1] == " "
    assert not text[start].isspace()
    assert text[end : end + 1].isspace()


@given(st.text(alphabet="ab \n", min_size=1, max_size=900), st.integers(160, 400))
def test_the_part_that_is_shown_is_no_longer_than_asked_for(text: str, n: int) -> None:
    matched = tuple((i, i + 1) for i in range(0, len(text), 7))
    start, end = telling_part(hit(text=text, matched=matched), n)
    assert 0 <= start <= end <= len(text)
    assert end - start <= n


# --------------------------------------------------------------------------------------------------- understood


def test_what_is_expected_is_said_and_where_only_when_it_is_probable() -> None:
    asked = Understood("?", answer_type="money", evidence=(("table", 0.8), ("prose", 0.2)))
    assert expected(asked) == "an amount of money, probably in a table"
    assert expected(replace(asked, evidence=(("table", 0.5), ("prose", 0.5)))) == "an amount of money"
    assert expected(Understood("?")) == ""


def test_a_hint_says_of_what_kind_it_is_unless_it_says_so_itself() -> None:
    assert hint_words(Hint("page", "on page 12", "page 12")) == "page 12"
    assert hint_words(Hint("period", "in 2018", "2018")) == "period: 2018"


def test_a_hint_is_taken_away_by_its_key_its_meaning_or_its_words() -> None:
    hint = Hint("document", "3M's report", "3M_2018_10K.pdf")
    assert all(is_ignored(hint, [key]) for key in (hint.key, "3m_2018_10k.pdf", "3M’s report"))
    assert not is_ignored(hint, ["3M", "page: 3M_2018_10K.pdf"])
    assert not is_ignored(hint, [])


def test_a_word_is_kept_as_typed_when_it_is_named() -> None:
    assert keeps_word("Chopn", [key_of_word("Chopn")])
    assert keeps_word("Chopn", ["chopn"])
    assert not keeps_word("Chopn", ["Chopin"])


def test_twins_are_told_by_page_the_own_document_first_and_not_endlessly() -> None:
    twins = (Twin("b.pdf", 3, None), Twin("a.pdf", 12, "12"), Twin("a.pdf", 40, "38"))
    assert also_words(replace(hit(), also=twins)) == "p. 12, 38 (PDF 40), p. 3 of b.pdf"
    many = tuple(Twin("a.pdf", n, None) for n in range(1, 11))
    assert also_words(replace(hit(), also=many)) == "p. 1, 2, 3, 4, 5, 6 and in 4 more places"


# -------------------------------------------------------------------------------------------------------- cited


def test_a_hit_is_cited_when_a_claim_rests_on_a_place_in_it() -> None:
    hits = (hit(1, "One two three."), hit(2, "Four five six."))
    citation = Citation(1, SHA, "a.pdf", 2, None, "five", (PageSpan(2, 5, 9),), ())
    answer = Answer("?", "extractive", "five", (Claim("five", (citation,), "verbatim"),), hits, abstained=False)
    assert cited(answer) == {2}
    assert cited(replace(answer, claims=())) == set()


def test_what_is_near_passes_the_threshold_and_what_has_no_vector_does_too() -> None:
    assert is_near(replace(hit(), similarity=0.3), 0.3)
    assert not is_near(replace(hit(), similarity=0.29), 0.3)
    assert is_near(replace(hit(), similarity=None), 0.9)
    assert is_near(replace(hit(), similarity=0.1, relevance=0.5), 0.4), "its relevance counts, where it is known"
    assert is_near(replace(hit(), similarity=-0.1), 0.0)
