"""`footnote list`, `verify`, `doctor` and `models`: what is there."""

from __future__ import annotations

import argparse

from rag import models, tiers
from rag.answer.convert import built_in
from rag.commands.common import (
    complain,
    library_exists,
    open_library,
    put,
    put_json,
    tell,
    tell_unready,
    wants_json,
)
from rag.doctor import findings
from rag.errors import FootnoteError, ModelMissing
from rag.records import document_to_json
from rag.settings import Settings
from rag.terminal import document_line

_MARKS = {"problem": "✗", "there": "✓", "missing": "–"}


def list_documents(arguments: argparse.Namespace, settings: Settings) -> int:
    """List the documents; none when nothing was ever added."""
    if arguments.library is None and not library_exists(arguments, settings):
        return 0
    library = open_library(arguments, settings)
    tags = library.tags.by_document()
    for document in library.documents():
        own = tags.get(document.key, ())
        if wants_json(arguments):
            put_json(document_to_json(document) | {"tags": list(own)})
        else:
            put("  ".join([document_line(document), *(f"#{tag}" for tag in own)]))
    library.close()
    return 0


def verify(arguments: argparse.Namespace, settings: Settings) -> int:
    """Check that catalog, indexes and files agree."""
    library = open_library(arguments, settings)
    problems = library.verify()
    for problem in problems:
        put(problem)
    if not problems:
        tell(f"{library.folder}: catalog, indexes and files agree.")
    tell_unready(library)
    library.close()
    return int(bool(problems))


def doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    """Say what is there, what is missing and what to type; a failure when something needed is missing."""
    problems = 0
    library = arguments.library or settings.library
    for finding in findings(
        library,
        device=settings.device,
        ocr=settings.ocr,
        reranker=settings.reranker,
        checks=settings.checker != "off",
        reads=settings.reader != "off",
        adapter=settings.adapter or "auto",
    ):
        problems += finding.is_problem
        state = "problem" if finding.is_problem else "there" if finding.is_there else "missing"
        if wants_json(arguments):
            put_json({"state": state, "text": finding.text, "remedy": finding.remedy or None})
            continue
        put(f"{_MARKS[state]} {finding.text}")
        if finding.remedy:
            put(f"    → {finding.remedy}")
    return int(problems > 0)


def list_models(_arguments: argparse.Namespace, _settings: Settings) -> int:
    """List the built-in models, the missing ones on stderr."""
    is_any_missing = False
    for model in models.BUILT_IN:
        try:
            put(f"{model.name}  {models.path_of(model)}")
        except ModelMissing as exc:
            is_any_missing = True
            complain(exc)
    return int(is_any_missing)


def recommend_models(arguments: argparse.Namespace, settings: Settings) -> int:
    """Say which language models suit this computer, what each would download, and how to set it."""
    computer = tiers.machine(settings.device)
    found = tiers.recommended(computer)
    if wants_json(arguments):
        for one in found:
            put_json(
                {
                    "model": one.model or None,
                    "title": one.title,
                    "precision": one.precision,
                    "download_bytes": one.download,
                    "is_here": one.is_here,
                    "why": one.why,
                    "commands": list(one.how),
                    "warning": one.warning or None,
                }
            )
        return 0
    put(f"This computer: {computer.words}")
    for n, one in enumerate(found, 1):
        put(f"\n{n}. {one.title}\n   {one.why}\n   precision: {one.precision}; {tiers.download_words(one)}")
        put("\n".join(f"   → {command}" for command in one.how))
        if one.warning:
            put(f"   ✗ {one.warning}")
    tell("Nothing was downloaded. A hub model is downloaded when it first writes an answer.")
    return 0


def fetch_models(_arguments: argparse.Namespace, _settings: Settings) -> int:
    """Fetch the built-in models that are missing; when one fails, the others are fetched all the same."""
    has_failed = False
    tell("Footnote's own models, each with the folder that it lies in; those that are missing are downloaded now.")
    for model in models.BUILT_IN:
        try:
            folder = models.fetch(model, on_progress=tell)
            if model is models.SMOLLM2:
                folder = built_in(on_progress=tell)
            put(f"{model.name}  {folder}")
        except FootnoteError as exc:
            has_failed = True
            complain(exc)
    return int(has_failed)
