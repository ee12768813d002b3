"""The command line: one function a command. Results go to stdout, progress and logs to stderr.

Exit status: 0 all done, 1 something failed (said on stderr; done work is kept), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import getpass
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rag.errors import FootnoteError, InputError
from rag.settings import Settings, load_settings

if TYPE_CHECKING:
    from rag.library import Library
    from rag.types import Added

# Everything heavy is imported inside the command that needs it, so that `footnote --help` is quick.
# ruff: noqa: PLC0415

_EXAMPLES = """examples:
  footnote                                   open the chat in the browser
  footnote add report.pdf papers/            add a file and every PDF of a folder
  footnote ask "What was revenue in 2022?"   answer with footnotes
  footnote ask --batch questions.csv > answers.csv
  footnote search "dividend policy" -k 5
  footnote doctor                            what is there, what is missing, what to type
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    logging.basicConfig(
        level=logging.DEBUG if arguments.verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        settings = load_settings()
        return int(arguments.command(arguments, settings))
    except FootnoteError as exc:
        print(f"footnote: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("footnote: stopped.", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `footnote ask ... | head`
        sys.stderr.close()
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="footnote",
        description="Ask your PDFs. Every sentence of an answer carries a footnote to the line that supports it.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--verbose", action="store_true", help="say more on stderr")
    parser.set_defaults(command=_serve, port=None, library=None, browser=True)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    library = argparse.ArgumentParser(add_help=False)
    library.add_argument("--library", metavar="NAME_OR_FOLDER", default=None, help="the library (default: default)")
    _add_writing_commands(commands, library)
    _add_asking_commands(commands, library)
    _add_service_commands(commands, library)
    return parser


def _add_writing_commands(commands: Any, library: argparse.ArgumentParser) -> None:
    add = commands.add_parser("add", parents=[library], help="add PDFs")
    add.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    add.add_argument("--password", help="for locked files; better left out: it is asked for, and never stored")
    add.add_argument("--wait", action="store_true", help="wait while another process writes to the library")
    add.set_defaults(command=_add)
    remove = commands.add_parser(
        "remove", parents=[library], help="remove documents and all that was derived from them"
    )
    remove.add_argument("documents", nargs="+", metavar="DOCUMENT")
    remove.add_argument("--wait", action="store_true", help="wait while another process writes to the library")
    remove.set_defaults(command=_remove)
    list_ = commands.add_parser("list", parents=[library], help="list the documents")
    _add_format(list_)
    list_.set_defaults(command=_list)


def _add_asking_commands(commands: Any, library: argparse.ArgumentParser) -> None:
    for name, command, text in (
        ("ask", _ask, "answer a question from the documents"),
        ("search", _search, "find the passages nearest to a question"),
    ):
        parser = commands.add_parser(name, parents=[library], help=text)
        parser.add_argument("question", nargs="?")
        parser.add_argument("-k", type=_positive, default=10, help="number of passages (default: 10)")
        parser.add_argument("--doc", action="append", metavar="DOCUMENT", help="look only in this document; may recur")
        parser.add_argument("--batch", type=Path, metavar="FILE", help="questions, as JSON lines or CSV; - is stdin")
        if name == "ask":
            parser.add_argument("--reader", choices=("extractive", "grounded", "ungrounded"), default="extractive")
        _add_format(parser)
        parser.set_defaults(command=command)


def _add_service_commands(commands: Any, library: argparse.ArgumentParser) -> None:
    serve = commands.add_parser("serve", parents=[library], help="open the chat in the browser")
    serve.add_argument("--port", type=_positive, help="of the page (default: 8501, or the next free one)")
    serve.add_argument("--no-browser", dest="browser", action="store_false", help="only say the address")
    serve.set_defaults(command=_serve)
    doctor = commands.add_parser("doctor", parents=[library], help="what is there, what is missing, what to type")
    doctor.set_defaults(command=_doctor)
    verify = commands.add_parser("verify", parents=[library], help="check that catalog, indexes and files agree")
    verify.set_defaults(command=_verify)
    models = commands.add_parser("models", help="the built-in models")
    models.add_argument("action", choices=("fetch", "list"))
    models.set_defaults(command=_models)


def _add_format(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", dest="as_json", action="store_true", default=None, help="one JSON object a line")
    form.add_argument("--text", dest="as_json", action="store_false", help="for reading (default on a terminal)")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def _open(arguments: argparse.Namespace, settings: Settings) -> Library:
    from rag.library import Library

    return Library(
        arguments.library or settings.library,
        encoder_name=settings.encoder,
        device=settings.device,
        n_threads=settings.threads or None,
    )


def _as_json(arguments: argparse.Namespace) -> bool:
    chosen: bool | None = arguments.as_json
    return not sys.stdout.isatty() if chosen is None else chosen


def _print_line(line: dict[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


# ---------------------------------------------------------------------------------------------------- writing


def _add(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.records import added_to_json
    from rag.terminal import Interrupt, ProgressLine

    library = _open(arguments, settings)
    wait_s = None if arguments.wait else 0
    failed = False
    for path in _pdfs(arguments.paths):
        with ProgressLine(sys.stderr) as line, Interrupt() as stop:
            try:
                added = library.add(
                    path, password=arguments.password, on_progress=line.show, is_cancelled=stop.is_set, wait_s=wait_s
                )
            except InputError as exc:
                added = _failed(path, exc)
        if added.status == "failed" and _is_locked(library, added) and sys.stdin.isatty():
            password = getpass.getpass(f"Password of {added.document}: ", stream=sys.stderr)
            added = library.retry(added.document, password=password, wait_s=wait_s)
        if added.status == "failed":
            failed = True
            print(f"footnote: {added.reason}", file=sys.stderr)
        _print_line(added_to_json(added))
    for resumed in library.resume():
        _print_line(added_to_json(resumed))
    return int(failed)


def _failed(path: Path, exc: InputError) -> Added:
    from rag.types import Added

    return Added(path.name, "failed", str(exc))


def _is_locked(library: Library, added: Added) -> bool:
    return any(document.name == added.document and library.is_locked(document) for document in library.documents())


def _pdfs(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files, and the PDFs of the folders in alphabetical order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() == ".pdf" and file.is_file())
        else:
            yield path


def _remove(arguments: argparse.Namespace, settings: Settings) -> int:
    library = _open(arguments, settings)
    failed = False
    for name in arguments.documents:
        try:
            library.remove(name, wait_s=None if arguments.wait else 0)
            print(f"Removed {name}.", file=sys.stderr)
        except InputError as exc:
            failed = True
            print(f"footnote: {exc}", file=sys.stderr)
    return int(failed)


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.records import document_to_json
    from rag.terminal import document_line

    for document in _open(arguments, settings).documents():
        if _as_json(arguments):
            _print_line(document_to_json(document))
        else:
            print(document_line(document))
    return 0


# ----------------------------------------------------------------------------------------------------- asking


@dataclass(frozen=True, slots=True)
class _Ask:
    """`footnote ask` of one question."""

    library: Library
    k: int
    reader: Any

    def __call__(self, question: str, documents: Sequence[str] | None) -> Any:
        return self.library.ask(question, self.k, documents=documents, reader=self.reader)


@dataclass(frozen=True, slots=True)
class _Search:
    """`footnote search` of one question."""

    library: Library
    k: int

    def __call__(self, question: str, documents: Sequence[str] | None) -> Any:
        return self.library.search(question, self.k, documents=documents)


def _ask(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.batch import run_batch
    from rag.records import answer_to_line
    from rag.terminal import answer_text

    asker = _Ask(_open(arguments, settings), arguments.k, arguments.reader)
    if arguments.batch is not None:
        return _batch(arguments, asker, lambda _, answer: answer_to_line(answer), run_batch)
    answer = asker(_question(arguments), arguments.doc)
    if _as_json(arguments):
        _print_line(answer_to_line(answer))
    else:
        print(answer_text(answer))
    return 0


def _search(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.batch import run_batch
    from rag.records import search_to_json
    from rag.terminal import hits_text

    searcher = _Search(_open(arguments, settings), arguments.k)
    if arguments.batch is not None:
        return _batch(arguments, searcher, search_to_json, run_batch)
    question = _question(arguments)
    hits = searcher(question, arguments.doc)
    if _as_json(arguments):
        _print_line(search_to_json(question, hits))
    else:
        print(hits_text(hits))
    return 0


def _question(arguments: argparse.Namespace) -> str:
    if arguments.question is None:
        raise InputError(f'Give a question: footnote {arguments.command.__name__.strip("_")} "..."; or --batch FILE.')
    return str(arguments.question)


def _batch(arguments: argparse.Namespace, function: Any, to_line: Any, run_batch: Any) -> int:
    if arguments.question is not None:
        raise InputError("Give a question or --batch FILE, not both.")
    with _opened(arguments.batch) as file:
        is_csv = arguments.batch.suffix.lower() == ".csv"
        n_failed = run_batch(file, sys.stdout, function, to_line, is_csv=is_csv, documents=arguments.doc)
    if n_failed:
        print(f"footnote: {n_failed} of the questions failed; their lines say why.", file=sys.stderr)
    return int(n_failed > 0)


def _opened(path: Path) -> TextIO:
    if str(path) == "-":
        return sys.stdin
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}.") from exc


# ---------------------------------------------------------------------------------------------------- service


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.sample import ensure_sample
    from rag.terminal import ProgressLine

    with ProgressLine(sys.stderr) as line:
        ensure_sample(on_progress=line.show)
    from ui.app import serve

    serve(
        port=arguments.port or settings.port,
        library=arguments.library,
        open_browser=arguments.browser,
        say=lambda text: print(text, file=sys.stderr),
    )
    return 0


def _doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.doctor import findings

    problems = 0
    for finding in findings(arguments.library or settings.library, device=settings.device):
        problems += finding.is_problem
        print(f"{'✗' if finding.is_problem else '✓' if finding.is_there else '–'} {finding.text}")
        if finding.remedy:
            print(f"    → {finding.remedy}")
    return int(problems > 0)


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    library = _open(arguments, settings)
    problems = library.verify()
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{library.folder}: catalog, indexes and files agree.", file=sys.stderr)
    return int(bool(problems))


def _models(arguments: argparse.Namespace, _: Settings) -> int:
    from rag import models

    for model in models.BUILT_IN:
        if arguments.action == "fetch":
            models.fetch(model, on_progress=lambda text: print(text, file=sys.stderr))
        print(f"{model.name}  {models.path_of(model)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
