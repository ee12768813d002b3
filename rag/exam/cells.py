"""Questions made from cells of tables: what stands in a row, under a column's heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.exam.candidates import Candidate, reads_well
from rag.guide.english import is_plural
from rag.guide.phrasing import is_fluent, of_label
from rag.guide.reading import Reading
from rag.guide.voice import DATE, MONTH, Voice
from rag.text import fold, without_leaders
from rag.types import Cell, PageSpan, Passage

_YEAR = r"(?:19|20)\d\d"
_FISCAL = re.compile(rf"^(?:fiscal(?: year)?|FY) ?({_YEAR})$", re.I)
_PLAIN = re.compile(rf"^({_YEAR})$")
_QUARTER = re.compile(rf"^(?:Q[1-4]|(?:first|second|third|fourth) quarter)(?: of)?(?: fiscal)? {_YEAR}$", re.I)
_ENDED = re.compile(
    rf"^(?:the )?((?:fiscal )?(?:year|(?:three|six|nine|twelve) months|quarter))s? ended ({DATE})$", re.I
)
_DAY = re.compile(rf"^(?:as of |at )?({MONTH} \d{{1,2}},? {_YEAR})$", re.I)
_VALUE = re.compile(r"^[(\[]?[-–−]?\s?(?:(?:US|R)?[$€£]\s?)?\(?\d[\d,.  ]*\)?\s?%?[)\]]?$")
_LONE_DIGIT = re.compile(r"^\D*\d\D*$")
_MARK = re.compile(r"\s*(?:\(\w{1,2}\)|[*†‡]+|\.{2,}.*)$|:$")
_EMPTY = re.compile(
    r"(?:total|amount|value|other|change|restated|increase|decrease|notes?|number|percent|page|item)s?$", re.I
)
_NO_QUANTITY = re.compile(r"\b(?:inc|plc|corp|ltd|llc|co|index|group)\.?$", re.I)
_MOST_HEADING = 5  # words
_LEAST_ROWS = 2  # a table of one row is rarely one


def questions_of(voice: Voice, reading: Reading, passage: Passage) -> Iterator[Candidate]:
    """Yield the questions that the cells of a table's passage answer, in reading order."""
    if reading.language not in {None, "en"} or passage.kind != "table":
        return
    rows = [(label, cells) for label, cells in _rows(reading, passage) if label is not None]
    if len(rows) < _LEAST_ROWS:
        return
    page = reading.page_of(reading.document.id, passage.pages[0])
    named = [cell.heading for _, cells in rows for cell in cells] + [passage.title, *passage.headings[-1:]]
    has_titles = page.source == "text" and not any(re.search(_YEAR, heading) for heading in named)
    for label, cells in rows:
        if len({cell.heading for cell in cells}) < len(cells):  # columns that cannot be told apart
            continue
        if f"> {reading.texts[label.page][label.start : label.end]} |" in passage.index_text:  # a part of what is above
            continue
        for cell in cells:
            candidate = _question(voice, reading, label, cell, has_titles=has_titles)
            if candidate is not None:
                yield candidate


def all_cells(reading: Reading) -> Iterator[tuple[str, str, str, int]]:
    """Yield every cell of a document: label of its row, heading of its column, what stands in it, page."""
    for passage in reading.passages:
        if passage.kind == "table":
            for label_at, cells in _rows(reading, passage):
                if label_at is not None:
                    label = reading.texts[label_at.page][label_at.start : label_at.end]
                    for cell in cells:
                        yield label, cell.heading, _value(reading, cell), cell.span.page


def period_of(heading: str) -> str:
    """Return the year that a heading names, by which its cells are compared; else the heading, folded."""
    years = re.findall(_YEAR, heading)
    return years[-1] if years else fold(_MARK.sub("", heading.strip()))


def _value(reading: Reading, cell: Cell) -> str:
    return reading.texts.get(cell.span.page, "")[cell.span.start : cell.span.end].strip()


def _rows(reading: Reading, passage: Passage) -> Iterator[tuple[PageSpan | None, list[Cell]]]:
    """Yield each row that holds numbers: where its label stands, and its cells."""
    rows: dict[tuple[int, int], list[Cell]] = {}
    for cell in passage.cells:
        text = reading.texts.get(cell.span.page, "")
        rows.setdefault((cell.span.page, text.rfind("\n", 0, cell.span.start) + 1), []).append(cell)
    for (page, start), cells in rows.items():
        before = reading.texts.get(page, "")[start : cells[0].span.start]
        label = _MARK.sub("", without_leaders(before).strip(" $€£—–-\t("))
        at = before.find(label)
        is_label = bool(label) and at >= 0 and not any(c.isdigit() for c in label)
        yield (PageSpan(page, start + at, start + at + len(label)) if is_label else None), cells


def _question(voice: Voice, reading: Reading, label_at: PageSpan, cell: Cell, *, has_titles: bool) -> Candidate | None:
    text = reading.texts[label_at.page]
    label, value = text[label_at.start : label_at.end], _value(reading, cell)
    if (
        not _VALUE.match(value)
        or _LONE_DIGIT.match(value)
        or _NO_QUANTITY.search(label)
        or not reads_well(label.lower(), reading.ranks)
    ):
        return None
    what = of_label(voice, label)
    heading = " ".join(_MARK.sub("", cell.heading.strip()).split())
    when = when_of(heading)
    if what is None:
        return None
    if when is not None:
        question = f"What {'were' if is_plural(what) else 'was'} {what} {when}?"
        if all(voice.casing.is_name(word) for word in label.split()):  # who or where, not what
            return None
    elif has_titles and _is_title(voice, heading):
        question = f"What does the table give for {label} under {heading}?"
    else:
        return None
    if not is_fluent(question.replace("under", "in")):
        return None
    end = text.find("\n", cell.span.end)
    row = PageSpan(cell.span.page, label_at.start, len(text) if end < 0 else end)
    return Candidate("table", question, value, cell.span.page, (row,), label, fold(f"{label} | {heading}"))


def when_of(heading: str) -> str | None:
    """Return a column's heading as a question ends with it: "in 2018", "as of May 1, 2020"; None if it is no time."""
    plain, fiscal, quarter = _PLAIN.match(heading), _FISCAL.match(heading), _QUARTER.match(heading)
    if plain:
        return f"in {plain.group(1)}"
    if fiscal:
        return f"in fiscal {fiscal.group(1)}"
    if quarter:
        return f"in {'' if heading[0] == 'Q' else 'the '}{heading if heading[0] == 'Q' else heading.lower()}"
    ended, day = _ENDED.match(heading), _DAY.match(heading)
    if ended:
        return f"in the {ended.group(1).lower()} ended {ended.group(2).title()}"
    return f"as of {day.group(1).title()}" if day else None


def _is_title(voice: Voice, heading: str) -> bool:
    """Tell whether a heading is a short title of a column that can be said in a question."""
    words = heading.split()
    if _EMPTY.match(heading):
        return False
    is_wordy = sum(c.isalpha() or c == " " for c in heading) >= 0.85 * len(heading)
    return (
        1 <= len(words) <= _MOST_HEADING and is_wordy and len(heading) >= 4 and voice.noun_phrase(heading) is not None
    )
