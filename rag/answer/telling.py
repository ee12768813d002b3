"""The part of a sentence that answers: what has the expected kind and stands nearest to the question's words."""

from __future__ import annotations

import re

from rag.answer.expected import expected_kind, spans_of_kind
from rag.text import STOP_WORDS, stem, words
from rag.types import AnswerType

_TOKEN = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*%?")
_BREAK = re.compile(r"[,;:()–—]| - ")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_MAX_WORDS = 8


def telling_part(question: str, sentence: str, expected: AnswerType | None = None) -> tuple[int, int] | None:
    """Return (start, end) of the part of `sentence` that most likely answers; None when nothing stands out.

    `expected`: the kind of answer that a network reads from the question; without it words tell.
    """
    kind = expected_kind(question, expected)
    asked = {stem(word) for word in words(question) if word not in STOP_WORDS}
    matched = [match.start() for match in _TOKEN.finditer(sentence) if stem(match.group().lower()) in asked]
    spans = spans_of_kind(kind, sentence, question=question)
    if not spans and kind not in {"number", "money", "percentage", "date"}:
        spans = _new_runs(sentence, asked)
    if kind == "number":  # a year is a poor answer to "how many" while another number stands beside it
        spans = [span for span in spans if not _YEAR.fullmatch(sentence[slice(*span)])] or spans
    if not spans:
        return None
    return min(spans, key=lambda span: (_distance(span, matched, sentence), span[0]))


def _distance(span: tuple[int, int], matched: list[int], sentence: str) -> float:
    """Return how far a span stands from the question's words: mean of the nearest three, plus clause breaks.

    What follows "by" is nearer: it names who did it.
    """
    start, end = span
    done_by = 20 if sentence[:start].endswith((" by ", "By ")) else 0
    gaps = sorted(
        (max(0, at - end, start - at) + 15 * len(_BREAK.findall(sentence[min(at, end) : max(at, start)])))
        for at in matched
    )
    return sum(gaps[:3]) / max(1, len(gaps[:3])) - done_by


def _new_runs(sentence: str, asked: set[str]) -> list[tuple[int, int]]:
    """Return the runs of words that the question does not hold, trimmed of stop words at both ends."""
    runs: list[list[re.Match[str]]] = [[]]
    last_end = 0
    for match in _TOKEN.finditer(sentence):
        if _BREAK.search(sentence, last_end, match.start()):
            runs.append([])
        last_end = match.end()
        if stem(match.group().lower()) in asked:
            runs.append([])
        else:
            runs[-1].append(match)
    spans = []
    for run in runs:
        while run and run[0].group().lower() in STOP_WORDS:
            run.pop(0)
        while run and run[-1].group().lower() in STOP_WORDS:
            run.pop()
        if run and len(run) <= _MAX_WORDS:
            spans.append((run[0].start(), run[-1].end()))
    return spans
