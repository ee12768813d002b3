"""The command line as a user types it: real processes, the real encoder where it was fetched."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.library import Library
from tests.test_library import FACTS

ROOT = Path(__file__).parent.parent
MakePdf = Callable[..., Path]

pytestmark = pytest.mark.models


@pytest.fixture
def home(tmp_path: Path, minilm: Path) -> Path:
    """A FOOTNOTE_HOME of its own that shares the fetched models."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(minilm.parent)
    return tmp_path / "home"


def footnote(home: Path, *arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rag.cli", *map(str, arguments)],
        capture_output=True, text=True, input=stdin, cwd=ROOT, env=environment(home), timeout=240, check=False,
    )  # fmt: skip


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"FOOTNOTE_HOME": str(home), "FOOTNOTE_THREADS": "1", "OMP_NUM_THREADS": "1"}


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_a_folder_is_added_asked_listed_and_removed(home: Path, make_pdf: MakePdf, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "deeper").mkdir(parents=True)
    make_pdf(FACTS, "a.pdf").rename(folder / "a.pdf")
    make_pdf([["The Rhine flows through Basel and Cologne."]], "b.pdf").rename(folder / "deeper" / "b.PDF")
    (folder / "c.pdf").write_bytes(b"no pdf at all")

    added = footnote(home, "add", folder)
    assert added.returncode == 1, "one file failed"
    assert [(line["document"], line["status"]) for line in lines(added)] == [
        ("a.pdf", "added"), ("c.pdf", "failed"), ("b.PDF", "added"),
    ]  # fmt: skip
    assert "c.pdf" in added.stderr

    listed = lines(footnote(home, "list"))
    assert [(line["document"], line["state"]) for line in listed] == [
        ("a.pdf", "ready"), ("c.pdf", "failed"), ("b.PDF", "ready"),
    ]  # fmt: skip

    asked = footnote(home, "ask", "When was Mont Blanc first climbed?")
    assert asked.returncode == 0
    (answer,) = lines(asked)
    citation = answer["claims"][0]["citations"][0]  # type: ignore[index]
    assert (citation["document"], citation["page"]) == ("a.pdf", 2)
    assert "1786" in citation["quote"]
    assert answer["short_answer"] == "1786"

    found = lines(footnote(home, "search", "Rhine", "-k", "1", "--doc", "b.PDF"))
    assert [hit["document"] for hit in found[0]["hits"]] == ["b.PDF"]  # type: ignore[attr-defined]
    read = footnote(home, "ask", "--text", "When was Mont Blanc first climbed?")
    assert "[1] a.pdf, p. 2" in read.stdout

    assert footnote(home, "verify").returncode == 0
    removed = footnote(home, "remove", "a.pdf", "nowhere.pdf")
    assert removed.returncode == 1
    assert "nowhere.pdf" in removed.stderr
    assert "a.pdf" not in {line["document"] for line in lines(footnote(home, "list"))}


@pytest.mark.slow
def test_a_questionnaire_is_answered_in_one_command(home: Path, make_pdf: MakePdf, tmp_path: Path) -> None:
    assert footnote(home, "add", make_pdf(FACTS, "a.pdf")).returncode == 0
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "nr,question\n1,How high is Mont Blanc?\n2,\n3,Who won the chess championship?\n", encoding="utf-8"
    )
    done = footnote(home, "ask", "--batch", sheet)
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert done.returncode == 1, "one row is empty"
    assert (rows[0]["page"], rows[0]["verdict"]) == ("2", "verbatim")
    assert "4,806" in rows[0]["answer"]
    assert rows[1]["error"]
    assert rows[2]["page"] == ""
    batch = '{"id": 1, "question": "Which desert is the driest?", "doc": "a.pdf"}\n{"id": 2, "question": "x", "doc": "b.pdf"}\n'
    answers = lines(footnote(home, "ask", "--batch", "-", stdin=batch))
    assert answers[0]["id"] == 1
    assert answers[0]["claims"][0]["citations"][0]["page"] == 3  # type: ignore[index]
    assert answers[1]["id"] == 2
    assert "b.pdf" in str(answers[1]["error"])


def test_errors_go_to_stderr_with_the_next_step(home: Path, tmp_path: Path) -> None:
    empty = footnote(home, "ask", "Anything there?")
    assert (empty.returncode, empty.stdout) == (1, "")
    assert "footnote add" in empty.stderr
    assert "Traceback" not in empty.stderr
    missing = footnote(home, "add", tmp_path / "nowhere.pdf")
    assert missing.returncode == 1
    assert "does not exist" in missing.stderr
    assert footnote(home, "ask").returncode == 1
    assert footnote(home, "frobnicate").returncode == 2


@pytest.mark.slow
def test_the_doctor_says_what_is_there(home: Path) -> None:
    done = footnote(home, "doctor")
    assert done.returncode == 0
    for word in ("MiniLM", "FAISS", "tesseract", "GPU", "can be written", "free"):
        assert word in done.stdout


@pytest.mark.slow
def test_the_doctor_says_what_is_missing_and_what_to_type(tmp_path: Path) -> None:
    done = footnote(tmp_path / "bare", "doctor")
    assert done.returncode == 1
    assert "footnote models fetch" in done.stdout


@pytest.mark.slow
def test_control_c_cancels_cleanly(home: Path, make_pdf: MakePdf) -> None:
    path = make_pdf([[f"Page {i} tells of matter {i}." * 20 for _ in range(8)] for i in range(300)], "long.pdf")
    process = subprocess.Popen(
        [sys.executable, "-m", "rag.cli", "add", str(path)],
        cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    catalog = home / "libraries" / "default" / "catalog.sqlite"
    while not catalog.exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "cancelled" in errors
    assert "Traceback" not in errors
    assert footnote(home, "list").stdout == ""


@pytest.mark.slow
def test_killed_during_add_the_library_opens_and_goes_on(home: Path, make_pdf: MakePdf, tmp_path: Path) -> None:
    """kill -9 at five instants: each time every document is whole for its state, and adding again finishes it."""
    pages = [[f"# Part {i}", *(f"Sentence {j} of part {i} tells of matter {i * j}. It is long enough." for j in range(12))]
             for i in range(60)]  # fmt: skip
    path = make_pdf(pages, "long.pdf")
    for delay in (1.0, 2.0, 3.0, 4.0, 6.0):
        process = subprocess.Popen(
            [sys.executable, "-m", "rag.cli", "add", str(path)], cwd=ROOT, env=environment(home),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        folder = home / "libraries" / "default"
        if not (folder / "catalog.sqlite").exists():
            continue
        library = Library(folder, n_threads=1)
        for document in library.documents():
            n_passages = len(library.catalog.passages_of(document.key))
            n_vectors = len(library.catalog.passage_ids([document.key], with_vectors=True))
            assert n_passages == document.n_passages
            assert n_vectors == (n_passages if document.state == "ready" else 0)
            assert (n_passages > 0) == (document.state in {"searchable", "ready"})
        library.close()
    finished = footnote(home, "add", path)
    assert finished.returncode == 0, finished.stderr
    assert footnote(home, "verify").returncode == 0
    assert [line["state"] for line in lines(footnote(home, "list"))] == ["ready"]
