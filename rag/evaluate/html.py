"""A report as one HTML file that needs nothing else: inline style for light and dark, plots as SVG, no script."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from rag.evaluate import plots, summary
from rag.evaluate.report import ABSTENTION, FIGURES, Table, is_of_numbers, opening, tables
from rag.evaluate.runs import Run

_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1d5c63, #8ccfca); --faint: light-dark(#6b665c, #a8a296); --rule: light-dark(#e4dfd4, #3a3732); --text: light-dark(#23211d, #ece7dc); }
body { margin: 0; background: light-dark(#fdfcf9, #1a1917); color: var(--text); font: 400 1rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.2rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .6rem; text-wrap: balance; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
p { margin: 0 0 .4rem; }
.note, .opening { color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem 1rem .3rem 0; border-bottom: 1px solid var(--rule); text-align: start; vertical-align: top; }
th { color: var(--faint); font-weight: 600; overflow-wrap: normal; }
td { min-width: 5rem; }
.number { text-align: end; white-space: nowrap; }
td.number { min-width: 0; }
svg { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--text); }
.track { fill: var(--rule); } .bar { fill: var(--ink); opacity: .75; }
.whisker { stroke: var(--text); fill: none; } .grid { stroke: var(--rule); } .curve { stroke: var(--ink); stroke-width: 2; fill: none; }
"""  # noqa: E501  (style, a rule a line)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def to_html(run: Run, against: Run | None = None) -> str:
    """Return the report as an HTML file."""
    body = "\n".join(_body(run, against))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(run.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )


def _body(run: Run, against: Run | None) -> Iterator[str]:
    yield f"<h1>{escape(run.title)}</h1>"
    yield from (f'<p class="opening">{escape(line)}</p>' for line in opening(run))
    for table in tables(run, against):
        yield f"<h2>{escape(table.title)}</h2>"
        if table.title == FIGURES:
            yield plots.bars(summary.means(run.rows))
        judged = summary.abstention(run.rows) if table.title == ABSTENTION else None
        if judged is not None:
            yield plots.risk_and_coverage(judged.curve)
        yield _html_table(table)
        if table.note:
            yield f'<p class="note">{escape(table.note)}</p>'
        if table.title == FIGURES:
            yield from _ranks(run)


def _ranks(run: Run) -> Iterator[str]:
    found = [row.figures["MRR"] for row in run.rows if "MRR" in row.figures]
    if found:
        yield "<h2>Rank of the first page with evidence</h2>"
        yield plots.ranks([round(1 / value) if value else None for value in found])


def _html_table(table: Table) -> str:
    kinds = [' class="number"' if is_of_numbers(column) else "" for column in zip(*table.rows, strict=True)]
    head = "".join(f"<th{kind}>{escape(cell)}</th>" for cell, kind in zip(table.head, kinds, strict=True))
    rows = "\n".join(
        f"<tr>{''.join(f'<td{kind}>{escape(cell)}</td>' for cell, kind in zip(row, kinds, strict=True))}</tr>"
        for row in table.rows
    )
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>'
