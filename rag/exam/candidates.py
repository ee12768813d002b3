"""A question that could be put, before it is known whether anything else in the library answers it too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rag.exam.items import ItemKind
from rag.guide.voice import MONTH, Voice
from rag.types import PageSpan

_WORD = re.compile(r"[a-z]{3,}")
_LEAST_KNOWN = 0.75  # of the plain words of what was read well
_FEW = 4  # words: too few to judge by
_RARE = 4_000  # rank from which a word alone says what is meant
_OF_THE = re.compile(r"the (?:[a-z-]+ ){1,3}of (?:the|all|both) [a-z-]+$")  # "the carrying value of the investment"
_VAGUE = 2  # words after "the": so few mean what was spoken of before


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question with its answer and its place.

    `subject` is what the question is about, as it stands in the text: where it stands elsewhere too, the question has
    to say which document it means. `alike` names the question among others that ask the same.
    """

    kind: ItemKind
    question: str
    answer: str
    page: int
    spans: tuple[PageSpan, ...]
    subject: str
    alike: str
    pages: tuple[int, ...] = ()  # further pages that answer


def is_particular(question: str, subject: str, voice: Voice) -> bool:
    """Tell whether a question says of itself what it is about: no "the church" that only its page makes known."""
    if _OF_THE.match(subject):
        return False
    words = subject.split()
    is_definite = words[0].lower() in {"the", "a", "an"}
    inner = words[1:] if is_definite else words
    if any(voice.casing.is_name(word) or any(c.isdigit() for c in word) for word in inner):
        return True
    if any(word[0].isupper() and not re.fullmatch(rf"{MONTH}\W?", word) for word in question.split()[1:]):
        return True
    if len(inner) == 1:
        return not is_definite and voice.ranks.get(inner[0].lower(), _RARE) >= _RARE
    return len(inner) > _VAGUE or " of " in subject or not is_definite


def reads_well(text: str, ranks: Mapping[str, int]) -> bool:
    """Tell whether a text is made of words: what OCR made of a bad scan, or a broken font, is not asked about."""
    plain = _WORD.findall(text)  # names and figures say nothing
    return not ranks or len(plain) < _FEW or sum(word in ranks for word in plain) >= _LEAST_KNOWN * len(plain)
