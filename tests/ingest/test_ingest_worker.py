import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from clock import Clock
from ingest_pdfs import SENTENCES, make, prose, rewritten

from rag.errors import Cancelled, DamagedPdf, NotAPdf, NoText, ParseLimit, PasswordNeeded
from rag.ingest.child import file_seconds
from rag.ingest.worker import parse_in_child


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return make(tmp_path / "book.pdf", *(prose(y=700 - n) for n in range(5)))


def child_script(tmp_path: Path, change: str, read: str = "reading.read_page") -> list[str]:
    """A child after a change to it, with another way to read pages."""
    script = tmp_path / "child.py"
    script.write_text(
        f"import os, signal, time\nfrom rag.ingest import child, extras, reading\n{change}\nchild.main({read})\n"
    )
    return [sys.executable, str(script)]


def child_that(tmp_path: Path, trouble: str, page: int | None = 3) -> list[str]:
    """A child that does `trouble` before it reads a page, or every page."""
    condition = "True" if page is None else f"number == {page}"
    read = f"""
def read(document, number):
    if {condition}:
        {trouble}
    return reading.read_page(document, number)
"""
    return child_script(tmp_path, read, "read")


CRASH = "os.kill(os.getpid(), signal.SIGKILL)"
HANG = "time.sleep(600)"


def test_a_child_reads_a_file_and_tells_how_far_it_is(book: Path) -> None:
    told: list[tuple[int, int]] = []
    parsed = parse_in_child(book, name="book.pdf", on_page=lambda done, total: told.append((done, total)))
    assert [page.number for page in parsed.pages] == [1, 2, 3, 4, 5]
    assert all(sentence in parsed.pages[4].text for sentence in SENTENCES)
    assert told == [(0, 5), (1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (CRASH, "crashed the reader"),
        (HANG, "took longer than 600 s"),
        ("raise MemoryError", "takes more memory than is allowed"),
        pytest.param(
            "bytearray(1 << 40)",
            "takes more memory than is allowed",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="no limit of memory"),
        ),
    ],
)
def test_a_page_that_breaks_the_reader_is_left_out_and_the_rest_is_kept(
    tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch, trouble: str, reason: str
) -> None:
    clock, told = Clock(monkeypatch), list[int]()

    def hear(done: int, _: int) -> None:
        told.append(done)
        if done == 2 and trouble == HANG:
            clock.ahead_s = 700

    command = child_that(tmp_path, trouble)
    parsed = parse_in_child(book, name="book.pdf", timeout_s=9_999, page_timeout_s=600, on_page=hear, command=command)
    assert [page.source for page in parsed.pages] == ["text", "text", "failed", "text", "text"]
    assert reason in (parsed.pages[2].reason or "")
    assert parsed.pages[2].text == ""
    assert SENTENCES[0] in parsed.pages[3].text
    assert told == sorted(set(told))


def put_forward(clock: Clock, *, after: int) -> Callable[[int, int], None]:
    """Return what hears of pages, and puts a clock 1,000 s forward when so many are read."""

    def hear(done: int, _: int) -> None:
        if done == after:
            clock.ahead_s = 1000

    return hear


def test_what_was_read_until_the_limit_of_the_file_is_kept(
    tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = put_forward(Clock(monkeypatch), after=2)
    parsed = parse_in_child(book, name="book.pdf", timeout_s=600, on_page=heard, command=child_that(tmp_path, HANG))
    assert [page.source for page in parsed.pages] == ["text", "text", "failed", "failed", "failed"]
    assert {page.reason for page in parsed.pages[2:]} == {"reading the file took longer than 600 s"}


def test_a_file_of_which_nothing_was_read_within_the_limit_is_given_up(
    tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, command = put_forward(Clock(monkeypatch), after=0), child_that(tmp_path, HANG, page=1)
    with pytest.raises(ParseLimit, match=r"book\.pdf took longer than 600 s.*page 1 of 5"):
        parse_in_child(book, name="book.pdf", timeout_s=600, on_page=heard, command=command)


def test_pages_are_read_once_however_often_the_reader_breaks(tmp_path: Path) -> None:
    book = make(tmp_path / "long.pdf", *(prose(y=700 - n) for n in range(40)))
    log = tmp_path / "log"
    trouble = f"open({str(log)!r}, 'a').write(f'{{number}} '); number in (3, 4, 17) and {CRASH}"
    parsed = parse_in_child(book, name="long.pdf", command=child_that(tmp_path, trouble, page=None))
    assert [page.number for page in parsed.pages if page.source != "text"] == [3, 4, 17]
    assert [int(number) for number in log.read_text().split()] == list(range(1, 41))


def test_pages_after_too_many_broken_ones_are_not_tried(tmp_path: Path) -> None:
    book = make(tmp_path / "long.pdf", *(prose(y=700 - n) for n in range(40)))
    log = tmp_path / "log"
    trouble = f"open({str(log)!r}, 'a').write(f'{{number}} '); number > 5 and {CRASH}"
    parsed = parse_in_child(book, name="long.pdf", command=child_that(tmp_path, trouble, page=None))
    assert [page.source for page in parsed.pages] == ["text"] * 5 + ["failed"] * 35
    assert parsed.pages[-1].reason == "not tried: the reader broke on 21 pages before it"
    assert log.read_text().split()[-1] == "26"


def test_a_file_whose_every_page_breaks_the_reader_is_given_up(tmp_path: Path) -> None:
    book = make(tmp_path / "long.pdf", *(prose(y=700 - n) for n in range(40)))
    with pytest.raises(ParseLimit, match=r"long\.pdf broke the reader on its first 21 pages"):
        parse_in_child(book, name="long.pdf", command=child_that(tmp_path, CRASH, page=None))


def test_the_pages_that_were_laid_aside_are_gone_afterwards(tmp_path: Path, book: Path) -> None:
    shelf = tmp_path / "book.reading"
    parse_in_child(book, name="book.pdf", shelf=shelf, command=child_that(tmp_path, CRASH))
    assert not shelf.exists()
    with pytest.raises(Cancelled):
        parse_in_child(book, name="book.pdf", shelf=shelf, is_cancelled=lambda: True)
    assert not shelf.exists()


def test_pages_that_another_reading_laid_aside_are_not_believed(tmp_path: Path, book: Path) -> None:
    shelf = tmp_path / "book.reading"
    shelf.write_bytes(struct.pack(">II", 1, 4) + b"none")  # of a version whose pages cannot be unpickled
    parsed = parse_in_child(book, name="book.pdf", shelf=shelf)
    assert [page.source for page in parsed.pages] == ["text"] * 5


@pytest.mark.parametrize(("trouble", "reason"), [(CRASH, "crashed the reader"), (HANG, "took longer than 600 s")])
def test_notes_that_break_the_reader_cost_the_notes_alone(
    tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch, trouble: str, reason: str
) -> None:
    clock = Clock(monkeypatch)
    heard = put_forward(clock, after=5 if trouble == HANG else -1)
    command = child_script(tmp_path, f"extras.embedded_files = lambda document: {trouble}")
    parsed = parse_in_child(book, name="book.pdf", timeout_s=9_999, page_timeout_s=600, on_page=heard, command=command)
    assert [page.source for page in parsed.pages] == ["text"] * 5
    assert parsed.warnings == (f"Notes, form fields and attached files were not read: it {reason}.",)


def test_the_time_of_a_file_grows_with_its_pages() -> None:
    assert [file_seconds(n) for n in (0, 1, 150, 1000)] == [900, 900, 900, 5120]


def test_an_unforeseen_error_names_the_file(tmp_path: Path, book: Path) -> None:
    with pytest.raises(DamagedPdf, match=r"book\.pdf.*ZeroDivisionError"):
        parse_in_child(book, name="book.pdf", command=child_that(tmp_path, "1 / 0"))


def test_a_child_that_cannot_open_the_file_is_no_endless_loop(tmp_path: Path, book: Path) -> None:
    command = child_script(tmp_path, f"child.open_pdf = lambda path, name: {CRASH}")
    with pytest.raises(DamagedPdf, match=r"book\.pdf is damaged: opening it crashed the reader"):
        parse_in_child(book, name="book.pdf", command=command)


def test_a_child_that_cannot_begin_does_not_blame_the_file(book: Path) -> None:
    with pytest.raises(ParseLimit, match=r"book\.pdf was not read: the reader could not begin \(it crashed"):
        parse_in_child(book, name="book.pdf", command=[sys.executable, "-c", "import os; os._exit(7)"])


def test_the_time_that_a_busy_machine_takes_to_begin_is_no_time_of_a_page(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)

    def is_cancelled() -> bool:
        clock.ahead_s = 90  # before the child has said a word
        return False

    parsed = parse_in_child(book, name="book.pdf", page_timeout_s=60, is_cancelled=is_cancelled)
    assert [page.source for page in parsed.pages] == ["text"] * 5


def test_cancelling_does_not_wait_for_a_child_that_hangs(tmp_path: Path, book: Path) -> None:
    cancelled_at: list[float] = []

    def is_cancelled() -> bool:
        if time.monotonic() - started > 0.7:
            cancelled_at.append(time.monotonic())
        return bool(cancelled_at)

    started = time.monotonic()
    with pytest.raises(Cancelled):
        parse_in_child(book, name="book.pdf", is_cancelled=is_cancelled, command=child_that(tmp_path, HANG))
    assert time.monotonic() - cancelled_at[0] < 60, "long before the child would go on"


def test_what_is_wrong_with_a_file_comes_back_as_it_would_without_a_child(tmp_path: Path, book: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(b"Dear Sir")
    (tmp_path / "cut.pdf").write_bytes(book.read_bytes()[:100])
    locked = rewritten(book, tmp_path / "locked.pdf", lambda writer: writer.encrypt("sesame", algorithm="AES-256"))
    blank = make(tmp_path / "blank.pdf", lambda canvas: None)
    for path, error in (
        (tmp_path / "letter.pdf", NotAPdf),
        (tmp_path / "cut.pdf", DamagedPdf),
        (locked, PasswordNeeded),
        (blank, NoText),
    ):
        with pytest.raises(error, match="My file"):
            parse_in_child(path, name="My file")


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_child_does_not_outlive_a_killed_parent(tmp_path: Path, book: Path) -> None:
    pid_file = tmp_path / "pid"
    trouble = f"open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    code = f"""
from pathlib import Path
from rag.ingest.child import file_seconds
from rag.ingest.worker import parse_in_child
parse_in_child(Path({str(book)!r}), name="book.pdf", command={child_that(tmp_path, trouble)!r})
"""
    parent = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 120
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    child = int(pid_file.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while _is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(child)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())


def test_the_child_imports_nothing_heavy() -> None:
    code = (
        "import sys, rag.ingest.child; print({'torch', 'transformers', 'streamlit', 'pypdf', 'PIL'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_a_module_in_the_working_folder_does_not_get_into_the_child(
    tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pickle.py").write_text("raise SystemExit('wrong pickle')")
    monkeypatch.chdir(tmp_path)
    assert len(parse_in_child(book, name="book.pdf").pages) == 5
