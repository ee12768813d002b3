"""`footnote cite`: what an answer cites, as a list, or as a PDF of the cited pages with their lines highlighted."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.commands.common import (
    complain,
    documents_of,
    open_library,
    put,
    put_json,
    scope_of,
    tell,
    tell_unheeded,
    wants_json,
)
from rag.commands.keeping import chosen_chat, write_file
from rag.errors import InputError
from rag.export import from_chat
from rag.export.pdf.plan import answers_of, citations_of
from rag.index.rows import storable
from rag.library import Library
from rag.records import answer_to_line
from rag.settings import Settings
from rag.settings import manner as manner_of
from rag.terminal import answer_text
from rag.types import Answer
from rag.wording import page_name, verdict_words


def cite(arguments: argparse.Namespace, settings: Settings) -> int:
    """Ask, or take a chat's answers; list what they cite, or export the cited pages."""
    _check(arguments)
    path = None if arguments.export is None else _target(Path(arguments.export))
    library = open_library(arguments, settings)
    if arguments.chat is not None:
        title, answers = _of_chat(library, storable(arguments.chat), is_whole=arguments.whole_chat)
    else:
        answers = [_asked(library, arguments, settings)]
        title = answers[0].question
        if path is not None:
            _put_answer(answers[0], as_json=wants_json(arguments))
    if not any(True for _ in citations_of(answers)):
        complain(_why_nothing(answers, path))
        library.close()
        return 1
    if path is None:
        _list(answers, as_json=wants_json(arguments))
    else:
        _export(library, title, answers, path)
    library.close()
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Leave with status 2 when there is neither question nor chat, or both."""
    if (arguments.asked is None) == (arguments.chat is None):
        arguments.refuse('give a question in quotes ("..."), or --chat CHAT_OR_TITLE')
    if arguments.whole_chat and arguments.chat is None:
        arguments.refuse("--all goes with --chat")


def _target(path: Path) -> Path:
    """Return where the export goes, before anything is asked for it.

    Raises:
        InputError: it cannot be written there, or is not called a PDF.
    """
    if path.suffix.lower() != ".pdf":
        raise InputError(f"{path.name} cannot be written: cited pages are exported as PDF. Let the name end in .pdf.")
    if path.is_dir():
        raise InputError(f"{path} is a folder. Give the name of a file in it.")
    if not path.parent.is_dir():
        raise InputError(f"{path} cannot be written: there is no folder {path.parent}. Make it first.")
    return path


def _asked(library: Library, arguments: argparse.Namespace, settings: Settings) -> Answer:
    manner = manner_of(settings)
    question, documents, where = storable(arguments.asked), documents_of(arguments), scope_of(arguments)
    tell_unheeded(library, question, documents, where)
    return library.ask(question, arguments.k, documents=documents, reader=arguments.reader, manner=manner, **where)


def _of_chat(library: Library, said: str, *, is_whole: bool) -> tuple[str, list[Answer]]:
    """Return a title and the answers of a chat: all, or those to the last question that was answered."""
    chat = chosen_chat(library.chats.list(), said)
    asked = [answers_of([item]) for item in from_chat(chat, library.chats.messages(chat.id)).items]
    answered = [answers for answers in asked if answers]
    if is_whole or not answered:
        return chat.title, [answer for answers in answered for answer in answers]
    return answered[-1][0].question, answered[-1]


def _why_nothing(answers: Sequence[Answer], path: Path | None) -> str:
    why = "the documents do not say." if any(answer.abstained for answer in answers) else "there is no footnote."
    return f"nothing is cited: {why}" + ("" if path is None else f" {path} was not written.")


# ---------------------------------------------------------------------------------------------------- what is said


def _put_answer(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        put_json(answer_to_line(answer))
    else:
        put(answer_text(answer))


def _list(answers: Sequence[Answer], *, as_json: bool) -> None:
    """Print one line a citation."""
    if as_json:
        for answer in answers:
            for line in _lines(answer):
                put_json(line)
        return
    for _, _, claim, c in citations_of(answers):
        quote = " ".join(c.quote.split())
        put(f"[{c.marker}] {c.document}, {page_name(c.page, c.label, c.source)}: “{quote}”")
        if claim.verdict in {"contradicted", "unsupported"}:
            put(f"    ({verdict_words(claim, c.support)})")


def _lines(answer: Answer) -> Iterator[dict[str, Any]]:
    said = answer_to_line(answer)["claims"]
    for claim, told in zip(answer.claims, said, strict=True):
        for citation, line in zip(claim.citations, told["citations"], strict=True):
            about = {"question": answer.question, "marker": citation.marker}
            yield about | line | {"claim": claim.text, "verdict": claim.verdict, "support": citation.support}


def _export(library: Library, title: str, answers: Sequence[Answer], path: Path) -> None:
    from rag.export.pdf.cited import cited_pages  # noqa: PLC0415  (pypdf takes a moment to load)

    made = cited_pages(library, title, answers)
    for remark in made.remarks:
        tell(f"footnote: {remark}")
    write_file(path, made.data)
    tell(f"Wrote {_count(made.n_pages, 'page')} of {_count(made.n_documents, 'document')} to {path}.")


def _count(n: int, word: str) -> str:
    return f"{n:,} {word}{'' if n == 1 else 's'}"
