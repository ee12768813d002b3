"""An exam from documents to the report on the command line."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from rag import cli, examining
from rag.commands import examining as command
from rag.errors import Cancelled, EmptyLibrary, InputError, UnknownDocument
from rag.index.exams import Exams
from rag.library import Library
from rag.settings import Settings

MakePdf = Callable[..., Path]
pytestmark = pytest.mark.models  # the vocabulary of the built-in encoder tells words from what is none

RIVERS = [
    [
        "# The upper river",
        "A stream gauge is an instrument that measures the height of the water in a river.",
        "The stone bridge of Regensburg was built in 1846 by the masons of the bishop.",
        "In 2019, the river authority had 120 gauges along the Danube.",
        "Salt was carried up the river by 40 teams of horses until the railway came.",
    ],
    [
        "# Salt and its price",
        "The price of salt was $45 in 1850, when two harbours were closed by ice.",
        "Salt barges were late in Passau because of a broken lock near the town.",
        "The guild of Passau employed 312 boatmen at the end of 1850.",
        "Every boatman of the guild paid a fee of 12 guilders to the town.",
    ],
]
PEAKS = [
    [
        "# Peaks",
        "A glacier is a mass of ice that moves slowly down a valley under its own weight.",
        "Mont Blanc was first climbed in 1786 by Jacques Balmat and a doctor from Chamonix.",
        "The shelter on the ridge has 24 beds for climbers who are surprised by a storm.",
    ]
]


@pytest.fixture
def rivers(library: Library, make_pdf: MakePdf, minilm: Path) -> Library:
    assert minilm
    library.add(make_pdf(RIVERS, "rivers.pdf", title="Rivers"))
    library.add(make_pdf(PEAKS, "peaks.pdf", title="Peaks"))
    return library


def test_an_exam_is_asked_judged_and_kept(rivers: Library) -> None:
    steps: list[tuple[str, int, int]] = []
    taken = examining.take(rivers, n=8, seed=3, on_step=lambda *step: steps.append(step))
    assert taken.n_asked == len(taken.results) >= 4
    assert {result.item.document for result in taken.results} == {"rivers.pdf", "peaks.pdf"}
    for result in taken.results:
        page = rivers.page(result.item.document_id, result.item.page)
        span = result.item.spans[0]
        assert span.page == page.number
        if result.item.kind != "heading":
            assert result.item.answer in " ".join(page.text[span.start : span.end].split())
    assert sum(result.own.rank == 1 for result in taken.results) > len(taken.results) / 2
    assert examining.kept_exam(rivers, taken.id) == taken_as_kept(taken)
    assert [e.n_right for e in examining.kept_exams(rivers)] == [taken.n_right]
    assert {what for what, _, _ in steps} == {"making questions", "comparing documents", "asking"}
    assert all(done <= total for _, done, total in steps)


def taken_as_kept(exam: Any) -> Any:
    from dataclasses import replace

    return replace(exam, seconds=round(exam.seconds, 1))


def test_the_same_seed_asks_the_same(rivers: Library) -> None:
    asked = [[item.asked for item in examining.make(rivers, n=5, seed=seed)] for seed in (1, 1, 2, 3, 4)]
    assert asked[0] == asked[1]
    assert any(asked[0] != other for other in asked[2:])


def test_one_document_can_be_examined(rivers: Library) -> None:
    assert {i.document for i in examining.make(rivers, n=3, document="peaks.pdf")} == {"peaks.pdf"}
    with pytest.raises(UnknownDocument):
        examining.make(rivers, document="nonesuch.pdf")


def test_what_was_taken_from_a_document_goes_with_it(rivers: Library) -> None:
    taken = examining.take(rivers, n=8)
    gone = rivers.document("peaks.pdf")
    rivers.remove("peaks.pdf")
    kept = examining.kept_exam(rivers, taken.id)
    assert {result.item.document for result in kept.results} == {"rivers.pdf"}
    assert kept.n_asked == taken.n_asked > len(kept.results)
    payloads = [row[0] for row in rivers.catalog.database.query("SELECT payload FROM exam_item")]
    assert payloads
    assert not any(gone.id in payload or "peaks.pdf" in payload for payload in payloads)


def test_questions_follow_their_document_when_it_is_renamed(rivers: Library) -> None:
    taken = examining.take(rivers, n=4)
    rivers.rename("peaks.pdf", "summits.pdf")
    kept = examining.kept_exam(rivers, taken.id)
    assert {result.item.document for result in kept.results} == {"rivers.pdf", "summits.pdf"}


def test_what_to_type_for_the_same_exam_names_the_library_and_the_document(rivers: Library) -> None:
    taken = examining.take(rivers, n=3, seed=7, document="peaks.pdf")
    said = examining.command(rivers, taken)
    assert said == f"footnote exam --library {rivers.folder} --seed 7 --n 3 --doc peaks.pdf"


def test_a_file_that_cannot_be_read_is_part_of_what_an_exam_of_all_covers(rivers: Library, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    rivers.add(tmp_path / "broken.pdf")
    taken = examining.take(rivers, n=3)
    assert [c.document.name for c in examining.covered(rivers, taken) if c.has_failed] == ["broken.pdf"]


def test_nothing_to_ask_is_said(library: Library, make_pdf: MakePdf, minilm: Path) -> None:
    with pytest.raises(EmptyLibrary):
        examining.take(library)
    library.add(make_pdf([["Yes.", "No.", "12 34 56"]], "short.pdf"))
    with pytest.raises(InputError, match=r"No question can be made of short\.pdf: too few whole sentences"):
        examining.take(library)


def test_a_cancelled_exam_leaves_nothing(rivers: Library) -> None:
    asked: Sequence[int] = []

    def step(what: str, done: int, total: int) -> None:
        if what == "asking":
            asked.append(done)  # type: ignore[attr-defined]

    with pytest.raises(Cancelled):
        examining.take(rivers, n=6, on_step=step, is_cancelled=lambda: len(asked) > 2)
    assert Exams(rivers.catalog).list() == []


# ------------------------------------------------------------------------------------------------ command line


@pytest.fixture
def default(tmp_path: Path, minilm: Path, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch) -> Library:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "models").symlink_to(minilm.parent)
    monkeypatch.setenv("FOOTNOTE_HOME", str(folder))
    library = Library("default", n_threads=1)
    library.add(make_pdf(RIVERS, "rivers.pdf", title="Rivers"))
    return library


def given(**options: Any) -> Namespace:
    plain = {"library": None, "n_questions": 5, "seed": 0, "doc": None, "only_list": False, "as_json": None}
    return Namespace(**(plain | options))


def test_the_command_prints_a_report_or_a_line(default: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert default
    assert command.exam(given(as_json=False), Settings(threads=1)) == 0
    said = capsys.readouterr()
    assert "questions were answered from the right page" in " ".join(said.out.split())
    assert "rivers.pdf" in said.out
    assert "asking: " in said.err
    assert command.exam(given(), Settings(threads=1)) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["questions"] == len(line["items"]) >= 3
    assert line["interval"][0] <= line["score"] <= line["interval"][1]
    assert line["documents"][0]["document"] == "rivers.pdf"
    assert {"question", "answer", "page", "whole", "own"} <= set(line["items"][0])
    assert command.exam(given(only_list=True), Settings(threads=1)) == 0
    listed = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert [row["seed"] for row in listed] == [0, 0]


@pytest.mark.parametrize("arguments", [["--n", "0"], ["--seed", "-1"], ["--n", "many"]])
def test_wrong_usage_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["exam", *arguments])
    assert ended.value.code == 2
