"""`footnote ask` and `footnote search`: one question, or a file of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from rag.batch import Function, ToLine, run_batch
from rag.commands.common import complain, open_library, put, put_json, tell, wants_json
from rag.errors import InputError
from rag.index.rows import storable
from rag.questionnaire import read_questions
from rag.records import answer_to_line, search_to_json
from rag.settings import Settings
from rag.terminal import answer_text, hits_text
from rag.types import Manner


def ask(arguments: argparse.Namespace, settings: Settings) -> int:
    """Answer a question, or every one of a file."""
    library = open_library(arguments, settings)
    manner = Manner(settings.length, settings.threshold)

    def answer(question: str, documents: Sequence[str] | None) -> Any:
        return library.ask(question, arguments.k, documents=documents, reader=arguments.reader, manner=manner)

    return _run(arguments, answer, lambda _, answer: answer_to_line(answer), answer_text)


def search(arguments: argparse.Namespace, settings: Settings) -> int:
    """Find the passages nearest to a question, or to every one of a file."""
    library = open_library(arguments, settings)

    def find(question: str, documents: Sequence[str] | None) -> Any:
        return library.search(question, arguments.k, documents=documents)

    return _run(arguments, find, search_to_json, hits_text)


def _run(arguments: argparse.Namespace, function: Function, to_line: ToLine, to_text: Callable[[Any], str]) -> int:
    documents = None if arguments.doc is None else [storable(name) for name in arguments.doc]
    if arguments.batch is not None:
        return _run_batch(arguments.batch, function, to_line, documents)
    question = storable(arguments.question)
    found = function(question, documents)
    if wants_json(arguments):
        put_json(to_line(question, found))
    else:
        put(to_text(found))
    return 0


def _run_batch(path: Path, function: Function, to_line: ToLine, documents: Sequence[str] | None) -> int:
    with _opened(path) as stream:
        name = "stdin" if str(path) == "-" else str(path)
        questions = read_questions(stream, name, on_warning=lambda text: tell(f"footnote: {text}"))
        n_failed = run_batch(
            questions.lines, sys.stdout, function, to_line, is_csv=questions.is_csv, documents=documents
        )
    if n_failed:
        complain(f"{n_failed} of the questions failed; their lines say why.")
    return int(n_failed > 0)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = path.open("rb")
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}.") from exc
    with stream:
        yield stream
