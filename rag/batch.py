"""Many questions in one go: JSON lines or CSV in, the same order out; a failing row is an error line, the rest goes on.

The models are loaded once: `function` is called with each question and its documents.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from rag.errors import FootnoteError, InputError
from rag.types import Answer, Hit

Function = Callable[[str, Sequence[str] | None], Any]
ToLine = Callable[[str, Any], dict[str, Any]]

_COLUMNS = ("answer", "document", "page", "label", "quote", "verdict", "further")


def run_batch(
    file: TextIO,
    out: TextIO,
    function: Function,
    to_line: ToLine,
    *,
    is_csv: bool = False,
    documents: Sequence[str] | None = None,
) -> int:
    """Ask every question of `file` and write a line each to `out`; return how many failed.

    JSON lines hold `question`, and may hold `id` and `doc` (a document's name, or a list of them). CSV has a column
    `question`, and may have `doc`; its other columns are kept.

    Raises:
        InputError: a CSV file without a column `question`.
    """
    if is_csv:
        return _run_csv(file, out, function, documents)
    n_failed = 0
    for raw in file:
        if not raw.strip():
            continue
        line = _json_line(raw, function, to_line, documents)
        n_failed += "error" in line
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
        out.flush()
    return n_failed


def _json_line(raw: str, function: Function, to_line: ToLine, documents: Sequence[str] | None) -> dict[str, Any]:
    known: dict[str, Any] = {}
    try:
        row = json.loads(raw)
        if not isinstance(row, dict):
            raise InputError(f"The line {raw.strip()[:60]!r} is no JSON object.")
        known = {name: row[name] for name in ("id", "question") if name in row}
        question = row.get("question")
        if not isinstance(question, str):
            raise InputError("The line has no text under 'question'.")
        line = to_line(question, function(question, _documents(row.get("doc"), documents)))
    except json.JSONDecodeError as exc:
        return {"error": f"The line {raw.strip()[:60]!r} is no JSON: {exc.msg}."}
    except FootnoteError as exc:
        return known | {"error": str(exc)}
    return ({"id": known["id"]} if "id" in known else {}) | line | {"question": question}


def _documents(given: object, documents: Sequence[str] | None) -> Sequence[str] | None:
    if given is None or given == "":
        return documents
    if isinstance(given, str):
        return [given]
    if isinstance(given, list) and all(isinstance(name, str) for name in given):
        return given
    raise InputError(f"'doc' must be a document's name or a list of names, not {given!r}.")


def _run_csv(file: TextIO, out: TextIO, function: Function, documents: Sequence[str] | None) -> int:
    reader = csv.DictReader(file)
    columns = list(reader.fieldnames or ())
    if "question" not in columns:
        raise InputError(f"The CSV file needs a column 'question'; it has: {', '.join(columns) or 'nothing'}.")
    writer = csv.DictWriter(out, [*columns, *(name for name in (*_COLUMNS, "error") if name not in columns)])
    writer.writeheader()
    n_failed = 0
    for row in reader:
        kept = {name: row.get(name) or "" for name in columns}
        try:
            found = function(row["question"] or "", _documents(row.get("doc"), documents))
            cells = _answer_cells(found) if isinstance(found, Answer) else _hit_cells(found)
        except FootnoteError as exc:
            n_failed += 1
            cells = {"error": str(exc)}
        writer.writerow(kept | {name: _plain(value) for name, value in cells.items()})
        out.flush()
    return n_failed


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
    if isinstance(value, str) and value[:1] in {"=", "+", "@", "\t", "\r"}:
        return "'" + value
    return value
