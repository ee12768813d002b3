"""What documents are called: the words of titles and file names that tell one from another, years, forms.

A word tells the more the fewer documents have it.

Source: Sparck Jones, A Statistical Interpretation of Term Specificity and Its Application in Retrieval, 1972.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import PurePath
from typing import Any

from rag.text import STOP_WORDS, fold, stem
from rag.types import Document

MAX_JOINED = 4  # words that a file name may write as one
_AND = frozenset({"and", "n"})
_REMEMBERED = 20_000  # labels: when a document comes or goes, those of all others stay as they are
_SHORT = 40  # characters of a title before its colon that name it alone
# Words that titles and file names have whatever they are of.
GENERIC = frozenset(
    "form annual quarterly interim monthly weekly report reports inc corp corporation co company companies ltd"
    " limited llc llp plc gmbh ag sa nv se group holding holdings commission securities exchange united states state"
    " statement statements filing filings filed earnings release proxy results financial fiscal year quarter ended"
    " document paper article book manual guide presentation slides slide deck brochure booklet table tables contents"
    " content chapter part module volume edition version final draft copy page pages print web online download new"
    " dated exhibit press info information full text pdf doc docx ppt pptx file scan scanned untitled microsoft word"
    " powerpoint title owner user main findings introduction overview summary january february march april may june"
    " july august september october november december survey study university institute international national"
    " research review journal proceedings conference vol no first second".split()
)
_FORMS = {
    "10k": re.compile(r"\b(?:form\s+)?10-?\s?k\b|\bannual\s+(?:report|filing)s?\b", re.I),
    "10q": re.compile(r"\b(?:form\s+)?10-?\s?q\b|\bquarterly\s+(?:report|filing)s?\b", re.I),
    "8k": re.compile(r"\b(?:form\s+)?8-?\s?k\b|\bcurrent\s+report\b", re.I),
    "20f": re.compile(r"\b(?:form\s+)?20-?\s?f\b", re.I),
    "earnings": re.compile(r"\bearnings\s+(?:release|report|call|presentation|announcement)s?\b", re.I),
    "proxy": re.compile(r"\bproxy\s+(?:statement|filing)s?\b", re.I),
    "manual": re.compile(r"\b(?:owner['’]?s|user['’]?s?|instruction)?\s*manual\b", re.I),
    "brochure": re.compile(r"\be?brochure\b", re.I),
    "prospectus": re.compile(r"\be?prospectus\b", re.I),
}
_NO_WORD = re.compile(r"(?:8|10|20)[kqf]|fy\d*|(?:[1-4]|\d{4})[qh]|[qhv]\d*|\d+v\d*")
_PIECE = re.compile(r"[^\W\d_]+|\d+[^\W\d_]+|\d+")
_PARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W_]+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SHORT_YEAR = re.compile(r"\bF?Y\s?['’]?(\d\d)(?!\d)", re.I)
_QUARTER = re.compile(r"(?<![^\W\d_])Q([1-4])(?!\d)|(?<!\d)([1-4])Q(?![^\W\d_])", re.I)
_NO_TITLE = re.compile(r"(?:about|contact)\b", re.I)  # a heading that was taken for a title
_JOINED_FORM = re.compile(r"(?<![^\W_])(8|10|20)(?=[KQF](?![^\W_]))", re.I)


@dataclass(frozen=True, slots=True)
class Label:
    """A document by what it is called."""

    id: str
    key: int
    name: str
    words: tuple[frozenset[str], ...]  # own words of the title, and of the file name
    phrases: tuple[str, ...]  # file name, its stem, the title, folded: said in full, each names it
    years: frozenset[str]
    quarters: frozenset[str]
    form: str


class Labels:
    """What the documents of a library are called, and how rare each word of it is."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.all = tuple(_label(d.id, d.key, d.name, d.title) for d in documents if d.state in {"searchable", "ready"})
        self._rarities: dict[str, float] = {}
        self.read: dict[str, Any] = {}  # what was read by these labels out of the last texts

    @cached_property
    def by_key(self) -> dict[int, Label]:
        """Return the documents by their catalog key."""
        return {label.key: label for label in self.all}

    @cached_property
    def by_id(self) -> dict[str, Label]:
        """Return the documents by their sha256."""
        return {label.id: label for label in self.all}

    @cached_property
    def _said_with(self) -> dict[str, tuple[int, ...]]:
        """Return the places of the documents that have a phrase with this run of letters, which is the rarest of it.

        A text in which the phrase stands holds the run; "" is of phrases that have none.
        """
        runs = [[runs_of(phrase) or [""] for phrase in label.phrases] for label in self.all]
        n_having = Counter(run for of_label in runs for run in {run for of_phrase in of_label for run in of_phrase})
        found: dict[str, list[int]] = {}
        for at, of_label in enumerate(runs):
            for run in {min(of_phrase, key=lambda run: (n_having[run], run)) for of_phrase in of_label}:
                found.setdefault(run, []).append(at)
        return {run: tuple(places) for run, places in found.items()}

    def may_be_said(self, text: str) -> list[Label]:
        """Return, in their order, the documents of which a phrase may stand in a text that `fold_same` gives."""
        places = {at for run in {"", *runs_of(text)} for at in self._said_with.get(run, ())}
        return [self.all[at] for at in sorted(places)]

    @cached_property
    def sets_having(self) -> dict[str, tuple[frozenset[str], ...]]:
        """Return the sets of words, of a title or of a name, that hold a word; many documents may have the same."""
        found: dict[str, list[frozenset[str]]] = {}
        for words in self._called:
            for word in words:
                found.setdefault(word, []).append(words)
        return {word: tuple(sets) for word, sets in found.items()}

    @cached_property
    def _called(self) -> dict[frozenset[str], tuple[int, ...]]:
        """Return the places of the documents that have these words for a title or a name."""
        found: dict[frozenset[str], list[int]] = {}
        for at, label in enumerate(self.all):
            for words in dict.fromkeys(label.words):
                found.setdefault(words, []).append(at)
        return {words: tuple(places) for words, places in found.items()}

    def called(self, sets: Iterable[frozenset[str]]) -> tuple[Label, ...]:
        """Return, in their order, the documents that have one of these sets of words for a title or a name."""
        return tuple(self.all[at] for at in sorted({at for words in sets for at in self._called.get(words, ())}))

    @cached_property
    def having(self) -> dict[str, tuple[Label, ...]]:
        """Return the documents whose title or name has a word; neighbouring words are also written as one."""
        found: dict[str, list[Label]] = {}
        for label in self.all:
            for word in frozenset().union(*label.words):
                found.setdefault(word, []).append(label)
        return {word: tuple(labels) for word, labels in found.items()}

    @cached_property
    def joined(self) -> dict[str, frozenset[str]]:
        """Return for words written as one the words that they are: a question may write "Bestbuy" for "Best Buy"."""
        found: dict[str, frozenset[str]] = {}
        for label in self.all:
            for phrase in label.phrases[1:]:
                words = [word for word in words_of(phrase) if stem(word) in self.having]
                for i in range(len(words)):
                    for j in range(i + 2, min(len(words), i + MAX_JOINED) + 1):
                        found.setdefault("".join(words[i:j]), frozenset(map(stem, words[i:j])))
        return found

    @cached_property
    def by_initials(self) -> dict[str, frozenset[str]]:
        """Return the two words that file names begin with by their initials: those with "and" between them first."""
        found: dict[str, frozenset[str]] = {}
        joined: dict[str, frozenset[str]] = {}
        for label in self.all:
            words = [word for word in words_of(PurePath(label.name).stem) if not word[0].isdigit()]
            pair = [word for word in words if word not in _AND][:2]
            initials = "".join(word[0].upper() for word in pair)
            own = frozenset(map(stem, pair)) & self.having.keys()
            if len(initials) == 2 and own:
                of = joined if words[1:2] and words[1] in _AND else found
                of.setdefault(initials, own)
        return found | joined

    def rarity(self, word: str) -> float:
        """Return how much a word tells: ln(1 + (N - n + .5) / (n + .5)) for n of N documents."""
        if word not in self._rarities:
            n = len(self.having.get(word, ()))
            self._rarities[word] = math.log(1 + (len(self.all) - n + 0.5) / (n + 0.5))
        return self._rarities[word]

    def mass(self, words: frozenset[str]) -> float:
        """Return how much words tell together."""
        known = self._masses.get(words)
        return self._mass(words) if known is None else known

    @cached_property
    def _masses(self) -> dict[frozenset[str], float]:
        return {words: self._mass(words) for words in self._called}

    def _mass(self, words: frozenset[str]) -> float:
        return sum(self.rarity(word) for word in sorted(words))


class _Same:
    """Documents that are the same only as themselves: to compare ten thousand takes longer than to look a word up."""

    def __init__(self, documents: tuple[Document, ...]) -> None:
        self.documents = documents

    def __hash__(self) -> int:
        return id(self.documents)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.documents is other.documents


def labels_of(documents: Sequence[Document]) -> Labels:
    """Return what the documents are called. The last few tuples of documents are remembered."""
    return _labels(_Same(documents if isinstance(documents, tuple) else tuple(documents)))


@lru_cache(maxsize=8)
def _labels(same: _Same) -> Labels:
    return Labels(same.documents)


@lru_cache(maxsize=256)
def forms_in(text: str) -> frozenset[str]:
    """Return the forms of documents that a text speaks of: "10k", "manual"."""
    return frozenset(form for form, said in _FORMS.items() if said.search(text))


def fold_same(text: str) -> str:
    """Return the text in small letters with plain quotes and dashes, each character in its place."""
    lowered = text.lower() if text.isascii() else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered.translate(_SAME)


def runs_of(text: str) -> list[str]:
    """Return the runs of letters and figures of a text."""
    return ["".join(run) for is_run, run in groupby(text, str.isalnum) if is_run]


_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "_": " "})


def words_of(text: str) -> list[str]:
    """Return the words of a name: parted where small letters meet great ones, figures kept with their letters."""
    return [piece.casefold() for part in _PARTS.split(text) for piece in _PIECE.findall(part)]


def own_words(text: str) -> frozenset[str]:
    """Return the words that tell a document from others; years and numbers are no such words, "3M" is."""
    found = {word for word in words_of(text) if not word.isdecimal() and word not in GENERIC and word not in STOP_WORDS}
    return frozenset(stem(w) for w in found if len(w) > 1 and not _NO_WORD.fullmatch(w))


@lru_cache(maxsize=_REMEMBERED)
def _label(id_: str, key: int, name: str, title: str) -> Label:
    stem_ = PurePath(name).stem
    is_hash = re.fullmatch(r"[0-9a-fA-F]{16,}", stem_) is not None
    named = "" if is_hash else stem_
    title = "" if title in {stem_, name} or _NO_TITLE.match(title) else title
    short_title = title.partition(":")[0] if 0 < title.find(":") <= _SHORT else ""
    years = set(_YEAR.findall(named)[:1]) or set(_YEAR.findall(title)) or {f"20{y}" for y in _SHORT_YEAR.findall(title)}
    more_years = {f"20{year}" for year in _SHORT_YEAR.findall(named)}
    quarters = {next(filter(None, match)) for match in _QUARTER.findall(named)}
    told = _JOINED_FORM.sub(r"\1-", f"{named} {title}").replace("_", " ")
    form = next((form for form, said in _FORMS.items() if said.search(told)), "")
    return Label(
        id=id_,
        key=key,
        name=name,
        words=tuple(words for words in (own_words(title), own_words(named), own_words(short_title)) if words),
        phrases=tuple(dict.fromkeys(filter(None, map(fold_same, map(fold, (name, named, title)))))),
        years=frozenset(years | more_years),
        quarters=frozenset(quarters),
        form=form,
    )
