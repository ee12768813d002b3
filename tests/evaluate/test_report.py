"""Reports say what was measured, safely and completely, in Markdown and HTML."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from rag.evaluate import plots
from rag.evaluate.abstention import risk_coverage
from rag.evaluate.html import to_html
from rag.evaluate.intervals import interval
from rag.evaluate.measuring import Wanted, measure
from rag.evaluate.overriding import Configuration
from rag.evaluate.report import MISSES, places, tables, to_markdown
from rag.evaluate.runs import Run
from rag.settings import Settings
from tests.conftest import WordEncoder


@pytest.fixture
def run(alps: Path, own_cache: WordEncoder) -> Run:
    found = measure(Wanted(alps, Configuration(Settings(ocr="none", threads=1))))
    lost = replace(found.rows[1], question="<b>Where?</b> a | b", found=(("other & co.pdf", 7),))
    lost = replace(lost, figures=dict(lost.figures) | {"hit@1": 0.0, "MRR": 0.0})
    return replace(found, rows=(found.rows[0], lost, *found.rows[2:]))


class Reader(HTMLParser):
    """Collects tags, and complains when one is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name in {"src", "href", "onclick"} for name, _ in attrs)
        if tag not in {"meta", "path", "rect"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_is_whole_and_needs_nothing_else(run: Run) -> None:
    page = to_html(run)
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert "svg" in reader.tags
    assert not reader.tags & {"script", "link", "img", "b"}
    assert "light-dark(" in page
    assert "<b>Where?</b>" in reader.words  # as it was written, not as markup
    assert "other & co.pdf p. 7" in reader.words


def test_the_markdown_names_figures_intervals_and_misses(run: Run) -> None:
    text = to_markdown(run)
    assert text.startswith("# alps, each question of its own document\n")
    assert "| hit@1 | 0.667 |" in text
    assert "## By kind of evidence" in text
    assert "## Knowing what it does not know" in text
    assert r"| <b>Where?</b> a \| b | alps.pdf p. 1 | other & co.pdf p. 7 | not found |" in text
    assert "4 questions of 1 document with 3 pages" in text


def test_every_table_is_as_wide_as_its_head(run: Run) -> None:
    for table in tables(run, run):
        assert all(len(row) == len(table.head) for row in table.rows), table.title


def test_a_comparison_says_what_became_better(run: Run) -> None:
    worse = replace(run, rows=tuple(replace(r, figures=dict.fromkeys(r.figures, 0.0)) for r in run.rows))
    text = to_markdown(run, worse)
    assert "## Compared" in text
    assert "| hit@3 | +1.000 | +1.000 to +1.000 |" in text


def test_peers_stand_beside_footnote(run: Run) -> None:
    rows = {row.id: {"hit@1": 0.0, "hit@5": 1.0} for row in run.rows if row.expected}
    with_peers = replace(run, peers={"LangChain": {"rows": rows, "seconds_to_build": 12.4, "seconds_to_search": []}})
    table = next(table for table in tables(with_peers) if table.title == "Peers")
    assert [row[0] for row in table.rows] == ["Footnote", "LangChain"]
    assert table.rows[1][1].startswith("0.000") and table.rows[1][-1] == "12"


def test_a_run_without_misses_has_no_table_of_them(run: Run) -> None:
    assert any(table.title == MISSES for table in tables(run))
    assert not any(table.title == MISSES for table in tables(replace(run, rows=run.rows[:1])))


def test_pages_of_one_document_stand_together() -> None:
    assert places([("a.pdf", 3), ("b.pdf", 1), ("a.pdf", 5)]) == "a.pdf p. 3, 5; b.pdf p. 1"


def test_a_curve_of_many_questions_is_thinned_and_ends_where_it_ends() -> None:
    rng = np.random.default_rng(1)
    drawn = plots.risk_and_coverage(risk_coverage(rng.random(5_000), rng.random(5_000) < 0.7))
    assert drawn.count("L") < 500
    assert "all are answered" in drawn
    one = plots.risk_and_coverage(risk_coverage([0.5], [True]))
    assert "nan" not in one + plots.bars({"hit@1": interval([1.0])}) + plots.ranks([None])
