"""Phrases in quotes, which are to stand in a document as they are."""

from __future__ import annotations

import re

from rag.retrieve.hints.asked import Text, hint
from rag.types import Hint

_QUOTED = re.compile(
    r"(?<![\w\"“])(?:\"(?=\S)(?P<straight>[^\"“”]{2,300}?)(?<=\S)\"|“(?P<curly>[^“”]{2,300})”|«(?P<angled>[^«»]{2,300})»"
    r"|„(?P<low>[^„“”]{2,300})[“”])(?!\w)"
)
_HOW_TO_ANSWER = re.compile(
    r"\b(?:e\.g\.|for example|such as|answer|reply|respond|write|return|format|either)\b[^.?!]{0,25}$", re.I
)
_LETTER = re.compile(r"[^\W_]")


def read_phrases(text: Text) -> list[Hint]:
    """Return the quoted phrases; not those that tell how to answer, as in `Answer "yes" or "no"` or `["a", "b"]`."""
    found: list[Hint] = []
    for match in list(text.finditer(_QUOTED)):
        phrase = next(group for group in match.groups() if group is not None).strip(" ,.")
        before = text.question[: match.start()]
        is_in_brackets = before.count("[") > before.count("]")
        is_whole = len(phrase) > 0.8 * len(text.question) and phrase.endswith("?")
        is_manner = _HOW_TO_ANSWER.search(before) and len(phrase.split()) <= 2
        if is_in_brackets or is_whole or not _LETTER.search(phrase) or is_manner:
            text.take(*match.span())
            continue
        text.take(*match.span())
        found.append(hint("phrase", match.group(), f"“{phrase}”", (phrase,)))
    return found
