"""A question's word that the index does not know, repaired by the index's own words.

Never repaired: what some document of the library writes, English words, numbers, acronyms; and a name only to a name
that the documents write nearly so. A question that is not English is left alone.

Source: Damerau, A Technique for Computer Detection and Correction of Spelling Errors, 1964; Kernighan, Church and
Gale, A Spelling Correction Program Based on a Noisy Channel Model, 1990 (what is common, times what is easily
mistyped).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from rag.retrieve.ignoring import keeps_word
from rag.retrieve.vocabulary.sources import Index, Texts, uses_of
from rag.text import STOP_WORDS

_MIN_LETTERS = 4
_LONG = 8  # letters from which two errors are repaired
_MAX_LETTERS = 24
_MAX_ENDING = 7  # letters that a stem may lack
_N_TRIED = 3  # candidates that are looked for in the texts
_SHORT = 5  # letters: words of so many or fewer have many neighbours
_FREQUENT = {4: 8, 5: 5, 6: 3}  # letters, and uses in a few texts of a name to which another is repaired; else 2
_COMMON = 4.5  # how rare, as ln(1 / share of the passages), a word may be to which a short one is repaired
_VOWELS = "aeiouy"
_WORD = re.compile(r"(?<![\w@./&-])[A-Za-z]+(?![\w@/&]|\.\w)")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What inflects an English word, with what stood in its place; what makes another word of one of five letters or more.
_INFLECTED = (
    ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y"), ("ing", ""), ("ing", "e"), ("ly", ""),
    ("er", ""), ("er", "e"), ("ers", ""), ("ers", "e"), ("est", ""), ("est", "e"), ("ier", "y"), ("iest", "y"),
    ("ily", "y"), ("ness", ""), ("iness", "y"),
)  # fmt: skip
_DERIVED = (
    ("or", ""), ("or", "e"), ("ors", ""), ("less", ""), ("ful", ""), ("able", ""), ("able", "e"), ("ible", ""),
    ("ability", "able"), ("ment", ""), ("ments", ""), ("ism", ""), ("ist", ""), ("ists", ""), ("ity", ""), ("ity", "e"),
    ("al", ""), ("al", "e"), ("ally", ""), ("ally", "al"), ("ic", ""), ("ical", "y"), ("ish", ""), ("ize", ""),
    ("ized", ""), ("izing", ""), ("ise", ""), ("ised", ""), ("ising", ""), ("ation", ""), ("ation", "e"),
    ("ations", "e"), ("ion", ""), ("ion", "e"), ("ions", ""), ("ions", "e"), ("ive", ""), ("ive", "e"), ("hood", ""),
    ("ship", ""), ("like", ""), ("wise", ""), ("ward", ""), ("age", ""), ("ian", ""), ("an", "a"), ("ous", ""),
    ("y", ""),
)  # fmt: skip
_GROWN = (
    *"e s es ed d er ers r rs y ly ing ings ies ied al ally ment ments ation ations ational ion ions ional".split(),
    *"ity ities ive ives ness able ably ful fully ous ously ism isms ist ists ant ants ance ances ence".split(),
    *"ences ent ents ic ical ically or ors ize ized izes izing ization ise ised ises ising isation".split(),
    *"ively ary ate ated ating ication ications ics ement ements ality alities ered ering".split(),
)  # endings that a stem may have lost
_OPENINGS = tuple("un re non dis mis pre post over under out sub super inter anti counter multi micro macro".split())


@dataclass(frozen=True, slots=True)
class _Candidate:
    word: str  # in lower case
    term: str
    rarity: float
    score: float


def repair(
    query: str,
    index: Index,
    texts: Texts,
    lexicon: Collection[str],
    documents: Sequence[int] | None = None,
    *,
    ignored: Collection[str] = (),
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the query with its misspelt words repaired, and the pairs (typed, searched for).

    Args:
        ignored: what the user took away; words that are to stay as they were typed are among it: see `keeps_word`.
    """
    tokens = list(_WORD.finditer(query))
    if not lexicon or not _is_english([match.group() for match in tokens], lexicon):
        return query, ()
    speller = Speller(index, texts, lexicon, documents)
    repaired, pairs, at = "", [], 0
    for match in _doubtful(tokens, index, lexicon):
        word = speller.best(match.group(), is_first=match.start() == tokens[0].start())
        if word is not None and not keeps_word(match.group(), ignored):
            repaired += query[at : match.start()] + word
            pairs.append((match.group(), word))
            at = match.end()
    return repaired + query[at:], tuple(dict.fromkeys(pairs))


def _is_english(words: Sequence[str], lexicon: Collection[str]) -> bool:
    n_known = sum(word.lower() in STOP_WORDS or word.lower() in lexicon for word in words)
    return 2 * n_known >= len(words)


def _doubtful(tokens: Sequence[re.Match[str]], index: Index, lexicon: Collection[str]) -> list[re.Match[str]]:
    """Return the words that neither English nor any document knows."""
    strange = [m for m in tokens if _may_be_misspelt(m.group()) and not is_word(m.group().lower(), lexicon)]
    terms = index.terms_of([match.group().lower() for match in strange]) if strange else []
    known = index.known(terms)
    return [match for match, term in zip(strange, terms, strict=True) if term not in known]


def _may_be_misspelt(word: str) -> bool:
    return _MIN_LETTERS <= len(word) <= _MAX_LETTERS and (word[1:].islower())


def is_word(word: str, lexicon: Collection[str]) -> bool:
    """Tell whether a word in lower case is English, or is made of an English one by endings or an opening."""
    if word in STOP_WORDS or word in lexicon or _is_inflected(word, lexicon):
        return True
    for opening in _OPENINGS:
        rest = word.removeprefix(opening)
        if len(rest) > 3 and rest != word and (rest in lexicon or _is_inflected(rest, lexicon)):
            return True
    return any(  # "shipbuilding", "headcount"
        word[:at] in lexicon and (word[at:] in lexicon or word[at:].removesuffix("s") in lexicon)
        for at in range(4, len(word) - 4)
    )


def _is_inflected(word: str, lexicon: Collection[str]) -> bool:
    for endings, least in ((_INFLECTED, 4), (_DERIVED, 5)):
        for ending, base in endings:
            root = word.removesuffix(ending)
            if root == word or len(root) + len(base) < least:
                continue
            if root + base in lexicon or (not base and root[-1] == root[-2:-1] and root[:-1] in lexicon):
                return True
    return False


@dataclass(frozen=True, slots=True)
class Speller:
    """Finds the word of some documents that a word was meant to be."""

    index: Index
    texts: Texts
    lexicon: Collection[str]
    documents: Sequence[int] | None

    def best(self, typed: str, *, is_first: bool = False) -> str | None:
        """Return the repaired word, with the capitals as typed; None when there is none that is likely."""
        word, may_be_name = typed.lower(), typed[0].isupper()
        is_name = may_be_name and not is_first
        found = self._best([c for c in self._one_error(word) if self._is_likely(word, c)], as_name=is_name)
        if found is None and len(word) >= _LONG and not is_name:
            found = self._best(self._two_errors(word), as_name=False)
        return found.capitalize() if found and may_be_name else found

    def _best(self, candidates: Sequence[_Candidate], *, as_name: bool) -> str | None:
        ranked = sorted(candidates, key=lambda c: (-c.score, c.word))[:_N_TRIED]
        return next((c.word for c in ranked if self._is_written(c, as_name=as_name)), None)

    def _one_error(self, word: str) -> list[_Candidate]:
        """Return the words one slip away of which the documents hold a form."""
        return self._held({edit: likeliness(word, edit) for edit in _edits(word)})

    def _two_errors(self, word: str) -> list[_Candidate]:
        """Return the words two slips away, with the same first letter, of which the documents hold a form."""
        near = {}
        for term, _ in self.index.terms_from(word[0], self.documents):
            if len(term) >= max(len(word) - _MAX_ENDING, _MIN_LETTERS) and term.isalpha():
                for grown in _grown(term, len(word) - 2, len(word) + 2):
                    if OSA.distance(grown, word, score_cutoff=2) <= 2:
                        near[grown] = 0.0
        return self._held(near)

    def _held(self, likely: Mapping[str, float]) -> list[_Candidate]:
        words = sorted(likely)
        of_word = {word: term for word, term in zip(words, self.index.terms_of(words), strict=True) if term}
        known = self.index.known(list(dict.fromkeys(of_word.values())))
        if self.documents is not None and known:
            known = self.index.known(sorted(known), self.documents)
        rarity = self.index.idf(sorted(known), self.documents) if known else {}
        return [
            _Candidate(word, term, rarity[term], likely[word] - rarity[term] + (word in self.lexicon))
            for word, term in of_word.items()
            if term in known
        ]

    def _is_likely(self, typed: str, candidate: _Candidate) -> bool:
        """Tell whether a slip is likelier than that the typed word is right: a short word has many neighbours."""
        kind, at = _slip(typed, candidate.word)
        if kind in {"swapped", "doubled"} or at == 0:
            return at > 0 or kind == "swapped"
        if len(typed) > _SHORT:
            return True
        is_common = candidate.word in self.lexicon and candidate.rarity < _COMMON
        return len(typed) == _SHORT and (is_common or kind == "left out")

    def _is_written(self, candidate: _Candidate, *, as_name: bool) -> bool:
        """Tell whether the documents write the candidate; `as_name`: with a capital, and more than once."""
        if candidate.word in STOP_WORDS:
            return not as_name
        every = uses_of(candidate.term, self.index, self.texts, self.documents)
        uses = every.get(candidate.word)
        if not as_name:
            one = candidate.word.removesuffix("s")
            return any(word in every or word in self.lexicon for word in (candidate.word, one, one + "s"))
        least = _FREQUENT.get(len(candidate.word), 2)
        return uses is not None and uses.n >= least and 2 * uses.n_capital > uses.n_within


def _grown(term: str, least: int, most: int) -> Iterator[str]:
    """Yield the words of so many letters that may have lost their ending to become a term."""
    stems = [term]
    if term[-1] == "i":
        stems.append(term[:-1] + "y")
    elif term[-1] not in "aeiouy":
        stems.append(term + term[-1])
    for stem in stems:
        if least <= len(stem) <= most:
            yield stem
        for ending in _GROWN:
            if least <= len(stem) + len(ending) <= most:
                yield stem + ending


def _edits(word: str) -> set[str]:
    """Return all that is one slip away: a letter left out, too many, wrong, or two in the wrong order."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    left_out = {a + letter + b for a, b in cuts for letter in _LETTERS}
    too_many = {a + b[1:] for a, b in cuts if b}
    wrong = {a + letter + b[1:] for a, b in cuts if b for letter in _LETTERS}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    return (left_out | too_many | wrong | swapped) - {word}


def likeliness(typed: str, meant: str) -> float:
    """Return how easily one word is typed for another that is one slip away; larger is likelier."""
    kind, at = _slip(typed, meant)
    if kind == "wrong":
        both_vowels = typed[at] in _VOWELS and meant[at] in _VOWELS
        return 0.5 if both_vowels else -0.5
    return {"swapped": 2.0, "doubled": 1.5, "left out": 0.8}.get(kind, 0.5)


def _slip(typed: str, meant: str) -> tuple[str, int]:
    """Return what went wrong, and at which letter."""
    at = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    if len(typed) == len(meant):
        return ("swapped" if typed[at : at + 2] == meant[at : at + 2][::-1] else "wrong"), at
    longer = max(typed, meant, key=len)
    if at > 0 and longer[at] == longer[at - 1]:
        return "doubled", at
    return ("too many" if longer == typed else "left out"), at
