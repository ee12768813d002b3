"""The file of questions of a batch, as bytes: what it is (JSON lines or CSV), and its text whatever wrote it.

Spreadsheets write UTF-8 with a mark in front, UTF-16, or the Western code page, with commas, semicolons or tabs.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath
from typing import BinaryIO

from rag.errors import InputError

OnWarning = Callable[[str], None]

_JSON_ENDINGS = {".jsonl", ".ndjson", ".json"}
_DELIMITERS = ",;\t"
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of a file as text: JSON lines one by one as they come in, or the lines of a CSV file."""

    lines: Iterable[str]
    is_csv: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file; a row has at least as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str

    def column(self, name: str) -> int | None:
        """Return which column, from 0, is called so, in upper or lower case; None: none."""
        return _position(self.columns, name)


def read_questions(stream: BinaryIO, name: str, *, on_warning: OnWarning) -> Questions:
    """Return what `stream` holds. What begins with "{" is JSON lines, and so is a file that is named .jsonl or .json;
    all else is CSV. JSON lines in UTF-8 are read one at a time, so that a program may ask and wait for the answer.

    Raises:
        InputError: it is no text.
    """
    ending = PurePath(name).suffix.lower()
    first = next((line for line in stream if line.strip()), b"")
    text_of = _Decoder(name, on_warning)
    begins_json = first.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")
    if ending != ".csv" and not first.startswith(_UTF16_MARKS) and (begins_json or ending in _JSON_ENDINGS):
        return Questions((text_of(line) for line in chain([first], stream)), is_csv=False)
    text = text_of(first + stream.read())
    is_csv = ending not in _JSON_ENDINGS and (ending == ".csv" or not text.lstrip().startswith("{"))
    return Questions(io.StringIO(text, newline="" if is_csv else None), is_csv)


class _Decoder:
    """Bytes to text; what is no UTF-8 is taken for the Western code page, which is said once."""

    def __init__(self, name: str, on_warning: OnWarning) -> None:
        self._name = name
        self._on_warning: OnWarning | None = on_warning

    def __call__(self, raw: bytes) -> str:
        if raw.startswith(_UTF16_MARKS):
            return raw.decode("utf-16", "replace")
        if b"\0" in raw:
            raise InputError(f"{self._name} is no text file. Save the questions as CSV (UTF-8) or JSON lines.")
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            if self._on_warning is not None:
                self._on_warning(f"{self._name} is not UTF-8; it is read as Windows-1252. Save it as CSV UTF-8 if not.")
                self._on_warning = None
            return raw.decode("cp1252", "replace")


def read_table(lines: Iterable[str], *, column: str) -> Table:
    """Return the rows of a CSV file that has this column. Empty lines are left out, short rows filled up.

    The delimiter is the one by which the first line holds the column. In a file with one column only, a delimiter
    within a question is part of it.

    Raises:
        InputError: the column is missing, or the file is no CSV.
    """
    text = "".join(lines)
    headers = {delimiter: next(iter(_rows(text, delimiter)), []) for delimiter in _DELIMITERS}
    fitting = [delimiter for delimiter, header in headers.items() if _position(header, column) is not None]
    if not fitting:
        columns = ", ".join(headers[max(_DELIMITERS, key=lambda delimiter: len(headers[delimiter]))])
        raise InputError(f"The CSV file needs a column {column!r}; it has: {columns or 'nothing'}.")
    delimiter = max(fitting, key=lambda delimiter: len(headers[delimiter]))
    header, *rows = _rows(text, delimiter)
    return Table(tuple(header), tuple(_filled(rows, len(header), delimiter)), delimiter)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from (row for row in reader if row)
    except csv.Error as exc:
        raise InputError(
            f"The CSV file cannot be read at line {reader.line_num}: {exc}. Is a quote not closed?"
        ) from exc


def _position(columns: Sequence[str], name: str) -> int | None:
    return next((i for i, column in enumerate(columns) if column.strip().casefold() == name), None)


def _filled(rows: Iterable[list[str]], n_columns: int, delimiter: str) -> Iterator[tuple[str, ...]]:
    for row in rows:
        cells = [delimiter.join(row)] if n_columns == 1 else row
        yield (*cells, *[""] * (n_columns - len(cells)))
