"""Questions made of documents: natural, with their answer and place, none that two places answer differently."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from rag.exam import cells, sections, statements
from rag.exam.candidates import Candidate
from rag.exam.doubts import Doubts, name_in_question, subjects_in, with_name
from rag.exam.items import Item
from rag.exam.making import Pool, items_of, pool, quotas
from rag.guide.reading import Reading
from rag.types import Cell, Document, Heading, PageSpan, Passage
from tests.guide.made import made_reading as made_with_ranks
from tests.guide.made import voice

SPEAKS = voice(
    "danube regensburg europe",
    "people station barges cost river bridge revenue sales gauge lock salt stone timber a the",
)


def made_reading(pages: Sequence[str], **more: Any) -> Reading:
    """A made document in a language all of whose words are known."""
    return replace(made_with_ranks(pages, **more), ranks={})


def question(text: str) -> Candidate | None:
    reading = made_reading([text])
    return next(statements.questions_of(SPEAKS, reading, reading.sentences[0]), None)


@pytest.mark.parametrize(
    ("text", "asked", "answer", "kind"),
    [
        (
            "A stream gauge is an instrument that measures the height of the water.",
            "What is a stream gauge?",
            "an instrument that measures the height of the water",
            "definition",
        ),
        (
            "The stone bridge of Regensburg was built in 1846 with sixteen arches.",
            "When was the stone bridge of Regensburg built?",
            "1846",
            "name",
        ),
        (
            "In 2019, the river authority had 120 gauges along the Danube.",
            "How many gauges did the river authority have in 2019?",
            "120",
            "figure",
        ),
        (
            "Barges were late in Regensburg because of a broken lock near the town.",
            "Why were barges late in Regensburg?",
            "a broken lock near the town",
            "statement",
        ),
    ],
)
def test_a_sentence_gives_a_question_with_its_answer(text: str, asked: str, answer: str, kind: str) -> None:
    made = question(text)
    assert made is not None
    assert (made.question, made.answer, made.kind, made.page) == (asked, answer, kind, 1)


@pytest.mark.parametrize(
    "text",
    [
        "The bridge was built in 1846 with a good many arches.",  # which bridge?
        "Oil is a significant component in the cost of every barge trip.",  # says nothing of what oil is
        "The station requires three men for the lock.",  # requires what for what?
        "Sales in May and June were 12 and 14 tons of salt, respectively, for all.",
    ],
)
def test_what_needs_its_page_to_be_understood_is_not_asked(text: str) -> None:
    assert question(text) is None


def gap(text: str) -> Candidate | None:
    reading = made_reading([text])
    return statements.cloze_of(SPEAKS, reading, reading.sentences[0], random.Random(0))


def test_a_gap_takes_a_number_with_its_unit() -> None:
    made = gap("Barges carried salt worth $4.5 million from the southern harbours to the towns on the river.")
    assert made is not None
    assert made.answer == "$4.5 million"
    assert made.question == "Barges carried salt worth ____ from the southern harbours to the towns on the river."


@pytest.mark.parametrize(
    "text",
    [
        "Most of them carried salt from the southern harbours to 1,200 towns on the river.",  # points elsewhere
        "The route served with minor changes as the way for salt barges up to the end (1979–80).",
        "Barges carried salt, wool, iron and timber from the southern harbours to the towns.",
    ],
)
def test_a_sentence_that_cannot_lose_a_word_has_no_gap(text: str) -> None:
    assert gap(text) is None


# ------------------------------------------------------------------------------------------------------ tables


def table(rows: Sequence[tuple[str, Sequence[str]]], heads: Sequence[str], *, title: str = "") -> Reading:
    """A document of one page with a table on it."""
    lines = ["  ".join([label, *values]) for label, values in rows]
    reading = made_reading(["\n".join(lines)])
    found, at = [], 0
    for line, (label, values) in zip(lines, rows, strict=True):
        place = at + len(label)
        for head, value in zip(heads, values, strict=True):
            start = reading.texts[1].index(value, place)
            found.append(Cell(PageSpan(1, start, start + len(value)), head))
            place = start + len(value)
        at += len(line) + 1
    text = reading.texts[1]
    passage = Passage(
        0, text, text, (PageSpan(1, 0, len(text)),), kind="table", document_id="a" * 64, title=title, cells=tuple(found)
    )
    return replace(reading, passages=[passage])


def asked_of(reading: Reading) -> dict[str, str]:
    return {c.question: c.answer for c in cells.questions_of(SPEAKS, reading, reading.passages[0])}


def test_a_cell_is_asked_for_by_its_row_and_its_period() -> None:
    made = asked_of(table([("Salt revenue", ["1,234", "999"]), ("Lock repairs", ["55", "(61)"])], ["2018", "FY 2017"]))
    assert made == {
        "What was salt revenue in 2018?": "1,234",
        "What was salt revenue in fiscal 2017?": "999",
        "What were lock repairs in 2018?": "55",
        "What were lock repairs in fiscal 2017?": "(61)",
    }


def test_a_column_that_is_no_period_is_named() -> None:
    made = asked_of(table([("Salt barges", ["12", "14"]), ("Timber rafts", ["17", "19"])], ["Upper river", "Total"]))
    assert made["What does the table give for Salt barges under Upper river?"] == "12"
    assert not any("Total" in question for question in made)


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("2018", "in 2018"),
        ("Fiscal 2019", "in fiscal 2019"),
        ("As of January 31, 2020", "as of January 31, 2020"),
        ("Year ended DECEMBER 31, 2018", "in the year ended December 31, 2018"),
        ("Q2 2023", "in Q2 2023"),
        ("Operating income 2018", None),
        ("", None),
    ],
)
def test_a_heading_is_a_period_only_when_it_is_nothing_else(heading: str, said: str | None) -> None:
    assert cells.when_of(heading) == said


def test_one_figure_or_a_dash_is_not_asked_for() -> None:
    assert not asked_of(table([("Salt revenue", ["—", "4"]), ("Lock repairs", ["—", "7"])], ["2018", "2017"]))


# ---------------------------------------------------------------------------------------------------- sections


def test_a_heading_is_asked_for_and_every_page_of_its_section_is_right() -> None:
    lines = [
        "Salt was carried up the river by men and horses.",
        "Horses were changed at every lock of the river.",
        "Every station kept ten horses for the barges.",
    ]
    reading = made_reading(
        [*lines, *["Nothing more was said of the matter by them."] * 9],
        headings={1: ("Salt on the river",), 2: ("Salt on the river",), 3: ("Salt on the river",)},
        outline=[Heading(1, "Salt on the river", 1)],
    )
    (made,) = sections.questions_of(SPEAKS, reading)
    assert (made.question, made.pages) == ("What does the section on Salt on the river say?", (1, 2, 3))


@pytest.mark.parametrize("title", ["Introduction", "Notes", "12", "A made up very long thing", "made"])
def test_general_headings_are_not_asked_for(title: str) -> None:
    reading = made_reading(["Salt was carried up the river by men and horses."] * 3, headings={1: (title,)})
    assert not list(sections.questions_of(SPEAKS, reading))


# ------------------------------------------------------------------------------------------------------ doubts


def settled(pages: Sequence[str]) -> Candidate | None:
    reading = made_reading(pages)
    made = next(statements.questions_of(SPEAKS, reading, reading.sentences[0]))
    return Doubts(reading).settled(made)


BUILT = "The stone bridge of Regensburg was built in 1846 with sixteen arches."


def test_a_page_that_says_the_same_is_right_too() -> None:
    made = settled([BUILT, "Salt is dear.", "The old stone bridge in Regensburg, built in 1846, stands."])
    assert made is not None
    assert made.pages == (1, 3)


def test_a_page_that_says_otherwise_takes_the_question_away() -> None:
    assert settled([BUILT, "The second stone bridge of Regensburg was built in 1935."]) is None


def test_what_many_pages_answer_is_not_asked() -> None:
    assert settled([BUILT, *["Built in 1846, the stone bridge of Regensburg stands."] * 3]) is None


def test_a_cell_with_two_values_in_one_year_is_not_asked() -> None:
    reading = table([("Salt revenue", ["1,234"]), ("Lock repairs", ["55"]), ("Salt revenue", ["77"])], ["2018"])
    made = {c.answer: c for c in cells.questions_of(SPEAKS, reading, reading.passages[0])}
    doubts = Doubts(reading)
    assert doubts.settled(made["55"]) is not None
    assert doubts.settled(made["1,234"]) is None


def document(name: str, title: str, n_pages: int = 3) -> Document:
    return Document(name.ljust(64, "0"), name, title, "ready", n_pages, 9, 0.0)


@pytest.mark.parametrize(
    ("name", "title", "called"),
    [
        ("ACME_2018_10K.pdf", "FORM 10-K", "ACME 2018 10K"),
        ("owners-manual-2170416.pdf", "Owner's Manual", "owners manual"),
        ("0e94b4197b10096b1f4c699701570fbf.pdf", "Rivers of Europe", "Rivers of Europe"),
        ("2303.05039v2.pdf", "A Survey: of rivers", "A Survey"),
        ("0e94b4197b10096b1f4c699701570fbf.pdf", "", None),
    ],
)
def test_a_document_is_called_by_its_file_or_its_title(name: str, title: str, called: str | None) -> None:
    assert name_in_question(document(name, title), [title, "Another"]) == called


def test_a_title_that_two_documents_have_names_neither() -> None:
    assert name_in_question(document("12345678.pdf", "A report"), ["A report", "a report"]) is None


def test_a_question_says_which_document_it_means() -> None:
    assert with_name("What was revenue in 2018?", "ACME 2018") == "According to ACME 2018, what was revenue in 2018?"
    assert with_name("What does the section on Salt say?", "ACME") == "What does the section on Salt in ACME say?"


def test_subjects_that_others_speak_of_are_found() -> None:
    assert subjects_in(["The  SALT\nroute", "x"], {"salt route", "lock"}) == {"salt route"}


# ---------------------------------------------------------------------------------------------------- choosing


def test_every_document_gives_a_question_and_long_ones_more() -> None:
    documents = [document(f"{n}.pdf", "", n_pages) for n, n_pages in enumerate((1, 9, 100))]
    given = quotas(documents, 10, random.Random(0))
    assert sum(given.values()) == 10
    assert 1 <= given[documents[0].id] <= given[documents[1].id] < given[documents[2].id]
    drawn = quotas(documents, 2, random.Random(0))
    assert list(drawn.values()) == [1, 1]


def candidate(n: int, kind: str = "figure", page: int = 1, subject: str = "salt") -> Candidate:
    span = (PageSpan(page, n, n + 1),)
    return Candidate(kind, f"How many {n}?", str(n), page, span, subject, str(n), (page,))  # type: ignore[arg-type]


def chosen(pools: Sequence[Pool], n: int, elsewhere: dict[str, set[str]] | None = None) -> list[Item]:
    given = {p.document.id: n for p in pools}
    return items_of(pools, n, given, elsewhere=elsewhere or {}, titles=[p.document.title for p in pools])


def test_pages_and_kinds_are_spread() -> None:
    made = [candidate(n, page=1 + n // 4) for n in range(8)] + [candidate(n, "table", page=9) for n in range(10, 14)]
    items = chosen([Pool(document("a.pdf", "A"), tuple(made))], 3)
    assert {item.page for item in items} == {1, 2, 9}
    assert {item.kind for item in items} == {"figure", "table"}


def test_easy_kinds_never_fill_an_exam() -> None:
    made = tuple(candidate(n, "cloze", page=n) for n in range(1, 31))
    assert len(chosen([Pool(document("a.pdf", "A"), made)], 10)) == 3


def test_where_others_speak_of_the_same_the_question_names_its_document_or_is_not_put() -> None:
    pools = [Pool(document("salt-routes.pdf", "A"), (candidate(1),)), Pool(document("123.pdf", ""), (candidate(2),))]
    items = chosen(pools, 5, {p.document.id: {"salt"} for p in pools})
    assert [item.asked for item in items] == ["According to salt routes, how many 1?"]
    assert items[0].question == "How many 1?"


def test_the_same_seed_gives_the_same_questions_and_another_gives_others() -> None:
    pages = [f"Lock {n} of Regensburg was built in {1800 + n} with {n + 20} steps. Lock {n} holds." for n in range(30)]
    reading = made_reading(pages)

    def asked(seed: int) -> list[str]:
        return [c.question for c in pool(reading, 1, random.Random(seed)).candidates]

    assert asked(1) == asked(1)
    assert asked(1) != asked(2)
    assert asked(1)
