"""Ranked candidates to the k that become hits: doubles folded, neighbours merged, compared documents in turn.

k counts passages as they are shown, so what is folded or merged makes room for the next one. What repeats a hit is
looked for some way beyond them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.retrieve.ranking import Candidate
from rag.retrieve.shaping.diversity import in_turn
from rag.retrieve.shaping.folding import Folder
from rag.retrieve.shaping.merging import merge_neighbours
from rag.retrieve.shaping.picks import Pick, TextOf
from rag.types import Passage

N_LOOKED_AT = 100  # candidates that may be the twin of a hit; more are looked at when k asks for them

PassagesOf = Callable[[Sequence[int]], Sequence[Passage]]  # ids -> passages; those that are gone are left out


@dataclass(frozen=True, slots=True)
class Shaper:
    """Makes picks of candidates.

    Args:
        passages: reads passages by their ids.
        text_of: reads the text of a page.
    """

    passages: PassagesOf
    text_of: TextOf

    def shape(
        self, candidates: Sequence[Candidate], k: int, *, compared: Sequence[Sequence[Candidate]] = ()
    ) -> list[Pick]:
        """Return up to k picks, best first.

        Args:
            compared: the candidates of each document that the question compares, best first; with two or more, their
                picks are taken in turn, and others only when these are used up.
        """
        groups = [self._picks(group, k) for group in compared]
        if sum(map(bool, groups)) < 2:
            return self._picks(candidates, k)
        chosen = in_turn(groups, k)
        if len(chosen) < k:
            taken = {candidate.id for group in compared for candidate in group}
            chosen += self._picks([c for c in candidates if c.id not in taken], k - len(chosen))
        return chosen

    def _picks(self, candidates: Sequence[Candidate], k: int) -> list[Pick]:
        """Return up to k picks: look at some candidates, and on while there are fewer."""
        folder, picks = Folder(), list[Pick]()
        step = max(N_LOOKED_AT, k)
        for first in range(0, len(candidates), step):
            some = {candidate.id: candidate for candidate in candidates[first : first + step]}
            for passage in self.passages(list(some)):
                folder.add(Pick(some[passage.id], passage))
            picks = merge_neighbours(folder.kept, self.text_of, k=k)
            if len(picks) >= k:
                break
        return picks
