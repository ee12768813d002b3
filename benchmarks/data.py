"""Where the measuring data lie, and the questions in them."""

from __future__ import annotations

import gzip
import json
import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the PDF it is asked of, and where its answer stands."""

    text: str
    document: str
    pages: tuple[int, ...]
    answers: tuple[str, ...] = ()


def data_folder() -> Path:
    """Return `$FOOTNOTE_DATA`, else `../shared/data`; end the run with a reason when it is absent."""
    default = Path(__file__).parent.parent.parent / "shared" / "data"
    folder = Path(os.environ.get("FOOTNOTE_DATA", default))
    if not folder.is_dir():
        print(f"skipped: no measuring data in {folder} (set FOOTNOTE_DATA)")
        sys.exit(0)
    return folder


def questions(name: str) -> list[Question]:
    """Return the answerable questions of a set (`squad48`, `filings`, `mixed`) in the file's order."""
    folder = data_folder() / name
    packed, plain = folder / "questions.jsonl.gz", folder / "questions.jsonl"
    text = gzip.decompress(packed.read_bytes()).decode() if packed.is_file() else plain.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    return [
        Question(row["question"], row["doc"], tuple(row["pages"]), tuple(row.get("answers", ())))
        for row in rows
        if row["pages"]
    ]


def pdfs(name: str) -> list[Path]:
    """Return the PDFs of a set in alphabetical order."""
    return sorted((data_folder() / name / "pdfs").glob("*.pdf"))


def share(values: list[bool]) -> str:
    """Return the share of true values in per cent with its 95 % interval. Source: Wilson, 1927."""
    n = len(values)
    if not n:
        return "none"
    z = 1.96
    p = sum(values) / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{100 * p:.1f} % [{100 * (middle - half):.1f}, {100 * (middle + half):.1f}]"
