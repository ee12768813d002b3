"""What a guide to a document is, and how it is kept: every line leads to a place in the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rag.records import citation_from_json, citation_to_json
from rag.types import Citation

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """Something said of a document. `citation` is None only where the file's name or its metadata said it."""

    text: str
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the outline."""

    level: int  # from 1
    title: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Term:
    """A key term, and where it is defined or, if nowhere, used most."""

    text: str
    n_uses: int
    is_defined: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide to one document, made of nothing but its own words."""

    document_id: str
    document: str  # name
    title: Line
    by: Line | None  # authors or company
    date: Line | None
    n_pages: int
    language: str | None  # English name
    telling: tuple[Line, ...] = ()  # the sentences that say most, in reading order
    outline: tuple[Entry, ...] = ()
    terms: tuple[Term, ...] = ()
    questions: tuple[Line, ...] = ()  # with the sentence that answers


def guide_to_json(guide: Guide) -> Json:
    """Return everything that is in a guide, so that `guide_from_json` gives an equal one."""
    return {
        "document": guide.document,
        "document_id": guide.document_id,
        "title": _line_to_json(guide.title),
        "by": None if guide.by is None else _line_to_json(guide.by),
        "date": None if guide.date is None else _line_to_json(guide.date),
        "pages": guide.n_pages,
        "language": guide.language,
        "telling": [_line_to_json(line) for line in guide.telling],
        "outline": [
            {"level": entry.level, "title": entry.title, "citation": citation_to_json(entry.citation)}
            for entry in guide.outline
        ],
        "terms": [
            {
                "term": term.text,
                "uses": term.n_uses,
                "defined": term.is_defined,
                "citation": citation_to_json(term.citation),
            }
            for term in guide.terms
        ],
        "questions": [_line_to_json(line) for line in guide.questions],
    }


def guide_from_json(line: Mapping[str, Any]) -> Guide:
    """Return the guide that `guide_to_json` wrote."""
    by, date = line["by"], line["date"]
    return Guide(
        document_id=line["document_id"],
        document=line["document"],
        title=_line_from_json(line["title"]),
        by=None if by is None else _line_from_json(by),
        date=None if date is None else _line_from_json(date),
        n_pages=line["pages"],
        language=line["language"],
        telling=tuple(_line_from_json(part) for part in line["telling"]),
        outline=tuple(
            Entry(part["level"], part["title"], citation_from_json(part["citation"])) for part in line["outline"]
        ),
        terms=tuple(
            Term(part["term"], part["uses"], part["defined"], citation_from_json(part["citation"]))
            for part in line["terms"]
        ),
        questions=tuple(_line_from_json(part) for part in line["questions"]),
    )


def with_name(guide: Guide, name: str) -> Guide:
    """Return a guide that calls its document by another name, in its citations too."""

    def named(line: Line) -> Line:
        return line if line.citation is None else replace(line, citation=replace(line.citation, document=name))

    return replace(
        guide,
        document=name,
        title=named(guide.title),
        by=None if guide.by is None else named(guide.by),
        date=None if guide.date is None else named(guide.date),
        telling=tuple(map(named, guide.telling)),
        outline=tuple(replace(entry, citation=replace(entry.citation, document=name)) for entry in guide.outline),
        terms=tuple(replace(term, citation=replace(term.citation, document=name)) for term in guide.terms),
        questions=tuple(map(named, guide.questions)),
    )


def _line_to_json(line: Line) -> Json:
    return {"text": line.text, "citation": None if line.citation is None else citation_to_json(line.citation)}


def _line_from_json(line: Mapping[str, Any]) -> Line:
    return Line(line["text"], None if line["citation"] is None else citation_from_json(line["citation"]))
