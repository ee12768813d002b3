"""The command line: what can be typed, and how a command begins and ends. The commands are in rag/commands.

Exit status: 0 all done, 1 something failed (said on stderr; done work is kept), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import FootnoteError
from rag.settings import Settings, load_settings

# Each command loads its room only when it is called, so that `footnote --help` is quick.
# ruff: noqa: PLC0415

_EXAMPLES = """examples:
  footnote                                   open the chat in the browser
  footnote add report.pdf papers/            add a file and every PDF of a folder
  footnote ask "What was revenue in 2022?"   answer with footnotes
  footnote ask --batch questions.csv > answers.csv
  footnote search "dividend policy" -k 5
  footnote doctor                            what is there, what is missing, what to type
"""

log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    _use_utf8()
    parser = _parser()
    arguments = parser.parse_args(argv)
    _check_question(arguments)
    logging.basicConfig(
        level=logging.DEBUG if arguments.verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        return int(arguments.command(arguments, load_settings()))
    except FootnoteError as exc:
        print(f"footnote: {exc}", file=sys.stderr)
    except KeyboardInterrupt:
        print("footnote: stopped.", file=sys.stderr)
    except BrokenPipeError:  # `footnote ask ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it ends
    except OSError as exc:  # a folder without rights, a name too long, a broken disk: where is in its text
        log.debug("", exc_info=exc)
        print(f"footnote: {exc}. Check the name, the folder's rights and the disk.", file=sys.stderr)
    return 1


def _use_utf8() -> None:
    """Write UTF-8 whatever the terminal is set to; what it cannot hold is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _check_question(arguments: argparse.Namespace) -> None:
    """Leave with status 2 when `ask` or `search` has no question, or two kinds of them."""
    if "question" not in arguments:
        return
    if arguments.question is None and arguments.batch is None:
        arguments.refuse('give a question in quotes ("..."), or --batch FILE')
    if arguments.question is not None and arguments.batch is not None:
        arguments.refuse("give a question or --batch FILE, not both")


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
    verbose = argparse.ArgumentParser(add_help=False)
    verbose.add_argument("--verbose", action="store_true", default=argparse.SUPPRESS, help="say more on stderr")
    library = argparse.ArgumentParser(add_help=False, parents=[verbose])
    library.add_argument("--library", metavar="NAME_OR_FOLDER", default=None, help="the library (default: default)")
    _add_writing_commands(commands, library)
    _add_asking_commands(commands, library)
    _add_looking_commands(commands, library, verbose)
    return parser


def _add_writing_commands(commands: Any, library: argparse.ArgumentParser) -> None:
    add = commands.add_parser("add", parents=[library], help="add PDFs")
    add.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    add.add_argument("--password", help="for locked files; better left out: it is asked for, and never stored")
    _add_wait(add)
    _add_format(add)
    add.set_defaults(command=_add)
    remove = commands.add_parser(
        "remove", parents=[library], help="remove documents and all that was derived from them"
    )
    remove.add_argument("documents", nargs="+", metavar="DOCUMENT")
    _add_wait(remove)
    remove.set_defaults(command=_remove)


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
        parser.set_defaults(command=command, refuse=parser.error)


def _add_looking_commands(commands: Any, library: argparse.ArgumentParser, verbose: argparse.ArgumentParser) -> None:
    list_ = commands.add_parser("list", parents=[library], help="list the documents")
    _add_format(list_)
    list_.set_defaults(command=_list)
    serve = commands.add_parser("serve", parents=[library], help="open the chat in the browser")
    serve.add_argument("--port", type=_port, help="of the page (default: 8501, or the next free one)")
    serve.add_argument("--no-browser", dest="browser", action="store_false", help="only say the address")
    serve.set_defaults(command=_serve)
    doctor = commands.add_parser("doctor", parents=[library], help="what is there, what is missing, what to type")
    _add_format(doctor)
    doctor.set_defaults(command=_doctor)
    verify = commands.add_parser("verify", parents=[library], help="check that catalog, indexes and files agree")
    verify.set_defaults(command=_verify)
    models = commands.add_parser("models", parents=[verbose], help="the built-in models").add_subparsers(
        title="actions", metavar="ACTION", required=True
    )
    fetch = models.add_parser("fetch", parents=[verbose], help="download those that are missing")
    fetch.set_defaults(command=_fetch_models)
    models.add_parser("list", parents=[verbose], help="say where they are").set_defaults(command=_list_models)


def _add_wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--wait", action="store_true", help="wait while another process writes to the library")


def _add_format(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", dest="as_json", action="store_true", default=None, help="one JSON object a line")
    form.add_argument("--text", dest="as_json", action="store_false", help="for reading (default on a terminal)")


def _positive(text: str) -> int:
    """Return a number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _port(text: str) -> int:
    number = _positive(text)
    if number > 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port: they end at 65535")
    return number


def _add(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.adding import add

    return add(arguments, settings)


def _remove(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.adding import remove

    return remove(arguments, settings)


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.looking import list_documents

    return list_documents(arguments, settings)


def _ask(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.asking import ask

    return ask(arguments, settings)


def _search(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.asking import search

    return search(arguments, settings)


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.serving import serve

    return serve(arguments, settings)


def _doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.looking import doctor

    return doctor(arguments, settings)


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.looking import verify

    return verify(arguments, settings)


def _fetch_models(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.looking import fetch_models

    return fetch_models(arguments, settings)


def _list_models(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.looking import list_models

    return list_models(arguments, settings)


if __name__ == "__main__":
    sys.exit(main())
