"""Pages that wait for OCR, which was not there when they were read: the words that say so, in messages and catalogs."""

from __future__ import annotations

NEEDED = "OCR is needed to read it"  # of every such page, and of no page that OCR has tried
READ_AGAIN = "footnote reread DOCUMENT, or Read again in the Library"  # what to do when OCR is there


def waits(reason: str) -> bool:
    """Tell whether a page with this reason waits for OCR."""
    return NEEDED in reason


def says_what_to_do(reason: str) -> bool:
    """Tell whether a reason names the next step by itself."""
    return READ_AGAIN in reason
