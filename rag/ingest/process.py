"""The child process that reads a PDF, seen from its parent: messages come in, and it ends when the parent wants."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from rag.ingest.child import Job, receive, send

COMMAND = (sys.executable, "-P", "-m", "rag.ingest.child")  # -P: a user's folder with a random.py in it stays out
NOTHING_YET = object()


class Child:
    """The process, and the messages that come from it. Leaving the context kills it, and all that it has started."""

    def __init__(self, command: Sequence[str], job: Job) -> None:
        root = str(Path(__file__).parents[2])
        paths = [root, os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "OMP_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl-C is for the parent, which stops the child itself
        )
        self._messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        with contextlib.suppress(BrokenPipeError, ConnectionError):  # it died at once; the listener says so
            send(cast(BinaryIO, self._process.stdin), job)

    def _listen(self) -> None:
        while True:
            message = receive(cast(BinaryIO, self._process.stdout))
            self._messages.put(message)
            if message is None or message[0] in {"done", "error"}:
                return

    def next_message(self, timeout_s: float) -> Any:
        """Return a message, None when the child has ended, or `NOTHING_YET`."""
        try:
            return self._messages.get(timeout=timeout_s)
        except queue.Empty:
            return NOTHING_YET

    def kill(self) -> None:
        """End the process and its own children. It is not reaped yet, so that its number is still its own."""
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._process.wait()
        self._thread.join(timeout=5)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
