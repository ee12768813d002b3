"""Every command, loading its room only when it is called, so that `footnote --help` is quick."""

from __future__ import annotations

import argparse

from rag.settings import Settings

# ruff: noqa: PLC0415


def add(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.adding import add as run

    return run(arguments, settings)


def remove(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.adding import remove as run

    return run(arguments, settings)


def reread(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run `footnote reread`."""
    from rag.commands.adding import reread as run

    return run(arguments, settings)


def list_documents(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.looking import list_documents as run

    return run(arguments, settings)


def ask(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.asking import ask as run

    return run(arguments, settings)


def cite(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.citing import cite as run

    return run(arguments, settings)


def search(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.asking import search as run

    return run(arguments, settings)


def evaluate(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run `footnote evaluate`."""
    from rag.commands.evaluating import evaluate as run

    return run(arguments, settings)


def serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.serving import serve as run

    return run(arguments, settings)


def doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.looking import doctor as run

    return run(arguments, settings)


def verify(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.looking import verify as run

    return run(arguments, settings)


def guide(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.guiding import guide as run

    return run(arguments, settings)


def exam(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run `footnote exam`."""
    from rag.commands.examining import exam as run

    return run(arguments, settings)


def report(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.reporting import report as run

    return run(arguments, settings)


def config(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.configuring import config as run

    return run(arguments, settings)


def chats(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.keeping import list_chats as run

    return run(arguments, settings)


def export(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.keeping import export as run

    return run(arguments, settings)


def fetch_models(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.looking import fetch_models as run

    return run(arguments, settings)


def list_models(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.looking import list_models as run

    return run(arguments, settings)


def recommend_models(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run `footnote models recommend`."""
    from rag.commands.looking import recommend_models as run

    return run(arguments, settings)


def replace(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.documents import replace as run

    return run(arguments, settings)


def rename(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.documents import rename as run

    return run(arguments, settings)


def tag(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.documents import tag as run

    return run(arguments, settings)


def watch(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.libraries import watch as run

    return run(arguments, settings)


def backup(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.libraries import backup as run

    return run(arguments, settings)


def restore(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.libraries import restore_library as run

    return run(arguments, settings)


def train_questions(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.training import questions as run

    return run(arguments, settings)


def train_reader(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.commands.training import reader as run

    return run(arguments, settings)


def train_llm(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run `footnote train llm`."""
    from rag.commands.training import llm as run

    return run(arguments, settings)


def train_checker(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run `footnote train checker`."""
    from rag.commands.training import checker as run

    return run(arguments, settings)
