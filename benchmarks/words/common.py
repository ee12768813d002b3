"""What these benchmarks share: their options, the questions, the models, and replies that are written once."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.data import data_folder
from benchmarks.finding import libraries
from rag.answer.adapter import shipped_adapter
from rag.answer.convert import built_in
from rag.answer.language import SharedModel
from rag.answer.llm import LocalModel
from rag.errors import ModelMissing
from rag.library import Library
from rag.models import SMOLLM2
from rag.types import IsCancelled, Turn

SEED = 8
N_PRESENT, N_ABSENT = 300, 100
N_ARTICLES_ABSENT = 12  # of the 48: no question about them has an answer in the others
K = 5  # passages


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of squad48, its document, the paragraph that it was asked of, and the answers that are right."""

    text: str
    document: str
    context: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Questions of documents that are asked, questions of others, and those documents."""

    present: list[Asked]
    absent: list[Asked]
    documents: list[str]


def options(description: str | None) -> argparse.ArgumentParser:
    """Return the options that all have in common."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--limit", type=int, help=f"questions of the present, a third as many absent; else {N_PRESENT}")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--adapter", type=Path, help="of a training; else the one that is shipped")
    parser.add_argument("--library", type=Path, help="a library that holds squad48; it is not written to")
    return parser


def task(limit: int | None) -> Task:
    """Return the questions, the same each time: a smaller task is the beginning of a larger one."""
    packed = (data_folder() / "squad48" / "questions.jsonl.gz").read_bytes()
    rows = [json.loads(line) for line in gzip.decompress(packed).decode().splitlines()]
    asked = [Asked(row["question"], row["doc"], row["context"], tuple(row["answers"])) for row in rows]
    names = sorted({one.document for one in asked})
    absent = set(random.Random(SEED).sample(names, N_ARTICLES_ABSENT))
    random.Random(SEED).shuffle(asked)
    n = N_PRESENT if limit is None else limit
    n_absent = N_ABSENT if limit is None else max(1, limit // 3)
    return Task(
        [one for one in asked if one.document not in absent][:n],
        [one for one in asked if one.document in absent][:n_absent],
        [name for name in names if name not in absent],
    )


def library(folder: Path | None, model: SharedModel | None = None, n_threads: int = 2) -> Library:
    """Return the library of squad48 with the model that writes."""
    if folder is None:
        libraries.library("squad48").close()
    return Library(folder or libraries.folder("squad48"), n_threads=n_threads, model=model)


@dataclass(slots=True)
class Remembering:
    """A language model that writes each reply once: asked the same again, it says the same, as greedy models do.

    Replies are kept in a file, so that a run which is stopped goes on.
    """

    model: LocalModel
    file: Path
    replies: dict[str, list[str]] = field(default_factory=dict)
    first_s: list[float] = field(default_factory=list)  # to the first piece
    rates: list[float] = field(default_factory=list)  # tokens a second after it

    @property
    def name(self) -> str:
        """Return what users call it."""
        return self.model.name

    @property
    def n_context(self) -> int:
        """Return how many tokens it holds."""
        return self.model.n_context

    def count(self, text: str) -> int:
        """Return how many tokens a text has."""
        return self.model.count(text)

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        """Yield the reply, new or as before."""
        said = json.dumps([max_tokens, [[turn.role, turn.text] for turn in turns]])
        key = hashlib.sha256(said.encode()).hexdigest()[:24]
        if key not in self.replies:
            self.replies[key] = list(self._timed(turns, max_tokens, is_cancelled))
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, self.replies[key]]) + "\n")
        yield from self.replies[key]

    def _timed(self, turns: Sequence[Turn], max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        began, first, n = time.perf_counter(), None, 0
        for piece in self.model.stream(turns, max_tokens=max_tokens, is_cancelled=is_cancelled):
            first = first or time.perf_counter()
            n += 1
            yield piece
        if first is not None:
            self.first_s.append(first - began)
            if n > 1:
                self.rates.append((n - 1) / (time.perf_counter() - first))


def remembering(adapter: Path | None, *, is_tuned: bool, n_threads: int) -> Remembering:
    """Return the built-in model, taught or as its authors made it; end the run with a reason where it is missing."""
    folder = (adapter or shipped_adapter()) if is_tuned else None
    if is_tuned and folder is None:
        print("skipped: no adapter is part of this installation (give one with --adapter)")
        sys.exit(0)
    try:
        model = LocalModel(built_in(), name=SMOLLM2.name, n_threads=n_threads, adapter=folder)
    except ModelMissing as exc:
        print(f"skipped: {exc}")
        sys.exit(0)
    digest = "plain"
    if folder is not None:
        digest = hashlib.sha256(folder.joinpath("adapter_model.safetensors").read_bytes()).hexdigest()[:12]
    file = Path("build/words") / f"replies-{digest}.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return Remembering(model, file, dict(json.loads(line) for line in lines))


def shared(model: Remembering) -> SharedModel:
    """Return a model as a library takes it."""
    return SharedModel(model.name, lambda: model)
