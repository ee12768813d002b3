"""A document that can be asked is read anew, from our copy: with OCR that is there by now, or as this version reads.

Until that is done it stays as it was; then all of it changes in one transaction of the catalog.
"""

from __future__ import annotations

from dataclasses import replace

from rag.adding import Reporter, added, finish, index_words, parse
from rag.errors import Cancelled, PdfError, Stopped
from rag.ingest.ocr.tesseract import readiness
from rag.parts import Parts
from rag.types import Added, Document
from rag.waiting import NEEDED


def can_read_more(parts: Parts, document: Document) -> bool:
    """Tell whether pages of a document wait for OCR that can be had by now."""
    return parts.catalog.n_unread(document, NEEDED) > 0 and readiness(parts.ocr).tesseract is not None


def read_again(parts: Parts, document: Document, report: Reporter, *, with_vectors: bool = True) -> Added:
    """Read a document that can be asked anew, from our copy. Until that is done it stays as it was.

    Raises:
        Cancelled: it is as it was, or, when that came late, can be searched by words.
        Stopped: as Cancelled; `resume` goes on with its vectors.
    """
    n_before = len(parts.catalog.read_by_ocr(document.key))
    try:
        parsed = parse(parts, document, report)
    except PdfError as exc:
        reason = f"{document.name} was not read again, and is as it was: {exc}"
        return replace(added(parts, document, report, known=True), status="failed", reason=reason)
    except Cancelled as exc:
        if isinstance(report.end(), Stopped):
            raise report.end() from exc
        raise Cancelled(f"{document.name} was not read again: cancelled. It is as it was.") from exc
    document = parts.catalog.store_anew(document, parsed)
    index_words(parts, report)
    parts.index_vectors()
    if with_vectors:
        document = finish(parts, document, report)
    n_more = len(parts.catalog.read_by_ocr(document.key)) - n_before
    said = f"read again with OCR: {n_more} more {'page' if n_more == 1 else 'pages'}" if n_more > 0 else "read again"
    reason = f"{said}; {document.reason}" if document.reason else said
    return replace(added(parts, document, report, known=True), reason=reason)
