"""The thin strip in a row of the Library: how the pages of a document were read, at a glance.

A document that was read does not change any more, so its strip is made once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag import Library
from rag.index.reports import Reports
from rag.report import READ, SAID, PageState, percent, strip
from rag.types import Document
from ui.words import count_words

_MOST = 100  # runs in a strip: more could not be told apart


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip as HTML, and how much of the document was read, in a few words."""

    html: str
    words: str


def add_strips(strips: dict[int, Strip], library: Library, documents: Sequence[Document]) -> None:
    """Add the strips of documents, by key, as far as they can be read and are not there yet: one query for all."""
    missing = [d for d in documents if d.state in {"searchable", "ready"} and d.key not in strips]
    if missing:
        states = Reports(library.catalog).states(missing)
        strips |= {key: Strip(strip_html(pages), coverage_words(pages)) for key, pages in states.items()}


def coverage_words(states: Sequence[PageState]) -> str:
    """Return how much of a document was read, in a few words."""
    counts = Counter(states)
    n_read, n_holding = sum(counts[state] for state in READ), len(states) - counts["empty"]
    share = percent(n_read, n_holding)
    if share is None:
        return "nothing to read"
    n_missing = n_holding - n_read
    return f"{share} % read" + (f" · {count_words(n_missing, 'page')} not read" if n_missing else "")


def strip_html(states: Sequence[PageState]) -> str:
    """Return the strip as a picture with a name: its pages by state, each as wide as it has pages."""
    counts = Counter(states)
    named = "; ".join(f"{count_words(counts[state], 'page')}: {said}" for state, said in SAID.items() if counts[state])
    runs = "".join(f'<i class="{state}" style="flex:{n}"></i>' for state, n in strip(states, _MOST))
    return f'<div class="fn-strip" role="img" aria-label="{named}" title="{named}">{runs}</div>'
