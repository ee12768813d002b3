"""A passage on its way from the ranking to the hits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rag.retrieve.ranking import Candidate
from rag.types import Passage

TextOf = Callable[[str, int], str]  # document id, page number -> text of the page


@dataclass(frozen=True, slots=True)
class Pick:
    """A candidate with its passage, and the passages that say the same elsewhere."""

    candidate: Candidate
    passage: Passage
    twins: tuple[Passage, ...] = ()

    def with_twins(self, *more: Passage) -> Pick:
        """Return it with more twins; those that stand where another one stands, or it itself, are left out."""
        held = {_place(self.passage)}
        kept = []
        for twin in (*self.twins, *more):
            if _place(twin) not in held:
                held.add(_place(twin))
                kept.append(twin)
        return replace(self, twins=tuple(kept))


def _place(passage: Passage) -> tuple[str, int]:
    return passage.document_id, passage.spans[0].page
