"""What a line is: prose, heading, caption, row of a table, or small print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from rag.ingest.lines import LETTER, Line, Segment

BlockKind = Literal["text", "heading", "caption", "row", "small"]

SENTENCE_END = re.compile(r"[.!?:;][\"')\]”’]*$")
BULLET = re.compile(r"^\s*(?:[•●▪◦‣■–—*]\s|-\s|\(?(?:[a-z]|\d{1,2}|[ivx]{1,4})[.)]\s)")
_POINT = re.compile(r"[•●▪◦‣■☐☒–*]\s")  # bullets that no heading of running text's size has
CAPTION = re.compile(
    r"^(?:fig(?:ure|\.)|table|tab\.|algorithm|listing|chart|exhibit)\s*[\dIVXA-Z]{1,4}(?:\.\d+)?\s*[.:|]", re.I
)
NUMBERED = re.compile(
    r"^(?:(?:chapter|section|item|part|appendix)\s+[\dIVXA-Z]+[.:]?|\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-H]\.)\s+\S",
    re.I,
)
_ENTRY = re.compile(r"(?:[.·…]\s?){4,}\s*[\divxlc-]*$", re.I)  # a line of a table of contents
_DIGIT = re.compile(r"\d")
_BARE = re.compile(r"[$€£¥—–-]+|[)%]+")  # signs of a table that stand alone
_NUMBERS = re.compile(r"(?:[($€£¥—–-]*\d[\d,.]*[)%]*|[—–-]+)(?:\s[$€£¥)%]+)?|[$€£¥]\s?[(—–-]*\d[\d,.]*[)%]*")
_LABEL_LENGTH = 70  # characters of a row's label that stands on a line of its own
_SHORT_RUN, _BOLD_RUN = 20, 40  # words of a heading over several lines


def is_prose(line: Line) -> bool:
    """Tell whether a line looks like running text: no cells, six words or more, nearly all of them letters."""
    if len(line.segments) > 1 or len(line.words) < 6:
        return False
    return len(LETTER.findall(line.text)) > 0.7 * len(line.text.replace(" ", ""))


def line_kind(line: Line, body: float) -> BlockKind:
    """Return what a line is by itself; `body` is the height of the document's running text."""
    text, words = line.text, line.words
    if len(line.segments) > 1:
        telling = [word.text for word in words if not _BARE.fullmatch(word.text)]
        with_digits = sum(_DIGIT.search(text) is not None for text in telling)
        if with_digits >= max(1, 0.3 * len(telling)) or (len(line.segments) > 2 and not line.bold):
            return "row"
        if sum(_is_numeric(segment) for segment in line.segments) >= 2:
            return "row"
    if CAPTION.match(text):
        return "caption"
    is_short = len(words) <= 14 and text[-1] not in ",;" and not _ENTRY.search(text)
    if is_short and _is_set_off(line, body) and len(LETTER.findall(text)) >= 3:
        is_entry = len(line.segments) > 1 and _is_numeric(line.segments[-1])  # of a table of contents
        return "row" if is_entry else "heading"
    return "text" if line.height > body * 0.86 else "small"


def _is_numeric(segment: Segment) -> bool:
    return _NUMBERS.fullmatch(" ".join(word.text for word in segment.words)) is not None


def _is_set_off(line: Line, body: float) -> bool:
    if line.height > body * 1.13:
        return True
    if _POINT.match(line.text):
        return False
    capitals = line.text.isupper()
    if line.bold and (line.height > body * 0.9 or (capitals and line.height > body * 0.75)):
        return True
    is_short = len(line.words) <= 10 and len(line.text) > 5
    return capitals and line.height >= body * 0.8 and is_short and NUMBERED.match(line.text) is not None


def line_kinds(lines: Sequence[Line], body: float) -> list[BlockKind]:
    """Return what each line of a page is.

    Lines of one look that follow each other closely are a heading together or text together; a short line between
    rows of a table is a row too.
    """
    kinds = [line_kind(line, body) for line in lines]
    for run in _runs(lines, kinds):
        if any(kinds[i] == "heading" for i in run) and len(run) > 1:
            kinds[run.start : run.stop] = [_run_kind(lines[run.start : run.stop], body)] * len(run)
    for i in range(1, len(lines) - 1):
        if kinds[i] in {"row", "caption"} or kinds[i - 1] != "row" or lines[i].height > body * 1.13:
            continue
        ahead = next((j for j in (i + 1, i + 2) if j < len(lines) and kinds[j] == "row"), None)
        most = 1.8 if kinds[i] == "heading" else 2.5  # line heights to the row before
        if ahead and len(lines[i].text) < _LABEL_LENGTH and _is_one_table(lines[i - 1 : ahead + 1], most):
            kinds[i] = "row"
    return kinds


def _runs(lines: Sequence[Line], kinds: Sequence[BlockKind]) -> Iterator[range]:
    """Yield the ranges of lines that read on in one look, as the lines of a sentence or of a long heading do."""
    start = 0
    for i in range(1, len(lines) + 1):
        are_prose = i < len(lines) and {kinds[i - 1], kinds[i]} <= {"heading", "text"}
        if not (are_prose and _reads_on(lines[i - 1], lines[i])):
            yield range(start, i)
            start = i


def _reads_on(line: Line, following: Line) -> bool:
    same_look = (
        abs(line.height - following.height) < 0.06 * line.height
        and line.bold == following.bold
        and _is_in_capitals(line) == _is_in_capitals(following)
    )
    ended = SENTENCE_END.search(line.text) is not None
    is_short = line.x1 < following.x1 - 2 * line.height
    if not same_look or (ended and line.bold and is_short) or _ENTRY.search(line.text):
        return False
    if following.text[0].islower() and not ended:
        return True  # wherever it stands: at the head of the next column, say
    beside = min(line.x1, following.x1) > max(line.x0, following.x0)
    return beside and 0 < following.y1 - line.y1 < 1.5 * following.height


def _is_in_capitals(line: Line) -> bool:
    return len(line.words) > 1 and line.text.isupper()


def _run_kind(lines: Sequence[Line], body: float) -> BlockKind:
    """Return what lines of one look are together when some of them alone would be headings."""
    kinds = {line_kind(line, body) for line in lines}
    n_words = sum(len(line.words) for line in lines)
    if n_words > _BOLD_RUN or not all(_is_set_off(line, body) for line in lines):
        return "text"
    if lines[0].bold or kinds == {"heading"}:
        return "heading"
    return "heading" if n_words <= _SHORT_RUN and not SENTENCE_END.search(lines[-1].text) else "text"


def _is_one_table(lines: Sequence[Line], most: float) -> bool:
    """Tell whether lines follow each other within `most` line heights, and none reaches beyond first and last."""
    left = min(lines[0].x0, lines[-1].x0) - 3 * lines[0].height
    right = max(lines[0].x1, lines[-1].x1)
    steps = [(b.y1 - a.y1) / max(a.height, b.height, 0.1) for a, b in pairwise(lines)]
    return all(0 < step < most for step in steps) and all(line.x0 >= left and line.x1 <= right for line in lines)
