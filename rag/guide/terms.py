"""Key terms: what the document speaks of more than English does, and where each is defined or used most.

Candidates are runs of words between stop words and breaks (RAKE); a longer one counts for more, less what longer ones
hold of it (C-value); all is weighed by how much more often its words stand here than in general English, and by how
many passages hold it. Sources: Rose et al., Automatic Keyword Extraction, 2010; Frantzi et al., The C-value Method,
2000; Ahmad et al., weirdness, 1999.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from rag.guide.english import AUXILIARIES, Casing, is_noun_phrase
from rag.guide.guide import Term
from rag.guide.reading import Reading, Sentence
from rag.guide.telling import shape_of
from rag.text import STOP_WORDS, stem

MOST = 12
_LEAST_USES = 3
_MOST_WORDS = 4
_UNKNOWN_RANK = 25_000  # of a word that general English does not know
_RUN = re.compile(r"[^\W\d_][\w’'&-]*(?:[ ]+[^\W\d_][\w’'&-]*)*")
_DULL = frozenset(
    "use used using based example examples figure table section page chapter year years number many one two three four"
    " first second percent million billion thousand total new high low large small good better best different several"
    " various related available including include includes respectively following certain provide provides provided"
    " make made makes take set see shown show shows found find may also might however due within without per among"
    " increase increased decrease decreased compared part way well need like say says said would could approximately"
    " fiscal quarter month months day days week weeks ended period today primarily overall another time times item"
    " january february march april june july august september october november december et al e.g i.e vs inc co"
    " corp please note able general specific additional current recent generally likely similar often still even"
    " much less than majority half third share back top right left toward towards away online together whole result"
    " results amount amounts".split()
)
_BEFORE_NOUNS = frozenset(
    "the a an of this these those our its their his her your in on with by from no each every".split()
)
_BEFORE_VERBS = frozenset("to we you they i can may might will would could should must not who please and".split())
_TOKENS = re.compile(r"[^\W\d_][\w’'-]*")
_STOPS = '.!?”"’)]'
_ENOUGH_PROSE = 30  # sentences
_ENDINGS = ("ly", "ed")
_DEFINES = (
    r"(?:\s\([^)]{2,20}\))?,?\s(?:is|are|was|were)\s(?:defined as|an?\s|the\s|any\s|one of\s|those\s"
    r"|how\s|when\s)|(?:\s\([^)]{2,20}\))?\s(?:refers? to|means?|denotes?|stands? for|describes?"
    r"|consists? of|represents?)\s"
)


@dataclass(slots=True)
class _Candidate:
    """A run of words, by its stems."""

    forms: Counter[str] = field(default_factory=Counter)
    passages: set[int] = field(default_factory=set)
    n_nested: int = 0  # times it stands within longer candidates
    hosts: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def n_uses(self) -> int:
        """Return how often it stands in the text."""
        return self.forms.total()


def key_terms(reading: Reading, *, most: int = MOST) -> list[Term]:
    """Return the terms, the most telling first."""
    casing = Casing(*reading.capitals, reading.ranks)
    candidates = _candidates(reading)
    scores = _scores(reading, candidates)
    found: list[Term] = []
    taken: set[tuple[str, ...]] = set()
    for key in sorted(scores, key=lambda key: (-scores[key], key)):
        if any(_is_within(key, other) or _is_within(other, key) for other in taken):
            continue
        form = candidates[key].forms.most_common(1)[0][0]
        place, is_defined = _place(reading, key, candidates[key])
        taken.add(key)
        found.append(
            Term(_shown(form, casing), candidates[key].n_uses, is_defined, reading.cite(place, len(found) + 1))
        )
        if len(found) == most:
            break
    return found


def _candidates(reading: Reading) -> Mapping[tuple[str, ...], _Candidate]:
    found: defaultdict[tuple[str, ...], _Candidate] = defaultdict(_Candidate)
    for sentence in _prose(reading):
        for words in _runs(sentence.text):
            for length in range(1, _MOST_WORDS + 1):
                for at in range(len(words) - length + 1):
                    part = words[at : at + length]
                    if not _may_be_term(part):
                        continue
                    key = tuple(stem(word.lower()) for word in part)
                    found[key].forms[" ".join(part)] += 1
                    found[key].passages.add(sentence.passage)
                    if length < len(words):
                        found[key].n_nested += 1
    return found


def _prose(reading: Reading) -> list[Sentence]:
    """Return the whole sentences; everything where there are hardly any, as in brochures and slides."""
    whole = [s for s in reading.statements if shape_of(s.text, in_english=reading.language in {None, "en"}) > 0]
    return whole if len(whole) >= _ENOUGH_PROSE else list(reading.statements)


def _roles(reading: Reading) -> tuple[Counter[str], Counter[str]]:
    """Count for each word how often it follows what a noun follows, and what a verb follows."""
    nouns: Counter[str] = Counter()
    verbs: Counter[str] = Counter()
    for sentence in reading.statements:
        tokens = [token.lower() for token in _TOKENS.findall(sentence.text)]
        for before, word in pairwise(tokens):
            if before in _BEFORE_NOUNS:
                nouns[word] += 1
            elif before in _BEFORE_VERBS:
                verbs[word] += 1
    return nouns, verbs


def _runs(text: str) -> Iterator[list[str]]:
    """Yield the runs of content words of a sentence."""
    for run in _RUN.finditer(text):
        words: list[str] = []
        for word in [*run.group().split(), ""]:
            low = word.lower()
            if word and low not in STOP_WORDS and low not in _DULL and low not in AUXILIARIES:
                owner = re.sub(r"[’']s$", "", word)
                words.append(owner.rstrip("&’'-"))
                if owner == word:
                    continue
            if words:
                yield words
            words = []


def _may_be_term(words: list[str]) -> bool:
    last = words[-1].lower()
    if any(len(word) < 2 for word in words) or last.endswith(_ENDINGS) or words[0].lower().endswith("ly"):
        return False
    return len(words) > 1 or (len(last) > 3 or words[0].isupper())


def _scores(reading: Reading, candidates: Mapping[tuple[str, ...], _Candidate]) -> dict[tuple[str, ...], float]:
    n_words = max(1, sum(len(sentence.text.split()) for sentence in _prose(reading)))
    nouns, verbs = _roles(reading)
    hosts: Counter[tuple[str, ...]] = Counter()
    n_hosts: Counter[tuple[str, ...]] = Counter()
    for key, candidate in candidates.items():
        if candidate.n_uses < _LEAST_USES:
            continue
        for length in range(1, len(key)):
            for at in range(len(key) - length + 1):
                hosts[key[at : at + length]] += candidate.n_uses
                n_hosts[key[at : at + length]] += 1
    scores = {}
    for key, candidate in candidates.items():
        if candidate.n_uses < _LEAST_USES or len(candidate.passages) < 2:
            continue
        form = candidate.forms.most_common(1)[0][0]
        nested = hosts[key] / n_hosts[key] if n_hosts[key] else 0.0
        c_value = math.log2(len(key) + 1.5) * max(0.0, candidate.n_uses - 0.7 * nested)
        spread = len(candidate.passages) / candidate.n_uses
        weight = _weirdness(form, candidate.n_uses / n_words, reading.ranks) * spread * _nounhood(form)
        if len(key) == 1:
            weight *= _alone(form, nouns[form.lower()], verbs[form.lower()], _rank(form.lower(), reading.ranks))
        elif any(
            verbs[word] > nouns[word] and form != form.title()
            for word in (form.lower().split()[0], form.lower().split()[-1])
        ):
            weight = 0.0
        scores[key] = math.log1p(c_value) * weight
    return {key: score for key, score in scores.items() if score > 0}


def _alone(form: str, n_noun: int, n_verb: int, rank: int) -> float:
    """Return how well a single word does as a term: rare ones and acronyms well, verbs and everyday words not."""
    if form.isupper() or sum(c.isupper() for c in form) > 1:
        return 1.0
    if n_verb * 3 > n_noun:
        return 0.0
    return min(1.0, max(0.15, math.log(rank / 600) / math.log(40)))


def _nounhood(form: str) -> float:
    """Return how likely a run of words names something, judged by its ends."""
    last, first = form.rsplit(maxsplit=1)[-1].lower(), form.split(maxsplit=1)[0].lower()
    likely = 0.6 if last.endswith(("ing", "al", "ive", "ous", "ble", "ful", "ic", "ary")) and " " not in form else 1.0
    length = 1.35 if " " in form else 1.0
    return (
        likely
        * length
        * (0.5 if first.endswith("ing") and " " not in form else 1.0)
        * (0.4 if not is_noun_phrase(form) else 1.0)
    )


def _weirdness(form: str, frequency: float, ranks: Mapping[str, int]) -> float:
    """Return how much more often the rarest and the mean word stand here than in English, where rank tells (Zipf)."""
    rarities = [math.log(1 + frequency * 12 * _rank(word, ranks)) for word in form.lower().split()]
    return 0.5 * max(rarities) + 0.5 * sum(rarities) / len(rarities)


def _rank(word: str, ranks: Mapping[str, int]) -> int:
    for form in (word, word.removesuffix("s"), word.removesuffix("es"), word.replace("-", "")):
        if form in ranks:
            return ranks[form]
    pieces = word.split("-")
    if len(pieces) > 1 and all(piece in ranks for piece in pieces):
        return max(8_000, *(ranks[piece] for piece in pieces))
    return _UNKNOWN_RANK


def _is_within(key: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Tell whether one term holds the other, or the two share their last word and most of the rest."""
    n = len(key)
    return any(other[at : at + n] == key for at in range(len(other) - n + 1))


def _place(reading: Reading, key: tuple[str, ...], candidate: _Candidate) -> tuple[Sentence, bool]:
    """Return the sentence that defines a term, else the first that uses it in the passage that uses it most."""
    forms = "|".join(sorted((re.escape(form) for form in candidate.forms), key=len, reverse=True))
    acronyms = (
        "|".join(re.escape(form) for form in candidate.forms if form.upper() == form or form.rstrip("s").isupper())
        or "(?!)"
    )
    opens = re.compile(rf"^(?:\W|The\s|An?\s)*(?:[\w-]+\s)?(?:{forms})(?:{_DEFINES})", re.I)
    named = re.compile(
        rf"\b(?:called|termed|known as|defined? (?:as )?(?:an?\s|the\s)?|referred to as)\s[“\"']?(?:an?\s"
        rf"|the\s)?(?:{forms})\b",
        re.I,
    )
    expands = re.compile(
        rf"\b(?i:{forms})\s\((?P<short>[A-Z][A-Za-z-]{{1,8}})\)|\((?:the\s)?[“\"](?:the\s)?(?i:{forms})[”\""
        rf"]\)|(?P<long>(?:[\w-]+\s){{1,6}})\((?:{acronyms})\)"
    )
    used = re.compile(rf"\b(?:{forms})\b", re.I)
    near = [s for s in reading.statements if s.passage in candidate.passages]
    using = [s for s in near if used.search(s.text)] or near
    for pattern in (opens, named, expands):
        for sentence in using:
            found = pattern.search(sentence.text)
            if found is None or len(sentence.text) > 500 or sentence.text[-1] not in _STOPS:
                continue
            if pattern is expands and not _spells_out(found):
                continue
            return sentence, True
    counts = Counter(sentence.passage for sentence in using)
    busiest = max(counts, key=lambda passage: (counts[passage], -passage))
    return next(sentence for sentence in using if sentence.passage == busiest), False


def _spells_out(found: re.Match[str]) -> bool:
    """Tell whether the words before brackets begin with the letters in them, as a long form and its acronym do."""
    if found["short"] is None and found["long"] is None:
        return True
    short = found["short"] or found.group()[found.group().rindex("(") + 1 : -1]
    long = found["long"] or found.group()[: found.group().rindex("(")]
    initials = "".join(word[0] for word in re.split(r"[\s-]+", long) if word).lower()
    return (
        initials[-1:] != ""
        and short[0].lower() in initials
        and len(set(short.lower().rstrip("s")) & set(initials)) >= 2
    )


def _shown(form: str, casing: Casing) -> str:
    """Return a term as it is listed: names keep their capitals, all else is small."""
    if " " in form and all(word[0].isupper() for word in form.split()):
        return form
    return " ".join(word if casing.is_name(word) else word.lower() for word in form.split())
