"""Whether anything else answers a question: elsewhere in its document, elsewhere in the library. Pure.

A question that several places answer differently is no question of an exam; a page that answers it the same is right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from rag.exam.candidates import Candidate
from rag.exam.cells import all_cells, period_of
from rag.exam.items import GAP
from rag.guide.reading import Reading, Sentence
from rag.text import STOP_WORDS, fold, stem, words
from rag.types import Document

MOST_PAGES = 3  # that may hold an answer: with more, hitting one says little
_BE = re.compile(r" (?:is|are|was|were)\b")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_HEX = re.compile(r"[0-9a-f]{10,}", re.I)
_VOWEL = re.compile(r"[aeiouy]", re.I)
_LONGEST_TITLE = 12  # words


class Doubts:
    """What a document says elsewhere."""

    def __init__(self, reading: Reading) -> None:
        self._sentences = reading.sentences
        self._holding: dict[str, set[int]] = defaultdict(set)
        for sentence in self._sentences:
            for key in _stems(sentence.text):
                self._holding[key].add(sentence.number)
        self._values: dict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)
        for label, heading, value, page in all_cells(reading):
            self._values[fold(label), period_of(heading)].add((fold(value), page))

    def settled(self, candidate: Candidate) -> Candidate | None:
        """Return a candidate with all pages that answer it; None where some answer otherwise, or too many do."""
        if candidate.kind == "heading":
            return candidate
        others = [self._sentences[i] for i in self._saying(candidate)]
        pages = {candidate.page} | {s.page for s in others if _says(candidate, s.text)}
        if candidate.kind == "table":
            label, _, period = candidate.alike.rpartition(" | ")
            said = self._values[label, period_of(period)]
            if len({value for value, _ in said}) > 1:
                return None
            pages |= {page for _, page in said}
        elif candidate.kind == "definition":
            said_to_be = [s for s in others if _BE.match(fold(s.text).removeprefix(fold(candidate.subject)))]
            if len(said_to_be) > 1:
                return None
        elif any(self._may_differ(candidate, s) for s in others):
            return None
        return replace(candidate, pages=tuple(sorted(pages))) if len(pages) <= MOST_PAGES else None

    def _saying(self, candidate: Candidate) -> set[int]:
        """Return the sentences and rows that hold all words of a question; of a cell's question those of its label."""
        text = candidate.subject if candidate.kind == "table" else candidate.question.replace(GAP, " ")
        keys = _stems(text)
        return set.intersection(*(self._holding.get(key, set()) for key in keys)) if keys else set()

    @staticmethod
    def _may_differ(candidate: Candidate, sentence: Sentence) -> bool:
        own = candidate.spans[0]
        if sentence.page == own.page and fold(candidate.answer) in fold(sentence.text):
            return False
        return fold(candidate.answer) not in fold(sentence.text)


def _says(candidate: Candidate, text: str) -> bool:
    """Tell whether a text holds the answer; of a cell its number is enough: "(237)" is said as "$237 million"."""
    if candidate.kind != "table":
        return fold(candidate.answer) in fold(text)
    return bool(set(_NUMBER.findall(candidate.answer)) & set(_NUMBER.findall(text)))


def _stems(text: str) -> set[str]:
    asks = {"what", "does", "did", "do", "how", "many", "much", "percentage", "share"}
    return {stem(word) for word in words(text) if word not in STOP_WORDS and word not in asks}


# ------------------------------------------------------------------------------------------- the whole library


def name_in_question(document: Document, titles: Collection[str]) -> str | None:
    """Return how a question may call a document: by its file's name if that is made of words, else by its title.

    `titles` are those of all documents. None where neither says anything, or the title is not its own.
    """
    parts = [part for part in re.split(r"[\s_.,()-]+", re.sub(r"\.pdf$", "", document.name, flags=re.I)) if part]
    said = [part for part in parts if not (part.isdigit() and len(part) > 4)]
    wordy = [part for part in said if part.isalpha() and len(part) > 2 and _VOWEL.search(part)]
    mixed = [part for part in said if _HEX.fullmatch(part) or (len(part) > 8 and any(c.isdigit() for c in part))]
    if wordy and not mixed and len(said) <= 9:
        return " ".join(said)
    title = re.split(r"[:!?]\s", " ".join(document.title.split()))[0].strip(" .")
    is_own = sum(fold(other) == fold(document.title) for other in titles) == 1
    is_wordy = sum(part.isalpha() for part in title.split()) >= max(1, len(title.split()) - 2)
    return title if is_own and is_wordy and 1 <= len(title.split()) <= _LONGEST_TITLE else None


def with_name(question: str, name: str) -> str:
    """Return a question that says which document it means."""
    if question.startswith("What does the section on "):
        return f"{question.removesuffix(' say?')} in {name} say?"
    first, _, rest = question.partition(" ")
    begins = first.lower() if first in _OPENERS else first
    return f"According to {name}, {begins} {rest}"


_OPENERS = frozenset(
    "What Who Where When Why How By Are Is Which In The A An Our We Each All Most Some Any There At On As For From If"
    " While Under During Both Many Other".split()
)


def subjects_in(texts: Iterable[str], subjects: Collection[str]) -> set[str]:
    """Return those subjects, folded, that stand in any of these texts."""
    left = set(subjects)
    for text in texts:
        folded = fold(text)
        left -= {subject for subject in left if subject in folded}
        if not left:
            break
    return set(subjects) - left
