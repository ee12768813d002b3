"""A watched folder: what appears there comes into the library, what changes replaces, what goes stays. Real files, the
real observer, and waiting on conditions.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.errors import InputError
from rag.library import Library
from rag.watch import Change, FolderWatch
from tests.conftest import WordEncoder

MakePdf = Callable[..., Path]


def until(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


class Keeper:
    """Does what a watch tells, as a command would, and keeps what it was told."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.watch: FolderWatch | None = None
        self.told: list[tuple[str, str | None]] = []

    def take(self, change: Change) -> None:
        assert self.watch is not None
        self.told.append((change.path.name, change.replaces.name if change.replaces else None))
        if change.replaces is None:
            self.library.add(change.path)
        else:
            self.library.replace(change.replaces.id, change.path)
        self.watch.done(change)

    def start(self, folder: Path, *, poll: bool = False) -> FolderWatch:
        self.watch = FolderWatch(self.library, folder, self.take, poll=poll)
        self.watch.start()
        return self.watch

    def stop(self) -> None:
        if self.watch is not None:
            self.watch.stop()

    def looks_twice(self) -> None:
        """Wait until the watch has looked through the whole folder again, from now on, and is done with it."""
        watch = self.watch
        assert watch is not None
        n_before = watch.n_scans  # one more may be under way that began before now
        until(lambda: watch.n_scans >= n_before + 2)

    def names(self) -> list[str]:
        return sorted(document.name for document in self.library.documents() if document.state == "ready")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    return folder


@pytest.fixture
def keeper(library: Library) -> Iterator[Keeper]:
    keeper = Keeper(library)
    yield keeper
    keeper.stop()


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every folder is looked through every moment."""
    monkeypatch.setattr("rag.watch._RESCAN_S", 0.0)


@pytest.fixture
def danube(make_pdf: MakePdf) -> Path:
    return make_pdf([["The Danube rises in the Black Forest."]], "danube.pdf")


@pytest.fixture
def rhine(make_pdf: MakePdf) -> Path:
    return make_pdf([["The Rhine rises in the Alps."]], "rhine.pdf")


@pytest.mark.parametrize("poll", [False, True])
def test_what_is_there_and_what_appears_is_added(
    keeper: Keeper, folder: Path, danube: Path, rhine: Path, poll: bool
) -> None:
    shutil.copy(danube, folder / "one.pdf")
    watch = keeper.start(folder, poll=poll)
    until(lambda: keeper.names() == ["one.pdf"])
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "notes.txt").write_text("no PDF")
    shutil.copy(rhine, folder / "deep" / "er" / "TWO.PDF")
    until(lambda: keeper.names() == ["TWO.PDF", "one.pdf"])
    assert watch.is_polling is poll
    assert keeper.told == [("one.pdf", None), ("TWO.PDF", None)]


def test_a_changed_file_replaces_the_older_version_also_after_a_restart(
    keeper: Keeper, folder: Path, danube: Path, rhine: Path, make_pdf: MakePdf
) -> None:
    shutil.copy(danube, folder / "river.pdf")
    keeper.start(folder)
    until(lambda: keeper.names() == ["river.pdf"])
    shutil.copy(rhine, folder / "river.pdf")
    until(lambda: "Alps" in keeper.library.ask("Where does the Rhine rise?").text)
    keeper.stop()
    shutil.copy(make_pdf([["The Volga rises in the Valdai Hills."]], "volga.pdf"), folder / "river.pdf")
    keeper.start(folder)
    until(lambda: "Valdai" in keeper.library.ask("Where does the Volga rise?").text)
    keeper.stop()
    assert keeper.names() == ["river.pdf"]
    assert keeper.told == [("river.pdf", None), ("river.pdf", "river.pdf"), ("river.pdf", "river.pdf")]
    assert keeper.library.verify() == []


def test_a_file_that_is_still_being_written_is_waited_for(keeper: Keeper, folder: Path, danube: Path) -> None:
    keeper.start(folder)
    data = danube.read_bytes()
    with (folder / "slow.pdf").open("wb") as file:
        for first in range(0, len(data), len(data) // 3 + 1):
            file.write(data[first : first + len(data) // 3 + 1])
            file.flush()
            time.sleep(1.2)  # longer than a file that is whole has to keep still
    until(lambda: keeper.names() == ["slow.pdf"])
    assert keeper.told == [("slow.pdf", None)]


@pytest.mark.usefixtures("often")
def test_a_download_appears_under_its_name_at_the_end(keeper: Keeper, folder: Path, danube: Path) -> None:
    keeper.start(folder)
    shutil.copy(danube, folder / "report.pdf.crdownload")
    keeper.looks_twice()
    assert keeper.told == []
    (folder / "report.pdf.crdownload").rename(folder / "report.pdf")
    until(lambda: keeper.names() == ["report.pdf"])


def test_a_folder_that_is_moved_in_is_looked_through(
    keeper: Keeper, folder: Path, danube: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(danube, tmp_path / "elsewhere" / "danube.pdf")
    keeper.start(folder)
    (tmp_path / "elsewhere").rename(folder / "here")
    until(lambda: keeper.names() == ["danube.pdf"], timeout_s=20)


@pytest.mark.usefixtures("often")
def test_what_is_deleted_or_moved_in_the_folder_stays_and_is_not_taken_twice(
    keeper: Keeper, folder: Path, danube: Path, rhine: Path
) -> None:
    shutil.copy(danube, folder / "one.pdf")
    keeper.start(folder)
    until(lambda: keeper.names() == ["one.pdf"])
    (folder / "one.pdf").rename(folder / "moved.pdf")
    shutil.copy(rhine, folder / "one.pdf")  # another document, under the name that is free now
    until(lambda: keeper.names() == ["one (2).pdf", "one.pdf"])
    for path in folder.iterdir():
        path.unlink()
    keeper.looks_twice()
    assert keeper.names() == ["one (2).pdf", "one.pdf"]
    assert keeper.told == [("one.pdf", None), ("one.pdf", None)]


@pytest.mark.usefixtures("often")
def test_a_document_that_the_user_removed_is_not_taken_again_until_its_file_changes(
    keeper: Keeper, folder: Path, danube: Path, rhine: Path
) -> None:
    shutil.copy(danube, folder / "one.pdf")
    keeper.start(folder)
    until(lambda: keeper.names() == ["one.pdf"])
    keeper.library.remove("one.pdf")
    os.utime(folder / "one.pdf")  # touched, not changed
    keeper.stop()
    keeper.start(folder)
    keeper.looks_twice()
    assert keeper.names() == []
    shutil.copy(rhine, folder / "one.pdf")
    until(lambda: keeper.names() == ["one.pdf"])


@pytest.mark.usefixtures("often")
def test_known_bytes_are_not_added_again(keeper: Keeper, folder: Path, danube: Path) -> None:
    keeper.library.add(danube)
    shutil.copy(danube, folder / "copy.pdf")
    keeper.start(folder)
    keeper.looks_twice()
    assert keeper.names() == ["danube.pdf"]
    assert keeper.told == []


def test_a_damaged_file_is_told_once_and_the_others_go_on(keeper: Keeper, folder: Path, danube: Path) -> None:
    (folder / "a bad one.pdf").write_bytes(b"no PDF %%EOF")
    shutil.copy(danube, folder / "good.pdf")
    keeper.start(folder)
    until(lambda: keeper.names() == ["good.pdf"])
    assert sorted(keeper.told) == [("a bad one.pdf", None), ("good.pdf", None)]
    assert [d.state for d in keeper.library.documents() if d.name == "a bad one.pdf"] == ["failed"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_does_not_hold_the_watch_up(keeper: Keeper, folder: Path, danube: Path) -> None:
    os.mkfifo(folder / "a pipe.pdf")
    shutil.copy(danube, folder / "good.pdf")
    keeper.start(folder)
    until(lambda: keeper.names() == ["good.pdf"])
    assert keeper.told == [("good.pdf", None)]


def test_only_so_many_files_are_given_away_at_once(library: Library, folder: Path) -> None:
    given: list[Change] = []
    for i in range(40):
        (folder / f"{i}.pdf").write_bytes(b"number %d %%%%EOF" % i)
    watch = FolderWatch(library, folder, given.append)
    watch.start()
    until(lambda: len(given) == 16)
    time.sleep(0.6)
    assert len(given) == 16
    for n_done in range(40):
        until(lambda n_needed=n_done + 1: len(given) >= n_needed)  # type: ignore[misc]
        watch.done(given[n_done])
    assert len({change.path for change in given}) == 40
    watch.stop()


def test_what_takes_a_file_may_fail_and_the_watch_goes_on(library: Library, folder: Path, danube: Path) -> None:
    told = []

    def take(change: Change) -> None:
        told.append(change.path.name)
        if change.path.name == "bad.pdf":
            raise RuntimeError("a mistake")
        watch.done(change)

    for name in ("bad.pdf", "good.pdf"):
        shutil.copy(danube, folder / name)
    watch = FolderWatch(library, folder, take)
    watch.start()
    until(lambda: "good.pdf" in told)
    watch.stop()
    assert told == ["bad.pdf", "good.pdf"]


@pytest.mark.usefixtures("often")
def test_the_copies_of_a_library_are_not_taken(
    tmp_path: Path, make_pdf: MakePdf, encoder: WordEncoder, danube: Path
) -> None:
    library = Library(tmp_path / "all" / "library", encoder=encoder, n_threads=1)
    library.add(danube)
    keeper = Keeper(library)
    shutil.copy(make_pdf([["The Po flows through Turin."]], "po.pdf"), tmp_path / "all" / "po.pdf")
    keeper.start(tmp_path / "all")
    until(lambda: keeper.names() == ["danube.pdf", "po.pdf"])
    keeper.looks_twice()
    assert keeper.told == [("po.pdf", None)]
    keeper.stop()
    with pytest.raises(InputError, match="Footnote's own"):
        FolderWatch(library, library.folder / "files", keeper.take)
    library.close()


def test_a_folder_that_is_not_there_is_refused(library: Library, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        FolderWatch(library, tmp_path / "nowhere", lambda _: None)


def test_where_the_system_reports_nothing_the_folder_is_looked_through(
    keeper: Keeper, folder: Path, danube: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from watchdog.observers.api import BaseObserver
    from watchdog.observers.polling import PollingObserver

    started = BaseObserver.start

    def start(self: BaseObserver) -> None:
        if not isinstance(self, PollingObserver):
            raise OSError(28, "inotify watch limit reached")
        started(self)

    monkeypatch.setattr(BaseObserver, "start", start)
    watch = keeper.start(folder)
    assert watch.is_polling
    assert "inotify watch limit reached" in caplog.text
    shutil.copy(danube, folder / "one.pdf")
    until(lambda: keeper.names() == ["one.pdf"])


def test_stopping_ends_its_threads(keeper: Keeper, folder: Path, danube: Path) -> None:
    import threading

    before = set(threading.enumerate())
    shutil.copy(danube, folder / "one.pdf")
    keeper.start(folder)
    until(lambda: keeper.names() == ["one.pdf"])
    keeper.stop()
    left = {thread.name for thread in set(threading.enumerate()) - before if not thread.name.startswith("Thread-")}
    assert "watch" not in left
    shutil.copy(danube, folder / "two.pdf")
    told = list(keeper.told)
    time.sleep(1.5)
    assert keeper.told == told
