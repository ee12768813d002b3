"""A question to hints: what it says of where its answer stands. Rules, in an order in which none reads what is read.

quoted titles and sections  ->  phrases  ->  periods  ->  documents  ->  parts  ->  pages
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rag.retrieve.hints.asked import Keys, Shelf, Text, hint
from rag.retrieve.hints.documents import Named, named
from rag.retrieve.hints.labels import labels_of
from rag.retrieve.hints.pages import read_pages
from rag.retrieve.hints.parts import read_parts
from rag.retrieve.hints.periods import periods_in, read_periods
from rag.retrieve.hints.phrases import read_phrases
from rag.retrieve.hints.sections import read_sections
from rag.retrieve.ignoring import is_ignored
from rag.types import Document, Hint

_EXAMPLE = re.compile(r"\[[^\]]{0,200}\]")  # "a list like ['2006', '2007']" tells how to answer
_ORDER = ("document", "period", "page", "section", "part", "phrase")


def read_hints(
    question: str,
    documents: Sequence[Document],
    shelf: Shelf,
    *,
    keys: Keys | None = None,
    ignored: Collection[str] = (),
) -> tuple[Hint, ...]:
    """Return what a question says of where its answer stands: documents first, then periods, pages, parts, phrases.

    Args:
        documents: those that are looked in; of a single one no document hint is read.
        keys: their catalog keys; None: they are all that there are.
        ignored: what the user took away: see `is_ignored`.
    """
    text = Text(question)
    for match in list(text.finditer(_EXAMPLE)):
        text.take(*match.span())
    told = named(question, labels_of(documents), shelf.share, periods_in(text.left), left=text.left)
    for one in told:
        text.take(one.start, one.end)
    found = [_document(one) for one in told]
    found = [hint_ for hint_ in found if not is_ignored(hint_, ignored)]
    meant = {id_ for hint_ in found for id_ in hint_.values}
    asked = [document for document in documents if document.id in meant] if meant else []
    keys = [document.key for document in asked] or keys
    found += read_sections(text, keys, shelf)
    found += read_phrases(text)
    found += read_periods(text)
    found += read_parts(text, keys, shelf)
    found += read_pages(text, asked or documents, shelf)
    kept = {hint_.key: hint_ for hint_ in found if not is_ignored(hint_, ignored)}
    flat = " ".join(question.split())
    return tuple(sorted(kept.values(), key=lambda hint_: (_ORDER.index(hint_.kind), flat.find(hint_.said))))


def _document(one: Named) -> Hint:
    """Return the hint for documents of one name."""
    ids = [label.id for label in one.best]
    if len(ids) == 1:
        return hint("document", one.said, one.best[0].name, ids)
    return hint("document", one.said, f"{one.by} ({len(ids)} documents)", ids)
