"""English verbs, as far as turning a question into a sentence needs them: which words are verbs, and their forms.

Which words are verbs is learnt from texts: those that stand after "to", "did not" or "can" and have a form in -ing
there. Irregular forms are listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_IRREGULAR = {
    forms.split("/")[0]: (forms.split("/")[1], forms.split("/")[2])
    for forms in (
        "arise/arose/arisen be/was/been bear/bore/borne beat/beat/beaten become/became/become begin/began/begun"
        " bind/bound/bound bite/bit/bitten blow/blew/blown break/broke/broken breed/bred/bred bring/brought/brought"
        " broadcast/broadcast/broadcast build/built/built burn/burned/burned buy/bought/bought cast/cast/cast"
        " catch/caught/caught choose/chose/chosen come/came/come cost/cost/cost creep/crept/crept cut/cut/cut"
        " deal/dealt/dealt dig/dug/dug do/did/done draw/drew/drawn drink/drank/drunk drive/drove/driven eat/ate/eaten"
        " fall/fell/fallen feed/fed/fed feel/felt/felt fight/fought/fought find/found/found flee/fled/fled"
        " fly/flew/flown forbid/forbade/forbidden forget/forgot/forgotten forgive/forgave/forgiven freeze/froze/frozen"
        " get/got/gotten give/gave/given go/went/gone grow/grew/grown hang/hung/hung have/had/had hear/heard/heard"
        " hide/hid/hidden hit/hit/hit hold/held/held hurt/hurt/hurt keep/kept/kept know/knew/known lay/laid/laid"
        " lead/led/led leave/left/left lend/lent/lent let/let/let lie/lay/lain lose/lost/lost make/made/made"
        " mean/meant/meant meet/met/met oversee/oversaw/overseen overtake/overtook/overtaken pay/paid/paid put/put/put"
        " quit/quit/quit read/read/read ride/rode/ridden ring/rang/rung rise/rose/risen run/ran/run say/said/said"
        " see/saw/seen seek/sought/sought sell/sold/sold send/sent/sent set/set/set shake/shook/shaken shed/shed/shed"
        " shine/shone/shone shoot/shot/shot show/showed/shown shrink/shrank/shrunk shut/shut/shut sing/sang/sung"
        " sink/sank/sunk sit/sat/sat sleep/slept/slept speak/spoke/spoken spend/spent/spent spin/spun/spun"
        " split/split/split spread/spread/spread stand/stood/stood steal/stole/stolen stick/stuck/stuck"
        " strike/struck/struck strive/strove/striven swear/swore/sworn swim/swam/swum take/took/taken"
        " teach/taught/taught tear/tore/torn tell/told/told think/thought/thought throw/threw/thrown"
        " undergo/underwent/undergone understand/understood/understood undertake/undertook/undertaken"
        " wear/wore/worn win/won/won withdraw/withdrew/withdrawn write/wrote/written"
    ).split()
}
_PASTS = frozenset(past for past, _ in _IRREGULAR.values())
_PARTICIPLES = frozenset(participle for _, participle in _IRREGULAR.values()) | {"born"}
_NO_VERBS = frozenset("the a an his her its their this that these those be".split())
_AFTER = re.compile(
    r"\b(?:to|did not|does not|do not|can|could|will|would|must|did they|did he|did she|did it) ([a-z]+)\b"
)
_ING = re.compile(r"\b([a-z]{2,}ing)\b")
_DOUBLING = re.compile(r"^[^aeiou]*[aeiou][bdgmnprt]$")  # of one syllable: plan, planned
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Verbs:
    """The verbs that some texts use, in their plain form."""

    plain: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str], *, at_least: int = 3) -> Verbs:
        """Return the verbs of texts: words that stand where verbs do, `at_least` so often, and have a form in -ing."""
        after: Counter[str] = Counter()
        in_ing: set[str] = set()
        for text in texts:
            lower = text.lower()
            after.update(_AFTER.findall(lower))
            in_ing.update(_ING.findall(lower))
        return cls(frozenset(w for w, n in after.items() if n >= at_least and ing(w) in in_ing and w not in _NO_VERBS))

    def is_plain(self, word: str) -> bool:
        """Tell whether a word can be a verb in its plain form."""
        return word in self.plain or word in _IRREGULAR

    def is_finite(self, word: str) -> bool:
        """Tell whether a word can be a verb in the past, or of the third person."""
        if word in _PASTS:
            return True
        return any(self.is_plain(base) for base in _bases(word))


def is_participle(word: str) -> bool:
    """Tell whether a word looks like a participle of the past."""
    return word in _PARTICIPLES or (len(word) > 4 and word.endswith("ed"))


def past(plain: str) -> str:
    """Return the past of a verb."""
    if plain in _IRREGULAR:
        return _IRREGULAR[plain][0]
    if plain.endswith("e"):
        return f"{plain}d"
    if plain.endswith("y") and plain[-2:-1] not in _VOWELS:
        return f"{plain[:-1]}ied"
    return f"{plain}{plain[-1]}ed" if _DOUBLING.match(plain) else f"{plain}ed"


def third(plain: str) -> str:
    """Return the third person singular of a verb."""
    if plain in {"have", "be"}:
        return {"have": "has", "be": "is"}[plain]
    if plain.endswith("y") and plain[-2:-1] not in _VOWELS:
        return f"{plain[:-1]}ies"
    return f"{plain}es" if plain.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{plain}s"


def ing(plain: str) -> str:
    """Return the form of a verb that ends in -ing."""
    if plain.endswith("ie"):
        return f"{plain[:-2]}ying"
    if plain.endswith("e") and not plain.endswith(("ee", "oe", "ye")):
        return f"{plain[:-1]}ing"
    return f"{plain}{plain[-1]}ing" if _DOUBLING.match(plain) else f"{plain}ing"


def _bases(word: str) -> list[str]:
    """Return what a word would be without the ending of the past or the third person."""
    found = []
    if word.endswith(("ied", "ies")):
        found.append(f"{word[:-3]}y")
    if word.endswith("ed"):
        found += [word[:-2], word[:-1], word[:-3]]
    if word.endswith("es"):
        found.append(word[:-2])
    if word.endswith("s"):
        found.append(word[:-1])
    return found
