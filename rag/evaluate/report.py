"""A run as a report: Markdown for a terminal or a repository, HTML with plots that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.evaluate import summary
from rag.evaluate.intervals import Difference, Interval
from rag.evaluate.rows import Row
from rag.evaluate.runs import Run

N_MISSES = 20
FIGURES, ABSTENTION = "Figures", "Knowing what it does not know"  # titles of tables
MISSES = "Found late, or not at all"
_SHOWN = 3  # pages of a miss


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts. The first column names the row."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables(run: Run, against: Run | None = None) -> list[Table]:
    """Return every table of the report, in order."""
    found = [_figures(run), _kinds(run), _peers(run), _abstention(run), _seconds(run)]
    if against is not None:
        found.insert(1, _comparison(run, against))
    found.append(_misses(run))
    return [table for table in found if table.rows]


def opening(run: Run) -> list[str]:
    """Return what was measured, with what, where: a sentence each."""
    held, code = run.library, run.code
    n_failed = len(held.get("failed", {}))
    version = f"Footnote {code['version']}" + (f", commit {code['commit'][:10]}" if code.get("commit") else "")
    return [
        f"{_count(len(run.rows), 'question')} of {_count(held['documents'], 'document')} with "
        f"{_count(held['pages'], 'page')} and {_count(held['passages'], 'passage')}"
        + (f"; {_count(n_failed, 'document')} could not be read" if n_failed else "")
        + ".",
        f"{version}{' with changes that are not committed' if code.get('changed') else ''}; encoder "
        f"{run.configuration['encoder']}.",
        f"{run.started}, {run.seconds:.0f} s, on {run.machine['processor']} ({run.machine['cores']} cores), "
        f"{run.machine['system']}, Python {run.machine['python']}.",
    ]


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def to_markdown(run: Run, against: Run | None = None) -> str:
    """Return the report as Markdown."""
    parts = [f"# {run.title}", "\n".join(opening(run))]
    for table in tables(run, against):
        parts += [f"## {table.title}", _markdown_table(table)]
        if table.note:
            parts.append(table.note)
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    marks = tuple("---:" if is_of_numbers(column) else "---" for column in zip(*table.rows, strict=True))
    lines = [table.head, marks, *table.rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def is_of_numbers(column: Sequence[str]) -> bool:
    """Tell whether a column of a table is to be set as numbers are."""
    return all(not cell or cell[0] in "+-0123456789" for cell in column)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# -------------------------------------------------------------------------------------------------- tables


def _figures(run: Run) -> Table:
    rows = [
        (name, _number(value.mean), f"{value.low:.3f} to {value.high:.3f}", str(value.n), summary.FIGURES[name])
        for name, value in summary.means(run.rows).items()
    ]
    note = "95 % intervals by drawing the questions anew 10,000 times (bootstrap); where all are 0, or all 1, Wilson's."
    return Table(FIGURES, ("figure", "mean", "95 % interval", "questions", "what it says"), tuple(rows), note)


def _kinds(run: Run) -> Table:
    found = summary.by_kind(run.rows)
    names = list(dict.fromkeys(name for figures in found.values() for name in figures))
    rows = []
    for kind, figures in found.items():
        n = max(value.n for value in figures.values())
        rows.append((kind, str(n), *(_with_interval(figures.get(name)) for name in names)))
    return Table("By kind of evidence", ("kind", "questions", *names), tuple(rows))


def _with_interval(value: Interval | None) -> str:
    return "" if value is None else f"{value.mean:.3f} [{value.low:.2f}, {value.high:.2f}]"


def _peers(run: Run) -> Table:
    if not run.peers:
        return Table("Peers", (), ())
    chosen = [name for name in ("hit@1", "hit@5", "hit@10", "MRR") if name in summary.means(run.rows)]
    rows = [("Footnote", *(_with_interval(summary.means(run.rows)[name]) for name in chosen), "")]
    for name, told in run.peers.items():
        own = [Row(id_, "", None, (), (), (), True, figures=figures) for id_, figures in told["rows"].items()]
        means = summary.means(own)
        rows.append(
            (name, *(_with_interval(means.get(figure)) for figure in chosen), f"{told['seconds_to_build']:.0f}")
        )
    return Table(
        "Peers", ("", *chosen, "seconds to read and index"), tuple(rows), "The same questions, the same files."
    )


def _comparison(run: Run, against: Run) -> Table:
    rows = [(name, *_compared(value)) for name, value in summary.compare(run, against).items()]
    note = (
        f"Against the run of {against.started} (commit {str(against.code.get('commit'))[:10]}), question by question. "
        "p: how likely chance alone makes a difference this large (randomisation test); below 0.05 it is marked."
    )
    return Table("Compared", ("figure", "difference", "95 % interval", "p", "questions", ""), tuple(rows), note)


def _compared(value: Difference) -> tuple[str, ...]:
    mark = "" if value.p >= 0.05 else ("larger" if value.mean > 0 else "smaller")
    return f"{value.mean:+.3f}", f"{value.low:+.3f} to {value.high:+.3f}", f"{value.p:.4f}", str(value.n), mark


def _abstention(run: Run) -> Table:
    found = summary.abstention(run.rows)
    if found is None:
        return Table(ABSTENTION, (), ())
    rows = [] if found.auroc is None else [("AUROC, with an answer against without", _number(found.auroc))]
    rows.append(("area under risk and coverage (smaller is better)", _number(found.curve.area)))
    rows += [(f"answered with at most {risk:.0%} wrong", f"{found.curve.coverage_at(risk):.1%}") for risk in (0.1, 0.2)]
    return Table(ABSTENTION, (f"of {found.n} questions", ""), tuple(rows))


def _seconds(run: Run) -> Table:
    rows = [(name, f"{1000 * p50:.0f}", f"{1000 * p95:.0f}") for name, (p50, p95) in summary.seconds(run).items()]
    note = (
        "Milliseconds of single questions, one after the other. Searching and answering take the vectors that are kept "
        "from earlier runs: what encoding the question takes comes on top."
    )
    return Table("Time", ("", "half of the questions within", "95 % within"), tuple(rows), note)


def _misses(run: Run) -> Table:
    rows = [
        (row.question, places(row.expected), places(row.found[:_SHOWN]) or row.error or "nothing", _rank(row))
        for row in summary.misses(run.rows, N_MISSES)
    ]
    return Table(MISSES, ("question", "expected", "found first", "rank"), tuple(rows))


def _rank(row: Row) -> str:
    return f"{round(1 / row.figures['MRR'])}" if row.figures["MRR"] else "not found"


def places(found: Iterable[tuple[str, int]]) -> str:
    """Return pages as a person reads them: "report.pdf p. 3, 5; other.pdf p. 1"."""
    pages: dict[str, list[int]] = {}
    for document, page in found:
        pages.setdefault(document, []).append(page)
    return "; ".join(f"{document} p. {', '.join(map(str, numbers))}" for document, numbers in pages.items())


def _number(value: float) -> str:
    return f"{value:.3f}"


def widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the widest cell of each column."""
    return [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
