"""`footnote exam`: questions made of the documents, asked back; a report of how that went."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rag import examining
from rag.commands.common import open_library, put, put_json, tell, wants_json
from rag.exam.items import KINDS, Exam, Result, result_to_json
from rag.exam.score import (
    DocumentResult,
    Score,
    Share,
    by_kind,
    look_words,
    marks_words,
    misses,
    percent_words,
    score_of,
    verdict,
)
from rag.index.rows import storable
from rag.library import Library
from rag.report import ranges_words
from rag.settings import Settings
from rag.terminal import Interrupt, printable
from rag.wording import page_name

_WIDTH = 100
_MOST_UNEXAMINED = 5  # documents that are listed though nothing is wrong with them


def exam(arguments: argparse.Namespace, settings: Settings) -> int:
    """Examine a library and print what came of it, or list the exams that were taken."""
    library = open_library(arguments, settings)
    if arguments.only_list:
        _list(library, as_json=wants_json(arguments))
        return 0
    said = _Said()
    with Interrupt() as interrupt:
        taken = examining.take(
            library,
            n=arguments.n_questions,
            seed=arguments.seed,
            document=None if arguments.doc is None else storable(arguments.doc),
            on_step=said.step,
            is_cancelled=interrupt.is_set,
        )
    said.end()
    name = taken.document or f"the library {library.name}"
    documents = examining.covered(library, taken)
    if wants_json(arguments):
        put_json(exam_to_json(name, taken, documents))
    else:
        put(exam_text(name, taken, documents, examining.command(library, taken)))
    return 0


class _Said:
    """Tells on stderr how far it is: on a terminal in one line, else a line a step."""

    def __init__(self) -> None:
        self._last = ""

    def step(self, what: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{printable(what)}: {done} of {total}")
            sys.stderr.flush()
        elif what != self._last:
            tell(f"{what}: {total}")
        self._last = what

    def end(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _list(library: Library, *, as_json: bool) -> None:
    for taken in examining.kept_exams(library):
        if as_json:
            put_json(_facts(taken))
        else:
            when = datetime.fromtimestamp(taken.made).strftime("%Y-%m-%d %H:%M")
            of = f" · {taken.document}" if taken.document else ""
            share = percent_words(Share(taken.n_right, taken.n_asked))
            put(f"{when} · {taken.n_right} of {taken.n_asked} right, {share} · seed {taken.seed}{of}")


# -------------------------------------------------------------------------------------------------------- JSON


def _facts(exam: Exam) -> dict[str, Any]:
    share = Share(exam.n_right, exam.n_asked)
    return {
        "exam": exam.id,
        "made": exam.made,
        "seed": exam.seed,
        "wanted": exam.n_wanted,
        "document": exam.document,
        "questions": exam.n_asked,
        "right": exam.n_right,
        "score": round(share.value, 4),
        "interval": [round(side, 4) for side in share.interval],
        "seconds": round(exam.seconds, 1),
    }


def exam_to_json(name: str, exam: Exam, documents: Sequence[DocumentResult]) -> dict[str, Any]:
    """Return the line that `footnote exam` prints for a program."""
    return _facts(exam) | {
        "verdict": verdict(name, exam.results, documents),
        "scores": _score_to_json(score_of(exam.results)),
        "kinds": {kind: _score_to_json(score) for kind, score in by_kind(exam.results).items()},
        "documents": [
            {
                "document": covered.document.name,
                "sha256": covered.document.id,
                "pages": len(covered.marks),
                "right": [n for n, mark in enumerate(covered.marks, 1) if mark == "right"],
                "wrong": [n for n, mark in enumerate(covered.marks, 1) if mark == "wrong"],
                "unread": list(covered.unread),
                "look": look_words(covered),
            }
            for covered in documents
        ],
        "items": [result_to_json(result) for result in exam.results],
    }


def _score_to_json(score: Score) -> dict[str, Any]:
    return {
        "questions": score.right.of,
        "right": score.right.n,
        "page_at_1": score.at_1.n,
        "page_at_5": score.at_5.n,
        "answer_found": score.found.n,
        "abstained": score.abstained.n,
        "own_right": score.own_right.n,
        "own_page_at_1": score.own_at_1.n,
        "own_page_at_5": score.own_at_5.n,
    }


# -------------------------------------------------------------------------------------------------------- text


def exam_text(name: str, exam: Exam, documents: Sequence[DocumentResult], command: str) -> str:
    """Return the report of an exam for a terminal; `command` asks the same again."""
    width = min(_WIDTH, shutil.get_terminal_size().columns)
    parts = (
        _filled(verdict(name, exam.results, documents), width),
        _scores(score_of(exam.results)),
        _kinds(exam.results),
        _misses(exam.results, width),
        _documents(documents, width),
        _filled(f"{exam.n_asked} questions in {exam.seconds:.0f} s. The same again: {command}", width),
    )
    return "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines)


def _scores(score: Score) -> Iterator[str]:
    yield f"{'':30}{'whole library':>16}{'own document':>16}"
    rows: tuple[tuple[str, Share, Share | None], ...] = (
        ("answered from the right page", score.right, score.own_right),
        ("right page found first", score.at_1, score.own_at_1),
        ("right page among five", score.at_5, score.own_at_5),
        ("expected words in the answer", score.found, None),
        ("said that it does not know", score.abstained, None),
    )
    for said, whole, own in rows:
        yield f"{said:30}{_of(whole):>16}{_of(own) if own is not None else '':>16}"
    yield f"{'95 % interval of the first':30}{percent_words(score.right).split(' (')[1][:-1]:>16}"


def _of(share: Share) -> str:
    return f"{share.n} of {share.of}"


def _kinds(results: Sequence[Result]) -> Iterator[str]:
    yield "By kind of question:"
    for kind, score in by_kind(results).items():
        yield f"  {KINDS[kind]:28}{_of(score.right):>16}"


def _misses(results: Sequence[Result], width: int) -> Iterator[str]:
    missed = misses(results)
    if missed:
        yield f"Not answered from the right page ({len(missed)}):"
    for result in missed:
        item, said = result.item, result.whole
        yield from _filled(f"- {item.asked}", width, indent="  ")
        yield from _filled(
            f"expected: {_short(item.answer)} ({item.document}, p. {ranges_words(item.pages)})", width, "    "
        )
        place = f" ({said.document}, {page_name(said.page, None)})" if said.document else ""
        answered = "it does not know; nearest" if said.is_abstained else "answered"
        yield from _filled(f"{answered}: {_short(said.said) or 'nothing'}{place}", width, "    ")


def _documents(documents: Sequence[DocumentResult], width: int) -> Iterator[str]:
    yield "Pages:"
    calm = 0
    for document in documents:
        look = look_words(document)
        calm += not look
        if look or calm <= _MOST_UNEXAMINED or len(documents) <= 2 * _MOST_UNEXAMINED:
            sign = "! " if look else "  "
            yield from _filled(f"{sign}{document.document.name}: {marks_words(document)}", width, indent="  ")
    hidden = max(0, calm - _MOST_UNEXAMINED) if len(documents) > 2 * _MOST_UNEXAMINED else 0
    if hidden:
        yield f"    and {hidden} more {'document' if hidden == 1 else 'documents'} with nothing to look at"


def _short(text: str) -> str:
    return textwrap.shorten(text, 160, placeholder=" …")


def _filled(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(printable(text), width, initial_indent=indent, subsequent_indent=indent + "  ") or [indent]
