"""Pages are laid aside while a document is read, so that a long one takes little memory."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ingest_pdfs import SENTENCES, lines, make

from benchmarks.reading.memory import Peaks
from rag.ingest.shelf import Shelf
from rag.ingest.worker import parse_in_child

MOST_MB = 400


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], Shelf]]:
    """Open a shelf in one and the same file, as one process after the other does."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(contextlib.closing(Shelf(tmp_path / "shelf")))


def test_what_is_laid_on_a_shelf_is_there_by_its_number(opened: Callable[[], Shelf]) -> None:
    shelf = opened()
    for number in (3, 1, 2):
        shelf.put(number, ("page", number))
    assert [shelf.get(number) for number in (1, 2, 3)] == [("page", 1), ("page", 2), ("page", 3)]
    assert 2 in shelf and 4 not in shelf
    with pytest.raises(KeyError):
        shelf.get(4)


def test_a_later_thing_takes_the_place_of_an_earlier_one(opened: Callable[[], Shelf]) -> None:
    shelf = opened()
    shelf.put(1, "first")
    shelf.put(1, "second")
    assert shelf.get(1) == "second"
    shelf.close()
    assert opened().get(1) == "second"


def test_another_process_finds_what_was_put_there_before_a_crash(tmp_path: Path, opened: Callable[[], Shelf]) -> None:
    path = tmp_path / "shelf"
    shelf = opened()
    shelf.put(1, "whole")
    shelf.put(2, "cut off in the middle")
    shelf.close()
    path.write_bytes(path.read_bytes()[:-5])
    again = opened()
    assert 1 in again and 2 not in again
    again.put(2, "anew")
    again.put(3, "more")
    again.close()
    assert [opened().get(number) for number in (1, 2, 3)] == ["whole", "anew", "more"]


def test_only_so_much_is_kept_in_memory(opened: Callable[[], Shelf]) -> None:
    shelf = opened()
    for number in range(1, 31):
        shelf.put(number, bytes(1 << 20))
    assert sum(len(thing) for thing in shelf._kept.values()) <= 8 << 20
    assert all(len(shelf.get(number)) == 1 << 20 for number in range(1, 31))


@pytest.mark.skipif(sys.platform == "win32", reason="no modes of files")
def test_nobody_else_may_read_the_pages_that_lie_aside(tmp_path: Path, opened: Callable[[], Shelf]) -> None:
    opened()
    assert (tmp_path / "shelf").stat().st_mode & 0o077 == 0


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_thousand_pages_take_less_than_400_mb(tmp_path: Path) -> None:
    def dense(number: int) -> list[str]:
        return [f"{number}.{i} {SENTENCES[(number + i) % 6]} {number * i:,}" for i in range(55)]

    book = make(
        tmp_path / "book.pdf", *(lambda canvas, n=n: lines(canvas, dense(n), y=780, pitch=13) for n in range(1000))
    )
    with Peaks() as peaks:
        parsed = parse_in_child(book, name="book.pdf")
    assert len(parsed.pages) == 1000 and parsed.pages[999].words.starts.size > 600
    assert peaks.own_mb - peaks.idle_mb < MOST_MB
    assert 20 < peaks.child_mb < MOST_MB
