"""What a document is, by its first page: title, authors or company, date."""

from __future__ import annotations

import pytest

from rag.guide.about import about
from tests.guide.made import made_reading

BODY = "\n".join(f"Line {n} of running text that says nothing special at all." for n in range(14))


def test_a_sound_title_of_the_metadata_is_cited_where_it_stands() -> None:
    said = about(
        made_reading([f"Verifiable Generation: A Benchmark\n{BODY}"], title="Verifiable Generation: A Benchmark")
    )
    assert said.title.text == "Verifiable Generation: A Benchmark"
    assert said.title.citation is not None
    assert said.title.citation.quote == "Verifiable Generation: A Benchmark"
    assert said.title.citation.boxes


@pytest.mark.parametrize("poor", ["Microsoft Word - draft.doc", "untitled", "0001065280-18-000069", "made"])
def test_a_poor_title_gives_way_to_the_largest_letters(poor: str) -> None:
    said = about(made_reading([f"Policy brief\nHow Cities Grow\n{BODY}"], title=poor, sizes=(10, 24)))
    assert said.title.text == "How Cities Grow"


def test_a_proposal_of_how_to_cite_names_the_title() -> None:
    said = about(made_reading([f"RECOMMENDED CITATION: Pew, March 2019, “Who They Are”\n{BODY}"], title="About us"))
    assert said.title.text == "Who They Are"


def test_authors_stand_below_the_title_without_their_marks() -> None:
    said = about(
        made_reading(
            [f"A Paper on Rivers\nXinyuan Lu1,2, Min-Yen Kan2\nA University\n{BODY}"], title="A Paper on Rivers"
        )
    )
    assert said.by is not None
    assert said.by.text == "Xinyuan Lu, Min-Yen Kan"


def test_letters_that_mark_affiliations_are_not_part_of_names() -> None:
    page = f"A Paper on Rivers\nYunfan Gaoa, Yun Xiongb, Yi Daia\naShanghai Institute bFudan University\n{BODY}"
    by = about(made_reading([page], title="A Paper on Rivers")).by
    assert by is not None
    assert by.text == "Yunfan Gao, Yun Xiong, Yi Dai"


def test_a_cover_names_company_form_and_period() -> None:
    cover = (
        "FORM 10-K\nANNUAL REPORT PURSUANT TO SECTION 13 For the fiscal year ended December 31, 2017\n"
        "ACME, INC.\n(Exact name of registrant as specified in its charter)"
    )
    said = about(made_reading([cover, "Acme sells anvils. At Acme, anvils are heavy."], title="0001065280-18-000069"))
    assert said.title.text == "ACME, INC.: annual report (Form 10-K)"
    assert said.by is not None
    assert said.by.citation is not None
    assert said.by.citation.quote == "ACME, INC."
    assert said.date is not None
    assert said.date.text == "Fiscal year ended December 31, 2017"
    assert said.company == "Acme"


def test_the_author_of_the_metadata_counts_only_where_the_pages_name_them() -> None:
    page = f"On Rivers\n{BODY}"
    assert about(made_reading([page], title="On Rivers", author="EDGAR Online Services")).by is None
    named = about(made_reading([page + "\nJane Doe wrote this."], title="On Rivers", author="Jane Doe")).by
    assert named is not None
    assert named.text == "Jane Doe"


def test_without_any_sign_there_are_no_authors_and_no_date() -> None:
    said = about(made_reading([BODY], title="On Rivers"))
    assert said.by is None
    assert said.date is None
