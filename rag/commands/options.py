"""Options that several commands have: where to look, and what a question is not to be understood as. Quick to load."""

from __future__ import annotations

import argparse
from datetime import datetime, time, timedelta


def add_where(parser: argparse.ArgumentParser) -> None:
    """Let a command be told where to look."""
    where = parser.add_argument_group("where to look")
    where.add_argument("--doc", action="append", metavar="DOCUMENT", help="look only in this document; may recur")
    where.add_argument("--tag", action="append", metavar="TAG", help="only in documents that have this tag; may recur")
    where.add_argument(
        "--since", type=_since, metavar="DATE", help="only in documents added on this day (2026-03-31) or later"
    )
    where.add_argument("--until", type=_until, metavar="DATE", help="only in documents added on this day or earlier")


def add_without(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which hints of a question to leave alone."""
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="HINT",
        help='do not take the question to mean this: "page 12", say, as --explain names it, or a word that is to be '
        "looked for as it is typed; may recur",
    )


def _since(text: str) -> float:
    return _day(text).timestamp()


def _until(text: str) -> float:
    """Return the last moment of a day."""
    day = _day(text)
    return (day + timedelta(days=1)).timestamp() - 0.001 if day.time() == time() else day.timestamp()


def _day(text: str) -> datetime:
    """Return the beginning of a day, or a moment, as the clock here shows it."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date: write it as 2026-03-31") from None
