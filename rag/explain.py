"""Why a passage was found, and why above the next: in plain words, from the shares that the signals have in its score.

In: hits, and what their question was taken to ask. Out: names, sentences, parts of texts. Pure; nothing is computed
anew: shares of signals add up to a hit's score, so that their differences add up to what sets two hits apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.text import content_words, fold, stems
from rag.types import Answer, AnswerType, EvidenceKind, Hint, Hit, Understood
from rag.used import used_hits
from rag.wording import page_name

LEAST = 0.005  # a share that is nothing when it is shown with two digits
TELLING = 0.25  # of the largest difference: what is less does not tell why
MAX_FOR, MAX_AGAINST = 2, 1  # differences that a sentence names
MAX_TWINS = 6  # places that are named
ROOT = 4  # letters that forms of a word share
SURE = 0.6  # from here on it is said where the answer probably stands


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a signal: its name, and how a passage differs that has more or less of it."""

    name: str
    more: str
    less: str


# By the names of `rag.asking.retriever`.
SIGNALS: dict[str, Said] = {
    "meaning": Said("meaning", "its meaning is nearer", "its meaning is farther"),
    "meaning, in other words": Said(
        "meaning in other words",
        "its meaning is nearer to other words for it",
        "its meaning is farther from other words",
    ),
    "words": Said("words", "its words agree more", "its words agree less"),
    "page words": Said("words of the page", "the words of its page agree more", "the words of its page agree less"),
    "headings": Said("headings", "its headings agree more", "its headings agree less"),
    "page top": Said("top of the page", "the top of its page agrees more", "the top of its page agrees less"),
    "document title": Said("document's name", "its document's name agrees more", "its document's name agrees less"),
    "document opening": Said(
        "document's first page", "its document's first page agrees more", "its document's first page agrees less"
    ),
    "page digits": Said("figures on the page", "its page holds more figures", "its page holds fewer figures"),
    "passage digits": Said("figures", "it holds more figures", "it holds fewer figures"),
    "page, other passages": Said(
        "rest of the page", "the rest of its page agrees more", "the rest of its page agrees less"
    ),
    "page named": Said("page that is asked for", "it stands on the page asked for", "it stands on another page"),
    "section named": Said("section that is asked for", "its section is the one asked for", "its section is another"),
    "part named": Said("part that is asked for", "its part is the one asked for", "its part is another"),
    "document named": Said(
        "document that is asked for", "its document is the one asked for", "its document is another"
    ),
    "document period": Said(
        "period of the document", "its document is of the period asked for", "its document is of another period"
    ),
    "period": Said("period", "it names the period asked for", "it does not name the period asked for"),
    "phrase": Said("quoted words", "it holds the quoted words", "it does not hold the quoted words"),
    "best window": Said(
        "words close together", "the words stand closer together in it", "the words stand farther apart in it"
    ),
    "side by side": Said(
        "words side by side",
        "more of the words stand side by side in it",
        "fewer of the words stand side by side in it",
    ),
    "best sentence": Said(
        "best sentence", "one of its sentences answers better", "none of its sentences answers as well"
    ),
    "best row": Said("words in one row", "a row of it holds more of the words", "its rows hold fewer of the words"),
    "reranker": Said("second reading", "the second reading finds it nearer", "the second reading finds it farther"),
    "statement": Said(
        "statement it stands in",
        "it stands in the statement that presents such figures",
        "it stands in no such statement",
    ),
    "pages beside": Said("pages beside it", "the pages beside it agree more", "the pages beside it agree less"),
}
ANSWER_TYPES: dict[AnswerType, str] = {
    "number": "a number",
    "money": "an amount of money",
    "percentage": "a percentage",
    "date": "a date",
    "person": "a person",
    "place": "a place",
    "entity": "a name or a thing",
    "yes/no": "yes or no",
    "list": "a list",
    "explanation": "an explanation",
}
EVIDENCE: dict[EvidenceKind, str] = {"table": "in a table", "prose": "in prose", "figure": "in a figure"}


def said_of(signal: str) -> Said:
    """Return what is said of a signal; one that has no words yet is called by its name."""
    return SIGNALS.get(signal) or Said(signal, f"it has more of “{signal}”", f"it has less of “{signal}”")


# ------------------------------------------------------------------------------------------------- shares


@dataclass(frozen=True, slots=True)
class Share:
    """What a signal gives to a score. The name is for reading."""

    name: str
    value: float


def shares(hit: Hit, *, most: int | None = None) -> tuple[Share, ...]:
    """Return the shares that are not nothing, the largest first; they add up to the hit's score, nearly.

    Args:
        most: how many at the utmost; the least telling ones then stand together, last, as "others".
    """
    told = sorted((pair for pair in hit.signals if abs(pair[1]) >= LEAST), key=lambda pair: (-abs(pair[1]), pair[0]))
    kept = told if most is None or len(told) <= most else told[: most - 1]
    rest = sum(value for _, value in told[len(kept) :])
    found = [Share(said_of(name).name, value) for name, value in sorted(kept, key=lambda pair: (-pair[1], pair[0]))]
    return (*found, Share("others", rest)) if len(kept) < len(told) else tuple(found)


def largest(hits: Sequence[Hit]) -> float:
    """Return the largest share of any hit, by size: bars are drawn to its scale. 1 when there is none."""
    return max((abs(value) for hit in hits for _, value in hit.signals), default=0.0) or 1.0


def also_words(hit: Hit) -> str:
    """Return where else the text of a hit stands: "p. 12, 40, p. 3 of other.pdf", its own document first."""
    here = [page_name(twin.page, twin.label) for twin in hit.also if twin.document == hit.document]
    there = [f"{page_name(t.page, t.label)} of {t.document}" for t in hit.also if t.document != hit.document]
    told = [*here[:1], *(name.removeprefix("p. ") for name in here[1:]), *there]
    rest = len(told) - MAX_TWINS
    return ", ".join(told[:MAX_TWINS]) + (f" and in {rest:,} more places" if rest > 0 else "")


# ------------------------------------------------------------------------------------------ above the next


@dataclass(frozen=True, slots=True)
class Above:
    """Why a hit stands above the next one."""

    rank: int  # of the next one
    by: float  # difference of the scores
    signals: tuple[tuple[str, float], ...]  # that differ, by the signal's own name; the largest difference first
    text: str  # "above 3 because its words agree more (+0.8) although its meaning is farther (-0.2)"


def above_next(hits: Sequence[Hit]) -> list[Above | None]:
    """Return for each hit why it stands above the next; None for the last, and for those without signals."""
    return [*map(_above, hits, hits[1:]), *([None] if hits else [])]


def _above(hit: Hit, lower: Hit) -> Above | None:
    if not hit.signals or not lower.signals:
        return None
    here, there = dict(hit.signals), dict(lower.signals)
    names = dict.fromkeys((*here, *there))
    differences = [(name, here.get(name, 0.0) - there.get(name, 0.0)) for name in names]
    telling = tuple(sorted((d for d in differences if abs(d[1]) >= LEAST), key=lambda d: (-abs(d[1]), d[0])))
    by = hit.score - lower.score
    return Above(lower.rank, by, telling, _sentence(lower.rank, by, telling))


def _sentence(rank: int, by: float, telling: Sequence[tuple[str, float]]) -> str:
    """Return the two or three largest differences as a sentence, without a capital or a stop."""
    if abs(by) < LEAST:
        return f"as good as {rank}: their scores are equal"
    if by < 0:  # what comes after the scores moved it: documents that take turns, a second reading
        return f"above {rank} for a reason besides these signals, which give it {signed(by)}"
    least = TELLING * abs(telling[0][1]) if telling else 0.0
    speak_for = [d for d in telling if d[1] > 0 and d[1] >= least][:MAX_FOR] or [d for d in telling if d[1] > 0][:1]
    against = [d for d in telling if d[1] < 0 and -d[1] >= least][:MAX_AGAINST]
    if not speak_for:
        return f"above {rank} by {signed(by)}, of many small differences"
    because = " and ".join(f"{said_of(name).more} ({signed(value)})" for name, value in speak_for)
    although = "".join(f" although {said_of(name).less} ({signed(value)})" for name, value in against)
    just = f"just above {rank} ({signed(by)})" if by < TELLING * abs(telling[0][1]) else f"above {rank}"
    return f"{just} because {because}{although}"


def signed(value: float) -> str:
    """Return a number with its sign, with a true minus, as short as it tells: +1.2, \u22120.04."""
    shown = f"{value:+.1f}" if abs(value) >= 0.095 else f"{value:+.2f}"
    return shown.replace("-", "\u2212")


def is_near(hit: Hit, threshold: float) -> bool:
    """Tell whether a hit passes the threshold of `Manner`: by its relevance, or else by its similarity."""
    known = hit.similarity if hit.relevance is None else hit.relevance
    return threshold <= 0 or known is None or known >= threshold


# ------------------------------------------------------------------------------------------------- matched


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a passage's text, and whose words it is: nobody's, the question's, or those of other words for them."""

    text: str
    of: str = ""  # "", "own" or "other"


def pieces(hit: Hit, understood: Understood | None = None, *, window: tuple[int, int] | None = None) -> list[Piece]:
    """Return a passage cut at its matched words; the pieces together are its text.

    Neighbouring words of one kind are one piece. A word is the question's own when it is a form of one of its
    words, or when nothing else was looked for.

    Args:
        window: start and end of the part of the text that is wanted; None: all of it.
    """
    text = hit.passage.text
    at, stop = window or (0, len(text))
    own = _own(understood)
    found: list[Piece] = []
    for start, end in hit.matched:
        if start < at or end > stop:
            continue
        of, between = _whose(text[start:end], own), text[at:start]
        if found and found[-1].of == of and between.isspace():
            found[-1] = Piece(f"{found[-1].text}{between}{text[start:end]}", of)
        else:
            found += [Piece(between), Piece(text[start:end], of)]
        at = end
    return [piece for piece in (*found, Piece(text[at:stop])) if piece.text]


def telling_part(hit: Hit, n_characters: int) -> tuple[int, int]:
    """Return the part of a passage, start and end, that holds most of its different matched words; the first of equals.

    It begins and ends with whole words, and is not longer than `n_characters` (from 160 on) where there are spaces.
    """
    text = hit.passage.text
    if len(text) <= n_characters:
        return 0, len(text)
    best = (0, 0)  # different words, where it starts
    for first, _ in hit.matched:
        start = max(0, first - n_characters // 8)  # something of what stands before
        words = {fold(text[a:b]) for a, b in hit.matched if start <= a and b <= start + n_characters}
        best = max(best, (len(words), start), key=lambda pair: (pair[0], -pair[1]))
    start = min(best[1], len(text) - n_characters)
    end = start + n_characters
    spaces = [at for at, character in enumerate(text[start : start + 20]) if character.isspace()]
    start += spaces[0] + 1 if start and spaces else 0
    cut = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
    return start, len(text) if end == len(text) else cut if cut > end - 40 else end


def _own(understood: Understood | None) -> set[str] | None:
    """Return the forms of the question's words; None: nothing else was looked for."""
    if understood is None or not understood.expansions:
        return None
    return _forms(f"{understood.question} {understood.query}")


def _whose(word: str, own: set[str] | None) -> str:
    if own is None or any(_are_kin(here, there) for here in _forms(word) for there in own):
        return "own"
    return "other"


def _forms(text: str) -> set[str]:
    return {*stems(text), *content_words(text)}


def _are_kin(one: str, other: str) -> bool:
    """Tell whether two words, or stems of words, are forms of one: light stems may end differently."""
    return one == other or (min(len(one), len(other)) >= ROOT and (one.startswith(other) or other.startswith(one)))


# ---------------------------------------------------------------------------------------------- understood


def expected(understood: Understood) -> str:
    """Return what answer is looked for and where it should stand: "a date, in prose"; "" when nothing is known."""
    what = "" if understood.answer_type is None else ANSWER_TYPES[understood.answer_type]
    kind, probability = max(understood.evidence, key=lambda pair: pair[1], default=(None, 0.0))
    where = "" if kind is None or probability < SURE else f"probably {EVIDENCE[kind]}"
    return ", ".join(part for part in (what, where) if part)


def hint_words(hint: Hint) -> str:
    """Return a hint as it is shown: what it means, after its kind where that does not say so itself."""
    return hint.means if fold(hint.kind) in fold(hint.means) else f"{hint.kind}: {hint.means}"


# ---------------------------------------------------------------------------------------------------- cited


def cited(answer: Answer) -> set[int]:
    """Return the ranks of the hits that a claim rests on; the others were retrieved and not used."""
    return {hit.rank for hit in used_hits(answer)}
