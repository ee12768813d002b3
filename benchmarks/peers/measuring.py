"""Pipelines measured one after the other on one set: files and questions chosen, a child process each, figures."""

from __future__ import annotations

import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.data import Question
from benchmarks.peers import FAMILIES
from benchmarks.peers.common import Setting, lacking, numbered
from rag.evaluate.runner import N_PASSAGES

_EVERY_S = 0.1
_CUTS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Sample:
    """Files, and the questions that are asked of them."""

    name: str
    pdfs: tuple[Path, ...]
    questions: tuple[Question, ...]

    @classmethod
    def of(cls, name: str, pdfs: Sequence[Path], questions: Sequence[Question], *, documents: int, n: int) -> Sample:
        """Return the files with the most questions (of equal ones by name), and n of their questions by a seed."""
        counts = Counter(question.document for question in questions)
        chosen = sorted(sorted(counts), key=lambda document: -counts[document])[:documents]
        asked = [question for question in questions if question.document in chosen]
        if len(asked) > n:
            asked = random.Random(1).sample(asked, n)
        return cls(name, tuple(path for path in pdfs if path.name in chosen), tuple(asked))


@dataclass(frozen=True, slots=True)
class Row:
    """A pipeline's figures on a set."""

    name: str
    own: tuple[float, ...]  # share of questions with a right page among the first 1, 5, 10, asked of their document
    whole: tuple[float, ...]  # the same, asked of all documents
    build_s: float
    search_ms: float  # median, over all documents
    memory_mb: float  # peak of the process and those that it started, together; 0 where the system does not tell


def measure(family: str, sample: Sample, setting: Setting, *, timeout_s: float) -> list[Row | str]:
    """Return the figures of a family's pipelines, and why there are none of the rest."""
    if missing := lacking(FAMILIES[family].modules):
        return [f"skipped: {', '.join(missing)} is not installed (pip install '.[bench]')"]
    with tempfile.TemporaryDirectory(prefix="footnote-peers-") as folder:
        out = Path(folder) / "found.json"
        job = {
            "family": family,
            "setting": asdict(setting),
            "pdfs": [str(path) for path in numbered(sample.pdfs).values()],
            "questions": [{"text": question.text, "document": question.document} for question in sample.questions],
            "k": N_PASSAGES,
            "out": str(out),
        }
        child = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.peers.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": folder},  # what it leaves when it is stopped goes with the folder
        )
        memory = Memory(child.pid)
        try:
            _, said = child.communicate(json.dumps(job), timeout=timeout_s)
            why = "" if child.returncode == 0 else f"failed: {_last_line(said) or child.returncode}"
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            why = f"stopped after {timeout_s:.0f} s"
        finally:
            memory.stop()
        found = json.loads(out.read_text(encoding="utf-8")) if out.is_file() else []
    rows: list[Row | str] = [_row(one, sample.questions, memory.until(one["finished"])) for one in found]
    return [*rows, why] if why else rows


def _last_line(said: str) -> str:
    return next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")


def _row(found: dict[str, Any], questions: Sequence[Question], memory_mb: float) -> Row:
    return Row(
        name=found["name"],
        own=_hits(found["own"]["places"], questions),
        whole=_hits(found["whole"]["places"], questions),
        build_s=found["seconds_to_build"],
        search_ms=1000 * statistics.median(found["whole"]["seconds"]),
        memory_mb=memory_mb,
    )


def _hits(found: Sequence[Sequence[Sequence[Any]]], questions: Sequence[Question]) -> tuple[float, ...]:
    """Return the share of questions with a right page among the first k, for every k."""
    right = [{(question.document, page) for page in question.pages} for question in questions]
    return tuple(
        statistics.mean(
            any((file, page) in pages for file, page in places[:k]) for places, pages in zip(found, right, strict=True)
        )
        for k in _CUTS
    )


class Memory:
    """Watches a process and all that it starts, from outside, until stopped (Linux; elsewhere it sees nothing)."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seen: list[tuple[float, float]] = []  # clock, MB resident
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._done.set()
        self._thread.join()

    def until(self, clock: float) -> float:
        """Return the most that was seen until then, in MB; pages that processes share count for each."""
        return max((mb for at, mb in self._seen if at <= clock), default=0.0)

    def _watch(self) -> None:
        while not self._done.wait(_EVERY_S):
            self._seen.append((time.time(), sum(map(_resident_mb, _family_of(self._pid)))))


def _family_of(pid: int) -> list[int]:
    """Return a process and those that it started, and they."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                waiting += map(int, task.read_text(encoding="utf-8").split())
    return found


def _resident_mb(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0
