"""What the user should know of a file that could be read, but is not what it seems: cut off, or the shell of a form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2.raw as pdfium

from rag.errors import NoText
from rag.ingest.files.pdf import is_cut_off
from rag.types import ParsedDocument

_SHELL_LENGTH = 2000  # characters of "Please wait..." at most
_CUT_OFF = "The file ends in the middle, as a download that broke off does: pages may be missing."
_FORM = (
    "This is an XFA form: what it shows in Adobe Reader may differ from what was read. Print it to a PDF there and add "
    "that."
)


def with_oddities(parsed: ParsedDocument, document: Any, *, path: Path, name: str) -> ParsedDocument:
    """Return what was read of an open pdfium document, with the warnings that it needs.

    Raises:
        NoText: its pages only say that another program is needed to see it.
    """
    warnings = []
    if pdfium.FPDF_GetFormType(document.raw) == pdfium.FORMTYPE_XFA_FULL:
        if _is_shell(parsed):
            raise NoText(
                f"{name} is an XFA form, which only Adobe Reader shows: its page says no more than that. Open it "
                "there, print it to a PDF, and add that."
            )
        warnings.append(_FORM)
    if is_cut_off(path):
        warnings.append(_CUT_OFF)
    return replace(parsed, warnings=(*parsed.warnings, *warnings))


def _is_shell(parsed: ParsedDocument) -> bool:
    """Tell whether the pages of an XFA form say, in whatever language, to get Adobe Reader, and little else."""
    text = " ".join(page.text for page in parsed.pages)
    return len(parsed.pages) == 1 and len(text) < _SHELL_LENGTH and "Adobe" in text
