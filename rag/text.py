"""Plain text: sentences, content words, comparison forms. Pure functions, standard library only."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

# Abbreviations after which a full stop does not end a sentence, without their stops.
_ABBREVIATIONS = frozenset(
    "al approx art bros capt ch cf co col corp dept dr ed eds eq eqs esp est etc fig figs gen gov hon inc jr lt ltd maj"
    " messrs mr mrs ms mt no nos op p para pp prof pt rep rev sec sect sen sgt sr st supp univ viz vol vols vs e.g i.e"
    " u.s u.k u.n a.m p.m ph.d"
    " jan feb mar apr jun jul aug sep sept oct nov dec resp incl excl".split()
)
# Those that do end a sentence when a capitalised word follows that commonly begins one.
_MAY_END = frozenset("etc co corp inc ltd jr sr u.s u.k u.n a.m p.m ph.d al".split())
_STARTERS = frozenset(
    "the a an this that these those it its in on at as he she they we i you but and or for if when while after before"
    " however there by from to with under although since because during his her their our such each most many"
    " some".split()
)
# Letters of scripts that put no space between words, for classes of regular expressions: Han and kana; Thai, Lao,
# Burmese and Khmer. Korean has spaces, but glues endings to its words.
IDEOGRAPHS = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
SPACELESS = IDEOGRAPHS + "\u0e00-\u0eff\u1000-\u109f\u1780-\u17dd"
_HANGUL = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
_PAIRED = re.compile(f"[{SPACELESS}{_HANGUL}]+")
_BEYOND_LATIN = re.compile("[\u0300-\u1dff\u2c00-\U0010ffff]")
_COMPATIBLE = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc\uff01-\uffef\u3131-\u318e]+")
_ARABIC = str.maketrans(
    {**dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None}
    | dict.fromkeys(map(chr, (*range(0x591, 0x5BE), 0x5BF, 0x5C1, 0x5C2, *range(0x64B, 0x660), 0x670)))
)
_LEADERS = r"(?:(?:[.·…][ \u00a0]?){4,}|(?:…[ \u00a0]?){2,})"
_PAGE = r"[ \u00a0]*(?:[A-Z]{1,2}-?)?\d{1,4}(?:-\d{1,3})?\b(?![.,]\d)"  # at the end of an entry of a table of contents
_NEXT_ENTRY = r"(?=\s*$|\s*\n|\s+(?:[\dA-Z]{1,3}(?:\.\d+)*[.)]?\s+)?[\"'(\[“‘«]*[^\W\d_])"
_LEADER_RUN = re.compile(rf"[ \u00a0]*{_LEADERS}[ \u00a0]*")
_STOP = re.compile(
    rf"(?P<entry>{_LEADERS}{_PAGE}{_NEXT_ENTRY})|(?P<leaders>{_LEADERS})|"
    r"[.!?؟۔।॥።։]+[\"')\]”’»]*(?:\[\d+(?:[,–-] ?\d+)*\])*(?=\s)|(?P<full>(?:[。｡！？]|．(?!\d))+[」』）】〉》”’]*)|\n+"
)
_FULL_STOPS = "。｡！？．"
_HIRAGANA = re.compile("[\u3041-\u3096]")
_VALUE = re.compile(r"\s*[(\[$€£¥—–-]*\s*\d")
_LAST_TOKEN = re.compile(r"[\w.&'’-]+$")
_NEXT_TOKEN = re.compile(r"\s*[\"'(\[“‘«]*([^\W_][\w’'-]*)?")

STOP_WORDS = frozenset(
    "a about above after again all also am an and any are as at be because been before being below between both but by"
    " can could did do does doing down during each few for from further had has have having he her here hers him his"
    " how i if in into is it its itself just me more most my no nor not of off on once only or other our out over own"
    " same she should so some such than that the their them then there these they this those through to too under until"
    " up very was we were what when where which while who whom whose why will with would you your".split()
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*(?:[.,]\d+)*")
_FOLD = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "\u00ad": None})


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of every sentence of `text`, in order, without surrounding white space.

    A newline always ends a sentence: blocks and table rows stand on lines of their own. So does the page number at the
    end of an entry of a table of contents, after its dot leaders. Every character that is not white space lies in
    exactly one sentence.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in _STOP.finditer(text):
        if not _ends_here(text, stop):
            continue
        _append_trimmed(spans, text, start, stop.end())
        start = stop.end()
    _append_trimmed(spans, text, start, len(text))
    return spans


def _ends_here(text: str, stop: re.Match[str]) -> bool:
    """Tell whether a match of `_STOP` ends a sentence."""
    if stop["entry"] or "\n" in stop.group():
        return True
    if stop["leaders"]:
        is_inside_word = not (stop.group()[-1].isspace() or text[stop.end() : stop.end() + 1].strip() == "")
        if is_inside_word or _VALUE.match(text, stop.end()):  # a value: the leaders of a table's row
            return False
    if stop["full"]:  # 「…。」と言った goes on
        return stop.group()[-1] in _FULL_STOPS or not _HIRAGANA.match(text, stop.end())
    return _ends_sentence(text, stop.start(), stop.end())


def _append_trimmed(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))


def _ends_sentence(text: str, at: int, end: int) -> bool:
    """Tell whether the stop mark at `at` (its closing quotes end at `end`) ends a sentence."""
    following = _NEXT_TOKEN.match(text, end)
    word = (following.group(1) or "") if following else ""
    if word[:1].islower():
        return False
    if text[at] != ".":
        return True
    before = _LAST_TOKEN.search(text, max(0, at - 40), at)
    token = before.group().lower().strip("'’-") if before else ""
    single_initial = len(token) == 1 and token.isalpha() and before is not None and before.group().isupper()
    if single_initial:  # "J. Smith", "George W. Bush": an initial, unless the next word commonly begins a sentence
        return word.lower() in _STARTERS and token != "i"
    if len(token) == 1 and token.isalpha() and word[:1].isdigit():  # "(b. 1901)", "p. 12", "c. 1500"
        return False
    if token in _MAY_END:
        return word.lower() in _STARTERS
    if token in _ABBREVIATIONS:
        # "no." and the like are words too: they end a sentence when no number or name could follow them
        return token in {"no", "fig", "art", "rep"} and word.lower() in _STARTERS
    return True


def words(text: str) -> list[str]:
    """Return the words and numbers of `text`, lower-cased, in order; see `spaced` for writing without spaces."""
    return [match.group().lower() for match in _WORD.finditer(spaced(text).translate(_FOLD))]


def spaced(text: str) -> str:
    """Return `text` as its words are compared and searched, where it is written otherwise than in Latin letters.

    Writing without spaces is given as pairs of neighbouring letters (中国经济: 中国 国经 经济), forms of Arabic letters
    and of wide Latin ones as the plain letter; vowel points are left out. Latin text comes back as it is.
    """
    if text.isascii() or not _BEYOND_LATIN.search(text):
        return text
    text = _COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    return _PAIRED.sub(_pairs, unicodedata.normalize("NFC", text).translate(_ARABIC))


def _pairs(run: re.Match[str]) -> str:
    letters = run.group()
    return f" {' '.join(a + b for a, b in pairwise(letters)) or letters} "


def content_words(text: str) -> list[str]:
    """Return `words` without stop words; all of them when nothing else is left."""
    found = words(text)
    return [word for word in found if word not in STOP_WORDS] or found


def stem(word: str) -> str:
    """Cut the commonest English endings so that forms of one word compare equal. Light on purpose: no dictionary."""
    if len(word) <= 3 or word[-1].isdigit():
        return word
    for ending, replacement in (
        ("ies", "y"),
        ("sses", "ss"),
        ("'s", ""),
        ("ing", ""),
        ("edly", ""),
        ("ed", ""),
        ("ly", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return _undouble(word[: len(word) - len(ending)] + replacement)
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return _undouble(word[:-1])
    return _undouble(word)


def _undouble(word: str) -> str:
    if word.endswith("e") and len(word) > 3:
        return word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in "bdfgmnprt":
        return word[:-1]
    return word


def stems(text: str) -> list[str]:
    """Return the stems of the content words of `text`, in order."""
    return [stem(word) for word in content_words(text)]


def without_leaders(text: str) -> str:
    """Return `text` with dot leaders ("Index . . . . . 93") taken out, as it is searched."""
    return _LEADER_RUN.sub(" ", text) if ".." in text or ". ." in text or "…" in text else text


def fold(text: str) -> str:
    """Return the form in which two texts are compared: NFKC, straight quotes, plain dashes, single spaces, no case."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_FOLD).casefold().split())


def digit_share(text: str) -> float:
    """Return the share of the characters that are digits 0 to 9: high where figures stand."""
    return sum(map(text.count, "0123456789")) / (len(text) + 1)
