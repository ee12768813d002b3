"""What the lines of a page are in the company of their neighbours.

A line's look alone does not tell: the columns of a table have headings as bold as those of a chapter, the first words
of a paragraph may be bold, authors stand below a title, and what stands within a picture belongs to none of its
neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.ingest.layout.kinds import (
    BULLET,
    ENTRY,
    LARGE,
    NUMBERED,
    SENTENCE_END,
    BlockKind,
    is_numeric,
    is_prose,
    is_set_off,
    line_kind,
)
from rag.ingest.layout.lines import Line
from rag.ingest.layout.tablelines import take_justified, take_rows, take_table_heads

Rect = tuple[float, float, float, float]  # x0, y0, x1, y1 in points
_SHORT_RUN, _BOLD_RUN = 20, 40  # words of a heading over several lines
_SAID = 12  # words of a larger line that are a sentence when they end as one
_TITLE_BLOCK = 40  # lines at most
_SHORT_LABEL = 40  # characters
_BY = re.compile(r"@|\b(?:19|20)\d\d\b|(?:^|\s)[A-Z]\.\s|\sand\s|[,&†‡∗*§]|[a-z]\d\b")  # people, places, dates

_INITIAL = re.compile(r"[A-Z]\.\s+[A-Z][a-z]")


def line_kinds(lines: Sequence[Line], body: float, pictures: Sequence[Rect] = ()) -> list[BlockKind]:
    """Return what each line of a page is; `body` is the height of running text, `pictures` are boxes drawn on it.

    Lines of one look that follow each other closely are a heading together or text together; a short line between
    rows of a table is a row too, and so are the headings of its columns.
    """
    kinds = [line_kind(line, body) for line in lines]
    _take_captions(lines, kinds)
    if lines and lines[0].page == 1:
        _take_title_block(lines, kinds, body)
    _take_run_ins(lines, kinds)
    _take_numbered(lines, kinds)
    take_justified(lines, kinds, body)
    take_table_heads(lines, kinds, body)
    for run in _runs(lines, kinds):
        has_heading = len(run) > 1 and any(kinds[i] == "heading" for i in run)
        if has_heading or _is_bold_sentence(lines, run, body):
            kinds[run.start : run.stop] = [_run_kind(lines[run.start : run.stop], body)] * len(run)
    take_rows(lines, kinds, body)
    _take_labels(lines, kinds, body, pictures)
    if "caption" in kinds:
        _take_titles_of_charts(lines, kinds, body)
    return kinds


def _take_titles_of_charts(lines: Sequence[Line], kinds: list[BlockKind], body: float) -> None:
    """Find what looks like a heading on a page with captions, but has only labels after it, or a figure's caption."""
    for i in range(len(lines) - 2, -1, -1):
        line = lines[i]
        if kinds[i] != "heading" or line.height > 1.5 * body or NUMBERED.match(line.text):
            continue
        after = range(i + 1, min(i + 5, len(lines)))
        n_labels = next((n for n, j in enumerate(after) if not _is_short_label(lines[j], kinds[j])), len(after))
        following = min(i + 1 + n_labels, len(lines) - 1)
        above_figure = kinds[following] == "caption" and lines[following].text[:3].lower() == "fig"
        is_chain = above_figure and i > 0 and kinds[i - 1] == "heading" and not NUMBERED.match(lines[i - 1].text)
        if (n_labels and (n_labels > 2 or above_figure or kinds[following] == "heading")) or is_chain:
            kinds[i] = "label"


def _is_short_label(line: Line, kind: BlockKind) -> bool:
    return kind == "label" or (kind == "small" and len(line.text) < _SHORT_LABEL)


def _take_labels(lines: Sequence[Line], kinds: list[BlockKind], body: float, pictures: Sequence[Rect]) -> None:
    """Find the words within pictures: on an axis, in a key, in a node. A box around prose or a table is no picture."""
    for x0, y0, x1, y1 in pictures:
        inside = [
            i
            for i, line in enumerate(lines)
            if x0 <= (line.x0 + line.x1) / 2 <= x1 and y0 <= (line.y0 + line.y1) / 2 <= y1 and kinds[i] != "caption"
        ]
        n_rows = sum(kinds[i] == "row" for i in inside)
        if sum(is_prose(lines[i]) for i in inside) > 1 or (n_rows > 1 and n_rows >= len(inside) / 3):
            continue
        for i in inside:
            if kinds[i] != "row" and not is_prose(lines[i]) and lines[i].height < 1.5 * body:
                kinds[i] = "label"


def _follows(line: Line, previous: Line, most: float, unlike: float = 0.06) -> bool:
    """Tell whether a line stands below another within `most` line heights, in its column, at about its size."""
    step = line.y1 - previous.y1
    beside = min(line.x1, previous.x1) > max(line.x0, previous.x0)
    alike = abs(line.height - previous.height) < unlike * line.height
    return beside and alike and 0 < step < most * line.height


def _take_captions(lines: Sequence[Line], kinds: list[BlockKind]) -> None:
    """Take the bold lines of a bold caption; a line that goes on a sentence ("Figure 3. It shows") is none."""
    for i in range(1, len(lines)):
        line, previous = lines[i], lines[i - 1]
        goes_on = kinds[i - 1] == "text" and is_prose(previous) and not SENTENCE_END.search(previous.text)
        if kinds[i] == "caption" and goes_on and _follows(line, previous, 1.4):
            kinds[i] = "text"
        same_look = previous.bold == line.bold and _follows(line, previous, 1.5)
        if kinds[i] == "heading" and kinds[i - 1] == "caption" and same_look and not NUMBERED.match(line.text):
            kinds[i] = "caption"


def _take_title_block(lines: Sequence[Line], kinds: list[BlockKind], body: float) -> None:
    """Make text of what stands between the title of a document and its beginning: people, places, dates."""
    end = 0
    while end < min(len(lines), _TITLE_BLOCK) and not _begins(lines, kinds, end, body):
        end += 1
    heads = [i for i in range(end) if kinds[i] == "heading"]
    if not heads or end == len(lines):
        return
    tallest = max(lines[i].height for i in heads)
    title = max(i for i in heads if lines[i].height > 0.95 * tallest)
    for i in range(title + 1, end):
        line = lines[i]
        is_below = line.height < 0.9 * tallest and (i + 1 < end or _BY.search(line.text) is not None)
        is_numbered = NUMBERED.match(line.text) and not (i + 1 < end and _INITIAL.match(line.text))
        if kinds[i] == "heading" and is_below and not is_numbered:
            kinds[i] = "text"


def _begins(lines: Sequence[Line], kinds: Sequence[BlockKind], i: int, body: float) -> bool:
    """Tell whether the text of a document begins with a line: a paragraph, a list, a table."""
    line = lines[i]
    if kinds[i] == "caption" or BULLET.match(line.text):
        return True
    if kinds[i] == "row":
        return sum(map(is_numeric, line.segments)) > 1
    goes_on = i + 1 < len(lines) and is_prose(lines[i + 1]) and _follows(lines[i + 1], line, 1.75)
    return is_prose(line) and goes_on and kinds[i] != "heading" and line.height <= LARGE * body


def _take_run_ins(lines: Sequence[Line], kinds: list[BlockKind]) -> None:
    """Make text of bold lines whose sentence goes on in a line that is not bold to its end."""
    is_run_in = False  # the line after the current one
    for i in range(len(lines) - 2, -1, -1):
        line, following = lines[i], lines[i + 1]
        goes_on = following.begins_bold and (is_run_in or not following.bold)
        is_run_in = (
            line.bold
            and goes_on
            and kinds[i] in {"heading", "text"}
            and not SENTENCE_END.search(line.text)
            and _follows(following, line, 1.6, 0.2)
        )
        if is_run_in:
            kinds[i] = "text"


def _take_numbered(lines: Sequence[Line], kinds: list[BlockKind]) -> None:
    """Find numbered headings that are set as running text is, or in italics: short, alone, above a paragraph."""
    for i in range(len(lines) - 1):
        line, following = lines[i], lines[i + 1]
        if kinds[i] != "text" or not NUMBERED.match(line.text) or not 2 <= len(line.words) <= _SAID:
            continue
        is_open = line.text[-1] not in ".,;:-" and not BULLET.match(following.text)
        is_above = is_prose(following) and following.text[0].isupper() and _follows(following, line, 3)
        is_short = line.x1 < following.x1 - 0.2 * (following.x1 - following.x0)
        if is_open and is_above and is_short and _is_spaced(lines, i):
            kinds[i] = "heading"


def _is_spaced(lines: Sequence[Line], i: int) -> bool:
    """Tell whether more is above a line than between the lines of the paragraph that follows it."""
    pitch = lines[i + 2].y1 - lines[i + 1].y1 if i + 2 < len(lines) else 0.0
    if not 0 < pitch < 2.5 * lines[i].height:
        return False
    above = lines[i].y1 - lines[i - 1].y1 if i else 0.0
    return above <= 0 or above > 1.25 * pitch or lines[i + 1].y1 - lines[i].y1 > 1.25 * pitch


# --------------------------------------------------------------------------------------- lines of one look


def _runs(lines: Sequence[Line], kinds: Sequence[BlockKind]) -> Iterator[range]:
    """Yield the ranges of lines that read on in one look, as the lines of a sentence or of a long heading do."""
    start = 0
    for i in range(1, len(lines) + 1):
        are_prose = i < len(lines) and {kinds[i - 1], kinds[i]} <= {"heading", "text"}
        if not (are_prose and _reads_on(lines[i - 1], lines[i], 2.0 if _is_evenly_led(lines, i) else 1.5)):
            yield range(start, i)
            start = i


def _is_evenly_led(lines: Sequence[Line], i: int) -> bool:
    """Tell whether three lines of one size, the second of which is `i`, stand at one distance: widely set text."""
    if i + 1 >= len(lines) or not is_prose(lines[i - 1]):
        return False
    first, second = (lines[j + 1].y1 - lines[j].y1 for j in (i - 1, i))
    return first > 0 and abs(first - second) < 0.05 * first and _follows(lines[i + 1], lines[i], 2.0)


def _reads_on(line: Line, following: Line, most: float) -> bool:
    same_look = (
        abs(line.height - following.height) < 0.06 * line.height
        and line.bold == following.bold
        and _is_in_capitals(line) == _is_in_capitals(following)
    )
    ended = SENTENCE_END.search(line.text) is not None
    is_short = line.x1 < following.x1 - 2 * line.height
    if not same_look or (ended and line.bold and is_short) or ENTRY.search(line.text):
        return False
    if following.text[0].islower() and not ended:
        return True  # wherever it stands: at the head of the next column, say
    beside = min(line.x1, following.x1) > max(line.x0, following.x0)
    return beside and 0 < following.y1 - line.y1 < most * following.height


def _is_in_capitals(line: Line) -> bool:
    return len(line.words) > 1 and line.text.isupper()


def _is_bold_sentence(lines: Sequence[Line], run: range, body: float) -> bool:
    """Tell whether lines are a bold sentence above a paragraph, though none is short enough for a heading."""
    first, last = lines[run.start], lines[run.stop - 1]
    following = lines[run.stop] if run.stop < len(lines) else None
    if not (first.bold and is_prose(first)) or following is None or following.begins_bold or not is_prose(following):
        return False
    is_heading = last.text[-1] not in ",;:-" and not BULLET.match(first.text) and not first.text[0].islower()
    return is_heading and all(is_set_off(lines[i], body) for i in run)


def _run_kind(lines: Sequence[Line], body: float) -> BlockKind:
    """Return what lines of one look are together when some of them alone would be headings."""
    n_words = sum(line.n_words for line in lines)
    if n_words > _BOLD_RUN or not all(is_set_off(line, body) for line in lines):
        return "text"
    if lines[0].bold:
        return "heading"
    is_sentence = SENTENCE_END.search(lines[-1].text) is not None and n_words > _SAID
    return "heading" if n_words <= _SHORT_RUN and not is_sentence else "text"
