"""`footnote guide`: what a document is, what it says in short, its terms, its outline, questions that it answers."""

from __future__ import annotations

import argparse
import shutil
import textwrap
from collections.abc import Iterator

from rag.commands.common import open_library, put, put_json, tell, wants_json
from rag.guide.guide import Guide, Line, guide_to_json
from rag.index.rows import storable
from rag.settings import Settings
from rag.terminal import Interrupt
from rag.types import Citation
from rag.wording import page_name

_WIDTH = 100


def guide(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print the guide to a document; it is made first where there is none."""
    library = open_library(arguments, settings)
    document = library.document(storable(arguments.document))
    found = library.guide(document.id)
    if found is None:
        tell(f"making a guide to {document.name}: this takes a few seconds")
        with Interrupt() as interrupt:
            found = library.make_guide(document.id, is_cancelled=interrupt.is_set)
    if wants_json(arguments):
        put_json(guide_to_json(found))
    else:
        put(guide_text(found))
    return 0


def guide_text(guide: Guide) -> str:
    """Return a guide for a terminal."""
    width = min(_WIDTH, shutil.get_terminal_size().columns)
    return "\n".join(line for part in _parts(guide, width) for line in part)


def _parts(guide: Guide, width: int) -> Iterator[list[str]]:
    facts = [_said(line) for line in (guide.by, guide.date) if line is not None]
    pages = f"{guide.n_pages:,} page{'' if guide.n_pages == 1 else 's'}"
    yield [_said(guide.title), " · ".join([*facts, pages, *([guide.language] if guide.language else [])])]
    yield from _listed("In short", [_said(line) for line in guide.telling], width)
    yield from _listed("Key terms", [f"{term.text} ({_place(term.citation)})" for term in guide.terms], width)
    outline = [f"{'  ' * (entry.level - 1)}{entry.title} ({_place(entry.citation)})" for entry in guide.outline]
    yield from _listed("Outline", outline, width)
    yield from _listed("Questions that it answers", [line.text for line in guide.questions], width)


def _listed(title: str, lines: list[str], width: int) -> Iterator[list[str]]:
    if lines:
        wrapped = [
            textwrap.fill(line, width, initial_indent="  ", subsequent_indent="    ", drop_whitespace=True)
            if not line.startswith(" ")
            else f"  {line}"
            for line in lines
        ]
        yield ["", f"{title}:", *wrapped]


def _said(line: Line) -> str:
    return line.text if line.citation is None else f"{line.text} ({_place(line.citation)})"


def _place(citation: Citation) -> str:
    return page_name(citation.page, citation.label, citation.source)
