"""`footnote evaluate`: how well a dataset's questions are answered; the run and its report are kept."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from rag import places
from rag.commands.common import put, put_json, tell, wants_json
from rag.errors import InputError
from rag.evaluate import runs, summary
from rag.evaluate.cache import cache_folder
from rag.evaluate.html import to_html
from rag.evaluate.measuring import Wanted, measure
from rag.evaluate.overriding import overridden
from rag.evaluate.report import MISSES, opening, tables, to_markdown, widths
from rag.evaluate.runner import N_PASSAGES, Asking
from rag.settings import Settings, manner
from rag.terminal import printable

_TELL_EVERY_S = 5.0  # where stderr is no terminal


def evaluate(arguments: argparse.Namespace, settings: Settings) -> int:
    """Measure, print the figures, write the run and its report."""
    against = None if arguments.against is None else runs.load(arguments.against)
    configuration = overridden(settings, arguments.config)
    chosen = configuration.settings
    asking = Asking(
        k=arguments.k,
        n_passages=max(arguments.k, N_PASSAGES),
        whole=arguments.whole,
        n=arguments.n,
        with_answers=not arguments.no_answers,
        manner=manner(chosen),
    )
    library = None if arguments.library is None else _existing(arguments.library)
    wanted = Wanted(arguments.dataset, configuration, asking, library=library, with_peers=arguments.peers)
    progress = _Progress()
    run = measure(wanted, on_step=progress)
    progress.clear()
    if against is not None:
        summary.compare(run, against)  # before anything is written: they may be of different questions
    folder = arguments.out or _own_folder(run)
    runs.save(run, folder / "run.json")
    runs.write_text(folder / "report.md", to_markdown(run, against))
    runs.write_text(folder / "report.html", to_html(run, against))
    if wants_json(arguments):
        put_json(_line(run, folder))
    else:
        put(_text(run, against))
    tell(f"written: {folder / 'report.html'}, report.md, run.json")
    return 0


def _existing(where: str) -> Path:
    folder = places.library_folder(where)
    if not (folder / "catalog.sqlite").is_file():
        known = ", ".join(places.available_libraries()) or "none"
        raise InputError(f"There is no library {where!r}; known: {known}.")
    return folder


def _own_folder(run: runs.Run) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    folder = cache_folder() / "runs" / f"{run.dataset}-{stamp}"
    number = 1
    while folder.exists():
        number += 1
        folder = folder.with_name(f"{run.dataset}-{stamp}-{number}")
    return folder


def _line(run: runs.Run, folder: Path) -> dict[str, object]:
    figures = {
        name: {"mean": value.mean, "low": value.low, "high": value.high, "n": value.n}
        for name, value in summary.means(run.rows).items()
    }
    judged = summary.abstention(run.rows)
    abstention = None if judged is None else {"auroc": judged.auroc, "aurc": judged.curve.area, "n": judged.n}
    return {
        "dataset": run.dataset,
        "scope": "whole" if run.configuration["asking"]["whole"] else "own",
        "questions": len(run.rows),
        "figures": figures,
        "abstention": abstention,
        "seconds": {name: {"p50": p50, "p95": p95} for name, (p50, p95) in summary.seconds(run).items()},
        "run": str(folder / "run.json"),
        "report": str(folder / "report.html"),
    }


def _text(run: runs.Run, against: runs.Run | None) -> str:
    """Return all tables but the misses, for a terminal."""
    lines = [run.title, *opening(run)]
    for table in tables(run, against):
        if table.title == MISSES:
            continue
        rows = [table.head, *table.rows]
        columns = widths(rows)
        lines += ["", table.title]
        for row in rows:
            lines.append("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, columns, strict=True)).rstrip())
    return "\n".join(lines)


class _Progress:
    """Says on stderr what is being done: on one line of a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._told = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told < (0.1 if self._is_terminal else _TELL_EVERY_S):
            return
        self._told = now
        text = printable(f"{done:,} of {total:,}  {what}")
        sys.stderr.write(f"\r\x1b[K{text[:100]}" if self._is_terminal else f"{text}\n")
        sys.stderr.flush()

    def clear(self) -> None:
        if self._is_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
