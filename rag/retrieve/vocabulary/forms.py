"""Other forms of a question's words that the documents really hold.

Hyphens: "data-set", "data set", "dataset". Plurals that no ending tells: "criteria", "criterion". Spellings of two
shores: "colour", "color". The endings of regular forms are the word index's own business: it holds stems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.retrieve.vocabulary.sources import Index, Texts, texts_with
from rag.text import STOP_WORDS
from rag.types import Expansion

_IRREGULAR = (
    "child children,man men,woman women,foot feet,tooth teeth,mouse mice,goose geese,ox oxen,"
    "wife wives,knife knives,half halves,shelf shelves,thief thieves,loaf loaves,wolf wolves,"
    "criterion criteria,phenomenon phenomena,bacterium bacteria,curriculum curricula,"
    "memorandum memoranda,addendum addenda,erratum errata,stratum strata,spectrum spectra,"
    "index indices indexes,appendix appendices appendixes,matrix matrices,vertex vertices,vortex vortices,"
    "analysis analyses,crisis crises,thesis theses,hypothesis hypotheses,synthesis syntheses,"
    "diagnosis diagnoses,prognosis prognoses,axis axes,oasis oases,parenthesis parentheses,ellipsis ellipses,"
    "nucleus nuclei,stimulus stimuli,fungus fungi,radius radii,alumnus alumni,syllabus syllabi,focus foci,"
    "formula formulae formulas,larva larvae,alga algae,vertebra vertebrae,antenna antennae,nova novae"
)
_TOGETHER = {
    word: tuple(other for other in group.split() if other != word)
    for group in _IRREGULAR.split(",")
    for word in group.split()
}
_OUR = "(behavi|col|endeav|fav|flav|harb|hon|hum|lab|neighb|rum|sav|tum|vap|vig)"
_SHORES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"{_OUR}our", r"\1or"),
        (rf"{_OUR}or", r"\1our"),
        (r"(?<=\w{4})is(e|ed|es|er|ers|ing|ation|ations)$", r"iz\1"),
        (r"(?<=\w{4})iz(e|ed|es|er|ers|ing|ation|ations)$", r"is\1"),
        (r"ys(e|ed|er|ers|ing)$", r"yz\1"),
        (r"yz(e|ed|er|ers|ing)$", r"ys\1"),
        (r"(cent|met|lit|fib|theat|calib)re(s|d)?$", r"\1er\2"),
        (r"(cent|met|lit|fib|theat|calib)er(s|ed)?$", r"\1re\2"),
        (r"(anal|catal|dial|monol|prol)ogue", r"\1og"),
        (r"(anal|catal|dial|monol)og(s?)$", r"\1ogue\2"),
        (r"(defen|licen|offen|preten)ce", r"\1se"),
        (r"(defen|licen|offen)se", r"\1ce"),
        (r"([aeiou][^aeiou]+[aeiou]l)l(ed|ing|er|ers)$", r"\1\2"),
        (r"([aeiou][^aeiou]+[aeiou]l)(ed|ing|er|ers)$", r"\1l\2"),
        (r"^programme", "program"),
        (r"^program(s?)$", r"programme\1"),
        (r"^aluminium$", "aluminum"),
        (r"^aluminum$", "aluminium"),
        (r"^tyre", "tire"),
        (r"^grey", "gray"),
        (r"^gray", "grey"),
        (r"^judgement", "judgment"),
        (r"^judgment", "judgement"),
        (r"^ageing", "aging"),
        (r"^aging", "ageing"),
        (r"^sulph", "sulf"),
        (r"^sulf", "sulph"),
        (r"aem", "em"),
        (r"aesth", "esth"),
        (r"^paed", "ped"),
        (r"^oe", "e"),
        (r"^mould", "mold"),
        (r"^mold", "mould"),
        (r"^plough", "plow"),
    )
)
# First halves that are written apart, with a hyphen and together, though the whole is known too.
_LOOSE = frozenset("e non pre post multi anti sub self semi inter intra micro mini off web data data life long".split())
_AFTER = frozenset("up off out in on down over under back time".split())  # a small word may be a second half
_MIN_WHOLE, _MIN_HALF = 5, 3  # letters
_N_CUTS = 3  # that are looked for in the texts
_WORD = re.compile(r"(?<![\w@])[A-Za-z]+(?:-[A-Za-z]+)*(?![\w@])")


def forms(query: str, index: Index, texts: Texts, documents: Sequence[int] | None = None) -> list[Expansion]:
    """Return the other forms of a query's words which these documents, or all, hold."""
    words = [match.group() for match in _WORD.finditer(query)]
    offers = [*_joined(query, words), *((word, other) for word in words for other in other_spellings(word.lower()))]
    held = _held([other for _, other in offers], index, documents)
    asked = set(index.terms_of([word.lower() for word in words if word.isalpha()]))
    found: dict[str, list[str]] = {}
    for said, other in offers:
        if held.get(other) and held[other] not in asked:
            found.setdefault(said, []).append(other)
    for word in words:
        if (
            word.isalpha()
            and word.lower() not in STOP_WORDS
            and (apart := _apart(word.lower(), index, texts, documents))
        ):
            found.setdefault(word, []).append(apart)
    return [Expansion(said, tuple(dict.fromkeys(others)), "form") for said, others in found.items()]


def other_spellings(word: str) -> list[str]:
    """Return irregular plurals or singulars of a word in lower case, and its spelling on the other shore."""
    if len(word) < _MIN_HALF or not word.isalpha():
        return []
    shores = [pattern.sub(replacement, word) for pattern, replacement in _SHORES if pattern.search(word)]
    return [other for other in dict.fromkeys((*_TOGETHER.get(word, ()), *shores)) if other != word]


def _joined(query: str, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands with a hyphen or a space, with the same written together."""
    for word in words:
        if "-" in word:
            yield word, word.replace("-", "").lower()
    for first, second in pairwise(words):
        said = f"{first} {second}"
        is_joinable = second.lower() in _AFTER or second.lower() not in STOP_WORDS
        if "-" not in said and said in query and is_joinable and first.lower() not in STOP_WORDS:
            yield said, (first + second).lower()


def _held(words: Sequence[str], index: Index, documents: Sequence[int] | None) -> dict[str, str]:
    """Return those of the words that the documents hold, with their terms."""
    term_of = dict(zip(words, index.terms_of(words), strict=True)) if words else {}
    known = index.known(sorted(set(term_of.values()))) if term_of else set()
    known = index.known(sorted(known), documents) if known and documents is not None else known
    return {word: term for word, term in term_of.items() if term in known}


def _apart(word: str, index: Index, texts: Texts, documents: Sequence[int] | None) -> str | None:
    """Return a word as the documents write it in two: "dataset" as "data set". Looked for in their texts."""
    if len(word) < _MIN_WHOLE:
        return None
    cuts = [(word[:at], word[at:]) for at in range(1, len(word) - _MIN_HALF + 1)]
    loose = [cut for cut in cuts if cut[0] in _LOOSE]
    if index.known(index.terms_of([word])):  # by any document: what is a word is seldom written in two
        cuts = loose
    else:
        cuts = [*loose, *(cut for cut in cuts if len(cut[0]) >= _MIN_HALF and cut[0] not in _LOOSE)]
    if not cuts:
        return None
    halves = {half for cut in cuts for half in cut}
    held = _held(sorted(halves), index, documents)
    likely = [cut for cut in cuts if cut[0] in held and cut[1] in held]
    rarity = index.idf([held[half] for cut in likely for half in cut], documents) if likely else {}
    likely.sort(key=lambda cut: max(rarity[held[half]] for half in cut))
    for first, second in likely[:_N_CUTS]:
        pattern = re.compile(rf"\b{first}[- ]{second}", re.I)
        if any(pattern.search(text) for text in texts_with([held[first], held[second]], index, texts, documents)):
            return f"{first} {second}"
    return None
