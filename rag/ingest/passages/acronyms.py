"""Short forms that a document explains: "property, plant and equipment (PP&E)", "FCF (free cash flow)".

In: the texts of its pages. Out: each short form with its long one. A pair is kept only when the letters of the short
form begin the words of the long one, in order; what is left to chance is left out.

Source: Schwartz and Hearst, A Simple Algorithm for Identifying Abbreviation Definitions in Biomedical Text, 2003, for
where a pair is looked for. It takes letters from anywhere in a word and so reads "PP&E" as "plant and equipment"; here
every word of a long form but small ones must give its first letter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rag.types import Acronym

_MIN_LETTERS, _MAX_LETTERS = 2, 8
_MAX_MORE_WORDS = 5  # a long form has at most min(n + 5, 2n) words, for n letters
_SMALL = frozenset("a an and as at by de for from in into la of on or per the to via with und et des du y".split())
_BEFORE_SHORT = (
    r"(?:(?:collectively|hereinafter|hereafter|herein|also|referred to as|abbreviated(?: as)?|abbreviation|called"
    r"|known as|defined as|or|i\.e\.,?|the|our|an?|short)\s*:?\s+)*"
)
_SHORT = r"(?P<short>[A-Za-z0-9][A-Za-z0-9&./’'-]{1,11})"
_QUOTE = r"[\"“”‘’']*"
_BRACKETED = re.compile(rf"\(\s*{_BEFORE_SHORT}{_QUOTE}{_SHORT}{_QUOTE}\s*(?:[;,:][^()]*)?\)", re.I)
_OR = re.compile(rf",\s(?:or|abbreviated|hereafter|hereinafter)\s{_QUOTE}{_SHORT}{_QUOTE}(?=[,.;)]|\s*$)")
_EXPLAINED = re.compile(rf"(?<![\w&]){_SHORT}\s\(\s*{_QUOTE}(?:i\.e\.,?\s|short for\s|the\s)?(?P<long>[^()]{{5,90}})\)")
_LISTED = re.compile(rf"^[\s•*-]*{_SHORT}\s*(?:[:=–—-]\s*)?(?P<long>[^():;]{{7,80}}?)[\s.]*$")
_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
_END = re.compile(r"[.!?;:()\[\]]\s|[()\[\]|=•]")  # a long form does not reach beyond
_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_REACH = 140  # characters before brackets in which a long form may stand


def find_acronyms(texts: Iterable[str]) -> tuple[Acronym, ...]:
    """Return what these pages explain, each pair once, by short form; blocks of a page are separated by newlines."""
    shown: dict[tuple[str, str], Counter[Acronym]] = {}
    for text in texts:
        for line in text.split("\n"):
            for found in _in_line(line):
                key = (found.short.upper(), _key(found.long))
                shown.setdefault(key, Counter())[found] += 1
    usual = (max(forms, key=lambda form: (forms[form], form.long)) for forms in shown.values())
    return tuple(sorted(usual, key=lambda found: (found.short, found.long)))


def _in_line(line: str) -> Iterator[Acronym]:
    if "(" in line:
        for match in _BRACKETED.finditer(line):
            yield from _made(match["short"], _before(line, match.start()))
        for match in _EXPLAINED.finditer(line):
            yield from _made(match["short"], match["long"], is_whole=True)
    if " or " in line or "hereafter " in line or "abbreviated " in line:
        for match in _OR.finditer(line):
            yield from _made(match["short"], _before(line, match.start()))
    listed = _LISTED.match(line)
    if listed and len(_letters(listed["short"])) > _MIN_LETTERS:
        yield from _made(listed["short"], listed["long"], is_whole=True)


def _before(line: str, at: int) -> str:
    """Return what stands before brackets, back to the end of another sentence or bracket."""
    text = line[max(0, at - _REACH) : at]
    ends = list(_END.finditer(text))
    return text[ends[-1].end() :] if ends else text


def _made(short: str, text: str, *, is_whole: bool = False) -> Iterator[Acronym]:
    """Yield the pair of a short form and the words at the end of a text; `is_whole`: all of the text must be those."""
    short = _singular(short.strip("-./’'&"))
    if not _may_be_short(short):
        return
    words = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
    letters, best = _letters(short), None
    has_sign = "&" in short
    for n in range(1, min(len(words), len(letters) + _MAX_MORE_WORDS, 2 * len(letters) + 1) + 1):
        if is_whole and n != len(words):
            continue
        n_initials = _n_initials(letters, [word.lower() for word, _, _ in words[-n:]], may_go_on=has_sign)
        if n_initials is not None and (best is None or n_initials > best[0]):
            best = n_initials, n
    if best is None:
        return
    long = " ".join(text[words[-best[1]][1] : words[-1][2]].split())
    if len(long) > len(short) + 1 and short.lower() not in {word.lower() for word in long.split()}:
        yield Acronym(short, long.lower() if long.isupper() else long)


def _singular(short: str) -> str:
    return short[:-1] if short.endswith("s") and short[:-1].isupper() and len(short) > _MIN_LETTERS else short


def _may_be_short(short: str) -> bool:
    letters, capitals = _letters(short), sum(char.isupper() for char in short)
    return (
        _MIN_LETTERS <= len(letters) <= _MAX_LETTERS
        and capitals >= max(2, (len(letters) + 1) // 2)
        and _ROMAN.fullmatch(short) is None
        and not any(char.isdigit() for char in short)
    )


def _letters(short: str) -> str:
    return "".join(char for char in short.lower() if char.isalpha())


def _n_initials(letters: str, words: Sequence[str], *, may_go_on: bool) -> int | None:
    """Return how many letters begin a word, or None when the words do not spell them.

    Every word gives its first letter, and may give more from within; small words may give none, and so may one last
    word when all others do and `may_go_on` ("selling, general and administrative expenses": SG&A).
    """
    if words[0][0] != letters[0] and not (letters[0] == "x" and words[0].startswith("ex")):
        return None
    if words[0] in _SMALL:
        return None
    reached = {0: 0}  # letters spelled: most of them that begin a word
    for word in words:
        after = {done: n for done, n in reached.items() if word in _SMALL}
        for done, n in reached.items():
            for more in _given(letters[done:], word):
                after[done + more] = max(after.get(done + more, 0), n + 1)
        reached = after
    found = reached.get(len(letters))
    if found is not None:
        return found if found == len(letters) or len(letters) > _MIN_LETTERS or len(words) == 1 else None
    initials = "".join(word[0] for word in words[:-1] if word not in _SMALL)
    is_but_last = may_go_on and initials == letters and words[-1] not in _SMALL
    return len(letters) - 1 if is_but_last else None


def _given(letters: str, word: str) -> Iterator[int]:
    """Yield how many of the next letters a word may give: its first, then others from within in order."""
    if not letters:
        return
    if word[0] == letters[0]:
        at, given = 1, 1
    elif letters[0] == "x" and word.startswith("ex"):
        at, given = 2, 1
    else:
        return
    yield given
    for letter in letters[1:]:
        at = word.find(letter, at) + 1
        if at == 0:
            return
        given += 1
        yield given


def _key(long: str) -> str:
    return " ".join(word.lower().rstrip("s") for word in _WORD.findall(long))
