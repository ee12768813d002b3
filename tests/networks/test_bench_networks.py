"""The pure parts of the benchmarks of the networks: intervals, what is drawn, contexts of tables, what is right."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks.data import Question
from benchmarks.networks import __main__ as all_of_them
from benchmarks.networks import contexts, figures, latency, plots, squad, tables
from benchmarks.networks.common import drawn, reader_of
from benchmarks.networks.contexts import Context, is_cell, kind_of
from benchmarks.networks.ends import FIGURES, NONE, Networks, figures_of, prediction
from benchmarks.networks.rules import Rules, Told
from rag.evaluate.abstention import auroc
from rag.evaluate.intervals import Difference, Interval
from rag.library import Library
from rag.networks.examples import part
from rag.networks.reader.squad import Article
from rag.networks.reader.squad import Question as Asked
from rag.networks.reader.tables import TATQA, row
from rag.types import Answer, Citation, Claim, Reading, join_slices

RNG = np.random.default_rng(7)


# ------------------------------------------------------------------------------------------------- figures


def test_an_area_is_the_share_of_pairs_in_order() -> None:
    confidence, positive = [0.9, 0.4, 0.4, 0.1], [True, True, False, False]
    assert figures.area(confidence, positive).mean == pytest.approx((1 + 1 + 0.5 + 1) / 4)


def test_an_area_agrees_with_the_one_that_evaluate_prints() -> None:
    positive = RNG.random(300) < 0.4
    confidence = np.round(RNG.random(300) + 0.3 * positive, 1)  # with ties
    assert figures.area(confidence, positive).mean == pytest.approx(auroc(confidence, positive))


def test_the_interval_of_an_area_holds_the_truth_about_nineteen_times_in_twenty() -> None:
    truth, held = 0.760, 0  # of two normal distributions one deviation apart: Phi(1 / sqrt 2)
    for seed in range(400):
        rng = np.random.default_rng(seed)
        positive = np.arange(120) < 50
        found = figures.area(rng.normal(size=120) + positive, positive)
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_an_area_of_questions_of_one_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="both kinds"):
        figures.area([0.1, 0.2], [True, True])


def test_a_confidence_gains_nothing_on_itself_and_much_on_its_opposite() -> None:
    positive = RNG.random(200) < 0.5
    confidence = positive + RNG.normal(size=200)
    same, opposite = (figures.area_gained(confidence, other, positive) for other in (confidence, -confidence))
    assert (same.mean, same.p) == (0.0, 1.0)
    assert opposite.low > 0.2
    assert opposite.p < 1e-6


def test_a_paired_gain_is_told_more_closely_than_two_areas_apart() -> None:
    positive = RNG.random(300) < 0.5
    old = positive + RNG.normal(size=300)
    new = old + 0.3 * positive
    gain, first, second = (
        figures.area_gained(new, old, positive),
        figures.area(new, positive),
        figures.area(old, positive),
    )
    assert gain.mean == pytest.approx(first.mean - second.mean)
    assert gain.high - gain.low < (first.high - first.low) / 2


def test_reliability_cuts_the_questions_into_parts_of_equal_size_by_probability() -> None:
    parts = figures.reliability([0.9, 0.1, 0.8, 0.2], [1, 0, 0, 0], n_parts=2)
    assert parts == [(pytest.approx(0.15), 0.0, 2), (pytest.approx(0.85), 0.5, 2)]


def test_the_calibration_error_is_the_mean_distance_of_what_is_told_from_what_came() -> None:
    assert figures.calibration_error([0.25] * 4, [1, 0, 0, 0], n_parts=1) == pytest.approx(0.0)
    assert figures.calibration_error([0.9, 0.9, 0.1, 0.1], [1, 0, 0, 0], n_parts=2) == pytest.approx((0.4 + 0.1) / 2)
    assert figures.calibration_error([], []) == 0.0


def test_cells_of_a_table_name_mean_interval_and_chance() -> None:
    assert figures.percent(Interval(0.5, 0.25, 0.75, 8)) == "50.0 % [25.0, 75.0]"
    assert figures.points(Difference(-0.02, -0.05, 0.01, 0.2, 8)) == "-2.0 [-5.0, +1.0], p 0.200"
    assert figures.plain_gain(Difference(0.2, 0.1, 0.3, 0.0, 8)) == "+0.200 [+0.100, +0.300], p < .001"
    assert figures.head("", "EM") == "|  | EM |\n|---|---|"
    assert figures.shares("all", [[1, 1, 1, 1]]).startswith("| all | 100.0 % [")


def test_figures_of_questions_become_columns() -> None:
    assert figures.by_name([{"EM": 1.0}, {"EM": 0.0}])["EM"].tolist() == [1.0, 0.0]
    assert figures.by_name([]) == {}


# --------------------------------------------------------------------------------------------- what is asked


def test_a_part_of_the_questions_is_always_the_same_and_in_their_order() -> None:
    some = drawn(range(100), 10)
    assert some == drawn(range(100), 10)
    assert some == sorted(some)
    assert len(set(some)) == 10
    assert drawn(range(3), 10) == drawn(range(3), None) == [0, 1, 2]


def test_every_question_comes_with_its_own_paragraph() -> None:
    article = Article("A", ("one", "two"), (Asked("q", "which?", 1, ("two",)), Asked("r", "none?", 0, ())), "A")
    asked = squad.asked_of([article])
    assert [(one.given, one.answers) for one in asked] == [("two", ("two",)), ("one", ())]
    assert squad.scores(["the two.", "x"], asked) == ([1.0, 0.0], [1.0, 0.0])


@pytest.fixture
def context() -> Context:
    rows = [row("Sales", ["2019", "2018"], ["$1,496.5", "1,202.9"]), row("Costs", ["2019", "2018"], ["(12)", ""])]
    many = [row(f"Line {i}", ["2019", "2018"], [str(i), str(i + 1)]) for i in range(80)]
    return Context("table", "Results in millions", [*rows, *many], ["Sales rose.", "Costs fell."])


def test_a_table_is_a_document_whose_cells_stand_where_they_say(context: Context) -> None:
    document = context.document()
    text = document.pages[0].text
    cells = [cell for passage in document.passages for cell in passage.cells]
    assert [(text[c.span.start : c.span.end], c.heading) for c in cells[:3]] == [
        ("$1,496.5", "2019"),
        ("1,202.9", "2018"),
        ("(12)", "2019"),
    ]
    for passage in document.passages:
        slices = [text[span.start : span.end] for span in passage.spans]
        assert join_slices(slices)[0] == passage.text
    assert document.passages[0].text.splitlines()[:2] == ["Sales $1,496.5 1,202.9", "Costs (12)"]


def test_rules_and_reader_are_given_the_same_passages(context: Context) -> None:
    passages = context.document().passages
    assert [one.index_text for one in passages if one.kind == "table"] == context.table_texts()
    assert len(context.table_texts()) > 1
    assert context.table_texts()[0].startswith("Results in millions\nSales | 2019: $1,496.5 | 2018: 1,202.9\n")
    assert [one.text for one in passages if one.kind == "text"] == context.paragraphs


def test_an_answer_is_a_cell_whatever_its_currency_and_case(context: Context) -> None:
    assert is_cell("1,496.5", context.rows)
    assert is_cell("SALES", context.rows)
    assert not is_cell("496.5", context.rows)
    assert not is_cell("", context.rows)


@pytest.mark.parametrize(
    ("question", "answer", "kind"),
    [
        ("how many songs are listed?", "12", "computed"),
        ("what is the difference in years?", "4", "computed"),
        ("how many seats did it have?", "None", "looked up"),
        ("who won the most medals?", "Kenya", "compared"),
        ("which lake comes after Garda?", "Iseo", "compared"),
        ("what was the attendance in 2011?", "1,401", "looked up"),
    ],
)
def test_questions_are_told_apart_by_what_they_take(question: str, answer: str, kind: str) -> None:
    assert kind_of(question, answer) == kind


def test_only_tables_that_were_kept_aside_are_asked_and_only_what_one_span_answers(tmp_path: Path) -> None:
    names = [f"table {i}" for i in range(60)]
    aside = {name for name in names if part(name) == 0}
    assert aside, "sixty names hold one that is kept aside"
    made = [_of_tatqa(name) for name in names]
    (tmp_path / "tables").mkdir()
    (tmp_path / TATQA).write_bytes(gzip.compress(json.dumps(made).encode()))
    found = contexts.tatqa(tmp_path)
    assert {one.name for one in found} == aside
    assert [(one.text, one.answers, one.kind) for one in found[0].questions] == [
        ("What were sales in 2019?", ("10",), "table"),
        ("Who sells?", ("the firm",), "paragraphs"),
    ]
    assert contexts.of_kind(found, {"table"})[0][1].answers == ("10",)


def _of_tatqa(name: str) -> dict[str, object]:
    def asked(question: str, answer: object, kind: str, where: str) -> dict[str, object]:
        return {"question": question, "answer": answer, "answer_type": kind, "answer_from": where}

    return {
        "table": {"uid": name, "table": [["", "2019", "2018"], ["Sales", "10", "9"]]},
        "paragraphs": [{"text": "The firm  sells."}],
        "questions": [
            asked("What were  sales in 2019?", ["10"], "span", "table"),
            asked("Who sells?", ["the firm"], "span", "text"),
            asked("Which years?", ["2019", "2018"], "multi-span", "table"),
            asked("What was the change?", 1, "arithmetic", "table"),
        ],
    }


def test_rules_answer_with_the_number_under_the_heading_that_is_asked_for(
    context: Context, library: Library, minilm: Path
) -> None:
    tables.store(library, context)
    rules = Rules(library)
    of_table = [one for one in rules.passages("table") if one.kind == "table"]
    told = rules.tell("What were sales in 2018?", "table", of_table)
    assert told.text == "1,202.9"
    assert 0 < told.confidence < 1
    of_prose = [one for one in rules.passages("table") if one.kind == "text"]
    assert "1,202.9" not in rules.tell("What were sales in 2018?", "table", of_prose).text


def test_rules_know_nothing_of_passages_without_a_sentence(context: Context, library: Library, minilm: Path) -> None:
    tables.store(library, context)
    assert Rules(library).tell("What were sales?", "table", []) == Told("", 0.0)


def test_the_passage_that_is_most_relevant_wins() -> None:
    readings = [Reading(relevance, 0.5, 0, 1, 0.9) for relevance in (-1.0, 2.0, 0.5)]
    assert tables.best(readings) == 1


class _Net:
    """A reader network that finds nothing."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        return [Reading(0.0, 0.5, 0, 0, 0.0) for _ in texts]


def test_a_library_is_asked_with_the_reader_that_is_measured_or_with_none(library: Library) -> None:
    net = _Net()
    Networks(net).put_into(library)
    assert library.parts.reader is net
    NONE.put_into(library)
    assert library.parts.reader is None


def test_a_checkpoint_that_is_not_there_ends_the_run_with_the_reason(
    tmp_path: Path, minilm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        reader_of(tmp_path / "none.pt", n_threads=1)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"skipped: {tmp_path / 'none.pt'} is missing.")


# --------------------------------------------------------------------------------------------- what is right


def _answer(short: str | None, *, page: int = 3, document: str = "a.pdf", abstained: bool = False) -> Answer:
    citation = Citation(1, "0", document, page, None, "It is blue.", (), ())
    claims = () if abstained else (Claim("It is blue.", (citation,), "verbatim"),)
    return Answer("q", "extractive", "It is blue. [1]", claims, (), abstained=abstained, short_answer=short)


ASKED = Question("Which colour?", "a.pdf", (3,), ("light blue", "azure"))


def test_answer_and_page_are_both_right_only_together() -> None:
    right = figures_of(_answer("blue"), ASKED)
    assert tuple(right) == FIGURES
    assert right == {"page at 1": 1, "F1": pytest.approx(2 / 3), "EM": 0, "both right": 1, "abstained": 0}
    assert figures_of(_answer("blue", page=4), ASKED)["both right"] == 0
    assert figures_of(_answer("green"), ASKED)["both right"] == 0
    assert figures_of(_answer("Azure."), ASKED)["EM"] == 1


def test_a_page_of_another_document_is_not_the_right_one() -> None:
    assert figures_of(_answer("blue", document="b.pdf"), ASKED)["page at 1"] == 0


def test_an_abstention_has_nothing_right() -> None:
    assert figures_of(_answer(None, abstained=True), ASKED) == dict.fromkeys(FIGURES, 0.0) | {"abstained": 1.0}


def test_without_a_part_that_is_marked_the_whole_answer_counts() -> None:
    assert prediction(_answer(None)) == "It is blue."


def test_a_side_of_the_pictures_counts_every_answer_to_an_unanswerable_question_as_wrong() -> None:
    asked = [squad.Asked("q", "a", 0, "blue sky", ("blue",)), squad.Asked("q", "a", 0, "blue sky", ())]
    one = plots.side("both", asked, [Reading(0.0, 0.7, 0, 4, 0.9), Reading(0.0, 0.2, 0, 4, 0.5)])
    assert one.is_right.tolist() == [1.0, 0.0]
    assert one.is_answered.tolist() == [1.0, 0.0]
    assert one.answered.tolist() == [0.7, 0.2]


def test_times_are_told_by_median_and_ninetieth_percentile() -> None:
    assert latency.cells([(float(i), 2.0 * i) for i in range(1, 11)]) == ["10", "6, 10 ms", "11, 20 ms"]


def test_every_part_of_the_whole_run_is_a_benchmark_of_its_own() -> None:
    folder = Path(all_of_them.__file__).parent
    missing = [name for name in all_of_them.PARTS if not (folder / f"{name}.py").is_file()]
    assert missing in ([], ["checker"])
