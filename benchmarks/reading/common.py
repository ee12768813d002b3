"""What the parts of the reading benchmark share: where the data is, one reading of a file, one clean-up of texts."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

import pypdfium2

from rag import models
from rag.errors import ModelMissing
from rag.ingest.reading import read_document
from rag.types import ParsedDocument

_MARKS = re.compile(r"[-\u2010\u2011\u00ad\ufffe\u200b\u200c\u200d\ufeff\u2060]")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "’": "'", "“": '"', "”": '"'})


def data(folder: str) -> Path | None:
    """Return a folder of ../shared/data, or of $FOOTNOTE_DATA; say so and return None when it is not there."""
    found = Path(os.environ.get("FOOTNOTE_DATA", Path(__file__).parents[3] / "shared" / "data")) / folder
    if found.is_dir():
        return found
    print(f"No data at {found}: set FOOTNOTE_DATA.")
    return None


def lexicon() -> frozenset[str]:
    """Return the word list that decides on hyphens, as adding a file uses it."""
    try:
        return models.lexicon(models.path_of(models.MINILM))
    except ModelMissing:
        print("No word list: hyphens by the documents' own words.")
        return frozenset()


def read(path: Path, words: frozenset[str]) -> ParsedDocument:
    """Read in this process."""
    document = pypdfium2.PdfDocument(path)
    try:
        return read_document(document, name=path.name, lexicon=words)
    finally:
        document.close()


def clean(text: str) -> str:
    """Return the form in which truth and reading are compared: no ligatures, single spaces."""
    return " ".join(text.translate(_LIGATURES).replace("\u00ad", "").split())


def squeezed(text: str) -> str:
    """Return text as its words are compared: NFKC, without hyphens, marks of a break, and white space."""
    return "".join(unicodedata.normalize("NFKC", _MARKS.sub("", text)).split())
