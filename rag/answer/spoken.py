"""What a language model said, as text: sentences and the passages it named, refusals, loops, thoughts. Pure.

Models say the same thing in many forms. Here their forms are taken off: markers like [2], bold type, "Answer:", what
they think before they speak, and the same sentence over and over.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

from rag.answer.prompts import MODEL_NO_ANSWER
from rag.text import fold, sentence_spans, words

UNFINISHED = "The answer reached its greatest length before it was finished."
REPEATED = "The model began to repeat itself and was stopped."
NOTHING = "The model said nothing."
ELLIPSIS = "…"

_LOOK_EVERY = 20  # pieces, for a loop that has no end of a sentence
_MARKER = re.compile(
    r"\s*[\[(](?:(?:passages?|sources?)\s)?(\d{1,2})(?:\s?(?:,|;|and|&|–|-)\s?\d{1,2})*\]|\s*\(passages?\s\d{1,2}\)",
    re.I,
)
_LEADING = re.compile(r"^(?:\s*\[\d{1,2}\])+[\s:.,-]*")
_ACCORDING = re.compile(
    r"^(?:According to|As (?:stated|mentioned|described) in|Based on|In|From)\s(?:the\s)?"
    r"(?:(?:passages?|text|source)\s?)?(?:\[?\d{1,2}\]?)?(?:\sand\s\[?\d{1,2}\]?)?,\s",
)
_NAMED = re.compile(r"\b(?:passage|source)\s\[?(\d{1,2})\]?", re.I)
_LABEL = re.compile(r"^\s*(?:\*\*)?(?:final\s)?answer(?:\sis)?\s?:(?:\*\*)?\s*", re.I)
_THE_ANSWER_IS = re.compile(r"^the (?:correct )?answer(?: to (?:this|the) question)? is(?::| that\b)\s*", re.I)
_ITEM = re.compile(r"(?:(?:fig(?:ure|\.)?|table|section|chapter|passage) ?\d{1,3}(?:\.\d{1,2})*|\d{1,2})[.):]?", re.I)
_BULLET = re.compile(r"^\s*(?:[-*•]|#{1,6}|\d{1,2}[.)])\s+", re.M)
_STRONG = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1")
_THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.S)
_END = re.compile(r"[.!?。！？:][\"'”’)\]*]*\s*$")
_LOOP = re.compile(r"(?P<said>\b\S.{15,150}?)(?:\W+(?P=said)){2,}", re.S)

_WHERE = r"(?:documents?|passages?|texts?|contexts?|sources?|information)"
_SAY = r"(?:say|mention|contain|provide|state|specify|include|give|answer|tell|discuss|indicate|address)"
_DECLINES = re.compile(
    rf"^(?:the |these |none of the |no )?(?:given |provided |above )?{_WHERE}(?: provided| given)? "
    rf"(?:(?:do|does|did)(?: not|n't) (?:directly |explicitly )?{_SAY}|{_SAY}s? (?:no|nothing|not))\b"
    rf"|^(?:none|neither) of (?:the|these) {_WHERE} {_SAY}"
    rf"|^(?:i am |i'm )?sorry\b.*\b(?:not|n't|no)\b"
    rf"|^i (?:do not|don't|cannot|can't|am not able to) (?:know|answer|find|tell|have)"
    rf"|\b(?:is|are|was|were) not (?:mentioned|stated|specified|provided|given|found) in (?:the|any of the)\b.*{_WHERE}"
    rf"|^there is no (?:information|mention|answer)\b|^no (?:answer|passage)s?\b"
    rf"|^the (?:answer|question) (?:is not|cannot be|can't be)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of a model, without markers, and the number of the passage that it named, if any."""

    text: str
    named: int | None = None


def sentences_said(text: str) -> list[Said]:
    """Return the sentences of what a model said, in order; those without a word are left out."""
    found: list[Said] = []
    plain = _STRONG.sub(r"\2", _BULLET.sub("", _LABEL.sub("", without_thoughts(text))))
    for start, end in sentence_spans(plain):
        sentence = plain[start:end]
        leading = _LEADING.match(sentence)
        if leading and found and found[-1].named is None and not sentence[: leading.end()].endswith("\n"):
            # "… in 1980. [1] Then …": the marker belongs to the sentence before it
            found[-1] = Said(found[-1].text, _first_number(leading.group()))
        named = _first_number(sentence[leading.end() :] if leading and found else sentence)
        bare = _bare(sentence[leading.end() :] if leading else sentence)
        if words(bare):
            found.append(Said(bare, named))
    # "3." is what is left of a list that was begun, "Figure 3." of a caption; by itself it may be an answer
    return [said for said in found if len(found) == 1 or not _ITEM.fullmatch(said.text)]


def _first_number(text: str) -> int | None:
    match = re.search(r"\[(\d{1,2})", text) or _NAMED.search(text)
    return int(match[1]) if match else None


def _bare(sentence: str) -> str:
    """Return a sentence without markers and without the words that only lead to them."""
    bare = _MARKER.sub("", _ACCORDING.sub("", _THE_ANSWER_IS.sub("", sentence.strip())))
    bare = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(bare.split())).strip()
    return bare[:1].upper() + bare[1:] if bare != sentence.strip() else bare


def declines(text: str) -> bool:
    """Tell whether a sentence says that there is no answer: the phrase asked for, or an evident paraphrase."""
    said = fold(_bare(without_thoughts(text)))
    return fold(MODEL_NO_ANSWER).rstrip(".") in said or _DECLINES.search(said) is not None


def until_repeated(text: str) -> tuple[str, bool]:
    """Return the text up to the first sentence that was said before, or the first loop; and whether there was one."""
    seen: set[str] = set()
    for start, end in sentence_spans(text):
        form = fold(_MARKER.sub("", _LEADING.sub("", text[start:end])))
        if len(words(form)) >= 3:
            if form in seen:
                return text[:start].rstrip(), True
            seen.add(form)
    loop = _LOOP.search(text)
    return (text[: loop.end("said")].rstrip(), True) if loop else (text, False)


def is_unfinished(text: str) -> bool:
    """Tell whether a text breaks off in the middle of a sentence."""
    plain = text.rstrip()
    return bool(plain) and not _END.search(_MARKER.sub("", plain)) and not plain.endswith(ELLIPSIS)


def without_thoughts(text: str) -> str:
    """Return a text without what a model thinks before it speaks."""
    return _THOUGHT.sub("", text).lstrip()


def spoken(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the pieces of a stream without thoughts and leading white space; end it when it repeats itself.

    The repeated sentence itself was yielded by then: `until_repeated` takes it off.
    """
    text, told, n_pieces = "", 0, 0
    for piece in _closed_after(pieces):
        text += piece
        if text.lstrip().startswith("<") and "<think>".startswith(text.lstrip()[:7]) and "</think>" not in text:
            continue  # thinking, or about to
        plain = without_thoughts(text)
        if len(plain) > told:
            yield plain[told:]
            told = len(plain)
        n_pieces += 1
        if (_END.search(piece) or n_pieces % _LOOK_EVERY == 0) and until_repeated(plain)[1]:
            return
    plain = without_thoughts(text)
    if len(plain) > told:
        yield plain[told:]


def _closed_after(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the pieces; end their generator when nobody asks for more, so that a server's connection is closed."""
    try:
        yield from pieces
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


@dataclass(slots=True)
class Timed:
    """Pieces of a text, timed while they come."""

    pieces: Iterable[str]
    text: str = ""
    n_pieces: int = 0
    started: float = field(default_factory=time.perf_counter)
    first: float | None = None  # when the first piece came
    last: float | None = None

    def __iter__(self) -> Iterator[str]:
        for piece in self.pieces:
            self.last = time.perf_counter()
            self.first = self.first or self.last
            self.text += piece
            self.n_pieces += 1
            yield piece

    def timings(self, n_tokens: int) -> dict[str, float]:
        """Return seconds to the first piece and in all, the tokens, and tokens a second after the first."""
        if self.first is None or self.last is None:
            return {"write": time.perf_counter() - self.started}
        seconds = self.last - self.first
        rate = (n_tokens - 1) / seconds if seconds > 0 else 0.0
        return {
            "first_token": self.first - self.started,
            "write": self.last - self.started,
            "n_tokens": float(n_tokens),
            "tokens_per_s": rate,
        }
