"""`footnote ask` and `footnote search`: one question, or a file of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from rag.asking import Found
from rag.batch import Function, ToLine, run_batch
from rag.commands.common import (
    complain,
    documents_of,
    open_library,
    put,
    put_json,
    scope_of,
    tell,
    tell_unheeded,
    tell_unready,
    wants_json,
)
from rag.commands.explaining import explained_text, explained_to_json, put_marked, repairs_of
from rag.errors import InputError
from rag.index.rows import storable
from rag.questionnaire import read_questions
from rag.records import answer_to_line, search_to_json
from rag.settings import Settings
from rag.settings import manner as manner_of
from rag.terminal import answer_text, hits_text
from rag.types import Answer, Understood


def ask(arguments: argparse.Namespace, settings: Settings) -> int:
    """Answer a question, or every one of a file."""
    if arguments.fast:
        settings = replace(settings, checker="off")
    library = open_library(arguments, settings)
    manner, where = manner_of(settings, is_fast=arguments.fast), scope_of(arguments)

    if arguments.batch is None:
        tell_unheeded(library, storable(arguments.question), documents_of(arguments), where)

    def answer(question: str, documents: Sequence[str] | None) -> Any:
        return library.ask(question, arguments.k, documents=documents, reader=arguments.reader, manner=manner, **where)

    return _run(arguments, answer, lambda _, answer: answer_to_line(answer), _answer_text)


def search(arguments: argparse.Namespace, settings: Settings) -> int:
    """Find the passages nearest to a question, or to every one of a file."""
    library, where = open_library(arguments, settings), scope_of(arguments)

    if arguments.batch is None:
        tell_unheeded(library, storable(arguments.question), documents_of(arguments), where)

    def find(question: str, documents: Sequence[str] | None) -> Found:
        return library.find(question, arguments.k, documents=documents, fast=arguments.fast, **where)

    tell_unready(library, documents_of(arguments))
    if arguments.explain:
        return _run(arguments, find, explained_to_json, explained_text, show=put_marked)
    return _run(arguments, find, lambda question, found: search_to_json(question, found.hits), _found_text)


def _found_text(found: Found) -> str:
    return "\n\n".join([*_repairs(found.understood), hits_text(found.hits)])


def _answer_text(answer: Answer) -> str:
    return "\n\n".join([*_repairs(answer.understood), answer_text(answer)])


def _repairs(understood: Understood | None) -> list[str]:
    """Return what was searched for instead of misspelt words, and how to have it otherwise."""
    lines = repairs_of(understood)
    return ["\n".join(lines)] if lines else []


def _run(
    arguments: argparse.Namespace,
    function: Function,
    to_line: ToLine,
    to_text: Callable[[Any], str],
    *,
    show: Callable[[str], None] = put,
) -> int:
    documents = documents_of(arguments)
    if arguments.batch is not None:
        return _run_batch(arguments.batch, function, to_line, documents)
    question = storable(arguments.question)
    found = function(question, documents)
    if wants_json(arguments):
        put_json(to_line(question, found))
    else:
        show(to_text(found))
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
