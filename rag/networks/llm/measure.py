"""What a tuned model does with lessons that it has not seen: right words, right number, silence where it is due."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rag.answer.llm import LocalModel
from rag.answer.spoken import declines
from rag.networks.llm.examples import Lesson
from rag.text import fold, words

_MAX_TOKENS = 80
_NUMBER = re.compile(r"\[(\d{1,2})\]")


def measure(model: LocalModel, lessons: Sequence[Lesson]) -> dict[str, Any]:
    """Return figures of what the model says to lessons; shares of those that the figure is about.

    F1 is of the words of the whole reply against the reply that would be learnt.
    """
    asked = [one for one in lessons if one.kind in {"answer", "abstain"}]
    said = [
        "".join(model.stream(one.turns, max_tokens=_MAX_TOKENS, is_cancelled=lambda: False)).strip() for one in asked
    ]
    both = list(zip(asked, said, strict=True))
    answering = [(one, text) for one, text in both if one.kind == "answer"]
    silent = [text for one, text in both if one.kind == "abstain"]
    told = [(one, text) for one, text in answering if not declines(text)]
    return {
        "lessons": len(asked),
        "answer is said": _share([_holds(text, one.answers) for one, text in answering]),
        "F1 with the reply wanted": _share([f1(text, one.reply) for one, text in answering]),
        "right passage cited, of what is answered": _share([_cites(text) == one.right for one, text in told]),
        "abstains where no passage answers": _share([declines(text) for text in silent]),
        "abstains where one does": _share([declines(text) for _, text in answering]),
    }


def f1(said: str, wanted: str) -> float:
    """Return the harmonic mean of precision and recall of words, without numbers in brackets."""
    a, b = (Counter(words(fold(_NUMBER.sub("", text)))) for text in (said, wanted))
    both = sum((a & b).values())
    return 2 * both / (a.total() + b.total()) if both else 0.0


def _holds(text: str, answers: Sequence[str]) -> bool:
    return any(fold(answer) in fold(text) for answer in answers)


def _cites(text: str) -> int | None:
    """Return the first number that is cited."""
    match = _NUMBER.search(text)
    return int(match[1]) if match else None


def _share(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 3) if values else None
