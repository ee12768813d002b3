"""Is the text of a page what is seen on it? Fonts may not tell which letters their shapes show, or tell it wrongly.

Told per page, from its characters alone: letters without a meaning, fonts without a map, one sign over and over, and
Latin letters that make no words: where a font's codes were shifted, "This" reads "7KLV".
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pypdfium2.raw as pdfium

from rag.ingest.characters.words import Word

_LEAST = 40  # characters: of less nothing is told
_LEAST_LETTERS, _LEAST_WORDS = 80, 15
_UNKNOWN = 0.1  # of the characters that mean nothing
_UNMAPPED = 0.2  # of the characters that pdfium found no letter for
_ONE_SIGN = 0.8  # of the characters
_FEW_SIGNS, _N_LEADERS = 6, 16
_STEP = 7  # every so many characters are asked
_SAMPLE = 200  # words that are looked at, at least, where there are so many
_FEW_VOWELS, _VOWELS = 0.24, (0.3, 0.55)  # of Latin letters; in real text of any language two of five
_LEAN_VOWELS = 0.3
_NO_WORDS, _HALF_WORDS, _FEW_WORDS, _MANY_WORDS = 0.5, 0.65, 0.8, 0.9  # of the longer words, those that may be words

_STRANGE = re.compile("[\ufffd\ue000-\uf8ff]")
_LEADERS = re.compile(r"[\s._…·•=*#|xX–—-]+")
_VOWEL = re.compile("[aeiouyæøœıəơư]", re.I)
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_CONSONANTS = re.compile("[bcdfghjklmnpqrstvwxz]{6}", re.I)
_NUMBER = re.compile(r"\d")
_EDGES = ".,;:!?()[]{}<>\"'“”’‘*/|-–—"
_INNER = re.compile(r"[^\w.,:/@&'’()\[\]{}_–—\u0300-\u036f-]")  # what stands within no word, address or template


def is_garbled(textpage: Any, words: Sequence[Word]) -> bool:
    """Tell whether the text of an open page is not what is seen on it; `words` are its words."""
    texts = [word.text for word in words]
    text = "".join(texts)
    if len(text) < _LEAST:
        return False
    if not text.isascii() and len(_STRANGE.findall(text)) > _UNKNOWN * len(text):
        return True
    sample = texts[:: max(1, len(texts) // _SAMPLE)]
    return is_one_sign(text) or makes_no_words(sample) or (_is_unmapped(textpage) and not makes_words(sample))


def _is_unmapped(textpage: Any) -> bool:
    sample = range(0, pdfium.FPDFText_CountChars(textpage.raw), _STEP)
    unmapped = sum(pdfium.FPDFText_HasUnicodeMapError(textpage.raw, i) == 1 for i in sample)
    return bool(unmapped > _UNMAPPED * len(sample))


def is_one_sign(text: str) -> bool:
    """Tell whether a page shows one sign over and over, leaders and rules aside."""
    if len(set(text)) > _FEW_SIGNS + _N_LEADERS:
        return False
    counts = Counter(_LEADERS.sub("", text))
    total = counts.total()
    return total >= 2 * _LEAST and len(counts) < _FEW_SIGNS and counts.most_common(1)[0][1] > _ONE_SIGN * total


def makes_no_words(texts: Sequence[str]) -> bool:
    """Tell whether Latin letters stand together as in no language; `texts` are words of a page."""
    n_letters, vowels, n_words, words = _likeness(texts)
    if n_letters < _LEAST_LETTERS or n_words < _LEAST_WORDS:
        return False
    if words < _NO_WORDS or (words < _HALF_WORDS and vowels < _LEAN_VOWELS):
        return True
    return words < _FEW_WORDS and vowels < _FEW_VOWELS


def makes_words(texts: Sequence[str]) -> bool:
    """Tell whether Latin text reads well although its fonts have no map."""
    n_letters, vowels, _, words = _likeness(texts)
    is_latin = n_letters > 0.7 * sum(map(len, texts))
    return is_latin and _VOWELS[0] < vowels < _VOWELS[1] and words >= _MANY_WORDS


def _likeness(texts: Sequence[str]) -> tuple[int, float, int, float]:
    """Return the number of Latin letters, the share of vowels, the number of longer words, the share of likely ones."""
    plain = [text if text.isascii() else unicodedata.normalize("NFD", text) for text in texts]
    plain = [text for text in plain if not _NUMBER.search(text)]  # numbers, and codes of parts
    letters = _LATIN.findall("".join(plain))
    vowels = len(_VOWEL.findall("".join(letters))) / max(1, len(letters))
    cores = [core for text in plain if len(core := text.strip(_EDGES)) >= 4]
    latin = [core for core in cores if _LATIN.search(core) or core.isascii()]
    n_words = sum(_may_be_word(core) for core in latin)
    return len(letters), vowels, len(latin), n_words / max(1, len(latin))


def _may_be_word(core: str) -> bool:
    return bool(_VOWEL.search(core)) and not _CONSONANTS.search(core) and not _INNER.search(core)
