"""Uploads and questions live in threads: they outlive pages, say how far they are, and can be stopped."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import StorageError
from rag.index.watched import Seen
from rag.types import Added, OnProgress, Progress
from rag.watch import Change, FolderWatch
from ui import shelf
from ui.jobs import Upload, UploadQueue
from ui.progress import upload_words

HOLD_THE_LOCK = """
import sys, time
from pathlib import Path
from rag.index.lock import WriterLock
with WriterLock(Path(sys.argv[1])).acquire("testing", 0):
    print("held", flush=True)
    sys.stdin.read()
"""


def until(condition: Callable[[], bool], timeout_s: float = 180) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def copied(path: Path, tmp_path: Path, name: str = "upload") -> Path:
    folder = tmp_path / name
    folder.mkdir()
    return Path(shutil.copy(path, folder / "upload.pdf"))


def test_an_upload_ends_in_the_library_and_its_copy_is_deleted(bench: shelf.Shelf, facts: Path, tmp_path: Path) -> None:
    place, path = bench.place("default"), copied(facts, tmp_path)
    upload = place.uploads.add(path, "Facts.pdf")
    until(lambda: upload.is_over)
    assert (upload.state, upload.reason) == ("added", None)
    assert [document.name for document in place.library.documents()] == ["Facts.pdf"]
    assert not path.parent.exists()


def test_the_same_bytes_again_are_known(bench: shelf.Shelf, facts: Path, tmp_path: Path) -> None:
    queue = bench.place("default").uploads
    uploads = [queue.add(copied(facts, tmp_path, name), f"{name}.pdf") for name in ("one", "two")]
    until(lambda: not queue.is_active())
    assert [upload.state for upload in uploads] == ["added", "known"]
    assert uploads[1].name == "one.pdf"


def test_all_files_can_be_searched_by_words_before_vectors_are_made_for_the_first(
    bench: shelf.Shelf, facts: Path, tmp_path: Path
) -> None:
    library = bench.place("default").library
    queue = UploadQueue(library)
    states: list[list[str]] = []
    made = type(library.encoder).encode

    def noted(*arguments: object, **named: object) -> object:
        states.append(sorted(document.state for document in library.documents()))
        return made(*arguments, **named)

    other = copied(facts, tmp_path, "other")
    other.write_bytes(other.read_bytes() + b"\n% the same pages, other bytes\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(library.encoder), "encode", noted)
        uploads = [queue.add(copied(facts, tmp_path, "one"), "one.pdf"), queue.add(other, "two.pdf")]
        until(lambda: all(upload.is_over for upload in uploads))
    assert [upload.state for upload in uploads] == ["added", "added"]
    assert states[0] == ["searchable", "searchable"]
    assert [document.state for document in library.documents()] == ["ready", "ready"]


def test_a_bad_file_fails_with_its_reason_and_the_next_goes_on(bench: shelf.Shelf, facts: Path, tmp_path: Path) -> None:
    queue = bench.place("default").uploads
    text = tmp_path / "text.txt"
    text.write_text("no PDF")
    bad, good = queue.add(copied(text, tmp_path, "bad"), "bad.pdf"), queue.add(copied(facts, tmp_path), "good.pdf")
    until(lambda: not queue.is_active())
    assert (bad.state, good.state) == ("failed", "added")
    assert "bad.pdf" in upload_words(bad)


def test_a_cancelled_upload_leaves_nothing(bench: shelf.Shelf, facts: Path, tmp_path: Path) -> None:
    place = bench.place("default")
    begun, go_on = threading.Event(), threading.Event()

    def first(upload: Upload) -> None:
        begun.set()
        go_on.wait(180)

    place.uploads._submit(Upload("first", first))
    begun.wait(180)
    upload = place.uploads.add(copied(facts, tmp_path), "facts.pdf")
    upload.cancel()
    go_on.set()
    until(lambda: upload.is_over)
    assert upload.state == "cancelled"
    assert place.library.documents() == []
    assert not (tmp_path / "upload").exists()


def test_while_another_program_writes_the_upload_says_so_waits_and_then_goes_on(
    bench: shelf.Shelf, facts: Path, tmp_path: Path
) -> None:
    place = bench.place("default")
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(place.library.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        upload = place.uploads.add(copied(facts, tmp_path), "facts.pdf")
        until(lambda: upload.state == "busy")
        assert str(other.pid) in upload_words(upload)
        other.stdin.close()
        until(lambda: upload.is_over)
    assert upload.state == "added"


class Failing:
    """A library whose every verb fails in its own way."""

    def __init__(self, exc: Exception) -> None:
        self._exc = exc

    def add(self, path: Path, **_: object) -> Added:
        raise self._exc


@pytest.mark.parametrize(
    ("exc", "said"),
    [
        (StorageError("The disk is full. Free some space."), "The disk is full."),
        (ZeroDivisionError("x"), "The details"),
    ],
)
def test_errors_meant_for_users_are_shown_and_others_are_logged(
    exc: Exception, said: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    queue = UploadQueue(Failing(exc))  # type: ignore[arg-type]
    folder = tmp_path / "folder"
    folder.mkdir()
    upload = queue.add(folder / "a.pdf", "a.pdf")
    until(lambda: upload.is_over)
    assert upload.state == "failed"
    assert said in str(upload.reason)
    assert bool(caplog.records) == isinstance(exc, ZeroDivisionError)


def test_progress_is_told_in_words() -> None:
    upload = Upload("a.pdf", lambda upload: None)
    report: OnProgress = upload.report
    assert upload_words(upload) == "waiting"
    report(Progress("a.pdf", "read", 17, 160))
    assert upload_words(upload) == "reading page 17 of 160"
    assert not upload.is_searchable
    report(Progress("a.pdf", "index", 1, 1))
    assert upload_words(upload) == "searchable by words; preparing meaning-search"
    assert upload.is_searchable
    report(Progress("a.pdf", "encode", 30, 60))
    assert upload_words(upload) == "searchable by words; preparing meaning-search"


def test_a_cancelled_upload_says_so_at_once() -> None:
    upload = Upload("a.pdf", lambda upload: None)
    upload.report(Progress("a.pdf", "read", 17, 160))
    upload.cancel()
    assert upload_words(upload) == "cancelling…"
    upload.state = "cancelled"
    assert upload_words(upload) == "cancelled; nothing of it is left"


@pytest.mark.parametrize("resolved", ["removed", "tried again"])
def test_a_failure_is_forgotten_when_it_is_none_any_more(bench: shelf.Shelf, tmp_path: Path, resolved: str) -> None:
    place = bench.place("default")
    bad = tmp_path / "upload" / "upload.pdf"
    bad.parent.mkdir()
    bad.write_bytes(b"Dear reader")
    first = place.uploads.add(bad, "letter.pdf")
    until(lambda: first.is_over)
    place.uploads.settle()
    assert place.uploads.uploads() == [first]
    if resolved == "removed":
        place.library.remove("letter.pdf")
        place.uploads.settle()
        assert place.uploads.uploads() == []
    else:
        second = place.uploads.retry("letter.pdf", None)
        until(lambda: second.is_over)
        place.uploads.settle()
        assert place.uploads.uploads() == [second]


def test_a_failure_that_left_nothing_in_the_library_stays_until_it_is_dismissed(bench: shelf.Shelf) -> None:
    queue = bench.place("default").uploads

    def fail(upload: Upload) -> Added:
        raise StorageError("The disk is full.")

    upload = queue._submit(Upload("a.pdf", fail))
    until(lambda: upload.is_over)
    queue.settle()
    assert queue.uploads() == [upload]


def test_progress_never_goes_back() -> None:
    upload = Upload("a.pdf", lambda upload: None)
    seen = []
    for stage, total in (("copy", 9), ("read", 160), ("index", 1), ("encode", 60)):
        for done in range(total + 1):
            upload.report(Progress("a.pdf", stage, done, total))  # type: ignore[arg-type]
            seen.append(upload.fraction)
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] <= 1


def test_what_was_left_half_done_is_finished(bench: shelf.Shelf, facts: Path) -> None:
    place = bench.place("default")
    assert place.uploads.resume() is None
    sha = "0" * 64
    place.library.catalog.begin(sha, "lost.pdf", 10)
    upload = place.uploads.resume()
    assert upload is not None
    until(lambda: upload.is_over)
    assert place.library.documents() == []


def test_a_newer_version_that_is_cancelled_while_its_vectors_are_made_stays(
    bench: shelf.Shelf, facts: Path, make_pdf: Callable[..., Path], tmp_path: Path
) -> None:
    place = bench.place("default")
    place.library.add(facts)
    newer = copied(make_pdf([["The Danube rises in Baden-Württemberg."]], "newer.pdf"), tmp_path)
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Upload) -> None:
        begun.set()
        go_on.wait(180)

    upload = place.uploads.replace(place.library.documents()[0].id, newer, "newer.pdf")
    place.uploads._submit(Upload("hold", hold))  # comes between the two steps of the other
    assert begun.wait(180)
    assert [document.state for document in place.library.documents()] == ["searchable"]
    upload.cancel()
    go_on.set()
    until(lambda: upload.is_over)
    assert (upload.name, upload.state) == ("facts.pdf", "added")
    assert "at the next start" in upload_words(upload)
    assert [document.name for document in place.library.documents()] == ["facts.pdf"]


def test_a_file_that_is_cancelled_while_it_waits_for_its_vectors_leaves_nothing(
    bench: shelf.Shelf, facts: Path, tmp_path: Path
) -> None:
    place = bench.place("default")
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Upload) -> None:
        begun.set()
        go_on.wait(180)

    upload = place.uploads.add(copied(facts, tmp_path), "facts.pdf")
    place.uploads._submit(Upload("hold", hold))
    assert begun.wait(180)
    upload.cancel()
    go_on.set()
    until(lambda: upload.is_over)
    assert upload.state == "cancelled"
    assert place.library.documents() == []


def test_a_document_that_is_renamed_between_its_two_steps_is_finished(
    bench: shelf.Shelf, facts: Path, tmp_path: Path
) -> None:
    place = bench.place("default")

    def rename(_: Upload) -> None:
        place.library.rename("facts.pdf", "renamed.pdf")

    upload = place.uploads.add(copied(facts, tmp_path), "facts.pdf")
    place.uploads._submit(Upload("rename", rename))
    until(lambda: upload.is_over)
    assert (upload.name, upload.state) == ("renamed.pdf", "added")
    assert [document.state for document in place.library.documents()] == ["ready"]


def test_the_failure_of_a_newer_version_is_told_until_it_is_dismissed(
    bench: shelf.Shelf, facts: Path, tmp_path: Path
) -> None:
    place = bench.place("default")
    place.library.add(facts)
    bad = tmp_path / "bad.txt"
    bad.write_text("no PDF")
    upload = place.uploads.replace(place.library.documents()[0].id, copied(bad, tmp_path), "facts.pdf")
    until(lambda: upload.is_over)
    place.uploads.settle()
    assert place.uploads.uploads() == [upload]
    assert "version that was here before stays" in upload_words(upload)
    assert [document.state for document in place.library.documents()] == ["ready"]


@pytest.mark.parametrize(("content", "state"), [(None, "added"), (b"no PDF %%EOF", "failed")])
def test_a_file_of_a_watched_folder_stays_where_it_is_and_the_watch_is_told(
    bench: shelf.Shelf, facts: Path, tmp_path: Path, content: bytes | None, state: str
) -> None:
    place, folder = bench.place("default"), tmp_path / "papers"
    folder.mkdir()
    path = folder / "facts.pdf"
    path.write_bytes(content or facts.read_bytes())
    uploads: list[Upload] = []
    watch = FolderWatch(place.library, folder, lambda change: uploads.append(place.uploads.take(change, watch)))
    watch.start()
    until(lambda: bool(uploads) and uploads[0].is_over)
    watch.stop()
    assert uploads[0].state == state
    assert path.exists()
    again = FolderWatch(place.library, folder, lambda change: uploads.append(place.uploads.take(change, watch)))
    again.start()
    time.sleep(2)
    again.stop()
    assert len(uploads) == 1, "it was noted"


@pytest.mark.parametrize("exc", [StorageError("The disk is full."), ZeroDivisionError("x")])
def test_a_file_of_a_watched_folder_that_cannot_be_noted_is_given_back_and_the_queue_goes_on(
    bench: shelf.Shelf, facts: Path, tmp_path: Path, exc: Exception
) -> None:
    class Forgetful(FolderWatch):
        """A watch that cannot write down what was taken."""

        def done(self, change: Change) -> None:
            raise exc

    place, folder = bench.place("default"), tmp_path / "papers"
    folder.mkdir()
    (folder / "facts.pdf").write_bytes(facts.read_bytes())
    given_back: list[Path] = []
    watch = Forgetful(place.library, folder, lambda change: pytest.fail(f"{change} was not asked for"))
    watch.dropped = lambda change: given_back.append(change.path)  # type: ignore[method-assign]
    first = place.uploads.take(Change(folder / "facts.pdf", Seen("0" * 64, 1, 1), None), watch)
    until(lambda: first.is_over)
    assert first.state == "added"
    assert given_back == [folder / "facts.pdf"]
    second = place.uploads.add(copied(facts, tmp_path), "again.pdf")
    until(lambda: second.is_over)
    assert second.state == "known"
