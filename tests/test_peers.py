"""Peers of the benchmark: pages of the file, own document or all, a table, and reasons where something is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks import peers
from benchmarks.data import Question
from benchmarks.peers import FAMILIES, measuring
from benchmarks.peers.__main__ import _line
from benchmarks.peers.common import Setting, lacking, numbered
from benchmarks.peers.measuring import Memory, Row, Sample, measure
from rag import models
from rag.errors import ModelMissing

# What is written on the pages; the second file begins with what is said nowhere else.
PAGES = {
    "rivers.pdf": [
        "The Danube is 2,850 kilometres long.",
        "The Rhine flows into the North Sea.",
        "Salmon like it cold.",
    ],
    "mountains.pdf": [
        "Mont Blanc is 4,806 metres high.",
        "Glaciers of the Alps are melting.",
        "Goats climb steep rocks.",
    ],
}
QUESTIONS = (
    Question("How long is the Danube?", "rivers.pdf", (1,)),
    Question("Where does the Rhine flow?", "rivers.pdf", (2,)),
    Question("Which animals climb steep rocks?", "mountains.pdf", (3,)),
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    canvas = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab makes PDFs: pip install '.[dev]'")
    folder = tmp_path_factory.mktemp("pdfs")
    for name, texts in PAGES.items():
        pdf = canvas.Canvas(str(folder / name))
        pdf.addPageLabel(0, "ROMAN_LOWER", 4)  # the printed numbers, iv and so on, are no pages of the file
        for text in texts:
            pdf.drawString(72, 700, text)
            pdf.showPage()
        pdf.save()
    return Sample("made", tuple(folder / name for name in PAGES), QUESTIONS)


@pytest.mark.slow
@pytest.mark.models
@pytest.mark.parametrize("family", FAMILIES)
def test_a_pipeline_finds_the_pages_of_the_file(family: str, sample: Sample) -> None:
    if missing := lacking(FAMILIES[family].modules):
        pytest.skip(f"{', '.join(missing)} is not installed: pip install '.[bench]'")
    try:
        setting = Setting.usual(n_threads=1)
    except ModelMissing as exc:
        pytest.skip(str(exc))
    rows = measure(family, sample, setting, timeout_s=280)
    assert len(rows) == (2 if FAMILIES[family].hybrid else 1)
    # Haystack's pieces of 200 words hold a whole file here and are told as its first page, by their metadata.
    expected = 1 / 3 if family == "haystack" else 1.0
    for row in rows:
        assert isinstance(row, Row), row
        assert row.own[-1] == row.whole[-1] == pytest.approx(expected)
        assert row.own[0] >= 1 / 3
        assert row.build_s > 0
        assert row.search_ms > 0
        assert row.memory_mb > 20 or not Path("/proc/self/status").is_file()


def test_a_missing_library_is_named_with_what_installs_it(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = peers.Family(lambda setting: None, ("no_such_library.at_all",))
    monkeypatch.setattr(measuring, "FAMILIES", {"missing": missing})
    (said,) = measure("missing", sample, Setting("nowhere", "float32", 1), timeout_s=1)
    assert isinstance(said, str)
    assert "no_such_library.at_all" in said
    assert "pip install '.[bench]'" in said


def test_peers_say_that_none_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(peers, "FAMILIES", {"missing": peers.Family(lambda setting: None, ("no_such_library",))})
    monkeypatch.setattr(models, "path_of", lambda model: tmp_path)
    with pytest.raises(ImportError, match="no_such_library"):
        peers.peers()


def test_the_files_with_the_most_questions_are_taken_always_the_same(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.pdf" for name in "abc"]
    asked = [
        Question(f"{name}{i}", f"{name}.pdf", (1,)) for name, n in (("a", 1), ("b", 3), ("c", 2)) for i in range(n)
    ]
    chosen = Sample.of("made", files, asked, documents=2, n=4)
    assert [path.name for path in chosen.pdfs] == ["b.pdf", "c.pdf"]
    assert len(chosen.questions) == 4
    assert {question.document for question in chosen.questions} <= {"b.pdf", "c.pdf"}
    assert chosen == Sample.of("made", files, asked, documents=2, n=4)


def test_a_hit_is_a_right_page_of_the_right_file() -> None:
    questions = [Question("?", "a.pdf", (2,)), Question("?", "b.pdf", (7,))]
    found = [[["b.pdf", 2], ["a.pdf", 2]], [["a.pdf", 7], ["b.pdf", 6]]]
    assert measuring._hits(found, questions) == (0.0, 0.5, 0.5)


def test_a_row_is_printed_in_per_cent_seconds_and_milliseconds() -> None:
    row = Row("Some", (0.5, 0.75, 1.0), (0.25, 0.5, 0.5), 12.4, 31.6, 1234.5)
    assert _line(row) == "| Some | 50.0 / 75.0 / 100.0 % | 25.0 / 50.0 / 50.0 % | 12 s | 32 ms | 1,234 MB |"


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same name"):
        numbered([tmp_path / "a.pdf", tmp_path / "b" / "a.pdf"])


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="only Linux tells what a process holds")
def test_memory_is_the_most_that_was_held_until_then() -> None:
    watched = Memory(os.getpid())
    watched._seen += [(1.0, 100.0), (2.0, 300.0), (3.0, 200.0)]
    watched.stop()
    assert watched.until(1.5) == 100.0
    assert watched.until(2.5) == 300.0
    assert watched.until(0.5) == 0.0
