from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InputError
from rag.questionnaire import Questions, read_questions, read_table

ASKED = "Wie hoch ist der „Mont Blanc“ – 4.806 €?"
SHEET = f"Nr;Frage\r\n1;{ASKED}\r\n"


def read(raw: bytes, name: str = "sheet.csv") -> tuple[Questions, str, list[str]]:
    warnings: list[str] = []
    questions = read_questions(io.BytesIO(raw), name, on_warning=warnings.append)
    return questions, "".join(questions.lines), warnings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_what_spreadsheets_write_is_read_alike(encoding: str) -> None:
    questions, text, warnings = read(SHEET.encode(encoding))
    assert questions.is_csv
    assert text == SHEET
    assert len(warnings) == (encoding == "cp1252")


def test_big_endian_utf_16_is_told_by_its_mark() -> None:
    assert read(b"\xfe\xff" + SHEET.encode("utf-16-be"))[1] == SHEET


def test_bytes_that_no_code_page_knows_do_not_stop_it() -> None:
    assert read(b"question\n\x81\xe9?\n")[1] == "question\n\ufffdé?\n"


@pytest.mark.parametrize("raw", [b"PK\x03\x04\x00\x00", b"question\n\x00\n"])
def test_a_spreadsheet_in_its_own_format_is_refused_with_what_to_do(raw: bytes) -> None:
    with pytest.raises(InputError, match="Save the questions as CSV"):
        read(raw, "sheet.xlsx")


@pytest.mark.parametrize(
    ("raw", "name", "is_csv"),
    [
        (b'\n {"question": "x"}\n', "-", False),
        (b'\xef\xbb\xbf{"question": "x"}\n', "-", False),
        ('{"question": "x"}\n'.encode("utf-16"), "-", False),
        (b"question\nx\n", "-", True),
        (b"question\nx\n", "questions.txt", True),
        (b"broken\n", "questions.jsonl", False),
        (b'{"question\nx\n', "questions.csv", True),
        (b"", "-", True),
    ],
)
def test_json_lines_are_told_from_csv(raw: bytes, name: str, is_csv: bool) -> None:
    assert read(raw, name)[0].is_csv is is_csv


def test_json_lines_are_read_one_at_a_time() -> None:
    class Pipe(io.BytesIO):
        n_read = 0

        def __next__(self) -> bytes:
            self.n_read += 1
            return super().__next__()

    pipe = Pipe(b'{"question": "a"}\n{"question": "b"}\n')
    lines = iter(read_questions(pipe, "-", on_warning=print).lines)
    assert next(lines) == '{"question": "a"}\n'
    assert pipe.n_read == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_parts_the_header(delimiter: str) -> None:
    text = delimiter.join(["nr", "Question", "doc"]) + "\n" + delimiter.join(["1", '"a,b;c\td"', "x"]) + "\n\n"
    table = read_table([text], column="question")
    assert (table.delimiter, table.column("question"), table.column("doc")) == (delimiter, 1, 2)
    assert table.rows == (("1", "a,b;c\td", "x"),)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters='"\r\n\x00'), min_size=1), min_size=1))
def test_a_list_of_questions_needs_no_quotes(questions: list[str]) -> None:
    table = read_table(["question\n", *(f"{question}\n" for question in questions)], column="question")
    assert [row[0] for row in table.rows] == questions


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


@given(st.lists(st.tuples(cells, cells), max_size=5), st.sampled_from(",;\t"))
def test_whatever_was_written_as_csv_is_read_again(rows: list[tuple[str, str]], delimiter: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([("question", "note"), *rows])
    assert read_table([out.getvalue()], column="question").rows == tuple(rows)


def test_short_rows_are_filled_up() -> None:
    assert read_table(["question,doc\nx\n"], column="question").rows == (("x", ""),)


def test_what_is_no_csv_is_an_error_of_the_user() -> None:
    with pytest.raises(InputError, match="line"):
        read_table(['question\n"' + "x" * 200_000], column="question")
