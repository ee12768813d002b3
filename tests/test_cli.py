"""The command line as a user types it: real processes, the real encoder where it was fetched."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from rag.library import Library
from rag.sample import ensure_sample
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


def footnote(
    home: Path, *arguments: str | Path, stdin: str = "", settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rag.cli", *map(str, arguments)], capture_output=True, text=True, encoding="utf-8",
        input=stdin, cwd=ROOT, env=environment(home) | (settings or {}), timeout=240, check=False,
    )  # fmt: skip


def start(home: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "rag.cli", *map(str, arguments)],
        cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
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
        ("c.pdf", "failed"), ("a.pdf", "added"), ("b.PDF", "added"),
    ], "a line when a file is finished: vectors are made when all are read"  # fmt: skip
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


@pytest.mark.slow
def test_a_search_is_explained_and_looks_only_where_it_is_told(home: Path, make_pdf: MakePdf) -> None:
    assert footnote(home, "add", make_pdf(FACTS, "a.pdf")).returncode == 0
    assert footnote(home, "add", make_pdf([["The Rhine flows through Basel."]], "b.pdf")).returncode == 0
    assert footnote(home, "tag", "b.pdf", "rivers").returncode == 0

    (line,) = lines(footnote(home, "search", "When was Mont Blanc first climbed, on page 2?", "--explain"))
    first = line["hits"][0]  # type: ignore[index]
    assert (first["document"], first["page"]) == ("a.pdf", 2)
    assert sum(value for _, value in first["signals"]) == pytest.approx(first["score"], abs=1e-4)
    assert "climbed" in {first["text"][start:end] for start, end in first["matched"]}
    assert [hint["means"] for hint in line["understood"]["hints"]]  # type: ignore[index]
    hint = line["understood"]["hints"][0]["means"]  # type: ignore[index]
    without = footnote(home, "search", "When was Mont Blanc first climbed, on page 2?", "--explain", "--without", hint)
    assert lines(without)[0]["understood"]["hints"] == []  # type: ignore[index]
    assert "changes nothing" not in without.stderr
    misspelt = footnote(home, "search", "When was Mont Blanc first climbed, on page 2?", "--without", "pge 2")
    assert '--without "pge 2" changes nothing' in misspelt.stderr

    read = footnote(home, "search", "Where does the Danube rise?", "--explain", "--text", "--tag", "rivers")
    assert "b.pdf" in read.stdout
    assert "a.pdf" not in read.stdout
    nothing = footnote(home, "ask", "Where does the Danube rise?", "--until", "2000-01-01")
    assert nothing.returncode == 1
    assert "added" in nothing.stderr


def test_the_version_is_that_of_the_package(home: Path) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert footnote(home, "--version").stdout.strip() == f"footnote {wanted}"


def test_errors_go_to_stderr_with_the_next_step(home: Path, tmp_path: Path) -> None:
    empty = footnote(home, "ask", "Anything there?")
    assert (empty.returncode, empty.stdout) == (1, "")
    assert "footnote add" in empty.stderr
    assert "Traceback" not in empty.stderr
    missing = footnote(home, "add", tmp_path / "nowhere.pdf")
    assert missing.returncode == 1
    assert "does not exist" in missing.stderr


@pytest.mark.parametrize(
    "arguments",
    [["ask"], ["search"], ["ask", "Why?", "--batch", "-"], ["frobnicate"], ["ask", "-k", "zero", "Why?"], ["models"],
     ["serve", "--port", "70000"], ["add"], ["search", "--since", "yesterday", "Why?"]],
)  # fmt: skip
def test_wrong_usage_ends_with_status_2(home: Path, arguments: list[str]) -> None:
    done = footnote(home, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: footnote")


@pytest.mark.parametrize("command", [["ask", "Why?"], ["search", "Why?"], ["verify"], ["remove", "a.pdf"], ["list"]])
def test_reading_a_library_that_does_not_exist_makes_none(home: Path, command: list[str]) -> None:
    (home / "libraries" / "books").mkdir(parents=True)
    (home / "libraries" / "books" / "catalog.sqlite").touch()
    named = footnote(home, *command, "--library", "boks")
    assert (named.returncode, named.stdout) == (1, "")
    assert "books" in named.stderr, "the known ones are named"
    assert "footnote add --library boks" in named.stderr
    default = footnote(home, *command)
    assert (default.returncode, default.stdout) == (0 if command == ["list"] else 1, "")
    assert "footnote add" in default.stderr or command == ["list"]
    assert [path.name for path in (home / "libraries").iterdir()] == ["books"]


def test_a_folder_without_a_pdf_is_said_to_have_none(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    done = footnote(home, "add", tmp_path / "empty")
    assert done.returncode == 1
    assert "no PDF in" in done.stderr
    assert not (home / "libraries").exists()


@pytest.mark.slow
def test_files_that_cannot_be_read_get_a_line_each_and_the_rest_goes_on(
    home: Path, make_pdf: MakePdf, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "loop.pdf").symlink_to(folder / "loop.pdf")
    os.mkfifo(folder / "pipe.pdf")
    make_pdf(FACTS, "a.pdf").rename(folder / "z.pdf")
    done = footnote(home, "add", tmp_path / ("x" * 300 + ".pdf"), folder / "pipe.pdf", folder)
    assert "Traceback" not in done.stderr
    assert [(str(line["document"])[:9], line["status"]) for line in lines(done)] == [
        ("x" * 9, "failed"), ("pipe.pdf", "failed"), ("loop.pdf", "failed"), ("z.pdf", "added"),
    ]  # fmt: skip
    assert done.returncode == 1


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read anything")
def test_folders_that_may_not_be_entered_get_a_line(home: Path, make_pdf: MakePdf, tmp_path: Path) -> None:
    for name, mode in (("listed", 0o400), ("closed", 0)):
        (tmp_path / "folder" / name).mkdir(parents=True)
        make_pdf(FACTS, "a.pdf").rename(tmp_path / "folder" / name / "a.pdf")
        (tmp_path / "folder" / name).chmod(mode)
    done = footnote(home, "add", tmp_path / "folder")
    for name in ("listed", "closed"):
        (tmp_path / "folder" / name).chmod(0o700)
    assert [line["status"] for line in lines(done)] == ["failed", "failed"]
    assert done.stderr.count("Permission denied") == 2


HOLD = (
    "import sys; from pathlib import Path; from rag.index.lock import WriterLock\n"
    "folder = Path(sys.argv[1]); folder.mkdir(parents=True)\n"
    "with WriterLock(folder).acquire('adding theirs.pdf', 0):\n"
    "    print('held', flush=True); sys.stdin.readline()"
)


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Another process writes to the library meanwhile."""
    command = [sys.executable, "-c", HOLD, str(home / "libraries" / "default")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.kill()


def test_while_another_process_writes_every_file_gets_a_line(home: Path, make_pdf: MakePdf) -> None:
    with held(home):
        done = footnote(home, "add", make_pdf(FACTS, "a.pdf"), make_pdf(FACTS[:1], "b.pdf"))
    assert done.returncode == 1
    assert [(line["document"], line["status"]) for line in lines(done)] == [("a.pdf", "failed"), ("b.pdf", "failed")]
    assert all("theirs.pdf" in str(line["reason"]) for line in lines(done))


def test_one_that_waits_says_for_whom_and_stops_at_control_c(home: Path, make_pdf: MakePdf) -> None:
    with held(home):
        process = start(home, "add", "--wait", make_pdf(FACTS, "a.pdf"))
        assert process.stderr is not None
        assert "theirs.pdf" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=120)
    assert (process.returncode, out) == (1, "")
    assert "Traceback" not in errors


@pytest.mark.slow
def test_questions_and_results_of_any_character_get_through(home: Path, make_pdf: MakePdf) -> None:
    assert footnote(home, "add", make_pdf(FACTS, "a.pdf")).returncode == 0
    command = [sys.executable, "-m", "rag.cli", "ask", "--batch", "-"]
    batch = b'{"id": "\\ud800", "question": "How \\ud800 high is Mont Blanc? \xc3\xa9"}\n{"question": "x", "doc": "\\udfff"}\n'
    plain = environment(home) | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = subprocess.run(command, input=batch, capture_output=True, cwd=ROOT, env=plain, timeout=240, check=False)
    first, second = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert first["question"] == "How \ufffd high is Mont Blanc? é"
    assert first["claims"][0]["citations"][0]["page"] == 2
    assert "error" in second
    argument = os.fsdecode(b"How high is Mont Blanc \xff?")
    assert "4,806" in footnote(home, "ask", "--text", argument).stdout


@pytest.mark.slow
def test_a_device_that_is_not_here_is_a_clear_error_and_the_words_are_kept(home: Path, make_pdf: MakePdf) -> None:
    path = make_pdf(FACTS, "a.pdf")
    done = footnote(home, "add", path, settings={"FOOTNOTE_DEVICE": "cuda:99"})
    assert done.returncode == 1
    assert "FOOTNOTE_DEVICE=auto" in done.stderr
    assert "a.pdf: its words can be searched" in done.stderr
    assert [line["state"] for line in lines(footnote(home, "list"))] == ["searchable"]
    for command in (["search", FACTS[0][0]], ["verify"]):
        found = footnote(home, *command)
        assert found.returncode == 0
        assert "a.pdf has no vectors yet" in found.stderr
    assert [(line["document"], line["status"]) for line in lines(footnote(home, "add", path))] == [("a.pdf", "known")]
    assert "no vectors" not in footnote(home, "verify").stderr
    assert [line["state"] for line in lines(footnote(home, "list", "--verbose"))] == ["ready"]


def test_models_that_are_missing_are_all_listed(tmp_path: Path) -> None:
    done = footnote(tmp_path / "bare", "models", "list")
    assert done.returncode == 1
    assert done.stderr.count("footnote models fetch") == 2


@pytest.mark.slow
def test_the_doctor_says_when_a_device_is_not_here(home: Path) -> None:
    done = footnote(home, "doctor", "--text", settings={"FOOTNOTE_DEVICE": "cuda:99"})
    assert done.returncode == 1
    assert "✗ The device 'cuda:99'" in done.stdout


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
def test_the_sample_is_made_again_when_its_vectors_are_of_another_encoder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_HOME", str(home))
    assert ensure_sample(n_threads=1).status == "added"
    assert ensure_sample(n_threads=1).status == "known"
    with closing(sqlite3.connect(home / "libraries" / "sample" / "catalog.sqlite")) as connection, connection:
        connection.execute("UPDATE meta SET value = 'another/256' WHERE name = 'encoder'")
    assert ensure_sample(n_threads=1).status == "added"
    library = Library("sample", n_threads=1)
    assert library.ask("Who introduced PReLU, and when?").claims
    library.close()


def states(home: Path) -> dict[str, str]:
    """The states of the documents, looked at from outside while another process writes."""
    catalog = home / "libraries" / "default" / "catalog.sqlite"
    if not catalog.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as connection:
            return dict(connection.execute("SELECT name, state FROM document").fetchall())
    except sqlite3.OperationalError:  # its tables are being made
        return {}


def stop_when(process: subprocess.Popen[str], how: signal.Signals, is_time: Callable[[], bool]) -> str:
    """Send the signal as soon as it is time; return what was said on stderr."""
    deadline = time.monotonic() + 120
    while not is_time():
        assert process.poll() is None, "it was done before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(how)
    return process.communicate(timeout=60)[1]


LONG = [[f"# Part {i}", *(f"Sentence {j} of part {i} tells of matter {i * j}. It is long enough." for j in range(12))]
        for i in range(120)]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("state", ["reading", "searchable"])
def test_control_c_cancels_cleanly(home: Path, make_pdf: MakePdf, state: str) -> None:
    process = start(home, "add", make_pdf(LONG, "long.pdf"))
    errors = stop_when(process, signal.SIGINT, lambda: states(home) == {"long.pdf": state})
    assert process.returncode == 1
    assert "cancelled" in errors
    assert "Traceback" not in errors
    assert footnote(home, "list").stdout == ""


def file_is_copied(home: Path) -> bool:
    return any((home / "libraries" / "default" / "files").glob("*.pdf"))


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "entered": lambda home: states(home) == {"long.pdf": "reading"},
    "copied": lambda home: states(home) == {"long.pdf": "reading"} and file_is_copied(home),
    "searchable": lambda home: states(home).get("long.pdf") == "searchable",
    "all searchable": lambda home: list(states(home).values()) == ["searchable", "searchable"],
    "first ready": lambda home: states(home).get("long.pdf") == "ready",
}


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_during_add_every_document_is_whole_and_adding_again_finishes_it(
    home: Path, make_pdf: MakePdf, moment: str
) -> None:
    paths = [make_pdf(LONG, "long.pdf"), make_pdf(LONG[::-1], "other.pdf")]
    process = start(home, "add", *paths)
    stop_when(process, signal.SIGKILL, lambda: MOMENTS[moment](home))
    assert process.returncode == -signal.SIGKILL

    library = Library(home / "libraries" / "default", n_threads=1)
    found = {document.name: document for document in library.documents()}
    n_searchable = {"entered": 0, "copied": 0, "searchable": 1, "all searchable": 2, "first ready": 2}[moment]
    assert "long.pdf" in found, "what was begun is still known"
    assert sum(document.state in {"searchable", "ready"} for document in found.values()) >= n_searchable
    for document in found.values():
        n_passages = len(library.catalog.passages_of(document.key))
        n_vectors = len(library.catalog.passage_ids([document.key], with_vectors=True))
        assert n_passages == document.n_passages
        assert n_vectors == (n_passages if document.state == "ready" else 0)
        assert (n_passages > 0) == (document.state in {"searchable", "ready"})
    if n_searchable:
        hits = library.search("Which sentence tells of matter 77?", documents=["long.pdf"])
        assert any("matter 77." in hit.passage.text for hit in hits), "what was searchable still is"
    library.close()

    finished = footnote(home, "add", *paths)
    assert finished.returncode == 0, finished.stderr
    assert [line["document"] for line in lines(finished)] == ["long.pdf", "other.pdf"]
    assert footnote(home, "verify").returncode == 0
    assert states(home) == {"long.pdf": "ready", "other.pdf": "ready"}
