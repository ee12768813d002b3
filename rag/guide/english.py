"""Just enough English for rules that turn a statement into a question: word forms and noun phrases.

No tagger: closed lists of small words, endings, and `ranks`, the words of a vocabulary with the commonest first, which
tells whether a form that a rule made is a word at all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

_SPECIAL = 1_000_000  # a rank behind all others

AUXILIARIES = frozenset(
    "is are was were has have had can could will would may might must should shall do does did be been being".split()
)
# Words that point to something outside of the sentence, or begin a clause: no question may be built on them.
_POINTERS = frozenset(
    "this that these those it its they them their he him his she her we us our ours i me my you your such there here"
    " which who whom whose what where when why how another both either neither each former latter following above below"
    " more less fewer most today now respective same said one ones others other some any all many few"
    " several most much none nothing everything"
    " something anything everyone someone anyone nobody next last first second third fourth fifth previous prior"
    " current certain various due accordingly".split()
)
_OPENERS = frozenset(
    "and or but if because since while although though when where after before until unless whereas however therefore"
    " thus hence moreover furthermore also additionally meanwhile instead otherwise in on at by for"
    " from with without to"
    " as of under over between among during through despite following given based according using not no only even"
    " just then than yet so see per via within across about upon unlike like together".split()
)
VERBS = frozenset(
    "make makes made take takes took give gives gave show shows shown showed find finds found say says said use uses"
    " get gets got go goes went come comes came know knows knew think thinks thought become becomes became include"
    " includes included provide provides provided require requires required allow allows allowed help helps helped"
    " need needs needed remain remains remained increase increases increased decrease decreases decreased contain"
    " contains contained consist consists consisted propose proposes proposed present presents presented suggest"
    " suggests suggested refer refers referred mean means meant begin begins began lead leads led follow follows"
    " followed offered supports supported leans leaned continue continues continued believe believes"
    " believed expect expects"
    " expected adopts adopted adopt apply applies applied enable enables enabled ensure ensures ensured"
    " seek seeks sought"
    " aims aimed relies rely relied depends depended derive derives derived receive receives received"
    " maintain maintains"
    " maintained operates operated employ employs employed serve serves served involve involves involved agree agrees"
    " agreed describe describes described explain explains explained determine determines determined consider considers"
    " considered compare compares compared affects affected reduce reduces reduced improve improves improved create"
    " creates created develop develops developed announced announce announces reported represent represents represented"
    " refers enhance enhances enhanced encourage encourages encouraged gives accounted consisted want wants wanted tend"
    " tends tended try tries tried keep keeps kept let lets put puts think feel feels felt held holds hold earn earns"
    " earned sell sells sold buy buys bought pay pays paid choose chooses chose".split()
)
# Small words that may stand inside of a noun phrase.
_LINKS = frozenset("of in for on between with at from within and or".split())
_INNER_STARTS = frozenset("The A An This In These We It For As On If When".split())
_IRREGULAR = dict(
    pair.split(":")
    for pair in (
        "became:become began:begin bought:buy brought:bring built:build came:come chose:choose cut:cut did:do drew:draw"
        " fell:fall felt:feel found:find gave:give got:get grew:grow had:have held:hold kept:keep knew:know led:lead"
        " left:leave lost:lose made:make met:meet paid:pay put:put ran:run rose:rise said:say saw:see sent:send"
        " set:set showed:show sold:sell spent:spend spoke:speak stood:stand taught:teach thought:think told:tell"
        " took:take understood:understand went:go withdrew:withdraw won:win wrote:write shown:show grown:grow"
        " written:write taken:take given:give chosen:choose drawn:draw shrank:shrink"
    ).split()
)
PARTICIPLES = frozenset(
    "made held built sold bought paid written taken given led found founded set shown begun sent kept lost won met"
    " chosen drawn known spent grown cut put brought told taught understood understated worn done seen".split()
)
_ARTICLES = frozenset({"the", "a", "an"})
_NOUNS_IN_LY = frozenset("family supply assembly anomaly monopoly".split())
_NOT_IN_A_NAME = re.compile(
    r"[,;:!?\"“”()\[\]{}=<>|•*†‡§_$€£¥%]|\s[-–—]\s|\d[a-z]|[a-z]\d|\d (?:million|billion|percent)"
    r"|(?:^|\s)[A-Z]\. |[’'‘]\w+[’']"
)
_TOKEN = re.compile(r"[^\W_][\w’'&./-]*")


def word_ranks(vocabulary: Path) -> dict[str, int]:
    """Return each whole word of a WordPiece vocabulary with its rank from 1: such files list the commonest first."""
    words = [line for line in vocabulary.read_text(encoding="utf-8").splitlines() if line.isalpha() and len(line) > 1]
    return {word: n for n, word in enumerate(words, 1)}


def base_of_past(verb: str, ranks: Mapping[str, int]) -> str | None:
    """Return the base form of a verb in the past ("declared": declare); None when no word of the vocabulary fits."""
    verb = verb.lower()
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if not verb.endswith("ed") or len(verb) < 4:
        return None
    return _base(verb[:-2], ranks)


def base_of_gerund(verb: str, ranks: Mapping[str, int]) -> str | None:
    """Return the base form of a verb that ends in -ing ("charging": charge); None when no known word fits."""
    verb = verb.lower()
    if not verb.endswith("ing") or len(verb) < 5:
        return None
    return _base(verb[:-3], ranks)


def base_of_third(verb: str) -> str:
    """Return the base form of a verb in the third person singular: focuses, applies, provides."""
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    return verb[:-2] if verb.endswith(("sses", "uses", "shes", "ches", "xes")) and verb != "uses" else verb[:-1]


def _base(stem: str, ranks: Mapping[str, int]) -> str | None:
    """Return stem, stem + e, or stem without its doubled letter, whichever is a word; with an e when both are near."""
    plain, with_e = ranks.get(stem, _SPECIAL), ranks.get(stem + "e", _SPECIAL)
    if stem.endswith("i"):
        return stem[:-1] + "y" if stem[:-1] + "y" in ranks else None
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "sl" and stem[:-1] in ranks and plain > 20_000:
        return stem[:-1]
    if min(plain, with_e) < _SPECIAL:
        return stem + "e" if with_e < 10 * plain else stem
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in ranks else None


def tokens(text: str) -> list[str]:
    """Return the words of `text` as they are written."""
    return _TOKEN.findall(text)


def is_plural(phrase: str) -> bool:
    """Tell whether a noun phrase is plural, by its head: the last word before "of", "in", "for", ..."""
    words = [
        word.lower()
        for word in tokens(re.split(r"\s(?:of|in|for|on|at|with|from|to|by|per|that|used|provided)\s", phrase)[0])
    ]
    if not words:
        return False
    if re.search(r"\w\sand\s\w", phrase.lower()) and " of " not in phrase:
        return True
    head = words[-1]
    if head in {"people", "children", "men", "women", "data", "media", "criteria", "police"}:
        return head != "data"
    return len(head) > 3 and head.endswith("s") and not head.endswith(("ss", "us", "is", "ics", "news", "'s", "’s"))


def is_noun_phrase(text: str, *, most_words: int = 8) -> bool:
    """Tell whether `text` can stand alone as the thing that a question asks about: no pointer, no verb, no clause."""
    words = tokens(text)
    if not words or len(words) > most_words or _NOT_IN_A_NAME.search(text) or _INNER_STARTS & set(words[1:]):
        return False
    low = [word.lower() for word in words]
    content = [word for word in low if word not in _OPENERS | _ARTICLES]
    names_something = any(len(word) > 2 and word.isascii() and word[0].isalpha() for word in content)
    return names_something and _has_sound_ends(words, low) and not _holds_a_clause(low)


def _has_sound_ends(words: list[str], low: list[str]) -> bool:
    """Tell whether the first and the last word may begin and end a noun phrase."""
    first, last = low[0], low[-1]
    if first in _OPENERS or first[0].isdigit() or last in _OPENERS | _ARTICLES or last.isdigit():
        return False
    if last.endswith("ly") and last not in _NOUNS_IN_LY:
        return False
    return not (first.endswith(("ly", "ing")) and len(low) > 1 and not words[0].isupper())


def _holds_a_clause(low: list[str]) -> bool:
    """Tell whether a word points elsewhere, is a verb, or shows that another part of a sentence has begun."""
    if any(word in _POINTERS or word in AUXILIARIES for word in low):
        return True
    if any(word in VERBS or word in _OPENERS - _LINKS for word in low[1:]):
        return True
    return any(word in _ARTICLES and before not in _LINKS for before, word in pairwise(low))


class Casing:
    """Tells names from common words by how a document writes them inside of its sentences."""

    def __init__(self, upper: Counter[str], lower: Counter[str], ranks: Mapping[str, int]) -> None:
        self._upper, self._lower, self._ranks = upper, lower, ranks

    def is_name(self, word: str) -> bool:
        """Tell whether a word keeps its capital anywhere."""
        if any(character.isupper() for character in word[1:]) or any(character.isdigit() for character in word):
            return True
        low = word.lower()
        upper, lower = self._upper[low], self._lower[low]
        if upper or lower:
            return upper > lower
        return self._ranks.get(low, _SPECIAL) > 12_000

    def inside(self, phrase: str) -> str:
        """Return a phrase that began a sentence as it stands inside of one."""
        first = _TOKEN.search(phrase)
        if first is None or (self.is_name(first.group()) and first.group().lower() not in {"the", "a", "an"}):
            return phrase
        following = _TOKEN.search(phrase, first.end())
        if following and following.group()[0].isupper() and first.group().lower() not in {"the", "a", "an"}:
            return phrase  # a name of several words
        at = first.start()
        return phrase[:at] + phrase[at].lower() + phrase[at + 1 :]

    def sentence_case(self, title: str) -> str:
        """Return a title without the capitals that only a title has; its first word loses its own too."""
        if title.isupper():
            title = title.lower()
        return _TOKEN.sub(lambda match: match.group() if self._keeps(match.group()) else match.group().lower(), title)

    def _keeps(self, word: str) -> bool:
        low = word.lower()
        return self.is_name(word) and low not in _OPENERS | AUXILIARIES | _POINTERS | {"the", "a", "an"}
