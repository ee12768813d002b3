"""The model alone beside the model with the documents: what it says that no passage supports, in marks and one line.

Pure: numbers, names and content words are compared, nothing is understood. "Not supported" means that the passages
that were read do not hold it; it may be true all the same, and the wording says no more than that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.answer.facts import Fact, Source, facts, lacking, phrases
from rag.text import STOP_WORDS, stem, words
from rag.types import Answer, Claim, Hit, Verdict

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*(?:[.,]\d+)*%?")
_SPEECH = frozenset(  # words that speak about the answer, not about its matter
    "also although answer because called could due example first generally however include including known like main"
    " many may might mean often one part question refer several since specific specifically such therefore thus type"
    " typically use used using usually various way well would yes".split()
)
_SPEECH_STEMS = frozenset(map(stem, _SPEECH))
_STANDS: dict[Verdict, str] = {"verbatim": "support", "supported": "support", "contradicted": "contradict"}
_FRIENDLY = re.compile(r"[\s,;:()\"'“”‘’–—/-]*")  # what may stand between two parts that are marked as one


def unsupported_parts(text: str, hits: Sequence[Hit], *, question: str = "") -> list[tuple[int, int]]:
    """Return (start, end) of the parts of a text that no passage supports, in order, neighbours joined.

    A part is a number or a word of a name that stands in none of the passages, or a content word whose stem does not.
    The question's own words are never marked: the user brought them.
    """
    known = _known(hits, question)
    parts: list[tuple[int, int]] = []
    lacks = lacking(text, _read(hits, question))
    inside = {at: fact for fact in facts(text) for at in range(fact.start, fact.end)}
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        fact = inside.get(start)
        missing = fact in lacks if fact else _is_missing(match.group(), known)
        if not missing:
            continue
        if parts and _FRIENDLY.fullmatch(text, parts[-1][1], start):
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return parts


def verdict_line(grounded: Answer, ungrounded: Answer, hits: Sequence[Hit] | None = None) -> str:
    """Return one plain sentence on how the two answers differ, by what can be counted.

    `hits` are the passages that were read; None: those of the grounded answer.
    """
    if ungrounded.abstained:
        if grounded.abstained:
            return "Your documents do not say, and the model alone gives no answer either."
        return "Only your documents answer this: the model alone gives no answer."
    if all(claim.verdict != "unchecked" for claim in ungrounded.claims):
        told = _judged(ungrounded.claims)
        return f"{told} They do not answer this question." if grounded.abstained else told
    missing = _missing(ungrounded, grounded.hits if hits is None else hits)
    counts = _counted(missing)
    if grounded.abstained:
        named = f", and names {counts} that the passages do not contain" if counts else ""
        return f"The model alone answers{named}; the passages read do not answer this question."
    if counts:
        return f"The model alone names {counts} that the passages read do not contain."
    if facts(ungrounded.text):
        return (
            "The model alone gives no number or name that the passages read lack; whether it puts them together "
            "rightly is not checked."
        )
    return "The model alone gives no number and no name that could be checked."


def sides_line(left: Answer, right: Answer) -> str:
    """Return one plain sentence on how two answers from the same passages stand to them."""
    if left.abstained and right.abstained:
        return "Neither finds an answer in the passages."
    told = [_borne_out(answer) for answer in (left, right)]
    return f"{told[0]} {told[1]}"


def whose(answer: Answer) -> str:
    """Return who speaks in an answer: the documents, or a model."""
    return "The documents' own words" if answer.reader == "extractive" else answer.model or "The model"


def _borne_out(answer: Answer) -> str:
    name = whose(answer)
    if answer.reader == "extractive":
        return f"{name} do not answer." if answer.abstained else f"{name} are verbatim."
    if answer.abstained or answer.stands_in:
        return (
            f"The documents support nothing that {name} says."
            if answer.left_out
            else f"{name} finds no answer in them."
        )
    claims = (*answer.claims, *answer.left_out)
    n = sum(_STANDS.get(claim.verdict) == "support" for claim in claims)
    against = sum(claim.verdict == "contradicted" for claim in claims)
    also = f" and contradict {against}" if against else ""
    if len(claims) == 1:
        verb = "support" if n else "contradict" if against else "do not support"
        return f"The documents {verb} the sentence by {name}."
    return f"Of the {len(claims)} sentences by {name} the documents support {n}{also}."


def _judged(claims: Sequence[Claim]) -> str:
    """Return how the claims of the model alone stand to the passages, in one sentence."""
    n_of = Counter(_STANDS.get(claim.verdict, "do not hold") for claim in claims)
    if len(claims) == 1:
        return f"The passages read {next(iter(n_of))} what the model alone says."
    parts = [f"{verb} {n_of[verb]}" for verb in ("support", "contradict", "do not hold") if n_of[verb]]
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    return f"Of the {len(claims)} sentences by the model alone, the passages read {listed}."


def _missing(ungrounded: Answer, hits: Sequence[Hit]) -> list[Fact]:
    """Return the facts that no passage holds; each number or name once, the words of one name together."""
    return phrases(lacking(ungrounded.text, _read(hits, ungrounded.question)), ungrounded.text)


def _read(hits: Sequence[Hit], question: str) -> Source:
    """Return all passages as one source; what the question says, numbers and names, the user brought."""
    texts = [text for hit in hits for text in (hit.passage.text, hit.passage.index_text)]
    return Source("\n".join((*texts, question)))


def _counted(missing: Sequence[Fact]) -> str:
    n_numbers = sum(fact.kind != "name" for fact in missing)
    n_names = len(missing) - n_numbers
    parts = [f"{n} {noun}{'s' * (n != 1)}" for n, noun in ((n_numbers, "number"), (n_names, "name")) if n]
    return " and ".join(parts)


def _known(hits: Sequence[Hit], question: str) -> set[str]:
    """Return the stems of the words that the passages and the question hold."""
    known = {stem(word) for word in words(question)}
    for hit in hits:
        known |= {stem(word) for text in (hit.passage.text, hit.passage.index_text) for word in words(text)}
    return known


def _is_missing(word: str, known: set[str]) -> bool:
    lower = word.lower()
    if lower in STOP_WORDS or stem(lower) in _SPEECH_STEMS:
        return False
    return len(lower) > 2 and stem(lower) not in known
