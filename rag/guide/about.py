"""What a document is: its title, who made it, of when it is. Each with the line that says so.

Metadata are often poor (accession numbers, "Microsoft Word - x.doc", the name of an authority), so what the first pages
say in large letters, and in the set phrases of covers, is preferred where it is better.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.guide.guide import Line
from rag.guide.reading import Reading
from rag.guide.title import FORM, front_pages, lines_of, title_of

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = (
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d|\d{{1,2}}(?:st|nd|rd"
    rf"|th)?\s+{_MONTH},?\s+(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)"
)
_ANY_DAY = rf"(?:{_DAY}|{_MONTH},?\s+(?:19|20)\d\d)"
_PERIOD = re.compile(
    rf"(?:fiscal |financial )?(?:year|quarter|quarterly period|annual period|period|(?:three|six|nine"
    rf"|twelve) months)\s+"
    rf"end(?:ed|ing):?\s+({_DAY})",
    re.I,
)
_REPORT_DATE = re.compile(
    rf"(?:date of report|date of publication|published(?: on)?|issued|dated?|last updated)\W[^\n]{{0,50}}?({_ANY_DAY})",
    re.I,
)
_LONE_DAY = re.compile(rf"\b{_ANY_DAY}\b", re.I)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)\s|copyright\s)(?:\s*copyright)?\s*((?:19|20)\d\d)(?:\s*[-–]\s*\d{2,4})?,?\s+(?:by\s+)?"
    r"((?:[A-Z0-9][\w&.’'-]*|and|of|the|for)(?:,? (?:[A-Z0-9][\w&.’'-]*|and|of|the|for))*)",
    re.I,
)
_REGISTRANT = re.compile(r"\(?exact name of (?:the )?registrant", re.I)
_PROSE_CREDIT = re.compile(
    r"^(?:written|prepared|published|authored|edited|produced|issued) by:?\s+(?P<a>[^\n]{3,80}?)\.?$"
    r"|^by\s+(?P<b>[A-Z][^\n]{3,80}?)\.?$|^(?:authors?|prepared for):\s*(?P<c>[^\n]{3,80}?)\.?$",
    re.I | re.M,
)
_LISTED = re.compile(
    r"\b((?:[A-Z0-9][\w.’'-]*,? (?:& |and |of )?){0,5}[A-Z0-9][\w.’'-]*) \((?:NYSE|NASDAQ|Nasdaq|LSE|ASX|TSX)\s*:"
)
_LEGAL_LINE = re.compile(
    r"^((?:[A-Z0-9][\w&.’'-]*,? ){1,6}(?:company|corporation|incorporated|inc|corp|plc|ltd|limited)\b\.?)$", re.I | re.M
)
_NAME = r"(?:[A-Z][^\W\d_]*[.’'-]?){1,3}"
_PERSON = re.compile(rf"^{_NAME}(?: (?:de|van|von|der|la|bin|al) ?| ){_NAME}(?: {_NAME}){{0,2}}$")
_MARKS = re.compile(r"[\d∗*†‡§¶✉]+(?:,[\d∗*†‡§]+)*")
_AFFILIATION = re.compile(r"(?<![^\W_])([a-e])(?=[A-Z][a-z])")
_SUFFIX = re.compile(
    r",?\s+(?:inc|corp|corporation|co|company|ltd|limited|plc|llc|llp|ag|gmbh|s\.?a|n\.?v|holdings?)\b\.?", re.I
)


@dataclass(frozen=True, slots=True)
class About:
    """What a document is."""

    title: Line
    by: Line | None
    date: Line | None
    company: str | None  # the one that speaks as "we", as the text calls it


def about(reading: Reading) -> About:
    """Tell what a document is by its first pages and its metadata."""
    company = _company(reading)
    return About(
        title=title_of(reading, company),
        by=company or _authors(reading) or _publisher(reading),
        date=_date(reading),
        company=None if company is None else _called(reading, company.text),
    )


# ------------------------------------------------------------------------------------------------------ who


def _company(reading: Reading) -> Line | None:
    """Return the company that a cover or a press release names."""
    for page in front_pages(reading):
        text = reading.texts[page]
        cover = _REGISTRANT.search(text)
        if cover is not None:
            start, end = _line_before(text, cover.start())
            if end > start:
                name = re.sub(r"\s+(?=[.,])", "", " ".join(text[start:end].split()))
                return Line(name, reading.cite_text(page, start, end))
        listed = (_LEGAL_LINE.search(text[:1500]) if FORM.search(text) else None) or _LISTED.search(text)
        if listed is not None:
            return Line(listed.group(1).strip(), reading.cite_text(page, *listed.span(1)))
    return None


def _line_before(text: str, at: int) -> tuple[int, int]:
    """Return the nearest thing before `at` that has letters: what stands before it on its line, else a line above."""
    start = text.rfind("\n", 0, at) + 1
    for first, last in reversed([*lines_of(text[:start]), (start, at)]):
        piece = text[first : min(last, at)]
        if sum(c.isalpha() for c in piece) >= 2 and len(piece) < 100:
            lead = len(piece) - len(piece.lstrip(" _"))
            return first + lead, first + len(piece.rstrip(" _"))
    return 0, 0


def _called(reading: Reading, name: str) -> str:
    """Return what the text calls a company: without its legal form, in the capitals that the text mostly uses."""
    short = _SUFFIX.split(name.strip())[0].strip(" ,") or name
    short = re.sub(r"^the\s+", "", short, flags=re.I)
    counts: dict[str, int] = {}
    for text in reading.texts.values():
        for match in re.findall(rf"\b{re.escape(short)}\b", text, re.I):
            counts[match] = counts.get(match, 0) + 1
    mixed = {form: n for form, n in counts.items() if not form.isupper() and form[0].isupper()}
    if mixed and 10 * max(mixed.values()) > max(counts.values()):
        return max(mixed, key=lambda form: mixed[form])
    return short.title() if short.isupper() and len(short.split()) > 1 else short


def _authors(reading: Reading) -> Line | None:
    """Return the people named below the title, or in the metadata if the first or the last pages name them too."""
    for page in front_pages(reading, 1):
        text = reading.texts[page]
        marks = set(_AFFILIATION.findall(text[:3000]))
        lines = [span for span in lines_of(text) if span[0] < 1500][:8]
        for start, end in lines[1:]:
            names = _people(text[start:end], marks)
            if names:
                return Line(", ".join(names), reading.cite_text(page, start, end))
    credit = _credit(reading)
    if credit is not None:
        return credit
    author = reading.document.author or ""
    for page in [*front_pages(reading, 3), *sorted(reading.texts)[-2:]]:
        at = reading.texts[page].lower().find(author.lower())
        if len(author) > 4 and " " in author and at >= 0:
            return Line(author, reading.cite_text(page, at, at + len(author)))
    return None


def _people(line: str, marks: set[str]) -> list[str]:
    """Return the names of a line that holds nothing else but marks of affiliations; empty when it holds more."""
    cleaned = _MARKS.sub("  ", line)
    parts = [part.strip(" ,;.") for part in re.split(r",|;|\s{2,}|\band\b|&|·|•", cleaned)]
    parts = [part for part in parts if len(part) > 2]
    if len(marks) >= 2:  # superscript letters that stick to the names
        endings = [part[-1] in marks for part in parts]
        if all(endings):
            parts = [part[:-1].rstrip() for part in parts]
    is_names = len(parts) >= 2 and all(_PERSON.match(part) and not part.isupper() for part in parts)
    return parts if is_names else []


def _credit(reading: Reading) -> Line | None:
    for page in front_pages(reading):
        found = _PROSE_CREDIT.search(reading.texts[page])
        if found is not None:
            group = next(name for name in "abc" if found[name])
            if found[group][0].isupper() and len(found[group].split()) <= 10:
                return Line(found[group], reading.cite_text(page, *found.span(group)))
    return None


def _publisher(reading: Reading) -> Line | None:
    """Return who holds the copyright."""
    pages = sorted(reading.texts)
    for page in dict.fromkeys([*pages[:3], *reversed(pages[-2:])]):
        found = _COPYRIGHT.search(reading.texts[page])
        if found is not None and found.group(2)[0].isupper() and len(found.group(2).split()) <= 8:
            holder = re.split(r"\.\s|\s(?:all|All) |, All", found.group(2))[0].rstrip(" .,")
            return Line(holder, reading.cite_text(page, found.start(2), found.start(2) + len(holder)))
    return None


# ----------------------------------------------------------------------------------------------------- when


def _date(reading: Reading) -> Line | None:
    """Return the period that a cover names, else the first date of the first two pages, else the copyright's year."""
    front = front_pages(reading)
    for page in front[:1]:
        period = _PERIOD.search(reading.texts[page][:2500])
        if period is not None:
            said = " ".join(period.group().split())
            return Line(said[0].upper() + said[1:], reading.cite_text(page, *period.span()))
    is_cover = len(reading.texts[front[0]]) < 600 if front else False
    for pattern, group in ((_REPORT_DATE, 1), (_LONE_DAY, 0)):
        for page in front if is_cover else front[:1]:
            found = pattern.search(reading.texts[page][:2500])
            if found is not None:
                return Line(" ".join(found.group(group).split()), reading.cite_text(page, *found.span(group)))
    for page in [*front, *sorted(reading.texts)[-1:]]:
        held = _COPYRIGHT.search(reading.texts[page])
        if held is not None:
            return Line(held.group(1), reading.cite_text(page, *held.span(1)))
    return None
