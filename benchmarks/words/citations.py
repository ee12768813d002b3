"""Precision and recall of citations, against the paragraph that answers and by the checker. Pure.

Source: Gao et al., Enabling Large Language Models to Generate Text with Citations (ALCE), 2023, section 4: the recall
of a statement is 1 when its citations together support it; the precision of a citation is 1 when its statement has
recall 1 and the citation is not beside the point. Both are means over the statements of an answer, or its citations.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text import fold, words
from rag.types import Answer, Claim

_OTHER = re.compile(r"[\W_]+")
_BORNE_OUT = ("verbatim", "supported")


def is_right(quote: str, context: str, answers: Sequence[str]) -> bool:
    """Tell whether what is cited lies in the gold paragraph or holds a gold answer."""
    return _letters(quote) in _letters(context) or any(holds(quote, answer) for answer in answers)


def holds(text: str, answer: str) -> bool:
    """Tell whether the words of an answer stand in a text, one after the other."""
    there, wanted = words(fold(text)), words(fold(answer))
    n = len(wanted)
    return n > 0 and any(there[i : i + n] == wanted for i in range(len(there) - n + 1))


def against_gold(answer: Answer, context: str, answers: Sequence[str]) -> tuple[float, float]:
    """Return precision and recall by the gold paragraph: of an answer without citations both are 0."""
    right = [[is_right(c.quote, context, answers) for c in claim.citations] for claim in answer.claims]
    return _mean([one for of_claim in right for one in of_claim]), _mean([any(of_claim) for of_claim in right])


def by_checker(answer: Answer) -> tuple[float, float]:
    """Return precision and recall by the verdicts; one of several citations counts when it supports by itself."""
    borne_out = [claim.verdict in _BORNE_OUT for claim in answer.claims]
    return _mean([one for claim in answer.claims for one in _precise(claim)]), _mean(borne_out)


def unsupported(answer: Answer) -> float:
    """Return the share of an answer's sentences that nothing supports."""
    return _mean([claim.verdict not in (*_BORNE_OUT, "unchecked") for claim in answer.claims])


def _precise(claim: Claim) -> list[bool]:
    is_borne_out = claim.verdict in _BORNE_OUT
    if len(claim.citations) < 2:
        return [is_borne_out] * len(claim.citations)
    return [is_borne_out and (one.support is None or one.support >= 0.5) for one in claim.citations]


def _letters(text: str) -> str:
    return _OTHER.sub("", fold(text))


def _mean(values: Sequence[bool] | Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
