"""Time for the tests of limits: nothing has to be quick, or slow, on a machine that is busy."""

from __future__ import annotations

import time

import pytest

from rag.ingest import worker


class Clock:
    """The clock by which a child is watched; it can be put forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead_s = 0.0
        monkeypatch.setattr(worker, "time", self)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s
