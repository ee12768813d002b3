"""What documents are called: the words of titles and file names that tell one from another, years, forms.

A word tells the more the fewer documents have it.

Source: Sparck Jones, A Statistical Interpretation of Term Specificity and Its Application in Retrieval, 1972.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import PurePath

from rag.text import STOP_WORDS, fold, stem
from rag.types import Document

MAX_JOINED = 4  # words that a file name may write as one
_AND = frozenset({"and", "n"})
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

    def __init__(self, documents: Sequence[tuple[str, int, str, str]]) -> None:
        self.all = tuple(_label(*document) for document in documents)

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
        n = len(self.having.get(word, ()))
        return math.log(1 + (len(self.all) - n + 0.5) / (n + 0.5))


def labels_of(documents: Sequence[Document]) -> Labels:
    """Return what the documents are called. The last few libraries are remembered."""
    return _labels(tuple((d.id, d.key, d.name, d.title) for d in documents if d.state in {"searchable", "ready"}))


@lru_cache(maxsize=8)
def _labels(documents: tuple[tuple[str, int, str, str], ...]) -> Labels:
    return Labels(documents)


def forms_in(text: str) -> frozenset[str]:
    """Return the forms of documents that a text speaks of: "10k", "manual"."""
    return frozenset(form for form, said in _FORMS.items() if said.search(text))


def fold_same(text: str) -> str:
    """Return the text in small letters with plain quotes and dashes, each character in its place."""
    lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered.translate(_SAME)


_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "_": " "})


def words_of(text: str) -> list[str]:
    """Return the words of a name: parted where small letters meet great ones, figures kept with their letters."""
    return [piece.casefold() for part in _PARTS.split(text) for piece in _PIECE.findall(part)]


def own_words(text: str) -> frozenset[str]:
    """Return the words that tell a document from others; years and numbers are no such words, "3M" is."""
    found = {word for word in words_of(text) if not word.isdecimal() and word not in GENERIC and word not in STOP_WORDS}
    return frozenset(stem(w) for w in found if len(w) > 1 and not _NO_WORD.fullmatch(w))


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
