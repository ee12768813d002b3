"""Long work on a whole library, such as a backup, in a thread of its own: it outlives the page that began it."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from typing import Literal

from rag.errors import Cancelled, FootnoteError
from ui import words

log = logging.getLogger(__name__)

ChoreState = Literal["working", "done", "failed", "cancelled"]
_numbers = itertools.count(1)


class Chore:
    """Does `work` at once.

    Args:
        title: what it is, in words.
        library: the one that it works on.
        work: is given the chore, to tell how far it is and to ask whether to stop; returns what to say at the end.
    """

    def __init__(self, title: str, library: str, work: Callable[[Chore], str]) -> None:
        self.title, self.library = title, library
        self.number = next(_numbers)
        self.state: ChoreState = "working"
        self.said = ""
        self.fraction = 0.0
        self._work = work
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chore", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.state != "working"

    def report(self, done: int, total: int) -> None:
        """Take down how far the work is."""
        self.fraction = min(1.0, done / max(total, 1))

    def cancel(self) -> None:
        """Ask it to stop as soon as possible."""
        self._cancelled.set()

    def is_cancelled(self) -> bool:
        """Tell whether it was asked to stop."""
        return self._cancelled.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for its end; tell whether it is over."""
        self._thread.join(timeout_s)
        return self.is_over

    def _run(self) -> None:
        try:
            self.said = self._work(self)
            self.state = "done"
        except Cancelled as exc:
            self.said, self.state = str(exc), "cancelled"
        except FootnoteError as exc:
            self.said, self.state = str(exc), "failed"
        except OSError as exc:
            self.said, self.state = f"{exc}. Check the name, the folder's rights and the disk.", "failed"
        except Exception:  # the edge of the program: the page must not wait for ever
            log.exception("%s", self.title)
            self.said, self.state = words.UNEXPECTED, "failed"
