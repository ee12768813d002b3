"""Whether a question that a language model made to stand alone can be trusted: it says what was said, no more. Pure.

A model may answer instead of asking, lose half of the question, or add what nobody said. All of that shows in the
words: every word with a meaning of its own must stand in the question or in what was said before it, what the question
asked must still be there, and it must be about as long as a question is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.retrieve.rewrite import Exchange
from rag.text import STOP_WORDS, stem, words

MAX_MORE = 14  # words that a rewrite may have more than the question
_KEPT = 0.7  # least share of the question's own words
_QUESTION_WORD = re.compile(r"\b(who|whom|whose|what|which|when|where|why|how)\b", re.I)
_LEADING = re.compile(r"^(?:(?:the )?(?:rewritten|standalone|new) question(?: is)?\s*:|q(?:uestion)?\s*:)\s*", re.I)
_VAGUE = frozenset("one ones else more also again thing things something anything same other others another".split())


def tidied(text: str) -> str:
    """Return the first line of what a model said, without a label and without quotes around it."""
    line = next((line for line in text.strip().splitlines() if line.strip()), "")
    return _LEADING.sub("", " ".join(line.split())).strip("\"“”'` ")


def can_be_trusted(rewrite: str, question: str, history: Sequence[Exchange]) -> bool:
    """Tell whether a rewrite asks what the question asks, in words that were said."""
    if not any(character.isalnum() for character in rewrite):
        return False
    if len(rewrite.split()) > len(question.split()) + MAX_MORE:
        return False
    asked, new = _stems(question), _stems(rewrite)
    said = {stem_ for exchange in history for stem_ in _stems(f"{exchange.question} {exchange.answer_text}")}
    if not new <= asked | said:
        return False
    own = {stem_ for stem_ in asked if stem_ not in _VAGUE}
    if len(own & new) < _KEPT * len(own):
        return False
    if history and new == _stems(history[-1].question) and asked != new:  # the last question once more
        return False
    return _asks_alike(rewrite, question)


def _stems(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in STOP_WORDS}


def _asks_alike(rewrite: str, question: str) -> bool:
    """Tell whether both ask with the same word, so far as the question has one: "when", say."""
    asked, asks = ([match.lower() for match in _QUESTION_WORD.findall(text)] for text in (question, rewrite))
    return not asked or bool({*asked} & {*asks}) or ("who" in asks and "whom" in asked)
