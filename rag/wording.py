"""Words that every surface says alike: the page, the terminal, the exports. Pure; plain text, never markup."""

from __future__ import annotations

from rag.types import PageSource, Verdict

UNSUPPORTED = "no passage supports this"  # of a sentence without a footnote

# What a footnote says of its sentence.
VERDICT: dict[Verdict, str] = {
    "verbatim": "the document's own words",
    "supported": "supported by this passage",
    "contradicted": "this passage says otherwise",
    "unsupported": "this passage does not support the sentence",
    "unchecked": "not checked against the passage",
}


def page_name(page: int, label: str | None, source: PageSource = "text") -> str:
    """Return how a page is called: by its printed number, with the PDF's own where the two differ.

    A page that was read by OCR says so: what is quoted from it is what a machine made of a picture.
    """
    name = f"p. {page}" if label is None or label == str(page) else f"p. {label} (PDF {page})"
    return f"{name}, read by OCR" if source == "ocr" else name
