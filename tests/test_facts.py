"""Numbers, dates and names: what of a claim stands in its source, however it is written there."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.dates import dated, dates
from rag.answer.facts import Source, facts, lacking
from rag.answer.names import names
from rag.answer.quantities import bears_out, quantities


def lacks(claim: str, source: str, *, context: str = "", known: str = "") -> list[str]:
    return [fact.text for fact in lacking(claim, Source(source, context, known))]


def holds(claim: str, source: str) -> bool:
    said, there = quantities(claim), quantities(source)
    assert said, f"no number is read in {claim!r}"
    return all(bears_out(there, one) for one in said if not one.is_vague)


# ----------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("100480 users", "100,480 users"),
        ("15.3", "15.30"),
        ("1487.5", "1.487,5"),
        ("12,34,567 people", "1,234,567 people"),
        ("three parts", "3 parts"),
        ("twenty-five", "25"),
        ("two hundred and fifty", "250"),
        ("half a million", "500,000"),
        ("two dozen", "24"),
        ("$5.2B", "5.2 billion dollars"),
        ("£3m", "3 million pounds sterling"),
        ("5 %", "five percent"),
        ("20 basis points", "0.2 %"),
        ("two-thirds", "66.7 %"),
        ("a third of it", "33 %"),
        ("5 km", "5,000 metres"),
        ("90 minutes", "1.5 hours"),
        ("5 to 10 million", "5 million to 10 million"),
        ("1914-18", "1914 to 1918"),
        ("the 1980s", "in 1984"),
        ("the 19th century", "in 1845"),
        ("the nineteenth century", "19th century"),
        ("in FY18", "in 2018"),
        ("Q3", "the third quarter"),
        ("3rd", "third"),
        ("a loss of 1,487", "(1,487)"),
        ("1,577", "(1,577)"),  # brackets mark outflows too, which are named without a minus
        ("more than 100", "more than 100"),
        ("about 1,250 pups", "1,262 pups"),
        ("about 16 km", "10 miles"),
    ],
)
def test_a_number_is_held_however_it_is_written(claim: str, source: str) -> None:
    assert holds(claim, source)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("1,488 million", "1,487 million"),
        ("about 60,001 pups", "60,123 pups"),  # nobody says so of another number
        ("roughly 60,001 pups", "roughly 60,000 pups"),  # more than its source says
        ("about 61,000 pups", "about 60,000 pups"),
        ("1,487", "1,487 million"),
        ("5 million", "5 billion"),
        ("480 users", "100,480 users"),
        ("5 %", "$5"),
        ("$5", "€5"),
        ("3 days", "3 weeks"),
        ("2,850 km", "2,850 miles"),
        ("12 square miles", "12 miles"),
        ("44 BC", "44 AD"),
        ("-5 degrees", "5 degrees"),
        ("in 1981", "in 1980"),
        ("in 1984", "in the 1980s"),
        ("the 1970s", "in 1984"),
        ("the 18th century", "in 1845"),
        ("a quarter of it", "33 %"),
        ("1,487 million", "about 1.5 billion"),  # a claim may not say more than its source
    ],
)
def test_another_number_is_not_held(claim: str, source: str) -> None:
    assert not holds(claim, source)


@pytest.mark.parametrize(
    ("claim", "is_held"),
    [
        ("about 1.5 billion", True),
        ("roughly 1,500 million", True),
        ("1.5 billion", True),  # digits dropped, consistently
        ("1.49 billion", True),
        ("1.4 billion", False),  # dropped, not rounded
        ("1.48 billion", False),
        ("over 1.4 billion", True),
        ("more than 1 billion", True),
        ("over 1.5 billion", False),
        ("nearly 1.5 billion", True),
        ("almost 1.4 billion", False),
        ("about 1.7 billion", False),
        ("about 15 billion", False),
        ("1,500 million", False),  # written out to the last digit: that is said to be exact
    ],
)
def test_a_rounded_number_is_held_where_it_says_so_or_drops_digits(claim: str, is_held: bool) -> None:
    assert holds(claim, "1,487 million") is is_held


def test_a_minus_may_be_left_out_where_a_fall_is_spoken_of() -> None:
    assert lacks("It fell by 5 %.", "-5 %") == []
    assert lacks("It was 5 %.", "-5 %") == ["5 %"]


def test_a_year_is_never_about_another() -> None:
    assert not holds("around 1981", "1980")
    assert holds("around 1980", "1980")


def test_the_title_of_a_table_gives_its_numbers_their_scale() -> None:
    row, title = (
        "Purchases of property, plant and equipment (1,577) (1,373)",
        "Years ended December 31 (Millions) 2018 2017",
    )
    assert lacks("Purchases of property were $1,577 million in 2018.", row, context=title) == []
    assert lacks("Purchases of property were about $1.6 billion.", row, context=title) == []
    assert lacks("Purchases of property were $1,577 million in 2018.", row) == ["$1,577 million", "2018"]
    assert lacks("Purchases of property were $1,577 billion.", row, context=title) == ["$1,577 billion"]


@given(value=st.integers(2, 10**9), words=st.sampled_from(["{:,}", "{}", "{:,}.0"]))
def test_a_number_holds_itself_and_not_its_neighbour(value: int, words: str) -> None:
    assert holds(words.format(value), f"{value}")
    assert not holds(words.format(value + 1), f"{value}")


@given(
    value=st.integers(1000, 9999),
    power=st.sampled_from([("thousand", 3), ("million", 6), ("billion", 9)]),
    hedge=st.sampled_from(["", "about ", "roughly ", "approximately "]),
)
def test_a_number_in_two_digits_is_held_exactly_when_it_is_rounded(
    value: int, power: tuple[str, int], hedge: str
) -> None:
    rounded = (value + 50) // 100
    source = f"{value} {power[0]}"
    name = {3: "million", 6: "billion", 9: "trillion"}[power[1]]
    assert holds(f"{hedge}{rounded / 10} {name}", source)
    if not hedge:
        assert not holds(f"{rounded / 10 + 0.3:.1f} {name}", source)


@given(st.integers(0, 10**6), st.text(max_size=40))
def test_reading_numbers_never_breaks_and_places_them(number: int, around: str) -> None:
    text = f"{around} {number} {around}"
    for one in quantities(text):
        assert 0 <= one.start < one.end <= len(text)
    assert [fact.text for fact in facts(text)] == [text[fact.start : fact.end] for fact in facts(text)]


# ------------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "written", ["12 March 2018", "March 12, 2018", "March 12th 2018", "the 12th of March, 2018", "2018-03-12", "12/03/2018",
                "12.3.2018", "3/12/18", "12 Mar. 2018", "MARCH 12, 2018"],
)  # fmt: skip
def test_a_day_is_one_day_in_every_form(written: str) -> None:
    for claim in ("12 March 2018", "March 12, 2018", "March 2018", "in March"):
        (said,) = dates(claim)
        assert dated(dates(written), said), claim
    for claim in ("13 March 2018", "12 April 2018", "12 March 2019", "in May"):
        (said,) = dates(claim)
        assert not dated(dates(written), said), claim


@given(st.dates(date(1100, 1, 1), date(2199, 12, 31)), st.dates(date(1100, 1, 1), date(2199, 12, 31)))
def test_dates_in_words_and_in_digits_agree_exactly_when_they_are_the_same(one: date, other: date) -> None:
    months = "January February March April May June July August September October November December".split()
    (said,) = dates(f"{months[one.month - 1]} {one.day}, {one.year}")
    assert dated(dates(other.isoformat()), said) is (one == other)
    assert dated(dates(one.isoformat()), said)


def test_a_claim_may_not_say_more_of_a_date_than_its_source() -> None:
    assert lacks("It began on 12 March 2018.", "It began in March 2018.") == ["12 March 2018"]
    assert lacks("It began in March 2018.", "In 2018 it was to begin, and on March 12 it did.") == []


def test_words_that_are_no_months_are_no_dates() -> None:
    assert not dates("They may march. May Smith marched in May Fair, March on 1.5 percent.")


# ------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The WHO was founded.", "The World Health Organization was founded."),
        ("The World Health Organization was founded.", "The WHO was founded."),
        ("The United States won.", "The U.S. team won."),
        ("American troops came.", "Troops of the United States came."),
        ("French explorers came.", "Explorers came from France."),
        ("Explorers came from Norway.", "Norwegian explorers came."),
        ("President Obama came.", "Obama came."),
        ("Obama visited Zurich.", "Obama was in Zürich."),
        ("Sales rose.", "Revenue went up."),
        ("It is Einstein's theory.", "The theory of Einstein."),
        ("Acme Corporation grew.", "Acme grew."),
    ],
)
def test_a_name_is_held_in_its_other_forms(claim: str, source: str) -> None:
    assert lacks(claim, source) == []


@pytest.mark.parametrize(
    ("claim", "source", "name"),
    [
        ("Hubel built it.", "It was built by Fukushima.", "Hubel"),
        ("France built it.", "It was built by Spain.", "France"),
        ("Emily built it.", "It was built by Fukushima.", "Emily"),
        ("Austrian troops came.", "Troops came from Australia.", "Austrian"),
        ("Henry VIII reigned.", "Henry VII reigned.", "VIII"),
        ("It lacks vitamin C.", "It lacks vitamin D.", "C"),
        ("The UN was founded.", "The World Health Organization was founded.", "UN"),
        ("It was painted by Marie Curie.", "It was painted by Pierre Curie.", "Marie"),
    ],
)
def test_another_name_is_not_held(claim: str, source: str, name: str) -> None:
    assert lacks(claim, source) == [name]


def test_what_was_asked_for_need_not_be_cited_but_its_numbers_must() -> None:
    known = "When did Apollo 11 land, and how many people saw it in 1970?"
    assert lacks("Apollo 11 landed in July 1969.", "It landed on 20 July 1969.", known=known) == []
    assert lacks("In 1970 people saw Apollo 11.", "It landed on 20 July 1969.", known=known) == ["1970"]


def test_a_common_word_that_begins_a_sentence_is_no_name() -> None:
    assert [word.key for word in names("Women voted. Hubel and Women voted. However, scientists agree.")] == [
        "hubel",
        "women",
    ]
