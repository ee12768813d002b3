"""Boilerplate that recurs: passages that say the same are folded into the best of them. Pure.

Two passages say the same when their texts are equal up to case, spacing, quotes and dashes; or when nearly all their
runs of three words are, with the same figures, names and denials in the same order. A figure, a name or a "not" is what
tells two reports apart, however much they have in common otherwise.

Source: Broder, On the Resemblance and Containment of Documents, 1997 (shingles).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from rag.retrieve.shaping.picks import Pick
from rag.text import fold, words
from rag.types import Passage

RUN = 3  # words of a shingle
ALIKE = 0.9  # share of the shingles of both together that both hold, from which they say the same
LEAST = 40  # characters without spaces: less says the same in many places, and means what stands around it
_FIGURE = re.compile(r"[-–−(]?\d[\d.,]*")  # with what makes it negative
_WORD = re.compile(r"\w+")
_DENIALS = frozenset("not no nor never none neither without cannot hardly".split())


class Form:
    """A passage as it is compared; what is costly is made when it is needed first."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.figures = _FIGURE.findall(passage.text)
        self.length = len(passage.text) - passage.text.count(" ")

    @cached_property
    def key(self) -> str:
        """Return its text, folded, without spaces."""
        return "".join(fold(self.passage.text).split())

    @cached_property
    def telling(self) -> list[str]:
        """Return its names and denials."""
        return [word for word in _WORD.findall(self.passage.text) if word != word.lower() or word in _DENIALS]

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        """Return its runs of words."""
        said = words(self.passage.text)
        return frozenset(tuple(said[i : i + RUN]) for i in range(len(said) - RUN + 1))

    def says_the_same(self, other: Form) -> bool:
        """Tell whether two passages say the same; rows of tables only when their tables are called the same."""
        mine, theirs = self.passage, other.passage
        shorter, longer = sorted((self.length, other.length))
        if shorter < LEAST or shorter < ALIKE * longer:
            return False
        if self.figures != other.figures or mine.kind != theirs.kind or fold(mine.title) != fold(theirs.title):
            return False
        if self.key == other.key:
            return True
        return self.telling == other.telling and self._is_alike(other)

    def _is_alike(self, other: Form) -> bool:
        n_mine, n_theirs = len(self.shingles), len(other.shingles)
        if not n_mine or not n_theirs or min(n_mine, n_theirs) < ALIKE * max(n_mine, n_theirs):
            return False  # they cannot have so many in common
        n_shared = len(self.shingles & other.shingles)
        return n_shared >= ALIKE * (n_mine + n_theirs - n_shared)


def fold_twins(picks: Sequence[Pick]) -> list[Pick]:
    """Return the picks, best first, without those that repeat a better one, which keeps where they stand."""
    folder = Folder()
    for pick in picks:
        folder.add(pick)
    return folder.kept


class Folder:
    """Takes picks, best first, and keeps those that repeat no better one."""

    def __init__(self) -> None:
        self.kept: list[Pick] = []
        self._forms: dict[tuple[str, ...], list[tuple[int, Form]]] = {}  # by their figures, with their place in `kept`

    def add(self, pick: Pick) -> None:
        """Keep a pick, or note where it stands beside the one that it repeats."""
        form = Form(pick.passage)
        others = self._forms.setdefault(tuple(form.figures), [])
        same = next((at for at, other in others if other.says_the_same(form)), None)
        if same is None:
            others.append((len(self.kept), form))
            self.kept.append(pick)
        else:
            self.kept[same] = self.kept[same].with_twins(pick.passage, *pick.twins)
