"""The title of a document: as its metadata has it, else what stands in the largest letters, or is set as one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.guide.guide import Line
from rag.guide.reading import Reading
from rag.text import STOP_WORDS, stems
from rag.types import Page

_CITED_AS = re.compile(
    r"(?:recommended|suggested|preferred) citation|(?:please )?cite (?:this (?:report|document|paper) )?as", re.I
)
_QUOTED = re.compile(r"[“\"]([^”\"\n]{8,200})[”\"]")
FORM = re.compile(r"^\W*(form\s+(?:10|8|20|6|40|11|S|F|N)-?[A-Z0-9]{1,3}(?:/A)?)\b", re.I | re.M)
_BAD_TITLE = re.compile(
    r"^\d{10}-\d\d-\d{6}|\.(?:docx?|pdf|tex|indd|pptx?|xlsx?|html?|qxd|ps|ai|fm)\b|^(?:microsoft"
    r"|untitled|document\d*|slide \d|layout \d)|_|^[0-9a-f]{16,}$"
    r"|^[\W\d]+$|\b(?:final|draft|v\d+)\s*$|^(?:powerpoint )?presentation$|^united states securities"
    r"|^\W*form [\d-]+\w* for\b|^(?:exhibit|page|chapter) ?[\d.]*$",
    re.I,
)
_NOT_TITLE = re.compile(
    r"https?:|www\.|@|^(?:page|vol|no|issue|date|isbn|doi|arxiv|tel|fax)\b|^_+$|securities and exchange"
    r" commission|\bfor (?:immediate release|media)\b|embargoed|^table of contents$|^contents$",
    re.I,
)


def front_pages(reading: Reading, n_pages: int = 2) -> list[int]:
    """Return the first pages that have text."""
    return sorted(reading.texts)[:n_pages]


def lines_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every line that is not empty."""
    at = 0
    for line in text.split("\n"):
        if line.strip():
            yield at, at + len(line)
        at += len(line) + 1


def is_poor(title: str, name: str) -> bool:
    """Tell whether a title says less than a reader could: a program's name for a file, a number, an authority."""
    return bool(_BAD_TITLE.search(" ".join(title.split()))) or title == name.removesuffix(".pdf")


def title_of(reading: Reading, company: Line | None) -> Line:
    form = _form_title(reading, company)
    if form is not None:
        return form
    stated = " ".join(reading.document.title.split())
    largest = _largest_line(reading)
    cited = _cited_title(reading)
    if cited is not None:
        return cited
    is_bad = is_poor(stated, reading.document.name)
    place = _place_of(reading, stated)
    if not is_bad and place is not None and not _is_only_part_of(stated, largest):
        return Line(stated, place.citation)
    if largest is not None:
        return largest
    if not is_bad:
        return Line(stated)
    for heading in reading.outline[:3]:
        if heading.page and heading.page <= 2 and not _NOT_TITLE.search(heading.title):
            return Line(heading.title, reading.cite_page(heading.page))
    return Line(" ".join(re.sub(r"\.pdf$", "", reading.document.name, flags=re.I).replace("_", " ").split()))


def _form_title(reading: Reading, company: Line | None) -> Line | None:
    """Return "Form 10-K of X", which no line of a cover says as a whole."""
    for page in front_pages(reading, 1):
        form = FORM.search(reading.texts[page])
        if form is not None and company is not None and company.citation is not None:
            number = form.group(1).split(None, 1)[-1].upper()
            said = reading.texts[page].lower()
            what = "annual report" if "annual report pursuant" in said and number.startswith("10-K") else ""
            what = (
                "quarterly report"
                if number.startswith("10-Q")
                else "current report"
                if number.startswith("8-K")
                else what
            )
            return Line(
                f"{company.text}: {what + ' (' if what else ''}Form {number}{')' if what else ''}", company.citation
            )
    return None


def _is_only_part_of(title: str, largest: Line | None) -> bool:
    if largest is None or len(title) >= 0.7 * len(largest.text):
        return False
    said = largest.text.lower()
    return title.lower() in said and not (said.startswith(title.lower()) and len(title) > 25)


def _place_of(reading: Reading, title: str) -> Line | None:
    """Return the line of the first pages that holds most of a title's words, if it holds most of them."""
    wanted = set(stems(title))
    best, best_share = None, 0.6
    for page in front_pages(reading, 3):
        for start, end in lines_of(reading.texts[page]):
            share = len(wanted & set(stems(reading.texts[page][start:end]))) / max(1, len(wanted))
            if share > best_share and end - start < 4 * len(title) + 20:
                best, best_share = Line(title, reading.cite_text(page, start, end)), share
    return best


def _cited_title(reading: Reading) -> Line | None:
    """Return the title within the document's own proposal of how to cite it."""
    for page in front_pages(reading):
        text = reading.texts[page]
        asked = _CITED_AS.search(text)
        quoted = _QUOTED.search(text, asked.end(), asked.end() + 400) if asked else None
        if quoted is not None:
            title = quoted.group(1).rstrip(" .,")
            return Line(title, reading.cite_text(page, quoted.start(1), quoted.start(1) + len(title)))
    return None


def _largest_line(reading: Reading) -> Line | None:
    """Return what stands in the largest letters on the first page that has text, lines of one size put together."""
    for number in front_pages(reading):
        page = reading.page_of(reading.document.id, number)
        lines = _set_lines(page)
        usable = [line for line in lines if _is_title_like(page.text[line[1] : line[2]])]
        if not usable:
            continue
        body = sorted(line[0] for line in lines)[len(lines) // 2]
        height = max(line[0] for line in usable)
        if len(lines) > 12 and height < 1.15 * body:
            continue
        first = next(i for i, line in enumerate(lines) if line in usable and line[0] == height)
        last = first
        while last + 1 < len(lines) and lines[last + 1] in usable and _goes_on(page.text, lines[last], lines[last + 1]):
            last += 1
        start, end = lines[first][1], lines[last][2]
        text = " ".join(page.text[start:end].split())
        return Line(_calm(text), reading.cite_text(number, start, end))
    return None


def _goes_on(text: str, line: tuple[float, int, int], following: tuple[float, int, int]) -> bool:
    """Tell whether a title goes on in the next line: of one block and about one size, else of exactly one size."""
    least = 0.97 if "\n" in text[line[2] : following[1]] else 0.85
    return following[0] >= least * line[0] and following[2] - line[1] < 200


def _is_title_like(text: str) -> bool:
    letters = sum(c.isalpha() for c in text)
    return (
        letters >= 4
        and letters > 0.5 * len(text.replace(" ", ""))
        and len(text) < 200
        and not _NOT_TITLE.search(text.strip())
    )


def _calm(title: str) -> str:
    """Return a title that shouts in capitals with those of a title alone."""
    if not title.isupper() or len(title.split()) < 3:
        return title
    small = [
        word.lower() if word.lower() in STOP_WORDS and i else word.capitalize() for i, word in enumerate(title.split())
    ]
    return " ".join(small)


def _set_lines(page: Page) -> list[tuple[float, int, int]]:
    """Return (height in points, start, end) of the lines of a page in reading order."""
    words = page.words
    found: list[tuple[float, int, int]] = []
    previous = None
    for start, end, box, line in zip(
        words.starts.tolist(), words.ends.tolist(), words.boxes.tolist(), words.lines.tolist(), strict=True
    ):
        height = round((box[3] - box[1]) * page.height * 2) / 2
        if line == previous and found:
            found[-1] = (max(found[-1][0], height), found[-1][1], end)
        else:
            found.append((height, start, end))
        previous = line
    return found
