"""A whole measurement on made documents: libraries are kept, figures are right, runs come back as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import Cancelled, InputError
from rag.evaluate import runs, summary
from rag.evaluate.datasets import Entry, load
from rag.evaluate.filling import parsed_entry
from rag.evaluate.measuring import Wanted, measure, opened
from rag.evaluate.overriding import Configuration
from rag.evaluate.runner import Asking, drawn
from rag.evaluate.runs import Run
from rag.library import Library
from rag.retrieve.weights import Weight
from rag.settings import Settings
from tests.conftest import WordEncoder

SETTINGS = Configuration(Settings(ocr="none", threads=1))


@pytest.fixture
def run(alps: Path, own_cache: WordEncoder) -> Run:
    return measure(Wanted(alps, SETTINGS))


def test_pages_answers_and_citations_are_judged(run: Run) -> None:
    climbed = run.rows[0]
    assert climbed.found[0] == ("alps.pdf", 2)
    assert climbed.said is not None and "Whymper" in climbed.said.text
    assert climbed.said.cited[0] == ("alps.pdf", 2)
    for name in ("hit@1", "MRR", "nDCG@10", "answer within", "first citation"):
        assert climbed.figures[name] == 1.0, name
    assert climbed.seconds.keys() == {"search", "answer"}


def test_a_question_without_answer_counts_only_for_abstention(run: Run) -> None:
    penguins = run.rows[3]
    assert penguins.figures.keys() == {"abstained, rightly"}
    assert penguins.said is not None and penguins.said.confidence is not None
    assert summary.means(run.rows)["hit@1"].n == 3
    judged = summary.abstention(run.rows)
    assert judged is not None and judged.n == 4 and judged.auroc == 1.0


def test_what_it_would_have_said_is_judged_when_it_abstains(alps: Path, own_cache: WordEncoder) -> None:
    rows = measure(Wanted(alps, SETTINGS)).rows
    silent = [row for row in rows if row.said is not None and row.said.abstained]
    assert silent, "the question of penguins has no answer"
    for row in silent:
        assert row.said is not None
        assert row.said.text == "" and row.said.anyway != ""


def test_a_second_run_reads_and_encodes_nothing(
    alps: Path, own_cache: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = measure(Wanted(alps, SETTINGS))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing should be done again")

    monkeypatch.setattr(Library, "add", refuse)
    dataset = load(alps)
    with opened(Wanted(alps, SETTINGS), dataset) as (library, _):
        library.find(dataset.questions[0].text, 5)
        assert getattr(library.encoder, "n_encoded") == 0  # noqa: B009
    again = measure(Wanted(alps, SETTINGS))
    assert [row.figures for row in again.rows] == [row.figures for row in first.rows]


def test_a_measurement_that_is_stopped_keeps_what_was_read(alps: Path, own_cache: WordEncoder) -> None:
    with pytest.raises(Cancelled):
        measure(Wanted(alps, SETTINGS), on_step=lambda what, *_: None, is_cancelled=lambda: True)
    assert len(measure(Wanted(alps, SETTINGS)).rows) == 4


def test_the_kinds_of_evidence_are_told_apart(run: Run) -> None:
    found = summary.by_kind(run.rows)
    assert list(found) == ["text", "place"]
    assert found["text"]["hit@1"].n == 2


def test_a_collection_ranks_its_documents(collection: Path, own_cache: WordEncoder) -> None:
    run = measure(Wanted(collection, SETTINGS))
    assert [row.found[0][0] for row in run.rows] == ["1", "2"]
    assert summary.means(run.rows)["nDCG@10"].mean == 1.0
    assert run.library["documents"] == 3
    assert run.configuration["asking"]["whole"]


def test_a_long_document_is_cut_into_passages_under_its_title() -> None:
    made = parsed_entry(Entry("7", "On Wings", "On wings: A wing lifts. " + "It is made of wood and cloth. " * 60))
    assert len(made.passages) > 1
    assert all(passage.headings == ("On Wings",) for passage in made.passages)
    whole = made.pages[0].text
    for passage in made.passages:
        assert passage.text.split() == " ".join(whole[s.start : s.end] for s in passage.spans).split()
        assert passage.index_text.startswith("On Wings")


def test_an_empty_document_has_no_passage() -> None:
    assert parsed_entry(Entry("7", "", " ")).passages == ()


def test_weights_of_a_configuration_decide(alps: Path, own_cache: WordEncoder) -> None:
    only_words = replace(SETTINGS, weights={"words": Weight(1.0)})
    run = measure(Wanted(alps, only_words))
    assert {name: weight["always"] for name, weight in run.configuration["weights"].items()} == {"words": 1.0}
    assert run.rows[0].figures["hit@1"] == 1.0
    against_words = {"words": Weight(-1.0), "meaning": Weight(0.01)}  # meaning proposes pages without the words
    nonsense = measure(Wanted(alps, replace(SETTINGS, weights=against_words)))
    assert nonsense.rows[0].figures["hit@1"] == 0.0


def test_a_library_that_lacks_documents_is_not_measured(alps: Path, own_cache: WordEncoder, tmp_path: Path) -> None:
    Library(tmp_path / "other", encoder=own_cache).close()
    with pytest.raises(InputError, match=r"'other' lacks 1 documents that are asked of: alps.pdf"):
        measure(Wanted(alps, SETTINGS, library=tmp_path / "other"))


def test_questions_of_a_document_that_cannot_be_read_find_nothing(alps: Path, own_cache: WordEncoder) -> None:
    (alps / "pdfs" / "alps.pdf").write_bytes(b"%PDF-1.7 broken")
    run = measure(Wanted(alps, SETTINGS))
    assert list(run.library["failed"]) == ["alps.pdf"]
    assert all(row.error for row in run.rows)
    assert summary.means(run.rows)["hit@10"].mean == 0.0


def test_the_same_questions_are_drawn_every_time(alps: Path) -> None:
    dataset = load(alps)
    few = drawn(dataset, 2)
    assert len(few) == 2
    assert drawn(dataset, 2) == few
    assert drawn(dataset, 99) == dataset.questions


def test_a_run_is_read_back_as_it_was_written(run: Run, tmp_path: Path) -> None:
    runs.save(run, tmp_path / "deep" / "run.json")
    again = runs.load(tmp_path / "deep" / "run.json")
    assert again.rows == run.rows
    assert json.loads(json.dumps(again.configuration)) == json.loads(json.dumps(run.configuration))
    assert again.code["version"]
    assert not any(file.name.startswith(".") for file in (tmp_path / "deep").iterdir())


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": 99}', '{"format": 1, "rows": []}', '{"format": 1, "rows": [{}]}']
)
def test_a_file_that_is_no_run_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match=r"run.json"):
        runs.load(tmp_path / "run.json")


def test_runs_are_compared_question_by_question(run: Run) -> None:
    worse = replace(run, rows=tuple(replace(row, figures={"hit@1": 0.0}) for row in run.rows[:2]))
    assert summary.compare(run, worse)["hit@1"].mean == 1.0
    assert summary.compare(worse, run)["hit@1"].mean == -1.0
    assert summary.compare(run, worse)["hit@1"].n == 2
    with pytest.raises(InputError, match="other questions"):
        summary.compare(run, replace(run, questions="else"))


def test_how_it_is_asked_is_kept_with_the_run(alps: Path, own_cache: WordEncoder) -> None:
    run = measure(Wanted(alps, SETTINGS, Asking(k=3, whole=True, n=2, with_answers=False)))
    assert run.configuration["asking"]["k"] == 3
    assert run.title == "alps, the whole library"
    assert [row.said for row in run.rows] == [None, None]
    assert "server_key" not in run.configuration["settings"]
