from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.errors import Cancelled, LibraryBusy, StorageError
from rag.index.lock import WriterLock

CHILD = (
    "import sys; from pathlib import Path; from rag.index.lock import WriterLock\n"
    "with WriterLock(Path(sys.argv[1])).acquire('adding theirs.pdf', 0):\n"
    "    print('held', flush=True); sys.stdin.readline()"
)


@contextmanager
def held_by_another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", CHILD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        try:
            yield child
        finally:
            child.kill()


def test_another_process_is_told_who_holds_the_library_and_what_for(tmp_path: Path) -> None:
    with held_by_another_process(tmp_path) as child:
        message = rf"process {child.pid} \(adding theirs.pdf, since .*--wait"
        with pytest.raises(LibraryBusy, match=message), WriterLock(tmp_path).acquire("adding ours.pdf", 0):
            pytest.fail("two processes wrote at once")


def test_a_process_that_dies_gives_the_lock_back(tmp_path: Path) -> None:
    with held_by_another_process(tmp_path) as child:
        child.kill()
        child.wait()
        with WriterLock(tmp_path).acquire("adding ours.pdf", 60):
            assert json.loads((tmp_path / "lock.json").read_text())["what"] == "adding ours.pdf"
    assert not (tmp_path / "lock.json").exists()


def test_one_that_waits_goes_on_when_the_other_is_done(tmp_path: Path) -> None:
    with held_by_another_process(tmp_path) as child:
        assert child.stdin is not None
        timer = threading.Timer(0.3, child.stdin.close)
        timer.start()
        with WriterLock(tmp_path).acquire("adding ours.pdf", None):
            assert child.wait(60) == 0
        timer.join()


def test_waiting_ends_after_the_time_that_was_given(tmp_path: Path) -> None:
    with held_by_another_process(tmp_path):
        started = time.monotonic()
        with pytest.raises(LibraryBusy), WriterLock(tmp_path).acquire("adding ours.pdf", 0.3):
            pass
        assert time.monotonic() - started >= 0.3


def test_one_that_waits_is_told_once_for_whom_and_can_stop(tmp_path: Path) -> None:
    told: list[str] = []
    stop = threading.Event()
    with held_by_another_process(tmp_path) as child:
        timer = threading.Timer(0.3, stop.set)
        timer.start()
        with (
            pytest.raises(Cancelled, match=r"theirs\.pdf"),
            WriterLock(tmp_path).acquire("ours", None, is_cancelled=stop.is_set, on_wait=told.append),
        ):
            pytest.fail("two processes wrote at once")
        timer.join()
        assert len(told) == 1
        assert f"process {child.pid} (adding theirs.pdf" in told[0]
    assert not (tmp_path / "lock.wanted").exists()


def test_nobody_is_told_of_a_wait_when_the_lock_is_free(tmp_path: Path) -> None:
    with WriterLock(tmp_path).acquire("ours", None, is_cancelled=lambda: True, on_wait=pytest.fail):
        pass


GREEDY = (
    "import sys, time; from pathlib import Path; from rag.index.lock import WriterLock\n"
    "for i in range(2000):\n"
    "    with WriterLock(Path(sys.argv[1])).acquire(f'file {i}', 120):\n"
    "        if i == 0: print('held', flush=True)\n"
    "        time.sleep(0.05)\n"
)


def test_one_that_writes_file_after_file_lets_another_one_in_between(tmp_path: Path) -> None:
    command = [sys.executable, "-c", GREEDY, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        for _ in range(3):
            with WriterLock(tmp_path).acquire("ours", 60):
                assert child.poll() is None, "it was not done: it stood back"
            time.sleep(0.05)
        child.kill()


def test_a_note_that_cannot_be_removed_does_not_keep_the_lock(tmp_path: Path) -> None:
    with WriterLock(tmp_path).acquire("ours", 0):
        (tmp_path / "lock.json").unlink()
        (tmp_path / "lock.json").mkdir()
    (tmp_path / "lock.json").rmdir()
    with held_by_another_process(tmp_path):
        pass


def test_threads_and_locks_of_one_process_hold_it_together(tmp_path: Path) -> None:
    inside = threading.Barrier(3, timeout=60)

    def work() -> None:
        with WriterLock(tmp_path).acquire("adding", 0):
            inside.wait()

    with WriterLock(tmp_path).acquire("outer", 0):
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        inside.wait()  # all three are in at once
        for thread in threads:
            thread.join()
        with pytest.raises(AssertionError), held_by_another_process(tmp_path):
            pass  # still held by this process: the child could not take it
    with held_by_another_process(tmp_path):
        pass  # given back at last


def test_an_error_inside_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), WriterLock(tmp_path).acquire("failing", 0):
        _ = 1 / 0
    with held_by_another_process(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"), WriterLock(tmp_path / "file").acquire("adding", 0):
        pass
