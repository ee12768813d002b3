"""Whether a question compares documents: then hits of each are wanted, not those of the one that says it loudest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.retrieve.hints.asked import Shelf
from rag.retrieve.hints.documents import Named, named
from rag.retrieve.hints.labels import Label, forms_in, labels_of
from rag.retrieve.hints.periods import periods_in
from rag.types import Document, Hint

_COMPARES = re.compile(
    r"\b(?:compar(?:e[sd]?|ing|isons?|ed)|contrasts?|differ(?:s|ed|ences?|ent(?:ly)?)?|versus|vs\.?|both|either|each|between"
    r"|(?:more|less|fewer|higher|lower|larger|smaller|greater|better|worse|bigger|older|newer|faster|slower)\s+\w*\s*(?:than|in|at)"
    r"|which\s+(?:one\s+)?(?:of|has|had|is|was|company|document|report|paper|says?)|change[sd]?\s+(?:from|since|between)"
    r"|similar(?:ities|ity|ly)?|alike|same|agree|disagree|than|respectively)\b",
    re.I,
)
_JOINED = re.compile(r"(?:['’]s?)?\s*(?:,|&|and|or|nor|,\s*(?:and|or))\s+(?:(?:for|in|of|at|by)\s+)?(?:the\s+)?", re.I)
_EDITIONS = re.compile(
    r"\b(?:reports?|filings?|10-?ks?|10-?qs?|8-?ks?|editions?|versions?|papers?|documents?|manuals?|brochures?|proxy|prospectus"
    r"|releases?)\b",
    re.I,
)


def compared(
    question: str, hints: Sequence[Hint], documents: Sequence[Document], shelf: Shelf
) -> tuple[tuple[int, ...], ...]:
    """Return the catalog keys of the documents that are compared, a group for each side; empty when none are.

    Sides are documents of two names ("3M and Boeing"), or of one name and two years, where the question speaks of the
    documents ("the 2018 and the 2022 report of 3M"). Hints that the user took away are not among `hints`.
    """
    meant = {id_ for hint in hints if hint.kind == "document" for id_ in hint.values}
    if not meant:
        return ()
    told = named(question, labels_of(documents), shelf.share, periods_in(question))
    told = tuple(one for one in told if not meant.isdisjoint(label.id for label in one.best))
    if not _COMPARES.search(question) and not _are_joined(told, question):
        return ()
    sides = [tuple(label.key for label in one.best) for one in told]
    if len(told) == 1 and _EDITIONS.search(question):
        sides = _by_year(told[0], question)
    apart = [side for i, side in enumerate(sides) if all(set(side).isdisjoint(other) for other in sides[:i])]
    return tuple(apart) if len(apart) > 1 else ()


def _are_joined(told: Sequence[Named], question: str) -> bool:
    """Tell whether two names stand side by side: "3M and Boeing"."""
    return any(_JOINED.fullmatch(question[one.end : other.start]) for one, other in pairwise(told))


def _by_year(one: Named, question: str) -> list[tuple[int, ...]]:
    """Return the documents of one name by the years that are asked for, in the order in which they are."""
    forms = forms_in(question)
    sides: dict[str, list[Label]] = {}
    for year in dict.fromkeys(period[:4] for period in periods_in(question)):
        of_year = [label for label in (*one.best, *one.others) if year in label.years]
        found = [label for label in of_year if label.form in forms] or of_year
        if found:
            sides[year] = found
    return [tuple(label.key for label in labels) for labels in sides.values()]
