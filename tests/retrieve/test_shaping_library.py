"""Shaping in a real library: what repeats is told of the hit, compared documents come in turn, quotes stay verbatim."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.library import Library
from rag.types import join_slices
from tests.conftest import WordEncoder

MakePdf = Callable[..., Path]

RISK = (
    "Forward looking statements are subject to risks and uncertainties that may cause results to differ from those "
    "expected, and no one should rely on them. " * 3
)


def page(sentence: str, seed: int) -> str:
    """Return a passage's worth of text that no other page has, with a sentence in its middle."""
    letters = random.Random(seed)
    rest = ["".join(letters.choices("bcdfgaeiou", k=7)) for _ in range(60)]
    return f"Page {' '.join(rest[:30])}. {sentence} Then {' '.join(rest[30:])}."


@pytest.fixture
def reports(tmp_path: Path, make_pdf: MakePdf) -> Iterator[Library]:
    library = Library(tmp_path / "library", encoder=WordEncoder(), n_threads=1)
    for n, name in enumerate(("Acme", "Bolt")):
        often = 6 - 4 * n  # Acme says it louder
        pages = [[page(f"{name} pays dividends to its owners." * often, 10 * n + i)] for i in range(4)]
        title = f"{name} annual report"
        library.add(make_pdf([*pages, [RISK]], f"{name}_2018_annual_report.pdf", title=title))
    yield library
    library.close()


def test_a_hit_says_where_else_its_text_stands(reports: Library) -> None:
    found = [hit for hit in reports.search("forward looking statements, risks and uncertainties", 4) if hit.also]
    (hit,) = found
    (twin,) = hit.also
    assert {hit.document, twin.document} == {"Acme_2018_annual_report.pdf", "Bolt_2018_annual_report.pdf"}
    assert (hit.page, twin.page, twin.label) == (5, 5, hit.label)


def test_hits_of_compared_documents_come_in_turn(reports: Library) -> None:
    found = reports.search("Compare the dividends of Acme and Bolt", 4)
    names = [hit.document[:4] for hit in found]
    assert sorted(names[:2]) == sorted(names[2:]) == ["Acme", "Bolt"]


def test_every_hit_is_verbatim_under_its_spans_and_has_boxes_there(tmp_path: Path, make_pdf: MakePdf) -> None:
    library = Library(tmp_path / "library", encoder=WordEncoder(), n_threads=1)
    letters = random.Random(3)
    said = " ".join(
        f"The river {''.join(letters.choices('bcdfgaeiou', k=8))} is long and flows to the sea." for _ in range(24)
    )
    library.add(make_pdf([[said]], "rivers.pdf"))
    n_passages = library.document("rivers.pdf").n_passages
    hits = library.search("Which river is long?", 10)
    assert len(hits) < n_passages
    for hit in hits:
        slices = [library.page("rivers.pdf", s.page).text[s.start : s.end] for s in hit.passage.spans]
        assert hit.passage.text == join_slices(slices)[0]
        assert hit.boxes
    answer = library.ask("Which river is long?")
    assert all(c.quote in said for claim in answer.claims for c in claim.citations)
    library.close()
