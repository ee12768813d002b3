"""Documents that a question names: by file name, by title, by the rare words of either, by year and form.

A question names a document when the words of it that stand in the question are most of what tells that document from
others, each weighed by how rare it is; and when they are written as a name, or hardly stand in any other document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import cast

from rag.retrieve.hints.asked import Keys
from rag.retrieve.hints.labels import GENERIC, MAX_JOINED, Label, Labels, fold_same, forms_in, own_words
from rag.text import STOP_WORDS, stem

Share = Callable[[str, Keys], float]

_ENOUGH = 0.55  # of what tells a document from others, by rarity
_ENOUGH_ALONE = 0.4  # for words that stand in hardly any other document
_KEEPS_TO_ITSELF = 0.8  # of the passages with such a word stand in the documents that bear it
_IS_ALL = 0.7  # the same, for words that are all that a document is called
_MIN_JOINED = 5  # letters of words that a file name writes as one
_LEAST_OWN = 0.2  # share of the passages with a word that stand in the document it names
_MIN_PHRASE = 4  # letters of a name that is said in full
_REMEMBERED = 16  # questions
_TOO_MANY = 0.5  # of the documents: what names more of them tells nothing
_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_ODD = re.compile(r"^(?=.*\d)\S{6,}$")  # a name that nobody says by chance
_INITIALS = re.compile(r"\b([A-Z])(?:\s?&\s?|n|\s?and\s)([A-Z])\b")
_TYPE_OF = (
    r"(?:(?:the|its)\s+)?(?:(?:19|20)\d\d\s+|FY\s?\d{2,4}\s+)?(?:(?:annual|quarterly|interim|current)\s+(?:report|filing)"
    r"|(?:form\s+)?(?:10-?k|10-?q|8-?k)(?:\s+(?:filing|report))?|report|filing|paper|manual|brochure|prospectus|earnings\s+release)"
)
_OF = re.compile(rf"\b{_TYPE_OF}\s+(?:of|by|from|for)\s+(?:the\s+)?$", re.I)
_DATED_FORM = re.compile(
    r"(?:\b(?:the|its)\s+)?\b(?:(?:19|20)\d\d|FY\s?\d{2,4})(?:['’]s)?\s+(?:annual|quarterly|interim|current)\s+(?:report|filing)s?\b"
    r"|(?:\b(?:the|its)\s+)?\b(?:(?:19|20)\d\d|FY\s?\d{2,4})\s+(?:10-?k|10-?q|8-?k|proxy\s+statement|prospectus|brochure|manual)\b"
    r"|\bthe\s+(?:annual\s+report|10-?k|10-?q)\s+(?:of|for|from)\s+(?:the\s+year\s+)?(?:fiscal\s+)?(?:19|20)\d\d\b",
    re.I,
)
_FORM_AFTER = re.compile(rf"^(?:['’]s?)?\s+{_TYPE_OF}\b", re.I)


@dataclass(frozen=True, slots=True)
class Named:
    """Documents that some words of a question name."""

    said: str
    start: int
    end: int
    best: tuple[Label, ...]  # those of the year and the form that are asked for, if some are
    others: tuple[Label, ...]  # those of other years and forms
    by: str  # the words by which they are called
    is_exact: bool = False  # by file name or full title


@dataclass(slots=True)
class _Mention:
    """Words of a question that stand in titles or names."""

    start: int
    end: int
    words: frozenset[str]  # as the titles have them
    is_proper: bool
    is_known: bool = True  # False: a capitalised word beside, that no title has


def named(
    question: str, labels: Labels, share: Share, asked: Collection[str], *, left: str | None = None
) -> tuple[Named, ...]:
    """Return the documents that a question names, in the order in which they are named.

    Args:
        asked: the periods that the question names; they choose among the documents of one name.
        left: the question with what must not be read blanked; None: all of it.
    """
    text = question if left is None else left
    if len(labels.all) < 2:
        return ()
    found = _called(text, labels, share) or _by_form(text, labels, asked)
    chosen = [_chosen(one, question, asked) for one in _merged(found)]
    most = max(1.0, _TOO_MANY * len(labels.all))
    return tuple(sorted((one for one in chosen if one.is_exact or len(one.best) <= most), key=lambda one: one.start))


def _called(text: str, labels: Labels, share: Share) -> Sequence[Named]:
    """Return the documents that are called by name. Remembered: a question is read several times on its way."""
    if text in labels.read:
        return cast("Sequence[Named]", labels.read[text])
    found = _exactly(text, labels, share)
    taken = [(one.start, one.end) for one in found]
    for run in _runs([m for m in _mentions(text, labels) if not _overlaps(m, taken)], text):
        found += _of_run(run, text, labels, share)
    if len(labels.read) >= _REMEMBERED:
        labels.read = {}
    labels.read[text] = found
    return found


def _by_form(text: str, labels: Labels, asked: Collection[str]) -> list[Named]:
    """Return the documents of a form and a year: "the 2018 annual report"."""
    years = {period[:4] for period in asked}
    for match in _DATED_FORM.finditer(text):
        forms = forms_in(match.group())
        found = tuple(label for label in labels.all if label.form in forms and label.years & years)
        if found:
            return [Named(match.group(), match.start(), match.end(), found, (), match.group())]
    return []


def _exactly(text: str, labels: Labels, share: Share) -> list[Named]:
    """Return the documents whose file name, or whole title of two own words or more, is said.

    A title in small letters may be what the question is about: it counts if one of its words is the document's own.
    """
    found: list[Named] = []
    low = fold_same(text)
    for label in labels.may_be_said(low):
        for i, phrase in enumerate(label.phrases):
            at = low.find(phrase)
            if at < 0 or not _is_telling(phrase, is_file=i == 0):
                continue
            end = at + len(phrase)
            if i > 0 and text[at:end].islower() and _own(phrase, label, share) < _LEAST_OWN:
                continue
            if not low[at - 1 : at].isalnum() and not low[end : end + 1].isalnum():
                found.append(Named(text[at:end], at, end, (label,), (), label.name, True))
                break
    return found


def _own(phrase: str, label: Label, share: Share) -> float:
    """Return the largest share of a word of the phrase, among all its passages, that stands in the document."""
    return max((share(word, [label.key]) for word in own_words(phrase)), default=0.0)


def _is_telling(phrase: str, *, is_file: bool) -> bool:
    """Tell whether nobody says this by chance: a file name, two own words, a word with figures."""
    if len(phrase) < _MIN_PHRASE:
        return False
    return is_file or (len(own_words(phrase)) > 1 and " " in phrase) or _ODD.search(phrase) is not None


def _mentions(text: str, labels: Labels) -> list[_Mention]:
    """Return the words of the question that titles have, longest runs first, and capitalised ones beside them."""
    tokens = list(_WORD.finditer(text))
    is_shouted = text.isupper()
    found: list[_Mention] = []
    i = 0
    while i < len(tokens):
        step, mention = _mention_at(text, tokens, i, labels)
        if mention is not None:
            said = text[mention.start : mention.end]
            is_first = i == 0 or text[: mention.start].rstrip()[-1:] in {".", "?", "!", ":"}
            shaped = any(c.isupper() for c in said[1:]) or any(c.isdigit() for c in said)
            mention.is_proper |= not is_shouted and (shaped or (said[:1].isupper() and not is_first))
            found.append(mention)
        elif not is_shouted and i > 0 and _is_strange(text, tokens[i]):
            found.append(_Mention(tokens[i].start(), tokens[i].end(), frozenset(), True, is_known=False))
        i += step
    return found


def _is_strange(text: str, token: re.Match[str]) -> bool:
    """Tell whether a capitalised word may be a part of a name that no document has: "Bulls" beside "Chicago"."""
    said, before = token.group(), text[: token.start()].rstrip()
    is_owned = re.search(r"['’]s?$", before) is not None
    plain = _plain(said)
    return said[:1].isupper() and not is_owned and said.isalpha() and plain not in GENERIC and plain not in STOP_WORDS


def _mention_at(text: str, tokens: Sequence[re.Match[str]], i: int, labels: Labels) -> tuple[int, _Mention | None]:
    """Return how many words from the i-th on stand in titles, and the mention; 1 and None when none do."""
    for n in range(min(MAX_JOINED, len(tokens) - i), 0, -1):
        run = tokens[i : i + n]
        joined = "".join(_plain(token.group()) for token in run)
        if n > 1 and (len(joined) < _MIN_JOINED or "\x00" in text[run[0].start() : run[-1].end()]):
            continue
        if n == 1 and (joined in STOP_WORDS or joined in GENERIC):
            continue
        start, end = run[0].start(), run[-1].end()
        if stem(joined) in labels.having:
            return n, _Mention(start, end, frozenset({stem(joined)}), is_proper=n > 1)
        if n == 1 and len(joined) >= _MIN_JOINED and joined in labels.joined:
            return n, _Mention(start, end, labels.joined[joined], is_proper=True)
    pair = _INITIALS.match(text, tokens[i].start())
    words = labels.by_initials.get(pair[1] + pair[2]) if pair is not None else None
    if pair is not None and words:
        n = sum(1 for token in tokens[i:] if token.start() < pair.end())
        return max(1, n), _Mention(pair.start(), pair.end(), words, is_proper=True)
    return 1, None


def _plain(token: str) -> str:
    """Return a word as titles are compared: without 's and marks, in small letters."""
    return re.sub(r"[^\w]|_", "", re.sub(r"['’][sS]?$", "", token)).casefold()


def _overlaps(mention: _Mention, taken: Sequence[tuple[int, int]]) -> bool:
    return any(mention.start < end and start < mention.end for start, end in taken)


def _runs(mentions: Sequence[_Mention], text: str) -> list[list[_Mention]]:
    """Return mentions that may be parts of one name together: side by side, or with small words between."""
    runs: list[list[_Mention]] = []
    for mention in mentions:
        between = text[runs[-1][-1].end : mention.start].lower().split() if runs else ["."]
        if all(word in STOP_WORDS or word == "&" for word in between):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    return runs


def _of_run(run: Sequence[_Mention], text: str, labels: Labels, share: Share) -> list[Named]:
    """Return the documents that a run of words names, the best of it first; what is left of it may name others."""
    found: list[Named] = []
    left = list(run)
    while any(mention.is_known for mention in left):
        meant, words, covered = _best(left, labels)
        telling = [mention for mention in left if mention.words & words]
        left = [mention for mention in left if not mention.words & words]
        if covered < _ENOUGH_ALONE:
            break
        if _is_meant(telling, words, covered, text, labels, share):
            start, end = telling[0].start, telling[-1].end
            found.append(Named(text[start:end], start, end, meant, (), re.sub(r"['’]s?$", "", text[start:end])))
    return found


def _best(run: Sequence[_Mention], labels: Labels) -> tuple[tuple[Label, ...], frozenset[str], float]:
    """Return the documents of which the most is said, the words that say it, and how much of what tells them it is.

    Of documents of which as much is said by other words, those that are told by rarer words are taken.
    """
    said = frozenset().union(*(mention.words for mention in run))
    options: dict[frozenset[str], dict[frozenset[str], float]] = {}  # of what is said, sets that hold it -> share
    strange: dict[frozenset[str], float] = {}
    for words in {words for word in said for words in labels.sets_having[word]}:
        held = words & said
        if held not in strange:
            strange[held] = _beside([m for m in run if m.words & held], run) * labels.rarity("")
        whole = labels.mass(words) + strange[held]
        options.setdefault(held, {})[words] = labels.mass(held) / whole
    ranked = {held: (round(max(of.values()), 6), labels.mass(held)) for held, of in options.items()}
    best = max(ranked, key=lambda held: (*ranked[held], sorted(held)))
    most = ranked[best][0]
    return labels.called(words for words, share in options[best].items() if share >= most - 1e-5), best, most


def _beside(telling: Sequence[_Mention], run: Sequence[_Mention]) -> int:
    """Return how many capitalised words that no title has stand right beside these."""
    return sum(
        not other.is_known and any(abs(other.start - m.end) <= 1 or abs(m.start - other.end) <= 1 for m in telling)
        for other in run
    )


def _is_meant(
    telling: Sequence[_Mention], words: frozenset[str], covered: float, text: str, labels: Labels, share: Share
) -> bool:
    """Tell whether words name documents rather than things: written as a name, or words of these documents alone."""
    if covered >= _ENOUGH and any(mention.is_proper for mention in telling):
        return True
    having = labels.sets_having.get(next(iter(words), ""), ())
    keys = [label.key for label in labels.called(own for own in having if words <= own)]
    typed = [_plain(token) for m in telling for token in _WORD.findall(text[m.start : m.end])]
    enough = _KEEPS_TO_ITSELF if covered < 1 - 1e-5 else _IS_ALL
    return all(share(word, keys) >= enough for word in typed if word)


def _merged(found: Sequence[Named]) -> list[Named]:
    """Return each group of documents once, where it is named first."""
    merged: dict[tuple[str, ...], Named] = {}
    for one in sorted(found, key=lambda one: one.start):
        merged.setdefault(tuple(label.id for label in one.best), one)
    return list(merged.values())


def _chosen(one: Named, question: str, asked: Collection[str]) -> Named:
    """Keep of several documents of one name those of the year and the form that are asked for, if there are such."""
    start, end = one.start, one.end
    before, after = _OF.search(question[:start]), _FORM_AFTER.match(question[end:])
    start, end = before.start() if before else start, end + (after.end() if after else 0)
    forms = forms_in(question)
    years = {period[:4] for period in asked}
    best = tuple(label for label in one.best if label.form in forms) or one.best
    best = tuple(label for label in best if label.years & years) or best
    best = (
        tuple(label for label in best if any(f"{y}Q{q}" in asked for y in label.years for q in label.quarters)) or best
    )
    others = tuple(label for label in one.best if label not in best)
    return Named(question[start:end].strip(" ,"), one.start, one.end, best, others, one.by, one.is_exact)
