"""One pipeline measured in a process of its own: a job in JSON on stdin, what was found in JSON into a file.

    job     {"family", "setting": {...}, "pdfs": [path], "questions": [{"text", "document"}], "k", "out": path}
    found   [{"name", "seconds_to_build", "finished", "own": {"places", "seconds"}, "whole": the same}]
            "places": of each question the distinct pages [[file, page]]; "finished": the clock when it was done

The encoder is loaded before anything is timed, and one question asked.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.peers import FAMILIES
from benchmarks.peers.common import Setting, quiet


def main() -> None:
    """Measure what the job on stdin names."""
    job = json.load(sys.stdin)
    quiet()
    family = FAMILIES[job["family"]]
    first = family.first(Setting(**job["setting"]))
    first.warm_up()
    started = time.perf_counter()
    first.build([Path(path) for path in job["pdfs"]])
    seconds = time.perf_counter() - started
    found = [_asked(first, job, seconds)]
    _write(found, Path(job["out"]))
    if family.hybrid is not None:
        both = family.hybrid(first)
        started = time.perf_counter()
        both.add_words()
        found.append(_asked(both, job, seconds + time.perf_counter() - started))
        _write(found, Path(job["out"]))


def _write(found: list[dict[str, Any]], out: Path) -> None:
    """Write what there is so far, whole or not at all: this process may be stopped while the second is measured."""
    unfinished = out.with_suffix(".part")
    unfinished.write_text(json.dumps(found), encoding="utf-8")
    unfinished.replace(out)


def _asked(peer: Any, job: Mapping[str, Any], seconds_to_build: float) -> dict[str, Any]:
    """Return what a pipeline finds for every question: of its own document, and of all."""
    own, whole = _Found(), _Found()
    peer.pages(job["questions"][0]["text"], job["k"])
    for question in job["questions"]:
        own.ask(peer, question["text"], job["k"], question["document"])
        whole.ask(peer, question["text"], job["k"], None)
    return {
        "name": peer.name,
        "seconds_to_build": seconds_to_build,
        "finished": time.time(),
        "own": {"places": own.places, "seconds": own.seconds},
        "whole": {"places": whole.places, "seconds": whole.seconds},
    }


class _Found:
    """Pages found, and the seconds that it took, question by question."""

    def __init__(self) -> None:
        self.places: list[Any] = []
        self.seconds: list[float] = []

    def ask(self, peer: Any, question: str, k: int, document: str | None) -> None:
        started = time.perf_counter()
        found = peer.pages(question, k, document=document)
        self.seconds.append(time.perf_counter() - started)
        self.places.append(list(found))


if __name__ == "__main__":
    main()
