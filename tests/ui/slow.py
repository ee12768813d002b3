"""The page served with a language model that writes slowly, a word at a time, so that tests can watch it write.

A test can hold the pen: the model then writes so many words and waits until it may go on, however long the browser
takes to show them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rag.answer.language import SharedModel
from rag.answer.prompts import FENCE_END, FENCE_START
from rag.library import Library
from rag.types import IsCancelled, Turn
from tests.conftest import WordEncoder
from ui import app, shelf

SERVE = "import sys; from tests.ui.slow import serve; serve(int(sys.argv[1]))"


class Slow:
    """A language model that repeats the passages that it is given; without any, it tells of a river."""

    name = "slow"
    n_context = 4096
    PAUSE_S = 0.1
    HELD_AFTER = 20  # words
    KNOWS = "The Danube is 2,850 kilometres long, said Humboldt, and passes through Vienna and Budapest. " * 4

    def count(self, text: str) -> int:
        return len(text.split())

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        passages = turns[-1].text.partition(FENCE_START)[2].partition(FENCE_END)[0].strip()
        for n, word in enumerate((passages or self.KNOWS).split()[:max_tokens]):
            while n >= self.HELD_AFTER and _hold(Path(os.environ["FOOTNOTE_HOME"])).exists() and not is_cancelled():
                time.sleep(self.PAUSE_S)
            if is_cancelled():
                return
            time.sleep(self.PAUSE_S)
            yield f"{word} "


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Let the model of the server of this home stop after `Slow.HELD_AFTER` words until this file is gone."""
    path = _hold(folder)
    path.touch()
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _hold(folder: Path) -> Path:
    return folder / "hold"


def open_library(name: str) -> Library:
    """Open a library whose encoder is quick and whose language model is slow."""
    return Library(name, encoder=WordEncoder(), n_threads=1, model=_model)


def serve(port: int) -> None:
    """Serve the library `default`."""
    shelf.use(shelf.Shelf("default", open_library=open_library))
    app.app().run(config=app.options(port))


_model = SharedModel("slow", Slow)
