"""Many questions in one go: JSON lines or CSV in, the same order out; a failing row is an error line, the rest goes on.

The models are loaded once: `function` is called with each question and its documents.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from rag.errors import FootnoteError, InputError
from rag.index.rows import storable
from rag.questionnaire import Table, read_table
from rag.types import Answer, Hit

Function = Callable[[str, Sequence[str] | None], Any]
ToLine = Callable[[str, Any], dict[str, Any]]

_COLUMNS = ("answer", "document", "page", "label", "quote", "verdict", "further", "error")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[-+]?[\d.,]*\d\s?%?")


def run_batch(
    lines: Iterable[str],
    out: TextIO,
    function: Function,
    to_line: ToLine,
    *,
    is_csv: bool = False,
    documents: Sequence[str] | None = None,
) -> int:
    """Ask every question of `lines` and write a line each to `out`; return how many failed.

    JSON lines hold `question`, and may hold `id` and `doc` (a document's name, or a list of them). CSV has a column
    `question`, and may have `doc`; its other columns are kept, `NAME (given)` where they are called like ours.

    Raises:
        InputError: a CSV file without a column `question`, or one that cannot be read.
    """
    if is_csv:
        return _run_csv(read_table(lines, column="question"), out, function, documents)
    n_failed = 0
    for raw in lines:
        if not raw.strip():
            continue
        line = _json_line(raw, function, to_line, documents)
        n_failed += "error" in line
        out.write(storable(json.dumps(line, ensure_ascii=False)) + "\n")
        out.flush()
    return n_failed


def _json_line(raw: str, function: Function, to_line: ToLine, documents: Sequence[str] | None) -> dict[str, Any]:
    known: dict[str, Any] = {}
    try:
        row = _parsed(raw)
        known = {name: row[name] for name in ("id", "question") if name in row}
        if not isinstance(row.get("question"), str):
            raise InputError("The line has no text under 'question'.")
        question = storable(row["question"])
        line = to_line(question, function(question, _documents(row.get("doc"), documents)))
    except FootnoteError as exc:
        return known | {"error": str(exc)}
    return ({"id": known["id"]} if "id" in known else {}) | line | {"question": question}


def _parsed(raw: str) -> dict[str, Any]:
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError) as exc:  # a number of 5,000 digits is a ValueError, too
        why = exc.msg if isinstance(exc, json.JSONDecodeError) else str(exc)
        raise InputError(f"The line {raw.strip()[:60]!r} is no JSON: {why}.") from exc
    if not isinstance(row, dict):
        raise InputError(f"The line {raw.strip()[:60]!r} is no JSON object.")
    return row


def _documents(given: object, documents: Sequence[str] | None) -> Sequence[str] | None:
    if given is None or given == "":
        return documents
    if isinstance(given, str):
        return [storable(given)]
    if isinstance(given, list) and all(isinstance(name, str) for name in given):
        return [storable(name) for name in given]
    raise InputError(f"'doc' must be a document's name or a list of names, not {given!r}.")


def _run_csv(table: Table, out: TextIO, function: Function, documents: Sequence[str] | None) -> int:
    question, doc = table.column("question") or 0, table.column("doc")
    writer = csv.writer(out, delimiter=table.delimiter)
    writer.writerow([*_given_names(table.columns), *_COLUMNS])
    n_failed = 0
    for row in table.rows:
        try:
            if len(row) > len(table.columns):
                raise InputError("The row has more cells than there are columns: put quotes around the question.")
            found = function(row[question], _documents("" if doc is None else row[doc], documents))
            cells = _answer_cells(found) if isinstance(found, Answer) else _hit_cells(found.hits)
        except FootnoteError as exc:
            n_failed += 1
            cells = {"error": str(exc)}
        ours = [_plain(cells.get(name, "")) for name in _COLUMNS]
        writer.writerow([*row[: len(table.columns)], *ours])
        out.flush()
    return n_failed


def _given_names(columns: Sequence[str]) -> list[str]:
    """Return the user's columns; those called like ours are renamed, so that none can be taken for a citation."""
    taken = {*_COLUMNS, *(column.strip().casefold() for column in columns)}
    names = []
    for column in columns:
        name = column
        if column.strip().casefold() in _COLUMNS:
            while name.strip().casefold() in taken:
                name = f"{name} (given)"
            taken.add(name.strip().casefold())
        names.append(name)
    return names


def _answer_cells(answer: Answer) -> dict[str, Any]:
    citations = [citation for claim in answer.claims for citation in claim.citations]
    text = " ".join(claim.text for claim in answer.claims) or answer.text
    if not citations:
        return {"answer": text}
    first = citations[0]
    further = dict.fromkeys(f"{citation.document} p. {citation.page}" for citation in citations[1:])
    return {
        "answer": text,
        "document": first.document,
        "page": first.page,
        "label": first.label or "",
        "quote": first.quote,
        "verdict": answer.claims[0].verdict,
        "further": "; ".join(further),
    }


def _hit_cells(hits: Iterable[Hit]) -> dict[str, Any]:
    hits = list(hits)
    if not hits:
        return {}
    first = hits[0]
    return {
        "document": first.document,
        "page": first.page,
        "label": first.label or "",
        "quote": first.passage.text,
        "further": "; ".join(dict.fromkeys(f"{hit.document} p. {hit.page}" for hit in hits[1:])),
    }


def _plain(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe in front."""
    if isinstance(value, str):
        value = storable(value)
        return f"'{value}" if value.startswith(_FORMULA) and not _NUMBER.fullmatch(value) else value
    return value
