"""Records to and from JSON: the lines that the command line prints and that chats keep. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rag.report import PageCell, PageReport, Report
from rag.types import (
    Added,
    Answer,
    Box,
    Cell,
    Citation,
    Claim,
    Document,
    Expansion,
    Hint,
    Hit,
    PageSpan,
    Passage,
    Twin,
    Understood,
)
from rag.used import is_used

Json = dict[str, Any]


def added_to_json(added: Added) -> Json:
    """Return the line that `footnote add` prints for a file."""
    return {
        "document": added.document,
        "status": added.status,
        "reason": added.reason,
        "pages": added.pages,
        "passages": added.passages,
        "seconds": round(added.seconds, 3),
    }


def document_to_json(document: Document) -> Json:
    """Return the line that `footnote list` prints for a document."""
    return {
        "document": document.name,
        "state": document.state,
        "pages": document.n_pages,
        "passages": document.n_passages,
        "added": document.added,
        "sha256": document.id,
        "title": document.title,
        "reason": document.reason,
    }


def report_to_json(report: Report) -> Json:
    """Return the line that `footnote report` prints for a document."""
    document = report.document
    return {
        "document": document.name,
        "sha256": document.id,
        "title": document.title,
        "state": document.state,
        "reason": document.reason,
        "pages": len(report.cells),
        "passages": document.n_passages,
        "words": report.n_words,
        "coverage": report.percent,
        "counts": report.counts,
        "headings": report.n_headings,
        "tables": report.n_tables,
        "figures": report.n_figures,
        "language": document.language,
        "seconds": round(document.seconds, 3) or None,
        "confidence": report.confidence,
        "warnings": list(report.warnings),
        "attachments": [{"name": a.name, "bytes": a.n_bytes} for a in report.attachments],
        "unread": [
            {"state": u.state, "pages": list(u.pages), "reason": u.reason, "remedy": u.remedy or None}
            for u in report.unread
        ],
        "cells": list(map(_cell_to_json, report.cells)),
    }


def _cell_to_json(cell: PageCell) -> Json:
    return {
        "page": cell.number,
        "label": cell.label,
        "state": cell.state,
        "words": cell.n_words,
        "reason": cell.reason,
        "confidence": cell.confidence,
    }


def page_report_to_json(document: Document, report: PageReport) -> Json:
    """Return the line that `footnote report --page` prints: a page, and the blocks that were read of it."""
    return {
        "document": document.name,
        **_cell_to_json(report.cell),
        "text": report.page.text,
        "blocks": [
            {
                "kind": block.kind,
                "text": block.text,
                "span": [block.span.start, block.span.end],
                "level": block.level or None,
                "title": block.title or None,
                "cells": [[c.span.start, c.span.end, c.heading] for c in block.cells],
                "figure": _figure_to_json(block.figure),
            }
            for block in report.blocks
        ],
    }


def hit_to_json(hit: Hit) -> Json:
    """Return a hit as `footnote search` and `footnote ask` print it."""
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "relevance": None if hit.relevance is None else round(hit.relevance, 4),
        "similarity": None if hit.similarity is None else round(hit.similarity, 4),
        "document": hit.document,
        "page": hit.page,
        "pages": list(hit.passage.pages),
        "label": hit.label,
        "source": hit.source,
        "text": hit.passage.text,
        "boxes": _boxes_to_json(hit.boxes),
        "also": [{"document": twin.document, "page": twin.page, "label": twin.label} for twin in hit.also],
    }


def search_to_json(question: str, hits: Iterable[Hit]) -> Json:
    """Return the line that `footnote search` prints for a question."""
    return {"question": question, "hits": [hit_to_json(hit) for hit in hits]}


def understood_to_json(understood: Understood | None) -> Json | None:
    """Return what a question was taken to ask; `understood_from_json` gives an equal one."""
    if understood is None:
        return None
    return {
        "question": understood.question,
        "query": understood.query,
        "hints": [
            {"kind": hint.kind, "said": hint.said, "means": hint.means, "values": list(hint.values)}
            for hint in understood.hints
        ],
        "repaired": [list(pair) for pair in understood.repaired],
        "expansions": [{"said": e.said, "also": list(e.also), "why": e.why} for e in understood.expansions],
        "answer_type": understood.answer_type,
        "evidence": dict(understood.evidence),
    }


def understood_from_json(line: Mapping[str, Any] | None) -> Understood | None:
    """Return what `understood_to_json` wrote."""
    if line is None:
        return None
    return Understood(
        question=line["question"],
        query=line["query"],
        hints=tuple(Hint(h["kind"], h["said"], h["means"], tuple(h["values"])) for h in line["hints"]),
        repaired=tuple((typed, searched) for typed, searched in line["repaired"]),
        expansions=tuple(Expansion(e["said"], tuple(e["also"]), e["why"]) for e in line["expansions"]),
        answer_type=line["answer_type"],
        evidence=tuple(line["evidence"].items()),
    )


def answer_to_line(answer: Answer) -> Json:
    """Return the line that `footnote ask` prints for a question."""
    return {
        "question": answer.question,
        "reader": answer.reader,
        "abstained": answer.abstained,
        "answer": answer.text,
        "short_answer": answer.short_answer,
        "claims": [_claim_to_line(claim) for claim in answer.claims],
        "hits": [hit_to_json(hit) | {"used": is_used(hit, answer)} for hit in answer.hits],
        "timings": {stage: round(seconds, 4) for stage, seconds in answer.timings.items()},
        "kind": answer.kind,
        "model": answer.model,
        "note": answer.note,
        "understood": understood_to_json(answer.understood),
        "left_out": [_claim_to_line(claim) for claim in answer.left_out],
        "stands_in": answer.stands_in,
    }


def _claim_to_line(claim: Claim) -> Json:
    return {
        "text": claim.text,
        "verdict": claim.verdict,
        "support": None if claim.support is None else round(claim.support, 4),
        "lacks": list(claim.lacks),
        "citations": [_citation_to_line(citation) for citation in claim.citations],
    }


def answer_to_json(answer: Answer) -> Json:
    """Return everything that is in an answer, so that `answer_from_json` gives an equal one."""
    line = answer_to_line(answer)
    line["claims"] = list(map(_claim_to_json, answer.claims))
    line["left_out"] = list(map(_claim_to_json, answer.left_out))
    for hit_line, hit in zip(line["hits"], answer.hits, strict=True):
        passage = hit.passage
        hit_line |= {
            "score": hit.score,
            "relevance": hit.relevance,
            "similarity": hit.similarity,
            "boxes": _boxes_to_json(hit.boxes, n_digits=17),
            "signals": [list(signal) for signal in hit.signals],
            "matched": [list(part) for part in hit.matched],
            "passage": {
                "number": passage.number,
                "index_text": passage.index_text,
                "spans": _spans_to_json(passage.spans),
                "headings": list(passage.headings),
                "kind": passage.kind,
                "title": passage.title,
                "cells": [[c.span.page, c.span.start, c.span.end, c.heading] for c in passage.cells],
                "figure": _figure_to_json(passage.figure, n_digits=17),
                "document_id": passage.document_id,
                "id": passage.id,
            },
        }
    line["timings"] = dict(answer.timings)
    return line


def _claim_to_json(claim: Claim) -> Json:
    exact = {"telling": claim.telling, "support": claim.support}
    return _claim_to_line(claim) | exact | {"citations": list(map(citation_to_json, claim.citations))}


def _citation_to_line(citation: Citation) -> Json:
    return {
        "document": citation.document,
        "page": citation.page,
        "label": citation.label,
        "source": citation.source,
        "quote": citation.quote,
        "support": None if citation.support is None else round(citation.support, 4),
        "boxes": _boxes_to_json(citation.boxes),
        "focus": _boxes_to_json(citation.focus),
        "figure": _figure_to_json(citation.figure),
    }


def citation_to_json(citation: Citation) -> Json:
    """Return everything that is in a citation, so that `citation_from_json` gives an equal one."""
    return _citation_to_line(citation) | {
        "marker": citation.marker,
        "document_id": citation.document_id,
        "spans": _spans_to_json(citation.spans),
        "boxes": _boxes_to_json(citation.boxes, n_digits=17),
        "focus": _boxes_to_json(citation.focus, n_digits=17),
        "figure": _figure_to_json(citation.figure, n_digits=17),
        "support": citation.support,
    }


def citation_from_json(line: Mapping[str, Any]) -> Citation:
    """Return the citation that `citation_to_json` wrote."""
    return Citation(
        marker=line["marker"],
        document_id=line["document_id"],
        document=line["document"],
        page=line["page"],
        label=line["label"],
        quote=line["quote"],
        spans=_spans_from_json(line["spans"]),
        boxes=_boxes_from_json(line["boxes"]),
        support=line.get("support"),
        source=line.get("source", "text"),
        focus=_boxes_from_json(line.get("focus", ())),
        figure=_figure_from_json(line.get("figure")),
    )


def answer_from_json(line: Mapping[str, Any]) -> Answer:
    """Return the answer that `answer_to_json` wrote."""
    return Answer(
        question=line["question"],
        reader=line["reader"],
        text=line["answer"],
        claims=tuple(_claim_from_json(claim) for claim in line["claims"]),
        hits=tuple(_hit_from_json(hit) for hit in line["hits"]),
        abstained=line["abstained"],
        short_answer=line["short_answer"],
        timings=dict(line["timings"]),
        kind=line.get("kind", "answer"),
        model=line.get("model"),
        note=line.get("note"),
        understood=understood_from_json(line.get("understood")),
        left_out=tuple(_claim_from_json(claim) for claim in line.get("left_out", ())),
        stands_in=line.get("stands_in", False),
    )


def _claim_from_json(line: Mapping[str, Any]) -> Claim:
    telling = line["telling"]
    return Claim(
        text=line["text"],
        verdict=line["verdict"],
        support=line["support"],
        lacks=tuple(line.get("lacks", ())),
        telling=None if telling is None else (telling[0], telling[1]),
        citations=tuple(map(citation_from_json, line["citations"])),
    )


def _hit_from_json(line: Mapping[str, Any]) -> Hit:
    passage = line["passage"]
    return Hit(
        rank=line["rank"],
        score=line["score"],
        relevance=line["relevance"],
        similarity=line.get("similarity"),
        document=line["document"],
        page=line["page"],
        label=line["label"],
        boxes=_boxes_from_json(line["boxes"]),
        source=line.get("source", "text"),
        signals=tuple((name, value) for name, value in line["signals"]),
        matched=tuple((start, end) for start, end in line.get("matched", ())),
        also=tuple(Twin(twin["document"], twin["page"], twin["label"]) for twin in line.get("also", ())),
        passage=Passage(
            number=passage["number"],
            text=line["text"],
            index_text=passage["index_text"],
            spans=_spans_from_json(passage["spans"]),
            headings=tuple(passage["headings"]),
            kind=passage["kind"],
            title=passage.get("title", ""),
            cells=tuple(Cell(PageSpan(*span), heading) for *span, heading in passage.get("cells", ())),
            figure=_figure_from_json(passage.get("figure")),
            document_id=passage["document_id"],
            id=passage["id"],
        ),
    )


def _boxes_to_json(boxes: Iterable[Box], *, n_digits: int = 5) -> list[Json]:
    return [
        {"page": box.page, "box": [round(side, n_digits) for side in (box.x0, box.y0, box.x1, box.y1)]} for box in boxes
    ]


def _boxes_from_json(lines: Iterable[Mapping[str, Any]]) -> tuple[Box, ...]:
    return tuple(Box(line["page"], *line["box"]) for line in lines)


def _figure_to_json(box: Box | None, *, n_digits: int = 5) -> Json | None:
    return None if box is None else _boxes_to_json([box], n_digits=n_digits)[0]


def _figure_from_json(line: Mapping[str, Any] | None) -> Box | None:
    return None if line is None else _boxes_from_json([line])[0]


def _spans_to_json(spans: Iterable[PageSpan]) -> list[list[int]]:
    return [[span.page, span.start, span.end] for span in spans]


def _spans_from_json(rows: Iterable[Iterable[int]]) -> tuple[PageSpan, ...]:
    return tuple(PageSpan(*row) for row in rows)
