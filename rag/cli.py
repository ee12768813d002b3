"""The command line: what can be typed, and how a command begins and ends. The commands are in rag/commands.

Exit status: 0 all done, 1 something failed (said on stderr; done work is kept), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import io
import logging
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag import __version__
from rag.commands import lazily, options
from rag.errors import FootnoteError
from rag.settings import load_settings

_EXAMPLES = """examples:
  footnote                                   open the chat in the browser
  footnote add report.pdf papers/            add a file and every PDF of a folder
  footnote ask "What was revenue in 2022?"   answer with footnotes
  footnote ask --batch questions.csv > answers.csv
  footnote cite "What was revenue in 2022?" --export cited.pdf
  footnote search "dividend policy" -k 5 --explain
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
    parser.add_argument("--version", action="version", version=f"footnote {__version__}")
    parser.set_defaults(command=lazily.serve, port=None, library=None, browser=True)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    verbose = argparse.ArgumentParser(add_help=False)
    verbose.add_argument("--verbose", action="store_true", default=argparse.SUPPRESS, help="say more on stderr")
    library = argparse.ArgumentParser(add_help=False, parents=[verbose])
    library.add_argument("--library", metavar="NAME_OR_FOLDER", default=None, help="the library (default: default)")
    _add_writing_commands(commands, library)
    _add_asking_commands(commands, library)
    _add_looking_commands(commands, library, verbose)
    _add_library_commands(commands, library, verbose)
    _add_measuring_commands(commands, verbose)
    _add_training_commands(commands, verbose)
    return parser


def _add_writing_commands(commands: Any, library: argparse.ArgumentParser) -> None:
    add = commands.add_parser("add", parents=[library], help="add PDFs")
    add.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    add.add_argument("--password", help="for locked files; better left out: it is asked for, and never stored")
    _add_wait(add)
    _add_format(add)
    add.set_defaults(command=lazily.add)
    reread = commands.add_parser(
        "reread", parents=[library], help="read documents again: with OCR that is there now, or as this version reads"
    )
    reread.add_argument("documents", nargs="+", metavar="DOCUMENT")
    _add_wait(reread)
    _add_format(reread)
    reread.set_defaults(command=lazily.reread)
    remove = commands.add_parser(
        "remove", parents=[library], help="remove documents and all that was derived from them"
    )
    remove.add_argument("documents", nargs="+", metavar="DOCUMENT")
    _add_wait(remove)
    remove.set_defaults(command=lazily.remove)


def _add_asking_commands(commands: Any, library: argparse.ArgumentParser) -> None:
    for name, command, text in (
        ("ask", lazily.ask, "answer a question from the documents"),
        ("search", lazily.search, "find the passages nearest to a question"),
    ):
        parser = commands.add_parser(name, parents=[library], help=text)
        parser.add_argument("question", nargs="?")
        parser.add_argument("-k", type=_positive, default=10, help="number of passages (default: 10)")
        options.add_where(parser)
        options.add_without(parser)
        parser.add_argument("--batch", type=Path, metavar="FILE", help="questions, as JSON lines or CSV; - is stdin")
        parser.add_argument("--fast", action="store_true", help="leave the small networks out that read and judge")
        if name == "ask":
            parser.add_argument("--reader", choices=("extractive", "grounded", "ungrounded"), default="extractive")
        else:
            parser.add_argument("--explain", action="store_true", help="say why each passage stands where it does")
        _add_format(parser)
        parser.set_defaults(command=command, refuse=parser.error)
    cite = commands.add_parser("cite", parents=[library], help="list what an answer cites, or export the cited pages")
    cite.add_argument("asked", nargs="?", metavar="QUESTION")
    cite.add_argument("--chat", metavar="CHAT_OR_TITLE", help="what the last answer of this chat cites, instead")
    cite.add_argument("--all", action="store_true", dest="whole_chat", help="with --chat: what all its answers cite")
    cite.add_argument("--export", type=Path, metavar="FILE", help="write the cited pages, highlighted, to this PDF")
    cite.add_argument("-k", type=_positive, default=10, help="number of passages (default: 10)")
    options.add_where(cite)
    options.add_without(cite)
    cite.add_argument("--reader", choices=("extractive", "grounded"), default="extractive")
    _add_format(cite)
    cite.set_defaults(command=lazily.cite, refuse=cite.error)


def _add_looking_commands(commands: Any, library: argparse.ArgumentParser, verbose: argparse.ArgumentParser) -> None:
    list_ = commands.add_parser("list", parents=[library], help="list the documents")
    _add_format(list_)
    list_.set_defaults(command=lazily.list_documents)
    serve = commands.add_parser("serve", parents=[library], help="open the chat in the browser")
    serve.add_argument("--port", type=_port, help="of the page (default: 8501, or the next free one)")
    serve.add_argument("--no-browser", dest="browser", action="store_false", help="only say the address")
    serve.set_defaults(command=lazily.serve)
    doctor = commands.add_parser("doctor", parents=[library], help="what is there, what is missing, what to type")
    _add_format(doctor)
    doctor.set_defaults(command=lazily.doctor)
    guide = commands.add_parser("guide", parents=[library], help="what a document is, says in short, and answers")
    guide.add_argument("document", metavar="DOCUMENT")
    _add_format(guide)
    guide.set_defaults(command=lazily.guide)
    report = commands.add_parser("report", parents=[library], help="how a document was read, page by page")
    report.add_argument("document", metavar="DOCUMENT")
    report.add_argument("--page", type=_positive, metavar="N", help="print what was read of this page of the PDF")
    _add_format(report)
    report.set_defaults(command=lazily.report)
    _add_exam_command(commands, library)
    _add_keeping_commands(commands, library)
    config = commands.add_parser("config", parents=[verbose], help="show the settings, or change one")
    config.add_argument("name", nargs="?", metavar="NAME", help="a setting; without one, all are listed")
    config.add_argument("value", nargs="?", metavar="VALUE", help="its new value; - reads it unseen, for a key")
    config.add_argument("--unset", action="store_true", help="set it back to its default")
    _add_format(config)
    config.set_defaults(command=lazily.config, refuse=config.error)
    verify = commands.add_parser("verify", parents=[library], help="check that catalog, indexes and files agree")
    verify.set_defaults(command=lazily.verify)
    models = commands.add_parser("models", parents=[verbose], help="the built-in models").add_subparsers(
        title="actions", metavar="ACTION", required=True
    )
    fetch = models.add_parser("fetch", parents=[verbose], help="download those that are missing")
    fetch.set_defaults(command=lazily.fetch_models)
    recommend = models.add_parser(
        "recommend", parents=[verbose], help="which language models suit this computer; nothing is downloaded"
    )
    _add_format(recommend)
    recommend.set_defaults(command=lazily.recommend_models)
    models.add_parser("list", parents=[verbose], help="say where they are").set_defaults(command=lazily.list_models)


def _add_exam_command(commands: Any, library: argparse.ArgumentParser) -> None:
    exam = commands.add_parser(
        "exam", parents=[library], help="ask questions made of your documents back: can the library be trusted?"
    )
    exam.add_argument("--n", type=_positive, default=40, dest="n_questions", metavar="N", help="questions (40)")
    exam.add_argument("--seed", type=_natural, default=0, metavar="S", help="another asks other questions (default: 0)")
    exam.add_argument("--doc", metavar="DOCUMENT", help="make questions of this document only")
    exam.add_argument("--list", action="store_true", dest="only_list", help="list the exams that were taken")
    _add_format(exam)
    exam.set_defaults(command=lazily.exam)


def _add_keeping_commands(commands: Any, library: argparse.ArgumentParser) -> None:
    chats = commands.add_parser("chats", parents=[library], help="list the chats")
    _add_format(chats)
    chats.set_defaults(command=lazily.chats)
    export = commands.add_parser("export", parents=[library], help="write a chat to a file, with its footnotes")
    export.add_argument("chat", metavar="CHAT_OR_TITLE", help="its id, its title, or a part of that")
    export.add_argument("--to", type=Path, required=True, metavar="FILE", help="ending in .md, .html or .docx")
    export.set_defaults(command=lazily.export)


def _add_library_commands(commands: Any, library: argparse.ArgumentParser, verbose: argparse.ArgumentParser) -> None:
    replace = commands.add_parser("replace", parents=[library], help="put a newer version in a document's place")
    replace.add_argument("document", metavar="DOCUMENT")
    replace.add_argument("path", type=Path, metavar="FILE")
    replace.add_argument("--password", help="if the new file is locked; never stored")
    _add_wait(replace)
    _add_format(replace)
    replace.set_defaults(command=lazily.replace)
    rename = commands.add_parser("rename", parents=[library], help="give a document another name")
    rename.add_argument("document", metavar="DOCUMENT")
    rename.add_argument("name", metavar="NAME")
    _add_wait(rename)
    rename.set_defaults(command=lazily.rename)
    tag = commands.add_parser("tag", parents=[library], help="give a document tags, or list those it has")
    tag.add_argument("document", metavar="DOCUMENT")
    tag.add_argument("tags", nargs="*", metavar="TAG")
    tag.add_argument("--remove", action="store_true", help="take these tags away instead")
    _add_format(tag)
    tag.set_defaults(command=lazily.tag)
    watch = commands.add_parser("watch", parents=[library], help="add a folder's PDFs as they appear, until Ctrl-C")
    watch.add_argument("path", type=Path, metavar="FOLDER")
    _add_format(watch)
    watch.set_defaults(command=lazily.watch)
    backup = commands.add_parser("backup", parents=[library], help="write the library to one file")
    backup.add_argument("path", type=Path, metavar="FILE")
    backup.set_defaults(command=lazily.backup)
    restore = commands.add_parser("restore", parents=[verbose], help="make a new library of a backup")
    restore.add_argument("path", type=Path, metavar="FILE")
    restore.add_argument("--library", metavar="NEW", default=None, help="its name (default: the name it had)")
    restore.set_defaults(command=lazily.restore)


def _add_training_commands(commands: Any, verbose: argparse.ArgumentParser) -> None:
    train = commands.add_parser("train", parents=[verbose], help="train a small network again").add_subparsers(
        title="networks", metavar="NETWORK", required=True
    )
    questions = train.add_parser(
        "questions", parents=[verbose], help="what kind of answer a question asks for, and whether a table holds it"
    )
    questions.add_argument(
        "--data", type=Path, required=True, metavar="FOLDER", help="with squad/ and tables/, as their authors give them"
    )
    questions.add_argument(
        "--out", type=Path, default=Path("questions-network"), metavar="FOLDER", help="default: ./questions-network"
    )
    questions.add_argument("--seed", type=int, default=0, help="of all that is random (default: 0)")
    questions.add_argument("--epochs", type=_positive, default=40, help="at most (default: 40)")
    questions.add_argument("--hidden", type=_natural, default=64, metavar="UNITS", help="of the hidden layer; 0: none")
    _add_format(questions)
    questions.set_defaults(command=lazily.train_questions)
    reader = train.add_parser(
        "reader", parents=[verbose], help="which words of a passage answer, if any do, and which passage is nearest"
    )
    _add_long_training(reader, "reader", holds="squad/ and tables/, as their authors give them", over="questions")
    reader.set_defaults(command=lazily.train_reader)
    checker = train.add_parser("checker", parents=[verbose], help="whether a claim is supported by its evidence")
    _add_long_training(checker, "checker", holds="nli/, squad/ and tables/, as they are given", over="pairs")
    checker.set_defaults(command=lazily.train_checker)
    llm = train.add_parser("llm", parents=[verbose], help="a language model: to answer from passages, and to cite them")
    _add_long_training(llm, "llm", holds="squad/, qa2d/, rewrite/ and openstax/, as they are given", over="lessons")
    llm.add_argument("--model", metavar="MODEL", help="a folder or a hub id (default: the built-in model)")
    llm.add_argument("--lessons", type=_positive, default=4_000, help="how many are made (default: 4000)")
    llm.set_defaults(command=lazily.train_llm)


def _add_long_training(parser: argparse.ArgumentParser, name: str, *, holds: str, over: str) -> None:
    """Add what the networks have in common that are trained for hours."""
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help=f"with {holds}")
    parser.add_argument(
        "--out", type=Path, default=Path(f"{name}-network"), metavar="FOLDER", help=f"default: ./{name}-network"
    )
    parser.add_argument("--seed", type=int, default=0, help="of all that is random (default: 0)")
    parser.add_argument("--passes", type=_positive_number, default=1.0, help=f"over all {over} (default: 1)")
    _add_format(parser)


def _add_measuring_commands(commands: Any, verbose: argparse.ArgumentParser) -> None:
    evaluate = commands.add_parser(
        "evaluate", parents=[verbose], help="measure how well the questions of a dataset are answered"
    )
    evaluate.add_argument(
        "dataset", type=Path, metavar="DATASET", help="a folder with pdfs/ and questions.jsonl, or in BEIR layout"
    )
    evaluate.add_argument("--library", metavar="NAME_OR_FOLDER", help="one that holds the documents already")
    scope = evaluate.add_mutually_exclusive_group()
    scope.add_argument(
        "--own", dest="whole", action="store_false", help="ask each question of its own document (default)"
    )
    scope.add_argument("--whole", action="store_true", help="ask each question of all documents")
    evaluate.add_argument("-k", "--k", type=_positive, default=10, help="passages to answer from (default: 10)")
    evaluate.add_argument("-n", "--n", type=_positive, metavar="N", help="ask only N questions, the same each time")
    evaluate.add_argument("--no-answers", action="store_true", help="only find pages, which is quicker")
    evaluate.add_argument("--config", type=Path, metavar="FILE", help="other settings or weights: TOML, weights.json")
    evaluate.add_argument("--against", type=Path, metavar="RUN.json", help="compare with an earlier run, and test that")
    evaluate.add_argument("--peers", action="store_true", help="ask other pipelines too, in the same run")
    evaluate.add_argument("--out", type=Path, metavar="FOLDER", help="where run.json and the report go")
    _add_format(evaluate)
    evaluate.set_defaults(command=lazily.evaluate, whole=False)


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


def _positive_number(text: str) -> float:
    """Return a number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def _natural(text: str) -> int:
    """Return a number from 0 on."""
    return 0 if text == "0" else _positive(text)


def _port(text: str) -> int:
    number = _positive(text)
    if number > 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port: they end at 65535")
    return number


if __name__ == "__main__":
    sys.exit(main())
