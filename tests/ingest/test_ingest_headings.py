"""The levels of headings: outline, numbers, looks."""

from rag.ingest.passages.headings import heading_levels
from rag.ingest.passages.setting import PlacedBlock
from rag.types import Heading


def levels(*headings: tuple[str, float, bool], outline: tuple[tuple[int, str], ...] = ()) -> list[int]:
    """Return the levels of headings (text, size, bold) that follow each other."""
    blocks = [PlacedBlock("heading", size, bold, text) for text, size, bold in headings]
    found = heading_levels(blocks, [Heading(level, title, 1) for level, title in outline])
    return [found[i] for i in range(len(blocks))]


def test_unnumbered_headings_stand_with_the_numbered_ones_that_look_like_them() -> None:
    assert levels(
        ("On Lamps", 18, True),
        ("Abstract", 12, True),
        ("1 Introduction", 12, True),
        ("2 Lamps", 12, True),
        ("2.1 Oil", 10, True),
        ("Wicks", 10, True),
        ("2.1.1 Rape oil", 10, False),
        ("References", 12, True),
    ) == [1, 1, 1, 1, 2, 2, 3, 1]


def test_parts_items_and_notes_nest_and_what_looks_the_same_stands_below() -> None:
    same = [
        "PART I", "Item 1. Business.", "Lamps", "Item 2. Properties.", "Towers", "PART II", "Item 8. Statements.",
        "1. Policies", "2. Leases",
    ]  # fmt: skip
    found = levels(*((text, 10, True) for text in same))
    assert found[:2] + found[3:4] + found[5:7] == [1, 2, 2, 1, 2]
    assert found[2] == found[4] > 2
    assert found[7] == found[8] == 3


def test_letters_stand_below_roman_numbers() -> None:
    assert levels(
        ("I. INTRODUCTION", 10, False),
        ("II. LAMPS", 10, False),
        ("A. Oil", 10, False),
        ("B. Paraffin", 10, False),
        ("III. STORMS", 10, False),
        ("REFERENCES", 10, False),
    ) == [1, 1, 2, 2, 1, 1]


def test_appendices_by_letter_stand_with_the_chapters_that_look_like_them() -> None:
    assert levels(
        ("1 Introduction", 12, True),
        ("2 Lamps", 12, True),
        ("2.1 Oil", 10, True),
        ("A. Tables", 12, True),
        ("A.1 Of oil", 10, True),
        ("B. Maps", 12, True),
    ) == [1, 1, 2, 1, 2, 1]


def test_a_chapter_holds_the_sections_that_carry_its_number() -> None:
    assert levels(
        ("Chapter 1", 20, True), ("1.1 Oil", 14, True), ("1.1.1 Rape", 12, True), ("Chapter 2", 20, True)
    ) == [1, 2, 3, 1]


def test_the_outline_decides_and_what_looks_alike_follows_it() -> None:
    outline = ((1, "Part one"), (2, "The storm"), (2, "The lamp"))
    found = levels(
        ("Part one", 16, True), ("The storm", 12, True), ("The window", 12, True), ("Glass", 10, True), outline=outline
    )
    assert found == [1, 2, 2, 3]


def test_looks_rank_by_size_then_capitals_then_weight_without_gaps() -> None:
    assert levels(
        ("On Lamps", 30, False),
        ("LAMP OIL", 12, True),
        ("Rape oil", 12, True),
        ("Price", 12, False),
        ("WICKS", 12.1, True),
    ) == [1, 2, 3, 4, 2]


def test_a_number_that_continues_no_other_tells_nothing() -> None:
    found = levels(("Laws", 12, True), ("18 U.S.C. Section 1350", 10, True), ("Duties", 10, True))
    assert found == [1, 2, 2]
